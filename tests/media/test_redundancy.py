"""Payloads that hold earlier packets: what is well formed, which packet a block is, and how many a receiver should get."""

import random

import pytest

from media.protection import NARROW, TRUST_SECONDS, WIDE, Protection
from media.redundancy import LONGEST_BLOCK, LONGEST_OFFSET, MAX_BLOCKS, Block, Found, joined, missing, split, ticks

OPUS = 111
TWENTY = bytes((0x08,))  # TOC: SILK, 20 ms, one frame


def test_a_payload_of_a_browser_byte_for_byte() -> None:
    """RFC 2198 §3: F, type (7 bits), offset (14), length (10); the last head is F = 0 and the type."""
    captured = bytes.fromhex("ef0f00036f0801020899")
    assert split(captured, OPUS) == ([Block(960, bytes.fromhex("080102"))], bytes.fromhex("0899"))
    assert joined(OPUS, [Block(960, bytes.fromhex("080102"))], bytes.fromhex("0899")) == captured


@pytest.mark.parametrize(
    ("name", "payload", "found"),
    [
        ("a primary alone", "6f0899", ([], "0899")),
        ("two blocks", "ef1e0001ef0f00026f" + "aa" + "bbbb" + "cc", ([(1920, "aa"), (960, "bbbb")], "cc")),
        ("the longest offset", "effffc016f" + "aa" + "cc", ([(16383, "aa")], "cc")),
        ("a block of nothing says nothing", "ef0f00006fcc", ([], "cc")),
        ("a block of another codec is passed over", "e70f0001ef0f00016f" + "aa" + "bb" + "cc", ([(960, "bb")], "cc")),
        ("nothing", "", None),
        ("a head cut short", "ef0f00", None),
        ("heads without a primary", "ef0f0001", None),
        ("a primary of another codec", "ef0f0001" + "67" + "aa" + "cc", None),
        ("a primary of nothing", "ef0f00016f" + "aa", None),
        ("a bare head", "6f", None),
        ("a block cut short", "ef0f00056f" + "aabbcc", None),
        ("as many blocks as are looked at", "ef0f0001" * MAX_BLOCKS + "6f" + "aa" * MAX_BLOCKS + "cc", ([(960, "aa")] * MAX_BLOCKS, "cc")),
        ("one more", "ef0f0001" * (MAX_BLOCKS + 1) + "6f" + "aa" * (MAX_BLOCKS + 1) + "cc", None),
        ("heads without an end", "ef" * 400, None),
    ],
)
def test_the_table_of_payloads(name: str, payload: str, found: tuple[list[tuple[int, str]], str] | None) -> None:
    wanted = None if found is None else ([Block(offset, bytes.fromhex(block)) for offset, block in found[0]], bytes.fromhex(found[1]))
    assert split(bytes.fromhex(payload), OPUS) == wanted


def test_what_is_joined_is_split_again() -> None:
    chance = random.Random(1)
    for _ in range(200):
        blocks = [
            Block(chance.randrange(1, LONGEST_OFFSET + 1), chance.randbytes(chance.choice((1, 80, LONGEST_BLOCK))))
            for _ in range(chance.randrange(MAX_BLOCKS + 1))
        ]
        primary = chance.randbytes(chance.randrange(1, 200))
        assert split(joined(OPUS, blocks, primary), OPUS) == (blocks, primary)


def test_noise_is_refused_or_taken_and_never_raises() -> None:
    chance = random.Random(2)
    taken = sum(split(chance.randbytes(chance.randrange(40)), chance.randrange(128)) is not None for _ in range(20_000))
    assert 0 < taken < 2_000


@pytest.mark.parametrize(
    ("packet", "milliseconds"),
    [
        ("00", 10), ("08", 20), ("10", 40), ("18", 60), ("58", 60),  # SILK
        ("60", 10), ("68", 20), ("78", 20),  # hybrid
        ("80", 2.5), ("88", 5), ("90", 10), ("98", 20), ("f8", 20),  # CELT
        ("09", 40), ("0a", 40), ("0b03", 60), ("1b02", 120),  # several frames
        ("1b03", 0), ("0b", 0), ("0b00", 0), ("", 0),  # beyond 120 ms; no count; none; nothing
    ],
)  # fmt: skip
def test_an_opus_packet_says_how_long_it_lasts(packet: str, milliseconds: float) -> None:
    assert ticks(bytes.fromhex(packet)) == milliseconds * 48


@pytest.mark.parametrize(
    ("name", "offsets", "known", "found"),
    [
        ("nothing is missing", [960], {9}, []),
        ("the one before", [960], set(), [9]),
        ("two of two", [1920, 960], set(), [8, 9]),
        ("the older of two", [1920, 960], {9}, [8]),
        ("behind a hole no number can be told", [1920], set(), []),
        ("of the chain up to the hole", [3840, 1920, 960], set(), [8, 9]),
        ("the same instant twice", [960, 960], set(), [9]),
        ("an offset of nothing", [0], set(), []),
        ("after a silence the block before it is not the packet before", [16320], set(), []),
    ],
)
def test_a_block_gets_the_number_of_the_packet_it_was(name: str, offsets: list[int], known: set[int], found: list[int]) -> None:
    earlier = [Block(offset, TWENTY) for offset in offsets]
    lost = missing(earlier, 10, 480, known.__contains__)
    assert lost == [Found(number, (480 - 960 * (10 - number)) % 2**32, TWENTY) for number in found]


# --- how many ------------------------------------------------------------------------------------------------------------------------


def depths(protection: Protection, lost: float, bitrate: int | None, seconds: int, start: float = 0.0) -> list[int]:
    return [protection.update(lost, bitrate, start + second) for second in range(seconds)]


@pytest.mark.parametrize(
    ("lost", "bitrate", "depth"),
    [
        (0.0, None, 0),
        (0.0, 3_000_000, 0),
        (0.01, None, 1),
        (0.05, None, 1),  # nothing is known of what fits
        (0.01, 3_000_000, 1),
        (0.05, WIDE, 2),
        (0.05, WIDE - 1, 1),
        (0.05, NARROW - 1, 0),  # what is lost there is lost because the path is full
    ],
)
def test_what_is_lost_and_what_fits_decide(lost: float, bitrate: int | None, depth: int) -> None:
    assert set(depths(Protection(), lost, bitrate, 5)) == {depth}


def test_more_comes_at_once_and_goes_after_a_while() -> None:
    protection = Protection()
    assert depths(protection, 0.05, WIDE, 1) == [2]
    assert set(depths(protection, 0.0, WIDE, int(TRUST_SECONDS), 1.0)) == {2}
    assert depths(protection, 0.0, WIDE, 4, 2 + TRUST_SECONDS)[-1] == 0
    assert depths(protection, 0.01, WIDE, 1, 100.0) == [1]


def test_where_the_room_goes_it_goes_at_once() -> None:
    protection = Protection()
    assert depths(protection, 0.05, WIDE, 2) == [2, 2]
    assert depths(protection, 0.05, NARROW - 1, 1, 2.0) == [0]
