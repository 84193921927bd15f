"""When a large frame leaves: not at once, but at two and a half times the estimated rate, so that it does not fill the queue before the
narrow place and hold up the voice behind it.

A leaky bucket with a burst. What fits leaves at once and is never touched here; only the rest of a key frame waits. Voice is counted but
never waits. It must never know packets, sockets or who estimated the rate; items are opaque. Factor as in libwebrtc's pacer.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Generic, Protocol, TypeVar

T = TypeVar("T")

FACTOR: Final = 2.5
#: Bytes that may leave at once after a pause (and the packet that exceeds them): ten full packets, a small layer's whole key frame.
BURST: Final = 12_000
#: More at once where the rate is higher: an ordinary frame of a stream that fills the estimate, so that only larger ones wait.
FRAME_SECONDS: Final = 0.04
#: What waits longer is late for every jitter buffer: from here on it leaves faster than the rate allows.
MAX_WAIT_SECONDS: Final = 0.25
#: Bytes one peer may have waiting; a key frame of the largest layer is about 150 kB.
MAX_QUEUE: Final = 500_000


class Pacer(Protocol[T]):
    """One for each peer that receives. Sizes in bytes, times monotonic seconds."""

    @property
    def queued(self) -> int: ...
    def admit(self, size: int, now: float, urgent: bool = False) -> bool: ...
    def hold(self, item: T, size: int, now: float) -> bool: ...
    def release(self, now: float) -> list[T]: ...
    def set_rate(self, bitrate: int) -> None: ...


class NullPacer(Generic[T]):
    """The null twin: everything leaves when it comes."""

    @property
    def queued(self) -> int:
        return 0

    def admit(self, size: int, now: float, urgent: bool = False) -> bool:
        return True

    def hold(self, item: T, size: int, now: float) -> bool:
        """Nobody is sent here, because `admit` never refuses; who comes all the same is not kept."""
        return False

    def release(self, now: float) -> list[T]:
        return []

    def set_rate(self, bitrate: int) -> None:
        return


class LeakyPacer(Generic[T]):
    """`admit` first; what is refused is given to `hold` and comes back from `release` in its order."""

    __slots__ = ("_at", "_burst", "_debt", "_least_burst", "_queue", "_rate", "overflowed", "queued")

    def __init__(self, bitrate: int, burst: int = BURST) -> None:
        self._least_burst = float(burst)
        self._debt = 0.0  # bytes sent that the rate has not yet paid for
        self._at = 0.0
        self._queue: deque[tuple[T, int, float]] = deque()
        self.queued = 0
        self.overflowed = 0
        self.set_rate(bitrate)

    def set_rate(self, bitrate: int) -> None:
        """`bitrate`: the estimate; what leaves may be FACTOR times as fast for a moment."""
        self._rate = max(bitrate, 1) * FACTOR / 8
        self._burst = max(self._least_burst, bitrate * FRAME_SECONDS / 8)

    @property
    def burst(self) -> float:
        """Bytes that may leave at once."""
        return self._burst

    def admit(self, size: int, now: float, urgent: bool = False) -> bool:
        """Whether it may leave now. Nothing overtakes what waits, but for voice (`urgent`), which only counts."""
        debt = self._debt
        if now > self._at:
            debt -= (now - self._at) * self._rate
            self._at = now
            self._debt = debt = debt if debt > 0.0 else 0.0
        if not urgent and (self._queue or debt > self._burst):
            return False
        self._debt = debt + size
        return True

    def hold(self, item: T, size: int, now: float) -> bool:
        """False: too much waits, the item is not taken and should be dropped (it is repaired, or the peer's rate falls)."""
        if self.queued + size > MAX_QUEUE:
            self.overflowed += 1
            return False
        self._queue.append((item, size, now))
        self.queued += size
        return True

    def release(self, now: float) -> list[T]:
        """What may leave now. Call it every few milliseconds while `queued`."""
        if not self._queue:
            return []
        self.admit(0, now, urgent=True)
        found: list[T] = []
        while self._queue:
            item, size, since = self._queue[0]
            if self._debt > self._burst and now - since < MAX_WAIT_SECONDS:
                break
            self._queue.popleft()
            self._debt = min(self._debt + size, self._burst + self._rate)  # what left by age is forgiven beyond a second's worth
            self.queued -= size
            found.append(item)
        return found

    def due_at(self) -> float | None:
        """When `release` will have something; None while nothing waits."""
        if not self._queue:
            return None
        paid = self._at + max(0.0, self._debt - self._burst) / self._rate
        return min(paid, self._queue[0][2] + MAX_WAIT_SECONDS)
