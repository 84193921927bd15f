"""Does a queue grow? Delays drawn by hand, and the verdict on them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from media.trendline import THRESHOLD_MAX, THRESHOLD_MIN, WINDOW, Trendline


def verdicts(delay: Callable[[float], float], seconds: float = 4.0, clock: float = 1000.0) -> list[str]:
    """One packet each 10 ms, delayed by `delay(time)`."""
    line = Trendline()
    found: list[str] = []
    for n in range(int(seconds * 100)):
        line.arrived(n * 0.01, clock + n * 0.01 + delay(n * 0.01))
        found.append(line.verdict)
    return found


def noise(size: float) -> Callable[[float], float]:
    chance = random.Random(9)
    return lambda _: chance.random() * size


@pytest.mark.parametrize(
    ("story", "delay", "overuse"),
    [
        ("steady", lambda t: 0.02, False),
        ("3 ms of jitter", noise(0.003), False),
        ("a queue that grows by 50 ms a second", lambda t: 0.05 * t, True),
        ("a queue that grows by 500 ms a second", lambda t: 0.5 * t, True),
        ("a clock that is 100 ppm off", lambda t: 0.0001 * t, False),
        ("a step of 2 ms", lambda t: 0.022 if t > 2 else 0.02, False),
        ("a step of 20 ms, which the method cannot tell from a queue", lambda t: 0.04 if t > 2 else 0.02, True),
        ("a step of 100 ms, as by another route", lambda t: 0.12 if t > 2 else 0.02, False),
        ("packets held up for 50 ms once a second", lambda t: 0.02 + max(0.0, 0.05 - t % 1.0), False),
        ("a step of 100 ms, and a queue that grows behind it", lambda t: 0.12 + 0.2 * (t - 2) if t > 2 else 0.02, True),
        ("a queue that drains", lambda t: max(0.0, 0.5 - 0.2 * t), False),
    ],
)
def test_growth_is_told_from_noise(story: str, delay: Callable[[float], float], overuse: bool) -> None:
    assert ("overuse" in verdicts(delay)) is overuse


@pytest.mark.parametrize("seed", range(10))
def test_another_way_that_trembles_is_no_queue(seed: int) -> None:
    """Pictures 50 ms apart, each up to 10 ms late, and from one to the next 100 ms more: what comes late and early again is no growth."""
    chance, line, told = random.Random(seed), Trendline(), []
    for frame in range(160):
        sent = frame * 0.05
        line.arrived(sent, 5.0 + sent + chance.random() * 0.01 + (0.1 if frame >= 80 else 0.0))
        told.append(line.verdict)
    assert "overuse" not in told


def test_overuse_is_told_within_half_a_second() -> None:
    found = verdicts(lambda t: 0.3 * max(0.0, t - 2.0))
    assert 200 < found.index("overuse") < 250


def test_a_draining_queue_is_told() -> None:
    assert "underuse" in verdicts(lambda t: max(0.0, 0.5 - 0.2 * t))


def test_packets_of_one_frame_that_queue_behind_each_other_are_no_growth() -> None:
    line = Trendline()
    for frame in range(200):
        for packet in range(5):
            line.arrived(frame * 0.033, 5.0 + frame * 0.033 + packet * 0.002)
        assert line.verdict == "normal"


def test_a_clock_that_jumps_begins_anew() -> None:
    line = Trendline()
    for n in range(300):
        line.arrived(n * 0.01, n * 0.01 + (3600.0 if n > 150 else 0.0))
        assert line.verdict == "normal"


def test_the_threshold_stays_within_its_bounds() -> None:
    chance = random.Random(1)
    line = Trendline()
    for n in range(3000):
        line.arrived(n * 0.01, n * 0.01 + chance.random() * 0.2)
        assert THRESHOLD_MIN <= line.threshold <= THRESHOLD_MAX


def test_the_slope_that_is_carried_on_is_the_one_worked_out_anew() -> None:
    """A day of groups at random distances, also when many arrive at once."""
    chance = random.Random(4)
    line = Trendline()
    points: list[tuple[float, float]] = []
    x = y = 0.0
    for n in range(2000):
        x += 0.0 if n // 30 % 2 else chance.expovariate(1 / 43_000.0 if n % 200 == 0 else 1 / 30.0)
        y = 0.9 * y + chance.uniform(-3, 3)
        points.append((x, y))
        assert line._slope(x, y) == pytest.approx(least_squares(points[-WINDOW:]), abs=1e-6)


def least_squares(points: list[tuple[float, float]]) -> float:
    if len(points) < WINDOW:
        return 0.0
    mean_x, mean_y = sum(x for x, _ in points) / WINDOW, sum(y for _, y in points) / WINDOW
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread > 1e-6 else 0.0


def test_frames_that_each_take_longer_than_the_time_between_them_are_a_queue_at_the_second_one() -> None:
    """A path that is suddenly too narrow looks like one jump after the other."""
    line, told = Trendline(), None
    for frame in range(100):
        line.arrived(frame * 0.05, 5.0 + frame * 0.05 + max(0, frame - 59) * 0.1)
        if told is None and line.verdict == "overuse":
            told = frame
    assert told is not None
    assert 60 < told <= 66
