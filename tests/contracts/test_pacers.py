"""One suite over both pacers, the null twin among them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from media.pacing import LeakyPacer, NullPacer, Pacer


def leaky() -> Pacer[int]:
    return LeakyPacer(500_000)


@pytest.fixture(params=[leaky, NullPacer])
def pacer(request: pytest.FixtureRequest) -> Pacer[int]:
    make: Callable[[], Pacer[int]] = request.param
    return make()


def test_the_first_packet_after_silence_leaves_at_once(pacer: Pacer[int]) -> None:
    assert pacer.admit(1200, 100.0) is True


def test_a_voice_never_waits(pacer: Pacer[int]) -> None:
    assert [pacer.admit(150, 1.0, urgent=True) for _ in range(500)] == [True] * 500


def test_all_that_was_taken_leaves_once_and_in_order(pacer: Pacer[int]) -> None:
    left: list[int] = []
    for number in range(100):
        now = 1.0 + number // 20 * 0.03
        left += pacer.release(now)
        if pacer.admit(1200, now):
            left.append(number)
        else:
            assert pacer.hold(number, 1200, now)
    for tick in range(100):
        left += pacer.release(2.0 + tick * 0.01)
    assert left == list(range(100))
    assert pacer.queued == 0


def test_a_rate_of_nothing_stops_nobody_for_good(pacer: Pacer[int]) -> None:
    pacer.set_rate(0)
    left = sum(pacer.admit(1200, 1.0) or not pacer.hold(n, 1200, 1.0) for n in range(50))
    assert left + len(pacer.release(60.0)) == 50


def test_where_nothing_waits_nothing_is_released(pacer: Pacer[int]) -> None:
    assert pacer.release(5.0) == []
    assert pacer.queued == 0
