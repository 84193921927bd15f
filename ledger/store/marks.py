"""What one process keeps of the database between transactions, and how it learns that this is no longer so.

Every watched table has a mark in the database, drawn anew by whatever transaction writes to the table, within that transaction. What is
kept, is kept with the marks of the tables it was taken from; a transaction that finds the same marks in its own snapshot may use it. So
nobody is shown anything older than what the own transaction sees, in however many processes, and no process has to tell another one.

Marks are random and never counted up: a database that was put back from a copy cannot come to a mark that stood for something else.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Connection, String, Table, Update, delete, event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from . import tables_delivery, tables_dues, tables_files, tables_mobility, tables_transfers, tables_work
from .tables import ID, meetings, members, metadata, organisations

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
MOST_KEPT: Final = 500  # answers of one process; a page of a list is some twenty kilobytes, the tree of 5,000 branches some five megabytes
MOST_KEPT_LINES: Final = 200  # as many as a page may show; a whole list, for a file, is not kept

marks = Table("marks", metadata, Column("name", ID, primary_key=True), Column("mark", String(32), nullable=False))

#: Tables from which answers are kept. Facts, notifications and the log are not among them: they change with every breath.
WATCHED: Final = frozenset(
    {
        organisations,
        members,
        meetings,
        tables_files.name_ends,
        tables_delivery.deliveries,
        tables_dues.dues_standings,
        tables_mobility.floating_registrations,
        tables_mobility.sharing_consents,
        tables_mobility.contact_entries,
        tables_mobility.liaisons,
        tables_mobility.last_life_days,
        tables_mobility.org_relations,
        tables_transfers.transfers,
        tables_transfers.transfer_letters,
        tables_work.assigned_works,
    }
)
_NAMES: Final = frozenset(table.name for table in WATCHED)
_WRITTEN = "written tables"  # in the `info` of a connection, while a unit of work writes over it


@dataclass(frozen=True, slots=True)
class Answer:
    """`stand`: the marks of the tables it was taken from."""

    stand: tuple[str, ...]
    value: Any


class Answers:
    """Of one process; the one longest not asked for makes room."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.under_way: dict[tuple[Hashable, tuple[str, ...]], asyncio.Future[Any]] = {}
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._most = most

    def find(self, key: Hashable) -> Answer | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Hashable, answer: Answer) -> None:
        self._kept[key] = answer
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


class Memory:
    """The answers of a process as one transaction may use them. `written`: tables it has written to, None where it only reads."""

    def __init__(self, connection: AsyncConnection, answers: Answers, written: set[str] | None) -> None:
        self._connection = connection
        self._answers = answers
        self._written = written
        self._marks: Mapping[str, str] | None = None

    async def of(self, sources: tuple[Table, ...], key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """What `ask` answers, asked once for each state of these tables. The value is shared: nobody may change it.

        `key` has to say everything the answer depends on besides the tables. What is written and not committed yet is nobody else's.
        """

        async def one(_: Sequence[Hashable]) -> list[Value]:
            return [await ask()]

        return (await self.several(sources, [key], one))[0]

    async def several(
        self, sources: tuple[Table, ...], keys: Sequence[Key], ask: Callable[[Sequence[Key]], Awaitable[Sequence[Value]]]
    ) -> list[Value]:
        """The same for many at once: `ask` is handed those keys whose answers are not known, and not being worked out by anybody else."""
        stand = await self.stand(sources)
        if stand is None:
            return list(await ask(keys))
        found: dict[Key, Value] = {}
        waited: dict[Key, asyncio.Future[Any]] = {}
        for key in keys:
            answer = self._answers.find(key)
            if answer is not None and answer.stand == stand:
                found[key] = answer.value
            elif (key, stand) in self._answers.under_way:
                waited[key] = self._answers.under_way[key, stand]
        mine = [key for key in dict.fromkeys(keys) if key not in found and key not in waited]
        found |= await self._worked_out(stand, mine, ask)
        for key, future in waited.items():
            await asyncio.wait({future})
            failed = future.cancelled()
            found |= await self._worked_out(stand, [key], ask) if failed else {key: future.result()}
        return [found[key] for key in keys]

    async def _worked_out(
        self, stand: tuple[str, ...], keys: Sequence[Key], ask: Callable[[Sequence[Key]], Awaitable[Sequence[Value]]]
    ) -> dict[Key, Value]:
        """Others who come meanwhile wait for it. Whose work ends badly leaves theirs to them."""
        if not keys:
            return {}
        under_way = self._answers.under_way
        futures = {key: asyncio.get_running_loop().create_future() for key in keys}
        under_way |= {(key, stand): future for key, future in futures.items()}
        try:
            found = dict(zip(keys, await ask(keys), strict=True))
            for key, value in found.items():
                self._answers.keep(key, Answer(stand, value))
                futures[key].set_result(value)
        finally:
            for key, future in futures.items():
                if under_way.get((key, stand)) is future:
                    del under_way[key, stand]
                future.cancel()  # which a result forestalls
        return found

    async def stand(self, sources: tuple[Table, ...]) -> tuple[str, ...] | None:
        """The marks of these tables; None if this transaction has changed one of them, or one is not watched by this database."""
        if self._written and any(table.name in self._written for table in sources):
            return None
        if self._marks is None:
            rows = await self._connection.execute(select(marks.c.name, marks.c.mark))
            self._marks = {row[0]: row[1] for row in rows}
        found = tuple(self._marks[table.name] for table in sources if table.name in self._marks)
        return found if len(found) == len(sources) else None


def watch(engine: AsyncEngine) -> None:
    """From now on every statement over this engine that changes a watched table is noticed: no repository can forget to say so, and what
    only reads cannot change one (KeyError)."""

    @event.listens_for(engine.sync_engine, "before_execute")
    def notice(connection: Connection, statement: Any, *_: object) -> None:
        if isinstance(statement, UpdateBase) and isinstance(statement.table, Table) and statement.table.name in _NAMES:
            connection.info[_WRITTEN].add(statement.table.name)


@asynccontextmanager
async def renewing(connection: AsyncConnection) -> AsyncIterator[set[str]]:
    """→ the watched tables this transaction writes to, as it goes on. Their marks are drawn anew last thing before commit."""
    kept_with_it = (await connection.get_raw_connection()).info
    kept_with_it[_WRITTEN] = written = set[str]()
    try:
        yield written
        if written:
            await connection.execute(_renewal(written))
    finally:
        kept_with_it.pop(_WRITTEN, None)  # the next one over this connection may be a reader


def _renewal(written: set[str]) -> Update:
    return update(marks).where(marks.c.name.in_(sorted(written))).values(mark=secrets.token_hex(16))


def renew_all(connection: Connection) -> None:
    """After a migration, which may have changed any row."""
    connection.execute(delete(marks))
    connection.execute(insert(marks), [{"name": name, "mark": secrets.token_hex(16)} for name in sorted(_NAMES)])
