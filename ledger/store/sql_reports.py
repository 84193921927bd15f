"""Attachments and thought reports in SQL. The doors and their promises are in `ledger.attachmentports` and `ledger.reportports`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..attachments import Attachment
from ..reportports import ReportQuery
from ..reports import ReportState, ReportStep, ReportStepKind, ThoughtReport
from . import tables
from . import tables_reports as own
from .reaching import Ground
from .rows import Rows, chunks

ATTACHMENTS = Rows(own.attachments, Attachment)
REPORTS = Rows(own.thought_reports, ThoughtReport, state=ReportState)
STEPS = Rows(own.report_steps, ReportStep, kind=ReportStepKind)


class SqlAttachments:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, attachment: Attachment, content: bytes) -> None:
        await self._connection.execute(insert(own.attachments), ATTACHMENTS.write(attachment))
        await self._connection.execute(insert(own.attachment_contents), {"attachment_id": attachment.attachment_id, "content": content})

    async def get(self, attachment_id: str) -> Attachment | None:
        query = ATTACHMENTS.select().where(own.attachments.c.attachment_id == attachment_id)
        row = (await self._connection.execute(query)).first()
        return ATTACHMENTS.read(row) if row else None

    async def content(self, attachment_id: str) -> bytes | None:
        column = own.attachment_contents.c
        found: bytes | None = await self._connection.scalar(select(column.content).where(column.attachment_id == attachment_id))
        return found

    async def of_owner(self, owner: str) -> list[Attachment]:
        return (await self.of_owners([owner])).get(owner, [])

    async def of_owners(self, owners: Collection[str]) -> dict[str, list[Attachment]]:
        return await ATTACHMENTS.by("owner", owners, ("added_at", "attachment_id"), self._connection)

    async def remove(self, attachment_ids: Collection[str]) -> None:
        for chunk in chunks(attachment_ids):
            for table in (own.attachment_contents, own.attachments):
                await self._connection.execute(delete(table).where(table.c.attachment_id.in_(chunk)))


class SqlReports:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, report_id: str) -> ThoughtReport | None:
        row = (await self._connection.execute(REPORTS.select().where(own.thought_reports.c.report_id == report_id))).first()
        return REPORTS.read(row) if row else None

    async def add(self, report: ThoughtReport) -> None:
        await self._connection.execute(insert(own.thought_reports), REPORTS.write(report))

    async def save(self, report: ThoughtReport, seen_revision: int) -> bool:
        column = own.thought_reports.c
        seen = (column.report_id == report.report_id) & (column.revision == seen_revision)
        done = await self._connection.execute(update(own.thought_reports).where(seen).values(REPORTS.write(report)))
        return done.rowcount == 1

    async def remove(self, report_id: str) -> None:
        for table in (own.report_steps, own.thought_reports):
            await self._connection.execute(delete(table).where(table.c.report_id == report_id))

    async def of_member(self, member_id: str) -> list[ThoughtReport]:
        column = own.thought_reports.c
        query = REPORTS.select().where(column.member_id == member_id).order_by(column.created_at.desc(), column.report_id.desc())
        return [REPORTS.read(row) for row in await self._connection.execute(query)]

    async def search(self, query: ReportQuery) -> tuple[list[ThoughtReport], int]:
        table, column = own.thought_reports, own.thought_reports.c
        wanted = column.state.in_(sorted(state.value for state in query.states)) & await _of_whom(self._ground, query)
        total = await self._connection.scalar(select(func.count()).select_from(table).where(wanted))
        order = (func.coalesce(column.handed_in_at, column.created_at), column.report_id)
        page = REPORTS.select().where(wanted).order_by(*order).limit(query.page_size).offset((query.page - 1) * query.page_size)
        return [REPORTS.read(row) for row in await self._connection.execute(page)], total or 0

    async def last_handed_in(self, member_ids: Collection[str]) -> dict[str, float]:
        column, found = own.thought_reports.c, dict[str, float]()
        for chunk in chunks(member_ids):
            counts = column.member_id.in_(chunk) & (column.state != ReportState.DRAFT.value) & column.handed_in_at.is_not(None)
            query = select(column.member_id, func.max(column.handed_in_at)).where(counts).group_by(column.member_id)
            found.update((row[0], row[1]) for row in await self._connection.execute(query))
        return found

    async def steps(self, report_id: str) -> list[ReportStep]:
        query = STEPS.select().where(own.report_steps.c.report_id == report_id).order_by(own.report_steps.c.number)
        return [STEPS.read(row) for row in await self._connection.execute(query)]

    async def add_step(self, step: ReportStep) -> None:
        await self._connection.execute(insert(own.report_steps), STEPS.write(step))

    async def owed_since(self, member_ids: Collection[str]) -> dict[str, date]:
        column, found = own.report_duties.c, dict[str, date]()
        for chunk in chunks(member_ids):
            rows = await self._connection.execute(select(column.member_id, column.since).where(column.member_id.in_(chunk)))
            found.update((row[0], row[1]) for row in rows)
        return found

    async def set_owed_since(self, days: Mapping[str, date]) -> None:
        for chunk in chunks(days):
            await self._connection.execute(delete(own.report_duties).where(own.report_duties.c.member_id.in_(chunk)))
            rows = [{"member_id": member_id, "since": days[member_id]} for member_id in chunk]
            await self._connection.execute(insert(own.report_duties), rows)


async def _of_whom(ground: Ground, query: ReportQuery) -> ColumnElement[bool]:
    here = await ground.where(query.reach)
    if here.whole:
        return true()
    member = tables.members.c
    whose = or_(here.holds(member.home_branch_id), member.member_id.in_(sorted(query.member_ids)))
    return own.thought_reports.c.member_id.in_(select(member.member_id).where(whose))
