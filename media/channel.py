"""The web process's end of the channel: `WorkerPlane`, a MediaPlane whose packets are in another process.

It decides when a worker counts as dead and starts a new one. Everything a dead worker held is gone; `workerDied` and `workerReady` say
so by the ids of its routers, and whoever owns the rooms builds them again. It must never know rooms.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from media import frames, journal
from media.plane import Direction, Kind, PlaneError, Report

Json = dict[str, Any]
logger = logging.getLogger("media")

#: A control call takes well under a millisecond; a worker that is silent for so long hangs and is treated as dead.
ANSWER_SECONDS: Final = 5.0
START_SECONDS: Final = 10.0
#: Waits between attempts to start again: at once, then slower, so that a worker that cannot start does not eat a core.
RESTART_SECONDS: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
_ROOT: Final = Path(__file__).resolve().parent.parent


class WorkerPlane:
    """Made by `spawn` (owns the process) or `connect` (finds one that somebody else runs)."""

    def __init__(self, on_report: Report, socket_path: Path, arguments: Sequence[str] | None) -> None:
        self.on_report: Callable[[Json], None] = on_report
        self._path = socket_path
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._number = 0
        self._routers: dict[str, None] = {}  # open in this life of the worker, in order
        self._keeper: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._stopping = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def spawn(
        cls,
        on_report: Report,
        *,
        listen_ip: str = "0.0.0.0",
        port: int = 40000,
        announce: Sequence[str] = (),
        log_level: str = "WARNING",
        log_format: str = "console",
        socket_path: str | None = None,
        more: Sequence[str] = (),
    ) -> WorkerPlane:
        """A worker process of our own; its socket lies in a private folder unless a path is given.

        `more` are further arguments of `python -m media.worker`, as they are.
        """
        folder = None if socket_path else tempfile.TemporaryDirectory(prefix="branchline-media-")
        path = Path(socket_path or f"{folder.name if folder else ''}/media.sock")
        arguments = ["--once", "--socket", str(path), "--listen-ip", listen_ip, "--port", str(port)]
        arguments += ["--log-level", log_level, "--log-format", log_format]
        for address in announce:
            arguments += ["--announce", address]
        arguments += more
        plane = cls(on_report, path, arguments)
        plane._folder = folder
        return plane

    @classmethod
    def connect(cls, on_report: Report, socket_path: str) -> WorkerPlane:
        """A worker somebody else runs (`media:` of the Procfile); when it goes away, we wait until it is back."""
        return cls(on_report, Path(socket_path), None)

    @property
    def folder(self) -> Path:
        """Where this worker's sockets are."""
        return self._path.absolute().parent

    @property
    def pid(self) -> int | None:
        """The worker's process id, when it is ours."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Returns when the worker may be used; raises PlaneError("worker_gone") when it cannot be reached."""
        self._keeper = asyncio.create_task(self._keep(), name="media-worker")
        waiter = asyncio.create_task(self._ready.wait())
        await asyncio.wait({waiter, self._keeper}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        if not self._ready.is_set():
            await self.stop()
            raise PlaneError("worker_gone", "the media worker did not start")

    async def stop(self) -> None:
        # A flag besides the cancellation: `wait_for` of Python 3.11 swallows one that arrives together with its result (the worker ending).
        self._stopping = True
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        self._disconnect()
        await self._end_process()
        if self._folder is not None:
            self._folder.cleanup()

    async def _keep(self) -> None:
        """One turn of the loop is one life of a worker."""
        failures = 0
        lost: list[str] = []
        while not self._stopping:
            await asyncio.sleep(RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)])
            try:
                reader = await self._open()
            except (OSError, TimeoutError) as error:
                failures += 1
                journal.tell(logging.ERROR, "worker_unreachable", error=type(error).__name__, attempts=failures)
                await self._end_process()
                continue
            failures = 0
            self._ready.set()
            self._tell({"event": "workerReady", "at": time.monotonic(), "routerIds": lost, "up": 1})
            try:
                await self._listen(reader)
            except frames.FrameError as error:
                journal.tell(logging.ERROR, "channel_broken", error=type(error).__name__)
            self._disconnect()
            lost, self._routers = list(self._routers), {}
            self._tell({"event": "workerDied", "at": time.monotonic(), "routerIds": lost, "up": 0})
            await self._end_process()

    async def _open(self) -> asyncio.StreamReader:
        if self._arguments is not None:
            self._path.unlink(missing_ok=True)
            # A session of its own: Ctrl-C on a terminal is for the server, which ends the worker after its rooms have closed.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "media.worker",
                *self._arguments,
                cwd=_ROOT,
                stdout=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS / 2
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                return reader
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline or (self._process is not None and self._process.returncode is not None):
                    raise
                await asyncio.sleep(0.02)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while (message := await frames.read(reader)) is not None:
            if "report" in message:
                self._tell(message["report"])
                continue
            waiting = self._waiting.pop(message.get("id", 0), None)
            if waiting is None or waiting.done():
                continue
            if "error" in message:
                waiting.set_exception(PlaneError(message["error"]["code"], message["error"]["detail"]))
            else:
                waiting.set_result(message["result"])

    def _tell(self, report: Json) -> None:
        try:
            self.on_report(report)
        except Exception:  # the listener's bug must not cost the connection to the worker
            logger.exception("report_not_taken", extra={"fields": {"report": str(report.get("event"))}})

    def _disconnect(self) -> None:
        self._ready.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(PlaneError("worker_gone", "the media worker died"))

    async def _end_process(self) -> None:
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 2.0)
        except TimeoutError:
            process.kill()
            await process.wait()
        self._process = None  # only now: whoever is cancelled while waiting leaves the rest to `stop`

    async def _call(self, method: str, *arguments: Any) -> Json:
        if self._writer is None:
            raise PlaneError("worker_gone", "no media worker")
        self._number += 1
        number = self._number
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._writer.write(frames.encode({"id": number, "method": method, "arguments": arguments}))
        try:
            return await asyncio.wait_for(future, ANSWER_SECONDS)
        except TimeoutError:
            if self._process is not None:
                self._process.kill()  # it hangs; its end starts the next one
            raise PlaneError("worker_gone", f"no answer to {method}") from None
        finally:
            self._waiting.pop(number, None)

    async def open_router(self, router_id: str) -> Json:
        answer = await self._call("open_router", router_id)
        self._routers[router_id] = None
        return answer

    async def create_transport(self, router_id: str, transport_id: str, direction: Direction, options: Json | None = None) -> Json:
        return await self._call("create_transport", router_id, transport_id, direction, options)

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        return await self._call("connect_transport", transport_id, dtls_parameters)

    async def restart_ice(self, transport_id: str) -> Json:
        return await self._call("restart_ice", transport_id)

    async def produce(self, transport_id: str, producer_id: str, kind: Kind, rtp_parameters: Json, paused: bool = False) -> Json:
        return await self._call("produce", transport_id, producer_id, kind, rtp_parameters, paused)

    async def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        return await self._call("consume", transport_id, consumer_id, producer_id, rtp_capabilities, paused)

    async def update(self, id: str, changes: Json) -> Json:
        return await self._call("update", id, changes)

    async def close(self, id: str) -> Json:
        self._routers.pop(id, None)
        return await self._call("close", id)

    async def stats(self, id: str | None = None) -> Json:
        return await self._call("stats", id)
