"""Payloads of one video stream put together to pictures, as a file keeps them; one class for each codec.

It decides where a picture begins and ends, and that half of one is none. It must never know which stream it is, nor ask for key frames:
`forget` tells it that something is missing. RFC 7741 (VP8), RFC 6184 (H.264).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from media import h264, vp8
from media.matroska import Track

#: More than any picture of a meeting; a sender that never ends one must not fill the memory.
MOST_BYTES: Final = 4 << 20


class Picture(NamedTuple):
    key: bool  # a decoder can begin here
    data: bytes


class Assembly(Protocol):
    def put(self, payload: bytes, timestamp: int, last: bool) -> Picture | None:
        """One payload in its order; `last` of its picture. → the picture, when it is whole."""

    def forget(self) -> None:
        """Something before the next payload is lost."""

    def track(self, key: bytes) -> Track | None:
        """What a file that begins with this key picture says of itself; None: nothing can be said of it."""


class Vp8Pictures:
    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0
        self._stamp = -1

    def forget(self) -> None:
        self._parts = []

    def put(self, payload: bytes, timestamp: int, last: bool) -> Picture | None:
        found = vp8.describe(payload)
        if found.starts_frame:
            self._parts, self._bytes, self._stamp = [], 0, timestamp
        elif not self._parts or timestamp != self._stamp:
            self._parts = []
            return None
        self._parts.append(payload[found.length :])
        self._bytes += len(payload)
        if self._bytes > MOST_BYTES:
            self._parts = []
        if not last:
            return None
        data, self._parts = b"".join(self._parts), []
        return Picture(len(data) > 10 and not data[0] & 1, data)

    def track(self, key: bytes) -> Track | None:
        width, height = (int.from_bytes(key[place : place + 2], "little") & 0x3FFF for place in (6, 8))  # RFC 6386 §9.1
        return Track("V_VP8", width, height)


class H264Pictures:
    """A key picture is one that brings its parameter sets, as every browser sends them: a file can begin there."""

    def __init__(self) -> None:
        self._units: list[bytes] = []
        self._piece: bytearray | None = None  # of a unit that came in fragments
        self._bytes = 0
        self._stamp = -1
        self._doubtful = False  # whether the next picture has its beginning
        self._whole = True

    def forget(self) -> None:
        self._stamp, self._doubtful = -1, True

    def put(self, payload: bytes, timestamp: int, last: bool) -> Picture | None:
        begins = h264.begins_sequence(payload)
        if timestamp != self._stamp or (begins and not self._whole):
            self._units, self._piece, self._bytes, self._stamp = [], None, 0, timestamp
            self._whole, self._doubtful = begins or not self._doubtful, False
        self._take(payload)
        self._bytes += len(payload)
        self._whole = self._whole and self._bytes <= MOST_BYTES
        if not last:
            return None
        units, self._units, self._stamp = self._units, [], -1
        if not self._whole or self._piece is not None or not units:
            return None
        key = any(h264.kind(unit) == h264.IDR for unit in units) and bool(h264.configuration(units))
        return Picture(key, h264.framed(units))

    def _take(self, payload: bytes) -> None:
        kind = h264.kind(payload)
        if not self._whole or not payload:
            return
        if kind == h264.STAP_A:
            self._units += h264.aggregated(payload)
        elif kind == h264.FU_A:
            self._whole = self._fragment(payload)
        else:
            self._units.append(payload)

    def _fragment(self, payload: bytes) -> bool:
        """False: it continues nothing."""
        if len(payload) < 3:
            return False
        if payload[1] & 0x80:
            self._piece = bytearray((payload[0] & 0xE0 | payload[1] & 0x1F,))
        if self._piece is None:
            return False
        self._piece += payload[2:]
        if payload[1] & 0x40:
            self._units.append(bytes(self._piece))
            self._piece = None
        return True

    def track(self, key: bytes) -> Track | None:
        units = h264.split(key)
        width, height = next((h264.size(unit) for unit in units if h264.kind(unit) == h264.SPS), (0, 0))
        return Track("V_MPEG4/ISO/AVC", width, height, private=h264.configuration(units)) if width else None


#: By the codec's MIME type in small letters.
PICTURES: Final[dict[str, Callable[[], Assembly]]] = {"video/vp8": Vp8Pictures, "video/h264": H264Pictures}
