"""A TCP proxy that can fall silent: the server's connection stays open, and no byte comes any more. So a network dies, a phone sleeps."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class SilentProxy:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._speaking = asyncio.Event()
        self._speaking.set()
        self._near: list[asyncio.StreamWriter] = []
        self._far: list[asyncio.StreamWriter] = []
        self._pipes: list[asyncio.Task[None]] = []
        self.silent_at = 0.0
        self.url = ""

    def fall_silent(self) -> None:
        self._speaking.clear()
        self.silent_at = time.time()
        for writer in self._near:  # the client is told, so that the test need not wait until it finds out
            writer.transport.abort()

    def cut(self) -> None:
        """A reset instead of silence."""
        for writer in (*self._near, *self._far):
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._near.append(writer)
        self._far.append(far_writer)
        self._pipes += [asyncio.create_task(self._pipe(reader, far_writer)), asyncio.create_task(self._pipe(far_reader, writer))]

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._speaking.wait()
                writer.write(data)
                await writer.drain()

    async def stop(self) -> None:
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)
        self.cut()


@asynccontextmanager
async def silent_proxy(url: str) -> AsyncIterator[SilentProxy]:
    proxy = SilentProxy(url)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()
        await asyncio.sleep(0)
