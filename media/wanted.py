"""Which layers are wanted of a producer that is consumed on several workers: the most any of them wants.

It must never know why somebody wants a layer.
"""

from __future__ import annotations


class Wanted:
    """Whoever has said nothing wants everything. `begin`, `say` and `leave` answer what is wanted now if that has changed, else None."""

    def __init__(self) -> None:
        self._highest: dict[str, dict[int, int]] = {}  # producer → worker → highest layer
        self._told: dict[str, int] = {}
        self._tops: dict[str, int] = {}

    def produced(self, producer_id: str, worker: int, top: int) -> None:
        """A producer is there, with layers 0 to `top`; whoever sends them sends all until told otherwise."""
        self._tops[producer_id] = self._told[producer_id] = top
        self._highest[producer_id] = {worker: top}

    def begin(self, producer_id: str, worker: int) -> int | None:
        """It is consumed on a further worker."""
        self._highest.get(producer_id, {}).setdefault(worker, self._tops.get(producer_id, 0))
        return self._changed(producer_id)

    def say(self, producer_id: str, worker: int, highest: int) -> int | None:
        found = self._highest.get(producer_id, {})
        if worker in found:
            found[worker] = highest
        return self._changed(producer_id)

    def leave(self, producer_id: str, worker: int) -> int | None:
        """It is not consumed there any more."""
        self._highest.get(producer_id, {}).pop(worker, None)
        return self._changed(producer_id)

    def forget(self, producer_id: str) -> None:
        self._highest.pop(producer_id, None)
        self._told.pop(producer_id, None)
        self._tops.pop(producer_id, None)

    def _changed(self, producer_id: str) -> int | None:
        highest = max(self._highest.get(producer_id, {}).values(), default=None)
        if highest is None or self._told[producer_id] == highest:
            return None
        self._told[producer_id] = highest
        return highest
