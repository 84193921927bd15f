"""A meeting is recorded: one WebM for each producer that any player takes, also when it was cut off, and whatever the network loses."""

from __future__ import annotations

import asyncio
import json
import os
import random
import struct
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from media import disk, recorder, rtcp
from media.plane import PlaneError
from tests.media.camera import Camera
from tests.media.meeting import CAMERA, CAMERA_RTX, MICROPHONE, Meeting
from tests.support.encoded import FRAME_MS, PICTURE_MS, payloads, pictures, tone

Json = dict[str, Any]
SECONDS = 4.0


class Studio:
    """A small meeting with a recording in it. What is sent leaves in 10 ms steps."""

    def __init__(self, folder: Path) -> None:
        self.meeting = Meeting()
        self.folder = folder
        self.world = self.meeting.world
        self.began = self.world.now
        self._indexes = {MICROPHONE: 0, CAMERA: 0}
        self.meeting.routers.create_transport("room", "rec", "recv", {"type": "recording", "folder": str(folder), "began": self.began})

    def record(self, *producers: str) -> None:
        for producer in producers:
            self.meeting.routers.consume("rec", f"file-{producer}", producer, {}, False)

    def play(self, seconds: float = SECONDS, *, lose: float = 0.0, swap: float = 0.0, seed: int = 1, repair: bool = False) -> None:
        """Voice and picture side by side; some packets are lost, some overtaken."""
        chance = random.Random(seed)
        sounds, frames = iter(tone(seconds)), iter(pictures(seconds))
        later: list[tuple[int, int, bytes, dict[str, Any]]] = []
        for step in range(round(seconds * 100)):
            now, later = [*self._due(step, sounds, frames), *later], []
            for ssrc, index, payload, more in now:
                if ssrc != CAMERA_RTX and chance.random() < lose:
                    if repair and ssrc == CAMERA:
                        original = struct.pack("!H", index & 0xFFFF)
                        later.append((CAMERA_RTX, index, original + payload, more | {"payload_type": more["payload_type"] + 1}))
                elif ssrc != CAMERA_RTX and chance.random() < swap:
                    later.append((ssrc, index, payload, more))
                else:
                    self.meeting.alice.send(ssrc, index, payload, **more)
            self.world.tick(0.01)
        for ssrc, index, payload, more in later:
            self.meeting.alice.send(ssrc, index, payload, **more)

    def _due(self, step: int, sounds: Iterator[bytes], frames: Iterator[bytes]) -> list[tuple[int, int, bytes, dict[str, Any]]]:
        due = []
        stamp = round((self.world.now - self.began) * 1000)
        if step * 10 % FRAME_MS == 0:
            self._indexes[MICROPHONE] += 1
            due.append((MICROPHONE, self._indexes[MICROPHONE], next(sounds), {"timestamp": 48 * stamp + 1_000_000}))
        if step * 10 % PICTURE_MS == 0:
            parts = payloads(next(frames))
            for place, part in enumerate(parts):
                self._indexes[CAMERA] += 1
                kind = 96 | (0x80 if place == len(parts) - 1 else 0)
                due.append((CAMERA, self._indexes[CAMERA], part, {"timestamp": 90 * stamp + 2_000_000 & 0xFFFFFFFF, "payload_type": kind}))
        return due

    async def stopped(self) -> Json:
        self.meeting.routers.close("rec")
        return await self.told()

    async def told(self) -> Json:
        for _ in range(500):
            if found := self.meeting.events("recordingStopped"):
                return found[0]
            await asyncio.sleep(0.01)
        raise AssertionError("the recording has not stopped")

    def asked_for_keyframes(self) -> int:
        return sum(isinstance(part, rtcp.Pli) for packet in self.meeting.alice.rtcp() for part in rtcp.parse_compound(packet))


@pytest.fixture
async def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    made = Studio(tmp_path / "take")
    monkeypatch.setattr(recorder, "clock", lambda: made.world.now)
    return made


def decoded(path: Path) -> tuple[list[float], Json]:
    """Instants of the frames that can be decoded, and what the file says of itself."""
    with av.open(str(path)) as container:
        stream = container.streams[0]
        said = {"duration": None if container.duration is None else container.duration / 1e6, "codec": stream.codec_context.name}
        times = []
        for packet in container.demux(stream):
            times += [frame.time for frame in packet.decode()]
    return times, said


