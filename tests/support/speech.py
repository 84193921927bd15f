"""Speech of known length: espeak-ng utterances laid out on a time line, so that a test knows the truth to the hundredth of a second.

The truth of an utterance is from its first to its last audible sample (silence around it is trimmed away); utterances are pieced
together with the silences asked for. 48 kHz, mono, 16 bit: what Chromium's fake capture device reads.
"""

from __future__ import annotations

import array
import math
import random
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

RATE = 48_000
FRAME = RATE // 50  # 20 ms, one Opus packet
SILENCE = -127.0  # dBov
AUDIBLE = 300  # of 32,767: about −41 dBFS, below any voiced sample of espeak-ng and above its dithering

SENTENCES = (
    "The branch has studied the report on rural roads and thanks the members who wrote it during the summer.",
    "I have moved to the coast for work, and I take part in the life of the branch there every month.",
    "We propose that the group visits the older members before the end of the year and reports back.",
    "Three of us finished the course on public accounts, and two more will finish it in the spring.",
)


@dataclass(frozen=True)
class Recording:
    """A WAV file and where in it somebody speaks: (start, end) in seconds from the file's beginning."""

    path: Path
    seconds: float
    utterances: tuple[tuple[float, float], ...]

    @property
    def spoken(self) -> float:
        return self.spoken_until(self.seconds)

    def spoken_until(self, seconds: float) -> float:
        """How much of it has been spoken when so much of the file has been said."""
        return sum(max(0.0, min(end, seconds) - start) for start, end in self.utterances)


def record(path: Path, *, lead: float = 1.0, pauses: float = 2.0, count: int = 2, tail: float = 1.0, voice: str = "en+f2") -> Recording:
    """Write `count` utterances after `lead` seconds of silence, `pauses` seconds apart, then `tail` seconds of silence."""
    samples = array.array("h", _silence(lead))
    utterances: list[tuple[float, float]] = []
    for index in range(count):
        if index:
            samples.extend(_silence(pauses))
        start = len(samples) / RATE
        samples.extend(_utterance(SENTENCES[index % len(SENTENCES)], voice))
        utterances.append((start, len(samples) / RATE))
    samples.extend(_silence(tail))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return Recording(path, len(samples) / RATE, tuple(utterances))


def _silence(seconds: float) -> array.array[int]:
    return array.array("h", bytes(2 * int(seconds * RATE)))


def _utterance(text: str, voice: str) -> array.array[int]:
    spoken = subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-a", "160", "--stdout", text], check=True, capture_output=True)
    raw = subprocess.run(
        ["sox", "-q", "-t", "wav", "-", "-t", "raw", "-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer", "-"],
        check=True,
        capture_output=True,
        input=spoken.stdout,
    )
    samples = array.array("h")
    samples.frombytes(raw.stdout)
    audible = [index for index, value in enumerate(samples) if abs(value) > AUDIBLE]
    return samples[audible[0] : audible[-1] + 1]


def levels_of(recording: Recording, gain_db: float = 0.0, noise_dbov: float | None = None) -> list[float]:
    """The level of every 20 ms frame as libwebrtc writes it into RFC 6464: RMS against full scale, in whole dB."""
    with wave.open(str(recording.path)) as file:
        samples = array.array("h")
        samples.frombytes(file.readframes(file.getnframes()))
    chance = random.Random(5)
    noise = [chance.gauss(0.0, 1.0) for _ in range(RATE)]
    gain, amplitude = 10 ** (gain_db / 20), 0.0 if noise_dbov is None else 32768 * 10 ** (noise_dbov / 20)
    levels = []
    for at in range(0, len(samples) - FRAME, FRAME):
        offset = chance.randrange(RATE - FRAME)
        energy = sum((value * gain + amplitude * noise[offset + n]) ** 2 for n, value in enumerate(samples[at : at + FRAME]))
        levels.append(float(round(max(-127.0, 10 * math.log10(energy / FRAME / 32768**2)))) if energy else SILENCE)
    return levels


def without_dtx(levels: list[float], silent_below: float = -55.0) -> list[float | None]:
    """What an Opus encoder with DTX sends: after 200 ms of silence one packet in 400 ms."""
    sent: list[float | None] = []
    silent = 0
    for level in levels:
        silent = silent + 1 if level < silent_below else 0
        sent.append(level if silent <= 10 or silent % 20 == 10 else None)
    return sent
