"""Transport-wide feedback: what arrived, what did not, and numberings that wrap or jump."""

import pytest

from media.arrivals import MAX_PENDING, MAX_SPAN, ArrivalLog
from media.rtcp import TransportFeedback, build_transport_feedback, parse_compound


def told(log: ArrivalLog) -> TransportFeedback:
    feedback = log.feedback(1, 2)
    assert feedback is not None
    (parsed,) = parse_compound(build_transport_feedback(feedback))
    assert isinstance(parsed, TransportFeedback)
    return parsed


def test_arrivals_come_back_in_steps_of_a_quarter_millisecond_without_drift() -> None:
    log = ArrivalLog()
    times = [10.0 + 0.0101 * number for number in range(50)]
    for number, now in enumerate(times):
        log.seen(number, now)
    feedback = told(log)
    at = feedback.reference_time * 0.064
    for now, delta in zip(times, feedback.deltas, strict=True):
        assert delta is not None
        at += delta
        assert at == pytest.approx(now, abs=0.00026)


def test_reports_follow_one_another_and_tell_losses_between_them() -> None:
    log = ArrivalLog()
    log.seen(0xFFFE, 1.0)
    first = told(log)
    log.seen(1, 1.1)  # 0xFFFF and 0 did not come
    second = told(log)
    assert (first.base_seq, first.feedback_count, len(first.deltas)) == (0xFFFE, 0, 1)
    assert (second.base_seq, second.feedback_count) == (0xFFFF, 1)
    assert [delta is not None for delta in second.deltas] == [False, False, True]
    assert log.feedback(1, 2) is None


def test_reordered_packets_have_negative_steps_and_doubles_count_once() -> None:
    log = ArrivalLog()
    log.seen(5, 1.010)
    log.seen(4, 1.000)  # older than the first: nobody asked for it
    log.seen(7, 1.020)
    log.seen(6, 1.030)
    log.seen(6, 1.040)
    deltas = told(log).deltas
    assert len(deltas) == 3
    assert deltas[1:] == pytest.approx((0.02, -0.01))


def test_a_jump_begins_anew_and_a_flood_is_bounded() -> None:
    log = ArrivalLog()
    log.seen(1, 1.0)
    log.seen(1 + MAX_SPAN + 500, 1.1)
    assert told(log).base_seq == 1 + MAX_SPAN + 500
    for number in range(3000, 3000 + 2 * MAX_PENDING):
        log.seen(number, 2.0)
    assert len(told(log).deltas) <= MAX_PENDING + MAX_SPAN
