"""From one producer's packets to the datagrams of all its consumers: the loop that the whole plane is built around.

A consumer is a row of a precomputed table: base, salt, prefix, SSRC, encrypt, address. Sending to it costs one `struct` pack, one integer
XOR, one AES-GCM call and one output. Everything else (who is in the table, where its numbers begin) happens when something changes, not
per packet.

Numbers: `index` is the 48-bit SRTP index of the producer's stream, `base` holds SSRC << 48 plus the distance to the consumer's own index,
so base + index is at once sequence number, rollover counter, SSRC and (XOR salt) nonce. A nonce must never meet two different packets: a
consumer that comes back continues its own numbers at `floor`, and nothing older than that is ever sent to it.

It must never know transports' states, rights or codecs. RFC 3711, RFC 7714, RFC 8285, RFC 4588; trap: media-plane "consumers must not see
a gap".
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from media.rtp import padded
from media.srtp import TAG_LENGTH, Encrypt, Outbound, nearest_index
from media.stun import Address

#: (bytes of one datagram, 0, address) or (buffers of several equal datagrams, bytes of each, address) for segmentation offload.
Output = tuple[bytes, int, Address] | tuple[list[bytes], int, Address]

#: Packets kept for retransmission: 512 × 1.2 kB = 0.6 MB a video producer, about two seconds at 2.5 Mb/s.
HISTORY: Final = 512
#: The kernel takes 64 segments and 65,507 bytes (UDP_MAX_SEGMENTS, IPv4); 48 × 1,250 stays inside both.
MAX_SEGMENTS: Final = 48
MAX_RUN_BYTES: Final = 60_000
#: libwebrtc cuts a frame into packets that differ by a byte or two; so much RTP padding makes them one run.
MAX_EQUALISING: Final = 12
#: Retransmissions one consumer may cause: a bucket of packets, refilled per second. A NACK flood ends here.
RESEND_BURST: Final = 128
RESEND_RATE: Final = 256.0

_INDEX_MASK: Final = (1 << 48) - 1
_header = struct.Struct("!BBHIIQ")  # RTP header, extension header and the MID element
_pack = _header.pack
HEADER_BYTES: Final = _header.size

Elements = tuple[tuple[int, bytes], ...]


class Packet(NamedTuple):
    """One packet on its way to consumers. `elements`: (router extension id, encoded one-byte element), MID not among them."""

    ordinal: int  # 48-bit SRTP index in the stream of the producer
    first_byte: int  # version, extension bit, padding bit
    marker_and_type: int
    timestamp: int
    elements: Elements
    payload: bytes


class Receiver(Protocol):
    """What a row needs of the consumer's transport."""

    @property
    def address(self) -> Address | None: ...
    @property
    def outbound(self) -> Outbound | None: ...


