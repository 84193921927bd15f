"""The whole product as a newcomer runs it: `python -m server` in a process of its own, with its media worker and an own SQLite database."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent.parent
ADMIN = ("admin", "branchline-demo")
BRANCHES_UNDER = "demo-general"  # where the demo organisation takes further branches


@asynccontextmanager
async def server_process(folder: Path, **settings: str) -> AsyncIterator[str]:
    """→ the base address, when the server is ready. `settings` are environment variables on top."""
    port = _free_port()
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / 'branchline.db'}",
        "BRANCHLINE_VAR": str(folder / "var"),
        "BRANCHLINE_HOST": "127.0.0.1",
        "PORT": str(port),
        **settings,
    }
    for command in ("migrate", "demo"):
        await _run(["-m", "ledger", command], environment)
    log = (folder / "server.log").open("wb")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "server", cwd=ROOT, env=environment, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        await _ready(base, process, folder / "server.log")
        yield base
    finally:
        if process.returncode is None:
            process.terminate()
        status = await asyncio.wait_for(process.wait(), 20)
        log.close()
    assert status == 0, (folder / "server.log").read_text()[-4000:]


async def _run(arguments: list[str], environment: dict[str, str]) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    assert process.returncode == 0, (out + err).decode()


async def _ready(base: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(200):
            assert process.returncode is None, log.read_text()[-4000:]
            try:
                async with http.get(f"{base}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError(f"not ready in 20 s: {log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
