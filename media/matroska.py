"""WebM, and Matroska for what WebM does not take, as bytes: the head of a file with one track, clusters of blocks, and what is added or
written over when the file is complete.

It decides the layout that makes a file worth something at every moment: the segment says no length, each cluster is complete in itself, and
the places for what is known only at the end (length, seek head, duration) are kept free. A file that is cut off anywhere plays up to
there; a finished one can be searched. It must never know packets, clocks or files. RFC 8794 (EBML), RFC 9559 (Matroska).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_UNKNOWN: Final = b"\x01" + b"\xff" * 7
#: An SeekHead with two entries fits, and the Void that stands there until then.
_SEEK_BYTES: Final = 64
_DURATION_BYTES: Final = 11
#: Samples an Opus decoder swallows at its start, as libopus encoders say (6.5 ms at 48 kHz), and how long it needs to converge.
_PRE_SKIP: Final = 312
_PRE_SKIP_NS: Final = 6_500_000
_PRE_ROLL_NS: Final = 80_000_000
_RATE: Final = 48_000

EBML, SEGMENT, SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, VOID = (
    0x1A45DFA3,
    0x18538067,
    0x114D9B74,
    0x1549A966,
    0x1654AE6B,
    0x1F43B675,
    0x1C53BB6B,
    0xEC,
)


def _id(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _size(length: int) -> bytes:
    """The shortest length: 1 to 8 bytes, all ones being "unknown"."""
    width = next(width for width in range(1, 9) if length < (1 << 7 * width) - 1)
    return (length | 1 << 7 * width).to_bytes(width, "big")


def element(number: int, *content: bytes) -> bytes:
    body = b"".join(content)
    return _id(number) + _size(len(body)) + body


def unsigned(number: int, value: int) -> bytes:
    return element(number, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _text(number: int, value: str) -> bytes:
    return element(number, value.encode())


def void(total: int) -> bytes:
    """So many bytes that mean nothing."""
    return (
        b"\xec" + (total - 9 | 1 << 56).to_bytes(8, "big") + bytes(total - 9)
        if total > 9
        else b"\xec" + _size(total - 2) + bytes(total - 2)
    )


@dataclass(frozen=True)
class Track:
    """`width`, `height` of a picture; `channels` of a voice; `private`: what a decoder must have beforehand."""

    codec: str  # V_VP8, V_MPEG4/ISO/AVC or A_OPUS
    width: int = 0
    height: int = 0
    channels: int = 2
    private: bytes = b""

    @property
    def video(self) -> bool:
        return self.codec.startswith("V_")

    @property
    def kind(self) -> str:
        """Of the file: WebM is Matroska with few codecs."""
        return "webm" if self.codec in ("V_VP8", "A_OPUS") else "matroska"

    def entry(self) -> bytes:
        common = unsigned(0xD7, 1) + unsigned(0x73C5, 1) + unsigned(0x9C, 0) + _text(0x86, self.codec)
        if self.video:
            picture = element(0xE0, unsigned(0xB0, self.width), unsigned(0xBA, self.height))
            return element(0xAE, common, unsigned(0x83, 1), element(0x63A2, self.private) if self.private else b"", picture)
        private = struct.pack("<8sBBHIhB", b"OpusHead", 1, self.channels, _PRE_SKIP, _RATE, 0, 0)
        sound = element(0xE1, element(0xB5, struct.pack(">d", _RATE)), unsigned(0x9F, self.channels))
        delays = unsigned(0x56AA, _PRE_SKIP_NS) + unsigned(0x56BB, _PRE_ROLL_NS)
        return element(0xAE, common, unsigned(0x83, 2), element(0x63A2, private), delays, sound)


@dataclass(frozen=True)
class Head:
    """The first bytes of a file, and where in it the places kept free are."""

    data: bytes
    segment_at: int  # of the segment's length; positions inside the segment count from eight bytes later
    info_at: int
    duration_at: int
    tracks_at: int

    @property
    def base(self) -> int:
        return self.segment_at + 8


def head(track: Track) -> Head:
    start = element(
        EBML,
        *(unsigned(number, value) for number, value in ((0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8))),
        _text(0x4282, track.kind),
        unsigned(0x4287, 4),
        unsigned(0x4285, 2),
    ) + _id(SEGMENT)
    segment_at = len(start)
    info_at = segment_at + 8 + _SEEK_BYTES
    names = unsigned(0x2AD7B1, 1_000_000) + _text(0x4D80, "Branchline") + _text(0x5741, "Branchline")
    info = element(INFO, names, void(_DURATION_BYTES))
    data = start + _UNKNOWN + void(_SEEK_BYTES) + info
    return Head(data + element(TRACKS, track.entry()), segment_at, info_at, len(data) - _DURATION_BYTES, len(data))


@dataclass(frozen=True)
class Block:
    at: int  # ms since the recording began
    key: bool
    data: bytes


def cluster(at: int, blocks: Sequence[Block]) -> bytes:
    """Blocks less than 32 s after `at`, in order."""
    parts = [unsigned(0xE7, at)]
    for block in blocks:
        parts.append(element(0xA3, b"\x81" + struct.pack(">hB", block.at - at, 0x80 if block.key else 0), block.data))
    return element(CLUSTER, *parts)


def cues(marks: Sequence[tuple[int, int]]) -> bytes:
    """`marks`: (ms, position of the cluster counted from the segment's content)."""
    points = (element(0xBB, unsigned(0xB3, at), element(0xB7, unsigned(0xF7, 1), unsigned(0xF1, place))) for at, place in marks)
    return element(CUES, *points)


def finishing(made: Head, length: int, duration: int, marks: Sequence[tuple[int, int]]) -> list[tuple[int, bytes]]:
    """What is written where to complete a file of `length` bytes that lasts to `duration` ms. The length comes last: it makes it true."""
    index = cues(marks)
    places = ((INFO, made.info_at), (TRACKS, made.tracks_at), (CUES, length))
    seeks = element(SEEK_HEAD, *(element(0x4DBB, element(0x53AB, _id(number)), unsigned(0x53AC, at - made.base)) for number, at in places))
    return [
        (length, index),
        (made.base, seeks + void(_SEEK_BYTES - len(seeks))),
        (made.duration_at, element(0x4489, struct.pack(">d", float(duration)))),
        (made.segment_at, (length + len(index) - made.base | 1 << 56).to_bytes(8, "big")),
    ]
