"""The book of dues in SQL. The door and its promises are in `ledger.duesports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from ..dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ..duesports import DuesFilter, DuesQuery
from ..model import ATTENDING
from . import tables
from . import tables_dues as own
from .membersearch import named
from .rows import Rows, chunks
from .sql_people import places

ENTRIES = Rows(own.dues_entries, DuesEntry)
TERMS = Rows(own.dues_terms, DuesTerms, group=DuesGroup)
STANDINGS = Rows(own.dues_standings, DuesStanding)


class SqlDuesBook:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def entry(self, entry_id: str) -> DuesEntry | None:
        row = (await self._connection.execute(ENTRIES.select().where(own.dues_entries.c.entry_id == entry_id))).first()
        return ENTRIES.read(row) if row else None

    async def add(self, entries: Sequence[DuesEntry]) -> None:
        for piece in ENTRIES.write_pieces(entries):
            await self._connection.execute(insert(own.dues_entries), piece)

    async def entries(self, member_ids: Collection[str]) -> dict[str, list[DuesEntry]]:
        column, found = own.dues_entries.c, dict[str, list[DuesEntry]]()
        for chunk in chunks(member_ids):
            query = ENTRIES.select().where(column.member_id.in_(chunk)).order_by(column.entered_at, column.entry_id)
            for row in await self._connection.execute(query):
                one = ENTRIES.read(row)
                found.setdefault(one.member_id, []).append(one)
        return found

    async def set_terms(self, terms: DuesTerms) -> None:
        await self._connection.execute(insert(own.dues_terms), TERMS.write(terms))

    async def terms(self, member_ids: Collection[str]) -> dict[str, list[DuesTerms]]:
        column, found = own.dues_terms.c, dict[str, list[DuesTerms]]()
        for chunk in chunks(member_ids):
            query = TERMS.select().where(column.member_id.in_(chunk)).order_by(column.set_at, column.terms_id)
            for row in await self._connection.execute(query):
                one = TERMS.read(row)
                found.setdefault(one.member_id, []).append(one)
        return found

    async def standings(self, member_ids: Collection[str]) -> dict[str, DuesStanding]:
        found: dict[str, DuesStanding] = {}
        for chunk in chunks(member_ids):
            query = STANDINGS.select().where(own.dues_standings.c.member_id.in_(chunk))
            found |= {one.member_id: one for one in map(STANDINGS.read, await self._connection.execute(query))}
        return found

    async def keep_standing(self, member_id: str, standing: DuesStanding | None) -> None:
        await self._connection.execute(delete(own.dues_standings).where(own.dues_standings.c.member_id == member_id))
        if standing is not None:
            await self._connection.execute(insert(own.dues_standings), STANDINGS.write(standing))

    async def search(self, query: DuesQuery) -> tuple[list[str], int]:
        member, standing = tables.members.c, own.dues_standings.c
        joined = tables.members.outerjoin(own.dues_standings, standing.member_id == member.member_id)
        wanted = _wanted(query)
        total = await self._connection.scalar(select(func.count()).select_from(joined).where(wanted))
        order = (case((standing.paid_until.is_(None), 1), else_=0), standing.paid_until, member.number)
        page = select(member.member_id).select_from(joined).where(wanted).order_by(*order)
        rows = await self._connection.execute(page.limit(query.page_size).offset((query.page - 1) * query.page_size))
        return list(rows.scalars()), total or 0

    async def forget(self, member_id: str) -> int:
        rows = 0
        for table in (own.dues_standings, own.dues_terms, own.dues_entries):
            gone = await self._connection.execute(delete(table).where(table.c.member_id == member_id))
            rows += 0 if table is own.dues_standings else gone.rowcount
        return rows


def _wanted(query: DuesQuery) -> ColumnElement[bool]:
    member, standing = tables.members.c, own.dues_standings.c
    parts: list[ColumnElement[bool]] = [member.status.in_(sorted(status.value for status in ATTENDING))]
    parts.append(true() if query.reach.everywhere else member.home_branch_id.in_(places(query.reach)))
    if query.text:
        parts.append(named(query.text.lower()))
    if query.filter is DuesFilter.UNKNOWN:
        parts.append(standing.paid_until.is_(None))
    if query.filter is DuesFilter.BEHIND:
        parts.append(standing.paid_until < case((standing.quarterly, query.last_quarter_month), else_=query.last_month))
    return and_(*parts)
