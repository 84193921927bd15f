"""Log-ins and sessions: a token in a cookie, of which the ledger keeps only the SHA-256.

Failures are counted per user name, known or not. From the fifth on the name is locked for 15 minutes, and twice as long with each further
failure up to a day; a success or a reset by an administrator forgets them. Sessions end after a time unused and after a time at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from dataclasses import dataclass, replace

from ..access import Actor, actor_for
from ..model import Access, Account, FailedAttempts, Session
from ..passwords import check_strength, hashed, matches
from ..ports import Store, UnitOfWork
from ..refusals import (
    AccountLocked,
    NotFound,
    PasswordUnchanged,
    SessionExpired,
    StoreUnavailable,
    Unauthenticated,
    WrongCredentials,
    WrongPassword,
)

FAILURES_BEFORE_LOCK = 5
FIRST_LOCK_SECONDS = 15 * 60.0
LONGEST_LOCK_SECONDS = 24 * 3600.0
SEEN_EVERY_SECONDS = 60.0  # a request does not write unless the last sighting is older than this
MOST_SEEN_SECONDS = 0.5  # nobody waits longer for a sighting to be written: a locked database must not lock people out
_noting: set[asyncio.Task[None]] = set()  # sightings still on their way; a task that nobody holds may be collected


@dataclass(frozen=True, slots=True)
class SessionLimits:
    idle_seconds: float = 8 * 3600.0
    absolute_seconds: float = 7 * 24 * 3600.0


DEFAULT_LIMITS = SessionLimits()


@dataclass(frozen=True, slots=True)
class LogIn:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`token` goes into the cookie and nowhere else."""

    token: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class ChangePassword:
    current_password: str
    new_password: str


async def log_in(store: Store, command: LogIn, now: float, limits: SessionLimits = DEFAULT_LIMITS) -> LoggedIn:
    """Refusals: WrongCredentials (unknown, wrong, disabled: all alike), AccountLocked(until)."""
    username = command.username.strip().casefold()[:64]
    async with store.reading() as uow:
        _refuse_locked(await uow.sessions.attempts(username), now)
        account = (await uow.accounts.by_usernames([username])).get(username)
    # No transaction is held while hashing: it takes longer than all other log-in work together.
    right = await matches(command.password, account.password_hash if account else None)
    if account is None or not right or account.disabled:
        await _count_failure(store, username, now)
        raise WrongCredentials
    token = secrets.token_urlsafe(32)
    session = Session(token_hash(token), account.account_id, now, now + limits.absolute_seconds, now)
    async with store.writing() as uow:
        account = await _unchanged(uow, account, now)
        await uow.sessions.remove_expired(now, now - limits.idle_seconds)
        await uow.sessions.forget_attempts(username)
        await uow.sessions.add(session)
        actor = await actor_for(uow, account, session, now)
        await uow.access_log.append([_line("logIn", actor, now)])
    return LoggedIn(token, actor)


async def actor_of(store: Store, token: str, now: float, limits: SessionLimits = DEFAULT_LIMITS) -> Actor:
    """Whose token this is. Refusals: Unauthenticated (no such session), SessionExpired."""
    async with store.reading() as uow:
        session = await uow.sessions.get(token_hash(token))
        account = await uow.accounts.get(session.account_id) if session else None
        if session is None or account is None or account.disabled:
            raise Unauthenticated
        if now >= session.expires_at or now - session.last_seen_at >= limits.idle_seconds:
            raise SessionExpired
        actor = await actor_for(uow, account, session, now)
    if now - session.last_seen_at >= SEEN_EVERY_SECONDS:
        noting = asyncio.create_task(_note_seen(store, session, now))
        _noting.add(noting)
        noting.add_done_callback(_noting.discard)
        await asyncio.wait({noting}, timeout=MOST_SEEN_SECONDS)
    return actor


async def _note_seen(store: Store, session: Session, now: float) -> None:
    """Read again where it is written: the session may have ended meanwhile, and must not come back. What cannot be noted is left."""
    with contextlib.suppress(StoreUnavailable):
        async with store.writing() as uow:
            current = await uow.sessions.get(session.token_hash)
            if current is not None and current.last_seen_at < now:
                await uow.sessions.save(replace(current, last_seen_at=now))


