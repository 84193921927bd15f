"""Members in SQL. The door and its promises are in `ledger.ports`; what a query means is in `membersearch`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..model import Education, Member, MemberStatus, Stage
from ..ports import MemberQuery, Reach
from . import tables
from .membersearch import matching, write_ends
from .reaching import Ground, places
from .rows import Rows, chunks
from .tables_files import name_ends

MEMBERS = Rows(tables.members, Member, stage=Stage, status=MemberStatus, education=Education)


class SqlMembers:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, member_id: str) -> Member | None:
        return (await self.many([member_id])).get(member_id)

    async def many(self, member_ids: Collection[str]) -> dict[str, Member]:
        found: list[Member] = []
        for chunk in chunks(member_ids):
            found += await self._all(MEMBERS.select().where(tables.members.c.member_id.in_(chunk)))
        return {member.member_id: member for member in found}

    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Member]:
        found: list[Member] = []
        for chunk in chunks(numbers):
            found += await self._all(MEMBERS.select().where(tables.members.c.number.in_(chunk)))
        return {member.number: member for member in found}

    async def add(self, members: Sequence[Member]) -> None:
        for piece in MEMBERS.write_pieces(members):
            await self._connection.execute(insert(tables.members), piece)
        await write_ends(self._connection, members)

    async def save(self, members: Sequence[Member]) -> None:
        before = await self.many([member.member_id for member in members])
        # One prepared statement for all: an import changes thousands at once.
        changes = [MEMBERS.write(member) | {"saved_id": member.member_id} for member in members]
        values: dict[str, Any] = {name: bindparam(name) for name in MEMBERS.write(members[0])} if members else {}
        if changes:
            statement = update(tables.members).where(tables.members.c.member_id == bindparam("saved_id")).values(values)
            await self._connection.execute(statement, changes)
            await write_ends(self._connection, [member for member in members if member.member_id in before], before.values())

    async def search(self, query: MemberQuery) -> tuple[list[Member], int]:
        wanted = await matching(self._connection, self._ground, query)
        total = await self._count(query, wanted)
        start = (query.page - 1) * query.page_size
        page, rest = MEMBERS.select().where(*wanted), total - start
        if start <= rest:
            return await self._all(page.limit(query.page_size).offset(start)), total
        # Nearer to the end: passing over rows costs as much as reading them, so it is counted from there.
        size = max(0, min(query.page_size, rest))
        backwards = page.order_by(tables.members.c.number.desc()).limit(size).offset(max(0, rest - size))
        return [MEMBERS.read(row) for row in await self._connection.execute(backwards)][::-1], total

    async def _count(self, query: MemberQuery, wanted: Sequence[ColumnElement[bool]]) -> int:
        async def ask() -> int:
            return await self._connection.scalar(select(func.count()).select_from(tables.members).where(*wanted)) or 0

        return await self._ground.memory.of((tables.organisations, tables.members, name_ends), replace(query, page=1, page_size=1), ask)

    async def within(self, reach: Reach) -> list[Member]:
        return await self._all(MEMBERS.select().where(tables.members.c.home_branch_id.in_(places(reach))))

    async def floating_at(self, reach: Reach) -> list[Member]:
        return await self._all(MEMBERS.select().where(tables.members.c.host_branch_id.in_(places(reach))))

    async def of_group(self, group_id: str) -> list[Member]:
        return await self._all(MEMBERS.select().where(tables.members.c.group_id == group_id))

    async def _all(self, query: Select[Any]) -> list[Member]:
        return [MEMBERS.read(row) for row in await self._connection.execute(query.order_by(tables.members.c.number))]
