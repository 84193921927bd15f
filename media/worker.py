"""`python -m media.worker`: the packet plane in a process of its own, and the door to it on a unix socket.

Requests are {"id", "method", "arguments"}, answers {"id", "result"} or {"id", "error": {code, detail}}, reports {"report"}. One client at
a time: the web process that owns the rooms; when it goes, its routers go. The environment is never read: everything is an argument.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final

import uvloop

from media import frames, journal
from media.engine import Engine
from media.forwarder import CONSENT_SECONDS
from media.plane import PlaneError

Json = dict[str, Any]
logger = logging.getLogger("media")

#: The calls of the door with the least and the most arguments they take; the first is always an id.
METHODS: Final = {
    "open_router": (1, 1),
    "create_transport": (3, 4),
    "connect_transport": (2, 2),
    "restart_ice": (1, 1),
    "produce": (4, 5),
    "consume": (4, 5),
    "update": (2, 2),
    "close": (1, 1),
    "stats": (0, 1),
}
#: Reports that may wait for a client that does not read; then the client is cut off, because a gap in facts must not go unnoticed.
MAX_WAITING_BYTES: Final = 8 << 20


class Worker:
    def __init__(self, engine_options: dict[str, Any], once: bool) -> None:
        self.engine = Engine(self._report, **engine_options)
        self.finished = asyncio.Event()
        self._once = once
        self._writer: asyncio.StreamWriter | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    async def stop(self) -> None:
        """End the channel in order, then the port with its farewells."""
        if self._writer is not None:
            self._writer.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), 1.0)
        self.engine.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._writer is not None:
            writer.write(frames.encode({"error": {"code": "busy", "detail": "another process holds this worker"}}))
            writer.close()
            return
        self._writer = writer
        self._idle.clear()
        journal.tell(logging.INFO, "channel_opened")
        try:
            while (message := await frames.read(reader)) is not None:
                writer.write(frames.encode(self.answer(message)))
                await writer.drain()
        except (frames.FrameError, ConnectionError) as error:
            journal.tell(logging.ERROR, "channel_broken", error=type(error).__name__)
        finally:
            self._writer = None
            writer.close()
            journal.tell(logging.INFO, "channel_closed")
            self.engine.call(self._close_all)
            self._idle.set()
            if self._once:
                self.finished.set()

    def answer(self, message: Json) -> Json:
        """One request → one answer; a refusal and a bug are told apart by their code."""
        number, method, arguments = message.get("id"), message.get("method"), message.get("arguments")
        if not _is_call(method, arguments):
            return {"id": number, "error": {"code": "invalid_parameters", "detail": "method or arguments"}}
        try:
            return {"id": number, "result": self.engine.call(getattr(self.engine.routers, str(method)), *(arguments or []))}
        except PlaneError as error:
            return {"id": number, "error": {"code": error.code, "detail": error.detail}}
        except Exception as error:
            logger.exception("call_failed", extra={"fields": {"method": method}})
            return {"id": number, "error": {"code": "bug", "detail": type(error).__name__}}

    def _close_all(self) -> Json:
        self.engine.routers.close_all()
        return {}

    def _report(self, report: Json) -> None:
        writer = self._writer
        if writer is None or writer.is_closing():
            return
        writer.write(frames.encode({"report": report}))
        if writer.transport.get_write_buffer_size() > MAX_WAITING_BYTES:
            journal.tell(logging.ERROR, "reports_unread")
            writer.transport.abort()


def _is_call(method: object, arguments: object) -> bool:
    if not isinstance(method, str) or not isinstance(arguments, list) or method not in METHODS:
        return False
    least, most = METHODS[method]
    ids = arguments[: 1 if least else 0]
    return least <= len(arguments) <= most and all(isinstance(id, str) for id in ids)


def tune_garbage_collection() -> None:
    """The packet path makes no cycles, so collections only cost it time.

    What start-up made is frozen, and the old generation (a full walk: 20 ms at 40 peers) is walked a hundred times more rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1000)


async def run(arguments: argparse.Namespace) -> None:
    options = {
        "listen_ip": arguments.listen_ip,
        "port": arguments.port,
        "announced": arguments.announce,
        "segment": not arguments.no_segmentation,
        "consent_seconds": arguments.consent_seconds,
        "compiled": not arguments.no_express,
    }
    worker = Worker(options, arguments.once)
    path = Path(arguments.socket)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    before = os.umask(0o177)  # the channel is for this user only
    try:
        server = await asyncio.start_unix_server(worker.serve, path)
    finally:
        os.umask(before)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.finished.set)
    tune_garbage_collection()
    journal.tell(logging.INFO, "worker_listening", port=worker.engine.port.number, pid=os.getpid())
    print(f"media worker on UDP {arguments.listen_ip}:{worker.engine.port.number}, channel {path}", flush=True)
    await worker.finished.wait()
    server.close()
    await worker.stop()
    journal.tell(logging.INFO, "worker_ended")
    path.unlink(missing_ok=True)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m media.worker", description=__doc__)
    parser.add_argument("--socket", required=True, help="path of the unix socket of the control channel")
    parser.add_argument("--listen-ip", "--ip", default="0.0.0.0", help="addresses the port is bound to, with commas; :: for IPv6 and IPv4")
    parser.add_argument("--port", type=int, default=40000, help="the UDP and TCP port for everybody; 0 lets the kernel choose")
    parser.add_argument(
        "--announce",
        action="append",
        default=[],
        help="address told to clients, with /udp or /tcp for one of both only; repeat for several",
    )
    parser.add_argument("--consent-seconds", type=float, default=CONSENT_SECONDS, help="silence after which a transport is disconnected")
    parser.add_argument("--no-segmentation", action="store_true", help="send every packet by a system call of its own")
    parser.add_argument("--no-express", action="store_true", help="without the compiled twin of the innermost loop")
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    parser.add_argument("--log-format", default="console", choices=journal.FORMATS, help="json: one object a line")
    parser.add_argument("--once", action="store_true", help="end when the first client leaves")
    return parser.parse_args(arguments)


def main() -> None:
    arguments = parse_arguments(sys.argv[1:])
    journal.configure(arguments.log_level, arguments.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, contextlib.suppress(KeyboardInterrupt):
        runner.run(run(arguments))


if __name__ == "__main__":
    main()
