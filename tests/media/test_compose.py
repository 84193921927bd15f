"""The files of a recording become one film: as long as the recording, sounds and pictures at their instants."""

from __future__ import annotations

import json
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import av
import pytest

from media.canvas import GOLD, GROUND
from media.compose import FILM
from media.mixer import RATE, Mixer
from tests.support.encoded import write_files

Json = dict[str, Any]


def composed(folder: Path, seconds: float, speech: list[tuple[str, float, float]]) -> Json:
    (folder / "plan.json").write_text(json.dumps({"seconds": seconds, "speech": speech}))
    subprocess.run([sys.executable, "-m", "media.compose", str(folder)], check=True, timeout=100)
    result: Json = json.loads((folder / "result.json").read_text())
    return result


def seen(path: Path, x: float, y: float) -> dict[float, int]:
    """Brightness of one point of the film at each instant of a picture."""
    found = {}
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            plane = frame.planes[0]
            found[round(frame.time, 2)] = bytes(plane)[int(y * frame.height) * plane.line_size + int(x * frame.width)]
    return found


def loudness(path: Path) -> list[int]:
    """The loudest sample of each half second."""
    samples = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0):
            for piece in resampler.resample(frame):
                samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
    return [max(map(abs, samples[at : at + RATE // 2])) for at in range(0, len(samples) - RATE // 4, RATE // 2)]


def near(tone: int, wanted: int) -> bool:
    return abs(tone - wanted) < 12


def test_a_film_has_its_length_its_sounds_and_its_pictures_where_they_were(tmp_path: Path) -> None:
    write_files(tmp_path, {"microphone-aa-li": 1.0, "camera-bb-li": 2.0, "screenAudio-cc-li": 4.5})
    (tmp_path / "camera-dd-wang.webm").write_bytes(b"not a file")
    result = composed(tmp_path, 8.0, [("li", 1.0, 3.0)])
    assert [file["name"] for file in result["files"]] == ["camera-bb-li.webm", "microphone-aa-li.webm", "screenAudio-cc-li.webm"]
    assert [round(file["start"], 1) for file in result["files"]] == [2.0, 1.0, 4.5]
    film = tmp_path / FILM
    assert result["film"]["bytes"] == film.stat().st_size
    with av.open(str(film)) as container:
        assert container.duration / 1e6 == pytest.approx(8.0, abs=0.1)
    loud = [one > 2000 for one in loudness(film)]
    assert loud[:2] + loud[2:6] + loud[6:9] + loud[9:13] == [False] * 2 + [True] * 4 + [False] * 3 + [True] * 4
    middle = seen(film, 0.5, 0.5)
    assert all(near(tone, GROUND[0]) == (at < 2.0 or at > 6.2) for at, tone in middle.items() if not (5.7 < at < 6.3))
    assert json.loads((tmp_path / "progress.json").read_text())["progress"] == 0.99


def test_faces_stand_in_a_grid_and_whoever_speaks_has_a_frame(tmp_path: Path) -> None:
    write_files(tmp_path, {"camera-aa-li": 0.0, "camera-bb-wang": 0.0})
    composed(tmp_path, 2.0, [("li", 1.0, 2.0)])
    frame = seen(tmp_path / FILM, 0.1, 0.1675)  # the upper edge of the left picture
    assert not near(frame[0.6], GOLD[0])
    assert any(near(tone, GOLD[0]) for at, tone in frame.items() if at >= 1.2)


def test_a_recording_of_nobody_has_no_film(tmp_path: Path) -> None:
    assert composed(tmp_path, 5.0, []) == {"seconds": 0.0, "files": [], "film": {"bytes": 0, "sha256": ""}}


def test_voices_at_once_are_added_and_never_overflow() -> None:
    class Spoken:
        def __init__(self, at: int, level: int) -> None:
            self.pieces = [(at, array("h", [level] * RATE))]

        def until(self, end: int) -> list[tuple[int, array[int]]]:
            found, self.pieces = [piece for piece in self.pieces if piece[0] < end], []
            return found

    mixer = Mixer([Spoken(0, 20_000), Spoken(RATE // 2, 20_000), Spoken(RATE // 2, -50)])  # type: ignore[list-item]
    first, second = (array("h", mixer.second(number)) for number in range(2))
    assert (first[0], first[RATE // 2], second[0], second[RATE // 2]) == (20_000, 32_717, 19_950, 0)
