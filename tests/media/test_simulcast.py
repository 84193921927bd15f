"""What one consumer sees of a camera in layers: the layer its tile needs, one line of numbers, and no gap when it changes."""

from itertools import pairwise
from typing import Any

import pytest

from media import vp8
from tests.media.camera import HEIGHTS, SIZES, Camera, head
from tests.media.meeting import Meeting

Json = dict[str, Any]


class Screen:
    """What arrived at Bob of one consumer, and whether it makes one stream."""

    def __init__(self, meeting: Meeting, parameters: Json) -> None:
        self.meeting = meeting
        self.ssrc = parameters["encodings"][0]["ssrc"]
        self.packets: list[tuple[bytes, bytes]] = []

    def look(self) -> list[int]:
        """→ layers of the packets that came since the last look."""
        came = [(header, payload) for header, payload in self.meeting.bob.media() if int.from_bytes(header[8:12], "big") == self.ssrc]
        self.packets += came
        return [SIZES.index(min(SIZES, key=lambda size: abs(len(payload.rstrip(b"\x05")) - size - 5))) for _, payload in came]

    @property
    def numbers(self) -> list[int]:
        return [header[2] << 8 | header[3] for header, _ in self.packets]

    @property
    def stamps(self) -> list[int]:
        return [int.from_bytes(header[4:8], "big") for header, _ in self.packets]

    @property
    def pictures(self) -> list[int]:
        return [vp8.describe(payload).picture for _, payload in self.packets]

    def is_one_line(self) -> bool:
        """Numbers consecutive; timestamps and picture ids rise together, by one picture at a time."""
        steps = {second - first & 0xFFFF for first, second in pairwise(self.numbers)}
        pictures = zip(self.stamps, self.pictures, strict=True)
        moves = [(second[0] - first[0] & 0xFFFFFFFF, second[1] - first[1] & 0x7FFF) for first, second in pairwise(pictures)]
        return steps == {1} and all(move == (0, 0) or (0 < move[0] < 360_000 and move[1] == 1) for move in moves)


def seen(tile: int = 720, **more: Any) -> tuple[Meeting, Camera, Screen]:
    meeting = Meeting(**more)
    camera = Camera(meeting)
    assert camera.produce() == {"id": "layers", "type": "simulcast"}
    screen = Screen(meeting, meeting.consume("layers"))
    meeting.routers.update("c1", {"wish": {"tile": tile}})
    return meeting, camera, screen


@pytest.mark.parametrize(("tile", "layer"), [(720, 2), (2160, 2), (400, 1), (180, 0), (90, 0), (0, 0)])
def test_the_layer_follows_the_tile(tile: int, layer: int) -> None:
    meeting, camera, screen = seen(tile)
    camera.run(1.5)
    screen.look()
    camera.run(0.2)
    assert set(screen.look()) == {layer}
    assert screen.is_one_line()
    assert meeting.routers.stats("c1")["layer"] == layer
    assert [stream["height"] for stream in meeting.routers.stats("layers")["streams"]] == list(HEIGHTS)


def test_consumers_see_no_gap_when_the_layer_changes() -> None:
    meeting, camera, screen = seen()
    for tile in (720, 180, 360, 90, 720, 360):
        meeting.routers.update("c1", {"wish": {"tile": tile}})
        camera.run(0.5)
        camera.report()
        camera.run(0.7)
    layers = screen.look()
    assert [layer for n, layer in enumerate(layers) if n == 0 or layer != layers[n - 1]][-6:] == [2, 0, 1, 0, 2, 1]
    assert screen.is_one_line()
    assert meeting.drops == {}


def test_a_switch_waits_for_the_key_frame_and_shows_the_old_layer_until_then() -> None:
    meeting, camera, screen = seen(180)
    camera.run(1.0)
    screen.look()
    meeting.routers.update("c1", {"wish": {"tile": 720}})
    assert meeting.routers.stats("c1")["wantedLayer"] == 2
    meeting.world.deliver()
    meeting.alice.take()  # the request is lost
    camera.run(0.3)
    assert set(screen.look()) == {0}
    camera.run(1.0)
    assert set(screen.look()) == {0, 2}
    assert screen.is_one_line()


def upwards(lost: set[int], step: float = 0.005) -> tuple[Meeting, Camera, Screen, list[int]]:
    """Someone who sees the smallest layer goes up to the middle one, whose key frame has five packets. Those `lost` on the way come again
    after 60 ms. → among the rest what was asked of the camera.
    """
    meeting, camera, screen = seen(180)
    camera.run(1.0)
    meeting.routers.update("c1", {"wish": {"tile": 360}})
    camera.listen()
    camera.asked.clear()
    screen.look()
    late: list[bytes] = []
    world = meeting.world
    for number in range(60):
        world.tick(step)
        if number % 6 == 0:
            camera.listen()
            for layer in camera.layers:
                key, layer.wants_key = layer.wants_key, False
                timestamp = round(world.now * 90_000) + layer.offset & 0xFFFFFFFF
                layer.picture += 1
                for n in range(5 if key else 2):
                    payload = head(layer.picture, layer.picture, key, HEIGHTS[layer.number], n == 0) + bytes(SIZES[layer.number])
                    packet = camera.packet(layer, payload, timestamp, n == (4 if key else 1))
                    if key and layer.number == 1 and n in lost:
                        late.append(packet)
                    else:
                        world.forwarder.feed(packet, meeting.alice.address, world.now)
        if number == 18:  # what the key frame lost
            for packet in late:
                world.forwarder.feed(packet, meeting.alice.address, world.now)
        meeting.forwarder.flush()
        world.deliver()
        if number == 15 and lost:
            assert set(screen.look()) == {0}  # the old layer goes on
    return meeting, camera, screen, camera.asked


