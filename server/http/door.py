"""The door of REST: from a request to a call, from an answer to a response. Everything a handler need not know is decided here.

In order: where the request comes from, whose session it is, the CSRF token, then path, query and body against their shapes. Nothing of
what was sent is echoed in a refusal.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import ValidationError

from ledger.actions.sessions import actor_of
from ledger.refusals import NotFound, PasswordChangeNeeded, Refusal, Unauthenticated
from server.house import HOUSE, House
from server.http.call import BadRequest, Call, File, Marked, Reel, Relay, Route, Upload
from server.http.relaying import relayed
from server.schemas.base import Shape

COOKIE = "branchline_session"
MOST_JSON = 1 << 20
MOST_UPLOAD = 8 << 20
LONGEST_ID = 64
ID_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class OriginRefused(Refusal):
    code = "originRefused"


class CsrfMismatch(Refusal):
    code = "csrfMismatch"


class TooLarge(Refusal):
    """params: limit, in bytes."""

    code = "tooLarge"


class MalformedJson(Refusal):
    code = "malformedJson"


class WrongMediaType(Refusal):
    """params: expected."""

    code = "wrongMediaType"


def doorway(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route."""

    async def enter(request: web.Request) -> web.StreamResponse:
        house = request.app[HOUSE]
        if route.changes:
            check_origin(request, house)
        call = await _call(route, request, house)
        answer = await route.handler(call, *await _input(route, request, call))
        if isinstance(answer, Relay):
            return await relayed(request, answer.node, house.settings.node_urls)
        return _response(answer, call)

    return enter


def csrf_token(token: str) -> str:
    """What a page proves with that it may read answers of this origin; the session cannot be guessed from it."""
    return hmac.new(token.encode(), b"branchline csrf", hashlib.sha256).hexdigest()


def check_origin(request: web.Request, house: House) -> None:
    """Browsers say where a request comes from; programs do not, and have no cookie to be misused."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in house.settings.origins | {request.host}:
        raise OriginRefused
    if origin is None and request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise OriginRefused


def address_of(request: web.Request, proxies: int) -> str:
    """The client's address: with `proxies` trusted ones in front, as the outermost of them saw it."""
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return seen[-proxies] if 0 < proxies <= len(seen) else (request.remote or "")


def base_url(request: web.Request, house: House) -> str:
    return house.settings.public_url or f"{request.scheme}://{request.host}"


async def _call(route: Route, request: web.Request, house: House) -> Call:
    call = Call(
        house=house,
        now=house.now(),
        ids=_ids(request),
        base_url=base_url(request, house),
        address=address_of(request, house.settings.proxies),
        token=request.cookies.get(COOKIE, ""),
        has=_marks(request.headers.get("If-None-Match", "")),
    )
    if route.who == "anyone":
        return call
    if not call.token:
        raise Unauthenticated
    call.who = await actor_of(house.store, call.token, call.now, house.session_limits)
    if route.changes and not hmac.compare_digest(request.headers.get("X-CSRF-Token", "").encode(), csrf_token(call.token).encode()):
        raise CsrfMismatch
    if call.actor.account.must_change_password and not route.half_open:
        raise PasswordChangeNeeded
    return call


def _marks(text: str) -> frozenset[str]:
    """Weak or strong makes no difference to a mark."""
    return frozenset(one.strip().removeprefix("W/").strip('"') for one in text.split(",") if one.strip())


def _ids(request: web.Request) -> dict[str, str]:
    for name, value in request.match_info.items():
        if not (0 < len(value) <= LONGEST_ID and ID_LETTERS.issuperset(value)):
            raise NotFound(noun=name.removesuffix("Id"), id=value[:LONGEST_ID])
    return dict(request.match_info)


async def _input(route: Route, request: web.Request, call: Call) -> list[Shape]:
    parsed: list[Shape] = []
    if route.query is not None:
        parsed.append(_query(route.query, request))
    elif request.query_string:
        raise BadRequest(next(iter(request.query), ""), "unknown")
    if route.upload:
        call.upload = await _upload(request)
    elif route.body is not None:
        parsed.append(_checked(route.body, await _json(request), strict=True))
    return parsed


