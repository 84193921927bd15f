"""Bad luck with layers: an address that changes, a restart of ICE, a camera that falls silent, SSRCs that meet, and floods of wishes."""

from __future__ import annotations

import pytest

from media import rtcp
from media.plane import PlaneError
from media.srtp import AES_128_CM
from tests.media.camera import Camera, layered
from tests.media.meeting import CAMERA, Meeting
from tests.media.peer import vp8
from tests.media.test_simulcast import seen


def test_a_change_of_address_keeps_the_line_and_asks_for_a_key_frame() -> None:
    meeting, camera, screen = seen(360)
    camera.run(1.0)
    screen.look()
    camera.asked.clear()
    meeting.bob.address = ("10.0.0.9", 9)
    meeting.bob.check()
    camera.run(0.2)
    assert set(screen.look()) == {1}
    assert screen.is_one_line()
    assert camera.asked == [1]


def test_a_restart_of_ice_keeps_the_line() -> None:
    meeting, camera, screen = seen(360)
    camera.run(1.0)
    meeting.bob.ice = meeting.routers.restart_ice("bob")["iceParameters"]
    camera.run(0.2)
    meeting.bob.address = ("10.0.0.9", 9)
    assert meeting.bob.check()
    camera.run(0.2)
    screen.look()
    camera.run(0.2)
    assert set(screen.look()) == {1}
    assert screen.is_one_line()


def test_who_was_not_heard_for_a_while_goes_on_with_a_key_frame_in_one_line() -> None:
    meeting, camera, screen = seen(360)
    camera.run(1.0)
    screen.look()
    camera.checked_at = meeting.world.now + 6.0  # nobody checks
    camera.run(5.5)
    before = len(screen.look())
    camera.run(0.3)
    assert screen.look() == []
    camera.checked_at = 0.0
    camera.run(1.0)
    assert before
    assert set(screen.look()) == {1}
    assert screen.is_one_line()


def test_a_camera_that_stops_without_a_word_is_told_and_comes_back_where_it_was() -> None:
    meeting, camera, screen = seen(720)
    camera.run(1.5)
    camera.alive = set()
    camera.run(3.0)
    assert [report["flowing"] for report in meeting.events("mediaFlow")] == [True, False]
    camera.alive = {0, 1, 2}
    screen.look()
    camera.run(1.5)
    assert [report["flowing"] for report in meeting.events("mediaFlow")] == [True, False, True]
    assert set(screen.look()) == {2}
    assert screen.is_one_line()


def test_cameras_of_two_clients_may_have_the_same_ssrcs_but_not_of_one() -> None:
    meeting = Meeting()
    camera = Camera(meeting)
    camera.produce()
    carol = meeting.join("carol", "send", ("10.0.0.3", 3))
    meeting.routers.produce("carol", "cam2", "video", vp8(CAMERA, 2999))
    meeting.consume("cam2")
    key = bytes.fromhex("10000000")
    carol.send(CAMERA, 5, key + b"carol", payload_type=96)
    meeting.alice.send(CAMERA, 5, key + b"alice", payload_type=96)
    assert [payload for _, payload in meeting.bob.media()] == [key + b"carol"]
    with pytest.raises(PlaneError, match="ssrc in use"):
        meeting.routers.produce("alice", "again", "video", vp8(CAMERA, 2998, mid="9"))
    with pytest.raises(PlaneError, match="mid in use"):
        meeting.routers.produce("alice", "again", "video", layered("7"))


def test_a_flood_of_wishes_asks_a_camera_for_few_key_frames() -> None:
    meeting, camera, screen = seen(360)
    camera.run(1.0)
    camera.asked.clear()
    for turn in range(300):
        meeting.routers.update("c1", {"wish": {"tile": (90, 360, 720)[turn % 3]}, "keyframe": True})
        camera.run(1 / 60, step=1 / 60)
    assert len(camera.asked) <= 3 * 11  # five seconds, two a second and layer at most
    screen.look()
    assert screen.is_one_line()


def test_a_client_that_speaks_only_aes_cm_gets_layers_too() -> None:
    meeting, camera, screen = seen(720, bob_profile=AES_128_CM)
    camera.run(1.0)
    meeting.routers.update("c1", {"wish": {"tile": 180}})
    camera.run(1.0)
    assert {0, 2} <= set(screen.look())
    assert screen.is_one_line()


def test_feedback_about_nothing_and_about_strangers_changes_nothing() -> None:
    meeting, camera, screen = seen(360)
    camera.run(1.0)
    screen.look()
    feedback = rtcp.TransportFeedback(1, 2, 0, 40_000, 7, (0.0, None, 0.01))
    for packet in (
        rtcp.build_transport_feedback(feedback),
        rtcp.build_remb(1, 10, [screen.ssrc]),
        rtcp.build_nack(1, 12345, [1, 2, 3]),
        rtcp.build_pli(1, 12345),
        rtcp.build_receiver_report(1, [rtcp.ReportBlock(12345, 255, 1, 1, 1, 1, 1)]),
    ):
        meeting.bob.send_rtcp(packet)
        meeting.alice.send_rtcp(packet)
    camera.run(0.5)
    assert set(screen.look()) == {1}
    assert meeting.drops == {}
