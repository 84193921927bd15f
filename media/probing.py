"""When and how to try whether more would go through: a short burst above the estimate, and what its arrival says.

Until `Probe.size` bytes went out, what leaves is filled up to `Probe.rate` with padding or repeats of sent packets (RTX). Media that leaves
meanwhile is part of the probe: it carries the same cluster in the send log. The receiver's feedback tells whether all came as fast.

It decides rates, sizes and intervals, and never probes higher than somebody wants. It must never know sockets or layers. 15 ms as in
libwebrtc.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from media.transportcc import Arrival

#: Chrome's receive path groups packets within 5 ms; a probe must span several groups.
PROBE_SECONDS: Final = 0.015
MIN_PACKETS: Final = 5
#: A padding packet carries at most 255 bytes of padding (RFC 3550 §5.1), and on a narrow path five large packets would hold up the voice.
MIN_PACKET_BYTES: Final = 240
MAX_PACKET_BYTES: Final = 1200
#: Ten small packets: some of the probe is media in larger ones, and five must be left to measure by.
MIN_BYTES: Final = 2400
#: Try at twice the estimate: two successes quadruple it. Not more than what is wanted and its headroom.
FACTOR: Final = 2.0
HEADROOM: Final = 1.2
#: First wait after an unsuccessful probe, doubled each time up to the last: a narrow path is not hammered. While nothing is shown at all
#: it is not doubled: ten small packets every two seconds are little beside an empty tile.
FIRST_INTERVAL: Final = 2.0
LAST_INTERVAL: Final = 8.0
#: So long, and a round trip, after the last sign of a queue it counts as gone.
EASED_SECONDS: Final = 0.2
EASED_INTERVAL: Final = 5.0
#: After a success the next step may follow as soon as its feedback was worked in.
NEXT_INTERVAL: Final = 0.3
#: Feedback comes every 100 ms or so; a probe without an answer by then failed.
_ANSWER_SECONDS: Final = 1.0
#: Share of the packets that must have come, and how much slower they may have come, for a probe to count as passed.
_MIN_SHARE: Final = 0.8
_PASSED: Final = 0.9
#: Of a rate at which packets queued: a little below what drained.
_UNDER: Final = 0.95


class Probe(NamedTuple):
    cluster: int  # mark of its packets in the send log
    rate: int  # bit/s
    size: int  # bytes
    packet_size: int  # bytes of one packet, header and all


class ProbeSchedule:
    __slots__ = ("_arrivals", "_cluster", "_congested_at", "_eased_at", "_interval", "_missed_at", "_next_at", "_probe", "_sent_at")

    def __init__(self) -> None:
        self._cluster = 0
        self._probe: Probe | None = None  # under way
        self._arrivals: list[Arrival] = []
        self._sent_at = 0.0
        self._next_at = 0.0
        self._missed_at = 0.0  # last failure, or sign of a queue
        self._interval = FIRST_INTERVAL
        self._congested_at: float | None = None  # and nothing was tried since
        self._eased_at = -EASED_INTERVAL

    def due(self, estimate: float, wanted: float, rtt: float, now: float, *, urgent: bool = False) -> Probe | None:
        """A probe to send now. `wanted`: bit/s of all that would be sent if the path allowed it; `urgent`: and nothing of it is."""
        if self._probe is not None:
            if now - self._sent_at < _ANSWER_SECONDS + rtt:
                return None
            self._failed(now)
        next_at = min(self._next_at, self._missed_at + FIRST_INTERVAL) if urgent else self._next_at
        if wanted <= estimate or now < next_at:
            return None
        rate = min(estimate * FACTOR, wanted * HEADROOM)
        self._cluster += 1
        size = max(int(rate * PROBE_SECONDS / 8), MIN_BYTES)
        packet_size = min(max(size // (2 * MIN_PACKETS), MIN_PACKET_BYTES), MAX_PACKET_BYTES)
        self._probe = Probe(self._cluster, int(rate), size, packet_size)
        self._arrivals = []
        self._sent_at = now
        return self._probe

    def acknowledged(self, arrivals: Iterable[Arrival], now: float) -> float | None:
        """Bit/s that a probe proved, once enough of it has arrived; None otherwise. Never more than it was meant to prove, also where
        a coarse timer made one burst of it.
        """
        probe = self._probe
        if probe is None:
            return None
        self._arrivals.extend([arrival for arrival in arrivals if arrival[3] == probe.cluster])
        if len(self._arrivals) < MIN_PACKETS or sum([arrival[2] for arrival in self._arrivals]) < _MIN_SHARE * probe.size:
            return None
        sent, received = _rates(self._arrivals)
        sent = min(sent, float(probe.rate))
        if received >= _PASSED * sent:
            self._probe, self._interval, self._next_at = None, FIRST_INTERVAL, now + NEXT_INTERVAL
            return min(sent, received)
        self._failed(now)
        return min(_UNDER * received, sent)

    def congested(self, now: float) -> None:
        """A queue grows: no probe for a while."""
        self._probe = None
        self._next_at = max(self._next_at, now + self._interval)
        self._congested_at = self._missed_at = now

    def eased(self, rtt: float, now: float) -> None:
        """No queue grows any more. A longer way looks like a queue for a moment, and what was lowered because of it may be tried at once,
        as libwebrtc does after a large drop; not more often than EASED_INTERVAL.
        """
        if self._congested_at is None or now - self._congested_at < rtt + EASED_SECONDS:
            return
        self._congested_at = None
        if now - self._eased_at >= EASED_INTERVAL:
            self._eased_at = now
            self._next_at = min(self._next_at, now)

    def _failed(self, now: float) -> None:
        self._probe = None
        self._missed_at = now
        self._next_at = now + self._interval
        self._interval = min(self._interval * 2, LAST_INTERVAL)


def _rates(arrivals: list[Arrival]) -> tuple[float, float]:
    """(sent, received) bit/s. The last packet sent and the first received stand for the borders, not for an interval."""
    first_sent = min([sent for sent, *_ in arrivals])
    last_sent, _, last_size, _ = max(arrivals)
    by_arrival = sorted([(arrived, size) for _, arrived, size, _ in arrivals])
    total = sum([size for _, size in by_arrival])
    sending = max(last_sent - first_sent, 0.001)
    receiving = max(by_arrival[-1][0] - by_arrival[0][0], 0.001)
    return (total - last_size) * 8 / sending, (total - by_arrival[0][1]) * 8 / receiving
