"""One consumer's line over switches, drops, losses and repeats: no gap, no repeat, no step back."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.rewriter import MAX_SEGMENTS, Clock, Rewriter

LOW, HIGH = 0xA1, 0xB2
Sent = tuple[int, int, int, int]  # number, timestamp, picture id, TL0PICIDX


def follow(
    line: Rewriter, source: int, ordinal: int, timestamp: int = 0, picture: int = -1, tl0: int = -1, now: float = 0.0
) -> Sent | None:
    segment = line.follow(source, ordinal, timestamp, picture, tl0, now)
    if segment is None:
        return None
    return (
        ordinal + segment.shift,
        timestamp + segment.timestamp_shift & 0xFFFFFFFF,
        picture + segment.picture_shift & 0x7FFF if picture >= 0 else -1,
        tl0 + segment.tl0_shift & 0xFF if tl0 >= 0 else -1,
    )


def numbers(line: Rewriter, source: int, ordinals: list[int]) -> list[int]:
    return [sent[0] if (sent := follow(line, source, ordinal)) else -1 for ordinal in ordinals]


def begun(source: int = LOW, ordinal: int = 100, first_number: int = 1000) -> Rewriter:
    line = Rewriter(first_number)
    line.switch(source, ordinal, 0, -1, -1, 0.0)
    return line


def test_nothing_is_of_a_line_that_has_not_begun() -> None:
    assert numbers(Rewriter(1), LOW, [1, 2]) == [-1, -1]


def test_the_first_source_keeps_its_timestamps_and_pictures() -> None:
    line = Rewriter(1000)
    line.switch(LOW, 70000, 12345, 77, 5, 0.0)
    assert follow(line, LOW, 70000, 12345, 77, 5) == (1000, 12345, 77, 5)


def test_a_switch_goes_on_where_the_other_layer_stopped() -> None:
    line = begun()
    assert numbers(line, LOW, [100, 101, 102]) == [1000, 1001, 1002]
    line.switch(HIGH, 9, 0, -1, -1, 0.1)
    assert numbers(line, HIGH, [9, 10]) == [1003, 1004]
    assert numbers(line, LOW, [103, 104]) == [-1, -1]


def test_what_was_lost_keeps_its_place_also_after_a_switch() -> None:
    line = begun()
    assert numbers(line, LOW, [100, 102]) == [1000, 1002]
    line.switch(HIGH, 9, 0, -1, -1, 0.1)
    assert numbers(line, HIGH, [9, 11]) == [1003, 1005]
    assert numbers(line, LOW, [101, 102, 99]) == [1001, 1002, -1]
    assert numbers(line, HIGH, [10, 8]) == [1004, -1]


@pytest.mark.parametrize(
    ("story", "wanted", "unwanted", "expected"),
    [
        ("paddings in the middle", [100, 103, 104], [101, 102], [1000, 1001, 1002]),
        ("paddings before the first", [101, 102], [100], [1000, 1001]),
        ("every second one", [100, 102, 104, 106], [101, 103, 105], [1000, 1001, 1002, 1003]),
        ("after a loss", [100, 103], [102], [1000, 1002]),
        ("only paddings", [], [100, 101, 102], []),
    ],
)
def test_dropped_packets_leave_no_gap(story: str, wanted: list[int], unwanted: list[int], expected: list[int]) -> None:
    line = begun()
    sent = []
    for ordinal in sorted(wanted + unwanted):
        if ordinal in unwanted:
            assert line.drop(LOW, ordinal) is None
        else:
            sent += numbers(line, LOW, [ordinal])
    assert sent == expected


def test_a_late_padding_fills_the_number_that_was_left_open_for_it() -> None:
    line = begun()
    numbers(line, LOW, [100, 102])
    late = line.drop(LOW, 101)
    assert late is not None
    assert 101 + late.shift == 1001
    assert line.drop(LOW, 103) is None
    assert line.drop(LOW, 103) is None  # twice changes nothing
    assert numbers(line, LOW, [104]) == [1003]


def test_a_dropped_picture_leaves_no_gap_in_picture_ids() -> None:
    line = Rewriter(1)
    line.switch(LOW, 10, 0, 500, 3, 0.0)
    assert follow(line, LOW, 10, 0, 500, 3) == (1, 0, 500, 3)
    assert line.drop(LOW, 11, 501) is None
    assert line.drop(LOW, 12, 501) is None  # the same picture
    assert follow(line, LOW, 13, 6000, 502, 4) == (2, 6000, 501, 4)


def test_picture_ids_go_on_over_a_switch_and_over_the_wrap() -> None:
    line = Rewriter(1)
    line.switch(LOW, 10, 0, 0x7FFF, 255, 0.0)
    assert follow(line, LOW, 10, 0, 0x7FFF, 255) == (1, 0, 0x7FFF, 255)
    line.switch(HIGH, 50, 0, 1234, 9, 0.033)
    sent = follow(line, HIGH, 50, 0, 1234, 9)
    assert sent is not None
    assert sent[2:] == (0, 0)


def test_without_reports_the_time_that_passed_moves_the_timestamp() -> None:
    line = Rewriter(1)
    line.switch(LOW, 10, 4_294_967_000, -1, -1, 5.0)
    follow(line, LOW, 10, 4_294_967_000, now=5.0)
    line.switch(HIGH, 50, 777, -1, -1, 5.1)
    assert follow(line, HIGH, 50, 777, now=5.1) == (2, (4_294_967_000 + 9000) & 0xFFFFFFFF, -1, -1)


def clock_at(seconds: float, offset: int) -> Clock:
    """A source whose timestamp at NTP second 0 is `offset`."""
    return int(seconds * 2**32), int(offset + seconds * 90_000) & 0xFFFFFFFF


def test_with_reports_the_senders_clock_decides_not_the_arrival() -> None:
    """The high layer's picture was captured 100 ms after the last low one, but came 150 ms later."""
    line = Rewriter(1)
    line.switch(LOW, 10, 1000 + 90_000, -1, -1, 5.0)
    follow(line, LOW, 10, 1000 + 90_000, now=5.0)
    clocks = (clock_at(0.2, 1000), clock_at(0.7, 4_294_900_000))
    line.switch(HIGH, 50, (4_294_900_000 + 99_000) & 0xFFFFFFFF, -1, -1, 5.15, clocks)
    sent = follow(line, HIGH, 50, (4_294_900_000 + 99_000) & 0xFFFFFFFF, now=5.15)
    assert sent == (2, 1000 + 99_000, -1, -1)


