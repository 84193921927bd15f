"""What lies outside /api: the web client with its single page, whether the server is well, and its figures."""

from __future__ import annotations

from pathlib import Path

import orjson
from aiohttp import web

from ledger.refusals import StoreUnavailable
from server.health import HEALTH, readiness
from server.house import HOUSE
from server.metrics import METRICS

HASHED_FOR = "public, max-age=31536000, immutable"  # Vite puts a digest of the content into these names
OTHERS_FOR = "public, max-age=3600"
NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>支部连线 Branchline</title>
<h1>支部连线 Branchline</h1>
<p>服务已启动，但网页客户端尚未构建。请在项目目录运行 <code>make start</code>，
或 <code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>。</p>
<p lang="en">The server is running, but the web client has not been built. Run <code>make start</code> in the project's folder,
or <code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>.</p>
<p lang="en">The interface for programs is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>"""


async def page(request: web.Request) -> web.StreamResponse:
    """A file of the built client, or its single page for every address the client itself understands."""
    dist = request.app[HOUSE].settings.web_dist.resolve()
    path = request.match_info["path"]
    file = _file(dist, path)
    if file is not None:
        caching = HASHED_FOR if path.startswith("assets/") else OTHERS_FOR
        return web.FileResponse(file, headers={"Cache-Control": caching})
    if "." in path.rsplit("/", 1)[-1]:
        raise web.HTTPNotFound  # a file that is not there must not come as a page: a browser would run it as a script
    index = dist / "index.html"
    if not index.is_file():
        return web.Response(status=503, text=NOT_BUILT, content_type="text/html")
    return web.FileResponse(index, headers={"Cache-Control": "no-cache"})


def _file(dist: Path, path: str) -> Path | None:
    """Never outside the folder, whatever the path says; the page itself is not a file of its own name."""
    if not path or "\0" in path:
        return None
    file = (dist / path).resolve()
    return file if file.is_relative_to(dist) and file.is_file() and file.name != "index.html" else None


async def alive(request: web.Request) -> web.Response:
    """The process answers. Says nothing about anything else."""
    return web.json_response({"ok": True})


async def ready(request: web.Request) -> web.Response:
    status, state = readiness(store=await _store_answers(request), parts=request.app[HEALTH]())
    return web.Response(status=status, body=orjson.dumps(state), content_type="application/json")


async def _store_answers(request: web.Request) -> bool:
    try:
        async with request.app[HOUSE].store.reading() as uow:
            await uow.organisations.get("")
    except StoreUnavailable:
        return False
    return True


async def metrics(request: web.Request) -> web.Response:
    return web.Response(body=await request.app[METRICS].text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def add_pages(app: web.Application) -> None:
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
    app.router.add_get(r"/{path:(?!(?:api|socket\.io|healthz|readyz|metrics)(?:/|$)).*}", page)
