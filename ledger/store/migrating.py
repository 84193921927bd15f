"""Bringing a database to today's tables: in one transaction, one process at a time, and quick when there is nothing to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from .marks import marks, renew_all
from .sql import BUSY_MILLISECONDS, driver_url, told_plainly, tune_sqlite

MIGRATION_LOCK = 0x4D69677261  # "Migra": held while the steps run, so that two starting servers do not run them twice


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def migrate(url: str, to: str = "head") -> tuple[str | None, str | None]:
    """Bring the database to a step (the last one), creating an SQLite file and its folder. Answers the steps before and after."""
    await asyncio.to_thread(_make_folder, url)
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_async_engine(driver_url(url))
    if sqlite:
        tune_sqlite(engine, BUSY_MILLISECONDS)
    writer = engine.execution_options(writing=True)
    try:
        async with told_plainly(), writer.begin() as connection:
            if not sqlite:
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            return await connection.run_sync(_bring, to)
    finally:
        await engine.dispose()


def _bring(connection: Connection, to: str) -> tuple[str | None, str | None]:
    config = alembic_config()
    head = ScriptDirectory.from_config(config).get_current_head() if to == "head" else to
    before = MigrationContext.configure(connection).get_current_revision()
    if before != head:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        if connection.dialect.has_table(connection, marks.name):
            renew_all(connection)
    return before, head


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
