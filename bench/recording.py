"""`python -m bench recording`: what a recorded packet costs the worker, beside what a forwarded one costs in the same run.

The same packets three times: to nobody, to one receiver, into a recording (with its thread that writes). The differences are the prices.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from typing import Any

from tests.media.meeting import CAMERA, MICROPHONE, Meeting

Json = dict[str, Any]
KEY = bytes.fromhex("10000000") + b"\x9d\x01\x2a\x00\x05\xd0\x02"
PICTURE_BYTES, VOICE_BYTES, PACKETS_OF_PICTURE = 1100, 100, 3


def second(meeting: Meeting, number: int) -> int:
    """Fifty packets of voice, thirty pictures of three packets. → how many packets."""
    for step in range(50):
        index, at = number * 50 + step + 1, number * 1000 + step * 20
        meeting.alice.send(MICROPHONE, index, bytes(VOICE_BYTES), timestamp=48 * at)
        meeting.world.now += 0.02
    for frame in range(30):
        first = b"\x10\x01" if frame else KEY
        for part in range(PACKETS_OF_PICTURE):
            index = (number * 30 + frame) * PACKETS_OF_PICTURE + part + 1
            kind = 96 | (0x80 if part == PACKETS_OF_PICTURE - 1 else 0)
            payload = (first if part == 0 else b"\x00") + bytes(PICTURE_BYTES)
            meeting.alice.send(CAMERA, index, payload, payload_type=kind, timestamp=90 * (number * 1000 + frame * 33))
    meeting.world.tick(0.001)
    meeting.world.mail.clear()
    return 50 + 30 * PACKETS_OF_PICTURE


async def run(seconds: int, what: str) -> float:
    """CPU seconds of the whole process for so many seconds of one sender."""
    with tempfile.TemporaryDirectory() as folder:
        meeting = Meeting()
        if what == "forwarded":
            for place, producer in enumerate(("mic", "cam")):
                meeting.consume(producer, f"c{place}")
        elif what == "recorded":
            options = {"type": "recording", "folder": folder, "began": meeting.world.now}
            meeting.routers.create_transport("room", "rec", "recv", options)
            for producer in ("mic", "cam"):
                meeting.routers.consume("rec", f"file-{producer}", producer, {}, False)
        before = time.process_time()
        for number in range(seconds):
            second(meeting, number)
        if what == "recorded":
            meeting.routers.close("rec")
            for _ in range(2000):
                if meeting.events("recordingStopped"):
                    break
                await asyncio.sleep(0.005)
        return time.process_time() - before


async def measure(seconds: int) -> Json:
    packets = seconds * (50 + 30 * PACKETS_OF_PICTURE)
    best = {what: min([await run(seconds, what) for _ in range(3)]) for what in ("nobody", "forwarded", "recorded")}
    price = {what: round((best[what] - best["nobody"]) / packets * 1e6, 2) for what in ("forwarded", "recorded")}
    return {
        "bench": "recording",
        "packets": packets,
        "us_per_packet_recorded": price["recorded"],
        "us_per_packet_forwarded": price["forwarded"],
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench recording", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    found = asyncio.run(measure(options.seconds))
    if not options.json:
        forwarded = found["us_per_packet_forwarded"]
        print(f"recorded: {found['us_per_packet_recorded']} µs a packet (forwarded to one: {forwarded} µs, without the system call)")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
