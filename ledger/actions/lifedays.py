"""Keeping the days on which members took part, from the sheets of ended meetings: one meeting once, and again when facts or rules change.

Clocks ask a hundred thousand members when each was last there; measuring that anew every night would read every fact ever written. What is
kept says from which fact and by which rules it was taken, and has no other standing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..attendees import attendees_of
from ..dualmanagement import LifeDay, Measured
from ..facts import FactKind, RecordedFact, meeting_stream
from ..model import Attendee, Capacity, LeaveRequest, Meeting, Member, day_of
from ..ports import Store, UnitOfWork
from ..rulebook import Rulebook
from ..rules.admission import a_member_at
from ..sheet import ATTENDED, build_sheet

AT_ONCE = 50  # meetings read and written in one go


@dataclass(frozen=True, slots=True)
class _Held:
    meeting: Meeting
    last_number: int
    facts: list[RecordedFact]
    rows: list[Attendee]
    members: dict[str, Member]
    leaves: list[LeaveRequest]
    not_yet: frozenset[str]  # who came before being a member


async def keep_life_days(store: Store, rulebook: Rulebook) -> int:
    """How many meetings were measured."""
    done = 0
    while True:
        async with store.reading() as uow:
            stale = await uow.clocks.unmeasured(rulebook.content_hash(), AT_ONCE)
            held = [await _held(uow, meeting_id, number) for meeting_id, number in stale]
        if not held:
            return done
        days = await asyncio.to_thread(lambda batch: [_days(one, rulebook) for one in batch], held)
        async with store.writing() as uow:
            for one, of_meeting in zip(held, days, strict=True):
                await uow.clocks.keep_days(Measured(one.meeting.meeting_id, one.last_number, rulebook.content_hash()), of_meeting)
        done += len(held)


async def _held(uow: UnitOfWork, meeting_id: str, number: int) -> _Held:
    meeting = await uow.meetings.get(meeting_id)
    assert meeting is not None
    rows = await attendees_of(uow, meeting)
    members = await uow.members.many([row.member_id for row in rows])
    facts = await uow.facts.of_stream(meeting_stream(meeting_id))
    leaves = await uow.attendance.leaves(meeting_id)
    return _Held(meeting, number, facts[:number], rows, members, leaves, await _not_yet(uow, meeting, rows, members))


async def _not_yet(uow: UnitOfWork, meeting: Meeting, rows: list[Attendee], members: dict[str, Member]) -> frozenset[str]:
    watching = [row.member_id for row in rows if row.capacity is Capacity.OBSERVER and row.member_id in members]
    relations = await uow.relations.of_members(watching) if watching else {}
    at = meeting.opened_at or meeting.planned_start
    return frozenset(one for one in watching if not a_member_at(members[one], relations.get(one, []), at))


def _days(held: _Held, rulebook: Rulebook) -> list[LifeDay]:
    """Which members came, in any capacity: an applicant's visit is no organisational life. Whom the secretary confirmed in the room was
    there; everybody else took part remotely."""
    meeting = held.meeting
    if meeting.opened_at is None:
        return []
    sheet = build_sheet(
        meeting,
        "",
        held.rows,
        held.members,
        held.leaves,
        held.facts,
        rulebook,
        present_share=meeting.present_share,
        chair_name=None,
        branch_names={},
        until=None,
    )
    confirmed = [one.fact for one in held.facts if one.fact.kind is FactKind.PRESENCE_CONFIRMED]
    in_room = {fact.member_id for fact in confirmed if fact.body.get("how") == "inRoom"}
    on = day_of(meeting.opened_at)
    present = [row for row in sheet.rows if row.grade in ATTENDED and row.member_id not in held.not_yet]
    return [LifeDay(meeting.meeting_id, row.member_id, meeting.org_id, on, row.member_id not in in_room) for row in present]
