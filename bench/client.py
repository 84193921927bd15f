"""The parent's end of a load client process, and the reading of another process's CPU time."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

#: Joining a hundred endpoints one after another takes a few seconds; nothing honest takes longer than this.
ANSWER_SECONDS: Final = 60.0


class Client:
    """`async with Client() as client`: publish, join, then run as often as wanted."""

    def __init__(self, module: str = "bench.load_client") -> None:
        self.fingerprints: list[Json] = []
        self._module = module

    async def __aenter__(self) -> Client:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-m", self._module, stdin=pipe, stdout=pipe, limit=1 << 26)
        self.fingerprints = (await self.line())["fingerprints"]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, message: Json) -> Json:
        self.tell(message)
        return await self.line()

    async def publish(self, description: Json, tracks: list[Json]) -> None:
        await self.ask({"publisher": description, "tracks": tracks})

    async def join(self, descriptions: list[Json]) -> None:
        """Everybody who receives comes in."""
        await self.ask({"consumers": descriptions})

    async def run(self, rate: int, seconds: float, server_pid: int | None) -> tuple[float, Json]:
        """Let the load run. → (CPU seconds of the server meanwhile, what the client counted)."""
        await self.ask({"rate": rate, "seconds": seconds})
        before = cpu_seconds(server_pid)
        end = await self.line(seconds + ANSWER_SECONDS)
        return cpu_seconds(server_pid) - before, end

    def tell(self, message: Json) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(message) + "\n").encode())

    async def line(self, seconds: float = ANSWER_SECONDS) -> Json:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), seconds)
        if not line:
            raise RuntimeError("the load client ended early")
        message: Json = json.loads(line)
        return message


def cpu_seconds(pid: int | None) -> float:
    """Time on a CPU of all threads of a process, in nanosecond steps."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
