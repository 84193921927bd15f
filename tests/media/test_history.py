"""What is kept, what is sent again to whom, and how an RTX packet looks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.history import BURST, MAX_AGE_SECONDS, MAX_PER_NACK, MAX_REPEATS, History, Repair, Resender, rtx_packet, rtx_payload
from media.rewriter import Rewriter
from media.rtp import payload_offset

SSRC = 0xA1


def filled(*ordinals: int, capacity: int = 8) -> History[str]:
    history: History[str] = History(capacity)
    for ordinal in ordinals:
        history.put(ordinal, f"p{ordinal}", 0.0)
    return history


def kept(history: History[str], ordinals: range, now: float = 0.0) -> list[int]:
    return [ordinal for ordinal in ordinals if history.get(ordinal, now) == f"p{ordinal}"]


@pytest.mark.parametrize(
    ("story", "put", "expected"),
    [
        ("in order", [1, 2, 3], [1, 2, 3]),
        ("the oldest make room", list(range(12)), list(range(4, 12))),
        ("late but inside", [1, 3, 2], [1, 2, 3]),
        ("later than the ring", [*range(4, 12), 3], list(range(4, 12))),
        ("the very first number", [0], [0]),
    ],
)
def test_the_newest_packets_are_kept(story: str, put: list[int], expected: list[int]) -> None:
    assert kept(filled(*put), range(20)) == expected


def test_old_packets_are_neither_given_nor_held() -> None:
    history = filled(1, 2)
    history.put(3, "p3", 1.0)
    assert kept(history, range(5), MAX_AGE_SECONDS + 0.1) == [3]
    assert history.expire(MAX_AGE_SECONDS + 0.1) == 1
    assert history.expire(9.0) == 0


def test_a_stream_that_begins_anew_forgets() -> None:
    history = filled(5, 6)
    history.clear()
    assert kept(history, range(10)) == []
    history.put(2, "p2", 0.0)
    assert kept(history, range(10)) == [2]


class Asked:
    """A consumer whose line follows one stream from ordinal 100 as number 1000."""

    def __init__(self, *ordinals: int) -> None:
        self.line = Rewriter(1000)
        self.line.switch(SSRC, 100, 0, -1, -1, 0.0)
        self.history: History[str] = History()
        self.resender = Resender(7)
        for ordinal in ordinals:
            self.line.follow(SSRC, ordinal, 0, -1, -1, 0.0)
            self.history.put(ordinal, f"p{ordinal}", 0.0)

    def nack(self, *sequences: int, now: float = 0.1, rtt: float = 0.05) -> list[Repair[str]]:
        return self.resender.answer(sequences, self.line.locate, lambda _, ordinal: self.history.get(ordinal, now), rtt, now)


def test_a_number_asked_for_is_answered_with_its_packet_and_that_number() -> None:
    asked = Asked(100, 101, 103)
    assert asked.nack(1001, 1003) == [Repair(SSRC, 101, 1001, "p101"), Repair(SSRC, 103, 1003, "p103")]


def test_what_was_never_sent_or_never_came_is_not_answered() -> None:
    asked = Asked(100, 101, 103)
    assert asked.nack(1002, 999, 1004) == []
    assert (asked.resender.gone, asked.resender.unknown) == (1, 2)


def test_nothing_goes_out_twice_within_a_round_trip() -> None:
    asked = Asked(100)
    sent_at = [now for now in (0.10, 0.12, 0.14, 0.16, 0.18, 0.20, 0.22) if asked.nack(1000, 1000, now=now, rtt=0.05)]
    assert sent_at == [0.10, 0.16, 0.22]
    assert asked.resender.sent == 3


def test_on_a_long_way_the_second_request_is_answered_before_the_first_answer_can_have_come() -> None:
    asked = Asked(100)
    sent_at = [now for now in (0.10, 0.15, 0.20, 0.25, 0.30, 0.35) if asked.nack(1000, now=now, rtt=0.2)]
    assert sent_at == [0.10, 0.20, 0.30]


def test_the_same_packet_goes_out_a_few_times_at_most() -> None:
    asked = Asked(100)
    assert sum(len(asked.nack(1000, now=0.1 * n)) for n in range(1, 15)) == MAX_REPEATS


def test_a_flood_of_requests_buys_a_bounded_number_of_packets() -> None:
    asked = Asked(*range(100, 600))
    sent = sum(len(asked.nack(*range(1000 + 100 * n, 1100 + 100 * n), now=0.1 + n / 1000)) for n in range(5))
    assert BURST <= sent <= BURST + 2
    assert asked.resender.limited == 500 - sent


def test_one_request_with_thousands_of_numbers_is_cut() -> None:
    asked = Asked(*range(100, 600))
    assert len(asked.nack(*range(1000, 1500))) == MAX_PER_NACK


def test_the_budget_refills() -> None:
    asked = Asked(*range(100, 600))
    asked.nack(*range(1000, 1128))
    assert len(asked.nack(*range(1128, 1256), now=0.36)) == 66


def test_an_rtx_packet_carries_the_original_number_before_the_payload() -> None:
    """RFC 4588 §4, by hand: PT 96 → 97, own SSRC and number, marker and timestamp kept, one extension word kept."""
    original = bytes.fromhex("90 e0 03e9 0000 2328 0000 00a1 bede 0001 1030 0000 c0ffee")
    expected = bytes.fromhex("90 e1 0007 0000 2328 1234 5678 bede 0001 1030 0000 03e9 c0ffee")
    assert rtx_packet(original, payload_offset(original), 0x12345678, 97, 0x10007) == expected
    assert rtx_payload(0x03E9, b"\xc0\xff\xee") == expected[-5:]


def test_padding_of_the_original_is_left_out() -> None:
    original = bytes.fromhex("a0 60 0001 0000 0000 0000 00a1 c0ffee 000003")
    assert rtx_packet(original, 12, 2, 97, 9) == bytes.fromhex("80 61 0009 0000 0000 0000 0002 0001 c0ffee")


def test_all_arrive_at_ten_per_cent_loss_both_ways() -> None:
    """2,000 packets, NACKs every 20 ms, answers lost as often as packets (seeded): nothing stays missing."""
    chance = random.Random(3)
    asked = Asked()
    missing: dict[int, float] = {}
    for n in range(2100):
        now = n * 0.01
        if n < 2000:
            asked.line.follow(SSRC, 100 + n, 0, -1, -1, now)
            asked.history.put(100 + n, f"p{n}", now)
            if chance.random() < 0.1:
                missing[1000 + n] = now
        if n % 2 == 0 and missing and chance.random() > 0.1:
            for repair in asked.nack(*missing, now=now, rtt=0.02):
                if chance.random() > 0.1:
                    del missing[repair.sequence]
    assert missing == {}


@given(st.lists(st.tuples(st.integers(0, 70000), st.floats(0, 5)), max_size=200))
def test_any_numbers_asked_for_are_answered_within_bounds(asks: list[tuple[int, float]]) -> None:
    asked = Asked(*range(100, 200))
    for sequence, now in asks:
        for repair in asked.nack(sequence & 0xFFFF, now=now):
            assert repair.packet == f"p{repair.ordinal}"
            assert repair.ordinal - 100 == repair.sequence - 1000
    assert asked.resender.sent <= BURST + 5 * 256


def test_the_budget_follows_what_reaches_the_peer() -> None:
    asked = Asked(*range(100, 600))
    asked.resender.set_rate(300_000)
    first = len(asked.nack(*range(1000, 1100), now=0.1))
    second = len(asked.nack(*range(1100, 1200), now=1.1))
    assert (first, second) == (5, 5)
    asked.resender.set_rate(100_000_000)
    assert len(asked.nack(*range(1200, 1328), now=1.4)) == 77  # what was left of the last, and 0.3 s of the highest rate