def test_reports_that_cannot_be_true_are_not_believed() -> None:
    line = Rewriter(1)
    line.switch(LOW, 10, 90_000, -1, -1, 5.0)
    follow(line, LOW, 10, 90_000, now=5.0)
    line.switch(HIGH, 50, 99_000, -1, -1, 5.1, (clock_at(0.0, 0), clock_at(3600.0, 0)))
    line.switch(HIGH, 50, 99_000, -1, -1, 5.1, (clock_at(0.0, 0), (0, 2**31)))
    assert follow(line, HIGH, 50, 99_000, now=5.1) == (2, 99_000, -1, -1)


def test_the_same_instant_from_another_layer_is_a_tick_later_and_the_next_on_time_again() -> None:
    line = Rewriter(1)
    line.switch(LOW, 10, 9000, -1, -1, 1.0)
    follow(line, LOW, 10, 9000, now=1.0)
    line.switch(HIGH, 50, 9000, -1, -1, 1.001, (clock_at(0.0, 0), clock_at(0.0, 0)))
    assert [follow(line, HIGH, 50 + n, 9000, now=1.002) for n in range(2)] == [(2, 9001, -1, -1), (3, 9001, -1, -1)]
    assert follow(line, HIGH, 52, 12000, now=1.033) == (4, 12000, -1, -1)
    assert follow(line, HIGH, 51, 9000, now=1.05) == (3, 9001, -1, -1)  # repeated as it was


