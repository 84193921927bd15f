"""Which worker holds what: one table of ids, as a tree, so that whatever closes takes everything below it out of the table.

It decides whether an id is taken. It must never call a worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from media.plane import PlaneError

What = Literal["router", "transport", "producer", "consumer"]


@dataclass(eq=False)
class Place:
    """One thing: on which worker it is, what holds it, and what it holds."""

    id: str
    what: What
    worker: int
    above: Place | None = None
    below: dict[str, Place] = field(default_factory=dict)
    receives: bool = False  # a transport towards a receiver
    source: str = ""  # of a consumer: its producer

    @property
    def router(self) -> Place:
        place = self
        while place.above is not None:
            place = place.above
        return place


class Whereabouts:
    """`take` before the worker is asked, so that two calls for one id cannot both succeed; `drop` when it refused."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._feeds: dict[str, dict[str, Place]] = {}  # producer id → its consumers

    def take(self, id: str, what: What, worker: int, above: Place | None = None, *, receives: bool = False, source: str = "") -> Place:
        if not isinstance(id, str):
            raise PlaneError("invalid_parameters", "id")
        if id in self._places:
            raise PlaneError("duplicate_id", id)
        place = Place(id, what, worker, above, receives=receives, source=source)
        self._places[id] = place
        if above is not None:
            above.below[id] = place
        if source:
            self._feeds.setdefault(source, {})[id] = place
        return place

    def drop(self, place: Place) -> list[Place]:
        """Forget a thing, what it held, and the consumers of its producers. → all of it; nothing when it is forgotten already."""
        if self._places.get(place.id) is not place:
            return []
        gone = [place]
        del self._places[place.id]
        if place.above is not None:
            place.above.below.pop(place.id, None)
        if place.source:
            self._feeds.get(place.source, {}).pop(place.id, None)
        for consumer in list(self._feeds.pop(place.id, {}).values()):
            gone += self.drop(consumer)
        for held in list(place.below.values()):
            gone += self.drop(held)
        return gone

    def get(self, id: str) -> Place | None:
        return self._places.get(id)

    def find(self, id: str, what: What | None = None) -> Place:
        place = self._places.get(id) if isinstance(id, str) else None
        if place is None or (what is not None and place.what != what):
            raise PlaneError("unknown_id", str(id)[:64])
        return place

    def consumers_of(self, producer_id: str) -> list[Place]:
        return list(self._feeds.get(producer_id, {}).values())

    def all(self, what: What) -> Iterator[Place]:
        return (place for place in self._places.values() if place.what == what)
