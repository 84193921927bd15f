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

from media.canvas import GOLD, GROUND, TILE, Canvas
from media.compose import FILM, Speaking
from media.lettering import Letters, clean
from media.mixer import RATE, Mixer
from media.scene import HEIGHT, WIDTH, Card, Person, Scene
from tests.support.encoded import write_files

Json = dict[str, Any]


def composed(folder: Path, seconds: float, speech: list[tuple[str, float, float]], **more: Json) -> Json:
    (folder / "plan.json").write_text(json.dumps({"seconds": seconds, "speech": speech} | more))
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
    assert [file["name"] for file in result["files"]] == ["microphone-aa-li.webm", "camera-bb-li.webm", "screenAudio-cc-li.webm"]
    assert [round(file["start"], 1) for file in result["files"]] == [1.0, 2.0, 4.5]
    film = tmp_path / FILM
    assert result["film"]["bytes"] == film.stat().st_size
    with av.open(str(film)) as container:
        assert container.duration / 1e6 == pytest.approx(8.0, abs=0.1)
    loud = [one > 2000 for one in loudness(film)]
    assert loud[:2] + loud[2:6] + loud[6:9] + loud[9:13] == [False] * 2 + [True] * 4 + [False] * 3 + [True] * 4
    middle = seen(film, 0.5, 0.5)
    assert all(near(tone, GROUND[0]) for at, tone in middle.items() if at < 0.9 or at > 6.3)
    assert all(near(tone, TILE[0]) for at, tone in middle.items() if 1.1 < at < 1.9)  # heard, and not yet seen
    assert sum(near(tone, GROUND[0]) or near(tone, TILE[0]) for at, tone in middle.items() if 2.1 < at < 5.7) <= 4, middle
    assert json.loads((tmp_path / "progress.json").read_text())["progress"] == 0.99


def test_faces_stand_in_a_grid_and_whoever_speaks_has_a_frame(tmp_path: Path) -> None:
    write_files(tmp_path, {"camera-aa-li": 0.0, "camera-bb-wang": 0.0})
    composed(tmp_path, 2.0, [("li", 1.0, 2.0)])
    frame = seen(tmp_path / FILM, 0.1, 0.1722)  # the upper edge of the left picture
    assert not near(frame[0.6], GOLD[0])
    assert any(near(tone, GOLD[0]) for at, tone in frame.items() if at >= 1.2)


class Stage:
    """A scene with its canvas, looked at point by point."""

    def __init__(self, people: list[Person], speech: list[tuple[str, float, float]], card: Card | None = None) -> None:
        self.canvas = Canvas(WIDTH, HEIGHT)
        self.scene = Scene(people, Speaking(speech).at, Letters(), card or Card())

    def luma(self, at: float) -> bytes:
        self.scene.draw(self.canvas, at)
        plane = self.canvas.frame().planes[0]
        return b"".join(bytes(plane)[row * plane.line_size : row * plane.line_size + WIDTH] for row in range(HEIGHT))

    def golden(self, at: float) -> int:
        """How many points of the left half of the upper left picture are gold: the frame around it, and half the name's ground."""
        luma = self.luma(at)
        return sum(near(luma[row * WIDTH + x], GOLD[0]) for row in range(HEIGHT // 2) for x in range(24))


def heard(*names: str) -> list[Person]:
    return [Person(f"m{number}", name, heard=[(0.0, 60.0)]) for number, name in enumerate(names)]


def test_each_name_is_drawn_in_its_place_in_chinese_and_in_english() -> None:
    with_names, without = (Stage(heard(*names), []).luma(0.0) for names in (("李明", "Anna Smith"), ("", "")))
    for x in (0, WIDTH // 2):
        half, blank = ([luma[row * WIDTH + x : row * WIDTH + x + WIDTH // 2] for row in range(HEIGHT)] for luma in (with_names, without))
        assert half != blank
    assert max(with_names) > 200 > max(without)
    assert Stage(heard("李明", "王芳"), []).luma(0.0) != Stage(heard("李朋", "王芳"), []).luma(0.0)


def test_one_of_those_who_speak_has_the_frame_and_keeps_it_while_speaking() -> None:
    stage = Stage(heard("甲", "乙", "丙"), [("m0", 1.0, 6.0), ("m1", 2.0, 3.0), ("m1", 5.0, 9.0)])
    framed = [stage.golden(at) > 100 for at in (0.5, 1.5, 2.5, 5.5, 7.0, 8.0)]
    assert framed == [False, True, True, True, False, False]


def test_a_pause_for_breath_takes_no_mark_away() -> None:
    speaking = Speaking([("a", 1.0, 2.0), ("a", 2.4, 3.0), ("b", 2.1, 2.2), ("a", 5.0, 6.0)])
    assert [speaking.at(at) for at in (0.9, 1.0, 2.3, 3.5, 4.0, 5.0)] == [{}, {"a": 1.0}, {"a": 1.0, "b": 2.1}, {"a": 1.0}, {}, {"a": 5.0}]


def test_more_than_nine_voices_are_those_who_spoke_last() -> None:
    stage = Stage(heard(*(f"N{number}" for number in range(12))), [(f"m{number}", number / 2, number / 2 + 0.4) for number in range(12)])
    stage.luma(0.0)
    for tenth in range(60):
        stage.scene.draw(stage.canvas, tenth / 10)
    chosen = stage.scene._chosen([(person, None) for person in stage.scene._people], 6.0, None)
    assert [person.name for person, _ in chosen] == [f"N{number}" for number in range(3, 12)]


def test_the_card_stands_until_somebody_is_to_be_seen_and_three_seconds_at_least() -> None:
    card = Card("第四季度支部党员大会", "会议录制 · Meeting recording", ["第一党支部", "2026年11月26日 19:00–19:40"])
    late = [Person("m0", "李明", heard=[(5.0, 60.0)])]
    stage = Stage(late, [], card)
    assert stage.luma(0.0) == stage.luma(4.9) != Stage(late, []).luma(4.9)
    assert stage.luma(5.0) == Stage(late, []).luma(5.0)
    soon = Stage(heard("李明"), [], card)
    assert soon.luma(0.0) == soon.luma(2.9) != soon.luma(3.0)


@pytest.mark.parametrize(
    ("called", "drawn"),
    [("李\u202e明", "李明"), ("a\nb\tc", "a b c"), ("  李  明 ", "李 明"), ("x" * 500, "x" * 120), ("\ud800李\x00", "李"), ("", "")],
)
def test_whatever_somebody_is_called_a_name_stays_one_line(called: str, drawn: str) -> None:
    assert clean(called) == drawn


def test_a_long_name_ends_with_dots_where_its_place_ends() -> None:
    plate = Letters().plate("一个非常非常非常非常长的名字" * 4, 20, 200, GROUND, 230)
    assert plate is not None
    assert plate.width <= 200
    assert len(plate.luma) == plate.width * plate.height


def test_without_a_font_latin_names_are_drawn_and_no_boxes_stand_for_chinese_ones() -> None:
    letters = Letters("/nowhere")
    assert not letters.chinese
    assert letters.plate("李明", 20, 200, GROUND, 230) is None
    assert letters.plate("Anna", 20, 200, GROUND, 230) is not None


def test_a_recording_of_nobody_has_no_film(tmp_path: Path) -> None:
    assert composed(tmp_path, 5.0, []) == {
        "seconds": 0.0,
        "files": [],
        "film": {"bytes": 0, "sha256": ""},
        "chinese": True,
    }


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
