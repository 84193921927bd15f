"""Packets in order again: what came out of order waits for what is missing, but not for long.

It decides when something counts as lost. It must never know what a packet holds.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

T = TypeVar("T")

#: A repair takes a round trip and a half; who records has time, but a key frame asked for late is a longer gap.
PATIENCE_SECONDS: Final = 0.4
CAPACITY: Final = 1024


class Jitter(Generic[T]):
    def __init__(self, patience: float = PATIENCE_SECONDS, capacity: int = CAPACITY) -> None:
        self._patience = patience
        self._capacity = capacity
        self._next: int | None = None
        self._waiting: dict[int, T] = {}
        self._since = 0.0
        self.lost = 0
        self.late = 0

    def put(self, ordinal: int, item: T, now: float) -> list[tuple[T, bool]]:
        """→ what may go on, each with whether something before it is lost."""
        if self._next is None or (ordinal == self._next and not self._waiting):
            self._next = ordinal + 1
            return [(item, False)]
        if ordinal < self._next:
            self.late += 1
            return []
        if not self._waiting:
            self._since = now
        self._waiting[ordinal] = item
        if ordinal == self._next:
            return self._ready(now)
        return self._skip(now) if len(self._waiting) > self._capacity else []

    def expire(self, now: float) -> list[tuple[T, bool]]:
        """What has waited long enough."""
        return self._skip(now) if self._waiting and now - self._since >= self._patience else []

    def flush(self) -> list[tuple[T, bool]]:
        """Everything: no more will come."""
        found: list[tuple[T, bool]] = []
        while self._waiting:
            found += self._skip(0.0)
        return found

    def _skip(self, now: float) -> list[tuple[T, bool]]:
        first = min(self._waiting)
        self.lost += first - (self._next or 0)
        self._next = first
        found = self._ready(now)
        return [(found[0][0], True), *found[1:]]

    def _ready(self, now: float) -> list[tuple[T, bool]]:
        found: list[tuple[T, bool]] = []
        number = self._next or 0
        while number in self._waiting:
            found.append((self._waiting.pop(number), False))
            number += 1
        self._next, self._since = number, now
        return found
