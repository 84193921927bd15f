"""The three twins of the ledger's store, each fresh for a test: memory, SQLite in a file, PostgreSQL in a throw-away cluster.

Migrations run once per kind. A test gets a copy of the migrated file, or a database made from the migrated template; one that a test has
done with is emptied for the next, which costs a tenth of making another.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from ledger.ports import Store
from ledger.store.memory import MemoryStore
from ledger.store.migrating import migrate
from ledger.store.sql import SqlStore, driver_url

KINDS = ("memory", "sqlite", "postgresql")
_numbers = itertools.count(1)
_done_with: list[str] = []  # URLs of databases that nobody uses any more
#: All rows but those of the migrations, past foreign keys and the triggers that let no fact go; and every sequence at its beginning.
_EMPTY = """DO $$
DECLARE one text; found boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'marks') LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || one || ')' INTO found;
    IF found THEN EXECUTE 'DELETE FROM ' || one; END IF;
  END LOOP;
  FOR one IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || one || ' RESTART';
  END LOOP;
END $$"""


@asynccontextmanager
async def fresh_store(kind: str, folder: Path, cluster_url: str | None) -> AsyncIterator[Store]:
    """`folder`: shared by the tests of a session, holds the migrated SQLite file. `cluster_url`: needed for PostgreSQL only."""
    if kind == "memory":
        yield MemoryStore()
        return
    async with lent_database(kind, folder, cluster_url) as url:
        store = SqlStore(url)
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def lent_database(kind: str, folder: Path, cluster_url: str | None) -> AsyncIterator[str]:
    """As `fresh_database`, for as long as this lasts and no connection outlives it."""
    if kind == "postgresql" and _done_with:
        url = _done_with.pop()
        await _execute(url, _EMPTY)
    else:
        url = await fresh_database(kind, folder, cluster_url)
    yield url
    if kind == "postgresql":
        _done_with.append(url)


async def fresh_database(kind: str, folder: Path, cluster_url: str | None) -> str:
    """The URL of a database that has been migrated and is empty."""
    if kind == "sqlite":
        return await _fresh_file(folder)
    assert cluster_url is not None
    return await _fresh_from_template(cluster_url)


async def _fresh_file(folder: Path) -> str:
    migrated = folder / "migrated.db"
    if not migrated.exists():
        await migrate(f"sqlite:///{migrated}")
    copy = folder / f"copy-{next(_numbers)}.db"
    shutil.copy(migrated, copy)
    return f"sqlite:///{copy}"


async def _fresh_from_template(cluster_url: str) -> str:
    if "migrated" not in await _databases(cluster_url):
        await _execute(cluster_url, "CREATE DATABASE migrated")
        await migrate(_named(cluster_url, "migrated"))
    name = f"copy_{next(_numbers)}"
    await _execute(cluster_url, f"CREATE DATABASE {name} TEMPLATE migrated")
    return _named(cluster_url, name)


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


async def _databases(url: str) -> list[str]:
    engine = create_async_engine(driver_url(url))
    try:
        async with engine.connect() as connection:
            return [row[0] for row in await connection.execute(text("SELECT datname FROM pg_database"))]
    finally:
        await engine.dispose()


async def _execute(url: str, statement: str) -> None:
    engine = create_async_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()
