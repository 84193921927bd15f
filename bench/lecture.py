"""A lecture to a thousand: one lecturer with a voice and one layer of a camera, listeners over several media workers through pipes.

`python -m bench lecture [--listeners 1000] [--workers 2] [--seconds 8] [--json]`. Listeners are synthetic but complete (ICE, DTLS, SRTP,
reports, feedback). Limit: 99.9 % delivered and 1.2 cores for all workers; aim: 0.8. Beside it what the bare loop of AES-GCM and
`sendto` would need for as many packets of these sizes (`limit_cores`). `lost` are numbers missing in what a listener got; a picture that
was paused because its path was thought too narrow is not delivered, but not lost (`paused_pictures`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from bench.client import Client, cpu_seconds
from bench.forwarding import AUDIO, VIDEO, limit_us
from bench.lecture_client import FRAMES_PER_SECOND, VIDEO_BYTES
from bench.load_client import AUDIO_PER_SECOND
from media.capabilities import router_rtp_capabilities
from media.pool import PoolPlane

Json = dict[str, Any]
SSRCS: Final = [1001, 2001]
#: Estimates, caches and the scheduler settle.
SETTLE_SECONDS: Final = 4.0
QUIET_SECONDS: Final = 0.5
JOIN_SECONDS: Final = 240.0


async def measure(listeners: int, workers: int, seconds: float, clients: int) -> Json:
    paused: set[str] = set()
    plane = PoolPlane.spawn(partial(_watch, paused), workers, listen_ip="127.0.0.1", port=0, announce=["127.0.0.1"])
    await plane.start()
    try:
        async with AsyncExitStack() as stack:
            lecturer = await stack.enter_async_context(Client("bench.lecture_client"))
            audience = [await stack.enter_async_context(Client("bench.lecture_client")) for _ in range(clients)]
            await _begin(plane, lecturer)
            await asyncio.gather(*(_join(plane, client, n, listeners // clients) for n, client in enumerate(audience)))
            await lecturer.ask({"seconds": SETTLE_SECONDS})
            await asyncio.sleep(QUIET_SECONDS)
            await asyncio.gather(*(client.ask({"begin": 1}) for client in audience))
            paused.clear()
            result = await _run(plane, lecturer, audience, listeners // clients * clients, seconds)
            return result | {"paused_pictures": len(paused)}
    finally:
        await plane.stop()


def _watch(paused: set[str], report: Json) -> None:
    if report["event"] == "consumerLayer" and report["layer"] < 0:
        paused.add(report["consumerId"])


async def _begin(plane: PoolPlane, lecturer: Client) -> None:
    await plane.open_router("room")
    description = await plane.create_transport("room", "lecturer", "send")
    await plane.connect_transport("lecturer", {"role": "client", "fingerprints": lecturer.fingerprints})
    for kind, codec, ssrc in (("audio", AUDIO, SSRCS[0]), ("video", VIDEO, SSRCS[1])):
        parameters = {"mid": kind, "codecs": [codec], "headerExtensions": [], "encodings": [{"ssrc": ssrc}], "rtcp": {"cname": "lecturer"}}
        await plane.produce("lecturer", kind, kind, parameters)  # type: ignore[arg-type]
    await lecturer.ask({"lecturer": description, "ssrcs": SSRCS})


async def _join(plane: PoolPlane, client: Client, part: int, listeners: int) -> None:
    descriptions = []
    for number in range(listeners):
        name = f"{part}-{number}"
        descriptions.append(await plane.create_transport("room", name, "recv"))
        await plane.connect_transport(name, {"role": "client", "fingerprints": client.fingerprints})
        for kind in ("audio", "video"):
            await plane.consume(name, f"{kind}-{name}", kind, router_rtp_capabilities(), False)
    client.tell({"listeners": descriptions})
    await client.line(JOIN_SECONDS)


async def _run(plane: PoolPlane, lecturer: Client, audience: list[Client], listeners: int, seconds: float) -> Json:
    pids = [seat.plane.pid for seat in plane.seats]
    before, drops_before = [cpu_seconds(pid) for pid in pids], (await plane.stats())["drops"]
    lecturer.tell({"seconds": seconds})
    sent = (await lecturer.line(seconds + 30))["sent"]
    used = [cpu_seconds(pid) - start for pid, start in zip(pids, before, strict=True)]
    await asyncio.sleep(QUIET_SECONDS)
    ends = await asyncio.gather(*(client.ask({"end": 1}) for client in audience))
    stats = await plane.stats()
    received = sum(end["received"] for end in ends)
    latencies = sorted(latency for end in ends for latency in end["latencies"]) or [0.0]
    rate = AUDIO_PER_SECOND + FRAMES_PER_SECOND
    fresh = {reason: count - drops_before.get(reason, 0) for reason, count in stats["drops"].items()}
    return {
        "listeners": listeners,
        "workers": len(pids),
        "seconds": seconds,
        "delivered": round(received / max(1, sent * listeners), 5),
        "lost": sum(end["lost"] for end in ends),
        "worst_listener": round(min(end["least"] for end in ends) / max(1, sent), 4),
        "cores": round(sum(used) / seconds, 3),
        "cores_each": [round(one / seconds, 3) for one in used],
        "limit_cores": round(limit_us(100, rate, VIDEO_BYTES) * received / seconds / 1e6, 3),
        "receivers_each": [worker["transports"] for worker in stats["workers"]],
        "packets_out_per_second": round(received / seconds),
        "latency_p50_ms": round(latencies[len(latencies) // 2] * 1e3, 2),
        "latency_p99_ms": round(latencies[len(latencies) * 99 // 100] * 1e3, 2),
        "drops": {reason: count for reason, count in fresh.items() if count},
    }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench lecture", description=__doc__)
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--clients", type=int, default=2, help="processes the audience is divided into")
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = asyncio.run(measure(options.listeners, options.workers, options.seconds, options.clients))
    if not options.json:
        print("lecture: one lecturer, many listeners over several workers, what it costs them")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0
