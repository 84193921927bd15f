"""Where the VP8 payload descriptor keeps its picture id, TL0PICIDX and temporal layer, and how they are changed (RFC 7741 §4.2).

`describe` is called once per received packet; whoever continues another line calls `patched` once per line, not once per consumer: all
consumers with equal shifts share the bytes. It must never know consumers, SSRCs or what the shifts are for. Key frames are told by
`media.keyframes`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from media.keyframes import is_vp8_keyframe

__all__ = ["NONE", "Descriptor", "describe", "is_vp8_keyframe", "patched", "shifted"]


class Descriptor(NamedTuple):
    """Offsets are from the start of the payload; -1 where the field is absent."""

    length: int  # of the descriptor
    picture_at: int
    picture: int
    wide: bool  # picture id of 15 bits, else 7
    tl0_at: int
    tl0: int
    tid: int  # temporal layer, 0 the base
    sync: bool  # a layer-sync frame: needs the base layer only, so a receiver may begin this layer here
    starts_frame: bool


#: What a packet without extended bits says; also the answer for bytes that are no descriptor.
NONE: Final = Descriptor(0, -1, -1, False, -1, -1, -1, False, False)


def describe(payload: bytes) -> Descriptor:
    """The descriptor at the head of an RTP payload; NONE when it is cut (nothing may be changed then)."""
    end = len(payload)
    if not end:
        return NONE
    first = payload[0]
    starts = first & 0x17 == 0x10
    if not first & 0x80:
        return Descriptor(1, -1, -1, False, -1, -1, -1, False, starts)
    if end < 2:
        return NONE
    flags, at = payload[1], 2
    picture_at = picture = tl0_at = tl0 = tid = -1
    wide = sync = False
    if flags & 0x80:
        if end <= at:
            return NONE
        picture_at, picture = at, payload[at]
        wide = picture > 127
        at += 2 if wide else 1
        if wide and end >= at:
            picture = (picture & 0x7F) << 8 | payload[at - 1]
    tl0_at, at = (at, at + 1) if flags & 0x40 else (-1, at)
    tid_at, at = (at, at + 1) if flags & 0x30 else (-1, at)
    if at > end:
        return NONE
    if tl0_at >= 0:
        tl0 = payload[tl0_at]
    if flags & 0x20:
        tid, sync = payload[tid_at] >> 6, bool(payload[tid_at] & 0x20)
    return Descriptor(at, picture_at, picture, wide, tl0_at, tl0, tid, sync, starts)


def shifted(found: Descriptor, picture_shift: int, tl0_shift: int) -> tuple[int, int]:
    """(picture id, TL0PICIDX) after the shifts, each in its own modulus; -1 where absent."""
    modulus = 0x7FFF if found.wide else 0x7F
    picture = found.picture + picture_shift & modulus if found.picture >= 0 else -1
    return picture, found.tl0 + tl0_shift & 0xFF if found.tl0 >= 0 else -1


def patched(payload: bytes, found: Descriptor, picture_shift: int, tl0_shift: int) -> bytes:
    """The payload with both numbers shifted; the same object when nothing changes. Widths stay as the sender chose them."""
    if not (picture_shift or tl0_shift) or found.length < 3:
        return payload
    picture, tl0 = shifted(found, picture_shift, tl0_shift)
    copy = bytearray(payload)
    at = found.picture_at
    if at >= 0:
        if found.wide:
            copy[at], copy[at + 1] = 0x80 | picture >> 8, picture & 0xFF
        else:
            copy[at] = picture
    if found.tl0_at >= 0:
        copy[found.tl0_at] = tl0
    return bytes(copy)
