"""The bars beside a name: what loss, delay and a starved picture cost, and when it is told."""

from __future__ import annotations

import pytest

from media import rtcp
from media.quality import score
from tests.media.camera import Camera
from tests.media.meeting import CAMERA, Meeting
from tests.media.viewer import Viewer
from tests.support.netem import Path

KEY_FRAME = bytes.fromhex("10000000") + b"key frame"


@pytest.mark.parametrize(
    ("lost", "round_trip", "starved", "points"),
    [
        (0.0, None, False, 5),
        (0.02, 0.1, False, 5),
        (0.05, 0.1, False, 4),
        (0.1, 0.1, False, 3),
        (0.2, 0.1, False, 2),
        (0.0, 0.5, False, 4),
        (0.0, 1.0, False, 3),
        (0.0, 0.1, True, 4),
        (0.5, 1.0, True, 0),
    ],
)
def test_what_costs_points(lost: float, round_trip: float | None, starved: bool, points: int) -> None:
    assert score(lost, round_trip, starved) == points


def test_what_a_sender_loses_is_told_and_told_once() -> None:
    meeting = Meeting()
    for index in range(1, 101):
        if index % 10:
            meeting.alice.send(CAMERA, index, bytes(1000), payload_type=96)
    meeting.world.tick(0.1)
    meeting.world.tick(2.1)
    meeting.alice.check()
    for _ in range(3):
        meeting.world.tick(2.1)
        meeting.alice.check()
        meeting.bob.check()
    told = [report for report in meeting.events("quality") if report["transportId"] == "alice"]
    assert told[0]["direction"] == "send"
    assert (told[0]["score"], told[0]["fractionLost"], told[0]["estimate"]) == (3, 0.09, None)
    assert (told[-1]["score"], told[-1]["bitrate"]) == (5, 0)
    assert len(told) <= 3


def test_a_senders_round_trip_is_told_by_its_answers_to_our_reference_times() -> None:
    """The client holds each for 300 ms and is 120 ms away there and back; what it makes up is not believed."""
    meeting = Meeting()
    for second in range(8):
        meeting.alice.send(CAMERA, second + 1, bytes(100), payload_type=96)
        meeting.world.tick(1.0)
        meeting.alice.check()
        parts = [packet for data in meeting.alice.rtcp() for packet in split(data) if packet[1] == rtcp.XR]
        meeting.world.now += 0.42
        for packet in parts:
            sent = int.from_bytes(packet[14:18], "big")
            made_up = (1, sent + 40 * 65536 & 0xFFFFFFFF, 0), (77, sent, 0), (1, 0, 0)
            meeting.alice.send_rtcp(rtcp.build_delays(rtcp.Delays(CAMERA, ((1, sent, round(0.3 * 65536)), *made_up))))
    told = [report for report in meeting.events("quality") if report["transportId"] == "alice"][-1]
    assert told["roundTrip"] == pytest.approx(0.12, abs=0.01)
    assert told["score"] == 5


def split(data: bytes) -> list[bytes]:
    """The packets of a compound one."""
    found, at = [], 0
    while at < len(data):
        end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        found.append(data[at:end])
        at = end
    return found


def test_a_receivers_path_is_told_with_its_estimate_and_round_trip() -> None:
    viewer = Viewer(Path(seed=1, delay=0.05), Path(seed=2, delay=0.05))
    for _ in range(6):
        viewer.report()
        viewer.run(0.5)
        for at, report in list(viewer.reports.values()):
            delay = round((viewer.now - at) * 65536)
            block = rtcp.ReportBlock(report.ssrc, 0, 0, 0, 0, report.ntp >> 16 & 0xFFFFFFFF, delay)
            viewer.tell(rtcp.build_receiver_report(1, [block]))
        viewer.run(0.5)
    told = [report for report in viewer.meeting.events("quality") if report["transportId"] == "bob"][-1]
    assert told["direction"] == "recv"
    assert told["score"] == 5
    assert told["roundTrip"] == pytest.approx(0.1, abs=0.03)
    assert told["estimate"] > 1_000_000
    assert told["bitrate"] == pytest.approx(1_800_000, rel=0.4)


def test_a_starved_picture_costs_a_point() -> None:
    viewer = Viewer(Path(seed=2, delay=0.025))
    viewer.run(4.0)
    viewer.there.rate = 90_000
    viewer.run(12.0)
    told = [report for report in viewer.meeting.events("quality") if report["transportId"] == "bob"][-1]
    assert told["score"] <= 4
    assert told["estimate"] < 150_000


def test_stats_tell_what_a_picture_is_made_of() -> None:
    meeting = Meeting()
    camera = Camera(meeting)
    camera.produce()
    ssrc = meeting.consume("layers")["encodings"][0]["ssrc"]
    camera.run(2.0)
    meeting.bob.send_rtcp(rtcp.build_nack(1, ssrc, [1, 2]))
    meeting.bob.send_rtcp(rtcp.build_pli(1, ssrc))
    consumer, producer = meeting.routers.stats("c1"), meeting.routers.stats("layers")
    assert (consumer["layer"], consumer["wantedLayer"], consumer["nacks"], consumer["plis"]) == (2, 2, 2, 1)
    assert [stream["height"] for stream in producer["streams"]] == [180, 360, 720]
    assert all(stream["bitrate"] > 1000 and stream["keyFrames"] and stream["keyFramesAsked"] < 5 for stream in producer["streams"])
