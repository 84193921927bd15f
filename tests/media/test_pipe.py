"""A producer on one worker, its consumers on another: two forwarders in this process with a pipe between them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from media import pipe, pipeframes, rtcp
from media.packet import Packet
from media.pipeframes import Forwarded, PipeError, Splitter
from media.plane import PlaneError
from tests.media.camera import Camera
from tests.media.meeting import BLIND, CAMERA, MICROPHONE, Meeting
from tests.media.peer import Peer

Json = dict[str, Any]
KEY_FRAME = bytes.fromhex("10000000") + b"key frame"
DELTA = bytes.fromhex("10010000") + b"delta"
CAROL = ("10.0.0.3", 3333)
LEVEL = bytes((0x10, 0x8A))  # audio level, one byte, under the client's id 1


class TwoWorkers:
    """Near is the whole of a small meeting; far has Carol, who receives what comes through the pipe."""

    def __init__(self, path: Path) -> None:
        self.near, self.far = Meeting(), Meeting()
        self.path = path
        for meeting in (self.near, self.far):
            meeting.forwarder.drain = self._drain(meeting)
        self.far.routers.close("alice")
        self.far.reports.clear()
        self.far.routers.create_transport("room", "pipe", "send", {"type": "pipe", "path": str(path)})
        self.near.routers.create_transport("room", "pipe", "recv", {"type": "pipe"})
        self.near.routers.connect_transport("pipe", {"path": str(path)})
        self.carol = Peer(self.far.world, self.far.routers.create_transport("room", "carol", "recv"), CAROL)
        self.far.routers.connect_transport("carol", self.carol.dtls_parameters)
        self.carol.connect()

    def _drain(self, meeting: Meeting) -> Callable[[], None]:
        def drain() -> None:
            for leave in meeting.forwarder.outlets:
                leave()
            meeting.forwarder.outlets.clear()
            meeting.world.deliver()

        return drain

    def bring(self, producer: str) -> None:
        answer = self.near.routers.consume("pipe", f"sink-{producer}", producer, {}, True)
        self.far.routers.produce("pipe", producer, answer["kind"], answer["rtpParameters"], answer["producerPaused"])
        self.near.routers.update(f"sink-{producer}", {"paused": False})

    def consume(self, producer: str) -> Json:
        answer = self.far.routers.consume("carol", f"carol-{producer}", producer, BLIND, False)
        parameters: Json = answer["rtpParameters"]
        return parameters

    async def passed(self) -> None:
        """What is on its way arrives: the loop reads the sockets."""
        for _ in range(5):
            self.near.forwarder.drain()
            self.far.forwarder.drain()
            await asyncio.sleep(0.002)

    def close(self) -> None:
        for meeting in (self.near, self.far):
            meeting.routers.close_all()


@pytest.fixture
async def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwoWorkers]:
    made = TwoWorkers(tmp_path / "pipe")
    monkeypatch.setattr(pipe, "clock", lambda: made.far.world.now)
    await made.passed()
    yield made
    made.close()


async def test_packets_reach_a_consumer_of_the_other_worker_in_one_line(two: TwoWorkers) -> None:
    two.bring("cam")
    two.consume("cam")
    for index in range(1, 6):
        two.near.alice.send(CAMERA, index, KEY_FRAME if index == 1 else DELTA, payload_type=96, timestamp=3000 * index)
    await two.passed()
    arrived = two.carol.media()
    assert len(arrived) == 5
    assert [payload[: len(DELTA)] for _, payload in arrived] == [KEY_FRAME[: len(DELTA)]] + [DELTA] * 4  # padding may follow
    numbers = [int.from_bytes(header[2:4], "big") for header, _ in arrived]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert [int.from_bytes(header[4:8], "big") for header, _ in arrived] == [3000 * index for index in range(1, 6)]


async def test_a_key_frame_is_asked_of_the_sender(two: TwoWorkers) -> None:
    two.near.alice.send(CAMERA, 1, KEY_FRAME, payload_type=96)
    two.bring("cam")
    two.near.world.tick(1.0)
    two.near.alice.rtcp()
    parameters = two.consume("cam")
    two.near.alice.send(CAMERA, 2, DELTA, payload_type=96)
    await two.passed()
    two.far.world.tick(1.0)
    two.near.world.tick(1.0)
    two.carol.send_rtcp(rtcp.build_pli(1, parameters["encodings"][0]["ssrc"]))
    await two.passed()
    two.near.world.tick(1.0)
    asked = [part for packet in two.near.alice.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.Pli)]
    assert {part.media_ssrc for part in asked} == {CAMERA}


async def test_the_layer_at_the_far_end_follows_the_tile_there(two: TwoWorkers) -> None:
    camera = Camera(two.near)
    camera.produce()
    two.bring("layers")
    two.consume("layers")
    for tile, layer in ((720, 2), (90, 0), (400, 1)):
        two.far.routers.update("carol-layers", {"wish": {"tile": tile}})
        await film(two, camera, 60)
        two.carol.media()
        await film(two, camera, 5)
        assert two.far.routers.stats("carol-layers")["layer"] == layer
    assert {2, 0, 1} <= set(camera.asked)  # key frames were asked of the sender, through the pipe


async def film(two: TwoWorkers, camera: Camera, frames: int) -> None:
    for number in range(frames):
        for meeting in (two.near, two.far):
            meeting.world.tick(1 / 30)
        if number % 30 == 0:
            two.carol.check()
            two.near.alice.check()
        camera.frame()
        await two.passed()


async def test_a_pipe_asks_for_no_layer_of_its_own(two: TwoWorkers) -> None:
    two.bring("cam")
    two.near.routers.update("sink-cam", {"wish": {"visible": False}, "paused": True})
    two.near.routers.update("sink-cam", {"paused": False})
    for _ in range(60):
        two.near.world.tick(0.1)
    assert [report["highest"] for report in two.near.events("layersWanted")] == [-1]  # nobody looks here; the far worker tells its own
    two.near.routers.update("sink-cam", {"wish": {"visible": True}, "paused": True})
    two.near.routers.update("sink-cam", {"paused": False})
    two.near.world.tick(0.1)
    assert [report["highest"] for report in two.near.events("layersWanted")] == [-1, 0]


async def test_what_is_lost_towards_a_far_consumer_is_repaired_there(two: TwoWorkers) -> None:
    two.bring("cam")
    parameters = two.consume("cam")
    for index in range(1, 6):
        two.near.alice.send(CAMERA, index, KEY_FRAME if index == 1 else DELTA, payload_type=96, timestamp=index)
    await two.passed()
    missing = int.from_bytes(two.carol.media()[2][0][2:4], "big")
    two.carol.send_rtcp(rtcp.build_nack(1, parameters["encodings"][0]["ssrc"], [missing]))
    [(header, payload)] = two.carol.media()
    assert int.from_bytes(header[8:12], "big") == parameters["encodings"][0]["rtx"]["ssrc"]
    assert int.from_bytes(payload[:2], "big") == missing


async def test_the_senders_clock_reaches_far_consumers(two: TwoWorkers) -> None:
    two.bring("mic")
    parameters = two.consume("mic")
    two.near.alice.send(MICROPHONE, 1, b"opus", timestamp=960)
    two.near.alice.send_rtcp(rtcp.build_sender_report(MICROPHONE, 7 << 32, 960, 1, 4))
    await two.passed()
    two.near.alice.send(MICROPHONE, 2, b"opus", timestamp=1920)
    two.near.world.tick(0.025)
    await two.passed()
    two.far.world.tick(1.1)
    reports = [part for packet in two.carol.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.SenderReport)]
    told = next(report for report in reports if report.ssrc == parameters["encodings"][0]["ssrc"])
    elapsed = (told.ntp - (7 << 32)) / 2**32
    assert told.rtp_timestamp - 960 == pytest.approx(elapsed * 48000, abs=2)


async def test_levels_travel_inside_the_packets(two: TwoWorkers) -> None:
    two.bring("mic")
    for index in range(1, 20):
        two.near.alice.send(MICROPHONE, index, b"opus", extension=LEVEL)
        await two.passed()
        two.far.world.now += 0.02
    two.far.world.tick(0.2)
    assert two.far.events("levels")[-1]["levels"].keys() == {"mic"}


async def test_a_pause_begins_a_new_run_and_what_comes_late_is_not_heard(two: TwoWorkers) -> None:
    two.bring("mic")
    two.consume("mic")
    for index in range(1, 4):
        two.near.alice.send(MICROPHONE, index, b"before")
    await two.passed()
    for meeting in (two.near, two.far):
        meeting.routers.update("mic", {"paused": True})
    two.near.alice.send(MICROPHONE, 4, b"muted")
    for meeting in (two.near, two.far):
        meeting.routers.update("mic", {"paused": False})
    for index in (900, 901):
        two.near.alice.send(MICROPHONE, index, b"after")
    await two.passed()
    arrived = two.carol.media()
    assert [payload for _, payload in arrived] == [b"before"] * 3 + [b"after"] * 2
    numbers = [int.from_bytes(header[2:4], "big") for header, _ in arrived]
    assert numbers == list(range(numbers[0], numbers[0] + 5))


async def test_a_reader_that_does_not_read_costs_packets_and_no_memory(two: TwoWorkers, monkeypatch: pytest.MonkeyPatch) -> None:
    two.bring("cam")
    socket_at_far = two.far.forwarder.plain["pipe"]._line  # type: ignore[attr-defined]
    asyncio.get_running_loop().remove_reader(socket_at_far._socket.fileno())
    for index in range(1, 3000):
        two.near.alice.send(CAMERA, index, bytes(1100), payload_type=96)
        two.near.forwarder.drain()
    stats = two.near.routers.stats("pipe")
    assert stats["dropped"] == two.near.drops["pipe_full"] > 500
    assert two.near.forwarder.plain["pipe"]._line._waiting < 2 * (1 << 20)  # type: ignore[attr-defined]
    asyncio.get_running_loop().add_reader(socket_at_far._socket.fileno(), socket_at_far._readable)
    for _ in range(20):
        await two.passed()
    assert two.far.routers.stats("pipe")["frames"] == stats["frames"] - 1  # all that was not dropped, but the name of the channel


async def test_a_burst_for_many_is_cut_into_turns(two: TwoWorkers, monkeypatch: pytest.MonkeyPatch) -> None:
    from media import pipesocket

    monkeypatch.setattr(pipesocket, "MAX_MADE", 0)
    two.bring("cam")
    two.consume("cam")
    for index in range(1, 8):
        two.near.alice.send(CAMERA, index, KEY_FRAME, payload_type=96)
    for _ in range(5):
        await two.passed()
    assert len(two.carol.media()) == 7


async def test_a_torn_pipe_is_told_and_a_new_near_end_goes_on(two: TwoWorkers) -> None:
    two.bring("mic")
    two.consume("mic")
    two.near.alice.send(MICROPHONE, 1, b"one")
    await two.passed()
    two.near.routers.close("pipe")
    await two.passed()
    assert [report["reason"] for report in two.far.events("transportState") if report["transportId"] == "pipe"] == ["", "pipe_lost"]
    two.near.alice.send(MICROPHONE, 2, b"lost")
    two.near.routers.create_transport("room", "pipe2", "recv", {"type": "pipe"})
    two.near.routers.connect_transport("pipe2", {"path": str(two.path)})
    two.near.routers.consume("pipe2", "sink2", "mic", {}, False)
    await two.passed()
    two.near.alice.send(MICROPHONE, 3, b"three")
    await two.passed()
    assert [payload for _, payload in two.carol.media()] == [b"one", b"three"]


async def test_only_a_socket_for_its_owner_and_only_one_path(two: TwoWorkers, tmp_path: Path) -> None:
    two.bring("cam")
    assert (two.path.stat().st_mode & 0o777) == 0o600
    refused: list[tuple[str, Callable[[], Any]]] = [
        ("invalid_parameters", lambda: two.near.routers.create_transport("room", "x", "send", {"type": "pipe"})),
        ("invalid_parameters", lambda: two.near.routers.create_transport("room", "x", "send", {"type": "pipe", "path": "relative"})),
        ("invalid_parameters", lambda: two.near.routers.create_transport("room", "x", "send", {"type": "pipe", "path": "/" + "x" * 107})),
        ("invalid_parameters", lambda: two.near.routers.create_transport("room", "x", "send", {"type": "pipe", "path": "/nowhere/x"})),
        ("wrong_state", lambda: two.near.routers.connect_transport("pipe", {"path": str(two.path)})),
        ("wrong_state", lambda: two.far.routers.connect_transport("pipe", {"path": str(two.path)})),
        ("wrong_state", lambda: two.far.routers.consume("pipe", "x", "cam", {})),
        ("invalid_parameters", lambda: nobody(two, tmp_path)),
    ]
    for code, call in refused:
        with pytest.raises(PlaneError) as error:
            call()
        assert error.value.code == code
    two.far.routers.close("pipe")
    assert not two.path.exists()


def nobody(two: TwoWorkers, tmp_path: Path) -> None:
    two.near.routers.create_transport("room", "y", "recv", {"type": "pipe"})
    two.near.routers.connect_transport("y", {"path": str(tmp_path / "nobody")})


async def test_nonsense_in_a_pipe_ends_it_and_nothing_else(two: TwoWorkers) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
        stranger.connect(str(two.path))
        stranger.send(b"\0\4\x63\0\0\0")
        await two.passed()
    assert two.far.routers.stats("pipe")["connected"] is False
    assert two.far.routers.stats("carol")["state"] == "connected"


def test_another_users_process_is_not_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from media.pipesocket import is_ours

    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert is_ours(one)
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert not is_ours(one)


PACKETS = [
    Packet(1, 0x90, 0x64, 960, (), b"opus"),
    Packet((1 << 48) - 1, 0xB0, 0xE5, 0xFFFFFFFF, ((6, b"\x60\x8a"), (4, b"\x42abc")), bytes(1200)),
    Packet(70000, 0x90, 0x65, 1, ((7, b"\x70\x01"),), b""),
]


def test_frames_survive_being_cut_anywhere() -> None:
    data = pipeframes.bind(7, "mic") + b"".join([pipeframes.packet(7, 2, packet) for packet in PACKETS]) + pipeframes.clock(7, 1, 5, 6, 1.5)
    data += pipeframes.keyframe(7, 2)
    whole, cut = Splitter(), Splitter()
    whole.feed(data)
    wanted = list(whole.frames())
    assert wanted[1:4] == [Forwarded(7, 2, packet) for packet in PACKETS]
    assert (wanted[0], wanted[4], wanted[5]) == ((7, "mic"), (7, 1, 5, 6, 1.5), (7, 2))
    found = []
    for byte in data:
        cut.feed(bytes((byte,)))
        found += list(cut.frames())
    assert found == wanted


@pytest.mark.parametrize("data", [b"\0\4\x63\0\0\0", b"\0\0", b"\0\6\2\0\0\0\xff\xff", b"\0\5\1\0\0\0\0"])
def test_what_is_no_frame_is_not_believed(data: bytes) -> None:
    splitter = Splitter()
    splitter.feed(data)
    with pytest.raises(PipeError):
        list(splitter.frames())