async def test_each_producer_becomes_a_file_that_plays_from_end_to_end(studio: Studio) -> None:
    studio.record("mic", "cam")
    studio.play()
    report = await studio.stopped()
    assert report["reason"] == "closed"
    assert json.loads((studio.folder / "index.json").read_text())["files"] == report["files"]
    for name, codec, count in (("file-mic.webm", "opus", SECONDS * 50), ("file-cam.webm", "vp8", SECONDS * 20)):
        times, said = decoded(studio.folder / name)
        assert said["codec"] == codec
        assert len(times) == count
        assert said["duration"] == pytest.approx(SECONDS, abs=0.1)
        assert times == sorted(times)
        assert times[0] == pytest.approx(0.0, abs=0.02)


async def test_a_finished_file_can_be_searched(studio: Studio) -> None:
    studio.record("cam")
    studio.play()
    await studio.stopped()
    with av.open(str(studio.folder / "file-cam.webm")) as container:
        container.seek(2_500_000, backward=True)
        first = next(container.decode(container.streams[0]))
    assert 1.9 <= first.time <= 2.5


async def test_a_file_cut_off_anywhere_plays_up_to_there(studio: Studio) -> None:
    studio.record("mic", "cam")
    studio.play()
    for _ in range(100):  # everything but the last second is on the disk before anything is closed
        if studio.meeting.routers.stats("rec")["waitingBytes"] == 0:
            break
        await asyncio.sleep(0.01)
    for name, least in (("file-mic.webm", 150), ("file-cam.webm", 60)):
        whole = (studio.folder / name).read_bytes()
        copy = studio.folder / f"cut-{name}"
        before = 0
        for cut in (len(whole) // 3, len(whole) // 2 + 7, len(whole) - 3, len(whole)):
            copy.write_bytes(whole[:cut])
            times, _ = decoded(copy)
            assert len(times) > before
            before = len(times)
        assert before >= least
    await studio.stopped()


async def test_files_lie_on_one_clock_also_what_began_later(studio: Studio) -> None:
    studio.record("mic")
    studio.play(2.0)
    studio.record("cam")
    studio.play(2.0)
    await studio.stopped()
    voice, _ = decoded(studio.folder / "file-mic.webm")
    picture, _ = decoded(studio.folder / "file-cam.webm")
    assert picture[0] == pytest.approx(2.0, abs=0.03)
    assert voice[-1] == pytest.approx(picture[-1], abs=0.06)


async def test_packets_out_of_order_and_repaired_ones_cost_nothing(studio: Studio) -> None:
    studio.record("cam")
    studio.play(swap=0.3, lose=0.05, repair=True, seed=5)
    await studio.stopped()
    times, _ = decoded(studio.folder / "file-cam.webm")
    assert len(times) == SECONDS * 20


async def test_after_a_loss_the_picture_goes_on_with_a_key_frame_that_was_asked_for(studio: Studio) -> None:
    studio.record("mic", "cam")
    studio.asked_for_keyframes()
    studio.play(lose=0.06, seed=3)
    assert studio.asked_for_keyframes() > 0
    report = await studio.stopped()
    times, _ = decoded(studio.folder / "file-cam.webm")
    assert SECONDS * 20 > len(times) > 20
    assert sum(file["lostPackets"] for file in report["files"]) > 0
    voice, _ = decoded(studio.folder / "file-mic.webm")
    assert voice[-1] == pytest.approx(SECONDS, abs=0.1)


async def test_a_pause_is_a_gap_and_the_clock_goes_on(studio: Studio) -> None:
    studio.record("mic")
    studio.play(1.0)
    studio.meeting.set_paused("mic", True)
    studio.play(1.0)
    studio.meeting.set_paused("mic", False)
    studio.play(1.0)
    await studio.stopped()
    times, _ = decoded(studio.folder / "file-mic.webm")
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) == pytest.approx(1.0, abs=0.05)
    assert times[-1] == pytest.approx(3.0, abs=0.05)


