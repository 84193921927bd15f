"""Intervals as tables, and their algebra against a plain set of seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.intervals import Interval, Intervals, bridged, contains, gaps, intersect, subtract, total, union

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda p: Interval(min(p), max(p))), max_size=8)


def seconds(intervals: Intervals | list[Interval]) -> set[int]:
    return {s for i in intervals for s in range(int(i.start), int(i.end))}


@pytest.mark.parametrize(
    ("given_", "merged"),
    [
        ([], ()),
        ([(0, 10)], ((0, 10),)),
        ([(5, 10), (0, 5)], ((0, 10),)),  # touching
        ([(0, 10), (2, 3)], ((0, 10),)),  # inside
        ([(0, 4), (6, 9), (3, 6)], ((0, 9),)),
        ([(7, 7), (1, 2)], ((1, 2),)),  # empty
    ],
)
def test_union(given_: list[tuple[float, float]], merged: tuple[tuple[float, float], ...]) -> None:
    assert union(Interval(*i) for i in given_) == merged


@given(spans, spans)
def test_the_operations_are_those_of_sets(first: list[Interval], second: list[Interval]) -> None:
    a, b = union(first), union(second)
    assert seconds(a) == seconds(first)
    assert seconds(intersect(a, b)) == seconds(a) & seconds(b)
    assert seconds(subtract(a, b)) == seconds(a) - seconds(b)
    assert total(a) == len(seconds(a))
    assert all(contains(a, s) == (s in seconds(a)) for s in range(41))


@pytest.mark.parametrize(
    ("length", "unbridgeable", "found"),
    [(60, (), 1), (60.1, (), 0), (59, (10.0,), 0), (59, (69.0,), 0), (59, (9.9, 69.1), 1)],
)
def test_a_gap_is_bridged_up_to_the_tolerance_unless_it_holds_a_removal(length: float, unbridgeable: tuple[float, ...], found: int) -> None:
    present = (Interval(0, 10), Interval(10 + length, 200))
    assert len(bridged(present, 60, unbridgeable)) == found


def test_gaps_lie_between() -> None:
    assert gaps((Interval(0, 1), Interval(3, 4), Interval(9, 10))) == ((1, 3), (4, 9))
