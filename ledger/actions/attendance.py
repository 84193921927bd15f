"""The record of a meeting: facts come in, the sheet and the own record come out.

Measuring is not done here: `ledger.sheet` and the rules do it from the facts. This file fetches what they need, for whom may see it, and
writes down who looked. Objections and corrections are in `corrections`.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..access import Action, Actor, may, meeting_for, meeting_target
from ..attendees import attendees_of
from ..facts import Fact, FactKind, RecordedFact, canonical, meeting_stream
from ..model import Access, Attendee, LeaveRequest, Meeting, MeetingState, Member, Objection, OrgUnit, PostKind, day_of
from ..ports import Store, UnitOfWork
from ..refusals import FactMalformed, MeetingNotOpen, NotExpected
from ..rulebook import Rulebook
from ..sheet import AttendanceSheet, SheetRow, build_sheet

DAY_SECONDS = 86_400.0
LONGEST_KEY, LONGEST_STREAM, LONGEST_ID = 200, 100, 64
LONGEST_BODY = 16_384  # bytes of a fact in canonical form: a chain is read as a whole


@dataclass(frozen=True, slots=True)
class SheetForReader:
    """A sheet, with what a page shows around it. `names`: account id → name, of authors and of those who decided."""

    meeting: Meeting
    org: OrgUnit
    sheet: AttendanceSheet
    objections: list[Objection]
    objections_until: float | None
    names: dict[str, str]
    may_correct: bool


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """`facts`: those about the member, and the opening and end of the meeting. `row` is the member's line of the sheet."""

    meeting: Meeting
    org: OrgUnit
    sheet: AttendanceSheet
    row: SheetRow
    facts: list[RecordedFact]
    objection: Objection | None  # the latest
    objections_until: float | None
    may_object: bool
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class RecentRecord:
    """`may_see_sheet`: the reader, who may be responsible for the member and not for the meeting."""

    meeting: Meeting
    org: OrgUnit
    sheet: AttendanceSheet
    row: SheetRow
    objections_until: float | None
    may_see_sheet: bool


async def append_facts(store: Store, facts: Sequence[Fact], now: float) -> list[RecordedFact]:
    """Append what an outbox delivers, in order and all or nothing; known keys are passed over. Answers what was new.

    Refusal: FactMalformed(key) – trying again is of no use. No actor: facts are measured by the server itself.
    """
    for fact in facts:
        check_fact(fact)
    async with store.writing() as uow:
        return await uow.facts.append(facts, now)


async def meeting_facts(store: Store, actor: Actor, meeting_id: str, now: float, after: int = 0) -> list[RecordedFact]:
    """Every fact of the meeting from a number on, for those who may see its sheet. Logged."""
    async with store.writing() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.SEE_SHEET)
        await log_look(uow, actor, "seeFacts", meeting, now)
        return await uow.facts.of_stream(meeting_stream(meeting_id), after)


async def meeting_sheet(
    store: Store, actor: Actor, meeting_id: str, now: float, rulebook: Rulebook | None = None, *, purpose: str = "seeSheet"
) -> SheetForReader:
    """The attendance sheet, also while the meeting runs. `purpose` names the look in the log ("seeSheet", "exportSheet")."""
    rulebook = rulebook or Rulebook()
    async with store.reading() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.SEE_SHEET)
        papers = await _papers(uow, meeting, await uow.facts.of_stream(meeting_stream(meeting_id)))
        objections = await uow.attendance.objections(meeting_id)
        decided_by = {one.decided_by for one in objections if one.decided_by}
        names = await names_of(uow, {fact.fact.author for fact in papers.facts} | decided_by)
        may_correct = may(actor, Action.CORRECT_SHEET, await meeting_target(uow, actor, meeting))
    async with store.writing() as uow:  # the look is written down before anything is shown
        await log_look(uow, actor, purpose, meeting, now)
    sheet = await _measured(papers, rulebook, now)
    return SheetForReader(meeting, papers.org, sheet, objections, objections_until(meeting, papers.facts, rulebook), names, may_correct)