def _query(shape: type[Shape], request: web.Request) -> Shape:
    """Empty values count as not given, so that a form may send all its fields."""
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise BadRequest(name[:LONGEST_ID], "repeated")
        if value:
            values[name] = value
    return _checked(shape, values, strict=False)


async def _json(request: web.Request) -> Any:
    if request.content_type != "application/json":
        raise WrongMediaType(expected="application/json")
    try:
        return orjson.loads(await _bounded(request, MOST_JSON))
    except orjson.JSONDecodeError:
        raise MalformedJson from None


async def _bounded(request: web.Request, limit: int) -> bytes:
    if (request.content_length or 0) > limit:
        raise TooLarge(limit=limit)
    body = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > limit:
            raise TooLarge(limit=limit)
    return bytes(body)


async def _upload(request: web.Request) -> Upload:
    if request.content_type != "multipart/form-data":
        raise WrongMediaType(expected="multipart/form-data")
    if (request.content_length or 0) > MOST_UPLOAD + MOST_JSON:
        raise TooLarge(limit=MOST_UPLOAD)
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                return Upload(part.filename or "", await _part(part))
    except (ValueError, HttpProcessingError):
        raise BadRequest("file", "multipart") from None
    raise BadRequest("file", "missing")


async def _part(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > MOST_UPLOAD:
            raise TooLarge(limit=MOST_UPLOAD)
    return bytes(content)


def _checked(shape: type[Shape], values: Any, strict: bool) -> Shape:
    try:
        parsed = shape.model_validate(values, strict=strict)
    except ValidationError as malformed:
        first = malformed.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BadRequest(".".join(str(part) for part in first["loc"])[:120], first["type"]) from None
    _refuse_nul(values, "")
    return parsed


def _refuse_nul(value: Any, where: str) -> None:
    """PostgreSQL keeps no NUL in a text, so no text may have one."""
    if isinstance(value, str) and "\0" in value:
        raise BadRequest(where[:120], "nul")
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_nul(inner, f"{where}.{key}".lstrip("."))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_nul(inner, f"{where}.{index}".lstrip("."))


def _response(answer: Shape | File | Reel | Marked, call: Call) -> web.StreamResponse:
    if isinstance(answer, Reel):
        shown = {"Content-Type": answer.media_type, "Cache-Control": "no-store"}
        return web.FileResponse(answer.path, headers=shown | ({"Content-Disposition": disposition(answer.name)} if answer.save else {}))
    if isinstance(answer, File):
        headers = {"Content-Disposition": disposition(answer.name), "Cache-Control": "no-store"}
        charset = "utf-8" if answer.media_type.startswith("text/") else None
        return web.Response(body=answer.content, content_type=answer.media_type, charset=charset, headers=headers)
    if isinstance(answer, Marked):
        # What is kept is kept by the page, in its memory: a browser's own store would outlive the session.
        headers = {"ETag": f'"{answer.mark}"', "Cache-Control": "no-store"}
        if answer.content is None:
            return web.Response(status=304, headers=headers)
        return web.Response(body=answer.content, content_type="application/json", headers=headers)
    response = web.Response(body=answer.model_dump_json(by_alias=True).encode(), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    if call.new_token is not None:
        set_session(response, call.new_token, call.house)
    return response


def set_session(response: web.StreamResponse, token: str, house: House) -> None:
    """Lax: a link in a message opens the meeting logged in; other sites' requests carry no cookie. "" takes it away."""
    settings = house.settings
    domain = settings.cookie_domain or None
    if token:
        age = int(settings.session_days * 86_400)
        response.set_cookie(COOKIE, token, max_age=age, httponly=True, samesite="Lax", secure=settings.secure, domain=domain, path="/")
    else:
        response.del_cookie(COOKIE, httponly=True, samesite="Lax", secure=settings.secure, domain=domain, path="/")


def disposition(name: str) -> str:
    """RFC 6266 with RFC 8187: an ASCII name for the oldest clients, the real one for all others."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
