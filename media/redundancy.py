"""Voices that carry their own past: a payload may hold earlier packets again, so that a loss mends without a round trip. RFC 2198 ("RED").

It decides what such a payload must look like, and which packet an earlier block is. Opus is the only codec inside, whose first byte tells
how long a block lasts (RFC 6716 §3.1, §3.2). It must never know streams, consumers or why redundancy is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

#: Beside the primary. Browsers send one and can be made to send a few; offsets of 14 bits end at 0.34 s anyhow.
MAX_BLOCKS: Final = 8
LONGEST_OFFSET: Final = 0x3FFF
LONGEST_BLOCK: Final = 0x3FF
_HEAD_BYTES: Final = 4
_MORE: Final = 0x80
_U32: Final = 0xFFFF_FFFF
#: Opus at 48 kHz: ticks of one frame by the low bits of the configuration, and the most that a packet may hold (120 ms).
_SILK: Final = (480, 960, 1920, 2880)
_HYBRID: Final = (480, 960)
_CELT: Final = (120, 240, 480, 960)
_LONGEST_PACKET: Final = 5760


class Block(NamedTuple):
    offset: int  # ticks before the packet that carries it
    payload: bytes


class Found(NamedTuple):
    """A packet that was lost and has come as a block of a later one."""

    ordinal: int
    timestamp: int
    payload: bytes


def split(payload: bytes, payload_type: int) -> tuple[list[Block], bytes] | None:
    """→ (earlier blocks of that payload type, oldest first; the primary). None: malformed, or the primary is of another type."""
    heads: list[tuple[int, int, int]] = []
    at, size = 0, len(payload)
    while at < size and payload[at] & _MORE:
        if at + _HEAD_BYTES > size or len(heads) == MAX_BLOCKS:
            return None
        word = int.from_bytes(payload[at : at + _HEAD_BYTES], "big")
        heads.append((word >> 24 & 0x7F, word >> 10 & LONGEST_OFFSET, word & LONGEST_BLOCK))
        at += _HEAD_BYTES
    if at >= size or payload[at] != payload_type:
        return None
    at += 1
    earlier = []
    for kind, offset, length in heads:
        if kind == payload_type and length:
            earlier.append(Block(offset, payload[at : at + length]))
        at += length
    return (earlier, payload[at:]) if at < size else None  # a torn block leaves nothing for the primary


def joined(payload_type: int, earlier: Sequence[Block], primary: bytes) -> bytes:
    """The other way round; offsets and lengths within LONGEST_OFFSET and LONGEST_BLOCK."""
    head = (_MORE | payload_type) << 24
    heads = [(head | offset << 10 | len(block)).to_bytes(_HEAD_BYTES, "big") for offset, block in earlier]
    return b"".join([*heads, bytes((payload_type,)), *[block for _, block in earlier], primary])


def ticks(packet: bytes) -> int:
    """How long an Opus packet lasts, at 48 kHz; 0 for what is none."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = _SILK[config & 3]
    elif config < 16:
        frame = _HYBRID[config & 1]
    else:
        frame = _CELT[config & 3]
    count = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[code]
    return frame * count if frame * count <= _LONGEST_PACKET else 0


def missing(earlier: Sequence[Block], ordinal: int, timestamp: int, knows: Callable[[int], bool]) -> list[Found]:
    """Those of the blocks that did not come as packets, oldest first. A block has no number of its own: it is that of the packet right
    before if it lasts exactly until there; behind a hole nothing can be told. `knows`: whether a number is in hand, or of no use.
    """
    found: list[Found] = []
    after = 0
    for offset, payload in reversed(earlier):
        if offset <= after or offset - after != ticks(payload):
            break
        after = offset
        ordinal -= 1
        if not knows(ordinal):
            found.append(Found(ordinal, timestamp - offset & _U32, payload))
    return found[::-1]
