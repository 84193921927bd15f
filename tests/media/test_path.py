"""Over the real forwarder and a path with a seed: what a viewer sees and hears when the path is free, cut, lossy or nearly dead."""

from __future__ import annotations

import pytest

from tests.media.viewer import Viewer
from tests.support.netem import Path


def test_the_largest_layer_is_there_within_seconds_and_stays() -> None:
    viewer = Viewer(Path(seed=1, delay=0.025))
    viewer.run(3.0)
    start = viewer.now
    viewer.run(3.0)
    assert viewer.layers(start, viewer.now) == {2}
    assert viewer.frozen(start, viewer.now) < 0.15
    estimate = viewer.meeting.routers.stats("bob")["estimate"]
    assert estimate > 1_700_000


def test_a_downlink_cut_to_300_kbit_keeps_the_voice_and_shows_the_smallest_layer_within_three_seconds() -> None:
    viewer = Viewer(Path(seed=1, delay=0.025))
    viewer.run(6.0)
    cut = viewer.now
    viewer.there.rate = 300_000
    viewer.run(12.0)
    assert viewer.layers(cut + 3.0, viewer.now) == {0}
    assert viewer.frozen(cut, viewer.now) <= 1.0
    assert viewer.lost_voices(cut + 1.5, viewer.now) == 0
    reasons = [(report["layer"], report["reason"]) for report in viewer.meeting.events("consumerLayer")]
    assert (0, "path") in reasons
    viewer.there.rate = None
    viewer.run(10.0)
    start = viewer.now
    viewer.run(1.0)
    assert viewer.layers(start, viewer.now) == {2}


def test_pictures_are_paused_before_the_voice_suffers_and_come_back() -> None:
    viewer = Viewer(Path(seed=2, delay=0.025))
    viewer.run(4.0)
    viewer.there.rate = 90_000  # a voice with its headers is 60 kb/s
    viewer.run(10.0)
    start = viewer.now
    viewer.run(5.0)
    assert viewer.lost_voices(start, viewer.now) == 0
    assert len([1 for at, _ in viewer.shown if at > start]) < 30
    assert viewer.meeting.routers.stats("c-layers")["layer"] == -1
    viewer.there.rate = None
    viewer.run(14.0)
    start = viewer.now
    viewer.run(1.0)
    assert viewer.layers(start, viewer.now) == {2}


def test_a_longer_way_is_no_queue() -> None:
    """Another route, 100 ms longer: nothing is lowered, and the picture stands still for as long as the way grew."""
    viewer = Viewer(Path(seed=1, delay=0.025))
    viewer.run(6.0)
    longer = viewer.now
    viewer.there.delay = viewer.back.delay = 0.125
    viewer.run(6.0)
    assert viewer.layers(longer + 0.2, viewer.now) == {2}
    assert viewer.frozen(longer, viewer.now) < 0.25


@pytest.mark.parametrize("seed", [3, 4])
def test_five_per_cent_of_loss_at_100_ms_are_repaired(seed: int) -> None:
    viewer = Viewer(Path(seed=seed, delay=0.05, loss=0.05), Path(seed=seed + 10, delay=0.05, loss=0.05))
    viewer.run(5.0)
    start = viewer.now
    viewer.run(20.0)
    assert viewer.stalled(start, viewer.now, 0.45) <= 0.02 * 20.0  # a packet and its first repeat lost: two round trips of 0.2 s
    assert viewer.repeats > 50
    assert viewer.layers(viewer.now - 5.0, viewer.now) == {2}  # 5 % at random say nothing about the rate


def test_a_peer_that_never_tells_anything_gets_everything_after_a_while() -> None:
    viewer = Viewer(Path(seed=1, delay=0.025), has_feedback=False)
    viewer.run(1.5)
    assert viewer.layers(0.0, viewer.now) == {0}
    viewer.run(2.0)
    start = viewer.now
    viewer.run(1.0)
    assert viewer.layers(start, viewer.now) == {2}


def test_the_rest_of_a_large_key_frame_waits_and_all_of_it_arrives() -> None:
    viewer = Viewer(Path(seed=1, delay=0.025))
    viewer.run(5.0)
    path = viewer.meeting.forwarder.transports["bob"].path
    viewer.camera.layers[2].wants_key = True
    held = 0
    for _ in range(40):
        viewer.run(0.005)
        held = max(held, path.pacer.queued if path.pacer is not None else 0)
    assert held > 5_000
    assert path.pacer is not None
    assert path.pacer.queued == 0
    assert viewer.gaps.lost == 0
    assert viewer.frozen(viewer.now - 0.3, viewer.now) < 0.2
