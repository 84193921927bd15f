"""Work assigned to members in SQL. The door and its promises are in `ledger.workports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..assignedwork import AssignedWork, WorkOutcome
from ..workports import WorkFilter, WorkQuery
from . import tables
from .marks import MOST_KEPT_LINES
from .membersearch import bearing
from .reaching import Ground, Where
from .rows import Rows
from .tables_files import name_ends
from .tables_work import assigned_works

WORKS = Rows(assigned_works, AssignedWork, outcome=WorkOutcome)
_ANSWERS = (WorkOutcome.DONE.value, WorkOutcome.DECLINED.value)


class SqlAssignedWorks:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, work_id: str) -> AssignedWork | None:
        row = (await self._connection.execute(WORKS.select().where(assigned_works.c.work_id == work_id))).first()
        return WORKS.read(row) if row else None

    async def add(self, works: Sequence[AssignedWork]) -> None:
        for piece in WORKS.write_pieces(works):
            await self._connection.execute(insert(assigned_works), piece)

    async def save(self, work: AssignedWork) -> None:
        await self._connection.execute(update(assigned_works).where(assigned_works.c.work_id == work.work_id), WORKS.write(work))

    async def of_member(self, member_id: str) -> list[AssignedWork]:
        column = assigned_works.c
        query = WORKS.select().where(column.member_id == member_id).order_by(column.assigned_at.desc(), column.work_id.desc())
        return [WORKS.read(row) for row in await self._connection.execute(query)]

    async def search(self, query: WorkQuery) -> tuple[list[AssignedWork], dict[WorkFilter, int]]:
        if query.page_size > MOST_KEPT_LINES:
            return list((searched := await self._search(query))[0]), dict(searched[1])
        found, counts = await self._ground.memory.of(_sources(query), query, lambda: self._search(query))
        return list(found), dict(counts)

    async def _search(self, query: WorkQuery) -> tuple[Sequence[AssignedWork], Mapping[WorkFilter, int]]:
        here = await self._ground.where(query.reach)
        counts = await self._counts(query, here)
        if counts[query.filter] <= (query.page - 1) * query.page_size:
            return [], counts
        page = _within(WORKS.select().where(_meant(query)), query, here).order_by(*_order(query.filter, few=here.ids is not None))
        rows = await self._connection.execute(page.limit(query.page_size).offset((query.page - 1) * query.page_size))
        return [WORKS.read(row) for row in rows], counts

    async def _counts(self, query: WorkQuery, here: Where) -> Mapping[WorkFilter, int]:
        """Whatever the filter and the page, the same."""
        key = ("counts", replace(query, filter=WorkFilter.ALL, page=1, page_size=1))
        return await self._ground.memory.of(_sources(query), key, lambda: self._count(query, here))

    async def _count(self, query: WorkQuery, here: Where) -> Mapping[WorkFilter, int]:
        sums = [func.coalesce(func.sum(case((_meant(replace(query, filter=one)), 1), else_=0)), 0) for one in WorkFilter]
        found = (await self._connection.execute(_within(select(*sums).select_from(assigned_works), query, here))).one()
        return {one: int(count) for one, count in zip(WorkFilter, found, strict=True)}

    async def forget(self, member_id: str) -> int:
        return (await self._connection.execute(delete(assigned_works).where(assigned_works.c.member_id == member_id))).rowcount


def _sources(query: WorkQuery) -> tuple[Table, ...]:
    return (tables.organisations, tables.members, assigned_works, *((name_ends,) if query.text else ()))


def _meant(query: WorkQuery) -> ColumnElement[bool]:
    column, wanted = assigned_works.c, query.filter
    if wanted is WorkFilter.OPEN:
        return column.outcome.is_(None)
    if wanted is WorkFilter.OVERDUE:
        return column.outcome.is_(None) & (column.due_on < query.today)
    if wanted is WorkFilter.ANSWERED:
        return column.outcome.in_(_ANSWERS)
    return column.work_id.is_not(None) if wanted is WorkFilter.ALL else column.outcome == wanted.value


def _within(statement: Select[Any], query: WorkQuery, here: Where) -> Select[Any]:
    """Of members at home within reach everything, of those who float there what was assigned there."""
    work, member = assigned_works.c, tables.members.c
    if query.text:
        borne = bearing(query.text.lower())
        whole = work.member_id.in_(select(name_ends.c.member_id).where(borne))
        statement = statement.where(whole if here.whole else exists().where((name_ends.c.member_id == work.member_id) & borne))
    if here.whole:
        return statement
    hosted = here.holds(member.host_branch_id) & (work.org_id == member.host_branch_id)
    at_all = select(member.member_id).where(or_(here.holds(member.home_branch_id), here.holds(member.host_branch_id)))
    own = or_(here.holds(member.home_branch_id), hosted)
    return statement.join(tables.members, member.member_id == work.member_id).where(own, work.member_id.in_(at_all))


def _order(wanted: WorkFilter, *, few: bool) -> tuple[ColumnElement[Any], ...]:
    """`few`: along an index of the order a database would read the work of everybody to find that of some."""
    column = assigned_works.c
    if wanted in (WorkFilter.OPEN, WorkFilter.OVERDUE):
        return column.due_on, column.work_id
    moment = column.assigned_at if wanted is WorkFilter.ALL else column.answered_at
    return (func.coalesce(moment, 0.0) if few else moment).desc(), column.work_id.desc()
