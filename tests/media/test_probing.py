"""When a probe leaves, and what its arrival proves."""

from __future__ import annotations

from itertools import pairwise

import pytest

from media.probing import FIRST_INTERVAL, LAST_INTERVAL, Probe, ProbeSchedule
from media.transportcc import Arrival


def arrivals(probe: Probe, sent_rate: float, received_rate: float, share: float = 1.0) -> list[Arrival]:
    count = int(probe.size / probe.packet_size * share)
    bits = probe.packet_size * 8
    return [(1.0 + n * bits / sent_rate, 50.0 + n * bits / received_rate, probe.packet_size, probe.cluster) for n in range(count)]


def test_a_probe_doubles_but_never_beyond_what_is_wanted() -> None:
    assert ProbeSchedule().due(300_000, 5_000_000, 0.1, 1.0) == Probe(1, 600_000, 2400, 240)
    assert ProbeSchedule().due(300_000, 400_000, 0.1, 1.0) == Probe(1, 480_000, 2400, 240)
    assert ProbeSchedule().due(2_000_000, 9_000_000, 0.1, 1.0) == Probe(1, 4_000_000, 7500, 750)
    assert ProbeSchedule().due(300_000, 300_000, 0.1, 1.0) is None


@pytest.mark.parametrize(
    ("story", "sent", "received", "share", "proved"),
    [
        ("came as fast as it left", 600_000.0, 600_000.0, 1.0, 600_000),
        ("came a little slower", 600_000.0, 560_000.0, 1.0, 560_000),
        ("queued", 600_000.0, 400_000.0, 1.0, 380_000),
        ("left in one burst on a fast path", 9e9, 9e9, 1.0, 600_000),
        ("left in one burst and queued", 9e9, 400_000.0, 1.0, 380_000),
        ("half of it came", 600_000.0, 600_000.0, 0.5, None),
        ("too few to say", 600_000.0, 600_000.0, 0.3, None),
    ],
)
def test_an_arrival_proves_a_rate(story: str, sent: float, received: float, share: float, proved: int | None) -> None:
    schedule = ProbeSchedule()
    probe = schedule.due(300_000, 5_000_000, 0.1, 1.0)
    assert probe is not None
    found = schedule.acknowledged(arrivals(probe, sent, received, share), 1.2)
    assert (None if found is None else round(found)) == proved


def test_a_success_is_followed_up_soon_a_failure_later_and_later() -> None:
    schedule = ProbeSchedule()
    probe = schedule.due(300_000, 5_000_000, 0.1, 0.0)
    assert probe is not None
    schedule.acknowledged(arrivals(probe, 6e5, 6e5), 0.1)
    left = [now / 10 for now in range(1, 600) if schedule.due(600_000, 5_000_000, 0.1, now / 10)]
    waits = [round(after - before, 0) for before, after in pairwise(left)]
    assert left[0] == pytest.approx(0.4)
    assert waits[0] == round(1.1 + FIRST_INTERVAL)
    assert waits == sorted(waits)
    assert max(waits) < LAST_INTERVAL + 1.3


def test_while_nothing_is_shown_waits_do_not_grow() -> None:
    schedule = ProbeSchedule()
    left = [now / 10 for now in range(600) if schedule.due(50_000, 500_000, 0.1, now / 10, urgent=True)]
    waits = [after - before for before, after in pairwise(left)]
    assert max(waits) < 1.1 + FIRST_INTERVAL + 0.25  # a second for the answer
    schedule.congested(60.0)
    assert schedule.due(50_000, 500_000, 0.1, 61.9, urgent=True) is None
    assert schedule.due(50_000, 500_000, 0.1, 62.0, urgent=True) is not None


def test_congestion_ends_a_probe() -> None:
    schedule = ProbeSchedule()
    probe = schedule.due(300_000, 5_000_000, 0.1, 1.0)
    assert probe is not None
    schedule.congested(1.1)
    assert schedule.acknowledged(arrivals(probe, 6e5, 6e5), 1.2) is None
    assert schedule.due(300_000, 5_000_000, 0.1, 1.5) is None


def test_what_was_lowered_by_a_passing_queue_is_tried_at_once_but_rarely() -> None:
    schedule = ProbeSchedule()
    schedule.congested(1.0)
    schedule.eased(0.1, 1.2)  # too early to say
    assert schedule.due(300_000, 5_000_000, 0.1, 1.2) is None
    schedule.eased(0.1, 1.4)
    assert schedule.due(300_000, 5_000_000, 0.1, 1.4) is not None
    schedule.congested(1.6)
    schedule.eased(0.1, 2.0)  # again so soon: then it waits as after any other
    assert schedule.due(300_000, 5_000_000, 0.1, 2.0) is None
    assert schedule.due(300_000, 5_000_000, 0.1, 1.6 + FIRST_INTERVAL) is not None
