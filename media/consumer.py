"""One stream towards one client: its line of numbers over layers, pauses and repairs, and where it stands at the moment.

A consumer is in the table of at most one fan-out (`source`); all other layers pass it by. It moves to another at a key frame, and its line
(`media.rewriter`) goes on without a gap: `switch` there, sums here. In the table only the sums matter; the line is brought up to date when
something changes (`catch_up`).

A nonce must never meet two different packets: numbers come from the line alone, which gives each once; a repeat is RTX with numbers of its
own (RFC 4588), or the very same bytes. It must never know who wants it to be where.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from media import vp8
from media.history import Repair, Resender
from media.lanes import WORD, header, prefix_of
from media.layers import PAUSED
from media.packet import Packet, Row, extension_block
from media.patience import Patience
from media.rewriter import Clock, Rewriter, Segment
from media.rtcp import ReportBlock
from media.srtp import TAG_LENGTH, Outbound
from media.stun import Address

if TYPE_CHECKING:
    from media.fanout import Fanout
    from media.path import Path
    from media.producer import Producer

#: First numbers lie below 2^14, so that the receiver's guess of the rollover counter starts right.
_FIRST: Final = 0x3FFF
#: "The same clock": a stream that is continued keeps its own timestamps, if these agree with the arrival.
_SAME: Final[tuple[Clock, Clock]] = ((0, 0), (0, 0))


class Receiver(Protocol):
    """What a consumer needs of its transport."""

    @property
    def address(self) -> Address | None: ...
    @property
    def outbound(self) -> Outbound | None: ...
    @property
    def path(self) -> Path: ...


class Consumer:
    def __init__(
        self,
        id: str,
        receiver: Receiver,
        producer: Producer,
        *,
        ssrc: int,
        mid: str,
        extension_ids: Iterable[int],
        mid_id: int | None,
        rtx: tuple[int, int] | None,
        numbered: bool = False,
        delays: bool = False,
        redundant: bool = False,
    ) -> None:
        self.id = id
        self.receiver = receiver
        self.producer = producer
        self.kind = kind = producer.kind
        self.ssrc = ssrc
        self.extension_ids = frozenset(extension_ids)
        self.prefix = prefix_of(mid_id, mid)
        self.rtx = rtx  # (SSRC, payload type)
        self.numbered = numbered  # its packets carry transport-wide numbers
        self.paused = True  # by the client
        self.quiet = False  # a voice that is not among the loudest
        self.delays = delays  # it takes playout delays
        self.redundant = redundant  # it takes voices that carry their own past
        self.depth = 0  # earlier packets that each of this voice carries towards it
        self.patience = Patience()
        self.hint = b""  # our own playout-delay element, where something is to be said
        self.wanted = 0 if kind == "audio" else PAUSED  # the layer it should be on
        self.ideal = PAUSED  # the layer its tile asks the sender for, whatever the path
        self.source: Fanout | None = None
        self.line = Rewriter(1 + secrets.randbelow(_FIRST), producer.clock_rate)
        self.resender = Resender(secrets.randbelow(_FIRST))
        self.switches = 0
        self.nacks = 0  # numbers asked for again
        self.plis = 0
        self.held = 0  # packets that wait in the pacer of its path
        self.reported = (0, 0.0)  # middle of the NTP time of the newest sender report, and when it left
        self._left: Fanout | None = None  # whose clock the line ran by last
        self._packets = 0
        self._octets = 0

    @property
    def layer(self) -> int:
        """What it gets now; PAUSED for nothing."""
        return self.source.layer if self.source is not None else PAUSED

    @property
    def reachable(self) -> bool:
        return self.receiver.outbound is not None and self.receiver.address is not None

    @property
    def sent(self) -> tuple[int, int]:
        """(packets, payload octets): counted once for everybody in the table and read as a difference."""
        if self.source is None:
            return self._packets, self._octets
        return self._packets + self.source.packets, self._octets + self.source.octets_with(self.depth)

    @property
    def careful(self) -> bool:
        """Whether each packet must be looked at by itself."""
        outbound = self.receiver.outbound
        return outbound is None or outbound.encrypt is None or self.line.borrowed or self.held > 0

    @property
    def sums(self) -> Segment | None:
        return self.line.current

    # --- moving ----------------------------------------------------------------------------------------------------------------------

    def begin(self, fanout: Fanout, packet: Packet, now: float) -> None:
        """Go on with this stream from this packet: of a picture the first of a key frame."""
        self.leave()
        picture, tl0 = fanout.numbers(packet)
        self.line.switch(fanout.ssrc, packet.ordinal, packet.timestamp, picture, tl0, now, self._clocks(fanout))
        self.source, self._left = fanout, fanout
        self.switches += 1
        self.receiver.path.moved = True
        self._packets -= fanout.packets
        self._octets -= fanout.octets_with(self.depth)
        fanout.consumers[self.id] = self
        fanout.stale = True

    def missed(self, packets: Sequence[Packet]) -> None:
        """These were counted before it began, and go to it all the same."""
        self._packets += len(packets)
        self._octets += sum([len(packet.payload) for packet in packets])

    def leave(self) -> None:
        """Get nothing new; the line keeps its end."""
        source = self.source
        if source is None:
            return
        source.flush()  # what was staged is still this consumer's
        self.catch_up()
        self._packets, self._octets = self.sent
        self.line.pause()
        self.source = None
        self.receiver.path.moved = True
        source.consumers.pop(self.id, None)
        source.stale = True

    def protect(self, depth: int) -> None:
        """Carry so many earlier packets in each from now on, where the client takes them."""
        if depth == self.depth or not self.redundant:
            return
        source = self.source
        if source is not None:
            source.flush()  # what was staged goes as it was meant
            self._octets += source.octets_with(self.depth) - source.octets_with(depth)
            source.stale = True
        self.depth = depth

    def _clocks(self, fanout: Fanout) -> tuple[Clock, Clock] | None:
        left = self._left
        if left is fanout:
            return _SAME
        return (left.clock, fanout.clock) if left is not None and left.clock is not None and fanout.clock is not None else None

    def catch_up(self) -> None:
        """Tell the line of the newest packet of its table."""
        source = self.source
        newest = source.newest if source is not None else None
        if source is not None and newest is not None:
            self.line.follow(source.ssrc, newest.ordinal, newest.timestamp, *source.numbers(newest), source.newest_at)

    def round_trip(self, block: ReportBlock, now: float) -> float | None:
        """By a report block on the newest sender report (RFC 3550 §6.4.1), if it is about that one."""
        middle, at = self.reported
        return max(0.0, now - at - block.delay_since_last_sr / 65536) if middle and block.last_sr == middle else None

    # --- packets ---------------------------------------------------------------------------------------------------------------------

    def row(self, outbound: Outbound, address: Address, segment: Segment) -> Row:
        assert outbound.encrypt is not None
        base = (self.ssrc << 48) + segment.shift
        return base, outbound.salt, self.prefix, self.ssrc, outbound.encrypt, address, segment.timestamp_shift

    def one(self, fanout: Fanout, packet: Packet, now: float) -> bytes | None:
        """This packet on its own, wherever it lies in the line; None when it is not for this consumer."""
        outbound = self.receiver.outbound
        segment = self.line.follow(fanout.ssrc, packet.ordinal, packet.timestamp, *fanout.numbers(packet), now)
        if segment is None or outbound is None:
            return None
        number = (self.ssrc << 48) + packet.ordinal + segment.shift
        return self._sealed(packet, segment, outbound, number, packet.marker_and_type, b"", now)

    def repeats(self, fanouts: Sequence[Fanout], sequences: Iterable[int], rtt: float, now: float) -> list[bytes]:
        """Answers to a NACK: what is still kept, not asked for a moment ago, and within the budget."""
        outbound = self.receiver.outbound
        sequences = list(sequences)
        self.nacks += len(sequences)
        if outbound is None or self.source is None:
            return []
        self.catch_up()
        kept = {fanout.ssrc: fanout.history for fanout in fanouts}

        def find(source: int, ordinal: int) -> Packet | None:
            history = kept.get(source)
            return history.get(ordinal, now) if history is not None else None

        repairs = self.resender.answer(sequences, self.line.repairable, find, rtt, now)
        return [self._again(repair, outbound, now) for repair in repairs]

    def _again(self, repair: Repair[Packet], outbound: Outbound, now: float) -> bytes:
        segment = self.line.segment_at(repair.source, repair.ordinal)
        assert segment is not None
        packet = repair.packet
        if self.rtx is None:
            number = (self.ssrc << 48) + packet.ordinal + segment.shift
            return self._sealed(packet, segment, outbound, number, packet.marker_and_type, b"", now)
        number = self.rtx[0] << 48 | self.resender.next_rtx_index()
        original = repair.sequence.to_bytes(2, "big")
        return self._sealed(packet, segment, outbound, number, packet.marker_and_type & 0x80 | self.rtx[1], original, now)

    def padding(self, size: int, now: float) -> bytes | None:
        """A packet of padding on the RTX stream, at most 255 bytes of it: it disturbs no numbers of media (RFC 4588, RFC 3550 §5.1)."""
        outbound = self.receiver.outbound
        if outbound is None or self.rtx is None:
            return None
        count = min(max(size, 1), 255)
        packet = Packet(0, 0xB0, self.rtx[1], 0, (), bytes(count - 1) + bytes((count,)))
        number = self.rtx[0] << 48 | self.resender.next_rtx_index()
        return self._sealed(packet, _NO_SHIFT, outbound, number, self.rtx[1], b"", now)

    def _sealed(
        self, packet: Packet, segment: Segment, outbound: Outbound, number: int, marker_and_type: int, head: bytes, now: float
    ) -> bytes:
        extension = extension_block(packet.elements, self.extension_ids) + self.hint
        payload = packet.payload
        if segment.picture_shift or segment.tl0_shift:
            payload = vp8.patched(payload, vp8.describe(payload), segment.picture_shift, segment.tl0_shift)
        log, word = self.receiver.path.log, None
        if self.numbered and log is not None:
            word = WORD | log.sent(24 + len(extension) + len(head) + len(payload) + TAG_LENGTH, now) << 8
        head_bytes = header(packet, number, marker_and_type, self.prefix, extension, segment.timestamp_shift, word)
        return outbound.protect(number, head_bytes, head + payload)


_NO_SHIFT: Final = Segment(0, 0, 0, 0, 0, 0)
