"""A request that another node can answer, asked of it and its answer passed on: the browser keeps to one address.

It decides which nodes are asked (those in the settings: the request carries a session) and what becomes of one that does not answer. What
the other node refuses is its refusal; it checks the session itself.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import aiohttp
import structlog
from aiohttp import web
from yarl import URL

from ledger.refusals import Refusal

#: What makes the other node answer as this one would, and what of its answer is the browser's.
ASKED: Final = ("Cookie", "Range", "If-Range", "If-None-Match", "If-Modified-Since", "X-Request-ID")
TOLD: Final = (
    "Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Length", "Content-Range", "Content-Type", "ETag", "Last-Modified"
)  # fmt: skip
RELAYED: Final = "X-Branchline-Relayed"
WAIT: Final = aiohttp.ClientTimeout(total=None, connect=3.0, sock_connect=3.0, sock_read=20.0)
PIECE: Final = 1 << 16
TROUBLE: Final = (aiohttp.ClientError, OSError, TimeoutError)
log = structlog.get_logger(__name__)


class NodeAway(Refusal):
    code = "nodeAway"


async def relayed(request: web.Request, node: str, nodes: Collection[str]) -> web.StreamResponse:
    """`node`: base address of who has the answer; `nodes`: those that are asked at all."""
    known = node in {one.rstrip("/") for one in nodes}
    if RELAYED in request.headers or not known:
        log.warning("relay_refused", node=node, known=known)
        raise NodeAway
    headers = {name: request.headers[name] for name in ASKED if name in request.headers} | {RELAYED: "1"}
    try:
        async with (
            aiohttp.ClientSession(timeout=WAIT, auto_decompress=False) as http,
            http.get(URL(node + request.raw_path, encoded=True), headers=headers, allow_redirects=False) as there,
        ):
            if there.status >= 300 and there.content_type != "application/json" and there.status not in (304, 416):
                raise NodeAway  # something in front of it answered
            return await _passed_on(request, there)
    except TROUBLE as trouble:
        log.warning("node_away", node=node, error=type(trouble).__name__)
        raise NodeAway from trouble


async def _passed_on(request: web.Request, there: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=there.status, headers={name: there.headers[name] for name in TOLD if name in there.headers})
    await response.prepare(request)
    try:
        async for piece in there.content.iter_chunked(PIECE):
            await response.write(piece)
    except TROUBLE:  # in the middle: all that can be told is that it breaks off
        response.force_close()
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response
