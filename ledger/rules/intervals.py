"""Half-open intervals [start, end) in epoch seconds and the few operations the rules are made of. Knows no member and no meeting.

Sets of intervals are tuples, sorted, disjoint and not touching; an empty interval is left out. Presence must not depend on how many devices
a member uses, so everything is expressed as a union first and as a sum only last.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple


class Interval(NamedTuple):
    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start


Intervals = tuple[Interval, ...]


def union(intervals: Iterable[Interval]) -> Intervals:
    merged: list[Interval] = []
    for interval in sorted(i for i in intervals if i.end > i.start):
        if merged and interval.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, interval.end))
        else:
            merged.append(interval)
    return tuple(merged)


def intersect(first: Intervals, second: Intervals) -> Intervals:
    """Both arguments are unions. One pass over the two, as both are sorted and disjoint."""
    common: list[Interval] = []
    i = j = 0
    while i < len(first) and j < len(second):
        shared = Interval(max(first[i].start, second[j].start), min(first[i].end, second[j].end))
        if shared.end > shared.start:
            common.append(shared)
        if first[i].end <= second[j].end:
            i += 1
        else:
            j += 1
    return tuple(common)


def gaps(intervals: Intervals) -> Intervals:
    """What lies between the first beginning and the last end without being covered."""
    return tuple(Interval(before.end, after.start) for before, after in pairwise(intervals))


def subtract(first: Intervals, second: Intervals) -> Intervals:
    if not first or not second:
        return first
    low, high = min(first[0].start, second[0].start), max(first[-1].end, second[-1].end)
    outside = union((*gaps(second), Interval(low, second[0].start), Interval(second[-1].end, high)))
    return intersect(first, outside)


def bridged(intervals: Intervals, tolerance: float, unbridgeable: Iterable[float] = ()) -> Intervals:
    """The gaps up to `tolerance` (inclusive), except those that contain one of the `unbridgeable` instants."""
    instants = tuple(unbridgeable)
    return tuple(gap for gap in gaps(intervals) if gap.length <= tolerance and not any(gap.start <= t <= gap.end for t in instants))


def total(intervals: Iterable[Interval]) -> float:
    return sum(interval.length for interval in intervals)


def contains(intervals: Intervals, instant: float) -> bool:
    return any(i.start <= instant < i.end for i in intervals)
