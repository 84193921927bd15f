"""A meeting of forty, all with cameras in three layers, nine tiles for each, the three loudest heard: what it costs one worker.

`python -m bench crowd [--people 40] [--tiles 9] [--seconds 20] [--json]`. Peers are synthetic but complete (ICE, DTLS, SRTP, transport-wide
feedback, key frames, layers stopped when told); `--seconds 600` is the whole ten minutes. Limit: nothing lost, half a core; aim: a quarter.
Beside it what the bare loop of AES-GCM and `sendto` would need for as many packets (`limit_cores`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

from bench.client import Client, cpu_seconds
from bench.crowd_client import LAYERS
from bench.forwarding import AUDIO, VIDEO, limit_us
from media.capabilities import AUDIO_LEVEL, ROUTER_HEADER_EXTENSIONS, router_rtp_capabilities
from media.channel import WorkerPlane
from media.plane import MediaPlane

Json = dict[str, Any]
#: Until estimates have found their level and unwanted layers have been stopped.
SETTLE_SECONDS: Final = 12.0
TILE_PIXELS: Final = 180


async def measure(people: int, tiles: int, seconds: float) -> Json:
    reports: list[Json] = []
    plane = WorkerPlane.spawn(reports.append, listen_ip="127.0.0.1", port=0, announce=["127.0.0.1"])
    await plane.start()
    try:
        async with Client("bench.crowd_client") as client:
            await client.ask({"peers": await meeting(plane, client.fingerprints, people)})
            await watch(plane, people, tiles)
            telling = asyncio.create_task(_tell_wanted(client, reports))
            await asyncio.sleep(SETTLE_SECONDS)
            await client.ask({"seconds": seconds})
            before, drops_before = cpu_seconds(plane.pid), (await plane.stats())["drops"]
            end = await client.line(seconds + 30)
            used = cpu_seconds(plane.pid) - before
            stats = await plane.stats()
            telling.cancel()
    finally:
        await plane.stop()
    fresh = {reason: count - drops_before.get(reason, 0) for reason, count in stats["drops"].items()}
    return {
        "people": people,
        "tiles": tiles,
        "seconds": seconds,
        "cores": round(used / seconds, 3),
        "limit_cores": round(limit_us(people, 450) * end["received"] / seconds / 1e6, 3),
        "packets_in_per_second": round(end["sent"] / seconds),
        "packets_out_per_second": round(end["received"] / seconds),
        "lost": end["lost"],
        "streams_per_person": end["streams"],
        "layers_sent": end["layers_sent"],
        "drops": {reason: count for reason, count in fresh.items() if count},
    }


async def meeting(plane: MediaPlane, fingerprints: list[Json], people: int) -> list[Json]:
    """Everybody's two transports and two producers. → what the crowd's process must know of each."""
    await plane.open_router("room")
    dtls = {"role": "client", "fingerprints": fingerprints}
    level = [{"uri": AUDIO_LEVEL, "id": entry["preferredId"]} for entry in ROUTER_HEADER_EXTENSIONS if entry["uri"] == AUDIO_LEVEL][:1]
    entries = []
    for n in range(people):
        entry: Json = {}
        for direction in ("send", "recv"):
            entry[direction] = await plane.create_transport("room", f"{direction}{n}", direction)
            await plane.connect_transport(f"{direction}{n}", dtls)
        entry["audio"], entry["layers"] = 1000 + n, [100_000 + 10 * n + layer for layer in range(len(LAYERS))]
        voice = [{"ssrc": entry["audio"], "dtx": True}]
        layers = [{"ssrc": ssrc, "rid": f"r{layer}"} for layer, ssrc in enumerate(entry["layers"])]
        for kind, codec, encodings in (("audio", AUDIO, voice), ("video", VIDEO, layers)):
            parameters = {
                "mid": kind,
                "codecs": [codec],
                "headerExtensions": level if kind == "audio" else [],
                "encodings": encodings,
                "rtcp": {"cname": f"person{n}"},
            }
            await plane.produce(f"send{n}", f"{kind}{n}", kind, parameters)  # type: ignore[arg-type]
        entries.append(entry)
    return entries


async def watch(plane: MediaPlane, people: int, tiles: int) -> None:
    """Everybody takes every voice and the pictures of the next few."""
    capabilities = router_rtp_capabilities()
    for n in range(people):
        for other in range(people):
            if other != n:
                await plane.consume(f"recv{n}", f"a{n}-{other}", f"audio{other}", capabilities, False)
        for step in range(1, min(tiles, people - 1) + 1):
            consumer = f"v{n}-{step}"
            await plane.consume(f"recv{n}", consumer, f"video{(n + step) % people}", capabilities, False)
            await plane.update(consumer, {"wish": {"tile": TILE_PIXELS, "visible": True}})


async def _tell_wanted(client: Client, reports: list[Json]) -> None:
    while True:
        await asyncio.sleep(0.1)
        found, reports[:] = reports[:], []
        wanted = {report["producerId"].removeprefix("video"): report["highest"] for report in found if report["event"] == "layersWanted"}
        if wanted:
            client.tell({"wanted": wanted})


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench crowd", description=__doc__)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--tiles", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = asyncio.run(measure(options.people, options.tiles, options.seconds))
    if not options.json:
        print("crowd: a meeting with all cameras in three layers, what it costs the worker")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0
