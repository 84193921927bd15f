"""Whether a queue grows on the way to a receiver: groups of packets, the slope of their delay, an adaptive threshold.

Holmer et al., draft-ietf-rmcat-gcc-02 §5.2–5.4, with the trendline of Carlucci, De Cicco, Holmer, Mascolo, "Congestion Control for Web
Real-Time Communication" (IEEE/ACM ToN 2017) in place of the Kalman filter, and its published constants. It gives a verdict; what to do
about it is `media.aimd`. It must never know bit rates, feedback packets or a clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

Verdict = Literal["normal", "overuse", "underuse"]

#: Packets sent within 5 ms are one group (draft §5.2): what leaves together waits together.
GROUP_SECONDS: Final = 0.005
WINDOW: Final = 20  # groups in the regression
SMOOTHING: Final = 0.9
GAIN: Final = 4.0
MAX_DELTAS: Final = 60
#: Threshold in ms (draft §5.4: 12.5 to begin with, 6…600) and how fast it follows: slowly down, so that a rival flow does not starve us.
THRESHOLD_START: Final = 12.5
THRESHOLD_MIN: Final = 6.0
THRESHOLD_MAX: Final = 600.0
K_UP: Final = 0.0087
K_DOWN: Final = 0.039
_MAX_ADAPT_STEP: Final = 15.0  # beyond: a spike of one queue, not the usual noise
_MAX_ADAPT_MS: Final = 100.0
#: Overuse must last so long, over more than one group, and not be falling.
OVERUSE_SECONDS: Final = 0.010
#: One group later by so much than the one before (ms) is another route, a radio that slept – or a queue, which then goes on growing: by as
#: much within so many groups.
STEP_MS: Final = 30.0
STEP_GROUPS: Final = 10
STEP_GROWTH_MS: Final = 15.0
#: Arrivals that go back or jump by more than this begin anew: the receiver's clock was set, or it slept.
_MAX_STEP_SECONDS: Final = 3.0
#: ms²: less is what rounding leaves of a window in which all arrived at once.
_NO_SPREAD: Final = 1e-6


class Trendline:
    """`arrived` for each acknowledged packet in the order of sending; `verdict` is always up to date."""

    __slots__ = (
        "_accumulated",
        "_arrived",
        "_aside",
        "_carried",
        "_deltas",
        "_first_arrival",
        "_group_start",
        "_grown",
        "_over_groups",
        "_over_seconds",
        "_points",
        "_previous",
        "_previous_trend",
        "_reference",
        "_sent",
        "_smoothed",
        "_sums",
        "_updated_at",
        "_watched",
        "threshold",
        "trend",
        "verdict",
    )

    def __init__(self) -> None:
        self.verdict: Verdict = "normal"
        self.threshold = THRESHOLD_START
        self.trend = 0.0  # what is compared with the threshold, ms
        self._previous_trend = 0.0
        self._over_seconds = 0.0
        self._over_groups = 0
        self._updated_at: float | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._group_start: float | None = None  # of the group that is being filled
        self._sent = self._arrived = 0.0  # its last packet
        self._previous: tuple[float, float] | None = None  # (sent, arrived) of the last full group
        self._accumulated = self._smoothed = 0.0
        self._aside = self._grown = 0.0  # ms: of a jump, and what was added after it
        self._watched = 0  # groups until a jump is believed to be no queue
        self._deltas = 0
        self._first_arrival = 0.0
        self._points: deque[tuple[float, float]] = deque(maxlen=WINDOW)  # (arrival ms, smoothed delay ms)
        self._reference = 0.0  # what arrivals are counted from in the sums
        self._sums = 0.0, 0.0, 0.0, 0.0  # of x, y, x², xy over the window
        self._carried = WINDOW  # groups for which the sums were carried on since they were worked out

    def arrived(self, sent: float, arrived: float) -> None:
        start = self._group_start
        if start is None:
            self._group_start, self._sent, self._arrived = sent, sent, arrived
            return
        if sent < start:  # reordered over a group's border
            return
        if abs(arrived - self._arrived) > _MAX_STEP_SECONDS:
            self._begin_anew()
            self.verdict = "normal"
            self._group_start, self._sent, self._arrived = sent, sent, arrived
            return
        if sent - start <= GROUP_SECONDS or self._same_burst(sent, arrived):
            self._sent = max(self._sent, sent)
            self._arrived = max(self._arrived, arrived)
            return
        self._group_done()
        self._group_start, self._sent, self._arrived = sent, sent, arrived

    def _same_burst(self, sent: float, arrived: float) -> bool:
        """Packets held back somewhere and let go together (draft §5.2): they tell of that place, not of the queue."""
        return arrived - self._arrived <= GROUP_SECONDS and arrived - self._arrived < sent - self._sent

    def _group_done(self) -> None:
        if self._previous is not None:
            self._add(self._sent - self._previous[0], self._arrived - self._previous[1])
        else:
            self._first_arrival = self._arrived
        self._previous = self._sent, self._arrived

    def _add(self, sent_delta: float, arrival_delta: float) -> None:
        self._deltas = min(self._deltas + 1, MAX_DELTAS)
        self._accumulated += self._without_step((arrival_delta - sent_delta) * 1000.0)
        self._smoothed += (1.0 - SMOOTHING) * (self._accumulated - self._smoothed)
        slope = self._slope((self._arrived - self._first_arrival) * 1000.0, self._smoothed)
        self._judge(slope * self._deltas * GAIN, max(0.0, sent_delta))

    def _without_step(self, delta: float) -> float:
        """A single jump is set aside; what follows decides what it was: a queue goes on growing, another way only trembles."""
        if not self._watched:
            if delta < STEP_MS:
                return delta
            self._aside, self._grown, self._watched = delta, 0.0, STEP_GROUPS
            return 0.0
        self._watched -= 1
        if delta < 0.0:  # first what came after the jump goes, which was counted, then the jump, which was not
            back = min(self._grown, -delta)
            self._grown -= back
            taken = min(self._aside, -delta - back)
            self._aside -= taken
            return delta + taken
        self._grown += delta
        if self._grown > STEP_GROWTH_MS:  # a queue
            self._watched = 0
            return delta + self._aside
        return delta

    def _slope(self, x: float, y: float) -> float:
        """Least squares over a full window with one more point; 0 before, and where all arrived at once.

        This is asked for every group of every receiver, so the sums are carried on (7 times cheaper than walking the window), and worked
        out anew once a window from a near reference, so that rounding does not add up.
        """
        points = self._points
        if len(points) < WINDOW - 1:
            points.append((x, y))
            return 0.0
        if self._carried < WINDOW:
            self._carried += 1
            sum_x, sum_y, sum_xx, sum_xy = self._sums
            (old_x, old_y), near_x = points[0], x - self._reference
            old_x -= self._reference
            points.append((x, y))
            sum_x += near_x - old_x
            sum_y += y - old_y
            sum_xx += near_x * near_x - old_x * old_x
            sum_xy += near_x * y - old_x * old_y
        else:
            points.append((x, y))
            self._carried, self._reference = 0, x
            near = [(one - x, other) for one, other in points]
            sum_x, sum_y = sum([one for one, _ in near]), sum([other for _, other in near])
            sum_xx, sum_xy = sum([one * one for one, _ in near]), sum([one * other for one, other in near])
        self._sums = sum_x, sum_y, sum_xx, sum_xy
        spread = sum_xx - sum_x * sum_x / WINDOW
        return (sum_xy - sum_x * sum_y / WINDOW) / spread if spread > _NO_SPREAD else 0.0

    def _judge(self, trend: float, seconds: float) -> None:
        """Draft §5.4: overuse only when it lasts and does not fall."""
        self._previous_trend, self.trend = self.trend, trend
        if trend > self.threshold:
            self._over_seconds += seconds if self._over_groups else seconds / 2
            self._over_groups += 1
            if self._over_seconds > OVERUSE_SECONDS and self._over_groups > 1 and trend >= self._previous_trend:
                self._over_seconds, self._over_groups = 0.0, 0
                self.verdict = "overuse"
        else:
            self._over_seconds, self._over_groups = 0.0, 0
            self.verdict = "underuse" if trend < -self.threshold else "normal"
        self._adapt(abs(trend))

    def _adapt(self, size: float) -> None:
        last = self._updated_at if self._updated_at is not None else self._arrived
        self._updated_at = self._arrived
        if size > self.threshold + _MAX_ADAPT_STEP:
            return
        gain = K_UP if size > self.threshold else K_DOWN
        passed = min(max(0.0, (self._arrived - last) * 1000.0), _MAX_ADAPT_MS)
        self.threshold = min(max(self.threshold + gain * (size - self.threshold) * passed, THRESHOLD_MIN), THRESHOLD_MAX)
