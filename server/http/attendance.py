"""Afterwards: the sheet and its exports, the own record, objections, corrections, facts, points."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from ledger.access import Action, Actor, member_for, reach_of
from ledger.actions import attendance, corrections, points
from ledger.exports.csv import sheet_csv
from ledger.exports.pdf import sheet_pdf
from ledger.exports.xlsx import sheet_xlsx
from ledger.model import Access, MeetingState, day_of
from ledger.ports import MeetingQuery
from ledger.refusals import NotFound
from ledger.sheet import AttendanceSheet
from server.http.call import Call, File, instant
from server.http.views import attendance as views
from server.http.views.moments import iso
from server.schemas import attendance as s
from server.schemas.accounts import RecentRecord
from server.schemas.base import Page
from server.schemas.queries import FactSearch, Language, PointSearch, RecordSearch

CSV, PDF = "text/csv", "application/pdf"
OBJECTED = frozenset({MeetingState.ENDED})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RecordPage(Page[RecentRecord]):
    pass


async def sheet(call: Call) -> s.SheetView:
    return await _sheet(call, call.ids["meetingId"])


async def sheet_as_csv(call: Call, query: Language) -> File:
    return await _exported(call, query.lang, "csv", CSV, sheet_csv)


async def sheet_as_xlsx(call: Call, query: Language) -> File:
    return await _exported(call, query.lang, "xlsx", XLSX, sheet_xlsx)


async def sheet_as_pdf(call: Call, query: Language) -> File:
    return await _exported(call, query.lang, "pdf", PDF, sheet_pdf)


async def own_record(call: Call) -> s.OwnRecord:
    found = await attendance.own_record(call.store, call.actor, call.ids["meetingId"], call.now, call.house.rulebook)
    return views.own_record(found, call.actor.account.locale)


async def raise_objection(call: Call, body: s.RaiseObjection) -> s.OwnRecord:
    command = corrections.RaiseObjection(call.ids["meetingId"], body.text)
    await corrections.raise_objection(call.store, call.actor, command, call.now, call.house.rulebook)
    return await own_record(call)


async def decide_objection(call: Call, body: s.DecideObjection) -> s.SheetView:
    objection_id = call.ids["objectionId"]
    command = corrections.DecideObjection(await _meeting_of(call, objection_id), objection_id, body.accepted, body.answer)
    await corrections.decide_objection(call.store, call.actor, command, call.now)
    return await _sheet(call, command.meeting_id)


async def correct(call: Call, body: s.Correct) -> s.SheetView:
    command = corrections.Correct(call.ids["meetingId"], body.member_id, body.field, body.value, body.reason, body.objection_id)
    await corrections.correct(call.store, call.actor, command, call.now)
    return await _sheet(call, command.meeting_id)


async def confirm_presence(call: Call, body: s.ConfirmPresence) -> s.SheetView:
    start, end = instant("start", body.start), instant("end", body.end)
    command = corrections.ConfirmPresence(call.ids["meetingId"], body.member_id, start, end, body.how, body.reason)
    await corrections.confirm_presence(call.store, call.actor, command, call.now)
    return await _sheet(call, command.meeting_id)


async def facts(call: Call, query: FactSearch) -> s.FactPage:
    found = await attendance.meeting_facts(call.store, call.actor, call.ids["meetingId"], call.now)
    about = [one for one in found if query.member_id in (None, one.fact.member_id)]
    start = (query.page - 1) * query.page_size
    shown = about[start : start + query.page_size]
    async with call.store.reading() as uow:
        names = await attendance.names_of(uow, {one.fact.author for one in shown})
    return s.FactPage(items=[views.fact(one, names) for one in shown], total=len(about), page=query.page, page_size=query.page_size)


async def records(call: Call, query: RecordSearch) -> RecordPage:
    whose = await _standing_for(call, query.member_id) if query.member_id else call.actor
    end = query.page * query.page_size
    found = await attendance.recent_records(call.store, whose, call.now, end, call.house.rulebook, reader=call.actor)
    items = [views.recent(one, call.now) for one in found[end - query.page_size :]]
    return RecordPage(items=items, total=await _ended(call, whose), page=query.page, page_size=query.page_size)


async def points_of_year(call: Call, query: PointSearch) -> s.PointsView:
    member_id = query.member_id or call.actor.member_id
    if member_id is None:
        raise NotFound(noun="member", id="")
    year = query.year or day_of(call.now).year
    found = await points.points_of(call.store, call.actor, member_id, year, call.now, call.house.rulebook)
    lines = [
        s.PointLine(
            entry_id=one.entry_id,
            at=iso(one.at),
            points=one.points,
            rule=one.kind,
            rulebook_version=one.rulebook_version,
            explanation_zh=one.explanation_zh,
            explanation_en=one.explanation_en,
            meeting_id=one.meeting_id,
            fact_keys=list(one.fact_keys),
        )
        for one in found.entries
    ]
    return s.PointsView(enabled=found.enabled, total=found.total, year=found.year, lines=lines)


async def _standing_for(call: Call, member_id: str) -> Actor:
    """Whoever may see a member's record over many meetings sees the lines that the member sees. Logged."""
    async with call.store.writing() as uow:
        member = await member_for(uow, call.actor, member_id, Action.SEE_RECORD)
        home = await uow.organisations.get(member.home_branch_id)
        line = Access(call.now, call.actor.account_id, "seeRecord", f"member:{member_id}", home.path if home else "")
        await uow.access_log.append([line])
    return Actor(replace(call.actor.account, member_id=member_id), member)


async def _ended(call: Call, whose: Actor) -> int:
    async with call.store.reading() as uow:
        listed = await uow.meetings.listing(whose.member_id) if whose.member_id else []
    return sum(meeting.state is MeetingState.ENDED for meeting in listed)


async def _meeting_of(call: Call, objection_id: str) -> str:
    """The meeting an objection is about, newest first, among those whose sheet the actor may correct."""
    reach, page = reach_of(call.actor, Action.CORRECT_SHEET), 1
    async with call.store.reading() as uow:
        while True:
            query = MeetingQuery(reach, OBJECTED, newest_first=True, page=page, page_size=200)
            meetings, total = await uow.meetings.search(query)
            for meeting in meetings:
                if any(one.objection_id == objection_id for one in await uow.attendance.objections(meeting.meeting_id)):
                    return meeting.meeting_id
            if page * 200 >= total:
                raise NotFound(noun="objection", id=objection_id)
            page += 1


async def _sheet(call: Call, meeting_id: str) -> s.SheetView:
    found = await attendance.meeting_sheet(call.store, call.actor, meeting_id, call.now, call.house.rulebook)
    return views.sheet(found, call.actor.account.locale)


async def _exported(call: Call, lang: str, suffix: str, media_type: str, spelled: Callable[[AttendanceSheet, str], bytes]) -> File:
    """Spelled in a thread: a page of PDF takes long enough to be felt by everybody else."""
    found = await attendance.meeting_sheet(
        call.store, call.actor, call.ids["meetingId"], call.now, call.house.rulebook, purpose="exportSheet"
    )
    content = await asyncio.to_thread(spelled, found.sheet, lang)
    word = "考勤表" if lang == "zh" else "attendance"
    opened = day_of(found.meeting.opened_at or found.meeting.planned_start).isoformat()
    return File(f"{word}-{found.meeting.title}-{opened}.{suffix}", media_type, content)
