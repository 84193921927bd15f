"""Lip-sync over the whole plane: voice and picture of one client, on clocks that run apart, through layers and a late path.

A receiver aligns by the sender reports it gets: (NTP, RTP timestamp) of each stream. What is measured here is the error of that: the
picture's and the voice's instants of capture as the receiver works them out, against the true ones. ITU-R BT.1359: −125…+45 ms are not
noticed; the limit here is ±45 ms both ways.
"""

from __future__ import annotations

import pytest

from tests.media.viewer import Viewer
from tests.support.netem import Path

LIMIT = 0.045


def captured_at(viewer: Viewer, ssrc: int, stamp: int, rate: int) -> float:
    """The instant of capture on the sender's wall clock, as a receiver works it out from the newest report of that stream."""
    _, report = viewer.reports[ssrc]
    ticks = (stamp - report.rtp_timestamp + 0x8000_0000) % 0x1_0000_0000 - 0x8000_0000
    return report.ntp / 2**32 - 3_000_000_000 + ticks / rate


@pytest.mark.parametrize("skew", [0.0, 0.001, -0.001])
def test_the_error_stays_within_45_ms_over_layers_and_clocks_that_run_apart(skew: float) -> None:
    viewer = Viewer(Path(seed=1, delay=0.06, jitter=0.02), skew=skew)
    errors: list[float] = []
    switches: set[int] = set()
    for turn in range(16):
        viewer.meeting.routers.update("c-layers", {"wish": {"tile": (720, 180, 360, 90)[turn % 4]}})
        viewer.report()
        viewer.run(1.0)
        if turn < 3:
            continue
        shown_at, picture = viewer.stamps[-1]
        heard_at, _, voice = viewer.voices[-1]
        switches.add(viewer.shown[-1][1])
        for at, ssrc, stamp, rate in ((shown_at, viewer.ssrc, picture, 90_000), (heard_at, viewer.voice_ssrc, voice, 48_000)):
            delay = viewer.there.delay
            errors.append(captured_at(viewer, ssrc, stamp, rate) - (at - delay))
    apart = [picture - voice for picture, voice in zip(errors[::2], errors[1::2], strict=True)]
    assert switches == {0, 1, 2}
    assert max(abs(error) for error in apart) <= LIMIT


def test_without_reports_of_the_sender_nothing_misleads_the_receiver() -> None:
    viewer = Viewer(Path(seed=1, delay=0.02))
    viewer.run(3.0)
    assert viewer.reports == {}
