"""One trip to SQLite's thread for each statement, instead of four.

The driver keeps a thread for each connection and sends every step there: opening a cursor, the statement, its rows, closing the cursor.
Each trip wakes a thread, which has to be given the interpreter; with twenty people at once that cost more than the statements did. Here a
statement goes there once and comes back with its rows. Nothing is streamed: lists of this ledger are bounded.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(slots=True)
class Told:
    """What is left of a cursor that is closed already."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1

    def close(self) -> None:
        """It is."""


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return Told()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._told(_execute, operation, () if parameters is None else parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._told(_execute_many, operation, seq_of_parameters)

    async def _told(self, work: Any, operation: str, parameters: Any) -> None:
        async with self._adapt_connection._execute_mutex:
            connection: Any = self._connection
            self._cursor, rows = await connection._execute(work, connection._conn, operation, parameters)
        self._rows = deque(rows)


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = OneHopCursor


def hop_once(engine: AsyncEngine) -> None:
    """For an engine over SQLite, before its first connection."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: object, arguments: Sequence[Any], named: dict[str, Any]) -> OneHopConnection:
        plain = dialect.connect(*arguments, **named)
        return OneHopConnection(plain.dbapi, plain._connection)


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> tuple[Told, list[Any]]:
    cursor = connection.execute(operation, parameters)
    return _read(cursor)


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> tuple[Told, list[Any]]:
    cursor = connection.executemany(operation, parameters)
    return _read(cursor)


def _read(cursor: sqlite3.Cursor) -> tuple[Told, list[Any]]:
    rows = cursor.fetchall() if cursor.description else []
    told = Told(cursor.description, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return told, rows
