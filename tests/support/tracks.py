"""What a test client says, shows and hears: a voice from a WAV file, a moving picture, and counters of what arrives.

Frames leave by the wall clock, as a microphone's do. The voice remembers when each frame was due, so that a test knows when it spoke.
"""

from __future__ import annotations

import asyncio
import math
import time
import wave
from array import array
from fractions import Fraction
from pathlib import Path

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

RATE = 48_000
SAMPLES = 960  # 20 ms
_SILENCE = bytes(2 * SAMPLES)


class Voice(MediaStreamTrack):  # type: ignore[misc]
    """Says the file once, from its first frame on, then is silent. While `enabled` is False it sends silence and goes on in the file."""

    kind = "audio"

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self.enabled = True
        self.began: float | None = None  # monotonic time at which the file's first sample was due
        self._pcm = b"" if path is None else _read(path)
        self._frames = 0
        self._live = asyncio.Event()

    @property
    def seconds(self) -> float:
        return len(self._pcm) / 2 / RATE

    async def finished(self) -> None:
        """Wait until the file has been said."""
        await self._live.wait()
        assert self.began is not None
        await asyncio.sleep(max(0.0, self.began + self.seconds - time.monotonic()))

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self.began is None:
            self.began = now
            self._live.set()
        await asyncio.sleep(max(0.0, self.began + (self._frames + 1) * 0.02 - now))  # a microphone gives a frame when it is full
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        at = self._frames * 2 * SAMPLES
        said = self._pcm[at : at + 2 * SAMPLES] if self.enabled else b""
        frame.planes[0].update(said.ljust(2 * SAMPLES, b"\0") if said else _SILENCE)
        frame.pts, frame.sample_rate, frame.time_base = self._frames * SAMPLES, RATE, Fraction(1, RATE)
        self._frames += 1
        return frame


def _read(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2), path
        pcm: bytes = file.readframes(file.getnframes())
    return pcm


class Picture(MediaStreamTrack):  # type: ignore[misc]
    """A small grey picture whose brightness moves, 8 times a second: enough to be encoded, cheap enough for many clients on one core."""

    kind = "video"

    def __init__(self, width: int = 160, height: int = 120, rate: int = 8) -> None:
        super().__init__()
        self._size, self._rate, self._frames = (width, height), rate, 0
        self._began: float | None = None

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        await asyncio.sleep(max(0.0, self._began + self._frames / self._rate - now))
        frame = VideoFrame(*self._size, "yuv420p")
        for index, plane in enumerate(frame.planes):
            value = 128 if index else 40 + self._frames * 7 % 160
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = self._frames * 90_000 // self._rate, Fraction(1, 90_000)
        self._frames += 1
        return frame


class Ear:
    """Counts what a received track delivers, and how loud it is."""

    def __init__(self, track: MediaStreamTrack) -> None:
        self.kind: str = track.kind
        self.frames = 0
        self.loud_frames = 0  # of audio: above −45 dBFS, which only somebody's voice is
        self._task = asyncio.create_task(self._drain(track))

    async def _drain(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            self.frames += 1
            if isinstance(frame, AudioFrame) and _dbfs(frame) > -45:
                self.loud_frames += 1

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _dbfs(frame: AudioFrame) -> float:
    """RMS of every eighth sample: counting loudness must not cost more than decoding."""
    samples = array("h")
    samples.frombytes(bytes(frame.planes[0])[: 2 * frame.samples * len(frame.layout.channels)])
    some = samples[::8]
    energy = sum(value * value for value in some) / max(1, len(some))
    return 10 * math.log10(energy / 32768**2) if energy else -127.0
