"""Who is behind a socket: the session cookie of the handshake, looked up once, and whether that session still holds."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import socketio

from ledger.actions.sessions import actor_of
from ledger.refusals import Refusal, StoreUnavailable
from server.answers import explain
from server.house import House
from server.http.door import COOKIE
from server.live.ports import Visitor
from server.live.turn import turn_log_in
from server.settings import Settings

Json = dict[str, Any]


class Visitors:
    def __init__(self, house: House) -> None:
        self._house = house

    async def identify(self, environ: Json) -> Visitor | None:
        """None: nobody logged in, or only with a one-time password. A database that is away refuses by its own name: a browser told
        that nobody is logged in would send its person to the log-in page instead of trying again."""
        house, token = self._house, cookie_of(environ.get("HTTP_COOKIE", ""))
        try:
            actor = await actor_of(house.store, token, house.now(), house.session_limits)
        except Refusal:
            return None
        except StoreUnavailable:
            raise socketio.exceptions.ConnectionRefusedError("storeUnavailable", explain("storeUnavailable", {})) from None
        if actor.account.must_change_password or actor.session is None:
            return None
        name = actor.member.name if actor.member else actor.account.username
        return Visitor(actor.account_id, actor.member_id, name, actor.session.token_hash)

    async def still_in(self, visitor: Visitor) -> bool:
        """Being in a meeting is use enough: only the end of the session counts here, not how long no page was asked for."""
        try:
            async with self._house.store.reading() as uow:
                session = await uow.sessions.get(visitor.session)
                account = await uow.accounts.get(visitor.account_id)
        except StoreUnavailable:
            return True
        return session is not None and self._house.now() < session.expires_at and account is not None and not account.disabled


def cookie_of(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def own_origins(settings: Settings) -> Callable[[str | None, Json], bool]:
    """Which pages may open a socket: those of this service. Programs name no origin."""

    def allowed(origin: str | None, environ: Json) -> bool:
        return not origin or urlsplit(origin).netloc in settings.origins | {environ.get("HTTP_HOST", "")}

    return allowed


def ice_servers(settings: Settings) -> list[Json]:
    """As the browser wants them: TURN with its log-in, STUN without."""
    username, credential = settings.turn_user, settings.turn_password
    if settings.turn_secret:
        username, credential = turn_log_in(settings.turn_secret, secrets.token_hex(8), time.time())
    turn = {"username": username, "credential": credential}
    return [{"urls": [url], **(turn if url.startswith("turn") else {})} for url in settings.ice_servers]
