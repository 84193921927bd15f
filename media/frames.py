"""Messages on the local channel between a web process and a media worker: four bytes of length, then JSON.

It decides what a message is and when a stream of bytes is no longer believed. It must never know what the messages mean.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson

Json = dict[str, Any]

#: The largest honest message (statistics of a full worker) stays below; a longer one means the two ends disagree on where messages begin.
MAX_MESSAGE: Final = 16 << 20


class FrameError(Exception):
    """Bytes that are not a message; the channel is of no more use."""


def encode(message: Json) -> bytes:
    body = orjson.dumps(message)
    return len(body).to_bytes(4, "big") + body


async def read(reader: asyncio.StreamReader) -> Json | None:
    """The next message; None at the end of the stream."""
    try:
        length = int.from_bytes(await reader.readexactly(4), "big")
        if length > MAX_MESSAGE:
            raise FrameError(f"a message of {length} bytes")
        message = orjson.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except orjson.JSONDecodeError as error:
        raise FrameError("not JSON") from error
    if not isinstance(message, dict):
        raise FrameError("not an object")
    return message
