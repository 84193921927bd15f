"""From one received stream (a layer) to the datagrams of the consumers that are on it: the table that the whole plane is built around.

`stage` packets as they come, `flush` once per drained batch. Whoever is in the table is a row of a lane (`media.lanes`); who needs a look
at every packet (a peer without AES-GCM, a line that catches up with its clock) is served one by one. Everything else happens when something
changes: the table is worked out again before the next flush.

It must never know transports' states, rights or what a layer is chosen for. Trap: media-plane "consumers must not see a gap".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from media import vp8
from media.consumer import Consumer
from media.history import CAPACITY, History
from media.lanes import Lane
from media.packet import Elements, Output, Outputs, Packet, elements_length
from media.rewriter import Clock
from media.rtp import padded

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
        self.history: History[Packet] | None = History() if video else None
        self.stale = False
        self.late_dropped = 0
        self.packets = 0
        self.octets = 0
        self._outputs = outputs
        self._picture_ids = picture_ids
        self._lanes: list[Lane] = []
        self._careful: list[Consumer] = []
        self._floor = 0
        self._burst = _UNPACED  # bytes in one flush beyond which somebody's packets have to wait

    @property
    def width(self) -> int:
        return len(self.consumers)

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
        elif packet.ordinal <= newest.ordinal - HISTORY or (self.history is not None and self.history.knows(packet.ordinal)):
            self.late_dropped += 1
            return False
        if self.history is not None:
            self.history.put(packet.ordinal, packet, now)
        self.staged.append(packet)
        return True

    def admit(self, packet: Packet, now: float) -> Sequence[Consumer]:
        """Everybody who waited begins with this packet."""
        if not self.waiting:
            return ()
        admitted = list(self.waiting.values())
        self.waiting.clear()
        for consumer in admitted:
            consumer.begin(self, packet, now)
        return admitted

    def flush(self) -> None:
        """Append what leaves for every consumer."""
        packets, self.staged = self.staged, []
        if not packets:
            return
        for take in self.sinks.values():
            take(packets)
        if len(packets) > 1:
            packets = self._equalised(packets)
        octets = sum([len(packet.payload) for packet in packets])
        self.packets += len(packets)
        self.octets += octets
        if self.stale:
            self._rebuild()
        outputs, now = self._outputs, self.newest_at
        if octets > self._burst or min([packet.ordinal for packet in packets]) < self._floor:
            for consumer in self.consumers.values():  # late packets go only to those whose line reaches back to them
                self._one_by_one(consumer, packets)
            self.stale = self.stale or octets > self._burst
            return
        for lane in self._lanes:
            lane.send(packets, outputs, now)
        for consumer in self._careful:
            self._one_by_one(consumer, packets)
            self.stale = self.stale or not consumer.careful

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
        lanes: dict[tuple[frozenset[int], bytes, bool, int, int], Lane] = {}
        self._careful = []
        self._floor = 0
        self._burst = _UNPACED
        express = self._outputs.express
        for consumer in self.consumers.values():
            outbound, address, segment = consumer.receiver.outbound, consumer.receiver.address, consumer.sums
            if outbound is None or address is None or segment is None:
                continue
            if self.history is not None and consumer.receiver.path.pacer is not None:
                self._burst = min(self._burst, consumer.receiver.path.pacer.burst)
            if consumer.careful:
                self._careful.append(consumer)
                continue
            self._floor = max(self._floor, segment.first)
            log = consumer.receiver.path.log if consumer.numbered else None
            key = (consumer.extension_ids, consumer.hint, log is not None, segment.picture_shift, segment.tl0_shift)
            if key not in lanes:
                lanes[key] = Lane(*key)
            lane = lanes[key]
            row = consumer.row(outbound, address, segment)
            if express is not None and express.admit(lane.express, row, outbound, log):
                continue
            if log is None:
                lane.rows.append(row)
            else:
                lane.numbered_rows.append((*row, log))
        self._lanes = list(lanes.values())
        self.stale = False

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