def test_pictures_that_were_kept_back_follow_by_a_tick_each_until_their_clock_is_ahead_again() -> None:
    """Frames of 3,000 ticks; the new layer's key frame is sent on when four pictures of the old one were shown after it."""
    line = begun()
    clocks = ((0, 0), (0, 0))
    for n in range(5):
        assert follow(line, LOW, 100 + n, 3000 * n, now=n / 30) == (1000 + n, 3000 * n, -1, -1)
    line.switch(HIGH, 7, 0, -1, -1, 0.0, clocks)
    stamps = [sent[1] for n in range(7) if (sent := follow(line, HIGH, 7 + n, 3000 * n, now=4 / 30 + n / 1000)) is not None]
    assert stamps == [12_001, 12_002, 12_003, 12_004, 12_005, 15_000, 18_000]
    assert not line.borrowed


def test_alignment_does_not_drift_over_a_hundred_switches() -> None:
    line = Rewriter(1)
    offsets = {LOW: 12345, HIGH: 4_200_000_000}
    line.switch(LOW, 0, offsets[LOW], -1, -1, 0.0)
    follow(line, LOW, 0, offsets[LOW], now=0.0)
    ordinal, source, sent = 1, LOW, None
    for n in range(1, 100):
        other = HIGH if source == LOW else LOW
        timestamp = offsets[other] + (n - 1) * 3000 & 0xFFFFFFFF  # each time the picture just shown, in the other size
        line.switch(other, ordinal, timestamp, -1, -1, n / 30, (clock_at(0.0, offsets[source]), clock_at(0.0, offsets[other])))
        follow(line, other, ordinal, timestamp, now=n / 30)
        sent = follow(line, other, ordinal + 1, offsets[other] + n * 3000 & 0xFFFFFFFF, now=n / 30)
        ordinal, source = ordinal + 2, other
    assert sent is not None
    assert abs(sent[1] - (12345 + 99 * 3000)) <= 1


def test_a_pause_stops_the_line_and_late_packets_still_find_their_numbers() -> None:
    line = begun()
    numbers(line, LOW, [100, 102])
    line.pause()
    assert numbers(line, LOW, [103, 101]) == [-1, 1001]
    line.switch(LOW, 200, 0, -1, -1, 9.0)
    assert numbers(line, LOW, [200, 150]) == [1003, -1]


def test_a_source_that_began_anew_does_not_meet_its_old_numbers() -> None:
    line = begun()
    numbers(line, LOW, [100, 101, 102])
    line.switch(LOW, 50, 0, -1, -1, 1.0)
    assert numbers(line, LOW, [50, 51]) == [1003, 1004]
    assert numbers(line, LOW, [100, 101]) == [1053, 1054]
    assert line.locate(1001) is None


def test_a_number_leads_back_to_its_packet() -> None:
    line = begun(first_number=65534)
    numbers(line, LOW, [100, 102])
    line.drop(LOW, 103)
    numbers(line, LOW, [104])
    line.switch(HIGH, 9, 0, -1, -1, 0.1)
    numbers(line, HIGH, [9])
    found = [line.locate(number & 0xFFFF) for number in range(65533, 65540)]
    assert found == [None, (LOW, 100), (LOW, 101), (LOW, 102), (LOW, 104), (HIGH, 9), None]


def test_what_is_older_than_the_last_switch_is_not_worth_repairing() -> None:
    line = begun(first_number=65534)
    numbers(line, LOW, [100, 102])
    assert line.repairable(65535) == (LOW, 101)
    line.switch(HIGH, 9, 0, -1, -1, 0.1)
    numbers(line, HIGH, [9, 10])
    assert [line.repairable(number & 0xFFFF) for number in range(65533, 65541)] == [None] * 4 + [(HIGH, 9), (HIGH, 10), None, None]


