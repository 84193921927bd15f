"""The last packets of a voice: which numbers are taken, and what goes out again inside the packets that follow.

It decides what of a voice is too late, and which earlier packets one may carry. Nothing from before a pause is used after it: who was
muted must not be heard, and a number from then may stand for another payload (it is part of an SRTP nonce). It must never know consumers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from media.capabilities import RED
from media.history import History
from media.packet import Packet
from media.redundancy import LONGEST_OFFSET, Block, joined

#: Packets; 1.3 s at 20 ms. A voice that comes later is played by nobody.
REACH: Final = 64
#: What is larger is music, of which twice as much is worse than a gap: 100 kb/s in packets of 20 ms.
LARGEST: Final = 250
_PADDING: Final = 0x20
_U32: Final = 0xFFFF_FFFF


class Recent(History[Packet]):
    """`knows` before a packet is taken, `put` when it is."""

    __slots__ = ("_first", "_newest")

    def __init__(self) -> None:
        super().__init__(REACH)
        self._first: int | None = None
        self._newest = -1

    def begin_anew(self) -> None:
        """The voice was paused: the next packet is its first."""
        self._first = None

    def put(self, ordinal: int, packet: Packet, now: float) -> None:
        super().put(ordinal, packet, now)
        if self._first is None:
            self._first = ordinal
        self._newest = max(self._newest, ordinal)

    def knows(self, ordinal: int) -> bool:
        """Whether this number was there already, or is of no use any more."""
        first = self._first
        return first is None or ordinal < first or ordinal <= self._newest - REACH or super().knows(ordinal)

    def carried(self, packet: Packet, depth: int, now: float) -> list[Block]:
        """Up to `depth` packets before this one, oldest first, as far as they are in hand and worth it."""
        blocks: list[Block] = []
        first = packet.ordinal if self._first is None else self._first
        for ordinal in range(packet.ordinal - 1, max(packet.ordinal - depth, first) - 1, -1):
            earlier = self.get(ordinal, now)
            if earlier is None or earlier.first_byte & _PADDING:
                continue
            offset = packet.timestamp - earlier.timestamp & _U32
            if not 0 < offset <= LONGEST_OFFSET or len(earlier.payload) > LARGEST:
                break
            blocks.append(Block(offset, earlier.payload))
        return blocks[::-1]

    def redundant(self, packets: Sequence[Packet], depth: int, now: float) -> list[Packet]:
        """The same packets, each with those before it inside. Padding alone goes as it is."""
        return [packet if packet.first_byte & _PADDING else self._redundant(packet, depth, now) for packet in packets]

    def _redundant(self, packet: Packet, depth: int, now: float) -> Packet:
        kind = packet.marker_and_type
        payload = joined(kind & 0x7F, self.carried(packet, depth, now), packet.payload)
        return packet._replace(marker_and_type=kind & 0x80 | RED, payload=payload)
