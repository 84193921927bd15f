"""Numbers on send, and what feedback says about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.arrivals import ArrivalLog
from media.rtcp import TransportFeedback
from media.transportcc import CAPACITY, Acknowledged, SendLog


def feedback(base: int, deltas: list[float | None], reference: int = 0, count: int = 0) -> TransportFeedback:
    return TransportFeedback(1, 2, count, base, reference, tuple(deltas))


def sent(count: int, first: int = 0x10000) -> SendLog:
    """Packets of 100, 101, … bytes, 10 ms apart."""
    log = SendLog(first)
    for n in range(count):
        log.sent(100 + n, n * 0.01)
    return log


def test_numbers_count_up_and_wrap() -> None:
    log = SendLog(0x1FFFE)
    assert [log.sent(100, 0.0) for _ in range(4)] == [0xFFFE, 0xFFFF, 0, 1]
    assert log.sent_run(3, 100, 0.0) == 2
    assert log.sent(100, 0.0) == 5
    assert log.bytes == 800


def test_feedback_pairs_sending_with_arrival() -> None:
    acknowledged = sent(3).acknowledge(feedback(0, [0.25, 0.01, 0.02], reference=10), 0.3)
    times = [(sent_at, round(arrived, 6), size, cluster) for sent_at, arrived, size, cluster in acknowledged.arrivals]
    assert times == [(0.0, 0.89, 100, 0), (0.01, 0.90, 101, 0), (0.02, 0.92, 102, 0)]
    assert (acknowledged.lost, acknowledged.recovered, round(acknowledged.rtt, 6)) == (0, 0, 0.28)


@pytest.mark.parametrize(
    ("story", "told", "sizes", "lost", "recovered"),
    [
        ("one missing", [feedback(0, [0.0, None, 0.0])], [100, 102], 1, 0),
        ("missing, then late", [feedback(0, [0.0, None, 0.0]), feedback(1, [0.0])], [100, 102, 101], 1, 1),
        ("missing, told twice", [feedback(0, [0.0, None, 0.0]), feedback(1, [None])], [100, 102], 1, 0),
        ("arrived, told twice", [feedback(0, [0.0]), feedback(0, [0.0, 0.0])], [100, 101], 0, 0),
        ("arrived, then called missing", [feedback(0, [0.0]), feedback(0, [None])], [100], 0, 0),
        ("never sent", [feedback(3, [0.0, None, 0.0])], [], 0, 0),
        ("long before", [feedback(0x8000, [0.0, None])], [], 0, 0),
        ("nothing", [feedback(0, [])], [], 0, 0),
    ],
)
def test_each_packet_counts_once(story: str, told: list[TransportFeedback], sizes: list[int], lost: int, recovered: int) -> None:
    log = sent(3)
    answers = [log.acknowledge(one, 1.0) for one in told]
    assert [size for answer in answers for _, _, size, _ in answer.arrivals] == sizes
    assert (sum(answer.lost for answer in answers), sum(answer.recovered for answer in answers)) == (lost, recovered)


def test_the_reference_time_goes_on_over_its_wrap() -> None:
    log = sent(3)
    before = log.acknowledge(feedback(0, [0.0], reference=-1), 1.0)  # the parser gives a signed value: 2^24 − 1
    after = log.acknowledge(feedback(1, [0.0], reference=0), 1.0)
    assert after.arrivals[0][1] - before.arrivals[0][1] == pytest.approx(0.064)


def test_what_fell_out_of_the_ring_is_not_mistaken_for_what_took_its_place() -> None:
    log = sent(CAPACITY + 5)
    assert log.acknowledge(feedback(3, [0.0, 0.0, 0.0]), 1.0).arrivals == [(0.05, 0.0, 105, 0)]


def test_probe_packets_are_marked() -> None:
    log = SendLog()
    log.sent(100, 0.0)
    log.cluster = 4
    log.sent_run(2, 100, 0.0)
    log.cluster = 0
    log.sent(100, 0.0)
    assert [cluster for *_, cluster in log.acknowledge(feedback(0, [0.0] * 4), 1.0).arrivals] == [0, 4, 4, 0]


def test_what_the_receiving_half_writes_the_sending_half_reads() -> None:
    log, arrivals = SendLog(0x1FFF0), ArrivalLog()
    told: list[Acknowledged] = []
    for n in range(200):
        number = log.sent(1000, n * 0.005)
        if n % 7:
            arrivals.seen(number, 100 + n * 0.005 + 0.04)
        if n % 20 == 19 and (packet := arrivals.feedback(1, 2)) is not None:
            told.append(log.acknowledge(packet, n * 0.005 + 0.08))
    delays = [arrived - at for answer in told for at, arrived, *_ in answer.arrivals]
    assert sum(len(answer.arrivals) + answer.lost for answer in told) == 199  # the first was missing: feedback begins after it
    assert max(delays) - min(delays) < 0.0006
    assert min(answer.rtt for answer in told) == pytest.approx(0.08)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 40), st.integers(0, 65535), st.integers(-(2**23), 2**23 - 1), st.lists(st.none() | st.floats(-8, 8), max_size=60)
        ),
        max_size=30,
    )
)
def test_no_feedback_breaks_the_books(rounds: list[tuple[int, int, int, list[float | None]]]) -> None:
    log = SendLog()
    sending = acknowledged = 0
    for burst, base, reference, deltas in rounds:
        log.sent_run(burst, 500, 1.0)
        sending += burst
        answer = log.acknowledge(feedback(base, deltas, reference), 2.0)
        acknowledged += len(answer.arrivals)
        assert acknowledged <= sending
        assert answer.recovered <= len(answer.arrivals)