class Consumer:
    """One stream towards one client. Its numbers outlive pauses; `base` is None while it is in no table."""

    def __init__(
        self,
        id: str,
        receiver: Receiver,
        *,
        ssrc: int,
        mid: str,
        extension_ids: Iterable[int],
        mid_id: int | None,
        rtx: tuple[int, int] | None,
    ) -> None:
        self.id = id
        self.receiver = receiver
        self.ssrc = ssrc
        self.extension_ids = frozenset(extension_ids)
        self.prefix = 0xBEDE << 48 | 1 << 32 | int.from_bytes(_mid_element(mid_id, mid), "big")
        self.rtx = rtx  # (SSRC, payload type)
        self.paused = True
        self.base: int | None = None
        self.floor = 0
        self.next_index = 1 + secrets.randbelow(0x3FFF)  # below 2^15, so that the receiver's rollover guess starts right
        self.packets = 0
        self.octets = 0
        self.resent = 0
        self._rtx_index = secrets.randbelow(0x3FFF)
        self._tokens = float(RESEND_BURST)
        self._tokens_at = 0.0

    def may_resend(self, now: float) -> bool:
        self._tokens = min(RESEND_BURST, self._tokens + (now - self._tokens_at) * RESEND_RATE)
        self._tokens_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def header(self, packet: Packet, number: int, marker_and_type: int) -> bytes:
        extension = extension_block(packet.elements, self.extension_ids)
        words = len(extension) << 30
        return _pack(packet.first_byte, marker_and_type, number & 0xFFFF, packet.timestamp, number >> 48, self.prefix + words) + extension

    def resend(self, packet: Packet, outbound: Outbound) -> bytes:
        """The packet once more: as RTX where agreed (RFC 4588 §4), else byte for byte what was sent."""
        assert self.base is not None
        number = self.base + packet.ordinal
        if self.rtx is None:
            return outbound.protect(number, self.header(packet, number, packet.marker_and_type), packet.payload)
        self._rtx_index += 1
        rtx_number = self.rtx[0] << 48 | self._rtx_index
        header = self.header(packet, rtx_number, packet.marker_and_type & 0x80 | self.rtx[1])
        return outbound.protect(rtx_number, header, (number & 0xFFFF).to_bytes(2, "big") + packet.payload)


class _Lane:
    """The consumers that take the same header extensions; nearly always there is one."""

    __slots__ = ("extension_ids", "rows", "slow_rows")

    def __init__(self, extension_ids: frozenset[int]) -> None:
        self.extension_ids = extension_ids
        self.rows: list[tuple[int, int, int, int, Encrypt, Address]] = []
        self.slow_rows: list[tuple[int, Consumer, Outbound, Address]] = []


