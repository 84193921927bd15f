"""The record of a meeting: facts come in, the sheet and the own record come out.

Measuring is not done here: `ledger.sheet` and the rules do it from the facts. This file fetches what they need, for whom may see it, and
writes down who looked. Objections and corrections are in `corrections`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..access import Action, Actor, may, meeting_for, meeting_target
from ..attendees import attendees_of
from ..facts import Fact, RecordedFact, canonical, meeting_stream
from ..model import Access, Meeting, MeetingState, Objection, OrgUnit, PostKind, day_of
from ..ports import Store, UnitOfWork
from ..refusals import FactMalformed, MeetingNotOpen, NotExpected
from ..rulebook import Rulebook
from ..sheet import AttendanceSheet, SheetRow, build_sheet

DAY_SECONDS = 86_400.0
LONGEST_KEY = 200
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
    meeting: Meeting
    sheet: AttendanceSheet
    row: SheetRow
    objections_until: float | None


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
    async with store.writing() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.SEE_SHEET)
        if meeting.opened_at is None:
            raise MeetingNotOpen(state=meeting.state.value)
        org = await _org(uow, meeting)
        facts = await uow.facts.of_stream(meeting_stream(meeting_id))
        objections = await uow.attendance.objections(meeting_id)
        until = objections_until(meeting, facts, rulebook or Rulebook())
        sheet = await _sheet(uow, meeting, org, facts, rulebook or Rulebook(), now)
        names = await names_of(uow, {fact.fact.author for fact in facts} | {one.decided_by for one in objections if one.decided_by})
        await log_look(uow, actor, purpose, meeting, now)
        may_correct = may(actor, Action.CORRECT_SHEET, await meeting_target(uow, actor, meeting))
    return SheetForReader(meeting, org, sheet, objections, until, names, may_correct)


async def own_record(store: Store, actor: Actor, meeting_id: str, now: float, rulebook: Rulebook | None = None) -> OwnRecord:
    """The actor's own line, the facts behind it, and whether an objection may be raised."""
    async with store.reading() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.SEE_OWN_RECORD)
        if meeting.opened_at is None:
            raise MeetingNotOpen(state=meeting.state.value)
        org = await _org(uow, meeting)
        facts = await uow.facts.of_stream(meeting_stream(meeting_id))
        sheet = await _sheet(uow, meeting, org, facts, rulebook or Rulebook(), now)
        row = sheet.row_of(actor.member_id or "")
        if row is None:
            raise NotExpected(memberId=actor.member_id)
        own = [one for one in await uow.attendance.objections(meeting_id) if one.member_id == actor.member_id]
        about = [fact for fact in facts if fact.fact.member_id in (None, actor.member_id)]
        until = objections_until(meeting, facts, rulebook or Rulebook())
        authors = {fact.fact.author for fact in about} | {one.decided_by for one in own if one.decided_by}
        names = await names_of(uow, authors)
    open_one = any(one.decided_at is None for one in own)
    in_time = until is not None and now <= until
    return OwnRecord(meeting, org, sheet, row, about, own[-1] if own else None, until, in_time and not open_one, names)


async def recent_records(store: Store, actor: Actor, now: float, limit: int = 10, rulebook: Rulebook | None = None) -> list[RecentRecord]:
    """The actor's own lines of the latest ended meetings, newest first."""
    rulebook = rulebook or Rulebook()
    async with store.reading() as uow:
        listed = await uow.meetings.listing(actor.member_id) if actor.member_id else []
        ended = [meeting for meeting in listed if meeting.state is MeetingState.ENDED][:limit]
        return [record for record in [await _recent(uow, actor, meeting, rulebook, now) for meeting in ended] if record]


def objections_until(meeting: Meeting, facts: Sequence[RecordedFact], rulebook: Rulebook) -> float | None:
    """End of the window for objections; None before the end. For a late entry it runs from the entry, when members could first see it."""
    if meeting.ended_at is None:
        return None
    entered = [fact.recorded_at for fact in facts if fact.fact.kind.value == "lateEntry"]
    return max([meeting.ended_at, *entered]) + rulebook.objection_window_days * DAY_SECONDS


def check_fact(fact: Fact) -> None:
    """What the chain can hold: a short ASCII key, finite numbers, a bounded body of JSON values."""
    if not (fact.key.isascii() and fact.key.isprintable() and 0 < len(fact.key) <= LONGEST_KEY and fact.stream and math.isfinite(fact.at)):
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


async def _recent(uow: UnitOfWork, actor: Actor, meeting: Meeting, rulebook: Rulebook, now: float) -> RecentRecord | None:
    facts = await uow.facts.of_stream(meeting_stream(meeting.meeting_id))
    sheet = await _sheet(uow, meeting, await _org(uow, meeting), facts, rulebook, now)
    row = sheet.row_of(actor.member_id or "")
    return RecentRecord(meeting, sheet, row, objections_until(meeting, facts, rulebook)) if row else None


async def _sheet(
    uow: UnitOfWork, meeting: Meeting, org: OrgUnit, facts: list[RecordedFact], rulebook: Rulebook, now: float
) -> AttendanceSheet:
    rows = await attendees_of(uow, meeting)
    return build_sheet(
        meeting,
        org.name,
        rows,
        await uow.members.many([row.member_id for row in rows]),
        await uow.attendance.leaves(meeting.meeting_id),
        facts,
        rulebook,
        present_share=meeting.present_share,
        chair_name=await _chair(uow, meeting),
        branch_names={unit.org_id: unit.name for unit in await uow.organisations.all()},
        until=now if meeting.state is MeetingState.OPEN else None,
    )


async def _chair(uow: UnitOfWork, meeting: Meeting) -> str | None:
    """Whoever was secretary on the day."""
    day = day_of(meeting.planned_start)
    posts = [post for post in await uow.posts.of_org(meeting.org_id) if post.kind is PostKind.SECRETARY and post.held_on(day)]
    member = await uow.members.get(posts[0].member_id) if posts else None
    return member.name if member else None


async def _org(uow: UnitOfWork, meeting: Meeting) -> OrgUnit:
    org = await uow.organisations.get(meeting.org_id)
    assert org is not None, "a foreign key holds it"
    return org
