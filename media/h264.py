"""H.264 as packets carry it and as files keep it: units out of payloads, and what the head of a file must say of a sequence.

It decides nothing; what cannot be read gives nothing. It must never know packets' numbers, streams or files. RFC 6184 §5.2 (packetization
modes 0 and 1: single units, STAP-A, FU-A), ISO/IEC 14496-15 §5.3.3.1 (the configuration record), ITU-T H.264 §7.3.2.1 (parameter sets).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

IDR, SPS, PPS = 5, 7, 8
STAP_A: Final = 24
FU_A: Final = 28
#: Profiles whose sequence parameter set says more about colour (§7.3.2.1.1).
_RICH: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})


def kind(unit: bytes) -> int:
    return unit[0] & 0x1F if unit else 0


def aggregated(payload: bytes) -> list[bytes]:
    """The units of a STAP-A payload, up to where it makes sense."""
    units, at = [], 1
    while at + 2 < len(payload):
        length = payload[at] << 8 | payload[at + 1]
        unit = payload[at + 2 : at + 2 + length]
        if not unit or len(unit) < length:
            break
        units.append(unit)
        at += 2 + length
    return units


def begins_sequence(payload: bytes) -> bool:
    """A picture that any decoder can begin with starts here: with a sequence parameter set, alone or first of several."""
    if kind(payload) == STAP_A:
        return [kind(unit) for unit in aggregated(payload)[:1]] == [SPS]
    return kind(payload) == SPS


def framed(units: Sequence[bytes]) -> bytes:
    """A picture as files keep it: each unit behind its length of four bytes."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def split(data: bytes) -> list[bytes]:
    """The units of what `framed` made."""
    units, at = [], 0
    while at + 4 <= len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        units.append(data[at + 4 : end])
        at = end
    return units


def configuration(units: Sequence[bytes]) -> bytes:
    """The decoder configuration record of a picture that brings its parameter sets; b"" when it does not."""
    sequences = [unit for unit in units if kind(unit) == SPS and len(unit) > 3][:31]
    pictures = [unit for unit in units if kind(unit) == PPS][:255]
    if not sequences or not pictures:
        return b""
    sets = [b"".join(len(unit).to_bytes(2, "big") + unit for unit in some) for some in (sequences, pictures)]
    head = bytes((1, *sequences[0][1:4], 0xFF))
    return head + bytes((0xE0 | len(sequences),)) + sets[0] + bytes((len(pictures),)) + sets[1]


def size(sequence: bytes) -> tuple[int, int]:
    """Width and height a sequence parameter set speaks of; (0, 0) when it cannot be read."""
    try:
        return _size(_Bits(sequence[1:].replace(b"\0\0\3", b"\0\0")))
    except IndexError:
        return 0, 0


class _Bits:
    """Numbers out of bits, §9.1. IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self._data[self._at >> 3] >> (7 - (self._at & 7)) & 1
            self._at += 1
        return value

    def number(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise IndexError
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        number = self.number()
        return (number + 1) // 2 if number & 1 else -(number // 2)


def _size(bits: _Bits) -> tuple[int, int]:
    profile = bits.take(8)
    bits.take(16)  # constraints, level
    bits.number()
    chroma = _colour(bits) if profile in _RICH else 1
    bits.number()
    _order(bits)
    bits.number()
    bits.take(1)
    columns, rows = bits.number() + 1, bits.number() + 1
    fields = 1 - bits.take(1)
    if fields:
        bits.take(1)
    bits.take(1)
    left, right, top, bottom = [bits.number() for _ in range(4)] if bits.take(1) else [0] * 4
    across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1) * (1 + fields)
    width, height = 16 * columns - across * (left + right), 16 * rows * (1 + fields) - down * (top + bottom)
    return (width, height) if 0 < width <= 16_384 and 0 < height <= 16_384 else (0, 0)


def _colour(bits: _Bits) -> int:
    """→ chroma_format_idc."""
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    bits.number()
    bits.number()
    bits.take(1)
    if bits.take(1):
        for number in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _scaling(bits, 16 if number < 6 else 64)
    return chroma


def _scaling(bits: _Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = last + bits.signed() & 0xFF
        last = following or last


def _order(bits: _Bits) -> None:
    """How pictures are counted: of no interest, but it stands in between."""
    way = bits.number()
    if way == 0:
        bits.number()
    elif way == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.number(), 255)):
            bits.signed()
