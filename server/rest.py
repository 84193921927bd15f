"""The aiohttp application of REST and pages, over a house. Sockets are attached by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from server.health import HEALTH, Health
from server.house import HOUSE, House
from server.http.door import MOST_UPLOAD, doorway
from server.http.pages import add_pages
from server.http.routes import ROUTES
from server.metrics import METRICS, Metrics
from server.middleware import answering, identified, measured, numbered
from server.openapi import document
from server.security import secure


def rest_app(house: House, health: Health = dict) -> web.Application:
    app = web.Application(middlewares=[identified, measured, answering], client_max_size=MOST_UPLOAD)
    app[HOUSE] = house
    app[METRICS] = Metrics()
    app[HEALTH] = health
    for route in ROUTES:
        app.router.add_route(route.method, f"/api{route.path}", doorway(route))
    app.router.add_get("/api/openapi.json", _openapi())
    add_pages(app)
    app.on_response_prepare.append(secure)
    app.on_response_prepare.append(numbered)
    return app


def _openapi() -> Callable[[web.Request], Awaitable[web.Response]]:
    body = orjson.dumps(document())

    async def openapi(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    return openapi
