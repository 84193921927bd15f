"""A branch at a glance, for the start page of those responsible for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from ..access import Action, Actor, reach_of
from ..model import BRANCH_KINDS, CHINA, ON_THE_ROLL, MeetingState, Member, OrgUnit, Stage, day_of
from ..ports import MeetingQuery, Reach, Store, UnitOfWork

MOST_BRANCHES = 50
MOST_MEETINGS = 200  # of one branch in a quarter


@dataclass(frozen=True, slots=True)
class BranchGlance:
    """`floating_here`: their home is elsewhere. Meetings of the quarter are those held or running."""

    org: OrgUnit
    member_count: int
    floating_away: int
    floating_here: int
    probationary: int
    meetings_this_quarter: int
    pending_leave_requests: int
    pending_objections: int


async def glances(store: Store, actor: Actor, now: float) -> list[BranchGlance]:
    """Of the branches whose members the actor may edit; the first fifty by code."""
    reach = reach_of(actor, Action.EDIT_MEMBER)
    async with store.reading() as uow:
        units = [unit for unit in await uow.organisations.all() if unit.kind in BRANCH_KINDS and unit.closed_at is None]
        own = [unit for unit in units if reach.everywhere or unit.org_id in reach.org_ids or unit.path.startswith(reach.paths)]
        return [await _glance(uow, unit, now) for unit in own[:MOST_BRANCHES]]


async def _glance(uow: UnitOfWork, org: OrgUnit, now: float) -> BranchGlance:
    here = Reach(paths=(org.path,))
    members = [member for member in await uow.members.within(here) if member.status in ON_THE_ROLL]
    guests: list[Member] = await uow.members.floating_at(here)
    quarter = MeetingQuery(here, frozenset({MeetingState.ENDED, MeetingState.OPEN}), since=quarter_start(now), page_size=1)
    _, held = await uow.meetings.search(quarter)
    recent, _ = await uow.meetings.search(MeetingQuery(here, newest_first=True, page_size=MOST_MEETINGS))
    leaves, objections = await uow.attendance.pending([meeting.meeting_id for meeting in recent])
    return BranchGlance(
        org=org,
        member_count=len(members),
        floating_away=sum(member.host_branch_id is not None for member in members),
        floating_here=len(guests),
        probationary=sum(member.stage is Stage.PROBATIONARY for member in members),
        meetings_this_quarter=held,
        pending_leave_requests=leaves,
        pending_objections=objections,
    )


def quarter_start(now: float) -> float:
    """The first instant, in China, of the quarter."""
    day = day_of(now)
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return datetime.combine(first, time(), CHINA).timestamp()
