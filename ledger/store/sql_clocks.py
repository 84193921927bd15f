"""What clocks are computed from, in SQL: days of organisational life, and one flat row for each member. Promises in `ledger.mobilityports`.

Rows are read by ranges of member ids with one grouped question for each kind of date, so that a night over a hundred thousand members is a
few hundred questions and never one for each member.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..dualmanagement import LifeDay, Measured
from ..dues import DuesStanding
from ..mobility import FloatingRegistration, Side
from ..mobilityports import ClockRow
from ..model import ON_THE_ROLL, Decision, MeetingState, MemberStatus, Stage, day_of
from . import tables, tables_dues, tables_files, tables_work
from . import tables_mobility as t
from .registrationrows import read_registration, select_registrations
from .rows import Rows, chunks
from .sql_dues import STANDINGS

DAYS = Rows(t.life_days, LifeDay)
MEASURED = Rows(t.measured_meetings, Measured)
Within = Callable[[Any], ColumnElement[bool]]  # a column of member ids → those of the members asked for


class SqlClocks:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def unmeasured(self, rules_hash: str, limit: int) -> list[tuple[str, int]]:
        meeting, measured, stream = tables.meetings.c, t.measured_meetings.c, tables.streams.c
        joined = tables.meetings.join(tables.streams, stream.stream == "meeting:" + meeting.meeting_id).outerjoin(
            t.measured_meetings, measured.meeting_id == meeting.meeting_id
        )
        stale = or_(measured.meeting_id.is_(None), measured.last_number != stream.last_number, measured.rules_hash != rules_hash)
        ended = meeting.state == MeetingState.ENDED.value
        query = select(meeting.meeting_id, stream.last_number).select_from(joined).where(ended & stale)
        rows = await self._connection.execute(query.order_by(meeting.meeting_id).limit(limit))
        return [(meeting_id, number) for meeting_id, number in rows]

    async def keep_days(self, measured: Measured, days: Sequence[LifeDay]) -> None:
        column = t.life_days.c.member_id
        before = (await self._connection.execute(select(column).where(t.life_days.c.meeting_id == measured.meeting_id))).scalars().all()
        for table in (t.life_days, t.measured_meetings):
            await self._connection.execute(delete(table).where(table.c.meeting_id == measured.meeting_id))
        await self._connection.execute(insert(t.measured_meetings), MEASURED.write(measured))
        if days:
            await self._connection.execute(insert(t.life_days), DAYS.write_all(days))
        await self._keep_last({*before, *(day.member_id for day in days)})

    async def _keep_last(self, member_ids: Collection[str]) -> None:
        life, last = t.life_days.c, t.last_life_days
        for chunk in chunks(member_ids):
            await self._connection.execute(delete(last).where(last.c.member_id.in_(chunk)))
            latest = _latest(life.member_id, life.on, life.member_id.in_(chunk))
            await self._connection.execute(insert(last).from_select(["member_id", "on"], latest))

    async def days_of(self, member_id: str) -> list[LifeDay]:
        column = t.life_days.c
        query = DAYS.select().where(column.member_id == member_id).order_by(column.on.desc(), column.meeting_id.desc())
        return [DAYS.read(row) for row in await self._connection.execute(query)]

    async def rows(self, after: str, limit: int) -> list[ClockRow]:
        members = await self._members(tables.members.c.member_id > after, limit)
        if not members:
            return []
        first, last = members[0].member_id, members[-1].member_id
        return await self._filled(members, lambda column: and_(column >= first, column <= last))

    async def rows_of(self, member_ids: Collection[str]) -> list[ClockRow]:
        wanted = sorted(set(member_ids))
        members = await self._members(tables.members.c.member_id.in_(wanted), len(wanted)) if wanted else []
        return await self._filled(members, lambda column: column.in_(wanted)) if members else []

    async def _members(self, wanted: ColumnElement[bool], limit: int) -> Sequence[Any]:
        column = tables.members.c
        on_roll = column.status.in_(sorted(status.value for status in ON_THE_ROLL))
        picked = (column.member_id, column.stage, column.status, column.exempt, column.home_branch_id)
        query = select(*picked).where(and_(on_roll, wanted)).order_by(column.member_id).limit(limit)
        return (await self._connection.execute(query)).all()

    async def _filled(self, members: Sequence[Any], between: Within) -> list[ClockRow]:
        registrations = await self._registrations(between(t.floating_registrations.c.member_id))
        dates = {name: await self._dates(query) for name, query in _questions(between).items()}
        stays = {key: day_of(at) for key, at in (await self._dates(_stays(between))).items()}
        reports = {key: day_of(at) for key, at in (await self._dates(_reports(between))).items()}
        excused = {key: day_of(at) for key, at in (await self._dates(_excused(between))).items()}
        liaisons = await self._dates(_liaisons(between))
        cases = await self._cases(between(t.lost_contact_cases.c.member_id))
        dues = await self._dues(between(tables_dues.dues_standings.c.member_id))
        rows: list[ClockRow] = []
        for one in members:
            key = one.member_id
            registration = registrations.get(key)
            search, suspended = cases.get(key, (None, None))
            rows.append(
                ClockRow(
                    key,
                    Stage(one.stage),
                    MemberStatus(one.status),
                    one.exempt,
                    one.home_branch_id,
                    registration,
                    stays.get(key) or (registration.report.left_on if registration else None),
                    search_began_on=search,
                    suspended_on=suspended,
                    liaison_id=liaisons.get(key),
                    excused_until=excused.get(key),
                    last_report_on=reports.get(key),
                    dues=dues.get(key),
                    **{name: answers.get(key) for name, answers in dates.items()},
                )
            )
        return rows

    async def _registrations(self, between: ColumnElement[bool]) -> dict[str, FloatingRegistration]:
        query = select_registrations().where(between & t.floating_registrations.c.closed_at.is_(None))
        return {one.member_id: one for one in map(read_registration, await self._connection.execute(query))}

    async def _dates(self, query: Select[Any]) -> dict[str, Any]:
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def _dues(self, between: ColumnElement[bool]) -> dict[str, DuesStanding]:
        return {one.member_id: one for one in map(STANDINGS.read, await self._connection.execute(STANDINGS.select().where(between)))}

    async def _cases(self, between: ColumnElement[bool]) -> dict[str, tuple[date, date | None]]:
        column = t.lost_contact_cases.c
        query = select(column.member_id, column.search_began_on, column.suspended_on).where(between & column.closed_on.is_(None))
        return {key: (began, suspended) for key, began, suspended in await self._connection.execute(query)}


def _questions(between: Within) -> dict[str, Select[Any]]:
    """Field of a row → (member id, date) for the members of a range."""
    contact, life, relation = t.contact_entries.c, t.last_life_days.c, t.org_relations.c
    certificate, check = t.activity_certificates.c, t.annual_checks.c
    in_force = between(certificate.member_id) & certificate.revoked_on.is_(None)
    checked = t.annual_checks.join(t.activity_certificates, certificate.number == check.certificate_number)
    file, work = tables_files.member_files.c, tables_work.assigned_works.c
    return {
        "graduated_on": select(file.member_id, file.graduated_on).where(between(file.member_id) & file.graduated_on.is_not(None)),
        "moved_at": select(relation.member_id, relation.since).where(
            between(relation.member_id) & relation.until.is_(None) & relation.transfer_id.is_not(None)
        ),
        "last_contact_on": _latest(contact.member_id, contact.on, between(contact.member_id) & contact.reached),
        "last_life_on": select(life.member_id, life.on).where(between(life.member_id)),
        "certificate_issued_on": _latest(certificate.member_id, certificate.issued_on, in_force),
        "certificate_checked_on": select(certificate.member_id, func.max(check.on))
        .select_from(checked)
        .where(in_force)
        .group_by(certificate.member_id),
        "last_work_on": _latest(work.member_id, work.done_on, between(work.member_id) & work.done_on.is_not(None)),
        "work_due_on": select(work.member_id, func.min(work.due_on))
        .where(between(work.member_id) & work.outcome.is_(None))
        .group_by(work.member_id),
        "relation_since": select(relation.member_id, func.min(relation.since))
        .where(between(relation.member_id))
        .group_by(relation.member_id),
    }


def _latest(member_id: Any, day: Any, where: ColumnElement[bool]) -> Select[Any]:
    return select(member_id, func.max(day)).where(where).group_by(member_id)


def _of_open(between: Within, where: ColumnElement[bool]) -> Select[Any]:
    column, declared = t.floating_registrations.c, t.whereabouts.c
    joined = t.whereabouts.join(t.floating_registrations, column.registration_id == declared.registration_id)
    wanted = and_(between(column.member_id), column.closed_at.is_(None), where)
    return select(column.member_id, func.max(declared.declared_at)).select_from(joined).where(wanted).group_by(column.member_id)


def _stays(between: Within) -> Select[Any]:
    return _of_open(between, t.whereabouts.c.moved)


def _reports(between: Within) -> Select[Any]:
    return _of_open(between, t.whereabouts.c.side == Side.MEMBER.value)


def _excused(between: Within) -> Select[Any]:
    """The latest meeting for which leave was granted: absence with a proper reason feeds no clock."""
    leave, meeting = tables.leave_requests.c, tables.meetings.c
    joined = tables.leave_requests.join(tables.meetings, meeting.meeting_id == leave.meeting_id)
    granted = between(leave.member_id) & (leave.decision == Decision.APPROVED.value)
    return select(leave.member_id, func.max(meeting.planned_end)).select_from(joined).where(granted).group_by(leave.member_id)


def _liaisons(between: Within) -> Select[Any]:
    column, liaison = t.floating_registrations.c, t.liaisons.c
    joined = t.liaisons.join(t.floating_registrations, column.registration_id == liaison.registration_id)
    wanted = and_(between(column.member_id), column.closed_at.is_(None), liaison.until.is_(None))
    return select(column.member_id, liaison.liaison_member_id).select_from(joined).where(wanted)
