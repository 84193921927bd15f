"""How late packets arrive while the web process works: exports, sheets and lists are asked for all the time, the lecture goes on.

`python -m bench busy [--consumers 40] [--rate 450] [--seconds 8] [--json]`. A whole web process with its media worker and a SQLite file, in
this process; a visitor in another asks it for the sheet as XLSX and PDF, for members and meetings, four requests at a time without a
pause. Latency is from the publisher's send to the arrival at the consumer's socket (`bench.load_client`); beside it the same with an idle
web process in the same run. Limit: 5 ms at the 99th percentile; aim: 2 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import uvloop

from bench.client import Client
from bench.forwarding import lecture
from ledger.demo import DEMO_PASSWORD, load_demo
from ledger.store.migrating import migrate
from ledger.store.opening import open_store
from server.app import Node, serve
from server.settings import Settings

Json = dict[str, Any]
AT_ONCE: Final = 4


async def measure(consumers: int, rate: int, seconds: float) -> Json:
    with tempfile.TemporaryDirectory(prefix="bench-busy-") as folder:
        async with _web_process(Path(folder)) as (node, address), Client() as client:
            plan = await lecture(node.plane, client.fingerprints, consumers)
            await client.publish(plan["publisher"], plan["tracks"])
            await client.join(plan["consumers"])
            idle = _latencies((await client.run(rate, seconds / 2, None))[1])
            visitor = await _visitor(address)
            before = time.process_time()
            _, end = await client.run(rate, seconds, None)
            busy_cores = (time.process_time() - before) / (seconds + 2.1)
            answered = await _answered(visitor)
    p50, p99 = _latencies(end)
    return {
        "packets_out_per_second": round(end["received"] / seconds),
        "delivered": round(end["received"] / max(1, end["sent"] * consumers), 5),
        "latency_p50_ms": p50,
        "latency_p99_ms": p99,
        "idle_p50_ms": idle[0],
        "idle_p99_ms": idle[1],
        "limit_p99_ms": 5.0,
        "web_requests_per_second": round(answered / (seconds + 2.1), 1),
        "web_cores": round(busy_cores, 2),
    }


@asynccontextmanager
async def _web_process(folder: Path) -> AsyncIterator[tuple[Node, str]]:
    url = f"sqlite:///{folder / 'busy.db'}"
    await migrate(url)
    store = open_store(url)
    await load_demo(store, time.time())
    await store.close()
    node = Node(Settings(database_url=url, var=folder / "var", media_host="127.0.0.1", media_port=0, port=0, access_log=False))
    async with node.running():
        runner = await serve(node, "127.0.0.1", 0)
        try:
            yield node, f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def _visitor(address: str) -> asyncio.subprocess.Process:
    visitor = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.busy", address, stdout=asyncio.subprocess.PIPE)
    assert visitor.stdout is not None
    await visitor.stdout.readline()  # it has logged in and begun
    return visitor


async def _answered(visitor: asyncio.subprocess.Process) -> int:
    visitor.terminate()
    output, _ = await visitor.communicate()
    return int(output.split()[-1])


def _latencies(end: Json) -> tuple[float, float]:
    latencies = end["latencies"] or [0.0]
    return round(latencies[len(latencies) // 2] * 1e3, 2), round(latencies[len(latencies) * 99 // 100] * 1e3, 2)


async def visit(address: str) -> None:
    """The visitor's process: log in as the demo's secretary and ask without a pause until told to end; then say how often."""
    answered = 0
    async with aiohttp.ClientSession(address, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        (await session.post("/api/session", json={"username": "secretary", "password": DEMO_PASSWORD})).raise_for_status()
        meetings = (await (await session.get("/api/meetings")).json())["items"]
        held = next(meeting["meetingId"] for meeting in meetings if meeting["state"] == "ended")
        paths = [
            f"/api/meetings/{held}/sheet.xlsx",
            f"/api/meetings/{held}/sheet.pdf",
            "/api/members",
            "/api/meetings",
            "/api/organisations",
        ]

        async def ask(first: int) -> None:
            nonlocal answered
            for turn in range(first, 1 << 30):
                async with session.get(paths[turn % len(paths)]) as response:
                    await response.read()
                    answered += response.status == 200

        asking = [asyncio.create_task(ask(first)) for first in range(AT_ONCE)]
        print("begun", flush=True)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(15, stop.set)
        await asyncio.wait([asyncio.create_task(stop.wait()), *asking], return_when=asyncio.FIRST_COMPLETED)
        for task in asking:
            task.cancel()
    print(answered, flush=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench busy", description=__doc__)
    parser.add_argument("--consumers", type=int, default=40)
    parser.add_argument("--rate", type=int, default=450)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true", help="only the last line, one JSON object")
    options = parser.parse_args(arguments)
    result = uvloop.run(measure(options.consumers, options.rate, options.seconds))
    if not options.json:
        print("busy: how late packets arrive while the web process exports and answers")
        for name, value in result.items():
            print(f"  {name:24} {value}")
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    asyncio.run(visit(sys.argv[1]))
