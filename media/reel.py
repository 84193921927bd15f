"""The pictures of one file, asked for by their instant, in order. A picture that has not been renewed for a while is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av


class Reel:
    def __init__(self, path: Path, hold: float) -> None:
        self._container = av.open(str(path))
        self._container.streams.video[0].thread_type = "NONE"
        self._frames = self._read()
        self._hold = hold
        self._shown: tuple[float, Any] | None = None
        self._next: tuple[float, Any] | None = next(self._frames, None)

    def _read(self) -> Iterator[tuple[float, Any]]:
        for packet in self._container.demux(video=0):
            try:
                for frame in packet.decode():
                    if frame.time is not None:
                        yield frame.time, frame
            except av.error.FFmpegError:
                continue  # a damaged picture; the next key frame repairs it

    def at(self, instant: float) -> Any | None:
        while self._next is not None and self._next[0] <= instant:
            self._shown, self._next = self._next, next(self._frames, None)
        if self._shown is None or instant - self._shown[0] > self._hold:
            return None
        return self._shown[1]

    def close(self) -> None:
        self._container.close()
