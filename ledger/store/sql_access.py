"""The log of access in SQL. The door and its promises are in `ledger.ports`; the chain is `ledger.accesschain`'s.

Writers come one after the other (see `sql`), so that the head read is the head still when the lines are written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, false, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accesschain import EMPTY, Head, LoggedAccess, chained_lines
from ..model import Access
from ..ports import MOST_COUNTED, AccessQuery
from . import tables
from .reaching import Ground, below
from .rows import PIECE, Rows

ACCESS = Rows(tables.access_log, Access)
LOG, HEAD = tables.access_log.c, tables.access_head.c


class SqlAccessLog:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def append(self, entries: Sequence[Access]) -> None:
        if not entries:
            return
        before = await self.head()
        lines = chained_lines(before, entries)
        for start in range(0, len(lines), PIECE):
            await self._connection.execute(insert(tables.access_log), [_written(one) for one in lines[start : start + PIECE]])
        values = {"last_line": lines[-1].line, "last_hash": lines[-1].hash}
        if before == EMPTY:
            await self._connection.execute(delete(tables.access_head))
            await self._connection.execute(insert(tables.access_head), values)
        else:
            await self._connection.execute(update(tables.access_head).values(values))

    async def head(self) -> Head:
        row = (await self._connection.execute(select(HEAD.last_line, HEAD.last_hash))).first()
        return (row[0], row[1]) if row else EMPTY

    async def after(self, line: int, limit: int) -> list[LoggedAccess]:
        return await self._lines(_lines().where(LOG.line > line).order_by(LOG.line).limit(limit))

    async def last_of(self, action: str) -> LoggedAccess | None:
        found = await self._lines(_lines().where(LOG.action == action).order_by(LOG.line.desc()).limit(1))
        return found[0] if found else None

    async def last_before(self, instant: float) -> LoggedAccess | None:
        """In the order of time but for a clock set back: what is removed must stand before every line that is kept."""
        first_kept = await self._connection.scalar(select(func.min(LOG.line)).where(LOG.at >= instant))
        older = true() if first_kept is None else LOG.line < first_kept
        found = await self._lines(_lines().where(older).order_by(LOG.line.desc()).limit(1))
        return found[0] if found else None

    async def remove_up_to(self, line: int) -> int:
        return (await self._connection.execute(delete(tables.access_log).where(LOG.line <= line))).rowcount

    async def search(self, query: AccessQuery) -> tuple[list[Access], int]:
        """Of what fills more than is counted the newest lines are found by walking back from the end of the log."""
        whole = (await self._ground.where(query.reach)).whole
        some = select(LOG.line).where(_readable(query, LOG.path, whole)).limit(MOST_COUNTED).subquery()
        total = await self._connection.scalar(select(func.count()).select_from(some)) or 0
        path = LOG.path if total < MOST_COUNTED else func.coalesce(LOG.path, "")  # no index leads to this
        page = ACCESS.select().where(_readable(query, path, whole)).order_by(LOG.line.desc())
        rows = await self._connection.execute(page.limit(query.page_size).offset((query.page - 1) * query.page_size))
        return [_read(row) for row in rows], total

    async def _lines(self, query: Select[Any]) -> list[LoggedAccess]:
        return [LoggedAccess(row.line, _read(row), row.hash) for row in await self._connection.execute(query)]


def _lines() -> Select[Any]:
    return select(tables.access_log)


def _written(one: LoggedAccess) -> dict[str, Any]:
    detail = json.dumps(one.access.detail, ensure_ascii=False)
    return ACCESS.write(one.access) | {"detail": detail, "line": one.line, "hash": one.hash}


def _read(row: Row[Any]) -> Access:
    return Access(row.at, row.account_id, row.action, row.subject, row.path, json.loads(row.detail))


def _readable(query: AccessQuery, path: ColumnElement[Any], whole: bool) -> ColumnElement[bool]:
    """Of a reach only whole subtrees count here: single organisations have no say in the log."""
    parts: list[ColumnElement[bool]] = [true()]
    if not (query.reach.everywhere or (whole and query.unplaced)):
        unplaced = (path == "") if query.unplaced else false()
        parts.append(or_(unplaced, *(below(path, prefix) for prefix in query.reach.paths)))
    if query.subjects is not None:
        own = LOG.subject.in_(sorted(query.subjects))
        shared = and_(LOG.subject.in_(sorted(query.shared)), LOG.action.in_(sorted(query.shared_actions)))
        parts.append(or_(own, shared) if query.shared else own)
    if query.account_id is not None:
        parts.append(LOG.account_id == query.account_id)
    return and_(*parts)
