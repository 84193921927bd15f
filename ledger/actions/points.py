"""Points, where the home branch has turned them on: derived from the record each time, visible to the member and the own branch only."""

from __future__ import annotations

from dataclasses import dataclass

from ..access import Action, Actor, member_for
from ..facts import RecordedFact
from ..model import Access, Attendee, Capacity, Meeting, MeetingState, Member, day_of
from ..ports import Store, UnitOfWork
from ..rulebook import Rulebook
from ..rules.admission import a_member_at
from ..rules.attendance import measure
from ..rules.intervals import Interval
from ..rules.points import AttendedMeeting, PointEntry, point_entries, total_of
from .attendance import own_facts


@dataclass(frozen=True, slots=True)
class PointsOfYear:
    """`enabled` False: the home branch has not turned points on, and nothing was computed."""

    enabled: bool
    year: int
    total: float
    entries: tuple[PointEntry, ...]


async def points_of(store: Store, actor: Actor, member_id: str, year: int, now: float, rulebook: Rulebook | None = None) -> PointsOfYear:
    rulebook = rulebook or Rulebook()
    async with store.writing() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_POINTS)
        home = await uow.organisations.get(member.home_branch_id)
        if home is None or not home.points_enabled:
            return PointsOfYear(False, year, 0.0, ())
        if member_id != actor.member_id:
            await uow.access_log.append([Access(now, actor.account_id, "seePoints", f"member:{member_id}", home.path)])
        attended = await _attended(uow, member, year, rulebook)
    entries = point_entries(attended, rulebook)
    return PointsOfYear(True, year, total_of(entries, member_id, year, rulebook), entries)


async def _attended(uow: UnitOfWork, member: Member, year: int, rulebook: Rulebook) -> list[AttendedMeeting]:
    listed = await uow.meetings.listing(member.member_id)
    ended = [one for one in listed if one.state is MeetingState.ENDED and day_of(one.opened_at or one.planned_start).year == year]
    relations = await uow.relations.of_member(member.member_id)
    before = {one.meeting_id for one in ended if not a_member_at(member, relations, one.opened_at or one.planned_start)}
    facts = await own_facts(uow, ended, member.member_id)
    found: list[AttendedMeeting] = []
    for meeting in ended:
        own = [row for row in await uow.attendance.attendees(meeting.meeting_id) if row.member_id == member.member_id]
        if meeting.meeting_id in before and any(row.capacity is Capacity.OBSERVER for row in own):
            continue  # asked in before admission
        found.append(await _one(uow, meeting, member, own, facts[meeting.meeting_id], rulebook))
    return found


async def _one(
    uow: UnitOfWork, meeting: Meeting, member: Member, own: list[Attendee], facts: list[RecordedFact], rulebook: Rulebook
) -> AttendedMeeting:
    leaves = [one for one in await uow.attendance.leaves(meeting.meeting_id) if one.member_id == member.member_id]
    start, end = meeting.opened_at or meeting.planned_start, meeting.ended_at or meeting.planned_end
    found, _ = measure(facts, rulebook, own, leaves, registered=Interval(start, end), present_share=meeting.present_share)
    keys = tuple(fact.fact.key for fact in facts if fact.fact.member_id == member.member_id)
    return AttendedMeeting(meeting.meeting_id, meeting.title, meeting.form, start, found.members[member.member_id], keys)
