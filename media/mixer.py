"""Voices of several files as one, a second at a time. Samples are 16 bits, mono, 48 kHz.

Only what is there is added: in most seconds one voice speaks, and is copied. It must never know files' names or people.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from operator import add
from pathlib import Path
from typing import Any, Final

import av

RATE: Final = 48_000
_LOUDEST: Final = 32_767
_LOWEST: Final = -32_768
Piece = tuple[int, "array[int]"]


class Voice:
    """Pieces of sound with the number of their first sample, in order."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path))
        self._pieces = self._read()
        self._next: Piece | None = next(self._pieces, None)

    def _read(self) -> Iterator[Piece]:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        for packet in self._container.demux(audio=0):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                if frame.time is not None:
                    at = max(0, round(frame.time * RATE))
                    frame.pts = None  # the resampler must not fill what was silence
                    yield at, _samples(resampler.resample(frame))
        self._container.close()

    def until(self, end: int) -> Iterator[Piece]:
        """Everything that begins before the sample of this number."""
        while self._next is not None and self._next[0] < end:
            yield self._next
            self._next = next(self._pieces, None)


def _samples(frames: Sequence[Any]) -> array[int]:
    found = array("h")
    for frame in frames:
        found.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return found


class Mixer:
    def __init__(self, voices: Sequence[Voice]) -> None:
        self._voices = voices
        self._over: list[Piece] = []  # what reaches into the next second

    def second(self, number: int) -> bytes:
        """The samples of one second, as bytes."""
        begin, end = number * RATE, (number + 1) * RATE
        pieces, self._over = self._over, []
        for voice in self._voices:
            pieces += voice.until(end)
        mixed = array("h", bytes(RATE * 2))
        for at, samples in pieces:
            self._mix(mixed, at, samples, begin, end)
        return mixed.tobytes()

    def _mix(self, mixed: array[int], at: int, samples: array[int], begin: int, end: int) -> None:
        if at < begin:
            samples, at = samples[begin - at :], begin
        if at + len(samples) > end:
            self._over.append((end, samples[end - at :]))
            samples = samples[: end - at]
        place = slice(at - begin, at - begin + len(samples))
        there = mixed[place]
        if not any(there):
            mixed[place] = samples
            return
        both = list(map(add, there, samples))
        if both and (max(both) > _LOUDEST or min(both) < _LOWEST):
            both = [min(_LOUDEST, max(_LOWEST, one)) for one in both]
        mixed[place] = array("h", both)
