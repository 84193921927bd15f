"""Log-ins: the lock by hand-made time, sessions that end, and answers that do not tell who exists."""

from __future__ import annotations

import asyncio
import time

import pytest

from ledger import passwords
from ledger.access import OPERATOR, Actor
from ledger.actions.accounts import CreateAccount, create_account, reset_password, set_disabled
from ledger.actions.sessions import (
    DEFAULT_LIMITS,
    ChangePassword,
    LogIn,
    actor_of,
    change_password,
    choose_locale,
    end_session,
    list_sessions,
    lock_seconds,
    log_in,
    log_out,
)
from ledger.ports import Store
from ledger.refusals import (
    AccountLocked,
    NotFound,
    PasswordIsUsername,
    PasswordTooLong,
    PasswordTooShort,
    PasswordUnchanged,
    SessionExpired,
    Unauthenticated,
    WrongCredentials,
    WrongPassword,
)
from ledger.store.memory import MemoryStore
from tests.ledger.records import HOUR, NOON

PASSWORD = "correct horse"
MINUTE = 60.0


@pytest.fixture
async def books() -> MemoryStore:
    store = MemoryStore()
    await create_account(store, OPERATOR, CreateAccount("Alice", None, PASSWORD), NOON)
    return store


async def enter(store: Store, now: float = NOON) -> tuple[str, Actor]:
    logged_in = await log_in(store, LogIn("alice", PASSWORD), now)
    return logged_in.token, logged_in.actor


async def fail(store: Store, times: int, now: float, username: str = "alice") -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            await log_in(store, LogIn(username, "wrong password"), now)


async def test_a_session_is_known_by_its_token_of_which_only_the_hash_is_stored(books: MemoryStore) -> None:
    token, actor = await enter(books)
    assert (await actor_of(books, token, NOON + 1)).account_id == actor.account_id
    async with books.reading() as uow:
        stored = await uow.sessions.of_account(actor.account_id)
    assert token not in repr(stored)
    assert "correct" not in repr(actor.account)


async def test_user_names_do_not_mind_capitals_and_spaces(books: MemoryStore) -> None:
    assert (await log_in(books, LogIn("  ALICE ", PASSWORD), NOON)).actor.account.username == "alice"


async def test_the_fifth_failure_locks_for_a_quarter_of_an_hour(books: MemoryStore) -> None:
    await fail(books, 5, NOON)
    with pytest.raises(AccountLocked) as refused:
        await enter(books, NOON + 15 * MINUTE - 1)
    assert refused.value.params == {"until": NOON + 15 * MINUTE}
    await enter(books, NOON + 15 * MINUTE)


async def test_four_failures_do_not_lock_and_a_success_forgets_them(books: MemoryStore) -> None:
    for round_ in range(3):
        await fail(books, 4, NOON + round_)
        await enter(books, NOON + round_)


async def test_each_further_failure_doubles_the_lock_up_to_a_day(books: MemoryStore) -> None:
    assert [lock_seconds(count) / MINUTE for count in (4, 5, 6, 7, 8)] == [0, 15, 30, 60, 120]
    assert lock_seconds(100_000) == 24 * HOUR
    await fail(books, 5, NOON)
    await fail(books, 1, NOON + 15 * MINUTE)
    with pytest.raises(AccountLocked):
        await enter(books, NOON + 44 * MINUTE)
    await enter(books, NOON + 45 * MINUTE)


async def test_an_unknown_name_is_refused_and_locked_like_a_known_one(books: MemoryStore) -> None:
    await fail(books, 5, NOON, "nobody")
    with pytest.raises(AccountLocked):
        await log_in(books, LogIn("nobody", "x"), NOON + 1)


async def test_guesses_at_the_same_time_are_all_counted(books: MemoryStore) -> None:
    guesses = (log_in(books, LogIn("alice", f"guess {number}"), NOON) for number in range(5))
    assert {type(one) for one in await asyncio.gather(*guesses, return_exceptions=True)} == {WrongCredentials}
    with pytest.raises(AccountLocked):
        await enter(books, NOON)


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(books: MemoryStore) -> None:
    known = await passwords.hashed(PASSWORD)
    light = (await passwords.hashed_one_time([PASSWORD]))[0]
    await passwords.matches("x", None)  # the first makes the hash nobody knows

    async def fastest(password_hash: str | None) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert not await passwords.matches("wrong", password_hash)
            times.append(time.perf_counter() - start)
        return min(times)

    reference = await fastest(known)
    for other in (None, light):
        assert 0.25 < await fastest(other) / reference < 4.0  # without the hash nobody knows it would be a hundredth


async def test_hashing_does_not_hold_up_the_event_loop(books: MemoryStore) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    clock = asyncio.create_task(tick())
    await passwords.matches("wrong", await passwords.hashed(PASSWORD))
    clock.cancel()
    assert ticks > 10