async def log_out(store: Store, actor: Actor, now: float) -> None:
    if actor.session is None:
        raise Unauthenticated
    async with store.writing() as uow:
        await uow.sessions.remove([actor.session.token_hash])
        await uow.access_log.append([_line("logOut", actor, now)])


async def list_sessions(store: Store, actor: Actor) -> list[Session]:
    """The actor's own, latest seen first; the current one is `actor.session`."""
    async with store.reading() as uow:
        return await uow.sessions.of_account(actor.account_id)


async def end_session(store: Store, actor: Actor, session_id: str, now: float) -> None:
    """End one of the actor's own sessions, for instance on a lost telephone."""
    async with store.writing() as uow:
        own = [session for session in await uow.sessions.of_account(actor.account_id) if session.session_id == session_id]
        if not own:
            raise NotFound(noun="session", id=session_id)
        await uow.sessions.remove([session.token_hash for session in own])
        await uow.access_log.append([_line("endSession", actor, now)])


async def change_password(store: Store, actor: Actor, command: ChangePassword, now: float) -> Account:
    """Ends the actor's other sessions. Refusals: WrongPassword, PasswordTooShort, -TooLong, -IsUsername, -Unchanged."""
    account = actor.account
    check_strength(account.username, command.new_password)
    if command.new_password == command.current_password:
        raise PasswordUnchanged
    async with store.reading() as uow:
        _refuse_locked(await uow.sessions.attempts(account.username), now)
        stored = await uow.accounts.get(account.account_id)
    if stored is None or not await matches(command.current_password, stored.password_hash):
        await _count_failure(store, account.username, now)
        raise WrongPassword
    password_hash = await hashed(command.new_password)
    async with store.writing() as uow:
        changed = replace(await _unchanged(uow, stored, now), password_hash=password_hash, must_change_password=False)
        await uow.accounts.save(changed)
        await uow.sessions.forget_attempts(account.username)
        kept = actor.session.token_hash if actor.session else None
        tokens = [session.token_hash for session in await uow.sessions.of_account(account.account_id)]
        await uow.sessions.remove([token for token in tokens if token != kept])
        await uow.access_log.append([_line("changePassword", actor, now)])
    return changed


async def choose_locale(store: Store, actor: Actor, locale: str) -> Account:
    async with store.writing() as uow:
        stored = await uow.accounts.get(actor.account_id)
        if stored is None:
            raise Unauthenticated
        changed = replace(stored, locale=locale)
        await uow.accounts.save(changed)
    return changed


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def lock_seconds(failures: int) -> float:
    """How long a name is locked after so many failures: 0, then 15 minutes doubling up to a day."""
    if failures < FAILURES_BEFORE_LOCK:
        return 0.0
    # The exponent is bounded before the power is taken: the count is not, and 2.0**1100 would overflow.
    return min(FIRST_LOCK_SECONDS * 2.0 ** min(failures - FAILURES_BEFORE_LOCK, 16), LONGEST_LOCK_SECONDS)


def _refuse_locked(attempts: FailedAttempts | None, now: float) -> None:
    if attempts and attempts.locked_until is not None and now < attempts.locked_until:
        raise AccountLocked(until=attempts.locked_until)


async def _count_failure(store: Store, username: str, now: float) -> None:
    """Counted in the transaction that reads it, so that guesses made at the same time are all counted."""
    async with store.writing() as uow:
        before = await uow.sessions.attempts(username)
        count = (before.count if before else 0) + 1
        locked = lock_seconds(count)
        await uow.sessions.save_attempts(FailedAttempts(username, count, now, now + locked if locked else None))


async def _unchanged(uow: UnitOfWork, seen: Account, now: float) -> Account:
    """The account again, now that the transaction is open: while hashing it may have been disabled, reset or locked."""
    _refuse_locked(await uow.sessions.attempts(seen.username), now)
    account = await uow.accounts.get(seen.account_id)
    if account is None or account.disabled or account.password_hash != seen.password_hash:
        raise WrongCredentials
    return account


def _line(action: str, actor: Actor, now: float) -> Access:
    home = actor.paths.get(actor.member.home_branch_id, "") if actor.member else ""
    return Access(now, actor.account_id, action, f"account:{actor.account_id}", home)
