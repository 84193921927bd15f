"""What a peer costs in memory: one that only listens, and one that sends a microphone and a camera in three layers.

`python -m bench memory [--people 40] [--json]`. The worker's proportional set (PSS) before and after: `--people` peers connect both their
transports (idle), then start to send and run for as long as histories need to fill. Limits: 0.5 MB idle, 2 MB publishing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.client import Client
from bench.crowd import meeting, watch
from media.channel import WorkerPlane

Json = dict[str, Any]
FILL_SECONDS: Final = 12.0


async def measure(people: int) -> Json:
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0, announce=["127.0.0.1"])
    await plane.start()
    try:
        async with Client("bench.crowd_client") as client:
            empty = pss(plane.pid)
            peers = await meeting(plane, client.fingerprints, people)
            await client.ask({"peers": peers, "silent": True})
            idle = pss(plane.pid)
            await watch(plane, people, people - 1)
            await client.ask({"seconds": FILL_SECONDS})
            await client.line(FILL_SECONDS + 30)
            publishing = pss(plane.pid)
    finally:
        await plane.stop()
    return {
        "people": people,
        "worker_mb": round(empty, 1),
        "idle_peer_mb": round((idle - empty) / people, 3),
        "idle_limit_mb": 0.5,
        "publishing_peer_mb": round((publishing - empty) / people, 3),
        "publishing_limit_mb": 2.0,
    }


def pss(pid: int | None) -> float:
    """Proportional set size in MB (10^6 bytes)."""
    line = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024 / 1e6


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench memory", description=__doc__)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = asyncio.run(measure(options.people))
    if not options.json:
        print("memory: of the worker for each peer")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0