async def test_a_session_ends_when_unused_and_at_all(books: MemoryStore) -> None:
    token, _ = await enter(books)
    with pytest.raises(SessionExpired):
        await actor_of(books, token, NOON + DEFAULT_LIMITS.idle_seconds)
    token, _ = await enter(books)
    now = NOON
    while now < NOON + DEFAULT_LIMITS.absolute_seconds - HOUR:
        now += HOUR
        await actor_of(books, token, now)
    with pytest.raises(SessionExpired):
        await actor_of(books, token, NOON + DEFAULT_LIMITS.absolute_seconds)


async def test_a_request_within_the_minute_writes_nothing(books: MemoryStore) -> None:
    token, actor = await enter(books)
    await actor_of(books, token, NOON + 59)
    assert (await list_sessions(books, actor))[0].last_seen_at == NOON
    await actor_of(books, token, NOON + 60)
    assert (await list_sessions(books, actor))[0].last_seen_at == NOON + 60


async def test_logging_out_ends_the_session(books: MemoryStore) -> None:
    token, actor = await enter(books)
    await log_out(books, actor, NOON)
    with pytest.raises(Unauthenticated):
        await actor_of(books, token, NOON)


async def test_an_invented_token_is_nobodys(books: MemoryStore) -> None:
    for token in ("", "x", "0" * 64):
        with pytest.raises(Unauthenticated):
            await actor_of(books, token, NOON)


async def test_one_ends_the_own_other_sessions_by_their_handle(books: MemoryStore) -> None:
    token, actor = await enter(books)
    other, _ = await enter(books, NOON + 1)
    handle = next(one.session_id for one in await list_sessions(books, actor) if one != actor.session)
    await end_session(books, actor, handle, NOON + 2)
    with pytest.raises(Unauthenticated):
        await actor_of(books, other, NOON + 2)
    await actor_of(books, token, NOON + 2)
    with pytest.raises(NotFound):
        await end_session(books, actor, handle, NOON + 3)


async def test_changing_the_password_ends_the_other_sessions(books: MemoryStore) -> None:
    token, actor = await enter(books)
    other, _ = await enter(books, NOON + 1)
    await change_password(books, actor, ChangePassword(PASSWORD, "a better one"), NOON + 2)
    await actor_of(books, token, NOON + 3)
    with pytest.raises(Unauthenticated):
        await actor_of(books, other, NOON + 3)
    with pytest.raises(WrongCredentials):
        await enter(books, NOON + 4)


@pytest.mark.parametrize(
    ("current", "new", "refusal"),
    [
        (PASSWORD, "short", PasswordTooShort),
        (PASSWORD, "x" * 201, PasswordTooLong),
        (PASSWORD, PASSWORD, PasswordUnchanged),
        ("not the one", "long enough now", WrongPassword),
    ],
)
async def test_a_bad_change_of_password_changes_nothing(books: MemoryStore, current: str, new: str, refusal: type[Exception]) -> None:
    _, actor = await enter(books)
    with pytest.raises(refusal):
        await change_password(books, actor, ChangePassword(current, new), NOON)
    await enter(books)


async def test_the_password_is_not_the_user_name() -> None:
    store = MemoryStore()
    with pytest.raises(PasswordIsUsername):
        await create_account(store, OPERATOR, CreateAccount("long-enough", None, "Long-Enough"), NOON)


async def test_guessing_the_current_password_from_a_stolen_session_locks_too(books: MemoryStore) -> None:
    _, actor = await enter(books)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await change_password(books, actor, ChangePassword("wrong password", "long enough now"), NOON)
    with pytest.raises(AccountLocked):
        await change_password(books, actor, ChangePassword(PASSWORD, "long enough now"), NOON)


async def test_a_reset_ends_everything_lifts_the_lock_and_must_be_changed(books: MemoryStore) -> None:
    token, actor = await enter(books)
    await fail(books, 5, NOON)
    fresh = await reset_password(books, OPERATOR, actor.account_id, NOON)
    with pytest.raises(Unauthenticated):
        await actor_of(books, token, NOON)
    again = (await log_in(books, LogIn("alice", fresh.password or ""), NOON)).actor
    assert again.account.must_change_password is True
    assert (await change_password(books, again, ChangePassword(fresh.password or "", PASSWORD), NOON)).must_change_password is False


async def test_a_disabled_account_is_out_at_once_and_looks_unknown(books: MemoryStore) -> None:
    token, actor = await enter(books)
    await set_disabled(books, OPERATOR, actor.account_id, True, NOON)
    with pytest.raises(Unauthenticated):
        await actor_of(books, token, NOON)
    with pytest.raises(WrongCredentials):
        await enter(books)
    await set_disabled(books, OPERATOR, actor.account_id, False, NOON)
    await enter(books)


async def test_the_chosen_language_is_remembered(books: MemoryStore) -> None:
    token, actor = await enter(books)
    await choose_locale(books, actor, "en")
    assert (await actor_of(books, token, NOON)).account.locale == "en"