class Fanout:
    """`stage` packets as they come, `flush` once per drained batch."""

    def __init__(self, keep_history: bool) -> None:
        self.consumers: dict[int, Consumer] = {}  # by SSRC
        self.paused = False
        self.staged: list[Packet] = []
        self.newest: int | None = None
        self.late_dropped = 0
        self.packets = 0
        self.octets = 0
        self.width = 0  # rows in all lanes
        self.sinks: dict[str, Callable[[Sequence[Packet]], None]] = {}  # consumers that are no WebRTC peers
        self._lanes: list[_Lane] = []
        self._floor = 0
        self._history: list[Packet | None] = [None] * HISTORY if keep_history else []

    def add(self, consumer: Consumer) -> None:
        self.consumers[consumer.ssrc] = consumer
        self.rebuild()

    def remove(self, consumer: Consumer) -> None:
        self.consumers.pop(consumer.ssrc, None)
        consumer.base = None
        self.rebuild()

    def pause(self, paused: bool) -> None:
        self.paused = paused
        if paused:
            self.restart()  # whatever comes after the pause begins a new run of numbers

    def restart(self) -> None:
        """What comes next may have any number: consumers leave the table and come back with the next packet, continuing theirs."""
        self.staged.clear()
        for consumer in self.consumers.values():
            self._settle(consumer, False)
        self.newest = None
        self._history = [None] * len(self._history)
        self.rebuild()

    def rebuild(self) -> None:
        """Work the table out again: after a join, leave, pause, resume, change of address or of keys."""
        lanes: dict[frozenset[int], _Lane] = {}
        self._floor = self.width = 0
        for consumer in self.consumers.values():
            outbound, address = consumer.receiver.outbound, consumer.receiver.address
            self._settle(consumer, not (consumer.paused or self.paused or outbound is None or address is None))
            if consumer.base is None or outbound is None or address is None:
                continue
            lane = lanes.setdefault(consumer.extension_ids, _Lane(consumer.extension_ids))
            self.width += 1
            if outbound.encrypt is not None:
                lane.rows.append((consumer.base, outbound.salt, consumer.prefix, consumer.ssrc, outbound.encrypt, address))
            else:
                lane.slow_rows.append((consumer.base, consumer, outbound, address))
        self._lanes = list(lanes.values())

    def _settle(self, consumer: Consumer, active: bool) -> None:
        if active and consumer.base is None and self.newest is not None:
            consumer.floor = self.newest + 1
            consumer.base = (consumer.ssrc << 48) + consumer.next_index - consumer.floor
            consumer.packets -= self.packets
            consumer.octets -= self.octets
        elif not active and consumer.base is not None and self.newest is not None:
            consumer.next_index = (consumer.base + self.newest + 1) & _INDEX_MASK
            consumer.base = None
            consumer.packets += self.packets
            consumer.octets += self.octets
        if consumer.base is not None:
            self._floor = max(self._floor, consumer.floor)

    def sent(self, consumer: Consumer) -> tuple[int, int]:
        """(packets, payload octets) sent to a consumer; counted once per producer and read as a difference."""
        if consumer.base is None:
            return consumer.packets, consumer.octets
        return consumer.packets + self.packets, consumer.octets + self.octets

    def stage(self, packet: Packet) -> bool:
        """Take one packet of the producer; False when it is a duplicate or too late."""
        if self.newest is None:
            self.newest = packet.ordinal - 1
            self.rebuild()
        if packet.ordinal > self.newest:
            self.newest = packet.ordinal
        elif packet.ordinal <= self.newest - HISTORY or self.packet_at(packet.ordinal) is not None:
            self.late_dropped += 1
            return False
        if self._history:
            self._history[packet.ordinal % HISTORY] = packet
        self.staged.append(packet)
        return True

    def packet_at(self, index: int) -> Packet | None:
        if not self._history:
            return None
        packet = self._history[index % HISTORY]
        return packet if packet is not None and packet.ordinal == index else None

    def flush(self, outputs: list[Output]) -> None:
        """Append what leaves for every consumer."""
        packets, self.staged = self.staged, []
        for take in self.sinks.values():
            take(packets)
        if len(packets) > 1:
            packets = self._equalised(packets)
        self.packets += len(packets)
        self.octets += sum([len(packet.payload) for packet in packets])
        if any(packet.ordinal < self._floor for packet in packets):
            self._flush_carefully(packets, outputs)
            return
        for lane in self._lanes:
            if len(packets) == 1:
                _send_one(packets[0], lane, outputs)
            else:
                for run in runs(packets, lane.extension_ids):
                    _send_run(run, lane, outputs)
            for base, consumer, outbound, address in lane.slow_rows:
                for packet in packets:
                    header = consumer.header(packet, base + packet.ordinal, packet.marker_and_type)
                    outputs.append((outbound.protect(base + packet.ordinal, header, packet.payload), 0, address))

    def _flush_carefully(self, packets: Sequence[Packet], outputs: list[Output]) -> None:
        """Late packets go only to those whose numbers reach back to them."""
        for consumer in self.consumers.values():
            outbound, address = consumer.receiver.outbound, consumer.receiver.address
            if consumer.base is None or outbound is None or address is None:
                continue
            for packet in packets:
                if packet.ordinal >= consumer.floor:
                    number = consumer.base + packet.ordinal
                    header = consumer.header(packet, number, packet.marker_and_type)
                    outputs.append((outbound.protect(number, header, packet.payload), 0, address))

    def _equalised(self, packets: list[Packet]) -> list[Packet]:
        """Pad packets of one burst that differ by a few bytes to one size, once for all consumers and for the history."""
        sizes = [len(packet.payload) + _elements_length(packet.elements) for packet in packets]
        largest = max(sizes)
        for position, (packet, size) in enumerate(zip(packets, sizes, strict=True)):
            missing = largest - size
            if 0 < missing <= MAX_EQUALISING and not packet.first_byte & 0x20:
                grown = packet._replace(first_byte=packet.first_byte | 0x20, payload=padded(packet.payload, missing))
                packets[position] = grown
                if self._history and self.packet_at(packet.ordinal) is packet:
                    self._history[packet.ordinal % HISTORY] = grown
        return packets

    def retransmit(self, consumer: Consumer, sequences: Iterable[int], now: float, outputs: list[Output]) -> None:
        """Answer a NACK from the history, within the consumer's budget."""
        outbound, address = consumer.receiver.outbound, consumer.receiver.address
        if consumer.base is None or self.newest is None or outbound is None or address is None:
            return
        newest = (consumer.base + self.newest) & _INDEX_MASK
        for sequence in sequences:
            number = consumer.ssrc << 48 | nearest_index(newest, sequence)
            index = number - consumer.base
            packet = self.packet_at(index) if consumer.floor <= index <= self.newest else None
            if packet is not None and consumer.may_resend(now):
                consumer.resent += 1
                outputs.append((consumer.resend(packet, outbound), 0, address))


