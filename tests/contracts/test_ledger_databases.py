"""What only databases have: migrations, their own refusal to change a fact, and being locked, broken or away."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.actions.audit import BrokenChain
from ledger.actions.auditing import audit
from ledger.facts import Fact, FactKind
from ledger.memberfile import FileChange, How
from ledger.model import Access, RoleKind
from ledger.refusals import StoreUnavailable, TextUnacceptable
from ledger.store.migrating import migrate
from ledger.store.sql import SqlStore, driver_url
from ledger.store.tables import metadata
from tests.ledger.records import NOON, UNITS, fill, member
from tests.support.stores import fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, store_folder: Path) -> str:
    cluster = request.getfixturevalue("cluster_url") if request.param == "postgresql" else None
    return await fresh_database(request.param, store_folder, cluster)


def fact(key: str) -> Fact:
    return Fact(key, "meeting:M", FactKind.MEETING_OPENED, NOON)


async def test_migrations_make_the_tables_the_code_knows(database: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    engine = create_async_engine(driver_url(database))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_migrating_a_current_database_changes_nothing(database: str) -> None:
    before, after = await migrate(database)
    assert before == after


async def test_the_database_itself_refuses_to_change_or_delete_a_fact(database: str) -> None:
    async with opened(database) as store:
        await _append(store)
    for statement in ("UPDATE facts SET author = 'somebody'", "DELETE FROM facts"):
        with pytest.raises(DBAPIError, match="facts are appended"):
            await _execute(database, statement)


async def test_a_chain_is_found_broken_when_a_row_was_changed_behind_the_triggers(database: str) -> None:
    async with opened(database) as store:
        await _append(store, [fact("k1"), fact("k2"), fact("k3")])
        assert (await audit(store)).broken == ()
        await _drop_triggers(database)
        await _execute(database, "UPDATE facts SET author = 'somebody' WHERE number = 2")
        assert (await audit(store)).broken == (BrokenChain("meeting:M", 2),)
        await _execute(database, "DELETE FROM facts WHERE number > 1")
        assert (await audit(store)).broken == (BrokenChain("meeting:M", 2),)


@pytest.mark.parametrize("name", ["nul\x00", "很" * 300])
async def test_what_the_database_cannot_hold_is_refused(cluster_url: str, store_folder: Path, name: str) -> None:
    async with opened(await fresh_database("postgresql", store_folder, cluster_url)) as store:
        await fill(store)
        with pytest.raises(TextUnacceptable):
            await _add(store, name)


async def test_a_locked_sqlite_is_unavailable_and_recovers(store_folder: Path) -> None:
    url = await fresh_database("sqlite", store_folder, None)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    async with opened(url, busy_milliseconds=50) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await _append(store)
        async with store.reading() as uow:  # readers do not wait for the writer
            assert await uow.facts.streams() == []
        other.execute("ROLLBACK")
        other.close()
        await _append(store)
        async with store.reading() as uow:
            assert await uow.facts.streams() == ["meeting:M"]


async def test_a_full_sqlite_is_unavailable_and_keeps_what_it_has(store_folder: Path) -> None:
    url = await fresh_database("sqlite", store_folder, None)
    big = [Fact(f"big{n}", "meeting:M", FactKind.LATE_ENTRY, NOON, body={"note": "字" * 5000}) for n in range(40)]
    async with opened(url, most_pages=60) as store:
        await _append(store)
        with pytest.raises(StoreUnavailable, match="full"):
            await _append(store, big)
        async with store.reading() as uow:
            assert [one.fact.key for one in await uow.facts.of_stream("meeting:M")] == ["k"]


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    async with opened(f"postgresql://postgres@/nobody?host={tmp_path}&port=54330") as store:
        with pytest.raises(StoreUnavailable):
            await _append(store)


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[SqlStore]:
    store = SqlStore(url, **options)
    try:
        yield store
    finally:
        await store.close()


async def _drop_triggers(url: str) -> None:
    if url.startswith("postgresql"):
        await _execute(url, "DROP TRIGGER facts_are_kept ON facts")
    else:
        await _execute(url, "DROP TRIGGER facts_are_not_updated")
        await _execute(url, "DROP TRIGGER facts_are_not_deleted")


async def _append(store: SqlStore, facts: list[Fact] | None = None) -> None:
    async with store.writing() as uow:
        await uow.facts.append(facts or [fact("k")], NOON)


async def _add(store: SqlStore, name: str) -> None:
    async with store.writing() as uow:
        await uow.members.add([member("z", UNITS[1].org_id, name=name)])


async def _execute(url: str, statement: str) -> None:
    engine = create_async_engine(driver_url(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def test_who_granted_before_offices_were_apart_grants_on_and_reads_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    await migrate(url, "0001")
    for account in ("both", "only"):
        await _execute(url, f"INSERT INTO accounts VALUES ('{account}', '{account}', '!', NULL, 'zh', 0, 0)")
        await _execute(url, f"INSERT INTO role_grants (account_id, role) VALUES ('{account}', 'systemAdmin')")
    await _execute(url, "INSERT INTO role_grants (account_id, role) VALUES ('both', 'orgAdmin')")
    await migrate(url)
    async with opened(url) as store, store.reading() as uow:
        assert [grant.role for grant in await uow.accounts.grants_of("both")] == [RoleKind.ORG_ADMIN]
        assert [grant.role for grant in await uow.accounts.grants_of("only")] == [RoleKind.SECURITY_ADMIN]


async def test_a_log_from_before_it_was_chained_becomes_one_chain(tmp_path: Path) -> None:
    """Numbers that failed transactions had taken are closed up: a gap would read as a line removed."""
    url = f"sqlite:///{tmp_path}/old.db"
    await migrate(url, "0001")
    for line, action in ((2, "logIn"), (5, "seeMember"), (9, "logOut")):
        row = f"({line}, {line}.25, 'acc', '{action}', 'account:acc', '/C/', '{{\"k\": \"值\"}}')"
        await _execute(url, f"INSERT INTO access_log VALUES {row}")
    await migrate(url)
    async with opened(url) as store:
        async with store.writing() as uow:
            await uow.access_log.append([Access(10.0, "acc", "logIn", "account:acc", "/C/")])
        found = await audit(store)
        assert (found.whole, found.log.lines, found.log.head[0]) == (True, 4, 4)
    await _execute(url, "DELETE FROM access_log WHERE line = 2")
    async with opened(url) as store:
        assert (await audit(store)).log.broken == 3


async def test_the_database_itself_refuses_to_change_the_log_and_a_history(database: str) -> None:
    async with opened(database) as store, store.writing() as uow:
        await uow.access_log.append([Access(NOON, "acc", "logIn", "account:acc")])
        await uow.files.append_changes([FileChange("b", "m", NOON, "acc", How.EDIT, "name", None, "新")])
    for statement in ("UPDATE access_log SET account_id = 'x'", "UPDATE file_changes SET after = 'x'"):
        with pytest.raises(DBAPIError, match="never changed"):
            await _execute(database, statement)
