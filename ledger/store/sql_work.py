"""Work assigned to members in SQL. The door and its promises are in `ledger.workports`."""

from __future__ import annotations

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..assignedwork import AssignedWork, WorkOutcome
from .rows import Rows
from .tables_work import assigned_works

WORKS = Rows(assigned_works, AssignedWork, outcome=WorkOutcome)


class SqlAssignedWorks:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, work_id: str) -> AssignedWork | None:
        row = (await self._connection.execute(WORKS.select().where(assigned_works.c.work_id == work_id))).first()
        return WORKS.read(row) if row else None

    async def add(self, work: AssignedWork) -> None:
        await self._connection.execute(insert(assigned_works), WORKS.write(work))

    async def save(self, work: AssignedWork) -> None:
        await self._connection.execute(update(assigned_works).where(assigned_works.c.work_id == work.work_id), WORKS.write(work))

    async def of_member(self, member_id: str) -> list[AssignedWork]:
        column = assigned_works.c
        query = WORKS.select().where(column.member_id == member_id).order_by(column.assigned_at.desc(), column.work_id.desc())
        return [WORKS.read(row) for row in await self._connection.execute(query)]

    async def forget(self, member_id: str) -> int:
        return (await self._connection.execute(delete(assigned_works).where(assigned_works.c.member_id == member_id))).rowcount
