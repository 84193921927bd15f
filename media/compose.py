"""`python -m media.compose FOLDER`: the files of a recording put together into one film, in a process of its own and at low priority.

FOLDER holds `<source>-<random>-<member>.webm` (or .mkv) on one clock and `plan.json`: {"seconds": how long, "speech": [[member, start,
end], …], "names": {member: name}, "card": {"title", "above", "lines"}}; the last two may be missing. It gets `composed.webm` (VP8 and Opus,
what every browser plays), `progress.json` on the way and `result.json` at the end, which also says whether a font had Chinese. Begun
again, it begins anew: a film appears whole or not at all.

A shared screen fills the picture with faces beside it; else the faces stand in a grid with their names, and who speaks is marked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av

from media.canvas import Canvas
from media.disk import secure_folder
from media.lettering import Letters
from media.mixer import RATE, Mixer, Voice
from media.reel import Reel
from media.scene import HEIGHT, WIDTH, Card, Person, Scene

Json = dict[str, Any]

FILM: Final = "composed.webm"
FRAMES: Final = 15
#: Pictures that do not change are repeated this often only.
STILL_SECONDS: Final = 1.0
#: How long a picture stays without a new one; a page that is shown and not scrolled is sent rarely.
HOLD: Final = {"camera": 2.0, "screen": 10.0}
#: So long after the last sound of somebody the name is still marked.
BREATH_SECONDS: Final = 0.6
_SAMPLES: Final = 960


@dataclass(frozen=True)
class Plan:
    seconds: float
    speech: Sequence[tuple[str, float, float]]
    names: Mapping[str, str]
    card: Card

    @classmethod
    def read(cls, folder: Path) -> Plan:
        told = json.loads((folder / "plan.json").read_text("utf-8"))
        speech = sorted((str(who), float(start), float(end)) for who, start, end in told["speech"])
        card = told.get("card", {})
        about = Card(str(card.get("title", "")), str(card.get("above", "")), [str(line) for line in card.get("lines", ())])
        return cls(float(told["seconds"]), speech, {str(who): str(name) for who, name in told.get("names", {}).items()}, about)


class Speaking:
    """Who speaks as time goes on. Pauses for breath are bridged, or names would flicker."""

    def __init__(self, speech: Sequence[tuple[str, float, float]]) -> None:
        self._coming = deque(sorted(speech, key=lambda one: one[1]))
        self._now: dict[str, tuple[float, float]] = {}  # member → since when, until when

    def at(self, instant: float) -> dict[str, float]:
        """Member → since when."""
        while self._coming and self._coming[0][1] <= instant:
            who, start, end = self._coming.popleft()
            since, until = self._now.get(who, (start, end))
            self._now[who] = (since, max(until, end)) if start - until <= BREATH_SECONDS else (start, end)
        self._now = {who: (since, until) for who, (since, until) in self._now.items() if instant < until + BREATH_SECONDS}
        return {who: since for who, (since, _) in self._now.items()}


@dataclass(frozen=True)
class Source:
    """One file that plays: of what, whose, and where on the clock."""

    path: Path
    source: str
    member: str
    start: float
    end: float


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


def sources(folder: Path) -> list[Source]:
    """What there is to be seen and heard, in the order in which it began."""
    paths = [path for path in folder.iterdir() if path.suffix in (".webm", ".mkv") and path.name != FILM and _plays(path)]
    found = [Source(path, *named(path), *span(path)) for path in sorted(paths)]
    return sorted(found, key=lambda one: (one.start, one.path.name))


def cast(files: Sequence[Source], plan: Plan) -> tuple[list[Person], list[Reel]]:
    """Who appears, in the order of coming, with the pictures of each."""
    people: dict[str, Person] = {}
    reels = []
    for one in files:
        person = people.setdefault(one.member, Person(one.member, plan.names.get(one.member, "")))
        if one.source in HOLD:
            reels.append(Reel(one.path, HOLD[one.source]))
            (person.screens if one.source == "screen" else person.reels).append(reels[-1].at)
        elif one.source == "microphone":
            person.heard.append((one.start, one.end))
    return list(people.values()), reels


def compose(folder: Path, plan: Plan, files: Sequence[Source], letters: Letters) -> None:
    """The film, and how far it is, each second of it."""
    people, reels = cast(files, plan)
    mixer = Mixer([Voice(one.path) for one in files if one.source not in HOLD])
    draft = folder / f"{FILM}.part"
    film, canvas, scene = Film(draft), Canvas(WIDTH, HEIGHT), Scene(people, Speaking(plan.speech).at, letters, plan.card)
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
    _put_down(draft, folder / FILM)
    for reel in reels:
        reel.close()


def _put_down(draft: Path, film: Path) -> None:
    """Whole also after a power cut: the ledger is about to say that it is there."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(film)
    secure_folder(film.parent)


def _plays(path: Path) -> bool:
    """A file whose head was never written holds nothing."""
    try:
        with av.open(str(path)) as container:
            return len(container.streams) == 1
    except (av.error.FFmpegError, OSError):
        return False


def span(path: Path) -> tuple[float, float]:
    """From the first to the last that is in it, on the recording's clock."""
    start, end = math.inf, 0.0
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams[0]):
            if packet.pts is not None:
                at = float(packet.pts * packet.time_base)
                start, end = min(start, at), max(end, at)
    return 0.0 if start == math.inf else max(0.0, start), end


def sealed(path: Path) -> Json:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _tell(folder: Path, progress: Json, name: str = "progress.json") -> None:
    draft = folder / f"{name}.part"
    draft.write_text(json.dumps(progress), "utf-8")
    draft.replace(folder / name)


def results(folder: Path, plan: Plan, files: Iterable[Source]) -> Json:
    told = [{"name": one.path.name, "start": one.start, "end": one.end, **sealed(one.path)} for one in files]
    film = folder / FILM
    return {"seconds": plan.seconds if told else 0.0, "files": told, "film": sealed(film) if told else {"bytes": 0, "sha256": ""}}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m media.compose", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--font", default="", help="font file for names and titles; else one of those distributions install")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    os.nice(15)  # a meeting that runs now comes first
    os.umask(0o077)
    plan, files = Plan.read(folder), sources(folder)
    letters = Letters(arguments.font)
    if files:
        compose(folder, plan, files, letters)
    _tell(folder, results(folder, plan, files) | {"chinese": letters.chinese}, "result.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
