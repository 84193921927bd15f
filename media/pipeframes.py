"""What two workers say to each other through a pipe: frames of a byte stream, and nothing else.

Near is where a producer's client is; far is where more of its consumers are. A channel stands for one producer in one pipe. All whole
numbers are big-endian; `length` counts what follows it. It must never know sockets. Both ends are of one release: nothing is negotiated.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from media.packet import Packet

#: length, kind, channel, layer
_HEAD: Final = struct.Struct("!HBHB")
_PACKET: Final = struct.Struct("!HBHBQBBIB")  # … ordinal, first byte, marker and type, timestamp, bytes of elements
_CLOCK: Final = struct.Struct("!HBHBQId")  # … NTP, RTP timestamp, when the report came (CLOCK_MONOTONIC, which both processes share)
PACKET, BIND, CLOCK, KEYFRAME = 1, 2, 3, 4
_LENGTH: Final = 2


class Bind(NamedTuple):
    """near → far: this channel is that producer."""

    channel: int
    producer_id: str


class Clock(NamedTuple):
    """near → far: the sender's clock of one layer, from its last report."""

    channel: int
    layer: int
    ntp: int
    rtp_timestamp: int
    at: float


class Forwarded(NamedTuple):
    """near → far: one packet of one layer."""

    channel: int
    layer: int
    packet: Packet


class Keyframe(NamedTuple):
    """far → near: somebody needs a key frame of this layer."""

    channel: int
    layer: int


Frame = Bind | Clock | Forwarded | Keyframe


class PipeError(Exception):
    """Bytes that are no frames: the two ends disagree, and the pipe is of no more use."""


def packet(channel: int, layer: int, packet: Packet) -> bytes:
    ordinal, first_byte, marker_and_type, timestamp, elements, payload = packet
    block = b"".join([element for _, element in elements])
    length = _PACKET.size - _LENGTH + len(block) + len(payload)
    return _PACKET.pack(length, PACKET, channel, layer, ordinal, first_byte, marker_and_type, timestamp, len(block)) + block + payload


def bind(channel: int, producer_id: str) -> bytes:
    name = producer_id.encode("ascii")
    return _HEAD.pack(_HEAD.size - _LENGTH + len(name), BIND, channel, 0) + name


def clock(channel: int, layer: int, ntp: int, rtp_timestamp: int, at: float) -> bytes:
    return _CLOCK.pack(_CLOCK.size - _LENGTH, CLOCK, channel, layer, ntp, rtp_timestamp, at)


def keyframe(channel: int, layer: int) -> bytes:
    return _HEAD.pack(_HEAD.size - _LENGTH, KEYFRAME, channel, layer)


class Splitter:
    """Bytes as they come → frames; iterate as far as there is time, the rest waits."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0

    def feed(self, data: bytes) -> None:
        self._bytes = self._bytes[self._at :] + data if self._at < len(self._bytes) else data
        self._at = 0

    def frames(self) -> Iterator[Frame]:
        while len(self._bytes) - self._at >= _LENGTH:
            end = self._at + _LENGTH + int.from_bytes(self._bytes[self._at : self._at + _LENGTH], "big")
            if end > len(self._bytes):
                return
            frame = _parsed(self._bytes, self._at, end)
            self._at = end
            yield frame


def _parsed(data: bytes, at: int, end: int) -> Frame:
    try:
        _, kind, channel, layer = _HEAD.unpack_from(data, at)
        if kind == PACKET:
            _, _, _, _, ordinal, first_byte, marker_and_type, timestamp, block = _PACKET.unpack_from(data, at)
            start = at + _PACKET.size
            elements = _elements(data[start : start + block])
            return Forwarded(channel, layer, Packet(ordinal, first_byte, marker_and_type, timestamp, elements, data[start + block : end]))
        if kind == CLOCK:
            return Clock(channel, layer, *_CLOCK.unpack_from(data, at)[4:])
        if kind == BIND:
            return Bind(channel, data[at + _HEAD.size : end].decode("ascii"))
        if kind == KEYFRAME:
            return Keyframe(channel, layer)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise PipeError(str(error)) from error
    raise PipeError(f"a frame of kind {kind}")


def _elements(block: bytes) -> tuple[tuple[int, bytes], ...]:
    """One-byte elements (RFC 8285 §4.2) name their own length, so nothing else is needed to take them apart."""
    found = []
    at = 0
    while at < len(block):
        end = at + 2 + (block[at] & 0x0F)
        found.append((block[at] >> 4, block[at:end]))
        at = end
    return tuple(found)
