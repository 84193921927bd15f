"""How the estimate moves: up by eight per cent a second while far from the limit, by a packet a round trip near it, down to 85 % of what
arrived when a queue grows, down with loss.

Draft-ietf-rmcat-gcc-02 §5.5 (state machine and constants) and §6 (loss). It must never know how overuse is found.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

from media.trendline import Verdict

BETA: Final = 0.85
GROWTH_PER_SECOND: Final = 1.08
#: The estimate never runs further ahead of what really arrived (draft §5.5): unsent bits prove nothing.
AHEAD: Final = 1.5
AHEAD_BITS: Final = 10_000
#: Response time: a round trip and the 100 ms of the detector.
_RESPONSE_SECONDS: Final = 0.1
_PACKET_BITS: Final = 1200 * 8
_MIN_ADDITIVE: Final = 4_000.0  # bit/s per second
_CAPACITY_GAIN: Final = 0.05
#: What is above the known limit by more than three deviations is another path.
_DEVIATIONS: Final = 3.0
#: After a decrease the queue needs a round trip to drain; nothing measured before says anything of the new rate.
_MIN_DECREASE_INTERVAL: Final = 0.15


class Aimd:
    __slots__ = ("_at", "_decreased_at", "_limit", "_state", "_variance", "estimate", "highest", "lowest")

    def __init__(self, start: int, lowest: int, highest: int) -> None:
        self.estimate = float(start)
        self.lowest = lowest
        self.highest = highest
        self._state = "hold"
        self._limit: float | None = None  # what arrived while a queue grew, smoothed
        self._variance = 0.4  # normalised by the limit, as a share of kb/s (draft: σ²)
        self._at: float | None = None
        self._decreased_at = -1.0

    def update(self, verdict: Verdict, arriving: float, rtt: float, now: float, *, held_up: bool = True) -> bool:
        """One verdict with the bit rate that arrives now. → whether the estimate was lowered. Not `held_up`: what was sent came as it was
        sent, so little arrives because little was sent, and that says nothing of what the path carries.
        """
        passed = min(max(0.0, now - self._at), 1.0) if self._at is not None else 0.0
        self._at = now
        if verdict == "overuse":
            if now - self._decreased_at < max(rtt, _MIN_DECREASE_INTERVAL):
                return False
            self._decrease(arriving, held_up, now)
            return True
        if verdict == "underuse":  # the queue drains: wait until it has
            self._state = "hold"
        elif self._state == "hold":
            self._state = "increase"
        else:
            self._increase(arriving, rtt, passed)
        return False

    def set(self, estimate: float) -> None:
        """A probe or an outer limit knows better."""
        self.estimate = min(max(estimate, self.lowest), self.highest)

    def raise_limit(self, arrived: float) -> None:
        """A probe got through: the old limit is of the past."""
        if self._limit is not None and arrived > self._limit:
            self._limit = None

    def _decrease(self, arriving: float, held_up: bool, now: float) -> None:
        target = BETA * arriving
        if not held_up or target >= self.estimate:  # more arrives than we allow: the queue is not of our making, and still it grows
            target = BETA * self.estimate
        if held_up:
            self._learn_limit(arriving)
        self.set(target)
        self._state = "hold"
        self._decreased_at = now

    def _learn_limit(self, arriving: float) -> None:
        sample = arriving / 1000.0
        if self._limit is None or self._is_far(arriving):
            self._limit = sample
            return
        error = self._limit - sample
        self._limit -= _CAPACITY_GAIN * error
        self._variance += _CAPACITY_GAIN * (error * error / max(self._limit, 1.0) - self._variance)
        self._variance = min(max(self._variance, 0.4), 2.5)

    def _is_far(self, arriving: float) -> bool:
        assert self._limit is not None
        deviation = sqrt(self._variance * self._limit)
        return abs(arriving / 1000.0 - self._limit) > _DEVIATIONS * deviation

    def _increase(self, arriving: float, rtt: float, passed: float) -> None:
        if self._limit is not None and arriving / 1000.0 > self._limit and self._is_far(arriving):
            self._limit = None
        if self._limit is None:
            grown = self.estimate * GROWTH_PER_SECOND**passed + min(1000.0, 1000.0 * passed)
        else:
            grown = self.estimate + max(_MIN_ADDITIVE, _PACKET_BITS / (rtt + _RESPONSE_SECONDS)) * passed
        if grown > (ceiling := AHEAD * arriving + AHEAD_BITS):
            grown = max(self.estimate, ceiling)
        self.set(grown)


#: Draft §6: below 2 % loss up by 5 % at most, above 10 % down by half the share.
LOSS_LOW: Final = 0.02
LOSS_HIGH: Final = 0.10
LOSS_GROWTH_PER_SECOND: Final = 1.08
#: A share of fewer packets is luck: of 20 at 5 % every tenth window shows more than 10 %, and each of them costs rate.
LOSS_PACKETS: Final = 50
LOSS_INTERVAL: Final = 0.5


class LossLimit:
    """The loss-based half: `count` packets, `estimate` the limit it allows."""

    __slots__ = ("_at", "_lost", "_received", "estimate", "fraction", "highest", "lowest", "measured_at")

    def __init__(self, lowest: int, highest: int) -> None:
        self.estimate = float(highest)
        self.lowest = lowest
        self.highest = highest
        self.fraction = 0.0  # of the last full interval
        self.measured_at = 0.0  # its end
        self._received = 0
        self._lost = 0
        self._at = 0.0

    def count(self, received: int, lost: int, using: float, arriving: float, now: float) -> None:
        """`using`: the rate in force, from which a decrease starts; `arriving`: what gets through all the same."""
        self._received += received
        self._lost = max(0, self._lost + lost)
        if self._received + self._lost >= LOSS_PACKETS and now - self._at >= LOSS_INTERVAL:
            fraction = self._lost / (self._received + self._lost)
            self._received = self._lost = 0
            self.share(fraction, using, arriving, now)

    def share(self, fraction: float, using: float, arriving: float, now: float) -> None:
        """A share measured elsewhere, as in a receiver report. What a full queue dropped before the delay-based half reacted is not
        held against the new rate twice: never below 85 % of what arrives.
        """
        passed = min(max(0.0, now - self._at), 1.0)
        self._at = self.measured_at = now
        self.fraction = fraction
        if fraction > LOSS_HIGH:
            before = min(using, self.estimate)
            self.estimate = max(self.lowest, before * (1.0 - 0.5 * min(fraction, 1.0)), min(before, BETA * arriving))
        elif fraction < LOSS_LOW:
            self.estimate = min(self.highest, self.estimate * LOSS_GROWTH_PER_SECOND**passed + 1000.0)

    def set_at_least(self, estimate: float) -> None:
        self.estimate = min(self.highest, max(self.estimate, estimate))
