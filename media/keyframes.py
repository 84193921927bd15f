"""When to ask a producer for a key frame, whether a packet begins one, and how tall the picture is.

Ten consumers that resume together need one key frame, not ten: each costs the sender ten times an ordinary frame. So a request is sent
at once, the next ones wait until `MIN_INTERVAL_SECONDS` passed, and one that stays without an answer is repeated a few times (RTCP is
lossy, RFC 4585 §6.3.1 leaves the repetition to the asker). It must never know RTCP, consumers or layers; ids are opaque. RFC 6386 §9.1,
RFC 6184 §5.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")

#: mediasoup's delay between requests is 0 by default and 1 s where set; libwebrtc's own receiver asks at most every 0.2–0.3 s.
MIN_INTERVAL_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 1.0
MAX_TRIES: Final = 5
#: On a long way a lost request costs a picture: it is told twice, so far apart. libwebrtc takes what comes within 0.3 s for one.
ECHO_SECONDS: Final = 0.03


@dataclass(slots=True)
class _Asked:
    at: float
    tries: int
    waiting: bool  # asked, no key frame yet
    again: bool = False  # wanted anew after the key frame came, but too early
    echo_at: float | None = None  # when to tell it a second time


class KeyframeThrottle(Generic[T]):
    """One for all producers of a router; `request` and `due` say "send now", `satisfied` ends the waiting."""

    def __init__(self, min_interval: float = MIN_INTERVAL_SECONDS, retry: float = RETRY_SECONDS, max_tries: int = MAX_TRIES) -> None:
        self._min_interval = min_interval
        self._retry = retry
        self._max_tries = max_tries
        self._asked: dict[T, _Asked] = {}

    def request(self, id: T, now: float, *, twice: bool = False) -> bool:
        """A consumer needs a key frame of `id`. True: send the request now. False: one is on its way, or `due` will name it. `twice`:
        `due` will name it once more, in case this one is lost.
        """
        asked = self._asked.get(id)
        if asked is None or now - asked.at >= self._min_interval:
            self._asked[id] = _Asked(now, 1, waiting=True, echo_at=now + ECHO_SECONDS if twice else None)
            return True
        asked.again = asked.again or not asked.waiting
        return False

    @property
    def waits(self) -> bool:
        """Whether a request is put off, or without an answer."""
        return any(asked.waiting or asked.again for asked in self._asked.values())

    def due(self, now: float) -> list[T]:
        """Ids to send a request for now: put off earlier, told twice, or unanswered for too long."""
        return [id for id, asked in list(self._asked.items()) if self._is_due(id, asked, now)]

    def _is_due(self, id: T, asked: _Asked, now: float) -> bool:
        if asked.again and now - asked.at >= self._min_interval:
            self._asked[id] = _Asked(now, 1, waiting=True)
            return True
        if asked.waiting and asked.echo_at is not None and now >= asked.echo_at:
            asked.echo_at = None
            return True
        if not asked.waiting or now - asked.at < self._retry:
            return False
        if asked.tries >= self._max_tries:  # the producer sends nothing; the next `request` starts afresh
            del self._asked[id]
            return False
        self._asked[id] = _Asked(now, asked.tries + 1, waiting=True)
        return True

    def satisfied(self, id: T) -> None:
        """A key frame of `id` arrived: it serves everyone who asked until now."""
        asked = self._asked.get(id)
        if asked is not None:
            asked.waiting = asked.again = False

    def forget(self, id: T) -> None:
        self._asked.pop(id, None)


def is_vp8_keyframe(payload: bytes | bytearray | memoryview, start: int = 0) -> bool:
    """Whether an RTP payload (from `start`) is the first packet of a VP8 key frame: S and PID 0 (RFC 7741 §4.2), P = 0 (§4.3)."""
    end = len(payload)
    if end <= start:
        return False
    first = payload[start]
    if first & 0x17 != 0x10:  # start of a partition, and that of index 0
        return False
    at = start + 1
    if first & 0x80:  # extended control bits
        if end <= at:
            return False
        extension = payload[at]
        at += 1
        if extension & 0x80:  # picture id, of 7 or 15 bits
            if end <= at:
                return False
            at += 2 if payload[at] & 0x80 else 1
        if extension & 0x40:  # TL0PICIDX
            at += 1
        if extension & 0x30:  # TID and KEYIDX share a byte
            at += 1
    return end > at and payload[at] & 0x01 == 0


def picture_height(payload: bytes) -> int:
    """Of a VP8 key frame's first packet (RFC 6386 §9.1): frame tag of three bytes, start code, width and height of 14 bits; else 0."""
    at = payload.find(b"\x9d\x01\x2a", 1, 16)
    return (payload[at + 5] | payload[at + 6] << 8) & 0x3FFF if 0 < at < len(payload) - 6 else 0


_IDR: Final = 5
_SPS: Final = 7
_STAP_A: Final = 24
_FU_A: Final = 28


def is_h264_keyframe(payload: bytes) -> bool:
    """Whether an H.264 payload begins what a decoder can begin with: parameter sets, or an IDR picture; alone, in an aggregation
    (STAP-A) or as the first fragment (FU-A).
    """
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == _FU_A:
        return bool(payload[1] & 0x80) and payload[1] & 0x1F in (_IDR, _SPS)
    if kind != _STAP_A:
        return kind in (_IDR, _SPS)
    at = 1
    while at + 2 < len(payload):
        if payload[at + 2] & 0x1F in (_IDR, _SPS):
            return True
        at += 2 + (payload[at] << 8 | payload[at + 1])
    return False


def never(payload: bytes) -> bool:
    return False


KEYFRAME_OF: Final[dict[str, Callable[[bytes], bool]]] = {"video/vp8": is_vp8_keyframe, "video/h264": is_h264_keyframe}
