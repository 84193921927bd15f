"""A large frame leaves over time, in its order; a small one and a voice at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.pacing import BURST, FACTOR, MAX_QUEUE, MAX_WAIT_SECONDS, LeakyPacer

PACKET = 1200


def offered(pacer: LeakyPacer[int], count: int, now: float = 1.0) -> list[int]:
    """Packets of one frame at one instant. → those that left at once; the others wait."""
    left = []
    for n in range(count):
        if pacer.admit(PACKET, now):
            left.append(n)
        else:
            assert pacer.hold(n, PACKET, now)
    return left


def test_a_small_frame_leaves_at_once() -> None:
    assert offered(LeakyPacer(300_000), BURST // PACKET) == list(range(BURST // PACKET))


def test_the_rest_of_a_key_frame_follows_at_two_and_a_half_times_the_rate() -> None:
    pacer: LeakyPacer[int] = LeakyPacer(int(300 * 8 * 1000 / FACTOR))  # 300 bytes in a millisecond
    assert offered(pacer, 41) == list(range(11))
    left: list[int] = []
    for millisecond in range(1, 121):
        left += pacer.release(1.0 + millisecond / 1000)
        assert abs(len(left) - millisecond * 300 / PACKET) <= 1
    assert left == list(range(11, 41))


def test_nothing_overtakes_but_voices_do_not_wait() -> None:
    pacer: LeakyPacer[int] = LeakyPacer(300_000)
    offered(pacer, 12)
    assert pacer.admit(100, 1.001) is False
    assert pacer.admit(100, 1.001, urgent=True) is True


def test_what_waited_too_long_leaves() -> None:
    pacer: LeakyPacer[int] = LeakyPacer(10_000)
    offered(pacer, 30)
    assert pacer.release(1.0 + MAX_WAIT_SECONDS - 0.01) == []
    assert pacer.release(1.0 + MAX_WAIT_SECONDS) == list(range(11, 30))
    assert pacer.queued == 0


def test_the_queue_is_bounded_and_the_overflow_counted() -> None:
    pacer: LeakyPacer[int] = LeakyPacer(10_000)
    while pacer.admit(PACKET, 1.0):
        pass
    taken = sum(pacer.hold(n, PACKET, 1.0) for n in range(1000))
    assert taken == MAX_QUEUE // PACKET
    assert pacer.overflowed == 1000 - taken
    assert pacer.queued <= MAX_QUEUE


def test_it_says_when_to_come_again() -> None:
    pacer: LeakyPacer[int] = LeakyPacer(960_000)
    assert pacer.due_at() is None
    offered(pacer, 12)
    due = pacer.due_at()
    assert due is not None
    assert pacer.release(due - 0.0001) == []
    pacer.admit(1, 1.0, urgent=True)
    later = pacer.due_at()
    assert later is not None
    assert later > due
    assert pacer.release(later + 1e-9) == [11]


@given(st.lists(st.tuples(st.integers(1, 20), st.floats(0, 0.1)), max_size=60), st.integers(1, 5_000_000))
def test_every_packet_leaves_once_in_order_within_the_longest_wait(frames: list[tuple[int, float]], rate: int) -> None:
    pacer: LeakyPacer[tuple[int, float]] = LeakyPacer(rate)
    now, number, left = 1.0, 0, []
    for count, passed in frames:
        now += passed
        for number, since in pacer.release(now):
            assert now - since <= MAX_WAIT_SECONDS + 0.1  # released as late as it was asked
            left.append(number)
        for _ in range(count):
            number = len(left) + len(pacer._queue)
            if pacer.admit(PACKET, now):
                left.append(number)
            elif not pacer.hold((number, now), PACKET, now):
                return
    left += [number for number, _ in pacer.release(now + MAX_WAIT_SECONDS + 0.001)]  # beyond what rounding may take
    assert left == list(range(sum(count for count, _ in frames)))
    assert pacer.queued == 0
