"""From one received stream (a layer) to the datagrams of the consumers that are on it: the table that the whole plane is built around.

`stage` packets as they come, `flush` once per drained batch. Whoever is in the table is a row of a lane (`media.lanes`); who needs a look
at every packet (a peer without AES-GCM, a line that catches up with its clock) is served one by one. Everything else happens when something
changes: the table is worked out again before the next flush.

It must never know transports' states, rights or what a layer is chosen for. Trap: media-plane "consumers must not see a gap".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from media import vp8
from media.consumer import Consumer
from media.entrance import Entrance
from media.history import CAPACITY, History
from media.lanes import Lane
from media.packet import Elements, Output, Outputs, Packet, elements_length
from media.recent import Recent
from media.rewriter import Clock
from media.rtp import padded

if TYPE_CHECKING:
    from media.through import Passage

__all__ = ["HISTORY", "Elements", "Fanout", "Output", "Packet"]

#: How far behind the newest a packet may come.
HISTORY: Final = CAPACITY
#: libwebrtc cuts a frame into packets that differ by a byte or two; so much RTP padding makes them one run.
MAX_EQUALISING: Final = 12
_UNPACED: Final = float("inf")


class Fanout:
    def __init__(self, outputs: Outputs, ssrc: int, layer: int, *, video: bool, picture_ids: bool) -> None:
        self.ssrc = ssrc
        self.layer = layer
        self.consumers: dict[str, Consumer] = {}
        self.waiting: dict[str, Consumer] = {}  # for the next packet, or the next key frame
        self.sinks: dict[str, Callable[[Sequence[Packet]], None]] = {}  # consumers that are no WebRTC peers
        self.staged: list[Packet] = []
        self.newest: Packet | None = None
        self.newest_at = 0.0
        self.clock: Clock | None = None  # of the newest sender report
        self.recent: Recent | None = None if video else Recent()
        self._kept: History[Packet] = self.recent or History()
        self.history = self._kept if video else None  # of what is sent again when it is asked for
        self.entrance = Entrance()  # of pictures
        self.queued = False  # whoever flushes it knows that something is staged
        self.passage: Passage | None = None  # while its packets need no look
        self.steady = False  # nobody in the table needs one, and it is up to date
        self.late_dropped = 0
        self.packets = 0
        self.octets = 0
        self._redundant: dict[int, int] = {}  # earlier packets in each → octets that they cost so far
        self._outputs = outputs
        self._picture_ids = picture_ids
        self.lanes: list[tuple[int, Lane]] = []
        self._stale = True
        self._careful: list[Consumer] = []
        self._depths: set[int] = set()
        self._floor = 0
        self.burst = _UNPACED  # bytes in one flush beyond which somebody's packets have to wait

    @property
    def stale(self) -> bool:
        """The table is to be worked out again before anything more is sent by it."""
        return self._stale

    @stale.setter
    def stale(self, stale: bool) -> None:
        self._stale = stale
        if stale:
            self.close_passage()

    def close_passage(self) -> None:
        """From now on each packet is looked at here."""
        self.steady = False
        if self.passage is not None:
            passage, self.passage = self.passage, None
            passage.close()

    @property
    def width(self) -> int:
        return len(self.consumers)

    def octets_with(self, depth: int) -> int:
        """Payload octets so far of a line whose packets carry `depth` earlier ones each."""
        return self.octets + self._redundant.get(depth, 0)

    def numbers(self, packet: Packet) -> tuple[int, int]:
        """(picture id, TL0PICIDX) of a packet, −1 where it has none. Asked when something changes, not per packet."""
        if not self._picture_ids:
            return -1, -1
        found = vp8.describe(packet.payload)
        return found.picture, found.tl0

    def stage(self, packet: Packet, now: float) -> bool:
        """Take one packet of the stream; False when it is a duplicate or too late."""
        newest = self.newest
        if newest is None or packet.ordinal > newest.ordinal:
            self.newest = packet
            self.newest_at = now
        elif packet.ordinal <= newest.ordinal - HISTORY or self._kept.knows(packet.ordinal):
            self.late_dropped += 1
            return False
        self._kept.put(packet.ordinal, packet, now)
        self.staged.append(packet)
        return True

    def admit(self, entering: Sequence[Consumer], packet: Packet, since: float) -> None:
        """These begin with this packet, which came at `since`. What came after it before they could begin goes to them now."""
        newest = self.newest
        behind = newest is not None and newest.ordinal > packet.ordinal and self.history is not None
        if behind:
            self.flush()
        for consumer in entering:
            self.waiting.pop(consumer.id, None)
            consumer.begin(self, packet, since)
        if behind and newest is not None:
            kept = [self._kept.get(ordinal, self.newest_at) for ordinal in range(packet.ordinal, newest.ordinal + 1)]
            missed = [one for one in kept if one is not None]
            for consumer in entering:
                consumer.missed(missed)
                self._one_by_one(consumer, missed)

    def stage_next(self, packet: Packet, now: float) -> None:
        """The same of one that is known to follow the newest."""
        self.newest, self.newest_at = packet, now
        self._kept.put(packet.ordinal, packet, now)
        self.staged.append(packet)

    def let_wait(self, consumer: Consumer) -> None:
        """The consumer begins with the next packet, of a picture with the next key frame."""
        self.waiting[consumer.id] = consumer
        self.stale = True

    def flush(self, *, sent: bool = False) -> None:
        """Append what leaves for every consumer, or only count it when it was `sent` already."""
        packets, self.staged = self.staged, []
        if not packets:
            return
        for take in self.sinks.values():
            take(packets)
        if self._stale:
            self._rebuild()
        forms = self._forms(packets)
        octets = sum([len(packet.payload) for packet in forms[0]])
        self.packets += len(packets)
        self.octets += octets
        if sent:
            return
        outputs, now = self._outputs, self.newest_at
        if octets > self.burst or min([packet.ordinal for packet in packets]) < self._floor:
            for consumer in self.consumers.values():  # late packets go only to those whose line reaches back to them
                self._one_by_one(consumer, forms[consumer.depth])
            if octets > self.burst:
                self.stale = True
            return
        for depth, lane in self.lanes:
            lane.send(forms[depth], outputs, now)
        for consumer in self._careful:
            self._one_by_one(consumer, forms[consumer.depth])
            if not consumer.careful:
                self.stale = True

    def _forms(self, packets: list[Packet]) -> dict[int, list[Packet]]:
        """The packets as each line takes them, by how many earlier ones they carry: made once, for whoever there is."""
        forms = {0: packets}
        if self.recent is not None:
            for depth in self._depths:
                forms[depth] = made = self.recent.redundant(packets, depth, self.newest_at)
                more = sum([len(one.payload) - len(other.payload) for one, other in zip(made, packets, strict=True)])
                self._redundant[depth] = self._redundant.get(depth, 0) + more
        return forms if len(packets) == 1 else {depth: self._equalised(form) for depth, form in forms.items()}

    def _one_by_one(self, consumer: Consumer, packets: Sequence[Packet]) -> None:
        address, path, now = consumer.receiver.address, consumer.receiver.path, self.newest_at
        if address is None:
            return
        for packet in packets:
            if self.history is not None and not path.admits(consumer, self, packet, now):
                continue
            if (datagram := consumer.one(self, packet, now)) is not None:
                self._outputs.append((datagram, 0, address))

    def _rebuild(self) -> None:
        """Work the table out again: after a switch, a pause, a change of address or of keys."""
        lanes: dict[tuple[int, frozenset[int], bytes, bool, int, int], Lane] = {}
        self._careful = []
        self._depths = {consumer.depth for consumer in self.consumers.values()} - {0}
        self._floor = 0
        self.burst = _UNPACED
        express = self._outputs.express
        for consumer in self.consumers.values():
            outbound, address, segment = consumer.receiver.outbound, consumer.receiver.address, consumer.sums
            if outbound is None or address is None or segment is None:
                continue
            if self.history is not None and consumer.receiver.path.pacer is not None:
                self.burst = min(self.burst, consumer.receiver.path.pacer.burst)
            if consumer.careful:
                self._careful.append(consumer)
                continue
            self._floor = max(self._floor, segment.first)
            log = consumer.receiver.path.log if consumer.numbered else None
            key = (consumer.depth, consumer.extension_ids, consumer.hint, log is not None, segment.picture_shift, segment.tl0_shift)
            if key not in lanes:
                lanes[key] = Lane(*key[1:])
            lane = lanes[key]
            row = consumer.row(outbound, address, segment)
            if express is not None and express.admit(lane.express, row, outbound, log):
                continue
            if log is None:
                lane.rows.append(row)
            else:
                lane.numbered_rows.append((*row, log))
        self.lanes = [(key[0], lane) for key, lane in lanes.items()]
        self._stale = False
        self.steady = not (self._careful or self._depths) and all(lane.is_compiled for lane in lanes.values())

    def _equalised(self, packets: list[Packet]) -> list[Packet]:
        """Pad packets of one burst that differ by a few bytes to one size, once for all consumers and for the history."""
        sizes = [len(packet.payload) + elements_length(packet.elements) for packet in packets]
        largest = max(sizes)
        for position, (packet, size) in enumerate(zip(packets, sizes, strict=True)):
            missing = largest - size
            if 0 < missing <= MAX_EQUALISING and not packet.first_byte & 0x20:
                grown = packet._replace(first_byte=packet.first_byte | 0x20, payload=padded(packet.payload, missing))
                packets[position] = grown
                if self.history is not None and self.history.knows(packet.ordinal):
                    self.history.put(packet.ordinal, grown, self.newest_at)
        return packets