@pytest.mark.parametrize("lost", [set(), {0}, {2}, {4}, {0, 1, 2, 3, 4}])
def test_a_step_up_waits_until_the_key_frame_is_whole_and_nothing_after_it_is_missing(lost: set[int]) -> None:
    meeting, _, screen, asked = upwards(lost)
    layers = screen.look()
    first = layers.index(1)
    assert set(layers[:first]) <= {0}
    assert set(layers[first:]) == {1}
    assert screen.is_one_line()
    assert asked == [1]  # one key frame was asked for, and one came
    assert meeting.drops == {}


def test_only_the_layer_that_is_needed_is_asked_for_a_key_frame() -> None:
    meeting, camera, _ = seen(180)
    camera.run(1.0)
    camera.asked.clear()
    meeting.routers.update("c1", {"wish": {"tile": 360}})
    camera.run(0.3)
    assert camera.asked == [1]
    meeting.routers.update("c1", {"keyframe": True})
    camera.run(0.6)
    assert camera.asked == [1, 1]


def test_a_layer_that_its_sender_stops_is_left_at_once_and_taken_again_when_it_has_lasted() -> None:
    _, camera, screen = seen(720)
    camera.run(1.0)
    camera.alive = {0, 1}
    camera.run(0.4)
    screen.look()
    camera.run(0.2)
    assert set(screen.look()) == {1}
    camera.alive = {0, 1, 2}
    camera.run(19.0)
    screen.look()
    camera.run(0.2)
    assert set(screen.look()) == {1}
    camera.run(2.0)
    screen.look()
    camera.run(0.2)
    assert set(screen.look()) == {2}
    assert screen.is_one_line()


def test_a_camera_that_sends_one_layer_of_three_is_shown_at_once() -> None:
    _, camera, screen = seen(720)
    camera.alive = {0}
    camera.frame()
    assert screen.look() == [0, 0]
    camera.run(1.0)
    assert set(screen.look()) == {0}


def test_a_tile_outside_the_page_gets_nothing_and_comes_back() -> None:
    meeting, camera, screen = seen(360)
    camera.run(0.5)
    meeting.routers.update("c1", {"wish": {"visible": False}})
    screen.look()
    camera.run(0.5)
    assert screen.look() == []
    meeting.routers.update("c1", {"wish": {"visible": True}})
    camera.run(0.5)
    assert set(screen.look()) == {1}
    assert screen.is_one_line()
    told = [(report["layer"], report["reason"]) for report in meeting.events("consumerLayer")]
    assert told[-3:] == [(1, "tile"), (-1, "hidden"), (1, "tile")]


def test_pauses_of_both_ends_keep_the_line_and_are_no_news() -> None:
    meeting, camera, screen = seen(360)
    camera.run(0.5)
    before = len(meeting.events("consumerLayer"))
    for id in ("c1", "layers"):
        meeting.set_paused(id, True)
        camera.run(0.3)
        meeting.set_paused(id, False)
        camera.run(0.3)
    assert screen.look()
    assert screen.is_one_line()
    assert len(meeting.events("consumerLayer")) == before


def test_a_client_without_a_wish_gets_the_largest() -> None:
    meeting = Meeting()
    camera = Camera(meeting)
    camera.produce()
    screen = Screen(meeting, meeting.consume("layers"))
    camera.run(1.0)
    screen.look()
    camera.run(0.1)
    assert set(screen.look()) == {2}


def test_a_second_ssrc_for_a_layer_is_a_spoof() -> None:
    meeting, camera, _ = seen()
    camera.run(0.1)
    spoof = meeting.alice.protected(9999, 1, head(1, 1, True, 720), payload_type=96, extension=b"\x407\xa0h")
    meeting.world.feed(spoof, meeting.alice.address)
    assert meeting.drops == {"rtp_unknown_ssrc": 1}


def test_two_consumers_of_one_camera_stand_on_their_own_layers() -> None:
    meeting, camera, large = seen(720)
    small = Screen(meeting, meeting.consume("layers", "c2"))
    meeting.routers.update("c2", {"wish": {"tile": 180}})
    camera.run(1.0)
    streams = {stream["layer"]: stream for stream in meeting.routers.stats("layers")["streams"]}
    assert [meeting.routers.stats(id)["layer"] for id in ("c1", "c2")] == [2, 0]
    meeting.bob.take()
    camera.frame()
    arrived = meeting.bob.media()
    assert {int.from_bytes(header[8:12], "big") for header, _ in arrived} == {large.ssrc, small.ssrc}
    assert set(streams) == {0, 1, 2}