def test_memory_is_bounded_and_what_is_forgotten_is_not_sent() -> None:
    line = begun()
    for ordinal in range(100, 100 + 4 * MAX_SEGMENTS, 2):
        numbers(line, LOW, [ordinal])
        line.drop(LOW, ordinal + 1)
    assert len(line._segments) == MAX_SEGMENTS
    assert numbers(line, LOW, [100]) == [-1]


# --- laws ------------------------------------------------------------------------------------------------------------------------------


@dataclass
class Layer:
    source: int
    ordinal: int
    timestamp: int
    picture: int
    lost: list[tuple[int, int, int]] = field(default_factory=list)
    sent: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass
class Run:
    """Layers whose packets are taken, lost, dropped, come late and again, while the line switches at will."""

    line: Rewriter
    layers: list[Layer]
    current: int = -1
    now: float = 0.0
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    dropped: set[tuple[int, int]] = field(default_factory=set)
    newest_timestamp: int | None = None

    def step(self, action: str, which: int) -> None:
        self.now += 0.005
        layer = self.layers[which % len(self.layers)]
        layer.ordinal += 1
        layer.timestamp = layer.timestamp + 450 & 0xFFFFFFFF
        layer.picture = layer.picture + 1 & 0x7FFF
        packet = (layer.ordinal, layer.timestamp, layer.picture)
        if action == "lose":
            layer.lost.append(packet)
        elif action == "late" and layer.lost:
            self.take(layer, layer.lost.pop(len(layer.lost) // 2))
        elif action == "again" and layer.sent:
            self.take(layer, layer.sent[-1])
        elif action == "drop":
            self.drop(layer, packet)
        elif action == "pause":
            self.line.pause()
        elif action == "switch":
            self.line.switch(layer.source, *packet, -1, self.now)
            self.take(layer, packet)
        else:
            self.take(layer, packet)

    def take(self, layer: Layer, packet: tuple[int, int, int]) -> None:
        before = self.line.newest
        sent = follow(self.line, layer.source, packet[0], packet[1], packet[2], now=self.now)
        if sent is None:
            return
        layer.sent.append(packet)
        assert self.seen.setdefault(sent[0], (layer.source, packet[0])) == (layer.source, packet[0])  # a number means one packet
        assert self.line.locate(sent[0] & 0xFFFF) == (layer.source, packet[0])
        if sent[0] > before:
            if self.newest_timestamp is not None:
                assert 0 < (sent[1] - self.newest_timestamp & 0xFFFFFFFF) < 2**31
            self.newest_timestamp = sent[1]

    def drop(self, layer: Layer, packet: tuple[int, int, int]) -> None:
        segment = self.line.drop(layer.source, packet[0], packet[2])
        self.dropped.add((layer.source, packet[0]))
        assert segment is None  # it is the newest: nothing was left open for it


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["take"] * 6 + ["lose", "late", "again", "drop", "switch", "pause"]), st.integers(0, 2)), max_size=120
    ),
    st.integers(0, 2**31),
)
def test_a_line_has_no_gap_and_no_repeat_whatever_happens(actions: list[tuple[str, int]], seed: int) -> None:
    chance = random.Random(seed)
    layers = [Layer(ssrc, chance.randrange(2**20), chance.randrange(2**32), chance.randrange(2**15)) for ssrc in (1, 2, 3)]
    run = Run(Rewriter(5), layers)
    for action, which in actions:
        run.step(action, which)
    taken = {(layer.source, packet[0]) for layer in layers for packet in layer.sent}
    for number in range(5, run.line.newest + 1):
        if number not in run.seen:  # a hole: only where the source's packet itself did not come
            place = run.line.locate(number & 0xFFFF)
            assert place not in taken | run.dropped
            assert place is not None or len(run.line._segments) == MAX_SEGMENTS
