"""Two TCP connections joined end to end, for tests that stand between two parties. It must never know what passes."""

from __future__ import annotations

import asyncio

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def joined(one: Ends, other: Ends, open_writers: set[asyncio.StreamWriter]) -> None:
    """Until both have ended; meanwhile their writers are in `open_writers`, where somebody may abort them."""
    writers = {one[1], other[1]}
    open_writers |= writers
    await asyncio.gather(_pump(one[0], other[1]), _pump(other[0], one[1]))
    open_writers -= writers


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    finally:
        sink.close()
