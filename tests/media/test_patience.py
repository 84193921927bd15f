"""How long a picture is held back for repeats, as a table over seconds, and on the wire."""

from __future__ import annotations

import pytest

from media import rtcp
from media.patience import Patience, element
from media.rtp import extensions
from tests.media.viewer import Viewer
from tests.support.netem import Path

PLAYOUT_DELAY = 8


@pytest.mark.parametrize(
    ("lost", "round_trip", "upstream", "seconds"),
    [
        (0.0, 0.2, 0.0, 0.0),
        (0.005, 0.2, 0.0, 0.0),
        (0.05, 0.2, 0.0, 0.4),
        (0.05, 0.02, 0.0, 0.1),
        (0.0, 0.02, 0.14, 0.2),
        (0.05, 0.2, 0.4, 0.5),
        (0.05, 3.0, 0.0, 0.5),
    ],
)
def test_the_delay_is_what_a_repeat_takes(lost: float, round_trip: float, upstream: float, seconds: float) -> None:
    patience = Patience()
    assert patience.update(lost, round_trip, upstream, 1.0) is (seconds > 0.0)
    while patience.step():
        pass
    assert patience.seconds == pytest.approx(seconds)
    assert not patience.update(lost, round_trip, upstream, 2.0)


def test_the_delay_rises_by_small_steps_that_stop_no_picture() -> None:
    patience = Patience()
    patience.update(0.05, 0.1, 0.0, 1.0)
    seen = []
    while patience.step():
        seen.append(round(patience.seconds, 2))
    assert seen == [0.05, 0.1, 0.15, 0.2, 0.25, 0.3]


def test_the_delay_rises_within_a_second_and_falls_after_a_quarter_of_a_minute() -> None:
    patience = Patience()
    path = [0.0, 0.05, 0.0, 0.0, 0.05] + [0.0] * 20
    seen = []
    for now, lost in enumerate(path):
        patience.update(lost, 0.1, 0.0, float(now))
        for _ in range(10):
            patience.step()
        seen.append(round(patience.seconds, 2))
    assert seen == [0.0] + [0.3] * 19 + [0.0] * 5


def test_the_element_has_least_and_most_in_ten_milliseconds() -> None:
    head = element(PLAYOUT_DELAY, 0.3)
    assert head.hex() == "8201e3e8"
    assert element(PLAYOUT_DELAY, 0.0).hex() == "820003e8"


def test_a_lossy_path_tells_the_receiver_to_wait_and_a_good_one_does_not() -> None:
    viewer = Viewer(Path(seed=1, delay=0.05))
    viewer.run(2.0)
    assert delays(viewer) == {None}
    for _ in range(4):
        viewer.tell(rtcp.build_receiver_report(1, [rtcp.ReportBlock(viewer.ssrc, 26, 9, 9, 0, 0, 0)]))
        viewer.run(1.0)
    assert delays(viewer) == {30}


def test_the_first_repair_from_the_sender_is_noticed_at_once() -> None:
    viewer = Viewer(Path(seed=1, delay=0.05))
    viewer.run(2.0)
    (consumer,) = [one for one in viewer.meeting.forwarder.transports["bob"].consumers.values() if one.kind == "video"]
    stream = consumer.producer.at(consumer.layer)
    assert stream is not None
    stream.gaps.repair_seconds, stream.gaps.repaired_at = 0.27, viewer.now
    seen = []
    for _ in range(9):
        viewer.run(0.1)
        seen += sorted(delays(viewer), key=str)
    assert seen[:3] == [5, 10, 15]
    assert seen[-1] == 35


def delays(viewer: Viewer) -> set[int | None]:
    """What the packets of a moment say: the least delay in 10 ms, None for nothing."""
    viewer.camera.listen()
    viewer.step += -viewer.step % 7
    viewer._film()
    viewer.meeting.world.deliver()
    found: set[int | None] = set()
    for data in viewer.meeting.bob.take():
        if int.from_bytes(data[8:12], "big") == viewer.ssrc:
            said = [value for identifier, value in extensions(data) if identifier == PLAYOUT_DELAY]
            found.add(int.from_bytes(said[0], "big") >> 12 if said else None)
    return found
