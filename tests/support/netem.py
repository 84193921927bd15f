"""A path with a seed: delay, jitter, loss, rate and a queue that overflows. Time by hand, no sockets.

One object is one direction. `send` at a time, `arrived` until a time; capacity and loss may be changed on the way.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Path(Generic[T]):
    seed: int = 1
    delay: float = 0.0  # seconds, one way
    jitter: float = 0.0  # uniform 0…jitter on top, without reordering
    loss: float = 0.0  # share of packets, independent
    rate: float | None = None  # bit/s of the bottleneck; None: no bottleneck
    queue: float = 0.3  # seconds the bottleneck's queue may hold; what comes then is dropped at the tail
    dropped: int = 0
    overflowed: int = 0
    _free_at: float = 0.0
    _last_arrival: float = 0.0
    _order: int = 0
    _on_the_way: list[tuple[float, int, T]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def send(self, item: T, size: int, now: float) -> None:
        """`size` in bytes."""
        if self._chance.random() < self.loss:
            self.dropped += 1
            return
        leaves = now
        if self.rate is not None:
            self._free_at = max(self._free_at, now)
            if self._free_at - now > self.queue:
                self.overflowed += 1
                return
            self._free_at += size * 8 / self.rate
            leaves = self._free_at
        self._last_arrival = max(self._last_arrival, leaves + self.delay + self._chance.random() * self.jitter)
        self._order += 1
        heapq.heappush(self._on_the_way, (self._last_arrival, self._order, item))

    def arrived(self, now: float) -> list[tuple[float, T]]:
        """(time, item) of everything that arrived until now, in order."""
        found = []
        while self._on_the_way and self._on_the_way[0][0] <= now:
            at, _, item = heapq.heappop(self._on_the_way)
            found.append((at, item))
        return found
