"""The book of dues in SQL. The door and its promises are in `ledger.duesports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Table, case, delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..dues import DuesEntry, DuesGroup, DuesStanding, DuesTerms
from ..duesports import DuesFilter, DuesQuery
from ..model import ATTENDING
from . import tables
from . import tables_dues as own
from .marks import MOST_KEPT_LINES
from .membersearch import named
from .reaching import Ground
from .rows import Rows, chunks
from .tables_files import name_ends

ENTRIES = Rows(own.dues_entries, DuesEntry)
TERMS = Rows(own.dues_terms, DuesTerms, group=DuesGroup)
STANDINGS = Rows(own.dues_standings, DuesStanding)


class SqlDuesBook:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def entry(self, entry_id: str) -> DuesEntry | None:
        row = (await self._connection.execute(ENTRIES.select().where(own.dues_entries.c.entry_id == entry_id))).first()
        return ENTRIES.read(row) if row else None

    async def add(self, entries: Sequence[DuesEntry]) -> None:
        for piece in ENTRIES.write_pieces(entries):
            await self._connection.execute(insert(own.dues_entries), piece)

    async def entries(self, member_ids: Collection[str]) -> dict[str, list[DuesEntry]]:
        return await ENTRIES.by("member_id", member_ids, ("entered_at", "entry_id"), self._connection)

    async def set_terms(self, terms: DuesTerms) -> None:
        await self._connection.execute(insert(own.dues_terms), TERMS.write(terms))

    async def terms(self, member_ids: Collection[str]) -> dict[str, list[DuesTerms]]:
        return await TERMS.by("member_id", member_ids, ("set_at", "terms_id"), self._connection)

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

    async def search(self, query: DuesQuery) -> tuple[list[str], dict[DuesFilter, int]]:
        if query.page_size > MOST_KEPT_LINES:
            return list((searched := await self._search(query))[0]), dict(searched[1])
        found, counts = await self._ground.memory.of(_sources(query), query, lambda: self._search(query))
        return list(found), dict(counts)

    async def _search(self, query: DuesQuery) -> tuple[Sequence[str], Mapping[DuesFilter, int]]:
        """Those in the book along the index on how far they have paid; those of whom nothing is known after them, by number."""
        member, standing = tables.members.c, own.dues_standings.c
        meant = await _meant(self._ground, query)
        counts = await self._counts(query, meant)
        unknown = 0 if query.filter is DuesFilter.BEHIND else counts[DuesFilter.UNKNOWN]
        known, start, size = counts[query.filter] - unknown, (query.page - 1) * query.page_size, query.page_size
        found: list[str] = []
        if start < known:
            wanted = [*meant, _behind(query)] if query.filter is DuesFilter.BEHIND else meant
            page = select(member.member_id).join(own.dues_standings, standing.member_id == member.member_id).where(*wanted)
            rows = await self._connection.execute(page.order_by(standing.paid_until, member.number).limit(size).offset(start))
            found += rows.scalars()
        if len(found) < size and unknown:
            page = select(member.member_id).where(*meant, _is_unknown()).order_by(member.number)
            rows = await self._connection.execute(page.limit(size - len(found)).offset(max(0, start - known)))
            found += rows.scalars()
        return found, counts

    async def _counts(self, query: DuesQuery, meant: Sequence[ColumnElement[bool]]) -> Mapping[DuesFilter, int]:
        """Whatever the filter and the page, the same."""
        key = ("counts", replace(query, filter=DuesFilter.ALL, page=1, page_size=1))
        return await self._ground.memory.of(_sources(query), key, lambda: self._count(query, meant))

    async def _count(self, query: DuesQuery, meant: Sequence[ColumnElement[bool]]) -> Mapping[DuesFilter, int]:
        member, standing = tables.members.c, own.dues_standings.c
        everybody = await self._connection.scalar(select(func.count()).select_from(tables.members).where(*meant)) or 0
        behind = func.coalesce(func.sum(case((_behind(query), 1), else_=0)), 0)
        in_book = select(func.count(), behind).select_from(tables.members)
        joined = in_book.join(own.dues_standings, standing.member_id == member.member_id).where(*meant)
        known, late = (await self._connection.execute(joined)).one()
        return {DuesFilter.ALL: everybody, DuesFilter.BEHIND: int(late), DuesFilter.UNKNOWN: everybody - known}

    async def forget(self, member_id: str) -> int:
        rows = 0
        for table in (own.dues_standings, own.dues_terms, own.dues_entries):
            gone = await self._connection.execute(delete(table).where(table.c.member_id == member_id))
            rows += 0 if table is own.dues_standings else gone.rowcount
        return rows


def _sources(query: DuesQuery) -> tuple[Table, ...]:
    return (tables.organisations, tables.members, own.dues_standings, *((name_ends,) if query.text else ()))


async def _meant(ground: Ground, query: DuesQuery) -> list[ColumnElement[bool]]:
    """Of members, whatever the filter."""
    member, here = tables.members.c, await ground.where(query.reach)
    attending = member.status.in_(sorted(status.value for status in ATTENDING))
    return [attending, here.holds(member.home_branch_id), *([named(query.text.lower())] if query.text else [])]


def _behind(query: DuesQuery) -> ColumnElement[bool]:
    standing = own.dues_standings.c
    return standing.paid_until < case((standing.quarterly, query.last_quarter_month), else_=query.last_month)


def _is_unknown() -> ColumnElement[bool]:
    return ~exists().where(own.dues_standings.c.member_id == tables.members.c.member_id)
