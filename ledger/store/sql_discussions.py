"""Discussions in SQL. The door and its promises are in `ledger.discussionports`."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..discussionports import ThreadQuery
from ..discussions import Contribution, ContributionVersion, ReadMark, Thread, ThreadKind
from ..ports import Reach
from . import tables_discussions as t
from .reaching import Ground
from .rows import Rows, chunks

THREADS = Rows(t.threads, Thread, kind=ThreadKind)
ENTRIES = Rows(t.contributions, Contribution)
MARKS = Rows(t.read_marks, ReadMark)
VERSIONS = Rows(t.contribution_versions, ContributionVersion)


class SqlDiscussions:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, thread_id: str) -> Thread | None:
        row = (await self._connection.execute(THREADS.select().where(t.threads.c.thread_id == thread_id))).first()
        return THREADS.read(row) if row else None

    async def add(self, thread: Thread) -> None:
        await self._connection.execute(insert(t.threads), THREADS.write(thread))

    async def save(self, thread: Thread) -> None:
        where = t.threads.c.thread_id == thread.thread_id
        await self._connection.execute(update(t.threads).where(where).values(THREADS.write(thread)))

    async def search(self, query: ThreadQuery) -> tuple[list[Thread], int]:
        column = t.threads.c
        below = (await self._ground.where(Reach(paths=query.paths))).holds(column.org_id)
        here = or_(column.org_id.in_(sorted(query.org_ids)), below)
        wanted = and_(here, column.kind == query.kind.value if query.kind else true())
        total = await self._connection.scalar(select(func.count()).select_from(t.threads).where(wanted))
        rows = THREADS.select().where(wanted).order_by(column.last_at.desc(), column.thread_id.desc())
        page = await self._connection.execute(rows.limit(query.page_size).offset((query.page - 1) * query.page_size))
        return [THREADS.read(row) for row in page], total or 0

    async def entry(self, entry_id: str) -> Contribution | None:
        row = (await self._connection.execute(ENTRIES.select().where(t.contributions.c.entry_id == entry_id))).first()
        return ENTRIES.read(row) if row else None

    async def add_entry(self, entry: Contribution) -> None:
        await self._connection.execute(insert(t.contributions), ENTRIES.write(entry))

    async def save_entry(self, entry: Contribution) -> None:
        where = t.contributions.c.entry_id == entry.entry_id
        await self._connection.execute(update(t.contributions).where(where).values(ENTRIES.write(entry)))

    async def entries(self, thread_id: str) -> list[Contribution]:
        query = ENTRIES.select().where(t.contributions.c.thread_id == thread_id).order_by(t.contributions.c.number)
        return [ENTRIES.read(row) for row in await self._connection.execute(query)]

    async def many(self, thread_ids: Collection[str]) -> dict[str, Thread]:
        found: dict[str, Thread] = {}
        for chunk in chunks(thread_ids):
            rows = await self._connection.execute(THREADS.select().where(t.threads.c.thread_id.in_(chunk)))
            found |= {row.thread_id: THREADS.read(row) for row in rows}
        return found

    async def keep_version(self, version: ContributionVersion) -> None:
        await self._connection.execute(insert(t.contribution_versions), VERSIONS.write(version))

    async def versions(self, entry_id: str) -> list[ContributionVersion]:
        column = t.contribution_versions.c
        query = VERSIONS.select().where(column.entry_id == entry_id).order_by(column.number)
        return [VERSIONS.read(row) for row in await self._connection.execute(query)]

    async def drop_versions(self, entry_id: str) -> None:
        await self._connection.execute(delete(t.contribution_versions).where(t.contribution_versions.c.entry_id == entry_id))

    async def by_member(self, member_id: str) -> list[Contribution]:
        column = t.contributions.c
        query = ENTRIES.select().where(column.author_member_id == member_id).order_by(column.at, column.entry_id)
        return [ENTRIES.read(row) for row in await self._connection.execute(query)]

    async def read_by(self, member_id: str) -> list[ReadMark]:
        column = t.read_marks.c
        query = MARKS.select().where(column.member_id == member_id).order_by(column.at, column.thread_id)
        return [MARKS.read(row) for row in await self._connection.execute(query)]

    async def unread(self, thread_id: str, but: str | None) -> None:
        column = t.read_marks.c
        others = column.member_id != but if but is not None else true()
        await self._connection.execute(delete(t.read_marks).where(and_(column.thread_id == thread_id, others)))

    async def remove_before(self, instant: float, limit: int) -> list[str]:
        thread, entry = t.threads.c, t.contributions.c
        wanted = select(thread.thread_id).where(thread.last_at < instant).order_by(thread.thread_id).limit(limit)
        old = (await self._connection.execute(wanted)).scalars().all()
        gone: list[str] = []
        for chunk in chunks(old):
            entries = await self._connection.execute(select(entry.entry_id).where(entry.thread_id.in_(chunk)))
            gone += entries.scalars()
        for chunk in chunks(gone):
            await self._connection.execute(delete(t.contribution_versions).where(t.contribution_versions.c.entry_id.in_(chunk)))
            await self._connection.execute(delete(t.contributions).where(entry.entry_id.in_(chunk)))
        for chunk in chunks(old):
            await self._connection.execute(delete(t.read_marks).where(t.read_marks.c.thread_id.in_(chunk)))
            await self._connection.execute(delete(t.threads).where(thread.thread_id.in_(chunk)))
        return sorted(gone)

    async def marks_of(self, member_id: str, thread_ids: Collection[str]) -> dict[str, ReadMark]:
        found: dict[str, ReadMark] = {}
        for chunk in chunks(thread_ids):
            own = (t.read_marks.c.member_id == member_id) & t.read_marks.c.thread_id.in_(chunk)
            found |= {row.thread_id: MARKS.read(row) for row in await self._connection.execute(MARKS.select().where(own))}
        return found

    async def readers(self, thread_id: str) -> dict[str, ReadMark]:
        rows = await self._connection.execute(MARKS.select().where(t.read_marks.c.thread_id == thread_id))
        return {row.member_id: MARKS.read(row) for row in rows}

    async def mark(self, mark: ReadMark) -> None:
        own = (t.read_marks.c.thread_id == mark.thread_id) & (t.read_marks.c.member_id == mark.member_id)
        await self._connection.execute(delete(t.read_marks).where(own))
        await self._connection.execute(insert(t.read_marks), MARKS.write(mark))
