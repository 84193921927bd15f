"""A whole installation for a test: `python -m server` as its own process with its own folder, ports and demo organisation."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.support.pump import joined

ROOT = Path(__file__).resolve().parents[2]
DEMO_PASSWORD = "branchline-demo"
LATELY_SECONDS = 120.0  # the demo's next meeting is five to ten minutes ahead when it is loaded, and stories are told before it begins
_made: list[tuple[float, Path]] = []


class Installation:
    """`settings` go into the environment. `start` waits until it is ready; `kill` is a crash, `stop` an orderly end."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port(socket.SOCK_STREAM)
        self.base = f"http://localhost:{self.port}"
        self.output = folder / "server.log"
        self._environment = {
            **os.environ,
            "PORT": str(self.port),
            "BRANCHLINE_HOST": "127.0.0.1",
            "BRANCHLINE_VAR": str(folder),
            "BRANCHLINE_MEDIA_PORT": "0",
            "DATABASE_URL": f"sqlite:///{folder / 'branchline.db'}",
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def prepare(self) -> None:
        """The database and the demo organisation, as `make start` makes them; in a file, a copy of what was made not long ago."""
        url = self._environment["DATABASE_URL"]
        if not url.startswith("sqlite:///"):
            await _make(self._environment)
            return
        made = await _lately_made(self._environment)
        shutil.copy(made / "branchline.db", url.removeprefix("sqlite:///"))
        shutil.copy(made / "keys", self.folder / "keys")

    async def start(self) -> None:
        with self.output.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", cwd=ROOT, env=self._environment, stdout=output, stderr=output
            )
        for _ in range(200):
            if self._process.returncode is not None or await asyncio.to_thread(self._ready):
                break
            await asyncio.sleep(0.1)
        assert await asyncio.to_thread(self._ready), self.output.read_text()[-4000:]

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return int(answer.status) == 200
        except OSError:
            return False

    async def figures(self, of: str) -> dict[str, float]:
        """The metrics whose name contains `of`: line without its value → value."""

        def ask() -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                return str(answer.read().decode())

        lines = [line.rsplit(" ", 1) for line in (await asyncio.to_thread(ask)).splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines if of in name}

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def workers(self) -> list[int]:
        """The process ids of its media workers by number: they were started with this installation's folder in their environment."""
        mine = f"BRANCHLINE_VAR={self.folder}\0".encode()
        found = []
        for process in Path("/proc").iterdir():
            try:
                command = (process / "cmdline").read_bytes().split(b"\0")
                if b"media.worker" in command and mine in (process / "environ").read_bytes() + b"\0":
                    found.append((int(command[command.index(b"--port") + 1]), int(process.name)))
            except (OSError, ValueError):
                continue
        assert found
        return [pid for _, pid in sorted(found)]

    async def stop(self) -> int:
        """→ the exit code after SIGTERM."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> int:
        return await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> int:
        process = self._process
        if process is None:
            return 0
        if process.returncode is None:
            process.send_signal(how)
        return await asyncio.wait_for(process.wait(), 20)


async def _make(environment: Mapping[str, str]) -> None:
    for command in ("migrate", "demo"):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ledger", command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL
        )
        assert await process.wait() == 0


async def _lately_made(environment: Mapping[str, str]) -> Path:
    """A folder with a database and its keys. Making it takes longer than most of what is done with it."""
    if not _made or time.monotonic() - _made[-1][0] > LATELY_SECONDS:
        folder = Path(tempfile.mkdtemp(prefix="branchline-demo-"))
        where = {"BRANCHLINE_VAR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/branchline.db"}
        began = time.monotonic()
        await _make({**environment, **where})
        _forget_what_was_made()
        _made.append((began, folder))
    return _made[-1][1]


@atexit.register
def _forget_what_was_made() -> None:
    while _made:
        shutil.rmtree(_made.pop()[1], ignore_errors=True)


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(count: int) -> int:
    """The first of so many numbers in a row that nobody uses, UDP or TCP."""
    for _ in range(100):
        first = free_port(socket.SOCK_DGRAM)
        try:
            with ExitStack() as stack:
                for number in range(first, first + count):
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        stack.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", number))
        except (OSError, OverflowError):
            continue
        return first
    raise AssertionError("no free ports")


class Wire:
    """A TCP proxy that can be cut: the network between one browser and the server."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.cut = False
        self.base = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base = f"http://localhost:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self.sever()
        if self._server is not None:
            self._server.close()

    def sever(self) -> None:
        """Cut every connection and refuse new ones until `mend`."""
        self.cut = True
        for writer in list(self._open):
            writer.transport.abort()

    def mend(self) -> None:
        self.cut = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        await joined((reader, writer), (there, back), self._open)
