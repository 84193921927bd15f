"""Which layers are wanted of a producer that is consumed on several workers: the most any of them wants.

It must never know why somebody wants a layer.
"""

from __future__ import annotations


class Wanted:
    """`say` and `leave` answer what is wanted now if that has changed, else None."""

    def __init__(self) -> None:
        self._highest: dict[str, dict[int, int]] = {}  # producer → worker → highest layer; a worker that has said nothing wants all
        self._told: dict[str, int] = {}

    def say(self, producer_id: str, worker: int, highest: int) -> int | None:
        self._highest.setdefault(producer_id, {})[worker] = highest
        return self._changed(producer_id)

    def leave(self, producer_id: str, worker: int) -> int | None:
        """The producer is not consumed there any more."""
        self._highest.get(producer_id, {}).pop(worker, None)
        return self._changed(producer_id)

    def forget(self, producer_id: str) -> None:
        self._highest.pop(producer_id, None)
        self._told.pop(producer_id, None)

    def _changed(self, producer_id: str) -> int | None:
        highest = max(self._highest.get(producer_id, {}).values(), default=None)
        if highest is None or self._told.get(producer_id) == highest:
            return None
        self._told[producer_id] = highest
        return highest
