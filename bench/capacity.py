"""The most one worker delivers: the rate of a lecture to a hundred is raised until something is lost, then narrowed down.

`python -m bench capacity [--consumers 100] [--json]`. A rate counts as carried when at least 99.9 % of it arrives, 99 % within 100 ms (else
buffers would carry for a while what the worker cannot). The load client is one Python
process; where it takes no more, that is the figure, and `client_cores` near 1 says so. Beside it, what a bare loop of AES-GCM and `sendto`
on one core could send (`limit_per_second`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from bench.client import Client, cpu_seconds
from bench.forwarding import lecture, limit_us
from media.channel import WorkerPlane

Json = dict[str, Any]
CARRIED: Final = 0.999
LATE_MS: Final = 100.0
FIRST_RATE: Final = 300  # packets per second of the publisher
HALVINGS: Final = 3
RUN_SECONDS: Final = 2.5


async def measure(consumers: int) -> Json:
    plane = WorkerPlane.spawn(lambda report: None, listen_ip="127.0.0.1", port=0, announce=["127.0.0.1"])
    await plane.start()
    try:
        async with Client() as client:
            plan = await lecture(plane, client.fingerprints, consumers)
            await client.publish(plan["publisher"], plan["tracks"])
            await client.join(plan["consumers"])
            return await _search(client, plane.pid, consumers)
    finally:
        await plane.stop()


async def _search(client: Client, pid: int | None, consumers: int) -> Json:
    """Double until it is too much, then halve the distance."""
    best, low, high = await _try(client, pid, consumers, FIRST_RATE), FIRST_RATE, 0
    while not high:
        tried = await _try(client, pid, consumers, low * 2)
        if not _carried(tried):
            high = low * 2
        else:
            best, low = tried, low * 2
    for _ in range(HALVINGS):
        tried = await _try(client, pid, consumers, (low + high) // 2)
        if not _carried(tried):
            high = tried["rate"]
        else:
            best, low = tried, tried["rate"]
    return best | {"consumers": consumers, "limit_per_second": round(1e6 / limit_us(consumers, max(low, 60)))}


def _carried(tried: Json) -> bool:
    return bool(tried["delivered"] >= CARRIED and tried["latency_p99_ms"] <= LATE_MS)


async def _try(client: Client, pid: int | None, consumers: int, rate: int) -> Json:
    own = cpu_seconds(client.pid)
    used, end = await client.run(rate, RUN_SECONDS, pid)
    own = cpu_seconds(client.pid) - own
    latencies = end["latencies"] or [0.0]
    return {
        "rate": rate,
        "packets_out_per_second": round(end["received"] / RUN_SECONDS),
        "delivered": round(end["received"] / max(1, end["sent"] * consumers), 5),
        "latency_p99_ms": round(latencies[len(latencies) * 99 // 100] * 1e3, 1),
        "worker_cores": round(used / RUN_SECONDS, 2),
        "client_cores": round(own / (RUN_SECONDS + 2.1), 2),
        "us_per_packet_out": round(used / max(1, end["received"]) * 1e6, 2),
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench capacity", description=__doc__)
    parser.add_argument("--consumers", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = asyncio.run(measure(options.consumers))
    if not options.json:
        print("capacity: the highest rate of which one worker delivers 99.9 %")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0