def _mid_element(mid_id: int | None, mid: str) -> bytes:
    """Four bytes in every packet: the MID element, or padding where the client does not take it (RFC 8285 §4.2)."""
    return bytes((mid_id << 4 | 2,)) + mid.encode("ascii") if mid_id is not None else bytes(4)


def _elements_length(elements: Elements) -> int:
    return sum([len(element) for _, element in elements]) + 3 & ~3


def extension_block(elements: Elements, wanted: frozenset[int]) -> bytes:
    """Elements a lane takes, padded to 32-bit words."""
    block = b"".join([element for identifier, element in elements if identifier in wanted])
    return block + bytes(-len(block) % 4)


def runs(packets: Sequence[Packet], wanted: frozenset[int]) -> list[list[tuple[Packet, bytes]]]:
    """Packets cut into runs of equal size, of which only the last may be shorter (what UDP_SEGMENT wants)."""
    found: list[list[tuple[Packet, bytes]]] = []
    segment = closed = 0
    for packet in packets:
        extension = extension_block(packet.elements, wanted)
        size = len(extension) + len(packet.payload)
        if (
            found
            and not closed
            and size <= segment
            and len(found[-1]) < min(MAX_SEGMENTS, MAX_RUN_BYTES // (segment + HEADER_BYTES + TAG_LENGTH))
        ):
            found[-1].append((packet, extension))
            closed = size < segment
        else:
            found.append([(packet, extension)])
            segment, closed = size, 0
    return found


def _send_one(packet: Packet, lane: _Lane, outputs: list[Output]) -> None:
    index, first_byte, marker_and_type, timestamp, elements, payload = packet
    extension = extension_block(elements, lane.extension_ids)
    words = len(extension) << 30  # length in words, in the place where the prefix has the length of the block
    append = outputs.append
    for base, salt, prefix, ssrc, encrypt, address in lane.rows:
        number = base + index
        header = _pack(first_byte, marker_and_type, number & 0xFFFF, timestamp, ssrc, prefix + words) + extension
        append((header + encrypt((number ^ salt).to_bytes(12, "big"), payload, header), 0, address))


def _send_run(run: list[tuple[Packet, bytes]], lane: _Lane, outputs: list[Output]) -> None:
    if len(run) == 1:
        _send_one(run[0][0], lane, outputs)
        return
    table = [
        (packet.ordinal, packet.first_byte, packet.marker_and_type, packet.timestamp, len(extension) << 30, extension, packet.payload)
        for packet, extension in run
    ]
    segment = HEADER_BYTES + len(run[0][1]) + len(run[0][0].payload) + TAG_LENGTH
    for base, salt, prefix, ssrc, encrypt, address in lane.rows:
        buffers = []
        for index, first_byte, marker_and_type, timestamp, words, extension, payload in table:
            number = base + index
            header = _pack(first_byte, marker_and_type, number & 0xFFFF, timestamp, ssrc, prefix + words) + extension
            buffers.append(header)
            buffers.append(encrypt((number ^ salt).to_bytes(12, "big"), payload, header))
        outputs.append((buffers, segment, address))