async def own_record(store: Store, actor: Actor, meeting_id: str, now: float, rulebook: Rulebook | None = None) -> OwnRecord:
    """The actor's own line, the facts behind it, and whether an objection may be raised."""
    rulebook = rulebook or Rulebook()
    async with store.reading() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.SEE_OWN_RECORD)
        papers = await _papers(uow, meeting, await uow.facts.of_stream(meeting_stream(meeting_id)))
        own = [one for one in await uow.attendance.objections(meeting_id) if one.member_id == actor.member_id]
        about = [fact for fact in papers.facts if fact.fact.member_id in (None, actor.member_id)]
        authors = {fact.fact.author for fact in about} | {one.decided_by for one in own if one.decided_by}
        names = await names_of(uow, authors)
    sheet = await _measured(papers, rulebook, now)
    row = sheet.row_of(actor.member_id or "")
    if row is None:
        raise NotExpected(memberId=actor.member_id)
    until = objections_until(meeting, papers.facts, rulebook)
    open_one = any(one.decided_at is None for one in own)
    may_object = until is not None and now <= until and not open_one
    return OwnRecord(meeting, papers.org, sheet, row, about, own[-1] if own else None, until, may_object, names)


async def recent_records(
    store: Store, actor: Actor, now: float, limit: int = 10, rulebook: Rulebook | None = None, *, reader: Actor | None = None
) -> list[RecentRecord]:
    """The actor's own lines of the latest ended meetings, newest first; `reader`: who reads them, if somebody else."""
    rulebook, reader = rulebook or Rulebook(), reader or actor
    async with store.reading() as uow:
        listed = await uow.meetings.listing(actor.member_id) if actor.member_id else []
        ended = [meeting for meeting in listed if meeting.state is MeetingState.ENDED][:limit]
        facts = await own_facts(uow, ended, actor.member_id or "")
        papers = [await _papers(uow, meeting, facts[meeting.meeting_id]) for meeting in ended]
        seen = [may(reader, Action.SEE_SHEET, await meeting_target(uow, reader, meeting)) for meeting in ended]
    records: list[RecentRecord] = []
    for one, may_see in zip(papers, seen, strict=True):
        sheet = await _measured(one, rulebook, now)
        row = sheet.row_of(actor.member_id or "")
        if row is not None:
            until = objections_until(one.meeting, one.facts, rulebook)
            records.append(RecentRecord(one.meeting, one.org, sheet, row, until, may_see))
    return records


async def own_facts(uow: UnitOfWork, meetings: Sequence[Meeting], member_id: str) -> dict[str, list[RecordedFact]]:
    """Meeting id → the facts from which the member's own line is measured: a few of thousands.

    Where a meeting's end was never recorded it is inferred from what anybody did last, so that then all facts are needed.
    """
    streams = await uow.facts.of_streams([meeting_stream(one.meeting_id) for one in meetings], about=member_id)
    found: dict[str, list[RecordedFact]] = {}
    for one in meetings:
        facts = streams.get(meeting_stream(one.meeting_id), [])
        if not any(fact.fact.kind is FactKind.MEETING_ENDED for fact in facts):
            facts = await uow.facts.of_stream(meeting_stream(one.meeting_id))
        found[one.meeting_id] = facts
    return found


def objections_until(meeting: Meeting, facts: Sequence[RecordedFact], rulebook: Rulebook) -> float | None:
    """End of the window for objections; None before the end. For a late entry it runs from the entry, when members could first see it."""
    if meeting.ended_at is None:
        return None
    entered = [fact.recorded_at for fact in facts if fact.fact.kind is FactKind.LATE_ENTRY]
    return max([meeting.ended_at, *entered]) + rulebook.objection_window_days * DAY_SECONDS


