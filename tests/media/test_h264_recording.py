"""H.264 is recorded as it comes, into Matroska that any player takes, and is seen in the film beside VP8."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from media import h264, recorder
from media.assembly import MOST_BYTES, H264Pictures
from media.compose import FILM
from tests.media.test_compose import composed, seen
from tests.media.test_h264 import LOW
from tests.media.test_h264 import h264 as parameters
from tests.media.test_recorder import Studio, decoded
from tests.support.encoded import PICTURE_MS, h264_pictures

Json = dict[str, Any]
FILE = "file-h.mkv"


class Device(Studio):
    """A phone that has H.264 in hardware, in the meeting with the others."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.meeting.routers.produce("alice", "h", "video", parameters(LOW))
        self.index = 0

    def film(self, pictures: list[list[bytes]], lose: frozenset[int] = frozenset()) -> None:
        """`lose`: numbers of packets, counted over all."""
        for parts in pictures:
            stamp = round((self.world.now - self.began) * 90_000) + 5_000
            for place, part in enumerate(parts):
                self.index += 1
                kind = 96 | (0x80 if place == len(parts) - 1 else 0)
                if self.index not in lose:
                    self.meeting.alice.send(LOW, self.index, part, payload_type=kind, timestamp=stamp)
            for _ in range(2):
                self.world.tick(PICTURE_MS / 2000)


@pytest.fixture
async def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    made = Device(tmp_path / "take")
    monkeypatch.setattr(recorder, "clock", lambda: made.world.now)
    return made


def sizes(path: Path) -> list[tuple[int, int]]:
    """Of the pictures, without repetitions."""
    found: list[tuple[int, int]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if (frame.width, frame.height) not in found[-1:]:
                found.append((frame.width, frame.height))
    return found


async def test_every_picture_is_in_the_file_and_it_can_be_searched(device: Device) -> None:
    pictures = h264_pictures(3.0)
    assert max(map(len, pictures)) > 3  # fragments are among them
    device.record("h")
    device.film(pictures)
    report = await device.stopped()
    assert [file["file"] for file in report["files"]] == [FILE]
    times, said = decoded(device.folder / FILE)
    assert (said["codec"], len(times)) == ("h264", 60)
    assert said["duration"] == pytest.approx(3.0, abs=0.1)
    with av.open(str(device.folder / FILE)) as container:
        assert container.format.name.startswith("matroska")
        assert (container.streams[0].width, container.streams[0].height) == (160, 120)
        container.seek(2_500_000, backward=True)
        assert 1.9 <= next(container.decode(video=0)).time <= 2.5


async def test_a_device_that_changes_its_picture_size_goes_on_in_the_same_file(device: Device) -> None:
    device.record("h")
    device.film(h264_pictures(1.0))
    device.film(h264_pictures(1.0, 320, 240))
    await device.stopped()
    assert sizes(device.folder / FILE) == [(160, 120), (320, 240)]
    assert len(decoded(device.folder / FILE)[0]) == 40


async def test_after_a_loss_there_is_no_half_picture_and_it_goes_on_with_the_next_key_frame(device: Device) -> None:
    pictures = h264_pictures(3.0)
    before = sum(map(len, pictures[:25]))
    device.record("h")
    device.asked_for_keyframes()
    device.film(pictures, lose=frozenset({before + 1}))
    assert device.asked_for_keyframes() > 0
    await device.stopped()
    times, _ = decoded(device.folder / FILE)
    assert len(times) == 25 + 20  # the twenty-sixth is damaged; what follows it waits for the key frame at two seconds


async def test_a_film_shows_both_codecs_side_by_side(device: Device) -> None:
    for name, producer in (("camera-aa-li", "cam"), ("camera-bb-wang", "h")):
        device.meeting.routers.consume("rec", name, producer, {}, False)
    device.play(2.0)
    device.began = device.world.now
    device.film(h264_pictures(2.0))
    await device.stopped()
    result = composed(device.folder, 4.0, [])
    assert {file["name"] for file in result["files"]} == {"camera-aa-li.webm", "camera-bb-wang.mkv"}
    middle = seen(device.folder / FILM, 0.9, 0.5)
    assert any(at > 2.5 and tone > 60 for at, tone in middle.items())


def test_the_size_is_read_out_of_the_sequence() -> None:
    for width, height in ((160, 120), (320, 240), (1280, 720), (642, 362)):
        first = h264_pictures(0.05, width, height)[0][0]
        units = [unit for unit in h264.aggregated(first) if h264.kind(unit) == h264.SPS]
        assert [h264.size(unit) for unit in units] == [(width, height)]


@pytest.mark.parametrize("damaged", [b"", b"\x67", b"\x67\x42\x00", b"\x67" + b"\0" * 40, b"\x67" + b"\0" * 400])
def test_a_sequence_that_cannot_be_read_has_no_size_and_begins_no_file(damaged: bytes) -> None:
    assert h264.size(damaged) == (0, 0)
    assert H264Pictures().track(h264.framed([damaged, b"\x68\xce", b"\x65" + bytes(20)])) is None


@pytest.mark.parametrize("payload", [b"", b"\x78", b"\x78\xff\xff\x67", b"\x7c", b"\x7c\x05\x00", b"\x7c\x45\x00\x01", b"\x78\0\0\0\0"])
def test_payloads_that_make_no_sense_make_no_picture(payload: bytes) -> None:
    assembly = H264Pictures()
    assert assembly.put(payload, 1, True) is None


def test_a_picture_without_an_end_is_given_up() -> None:
    assembly = H264Pictures()
    for _ in range(MOST_BYTES // 1000 + 2):
        assembly.put(b"\x41" + bytes(1000), 1, False)
    assert assembly.put(b"\x41" + bytes(10), 1, True) is None
    assert assembly.put(b"\x41" + bytes(10), 2, True) is not None
