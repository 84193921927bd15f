"""Offsets and slices of RTP packets, whole and torn."""

import struct

import pytest

from media.rtp import abs_send_time, extensions, is_rtcp, one_byte_element, padded, payload_offset, without_padding


def packet(first: int = 0x90, csrcs: int = 0, profile: int = 0xBEDE, block: bytes = b"") -> bytes:
    head = struct.pack("!BBHII", first | csrcs, 96, 1, 2, 3) + bytes(4 * csrcs)
    if not first & 0x10:
        return head + b"payload"
    block += bytes(-len(block) % 4)
    return head + struct.pack("!HH", profile, len(block) // 4) + block + b"payload"


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (packet(0x80), 12),
        (packet(0x80, csrcs=3), 24),
        (packet(0x90, block=b"\x10a"), 20),
        (packet(0x90, csrcs=2, block=b"\x10a"), 28),
        (b"\x80" * 11, -1),
        (b"\x40" + bytes(30), -1),  # version 1
        (b"\x8f" + bytes(20), -1),  # fifteen CSRCs that are not there
        (packet(0x90)[:14], -1),
        (struct.pack("!BBHIIHH", 0x90, 96, 1, 2, 3, 0xBEDE, 9), -1),
    ],
)
def test_the_payload_is_found_or_the_packet_refused(data: bytes, offset: int) -> None:
    assert payload_offset(data) == offset


@pytest.mark.parametrize(
    ("data", "elements"),
    [
        (packet(0x80), []),
        (packet(block=b"\x10a\x00\x00\x22bcd"), [(1, b"a"), (2, b"bcd")]),
        (packet(block=b"\x10a\xf0z\x20b"), [(1, b"a")]),  # id 15 ends the block
        (packet(block=b"\x10a\x2fb"), [(1, b"a")]),  # longer than the block
        (packet(profile=0x1000, block=b"\x01\x01a\x00\x02\x00\x14\x02bc"), [(1, b"a"), (2, b""), (20, b"bc")]),
        (packet(profile=0x1000, block=b"\x01\x09a"), []),
        (packet(profile=0x1234, block=b"\x10a"), []),
    ],
)
def test_extension_elements_of_both_forms_are_listed(data: bytes, elements: list[tuple[int, bytes]]) -> None:
    assert extensions(data) == elements


def test_padding_is_put_on_and_taken_off() -> None:
    assert without_padding(0x20, padded(b"abc", 7)) == b"abc"
    assert without_padding(0x20, padded(b"", 255)) == b""
    assert without_padding(0x00, b"abc\x03") == b"abc\x03"
    assert [without_padding(0x20, data) for data in (b"", b"\x00", b"a\x05")] == [None, None, None]


def test_small_views() -> None:
    assert one_byte_element(5, b"ab") == b"\x51ab"
    assert abs_send_time(64.5) == (1 << 17).to_bytes(3, "big")  # 64 s wrap, half a second remains
    assert [is_rtcp(bytes((0x80, second))) for second in (191, 192, 200, 223, 224)] == [False, True, True, True, False]
