"""How many bits per second reach one client: two estimators behind one door.

`GccEstimate` works from transport-wide feedback (delay gradient and loss, draft-ietf-rmcat-gcc-02). `FixedEstimate` is the null twin, also
for peers that tell by REMB alone: they speak of what little is sent as if that were all the path can carry, and a picture paused by their
word does not come back (docs/decisions/0005). The estimate is for all consumers of one peer together; `media.layers` divides it. It must
never know layers, sockets or keys.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from media.aimd import LOSS_HIGH, LOSS_LOW, Aimd, LossLimit
from media.probing import Probe, ProbeSchedule
from media.transportcc import Acknowledged
from media.trendline import Trendline

#: An audio stream and its overhead must always be thought possible: what is below is a dead path, which consent finds.
LOWEST: Final = 50_000
#: More than nine tiles and a screen want.
HIGHEST: Final = 12_000_000
#: Enough for voices and one small picture at once; libwebrtc begins at the same.
START: Final = 300_000
#: Bits that arrived are counted over half a second (draft §5.5: T = 0.5 s).
RATE_WINDOW: Final = 0.5
#: While a queue grows, the last moments show what gets through; half a second would mix in what was sent before the step that filled it.
PEAK_WINDOW: Final = 0.15
#: Packets of half a second that came within so much more than they were sent in were not held up.
HELD_SECONDS: Final = 0.03
DEFAULT_RTT: Final = 0.1
#: No feedback for so long while packets leave: the way back is blocked or the way there is, and either asks for less.
SILENCE_SECONDS: Final = 1.5
_SILENCE_FACTOR: Final = 0.8
#: Heavy loss is remembered for so long: when everything was paused because of it, only a probe can tell that it is over.
_LOSS_SECONDS: Final = 4.0


class Estimate(Protocol):
    """What the rest of the plane asks and tells. Rates are bit/s, fractions 0…1, times monotonic seconds."""

    @property
    def bitrate(self) -> int: ...
    @property
    def told(self) -> bool: ...  # whether the other end has said enough to be limited by
    def acknowledged(self, feedback: Acknowledged, now: float) -> None: ...
    def remb(self, bitrate: int, now: float) -> None: ...
    def reported(self, fraction_lost: float, rtt: float | None, now: float) -> None: ...
    def probe(self, wanted: float, now: float, *, urgent: bool = False) -> Probe | None: ...
    def tick(self, sent_since: int, now: float) -> None: ...


class FixedEstimate:
    """The null twin: for peers that report nothing, for tests, and to switch estimation off."""

    def __init__(self, bitrate: int = HIGHEST) -> None:
        self._bitrate = bitrate

    @property
    def bitrate(self) -> int:
        return self._bitrate

    @property
    def told(self) -> bool:
        return False

    def acknowledged(self, feedback: Acknowledged, now: float) -> None:
        return

    def remb(self, bitrate: int, now: float) -> None:
        return

    def reported(self, fraction_lost: float, rtt: float | None, now: float) -> None:
        return

    def probe(self, wanted: float, now: float, *, urgent: bool = False) -> Probe | None:
        return None

    def tick(self, sent_since: int, now: float) -> None:
        return


class GccEstimate:
    """Delay gradient and loss; the lesser of both counts."""

    def __init__(self, start: int = START, lowest: int = LOWEST, highest: int = HIGHEST) -> None:
        self._lowest, self._highest = lowest, highest
        self.trendline = Trendline()
        self.aimd = Aimd(start, lowest, highest)
        self.loss = LossLimit(lowest, highest)
        self.rtt = DEFAULT_RTT
        self._probes = ProbeSchedule()
        self._arrived: deque[tuple[float, int, float]] = deque()  # (arrival, bytes, sending) of the last half second
        self._arrived_bytes = 0
        self._told_at: float | None = None
        self._opened_at: float | None = None  # first feedback
        self._unanswered_at: float | None = None
        self.told = False

    @property
    def bitrate(self) -> int:
        return int(min(max(min(self.aimd.estimate, self.loss.estimate), self._lowest), self._highest))

    def acknowledged(self, feedback: Acknowledged, now: float) -> None:
        self._told_at = now
        self._unanswered_at = None
        if feedback.arrivals:
            self.rtt += 0.2 * (min(feedback.rtt, 2.0) - self.rtt)
            overused = False
            for sent, arrived, size, _ in sorted(feedback.arrivals):
                self.trendline.arrived(sent, arrived)
                overused = overused or self.trendline.verdict == "overuse"
                self._count(arrived, size, sent)
            self._decide(overused, now)
            self._probed(feedback, now)
            if not self.told:
                self._open(overused, now)
        self.loss.count(len(feedback.arrivals) - feedback.recovered, feedback.lost - feedback.recovered, self.bitrate, self.arriving, now)

    def _decide(self, overused: bool, now: float) -> None:
        verdict = "overuse" if overused else self.trendline.verdict
        arriving = max(self.arriving, self._lately()) if verdict == "overuse" else self.arriving
        if self.aimd.update(verdict, arriving, self.rtt, now, held_up=self._held_up):
            self._probes.congested(now)
        elif verdict == "normal":
            self._probes.eased(self.rtt, now)

    def _open(self, overused: bool, now: float) -> None:
        """The first half second: what was sent without knowing anything is a probe in itself. When all of it came without a queue, the
        path carries at least that much.
        """
        if self._opened_at is None:
            self._opened_at = now
        self.told = overused or self.loss.fraction > LOSS_HIGH or now - self._opened_at >= RATE_WINDOW
        if self.told and not overused and self.loss.fraction <= LOSS_HIGH:
            self.aimd.set(max(self.aimd.estimate, self.arriving))

    def _probed(self, feedback: Acknowledged, now: float) -> None:
        proved = self._probes.acknowledged(feedback.arrivals, now)
        if proved is not None and proved > self.bitrate and self.trendline.verdict != "overuse":
            self.aimd.raise_limit(proved)
            self.aimd.set(proved)
            if self.loss.fraction < LOSS_LOW:  # a burst that came through says nothing against steady loss
                self.loss.set_at_least(proved)

    def _count(self, arrived: float, size: int, sent: float) -> None:
        self._arrived.append((arrived, size, sent))
        self._arrived_bytes += size
        while self._arrived and self._arrived[0][0] < arrived - RATE_WINDOW:
            self._arrived_bytes -= self._arrived.popleft()[1]

    @property
    def arriving(self) -> float:
        """Bit/s that arrived over the last half second."""
        if not self._arrived:
            return 0.0
        return self._arrived_bytes * 8 / RATE_WINDOW

    @property
    def _held_up(self) -> bool:
        """Whether the packets of the last half second came slower than they left."""
        (first, _, first_sent), (last, _, last_sent) = self._arrived[0], self._arrived[-1]
        return last - first > last_sent - first_sent + HELD_SECONDS

    def _lately(self) -> float:
        newest = self._arrived[-1][0] if self._arrived else 0.0
        total = 0
        for arrived, size, _ in reversed(self._arrived):
            if arrived <= newest - PEAK_WINDOW:
                break
            total += size
        return total * 8 / PEAK_WINDOW

    def remb(self, bitrate: int, now: float) -> None:
        """Some receivers send both: theirs may lower ours for as long as it is lower."""
        if bitrate < self.aimd.estimate:
            self.aimd.set(float(bitrate))

    def reported(self, fraction_lost: float, rtt: float | None, now: float) -> None:
        """Loss is already known, packet by packet, from transport-wide feedback; the round trip is the better one."""
        if rtt is not None:
            self.rtt += 0.2 * (min(max(rtt, 0.0), 2.0) - self.rtt)

    def probe(self, wanted: float, now: float, *, urgent: bool = False) -> Probe | None:
        """Not while packets are lost: there is no more room, and padding would take what is left."""
        lossy = self.loss.fraction > LOSS_HIGH and now - self.loss.measured_at < _LOSS_SECONDS
        return None if lossy else self._probes.due(self.bitrate, wanted, self.rtt, now, urgent=urgent)

    def tick(self, sent_since: int, now: float) -> None:
        """About ten times a second, with the packets sent since the last time: silence of the other end is told by nothing else."""
        if self._told_at is not None and now - self._told_at > self.rtt + RATE_WINDOW:
            self._probes.eased(self.rtt, now)  # nothing leaves, so nothing tells that the queue is gone
        if not sent_since and self._unanswered_at is None:
            return
        if self._unanswered_at is None:
            self._unanswered_at = now
        if self._told_at is not None and now - self._unanswered_at > SILENCE_SECONDS:
            self._unanswered_at = now - SILENCE_SECONDS / 2
            self.aimd.set(self.bitrate * _SILENCE_FACTOR)
            self._probes.congested(now)
