"""Logging in and out, and the own account."""

from __future__ import annotations

from ledger.access import Actor
from ledger.actions import organisations, sessions
from ledger.model import Account
from ledger.refusals import Refusal
from server.http.call import Call
from server.http.door import csrf_token
from server.http.views import people
from server.schemas.accounts import ChangePassword, ChooseLocale, ClientSettings, LogIn, Me, SessionList
from server.schemas.base import Done
from server.settings import VERSION

# A person mistypes a few times; a program that guesses is slowed down before the ledger has to lock the name.
TRIES_PER_NAME, TRIES_PER_ADDRESS, TRIES_SECONDS = 10, 300, 60.0


class TooManyAttempts(Refusal):
    """params: seconds."""

    code = "tooManyAttempts"


async def client_settings(call: Call) -> ClientSettings:
    house = call.house
    return ClientSettings(
        version=VERSION,
        organisation_name=house.organisation_name,
        default_locale=house.settings.locale,
        demo_accounts=list(house.demo),
        notice_version=house.rulebook.notice_version,
    )


async def log_in(call: Call, body: LogIn) -> Me:
    await _slow_down(call, body.username)
    command = sessions.LogIn(body.username, body.password)
    logged_in = await sessions.log_in(call.store, command, call.now, call.house.session_limits)
    call.token = call.new_token = logged_in.token
    return await _me(call, logged_in.actor, logged_in.actor.account)


async def who_am_i(call: Call) -> Me:
    return await _me(call, call.actor, call.actor.account)


async def log_out(call: Call) -> Done:
    await sessions.log_out(call.store, call.actor, call.now)
    call.new_token = ""
    return Done()


async def choose_locale(call: Call, body: ChooseLocale) -> Done:
    await sessions.choose_locale(call.store, call.actor, body.locale)
    return Done()


async def change_password(call: Call, body: ChangePassword) -> Me:
    command = sessions.ChangePassword(body.current_password, body.new_password)
    account = await sessions.change_password(call.store, call.actor, command, call.now)
    return await _me(call, call.actor, account)


async def list_sessions(call: Call) -> SessionList:
    found = await sessions.list_sessions(call.store, call.actor)
    return SessionList(sessions=[people.session_line(one, call.actor.session) for one in found])


async def end_other_sessions(call: Call) -> Done:
    current = call.actor.session
    for one in await sessions.list_sessions(call.store, call.actor):
        if current is None or one.session_id != current.session_id:
            await sessions.end_session(call.store, call.actor, one.session_id, call.now)
    return Done()


async def _me(call: Call, actor: Actor, account: Account) -> Me:
    return people.me(actor, account, await organisations.own_units(call.store, actor), csrf_token(call.token))


async def _slow_down(call: Call, username: str) -> None:
    limits, name = call.house.rate_limits, username.strip().casefold()
    seconds = await limits.wait(f"login:{call.address}:{name}", TRIES_PER_NAME, TRIES_SECONDS)
    seconds = seconds or await limits.wait(f"login:{call.address}", TRIES_PER_ADDRESS, TRIES_SECONDS)
    if seconds:
        raise TooManyAttempts(seconds=int(seconds) + 1)
