"""Speaking time as measured from audio levels, against speech of known length.

`python -m bench speech [--json]`. espeak-ng speaks three utterances in each of three voices; the truth is from the first to the last
audible sample of each. Levels are what RFC 6464 carries: RMS of 20 ms against full scale, in whole dB. Each
story is one number: how far the sum of the measured segments is from the sum of the true ones, in per cent, for the worst of the voices.
Limit: 3 %, aim: 1 %.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from media.speech import FRAME_SECONDS, SpeechDetector
from tests.support.speech import Recording, levels_of, record, without_dtx

VOICES: Final = ("en+f2", "en+m3", "cmn")
LIMIT_PERCENT: Final = 3.0
#: RMS of a breath into a headset microphone lies some 30 dB below the voice, a click of a key reaches the voice's peaks for two frames.
BREATH_DBOV, CLICK_DBOV = -50.0, -14.0

Packets = list[tuple[float, float]]  # (arrival in seconds, dBov)


def on_time(levels: Sequence[float | None]) -> Packets:
    return [((n + 1) * FRAME_SECONDS, level) for n, level in enumerate(levels) if level is not None]


def breaths_and_clicks(recording: Recording) -> Packets:
    """A breath of 300 ms half a second before every utterance, two key clicks in every pause."""
    levels = levels_of(recording)
    for start, end in recording.utterances:
        for at, length, dbov in ((start - 0.9, 0.3, BREATH_DBOV), (end + 0.95, 0.04, CLICK_DBOV), (end + 1.25, 0.04, CLICK_DBOV)):
            first = int(at / FRAME_SECONDS)
            for frame in range(max(0, first), min(len(levels), first + int(length / FRAME_SECONDS))):
                levels[frame] = max(levels[frame], dbov)
    return on_time(levels)


def bad_path(recording: Recording) -> Packets:
    """A tenth lost, arrivals scattered over 40 ms."""
    chance = random.Random(3)
    scattered = [(at + chance.random() * 0.04, level) for at, level in on_time(levels_of(recording)) if chance.random() >= 0.1]
    return sorted(scattered)


STORIES: Final[dict[str, Callable[[Recording], Packets]]] = {
    "clean": lambda recording: on_time(levels_of(recording)),
    "noise at -50 dBov": lambda recording: on_time(levels_of(recording, noise_dbov=-50)),
    "12 dB quieter": lambda recording: on_time(levels_of(recording, gain_db=-12)),
    "silence not sent (DTX)": lambda recording: on_time(without_dtx(levels_of(recording))),
    "breaths and clicks": breaths_and_clicks,
    "10 % lost, 40 ms scattered": bad_path,
}


def spoken(packets: Packets, seconds: float) -> float:
    detector = SpeechDetector()
    events = [event for at, level in packets for event in detector.feed(level, at)]
    return sum(event[3] - event[2] for event in [*events, *detector.close(seconds)] if event[0] == "ended")


def overlap_error(one: Recording, other: Recording) -> float:
    """Two at once, each with the other's voice in the own microphone, 30 dB weaker. → the worse error in per cent."""
    first, second = levels_of(one), levels_of(other)
    errors = []
    for recording, own, foreign in ((one, first, second), (other, second, first)):
        mixed = [max(level, foreign[n] - 30 if n < len(foreign) else level) for n, level in enumerate(own)]
        errors.append(abs(spoken(on_time(mixed), recording.seconds) / recording.spoken - 1) * 100)
    return max(errors)


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="bench-speech-") as folder:
        recordings = [record(Path(folder) / f"{voice}.wav", count=3, voice=voice) for voice in VOICES]
        errors = {
            story: max(abs(spoken(hear(recording), recording.seconds) / recording.spoken - 1) * 100 for recording in recordings)
            for story, hear in STORIES.items()
        }
        errors["two voices at once, each 30 dB weaker in the other's microphone"] = overlap_error(recordings[0], recordings[1])
    worst = max(errors.values())
    return {name: round(value, 2) for name, value in (errors | {"worst_percent": worst, "limit_percent": LIMIT_PERCENT}).items()}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench speech", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = measure()
    if not options.json:
        print("speech: measured speaking time against the truth, worst of three voices, error in per cent")
        for name, value in result.items():
            print(f"  {name:32} {value}")
    print(json.dumps(result))
    return 0