def check_fact(fact: Fact) -> None:
    """What the chain can hold: a short ASCII key, finite numbers, ids that fit their columns, a bounded body of JSON values."""
    ids = ((fact.stream, LONGEST_STREAM), (fact.author, LONGEST_ID), (fact.member_id or "-", LONGEST_ID))
    key_fits = fact.key.isascii() and fact.key.isprintable() and 0 < len(fact.key) <= LONGEST_KEY
    ids_fit = all(0 < len(value) <= most and value.isprintable() for value, most in ids)
    if not (key_fits and ids_fit and math.isfinite(fact.at)) or "\0" in (fact.reason or ""):
        raise FactMalformed(key=fact.key[:LONGEST_KEY])
    try:
        json.dumps(fact.body, allow_nan=False)
        size = len(canonical(fact, 1))
    except (TypeError, ValueError) as error:  # not JSON, or a number that JSON has no spelling for
        raise FactMalformed(key=fact.key) from error
    if size > LONGEST_BODY:
        raise FactMalformed(key=fact.key)


async def names_of(uow: UnitOfWork, account_ids: set[str]) -> dict[str, str]:
    """Account id → the member's name, or the user name where there is no member. Who is unknown (the server itself) is left out."""
    accounts = await uow.accounts.many(account_ids)
    members = await uow.members.many([account.member_id for account in accounts.values() if account.member_id])
    named = {key: members.get(account.member_id or "") for key, account in accounts.items()}
    return {key: member.name if member else accounts[key].username for key, member in named.items()}


async def log_look(uow: UnitOfWork, actor: Actor, action: str, meeting: Meeting, now: float) -> None:
    org = await uow.organisations.get(meeting.org_id)
    await uow.access_log.append([Access(now, actor.account_id, action, f"meeting:{meeting.meeting_id}", org.path if org else "")])


@dataclass(frozen=True, slots=True)
class _Papers:
    """Everything a sheet is made from, fetched in one transaction."""

    meeting: Meeting
    org: OrgUnit
    facts: list[RecordedFact]
    rows: list[Attendee]
    members: dict[str, Member]
    leaves: list[LeaveRequest]
    chair_name: str | None
    branch_names: dict[str, str]


async def _papers(uow: UnitOfWork, meeting: Meeting, facts: list[RecordedFact]) -> _Papers:
    if meeting.opened_at is None:
        raise MeetingNotOpen(state=meeting.state.value)
    rows = await attendees_of(uow, meeting)
    members = await uow.members.many([row.member_id for row in rows])
    units = await uow.organisations.many({meeting.org_id, *(one.home_branch_id for one in members.values())})
    return _Papers(
        meeting=meeting,
        org=units[meeting.org_id],
        facts=facts,
        rows=rows,
        members=members,
        leaves=await uow.attendance.leaves(meeting.meeting_id),
        chair_name=await _chair(uow, meeting),
        branch_names={org_id: unit.name for org_id, unit in units.items()},
    )


async def _measured(papers: _Papers, rulebook: Rulebook, now: float) -> AttendanceSheet:
    """Beside the event loop and outside any transaction: thousands of facts take a tenth of a second."""
    return await asyncio.to_thread(
        build_sheet,
        papers.meeting,
        papers.org.name,
        papers.rows,
        papers.members,
        papers.leaves,
        papers.facts,
        rulebook,
        present_share=papers.meeting.present_share,
        chair_name=papers.chair_name,
        branch_names=papers.branch_names,
        until=now if papers.meeting.state is MeetingState.OPEN else None,
    )


async def _chair(uow: UnitOfWork, meeting: Meeting) -> str | None:
    """Whoever was secretary on the day."""
    day = day_of(meeting.planned_start)
    posts = [post for post in await uow.posts.of_org(meeting.org_id) if post.kind is PostKind.SECRETARY and post.held_on(day)]
    member = await uow.members.get(posts[0].member_id) if posts else None
    return member.name if member else None
