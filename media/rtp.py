"""Where things are in an RTP packet, by offset. RFC 3550 §5.1, RFC 8285, RFC 6464, RFC 4588, RFC 5761.

Nothing here makes an object out of a packet: functions take bytes and give offsets, integers or slices, because each packet passes them
once and each object would cost more than the encryption. It must never know who sent a packet or who will get it.
"""

from __future__ import annotations

from typing import Final

HEADER_LENGTH: Final = 12
ONE_BYTE_PROFILE: Final = 0xBEDE
TWO_BYTE_PROFILE: Final = 0x1000


def is_rtcp(packet: bytes) -> bool:
    """Payload types 64–95 with the marker bit mean RTCP on a multiplexed port (RFC 5761 §4)."""
    return 192 <= packet[1] <= 223


def payload_offset(packet: bytes) -> int:
    """Length of the fixed header, CSRCs and extension block; -1 when the packet is too short or not version 2."""
    if len(packet) < HEADER_LENGTH or packet[0] >> 6 != 2:
        return -1
    offset = HEADER_LENGTH + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if len(packet) < offset + 4:
            return -1
        offset += 4 + 4 * (packet[offset + 2] << 8 | packet[offset + 3])
    return offset if offset <= len(packet) else -1


def extensions(packet: bytes) -> list[tuple[int, bytes]]:
    """(id, value) of every header extension element, both header forms; a torn element ends the list. Call after `payload_offset`."""
    if not packet[0] & 0x10:
        return []
    at = HEADER_LENGTH + 4 * (packet[0] & 0x0F)
    profile = packet[at] << 8 | packet[at + 1]
    end = at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3])
    if profile == ONE_BYTE_PROFILE:
        return _one_byte(packet, at + 4, end)
    return _two_byte(packet, at + 4, end) if profile & 0xFFF0 == TWO_BYTE_PROFILE else []


def _one_byte(packet: bytes, at: int, end: int) -> list[tuple[int, bytes]]:
    found = []
    while at < end:
        head = packet[at]
        if head == 0:  # padding
            at += 1
            continue
        after = at + 2 + (head & 0x0F)
        if head >> 4 == 15 or after > end:  # RFC 8285 §4.2: id 15 ends the block
            break
        found.append((head >> 4, packet[at + 1 : after]))
        at = after
    return found


def _two_byte(packet: bytes, at: int, end: int) -> list[tuple[int, bytes]]:
    found = []
    while at + 1 < end:
        if packet[at] == 0:
            at += 1
            continue
        after = at + 2 + packet[at + 1]
        if after > end:
            break
        found.append((packet[at], packet[at + 2 : after]))
        at = after
    return found


def one_byte_element(identifier: int, value: bytes) -> bytes:
    """One element of the one-byte form; the value has 1–16 bytes."""
    return bytes((identifier << 4 | len(value) - 1,)) + value


def without_padding(first_byte: int, payload: bytes) -> bytes | None:
    """The payload without RTP padding; None when the padding count is impossible, b"" for padding only."""
    if not first_byte & 0x20:
        return payload
    count = payload[-1] if payload else 0
    return payload[:-count] if 0 < count <= len(payload) else None


def padded(payload: bytes, count: int) -> bytes:
    """The payload with `count` (1–255) bytes of RTP padding behind it; the header needs its P bit."""
    return payload + bytes(count - 1) + bytes((count,))


def abs_send_time(now: float) -> bytes:
    """The 24-bit 6.18 fixed-point seconds of the abs-send-time extension."""
    return (int(now * 262144.0) & 0xFFFFFF).to_bytes(3, "big")
