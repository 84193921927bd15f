"""The VP8 payload descriptor: what is found where, and how it is changed in place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.vp8 import NONE, Descriptor, describe, patched, shifted

LIBWEBRTC = bytes.fromhex("90 e0 8005 07 20 10 aabbcc")


@pytest.mark.parametrize(
    ("name", "hexed", "expected"),
    [
        ("bare, first packet", "10 10", Descriptor(1, -1, -1, False, -1, -1, -1, False, True)),
        ("bare, continuation", "00 10", Descriptor(1, -1, -1, False, -1, -1, -1, False, False)),
        ("second partition", "11 10", Descriptor(1, -1, -1, False, -1, -1, -1, False, False)),
        ("7-bit picture id", "90 80 05 10", Descriptor(3, 2, 5, False, -1, -1, -1, False, True)),
        ("15-bit picture id", "80 80 8105 10", Descriptor(4, 2, 0x105, True, -1, -1, -1, False, False)),
        ("as libwebrtc sends it", "90 e0 8005 07 20 10", Descriptor(6, 2, 5, True, 4, 7, 0, True, True)),
        ("temporal layer 2, no sync", "90 e0 ffff ff 80 10", Descriptor(6, 2, 0x7FFF, True, 4, 255, 2, False, True)),
        ("TL0PICIDX alone", "90 40 09 10", Descriptor(3, -1, -1, False, 2, 9, -1, False, True)),
        ("KEYIDX alone is no temporal layer", "90 10 df 10", Descriptor(3, -1, -1, False, -1, -1, -1, False, True)),
        ("nothing", "", NONE),
        ("cut in the extension", "90", NONE),
        ("cut before the picture id", "90 80", NONE),
        ("cut in the picture id", "90 80 80", NONE),
        ("cut before TL0PICIDX", "90 c0 05", NONE),
        ("cut before TID", "90 e0 8005 07", NONE),
    ],
)
def test_fields_are_found(name: str, hexed: str, expected: Descriptor) -> None:
    assert describe(bytes.fromhex(hexed)) == expected


@pytest.mark.parametrize(
    ("name", "hexed", "picture_shift", "tl0_shift", "expected"),
    [
        ("both", "90 e0 8005 07 20 10", 3, 2, "90 e0 8008 09 20 10"),
        ("15 bits wrap and keep the long form", "90 e0 ffff ff 20 10", 1, 1, "90 e0 8000 00 20 10"),
        ("7 bits wrap", "90 80 7f 10", 2, 9, "90 80 01 10"),
        ("backwards", "90 80 8000 10", -1, 0, "90 80 ffff 10"),
        ("TL0PICIDX alone", "90 40 09 10", 5, 1, "90 40 0a 10"),
        ("nothing to change", "10 10", 5, 5, "10 10"),
        ("cut: left alone", "90 e0 8005", 5, 5, "90 e0 8005"),
    ],
)
def test_numbers_are_shifted_in_place(name: str, hexed: str, picture_shift: int, tl0_shift: int, expected: str) -> None:
    payload = bytes.fromhex(hexed)
    assert patched(payload, describe(payload), picture_shift, tl0_shift) == bytes.fromhex(expected)


def test_without_a_shift_the_same_bytes_are_shared() -> None:
    assert patched(LIBWEBRTC, describe(LIBWEBRTC), 0, 0) is LIBWEBRTC


@given(st.binary(max_size=12), st.integers(-40000, 40000), st.integers(-300, 300))
def test_any_bytes_keep_their_length_and_their_other_fields(payload: bytes, picture_shift: int, tl0_shift: int) -> None:
    found = describe(payload)
    changed = patched(payload, found, picture_shift, tl0_shift)
    assert found.length <= len(payload) == len(changed)
    assert changed[found.length :] == payload[found.length :]
    picture, tl0 = shifted(found, picture_shift, tl0_shift) if found.length > 2 else (found.picture, found.tl0)
    assert describe(changed) == found._replace(picture=picture, tl0=tl0)
