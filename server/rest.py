"""The aiohttp application of REST and pages, over a house. Sockets are attached by the composition root."""

from __future__ import annotations

from functools import cache

import orjson
from aiohttp import web

from server.background import end_all
from server.health import HEALTH, Health
from server.house import HOUSE, House
from server.http.door import MOST_UPLOAD, doorway
from server.http.pages import add_pages
from server.http.routes import ROUTES
from server.metrics import METRICS, Metrics
from server.middleware import REFUSALS, answering, identified, measured, numbered
from server.openapi import document
from server.refusal_log import RefusalLog
from server.security import secure


def rest_app(house: House, health: Health = dict) -> web.Application:
    app = web.Application(middlewares=[identified, measured, answering], client_max_size=MOST_UPLOAD)
    app[HOUSE] = house
    app[METRICS] = Metrics()
    app[REFUSALS] = RefusalLog()
    app[HEALTH] = health
    for route in ROUTES:
        app.router.add_route(route.method, f"/api{route.path}", doorway(route))
    app.router.add_get("/api/openapi.json", _openapi)
    add_pages(app)
    app.on_response_prepare.append(secure)
    app.on_shutdown.append(_end_background)
    app.on_response_prepare.append(numbered)
    return app


async def _end_background(app: web.Application) -> None:
    await end_all(app[HOUSE])


@cache
def _described() -> bytes:
    """Worked out when somebody asks: it takes a third of a second, and is the same for every application of the process."""
    return orjson.dumps(document())


async def _openapi(request: web.Request) -> web.Response:
    return web.Response(body=_described(), content_type="application/json")
