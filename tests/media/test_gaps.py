"""Holes in a stream: when they are asked for, when given up, and what a receiver report says."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.gaps import MAX_PER_REQUEST, MAX_TRIES, REORDER_SECONDS, WINDOW, GapTracker, Reception


def feed(tracker: GapTracker, seqs: list[int], start: float = 0.0, step: float = 0.02) -> float:
    now = start
    for seq in seqs:
        tracker.seen(seq & 0xFFFF, now)
        now += step
    return now


def counts(tracker: GapTracker) -> dict[str, int]:
    return {name: getattr(tracker, name) for name in ("received", "lost", "duplicate", "reordered")}


@pytest.mark.parametrize(
    ("story", "seqs", "received", "lost", "duplicate", "reordered"),
    [
        ("nothing", [], 0, 0, 0, 0),
        ("one packet", [7], 1, 0, 0, 0),
        ("in order over the wrap", [65534, 65535, 0, 1], 4, 0, 0, 0),
        ("one lost", [1, 2, 4], 3, 1, 0, 0),
        ("one lost at the wrap", [65535, 1], 2, 1, 0, 0),
        ("two swapped", [1, 3, 2, 4], 4, 0, 0, 1),
        ("two swapped at the wrap", [65534, 0, 65535], 3, 0, 0, 1),
        ("one twice", [1, 2, 2, 3], 3, 0, 1, 0),
        ("a late one twice", [1, 3, 2, 2], 3, 0, 1, 1),
        ("an old one after a long time", [*range(1, 2000), 1500], 1999, 0, 1, 0),
        ("a loss of two thousand", [1, 2001], 2, 1999, 0, 0),
        ("one stray number far away", [1, 2, 30000, 3], 3, 0, 0, 0),
        ("another numbering, confirmed", [1, 2, 30000, 30001, 30002], 5, 0, 0, 0),
        ("another numbering downwards", [30000, 30001, 5, 6, 7], 5, 0, 0, 0),
    ],
)
def test_packets_are_counted(story: str, seqs: list[int], received: int, lost: int, duplicate: int, reordered: int) -> None:
    tracker = GapTracker()
    feed(tracker, seqs)
    assert counts(tracker) == {"received": received, "lost": lost, "duplicate": duplicate, "reordered": reordered}


def test_a_hole_is_asked_for_after_a_moment_then_every_round_trip() -> None:
    tracker = GapTracker()
    feed(tracker, [1, 3], step=0.0)
    assert tracker.due(0.005, 0.05) == []
    assert tracker.due(REORDER_SECONDS, 0.05) == [2]
    assert tracker.due(0.05, 0.05) == []
    assert tracker.due(0.065, 0.05) == [2]


def test_on_a_long_way_each_request_is_told_twice_and_the_next_pair_waits_for_the_answer() -> None:
    """What a sender answers at once is not answered again within its round trip, so only the first of a pair that arrives counts."""
    tracker = GapTracker()
    feed(tracker, [1, 3], step=0.0)
    asked = [tick / 100 for tick in range(60) if tracker.due(tick / 100, 0.2) == [2]]
    assert asked == [0.01, 0.04, 0.23, 0.26, 0.45, 0.48]


def test_a_packet_that_arrives_is_not_asked_for() -> None:
    tracker = GapTracker()
    feed(tracker, [1, 4], step=0.0)
    tracker.seen(2, 0.005)
    assert tracker.due(0.02) == [3]
    tracker.seen(3, 0.03)
    assert tracker.due(10.0) == []


def test_a_hole_is_given_up_after_the_last_try_and_told() -> None:
    tracker = GapTracker()
    feed(tracker, [1, 3], step=0.0)
    asked = [tick for tick in range(100) if tracker.due(tick * 0.02, 0.02) == [2]]
    assert len(asked) == MAX_TRIES
    assert tracker.abandoned == 1
    tracker.seen(2, 2.5)  # even then it counts as received, not as a duplicate
    assert counts(tracker) == {"received": 3, "lost": 0, "duplicate": 0, "reordered": 1}


def test_a_slow_path_gives_up_by_age() -> None:
    tracker = GapTracker()
    feed(tracker, [1, 3], step=0.0)
    assert [now for now in (0.1, 0.5, 0.9, 1.3, 1.7) if tracker.due(now, 0.4)] == [0.1, 0.5, 0.9]


def test_a_flood_of_holes_is_asked_for_in_bounded_lists_oldest_first() -> None:
    tracker = GapTracker()
    feed(tracker, [0, 2900], step=0.0)
    assert tracker.due(0.05) == list(range(2900 - WINDOW + 1, 2900 - WINDOW + 1 + MAX_PER_REQUEST))
    assert tracker.abandoned == 2900 - WINDOW


def test_holes_behind_the_window_are_forgotten() -> None:
    tracker = GapTracker()
    feed(tracker, [0, 2, *range(3, WINDOW + 2)], step=0.0)
    assert tracker.due(0.05) == []
    assert tracker.abandoned == 1


def test_a_new_numbering_forgets_old_holes() -> None:
    tracker = GapTracker()
    feed(tracker, [1, 5, 30000, 30001, 30003], step=0.0)
    assert tracker.resets == 1
    assert tracker.due(0.05) == [30002]


def test_a_report_counts_since_the_last_one() -> None:
    tracker = GapTracker()
    feed(tracker, [65533, 65534, 65535, 1])  # one of five lost
    assert tracker.reception() == Reception(0x10001, 256 // 5, 1, 0)
    feed(tracker, [2, 3])
    assert tracker.reception() == Reception(0x10003, 0, 1, 0)
    assert tracker.reception() == Reception(0x10003, 0, 1, 0)


def test_repairs_lower_the_cumulative_loss_and_never_make_the_fraction_negative() -> None:
    tracker = GapTracker()
    feed(tracker, [1, 2, 4])
    assert tracker.reception() == Reception(4, 64, 1, 0)
    tracker.seen(3, 1.0)
    assert tracker.reception() == Reception(4, 0, 0, 0)


def test_an_even_stream_has_no_jitter() -> None:
    tracker = GapTracker(clock_rate=48000)
    for n in range(200):
        tracker.seen(n, 5.0 + n * 0.02, (4294960000 + n * 960) & 0xFFFF_FFFF)  # wraps on the way
    assert tracker.reception().jitter == 0


def test_jitter_follows_the_formula_of_rfc_3550() -> None:
    tracker = GapTracker(clock_rate=48000)
    for n in range(400):  # every other packet 5 ms late: |D| = 240 units, and the mean settles there
        tracker.seen(n, n * 0.02 + (0.005 if n % 2 else 0.0), n * 960)
    assert tracker.reception().jitter == pytest.approx(240, abs=2)


def test_a_new_timestamp_line_is_not_jitter() -> None:
    tracker = GapTracker(clock_rate=48000)
    for n in range(50):
        tracker.seen(n, n * 0.02, n * 960 + (2_000_000_000 if n >= 25 else 0))
    assert tracker.reception().jitter == 0


def test_all_repaired_at_ten_per_cent_loss() -> None:
    """A sender that answers each request after 60 ms over the same lossy path: nothing stays lost (seeded)."""
    chance = random.Random(7)
    tracker = GapTracker()
    on_the_way: list[tuple[float, int]] = [(n * 0.02, n) for n in range(1500)]
    for tick in range(3200):
        now = tick * 0.01
        for packet in [packet for packet in on_the_way if packet[0] <= now]:
            on_the_way.remove(packet)
            if chance.random() > 0.1 or packet[1] in (0, 1499):
                tracker.seen(packet[1], now)
        on_the_way.extend((now + 0.06, seq) for seq in tracker.due(now, 0.07))
    assert counts(tracker)["lost"] == 0


@given(st.lists(st.integers(0, 65535), max_size=300))
def test_no_order_of_numbers_breaks_the_books(seqs: list[int]) -> None:
    tracker = GapTracker()
    now = feed(tracker, seqs)
    assert tracker.received + tracker.duplicate <= len(seqs)
    assert tracker.lost >= 0
    assert len(tracker.due(now)) <= MAX_PER_REQUEST
    assert 0 <= tracker.reception().fraction_lost <= 255
