"""The way to one receiving peer, as far as it is known: what was sent when, what arrived, how much goes through, and what waits.

It owns the peer's estimate, the numbers of its packets, the queue of large frames and the probes. It decides which estimator serves a
peer: its own feedback on every packet of pictures, else none. Voices carry no numbers: they are what the rest is held back
for, and a number would cost each of their packets a lookup. It must never know layers or tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from media.bandwidth import DEFAULT_RTT, Estimate, FixedEstimate, GccEstimate
from media.pacing import LeakyPacer
from media.packet import Packet
from media.probing import Probe
from media.rtcp import ReportBlock, TransportFeedback
from media.transportcc import SendLog

if TYPE_CHECKING:
    from media.consumer import Consumer
    from media.fanout import Fanout

#: A probe that could not leave by then (nobody to carry padding) is over.
_PROBE_SECONDS: Final = 0.1
#: Two seconds: a browser answers the first pictures within 0.1 s. Who says nothing gets everything, as one that never agreed to.
PATIENCE_TICKS: Final = 20
#: Who answered steadily for the first and says nothing to what is sent for the second, and a round trip, has probably another address.
STEADY_SECONDS: Final = 2.0
SILENT_SECONDS: Final = 0.45
#: A report's weight in the smoothed loss and round trip.
_SHARE: Final = 0.25

Held = tuple["Consumer", "Fanout", Packet]


class Path:
    def __init__(self, consumers: Mapping[int, Consumer], wake: Callable[[], None]) -> None:
        """`wake`: something waits, `pump` should be called every few milliseconds until it is not `busy`."""
        self._consumers = consumers
        self._wake = wake
        self.estimate: Estimate = FixedEstimate()
        self.log: SendLog | None = None  # once packets carry numbers
        self.pacer: LeakyPacer[Held] | None = None  # once something is known of the rate
        self.rtt: float | None = None
        self.fraction_lost = 0.0
        self.probes = 0
        self.moved = False  # a consumer has gone to another layer, or out of all; whoever tells of it sets it back
        self._rate = 0  # that pacer and repeats go by
        self._probe: Probe | None = None
        self._probe_at = self._pumped_at = 0.0
        self._probe_sent = 0
        self._unheard = 0  # ticks in which pictures left and nothing was heard yet
        self._counted = 0  # number of the log at the last tick
        self._answered_at = 0.0
        self._steady_since: float | None = None  # None: from the next answer on
        self._asked_at: float | None = None  # first tick since the last answer in which something left

    def measure(self) -> None:
        """A picture of this peer is sent with numbers that it reports on."""
        if self.log is None:
            self.log, self.estimate = SendLog(), GccEstimate()

    @property
    def measures(self) -> bool:
        """Whether the peer may be thought to tell something: it has agreed to, and pictures have not left for long without a word."""
        return self.estimate.told or (not isinstance(self.estimate, FixedEstimate) and self._unheard < PATIENCE_TICKS)

    @property
    def round_trip(self) -> float:
        return self.rtt if self.rtt is not None else DEFAULT_RTT

    @property
    def bitrate(self) -> int | None:
        """The estimate, where there is one."""
        return self.estimate.bitrate if self.estimate.told else None

    # --- what the peer tells ---------------------------------------------------------------------------------------------------------

    def acknowledged(self, feedback: TransportFeedback, now: float) -> None:
        if self._steady_since is None:
            self._steady_since = now
        self._answered_at, self._asked_at = now, None
        if self.log is not None:
            self.estimate.acknowledged(self.log.acknowledge(feedback, now), now)

    def falls_silent(self, now: float) -> bool:
        """Once for each silence: what is sent is not answered any more, though it was."""
        if self._asked_at is None or now - self._asked_at < SILENT_SECONDS + self.round_trip or self._steady_since is None:
            return False
        steady, self._steady_since = self._answered_at - self._steady_since, None
        return steady >= STEADY_SECONDS

    def reported(self, block: ReportBlock, rtt: float | None, now: float) -> None:
        """One block of a receiver report, about what one consumer got."""
        lost = block.fraction_lost / 256
        self.fraction_lost += _SHARE * (lost - self.fraction_lost)
        if rtt is not None:
            self.rtt = rtt if self.rtt is None else self.rtt + _SHARE * (rtt - self.rtt)
        self.estimate.reported(lost, rtt, now)

    # --- time ------------------------------------------------------------------------------------------------------------------------

    def tick(self, wanted: int, now: float, *, dark: bool = False) -> None:
        """Ten times a second. `wanted`: bit/s of all that would be sent if it went through; `dark`: nothing of it is."""
        log = self.log
        if log is None:
            return
        sent, self._counted = log.next_number - self._counted, log.next_number
        if sent and self._asked_at is None:
            self._asked_at = now
        self.estimate.tick(sent, now)
        bitrate = self.bitrate
        if bitrate is None:
            if self._unheard < PATIENCE_TICKS:
                self._unheard += any(consumer.kind == "video" and consumer.source is not None for consumer in self._consumers.values())
            return
        self._set_rate(bitrate)
        if self._probe is None and (probe := self.estimate.probe(wanted, now, urgent=dark)) is not None:
            self._probe, self._probe_at, self._pumped_at = probe, now, now - 0.005
            self._probe_sent, log.cluster = log.bytes, probe.cluster
            self.probes += 1
            self._wake()

    def _set_rate(self, bitrate: int) -> None:
        if bitrate == self._rate:
            return
        self._rate = bitrate
        if self.pacer is None:
            self.pacer = LeakyPacer(bitrate)
            self._unsettle()
        self.pacer.set_rate(bitrate)
        for consumer in self._consumers.values():
            consumer.resender.set_rate(bitrate)

    def _unsettle(self) -> None:
        for consumer in self._consumers.values():
            if consumer.source is not None:
                consumer.source.stale = True

    # --- what waits ------------------------------------------------------------------------------------------------------------------

    def admits(self, consumer: Consumer, fanout: Fanout, packet: Packet, now: float) -> bool:
        """Whether a packet of a picture may leave now; else it waits, or is dropped when too much does."""
        size = len(packet.payload)
        if self.pacer is None or self.pacer.admit(size, now):
            return True
        if self.pacer.hold((consumer, fanout, packet), size, now):
            consumer.held += 1
            self._wake()
        return False

    @property
    def busy(self) -> bool:
        return self._probe is not None or (self.pacer is not None and self.pacer.queued > 0)

    def pump(self, now: float) -> list[bytes]:
        """Datagrams that may leave now."""
        found = self._released(now)
        if self._probe is not None and self.log is not None:
            found += self._probing(self._probe, self.log, now)
        return found

    def _released(self, now: float) -> list[bytes]:
        if self.pacer is None or not self.pacer.queued:
            return []
        found = []
        for consumer, fanout, packet in self.pacer.release(now):
            consumer.held -= 1
            if consumer.source is fanout and (datagram := consumer.one(fanout, packet, now)) is not None:
                found.append(datagram)
            if not consumer.held:
                fanout.stale = True
        return found

    def _probing(self, probe: Probe, log: SendLog, now: float) -> list[bytes]:
        """Fill up to the probe's rate; media that left meanwhile was part of it."""
        room = min(int(probe.rate * (now - self._pumped_at) / 8), probe.size)
        self._pumped_at = now
        carrier = next((consumer for consumer in self._consumers.values() if consumer.rtx is not None), None)
        found: list[bytes] = []
        while carrier is not None and room > 0 and log.bytes - self._probe_sent < probe.size:
            datagram = carrier.padding(min(probe.packet_size, 255), now)
            if datagram is None:
                break
            room -= len(datagram)
            found.append(datagram)
        if log.bytes - self._probe_sent >= probe.size or now - self._probe_at > _PROBE_SECONDS:
            self._probe = None
            log.cluster = 0
        return found
