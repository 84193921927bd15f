"""Time inside a meeting: the wall clock is read once, lengths come from the monotonic clock (docs/decisions/0004).

A `MeetingClock` belongs to one room. The media plane reports CLOCK_MONOTONIC readings, which processes of one Linux machine share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

Reading = Callable[[], float]


@dataclass(frozen=True, slots=True)
class MeetingClock:
    """`wall` and `monotonic` were read at the same moment, in seconds; `monotonic_now` is the running one."""

    wall: float
    monotonic: float
    monotonic_now: Reading = time.monotonic

    @classmethod
    def start(cls, wall: Reading = time.time, monotonic: Reading = time.monotonic) -> MeetingClock:
        return cls(wall(), monotonic(), monotonic)

    def not_before(self, instant: float | None) -> MeetingClock:
        """For a meeting that is taken up again: it does not run behind what is already written of it, wherever the wall clock was set."""
        return self if instant is None or instant <= self.wall else replace(self, wall=instant)

    def now(self) -> float:
        """Epoch seconds, whatever the system clock has been set to since the start."""
        return self.at(self.monotonic_now())

    def reading(self, instant: float) -> float:
        """The CLOCK_MONOTONIC reading of an instant."""
        return self.monotonic + (instant - self.wall)

    def at(self, monotonic: float) -> float:
        """Epoch seconds of a CLOCK_MONOTONIC reading."""
        return self.wall + (monotonic - self.monotonic)
