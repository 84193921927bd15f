"""`python -m media.compose FOLDER`: the files of a recording put together into one film, in a process of its own and at low priority.

FOLDER holds `<source>-<random>-<member>.webm` on one clock and `plan.json`: {"seconds": how long, "speech": [[member, start, end], …]}. It
gets `composed.webm` (VP8 and Opus, what every browser plays), `progress.json` on the way and `result.json` at the end. Begun again, it
begins anew: a film appears whole or not at all.

A shared screen fills the picture with faces beside it; else the faces stand in a grid, whoever speaks with a frame around it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from media.canvas import Box, Canvas, face_boxes
from media.mixer import RATE, Mixer, Voice
from media.reel import Reel

Json = dict[str, Any]

FILM: Final = "composed.webm"
WIDTH: Final = 1280
HEIGHT: Final = 720
FRAMES: Final = 15
#: Pictures that do not change are repeated this often only.
STILL_SECONDS: Final = 1.0
#: How long a picture stays without a new one; a page that is shown and not scrolled is sent rarely.
HOLD: Final = {"camera": 2.0, "screen": 10.0}
FACES: Final = 9
BESIDE: Final = 4
_SAMPLES: Final = 960


@dataclass(frozen=True)
class Plan:
    seconds: float
    speech: Sequence[tuple[str, float, float]]

    @classmethod
    def read(cls, folder: Path) -> Plan:
        told = json.loads((folder / "plan.json").read_text("utf-8"))
        return cls(float(told["seconds"]), sorted((str(who), float(start), float(end)) for who, start, end in told["speech"]))

    def speaking(self, at: float) -> set[str]:
        return {who for who, start, end in self.speech if start <= at < end}


def named(path: Path) -> tuple[str, str]:
    """(source, member) of a file."""
    source, _, rest = path.stem.partition("-")
    return source, rest.partition("-")[2]


class Film:
    """What is written: pictures when they change, sound without a gap."""

    def __init__(self, path: Path) -> None:
        self._out = av.open(str(path), "w", format="webm")
        self._picture = self._out.add_stream("libvpx", rate=FRAMES)
        self._picture.width, self._picture.height, self._picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._picture.bit_rate = 1_200_000
        self._picture.codec_context.time_base = Fraction(1, 1000)
        self._picture.options = {"deadline": "realtime", "cpu-used": "8", "g": str(FRAMES * 10), "auto-alt-ref": "0", "lag-in-frames": "0"}
        self._sound = self._out.add_stream("libopus", rate=RATE, layout="mono")
        self._sound.bit_rate = 48_000
        self._samples = 0

    def show(self, canvas: Canvas, at: float) -> None:
        frame = canvas.frame()
        frame.pts, frame.time_base = round(at * 1000), Fraction(1, 1000)
        self._out.mux(self._picture.encode(frame))

    def say(self, second: bytes) -> None:
        for start in range(0, len(second), _SAMPLES * 2):
            frame = av.AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
            frame.planes[0].update(second[start : start + _SAMPLES * 2])
            frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
            self._samples += _SAMPLES
            self._out.mux(self._sound.encode(frame))

    def close(self) -> None:
        for stream in (self._picture, self._sound):
            self._out.mux(stream.encode(None))
        self._out.close()


class Scene:
    """Which pictures are seen at an instant, and where."""

    def __init__(self, reels: Sequence[tuple[str, str, Reel]], plan: Plan) -> None:
        self._screens = [reel for source, _, reel in reels if source == "screen"]
        self._faces = [(member, reel) for source, member, reel in reels if source == "camera"]
        self._plan = plan
        self._spoke: dict[str, float] = {}
        self._shown: object = None

    def draw(self, canvas: Canvas, at: float) -> bool:
        """False: it looks as it did."""
        speaking = self._plan.speaking(at)
        self._spoke |= dict.fromkeys(speaking, at)
        screen = next((frame for reel in self._screens if (frame := reel.at(at)) is not None), None)
        faces = [(member, frame) for member, reel in self._faces if (frame := reel.at(at)) is not None]
        most = BESIDE if screen is not None else FACES
        if len(faces) > most:  # who spoke last, in the order they always have
            kept = {member for member, _ in sorted(faces, key=lambda face: -self._spoke.get(face[0], -1.0))[:most]}
            faces = [face for face in faces if face[0] in kept][:most]
        look = (id(screen), tuple((member, id(frame), member in speaking) for member, frame in faces))
        if look == self._shown:
            return False
        self._shown = look
        canvas.clear()
        if screen is not None:
            wide = WIDTH * 4 // 5 if faces else WIDTH
            canvas.put(screen, Box(0, 0, wide, HEIGHT))
            boxes = [Box(wide, HEIGHT // BESIDE * place, WIDTH - wide, HEIGHT // BESIDE) for place in range(BESIDE)]
        else:
            boxes = face_boxes(len(faces), WIDTH, HEIGHT)
        for (member, frame), box in zip(faces, boxes, strict=False):
            canvas.put(frame, box, framed=member in speaking and len(faces) > 1)
        return True


def compose(folder: Path, plan: Plan) -> None:
    """The film, and how far it is, each second of it."""
    paths = sorted(path for path in folder.glob("*.webm") if path.name != FILM)
    opened = [(*named(path), path) for path in paths if _plays(path)]
    reels = [(source, member, Reel(path, HOLD[source])) for source, member, path in opened if source in HOLD]
    mixer = Mixer([Voice(path) for source, _, path in opened if source not in HOLD])
    draft = folder / f"{FILM}.part"
    film, canvas, scene = Film(draft), Canvas(WIDTH, HEIGHT), Scene(reels, plan)
    shown = -STILL_SECONDS
    whole = max(1, math.ceil(plan.seconds))
    for second in range(whole):
        for step in range(FRAMES):
            at = second + step / FRAMES
            if at < plan.seconds and (scene.draw(canvas, at) or at - shown >= STILL_SECONDS):
                film.show(canvas, at)
                shown = at
        film.say(mixer.second(second)[: 2 * _SAMPLES * math.ceil(min(1.0, plan.seconds - second) * RATE / _SAMPLES)])
        _tell(folder, {"progress": round((second + 1) / whole * 0.99, 3)})
    film.close()
    draft.replace(folder / FILM)
    for _, _, reel in reels:
        reel.close()


def _plays(path: Path) -> bool:
    """A file whose head was never written holds nothing."""
    try:
        with av.open(str(path)) as container:
            return len(container.streams) == 1
    except (av.error.FFmpegError, OSError):
        return False


def described(path: Path) -> Json:
    """What a file is, for the record."""
    start, end = math.inf, 0.0
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams[0]):
            if packet.pts is not None:
                at = float(packet.pts * packet.time_base)
                start, end = min(start, at), max(end, at)
    return {"name": path.name, "start": max(0.0, start), "end": end, **sealed(path)}


def sealed(path: Path) -> Json:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _tell(folder: Path, progress: Json, name: str = "progress.json") -> None:
    draft = folder / f"{name}.part"
    draft.write_text(json.dumps(progress), "utf-8")
    draft.replace(folder / name)


def results(folder: Path, plan: Plan, paths: Iterable[Path]) -> Json:
    files = [described(path) for path in paths]
    film = folder / FILM
    return {"seconds": plan.seconds if files else 0.0, "files": files, "film": sealed(film) if files else {"bytes": 0, "sha256": ""}}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m media.compose", description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    os.nice(15)  # a meeting that runs now comes first
    os.umask(0o077)
    plan = Plan.read(folder)
    paths = [path for path in sorted(folder.glob("*.webm")) if path.name != FILM and _plays(path)]
    if paths:
        compose(folder, plan)
    _tell(folder, results(folder, plan, paths), "result.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
