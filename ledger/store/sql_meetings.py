"""Meetings, attendance and facts in SQL. Doors and their promises are in `ledger.ports`."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, bindparam, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..facts import Fact, FactKind, RecordedFact
from ..model import (
    Attendee,
    Capacity,
    Consent,
    Decision,
    LeaveRequest,
    Meeting,
    MeetingForm,
    MeetingState,
    Objection,
)
from ..ports import MeetingQuery, Reach
from . import tables
from .chain import EMPTY, Head, chained
from .reaching import Ground
from .rows import Rows, chunks

MEETINGS = Rows(tables.meetings, Meeting, form=MeetingForm, state=MeetingState)
ATTENDEES = Rows(tables.attendees, Attendee, capacity=Capacity)
LEAVES = Rows(tables.leave_requests, LeaveRequest, decision=Decision)
OBJECTIONS = Rows(tables.objections, Objection, decision=Decision)
CONSENTS = Rows(tables.consents, Consent)


class SqlMeetings:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def get(self, meeting_id: str) -> Meeting | None:
        return await self._one(tables.meetings.c.meeting_id == meeting_id)

    async def by_invite(self, token: str) -> Meeting | None:
        return await self._one(tables.meetings.c.invite_token == token)

    async def add(self, meeting: Meeting) -> None:
        await self._connection.execute(insert(tables.meetings), MEETINGS.write(meeting))

    async def save(self, meeting: Meeting, seen_revision: int) -> bool:
        column = tables.meetings.c
        seen = (column.meeting_id == meeting.meeting_id) & (column.revision == seen_revision)
        done = await self._connection.execute(update(tables.meetings).where(seen).values(MEETINGS.write(meeting)))
        return done.rowcount == 1

    async def search(self, query: MeetingQuery) -> tuple[list[Meeting], int]:
        column = tables.meetings.c
        wanted = await self._matching(query)
        total = await self._count(query, wanted)
        order = (column.planned_start.desc(), column.meeting_id.desc()) if query.newest_first else (column.planned_start, column.meeting_id)
        page = MEETINGS.select().where(*wanted).order_by(*order).limit(query.page_size).offset((query.page - 1) * query.page_size)
        return [MEETINGS.read(row) for row in await self._connection.execute(page)], total

    async def _count(self, query: MeetingQuery, wanted: Sequence[ColumnElement[bool]]) -> int:
        async def ask() -> int:
            return await self._connection.scalar(select(func.count()).select_from(tables.meetings).where(*wanted)) or 0

        key = replace(query, page=1, page_size=1, newest_first=False)
        return await self._ground.memory.of((tables.organisations, tables.meetings), key, ask)

    async def counts(self, query: MeetingQuery) -> dict[str, int]:
        org_id = tables.meetings.c.org_id
        rows = await self._connection.execute(select(org_id, func.count()).where(*await self._matching(query)).group_by(org_id))
        return {row[0]: row[1] for row in rows}

    async def listing(self, member_id: str) -> list[Meeting]:
        column = tables.meetings.c
        on_list = select(tables.attendees.c.meeting_id).where(tables.attendees.c.member_id == member_id)
        query = MEETINGS.select().where(column.meeting_id.in_(on_list))
        rows = await self._connection.execute(query.order_by(column.planned_start.desc(), column.meeting_id.desc()))
        return [MEETINGS.read(row) for row in rows]

    async def _one(self, where: ColumnElement[bool]) -> Meeting | None:
        row = (await self._connection.execute(MEETINGS.select().where(where))).first()
        return MEETINGS.read(row) if row else None

    async def _matching(self, query: MeetingQuery) -> list[ColumnElement[bool]]:
        column = tables.meetings.c
        reaches = [query.reach, *([Reach(paths=(query.within.path,))] if query.within else [])]
        parts = [(await self._ground.where(reach)).holds(column.org_id) for reach in reaches]
        if query.states != frozenset(MeetingState):
            parts.append(column.state.in_(sorted(state.value for state in query.states)))
        if query.since is not None:
            parts.append(column.planned_start >= query.since)
        if query.until is not None:
            parts.append(column.planned_start < query.until)
        if query.form is not None:
            parts.append(column.form == query.form.value)
        return parts


class SqlAttendance:
    def __init__(self, connection: AsyncConnection, ground: Ground) -> None:
        self._connection = connection
        self._ground = ground

    async def attendees(self, meeting_id: str) -> list[Attendee]:
        column = tables.attendees.c
        query = ATTENDEES.select().where(column.meeting_id == meeting_id).order_by(column.place)
        return [ATTENDEES.read(row) for row in await self._connection.execute(query)]

    async def of_meetings(self, meeting_ids: Collection[str]) -> dict[str, list[Attendee]]:
        return await ATTENDEES.by("meeting_id", meeting_ids, ("place",), self._connection)

    async def set_attendees(self, meeting_id: str, attendees: Sequence[Attendee]) -> None:
        await self._connection.execute(delete(tables.attendees).where(tables.attendees.c.meeting_id == meeting_id))
        rows = [ATTENDEES.write(row) | {"place": place} for place, row in enumerate(attendees)]
        if rows:
            await self._connection.execute(insert(tables.attendees), rows)

    async def leaves(self, meeting_id: str) -> list[LeaveRequest]:
        column = tables.leave_requests.c
        query = LEAVES.select().where(column.meeting_id == meeting_id).order_by(column.requested_at, column.member_id)
        return [LEAVES.read(row) for row in await self._connection.execute(query)]

    async def save_leave(self, leave: LeaveRequest) -> None:
        column = tables.leave_requests.c
        await self._replace(LEAVES, leave, (column.meeting_id == leave.meeting_id) & (column.member_id == leave.member_id))

    async def objections(self, meeting_id: str) -> list[Objection]:
        column = tables.objections.c
        query = OBJECTIONS.select().where(column.meeting_id == meeting_id).order_by(column.raised_at, column.objection_id)
        return [OBJECTIONS.read(row) for row in await self._connection.execute(query)]

    async def save_objection(self, objection: Objection) -> None:
        await self._replace(OBJECTIONS, objection, tables.objections.c.objection_id == objection.objection_id)

    async def pending(self, reach: Reach) -> tuple[dict[str, int], dict[str, int]]:
        return await self._pending(tables.leave_requests, reach), await self._pending(tables.objections, reach)

    async def consents_of(self, member_id: str) -> list[Consent]:
        query = CONSENTS.select().where(tables.consents.c.member_id == member_id).order_by(tables.consents.c.given_at)
        return [CONSENTS.read(row) for row in await self._connection.execute(query)]

    async def save_consent(self, consent: Consent) -> None:
        column = tables.consents.c
        version = (column.notice_version == consent.notice_version) & (column.given_at == consent.given_at)
        await self._replace(CONSENTS, consent, (column.member_id == consent.member_id) & version)

    async def _replace(self, rows: Rows[Any], record: Any, where: ColumnElement[bool]) -> None:
        await self._connection.execute(delete(rows.table).where(where))
        await self._connection.execute(insert(rows.table), rows.write(record))

    async def _pending(self, table: Table, reach: Reach) -> dict[str, int]:
        meeting = tables.meetings.c
        joined = table.join(tables.meetings, meeting.meeting_id == table.c.meeting_id)
        wanted = (table.c.decision == Decision.PENDING.value) & (await self._ground.where(reach)).holds(meeting.org_id)
        query = select(meeting.org_id, func.count()).select_from(joined).where(wanted).group_by(meeting.org_id)
        rows = await self._connection.execute(query)
        return {row[0]: row[1] for row in rows}


class SqlFacts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def append(self, facts: Sequence[Fact], recorded_at: float) -> list[RecordedFact]:
        known = await self._known([fact.key for fact in facts])
        heads = await self._heads({fact.stream for fact in facts})
        recorded, new_heads = chained(facts, known, heads, recorded_at)
        if recorded:
            await self._connection.execute(insert(tables.facts), [_write(one) for one in recorded])
            await self._save_heads(new_heads, heads)
        return recorded

    async def of_stream(self, stream: str, after: int = 0) -> list[RecordedFact]:
        column = tables.facts.c
        query = select(tables.facts).where((column.stream == stream) & (column.number > after)).order_by(column.number)
        return [_read(row) for row in await self._connection.execute(query)]

    async def of_streams(self, streams: Collection[str], about: str | None = None) -> dict[str, list[RecordedFact]]:
        column = tables.facts.c
        wanted = true() if about is None else or_(column.member_id == about, column.member_id.is_(None))
        found: dict[str, list[RecordedFact]] = {}
        for chunk in chunks(streams):
            query = select(tables.facts).where(column.stream.in_(chunk) & wanted).order_by(column.stream, column.number)
            for one in map(_read, await self._connection.execute(query)):
                found.setdefault(one.fact.stream, []).append(one)
        return found

    async def head(self, stream: str) -> tuple[int, str]:
        return (await self._heads({stream})).get(stream, EMPTY)

    async def unanchored(self, limit: int) -> dict[str, tuple[int, str]]:
        column = tables.streams.c
        query = select(column.stream, column.last_number, column.last_hash).where(column.last_number > column.anchored)
        rows = await self._connection.execute(query.order_by(column.stream).limit(limit))
        return {stream: (number, digest) for stream, number, digest in rows}

    async def mark_anchored(self, heads: Mapping[str, tuple[int, str]]) -> None:
        column = tables.streams.c
        if heads:
            statement = update(tables.streams).where(column.stream == bindparam("of_stream")).values(anchored=bindparam("up_to"))
            await self._connection.execute(statement, [{"of_stream": key, "up_to": head[0]} for key, head in heads.items()])

    async def streams(self) -> list[str]:
        return sorted((await self._connection.execute(select(tables.streams.c.stream))).scalars())

    async def _known(self, keys: list[str]) -> set[str]:
        known: set[str] = set()
        for chunk in chunks(keys):
            known |= set((await self._connection.execute(select(tables.facts.c.key).where(tables.facts.c.key.in_(chunk)))).scalars())
        return known

    async def _heads(self, streams: Collection[str]) -> dict[str, Head]:
        column = tables.streams.c
        heads: dict[str, Head] = {}
        for chunk in chunks(streams):
            query = select(column.stream, column.last_number, column.last_hash).where(column.stream.in_(chunk))
            heads |= {stream: (number, last) for stream, number, last in await self._connection.execute(query)}
        return heads

    async def _save_heads(self, heads: dict[str, Head], before: dict[str, Head]) -> None:
        fresh = [{"stream": stream, "last_number": head[0], "last_hash": head[1]} for stream, head in heads.items() if stream not in before]
        if fresh:
            await self._connection.execute(insert(tables.streams), fresh)
        for stream in heads.keys() & before.keys():
            number, last = heads[stream]
            change = update(tables.streams).where(tables.streams.c.stream == stream)
            await self._connection.execute(change.values(last_number=number, last_hash=last))


def _write(one: RecordedFact) -> dict[str, Any]:
    fact = one.fact
    return {
        "stream": fact.stream,
        "number": one.number,
        "key": fact.key,
        "kind": fact.kind.value,
        "at": fact.at,
        "member_id": fact.member_id,
        "body": json.dumps(fact.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        "author": fact.author,
        "reason": fact.reason,
        "recorded_at": one.recorded_at,
        "hash": one.hash,
    }


def _read(row: Row[Any]) -> RecordedFact:
    body = json.loads(row.body)
    fact = Fact(row.key, row.stream, FactKind(row.kind), row.at, row.member_id, body, row.author, row.reason)
    return RecordedFact(fact, row.number, row.recorded_at, row.hash)
