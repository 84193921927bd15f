"""A tone and a moving picture, really encoded: as RTP payloads the way browsers cut them, and as the files of a recording."""

from __future__ import annotations

import math
import random
from array import array
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from aiortc.codecs.h264 import H264Encoder

from media import matroska
from media.matroska import Block, Track

FRAME_MS = 20
PICTURE_MS = 50
_CUT = 400  # bytes of a payload: small, so that a picture has several


@cache
def tone(seconds: float) -> list[bytes]:
    """Opus packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.time_base = 48_000, "mono", "s16", Fraction(1, 48_000)
    encoder.options = {"frame_duration": str(FRAME_MS)}
    found = []
    for number in range(round(seconds * 1000 / FRAME_MS)):
        samples = array("h", (round(8_000 * math.sin(2 * math.pi * 440 * at / 48_000)) for at in range(number * 960, (number + 1) * 960)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


@cache
def pictures(seconds: float, width: int = 160, height: int = 120, key_every: int = 20) -> list[bytes]:
    """VP8 frames, 20 a second, one in `key_every` a key frame."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuv420p", Fraction(1, 20)
    encoder.framerate = Fraction(20)
    encoder.options = {"g": str(key_every), "keyint_min": str(key_every), "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    found = []
    for number in range(round(seconds * 1000 / PICTURE_MS)):
        frame = av.VideoFrame(width, height, "yuv420p")
        for place, plane in enumerate(frame.planes):
            edge = number * 4 % width >> (place > 0)
            row = bytes(edge) + bytes((200 - number * 5 % 120,)) * (plane.line_size - edge)
            plane.update(row * plane.height)
        frame.pts, frame.time_base = number, Fraction(1, 20)
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


@cache
def h264_pictures(seconds: float, width: int = 160, height: int = 120, key_every: int = 20) -> list[list[bytes]]:
    """H.264 frames as RTP payloads, 20 pictures a second; parameter sets before key frames, large units in fragments."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuv420p", Fraction(1, 20)
    encoder.framerate, encoder.profile, encoder.bit_rate = Fraction(20), "Baseline", 3_000_000
    encoder.options = {"tune": "zerolatency", "g": str(key_every), "sc_threshold": "0", "level": "31"}
    noise, found = random.Random(7), []
    for number in range(round(seconds * 1000 / PICTURE_MS)):
        frame = av.VideoFrame(width, height, "yuv420p")
        for place, plane in enumerate(frame.planes):
            edge = number * 4 % width >> (place > 0)
            row = noise.randbytes(edge) + bytes((200 - number * 5 % 120,)) * (plane.line_size - edge)
            plane.update(row * plane.height)
        frame.pts, frame.time_base = number, Fraction(1, 20)
        for packet in encoder.encode(frame):
            found.append(H264Encoder._packetize(H264Encoder._split_bitstream(bytes(packet))))
    return found


def payloads(frame: bytes) -> list[bytes]:
    """VP8 payloads of one frame, each with the short descriptor."""
    parts = [frame[at : at + _CUT] for at in range(0, len(frame), _CUT)]
    return [(b"\x10" if place == 0 else b"\x00") + part for place, part in enumerate(parts)]


def write_files(folder: Path, files: dict[str, float], seconds: float = 2.0) -> None:
    """Name → when it begins. A camera is a camera; everything else is a tone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, start in files.items():
        camera = name.partition("-")[0] in ("camera", "screen")
        step, frames = (PICTURE_MS, pictures(seconds)) if camera else (FRAME_MS, tone(seconds))
        made = matroska.head(Track("V_VP8", 160, 120) if camera else Track("A_OPUS", channels=2))
        blocks = [Block(round(start * 1000) + step * n, not camera or not frame[0] & 1, frame) for n, frame in enumerate(frames)]
        clusters = [blocks[at : at + 1000 // step] for at in range(0, len(blocks), 1000 // step)]
        (folder / f"{name}.webm").write_bytes(made.data + b"".join(matroska.cluster(part[0].at, part) for part in clusters))