async def test_a_producer_that_goes_has_a_finished_file_while_the_others_go_on(studio: Studio) -> None:
    studio.record("mic", "cam")
    studio.play(1.0)
    studio.meeting.routers.close("cam")
    for _ in range(500):
        if studio.meeting.routers.stats("rec")["waitingBytes"] == 0:
            break
        await asyncio.sleep(0.01)
    _, said = decoded(studio.folder / "file-cam.webm")
    assert said["duration"] == pytest.approx(1.0, abs=0.1)
    assert studio.meeting.events("recordingStopped") == []
    await studio.stopped()


@pytest.mark.parametrize(("number", "reason"), [(28, "disk_full"), (5, "disk_failed")])
async def test_a_disk_that_takes_no_more_ends_the_recording_and_not_the_meeting(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    studio.record("mic")
    studio.meeting.consume("mic")

    def broken(descriptor: int, data: memoryview, at: int) -> int:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "pwrite", broken)
    for _ in range(50):
        studio.play(0.2)
        await asyncio.sleep(0.01)
        if studio.meeting.routers.stats("rec")["stopped"]:
            break
    assert (await studio.told())["reason"] == reason
    studio.meeting.bob.media()
    studio.play(0.2)
    assert len(studio.meeting.bob.media()) == 10


async def test_a_disk_that_cannot_keep_up_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    written = disk.Disk(tmp_path, lambda lengths: None, most=100)
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda *given: (gate.wait(5), write(*given))[1])
    written.write([disk.Job("a", b"x" * 60)] * 4)
    assert written.trouble == "disk_slow"
    gate.set()
    written.end()
    written.join(5)
    assert (tmp_path / "a").stat().st_size == 120


async def test_what_was_written_is_made_safe_by_itself_and_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a power cut would leave: the lengths that the disk was told to keep, without anybody having finished the file."""
    safe: dict[str, int] = {}
    sync = os.fsync

    def noted(descriptor: int) -> None:
        sync(descriptor)
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        safe[path] = os.fstat(descriptor).st_size

    monkeypatch.setattr(os, "fsync", noted)
    written = disk.Disk(tmp_path, lambda lengths: None, sync_seconds=0.05)
    for number in (1, 2):
        written.write([disk.Job("a", b"x" * 60)])
        for _ in range(500):
            if safe.get(str(tmp_path / "a"), 0) == 60 * number:
                break
            await asyncio.sleep(0.01)
        assert safe[str(tmp_path / "a")] == 60 * number
        assert str(tmp_path) in safe
    written.end()
    written.join(5)


async def test_a_disk_that_fails_only_when_it_is_to_keep_what_it_took_ends_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(descriptor: int) -> None:
        raise OSError(5, "no")

    monkeypatch.setattr(os, "fsync", broken)
    written = disk.Disk(tmp_path, lambda lengths: None, sync_seconds=0.05)
    written.write([disk.Job("a", b"x")])
    for _ in range(500):
        if written.trouble:
            break
        await asyncio.sleep(0.01)
    assert written.trouble == "disk_failed"
    written.end()
    written.join(5)


async def test_the_largest_layer_that_comes_is_kept(studio: Studio) -> None:
    camera = Camera(studio.meeting)
    camera.produce()
    studio.meeting.routers.consume("rec", "file", "layers", {}, False)
    recording = studio.meeting.forwarder.plain["rec"]
    assert isinstance(recording, recorder.Recording)
    kept = []
    for alive in ({0}, {0, 1, 2}, {0, 1}, set[int]()):
        camera.alive = alive
        for _ in range(60):
            camera.frame()
            studio.world.tick(0.05)
        kept.append(recording.tape("file").layer)
    assert kept == [0, 2, 1, 1]
    await studio.stopped()


async def test_what_a_recording_does_not_take(studio: Studio, tmp_path: Path) -> None:
    routers = studio.meeting.routers
    for id, direction, options, code in (
        ("r1", "recv", {"folder": "relative"}, "invalid_parameters"),
        ("r2", "recv", {"folder": str(tmp_path), "began": "now"}, "invalid_parameters"),
        ("r3", "send", {"folder": str(tmp_path)}, "wrong_state"),
    ):
        with pytest.raises(PlaneError, match=code):
            routers.create_transport("room", id, direction, {"type": "recording"} | options)
    with pytest.raises(PlaneError, match="invalid_parameters"):
        routers.consume("rec", "../up", "mic", {})
    with pytest.raises(PlaneError, match="wrong_state"):
        routers.connect_transport("rec", {})
    await studio.stopped()
