"""What every request passes: an id, a log line, its measure, and the turning of refusals into answers.

The log names the route, never the path: paths hold ids and invitation tokens.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Awaitable, Callable

import orjson
import structlog
from aiohttp import web

from ledger.refusals import Refusal, SessionExpired, StoreUnavailable
from server.answers import explain, status_of
from server.house import HOUSE
from server.http.door import set_session
from server.live.refusals import ShellRefused
from server.metrics import METRICS
from server.refusal_log import RefusalLog

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REFUSALS = web.AppKey("refusals", RefusalLog)
REQUEST_ID = web.RequestKey("request_id", str)
GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
RETRY_SECONDS = "5"
log = structlog.get_logger(__name__)


@web.middleware
async def identified(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A proxy's own request id is kept, so that its log and ours can be laid side by side."""
    given = request.headers.get("X-Request-ID", "")
    request[REQUEST_ID] = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    with structlog.contextvars.bound_contextvars(request_id=request[REQUEST_ID]):
        return await handler(request)


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    start = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        seconds = time.perf_counter() - start
        route = route_of(request)
        request.app[METRICS].answered(request.method, route, status, seconds)
        if request.app[HOUSE].settings.access_log and route != "other":
            log.info("answered", method=request.method, route=route, status=status, ms=round(seconds * 1000, 1))


@web.middleware
async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Four failures, four fates: refusals are told, outside trouble asks to come again, bugs are loud and carry a number."""
    try:
        return await handler(request)
    except Refusal as refused:
        request.app[REFUSALS].note(refused.code, route_of(request))
        return _refused(request, refused)
    except ShellRefused as refused:
        request.app[REFUSALS].note(refused.code, route_of(request))
        return refusal(request, refused.code, refused.params)
    except StoreUnavailable as away:
        log.error("store_unavailable", route=route_of(request), error=repr(away.__cause__))
        return refusal(request, "storeUnavailable", {}, {"Retry-After": RETRY_SECONDS})
    except web.HTTPException as failed:
        return _http(request, failed)
    except Exception:
        log.exception("request_failed", route=route_of(request))
        return refusal(request, "internalError", {})


async def numbered(request: web.Request, response: web.StreamResponse) -> None:
    """Signal `on_response_prepare`. What fails before the middlewares (a malformed request line) has no number."""
    if REQUEST_ID in request:
        response.headers["X-Request-ID"] = request[REQUEST_ID]


def refusal(request: web.Request, code: str, params: dict[str, object], headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps({"refusal": explain(code, params, request[REQUEST_ID])})
    response = web.Response(status=status_of(code), body=body, content_type="application/json", headers=headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def route_of(request: web.Request) -> str:
    """The template of the route, or "other" for what has none of its own (the pages and files of the web client)."""
    resource = request.match_info.route.resource
    canonical = resource.canonical if resource is not None else ""
    return canonical if canonical.startswith(("/api/", "/healthz", "/readyz", "/metrics")) else "other"


def _refused(request: web.Request, refused: Refusal) -> web.Response:
    headers = {"Retry-After": str(refused.params["seconds"])} if "seconds" in refused.params else {}
    response = refusal(request, refused.code, refused.params, headers)
    if isinstance(refused, SessionExpired):
        set_session(response, "", request.app[HOUSE])
    return response


def _http(request: web.Request, failed: web.HTTPException) -> web.StreamResponse:
    if failed.status < 400:
        raise failed
    if failed.status == 405:
        return refusal(request, "methodNotAllowed", {}, {"Allow": failed.headers.get("Allow", "")})
    if failed.status == 413:
        return refusal(request, "tooLarge", {"limit": request.client_max_size})
    if failed.status == 404:
        return refusal(request, "noSuchPage", {})
    return refusal(request, "malformedRequest", {})
