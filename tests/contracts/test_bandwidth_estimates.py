"""One suite over all estimators, the null twin among them: what the allocation of layers may rely on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media.bandwidth import HIGHEST, LOWEST, Estimate, FixedEstimate, GccEstimate
from media.transportcc import Acknowledged


@pytest.fixture(params=[FixedEstimate, GccEstimate])
def make(request: pytest.FixtureRequest) -> Callable[[], Estimate]:
    chosen: Callable[[], Estimate] = request.param
    return chosen


def even(count: int, start: float) -> Acknowledged:
    return Acknowledged([(start + n * 0.01, start + n * 0.01 + 0.04, 1200, 0) for n in range(count)], 0, 0, 0.08)


def test_an_estimate_is_there_from_the_beginning(make: Callable[[], Estimate]) -> None:
    assert LOWEST <= make().bitrate <= HIGHEST


def test_it_stays_within_its_bounds_whatever_is_told(make: Callable[[], Estimate]) -> None:
    estimate = make()
    for n in range(50):
        estimate.acknowledged(even(10, n * 0.1), n * 0.1 + 0.2)
        estimate.remb((0, 10**12)[n % 2], n * 0.1)
        estimate.reported(n % 3 / 2, 0.1, n * 0.1)
        estimate.tick(10, n * 0.1)
        assert LOWEST <= estimate.bitrate <= HIGHEST


def test_reading_changes_nothing(make: Callable[[], Estimate]) -> None:
    estimate = make()
    assert [estimate.bitrate for _ in range(3)] == [estimate.bitrate] * 3


def test_nothing_is_probed_that_nobody_wants(make: Callable[[], Estimate]) -> None:
    estimate = make()
    assert [estimate.probe(0.0, float(now)) for now in range(100)] == [None] * 100


def test_a_probe_is_never_above_twice_the_estimate_nor_far_above_the_wish(make: Callable[[], Estimate]) -> None:
    estimate = make()
    for now in range(100):
        wanted = estimate.bitrate * (1.0 + now / 40)
        probe = estimate.probe(wanted, float(now))
        assert probe is None or probe.rate <= min(2 * estimate.bitrate, 1.2 * wanted) + 1


def test_time_alone_never_raises_it(make: Callable[[], Estimate]) -> None:
    estimate = make()
    estimate.acknowledged(even(10, 0.0), 0.2)
    estimate.remb(1_000_000, 0.2)
    before = estimate.bitrate
    for now in range(1, 60):
        estimate.tick(10, float(now))
        assert estimate.bitrate <= before
        before = estimate.bitrate
