"""The innermost loop: consumers that get the very same extensions and payload, as rows of sums.

A row is base, salt, prefix, SSRC, encrypt, address and timestamp shift; of a peer that reports arrivals also its send log. Sending to it
costs one `struct` pack, a few integer sums, one AES-GCM call and one output. Whoever shifts VP8 picture ids alike shares the patched
payload. `base + ordinal` is at once SSRC, rollover counter, sequence number and (XOR salt) nonce.

It must never know why a consumer is in the table. RFC 3711, RFC 7714, RFC 8285; trap: media-plane "packets of a frame differ by a byte".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from media import vp8
from media.express import Table
from media.packet import Line, Output, Outputs, Packet, Row, extension_block
from media.srtp import TAG_LENGTH, Encrypt
from media.stun import Address
from media.transportcc import SendLog

#: The kernel takes 64 segments and 65,507 bytes (UDP_MAX_SEGMENTS, IPv4); 48 × 1,250 stays inside both.
MAX_SEGMENTS: Final = 48
MAX_RUN_BYTES: Final = 60_000

_header = struct.Struct("!BBHIIQ")  # RTP header, extension header and the MID element
_numbered = struct.Struct("!BBHIIQI")  # … and the transport-wide number
_pack = _header.pack
_pack_numbered = _numbered.pack
HEADER_BYTES: Final = _header.size
NUMBERED_BYTES: Final = _numbered.size
#: One more word in the length of the extension block; the element of two bytes under the router's id of transport-cc.
ONE_WORD: Final = 1 << 32
_U32: Final = 0xFFFF_FFFF

NumberedRow = tuple[int, int, int, int, Encrypt, Address, int, SendLog]


def prefix_of(mid_id: int | None, mid: str) -> int:
    """The extension header and four bytes that every packet has: the MID element, or padding where the client does not take it
    (RFC 8285 §4.2).
    """
    element = bytes((mid_id << 4 | 2,)) + mid.encode("ascii") if mid_id is not None else bytes(4)
    return 0xBEDE << 48 | ONE_WORD | int.from_bytes(element, "big")


def header(packet: Packet, number: int, marker_and_type: int, prefix: int, extension: bytes, shift: int, word: int | None) -> bytes:
    """The header for one packet on its own. `number`: SSRC << 48 | index; `word`: the element with the transport-wide number."""
    words = len(extension) << 30
    stamp = packet.timestamp + shift & _U32
    if word is None:
        return _pack(packet.first_byte, marker_and_type, number & 0xFFFF, stamp, number >> 48, prefix + words) + extension
    return (
        _pack_numbered(packet.first_byte, marker_and_type, number & 0xFFFF, stamp, number >> 48, prefix + ONE_WORD + words, word)
        + extension
    )


class Lane:
    """Rows with the same extensions, the same shifts of VP8 numbers, all with or all without transport-wide numbers."""

    __slots__ = ("express", "extension_ids", "hint", "numbered", "numbered_rows", "picture_shift", "rows", "tl0_shift")

    def __init__(self, extension_ids: frozenset[int], hint: bytes, numbered: bool, picture_shift: int, tl0_shift: int) -> None:
        self.extension_ids = extension_ids
        self.hint = hint  # whole words of extension that every packet gets
        self.numbered = numbered
        self.picture_shift = picture_shift
        self.tl0_shift = tl0_shift
        self.rows: list[Row] = []
        self.numbered_rows: list[NumberedRow] = []
        self.express = Table()  # those served by the compiled twin, and only by it

    @property
    def is_compiled(self) -> bool:
        """Whether all rows are served by the compiled twin."""
        return not (self.rows or self.numbered_rows)

    def send(self, packets: Sequence[Packet], outputs: Outputs, now: float) -> None:
        if len(packets) == 1:
            cut = [[(packets[0], extension_block(packets[0].elements, self.extension_ids))]]
        else:
            cut = runs(packets, self.extension_ids)
        for run in cut:
            table = [self._line(packet, extension + self.hint) for packet, extension in run]
            size = (NUMBERED_BYTES if self.numbered else HEADER_BYTES) + len(table[0][5]) + len(table[0][6]) + TAG_LENGTH
            if self.express and outputs.express is not None:
                outputs.express.send(table, self.express, outputs, now)
            if self.numbered:
                (_send_numbered_run if len(table) > 1 else _send_numbered)(table, self.numbered_rows, size, outputs, now)
            elif len(table) > 1:
                _send_run(table, self.rows, size, outputs)
            else:
                _send_one(table[0], self.rows, outputs)

    def _line(self, packet: Packet, extension: bytes) -> Line:
        ordinal, first_byte, marker_and_type, timestamp, _, payload = packet
        if self.picture_shift or self.tl0_shift:
            payload = vp8.patched(payload, vp8.describe(payload), self.picture_shift, self.tl0_shift)
        return ordinal, first_byte, marker_and_type, timestamp, len(extension) << 30, extension, payload


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
            and len(found[-1]) < min(MAX_SEGMENTS, MAX_RUN_BYTES // (segment + NUMBERED_BYTES + TAG_LENGTH + 4))
        ):
            found[-1].append((packet, extension))
            closed = size < segment
        else:
            found.append([(packet, extension)])
            segment, closed = size, 0
    return found


def _send_one(line: Line, rows: Sequence[Row], outputs: list[Output]) -> None:
    ordinal, first_byte, marker_and_type, timestamp, words, extension, payload = line
    append = outputs.append
    for base, salt, prefix, ssrc, encrypt, address, shift in rows:
        number = base + ordinal
        header = _pack(first_byte, marker_and_type, number & 0xFFFF, timestamp + shift & _U32, ssrc, prefix + words) + extension
        append((header + encrypt((number ^ salt).to_bytes(12, "big"), payload, header), 0, address))


def _shifted(table: Sequence[Line], shift: int) -> Sequence[Line]:
    """Lines for a row whose timestamps are shifted; most are not, and pay nothing."""
    return [(ordinal, first, kind, stamp + shift & _U32, *rest) for ordinal, first, kind, stamp, *rest in table]  # type: ignore[misc]


def _send_run(table: Sequence[Line], rows: Sequence[Row], segment: int, outputs: list[Output]) -> None:
    for base, salt, prefix, ssrc, encrypt, address, shift in rows:
        buffers: list[bytes] = []
        append = buffers.append
        for ordinal, first_byte, marker_and_type, timestamp, words, extension, payload in _shifted(table, shift) if shift else table:
            number = base + ordinal
            header = _pack(first_byte, marker_and_type, number & 0xFFFF, timestamp, ssrc, prefix + words) + extension
            append(header)
            append(encrypt((number ^ salt).to_bytes(12, "big"), payload, header))
        outputs.append((buffers, segment, address))


def _send_numbered(table: Sequence[Line], rows: Sequence[NumberedRow], size: int, outputs: list[Output], now: float) -> None:
    ordinal, first_byte, marker_and_type, timestamp, words, extension, payload = table[0]
    append = outputs.append
    words += ONE_WORD
    for base, salt, prefix, ssrc, encrypt, address, shift, log in rows:
        number = base + ordinal
        word = WORD | log.sent(size, now) << 8
        stamp = timestamp + shift & _U32
        header = _pack_numbered(first_byte, marker_and_type, number & 0xFFFF, stamp, ssrc, prefix + words, word) + extension
        append((header + encrypt((number ^ salt).to_bytes(12, "big"), payload, header), 0, address))


def _send_numbered_run(table: Sequence[Line], rows: Sequence[NumberedRow], size: int, outputs: list[Output], now: float) -> None:
    count = len(table)
    for base, salt, prefix, ssrc, encrypt, address, shift, log in rows:
        buffers: list[bytes] = []
        append = buffers.append
        first = log.sent_run(count, size, now)
        prefix += ONE_WORD
        word, last = WORD | first << 8, WORD | 0xFFFF << 8
        for ordinal, first_byte, marker_and_type, timestamp, words, extension, payload in _shifted(table, shift) if shift else table:
            number = base + ordinal
            header = _pack_numbered(first_byte, marker_and_type, number & 0xFFFF, timestamp, ssrc, prefix + words, word) + extension
            word = word + 256 if word != last else WORD
            append(header)
            append(encrypt((number ^ salt).to_bytes(12, "big"), payload, header))
        outputs.append((buffers, size, address))


#: The transport-cc element under the router's id 5 with two bytes; the last byte is padding.
WORD: Final = 0x51 << 24
