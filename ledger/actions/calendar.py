"""Which meetings there are for somebody: the own ones next first, those of a branch, one in full, and the right to enter one."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from ..access import Action, Actor, Target, may, meeting_for, organisation_for, reach_of
from ..attendees import attendees_of, attendees_of_all, worked_out
from ..model import Attendee, Capacity, LeaveRequest, Meeting, MeetingForm, MeetingState, Member, OrgUnit
from ..ports import MeetingQuery, Reach, Store, UnitOfWork
from ..refusals import NotFound

COMING = frozenset({MeetingState.SCHEDULED, MeetingState.OPEN})
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting as the actor may see it in a list. `capacity` None: not on the list (somebody responsible, looking)."""

    meeting: Meeting
    org: OrgUnit
    capacity: Capacity | None
    leave: LeaveRequest | None  # the actor's own
    expected_count: int
    may_manage: bool
    may_moderate: bool
    may_join: bool
    may_decide_leave: bool
    may_see_sheet: bool


@dataclass(frozen=True, slots=True)
class MeetingPage:
    lines: list[MeetingLine]
    total: int


@dataclass(frozen=True, slots=True)
class AttendeeLine:
    """`leave` only for the member and those who decide it; `branch` is the home branch."""

    member: Member
    branch: OrgUnit
    capacity: Capacity
    exempt: bool
    leave: LeaveRequest | None


@dataclass(frozen=True, slots=True)
class MeetingDetail:
    line: MeetingLine
    attendees: list[AttendeeLine]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a room has to know of one who may enter. `capacity` None: a moderator who is not on the list."""

    meeting: Meeting
    member: Member
    capacity: Capacity | None
    may_moderate: bool


@dataclass(frozen=True, slots=True)
class ListMeetings:
    """Of an organisation and all below, or of everything within reach. Pages count from 1."""

    org_id: str | None = None
    states: frozenset[MeetingState] = frozenset(MeetingState)
    since: float | None = None
    until: float | None = None
    newest_first: bool = False
    page: int = 1
    page_size: int = 50
    form: MeetingForm | None = None


async def my_meetings(store: Store, actor: Actor, now: float) -> list[MeetingLine]:
    """Open ones first, then those to come, for which the actor stands on the list or moderates."""
    async with store.reading() as uow:
        candidates = MeetingQuery(Reach(org_ids=_own_places(actor)), COMING, page_size=MOST_LINES)
        found, _ = await uow.meetings.search(candidates)
        invited = await uow.meetings.listing(actor.member_id) if actor.member_id else []
        meetings = {one.meeting_id: one for one in [*found, *invited] if one.state in COMING}
        lines = await lines_of(uow, actor, meetings.values())
    own = [line for line in lines if line.capacity or line.may_moderate]
    return sorted(own, key=lambda line: (line.meeting.state is not MeetingState.OPEN, line.meeting.planned_start))


async def list_meetings(store: Store, actor: Actor, command: ListMeetings) -> MeetingPage:
    """What the actor is responsible for or audits. A member without such duties sees the own meetings by `my_meetings` and `attended`."""
    async with store.reading() as uow:
        reach = reach_of(actor, Action.SEE_MEETING)
        within = await organisation_for(uow, actor, command.org_id, Action.SEE_ORGANISATION) if command.org_id else None
        size = min(max(1, command.page_size), MOST_LINES)
        query = MeetingQuery(
            reach, command.states, command.since, command.until, command.newest_first, max(1, command.page), size, within, command.form
        )
        found, total = await uow.meetings.search(query)
        return MeetingPage(await lines_of(uow, actor, found), total)


async def attended(store: Store, actor: Actor, page: int = 1, page_size: int = 20) -> MeetingPage:
    """The actor's own ended and running meetings, newest first."""
    async with store.reading() as uow:
        listed = await uow.meetings.listing(actor.member_id) if actor.member_id else []
        held = [meeting for meeting in listed if meeting.opened_at is not None]
        start = (max(1, page) - 1) * page_size
        return MeetingPage(await lines_of(uow, actor, held[start : start + page_size]), len(held))


async def meeting_detail(store: Store, actor: Actor, meeting_id: str) -> MeetingDetail:
    async with store.reading() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.SEE_MEETING)
        line = (await lines_of(uow, actor, [meeting]))[0]
        leaves = {leave.member_id: leave for leave in await uow.attendance.leaves(meeting_id)}
        shown = leaves if line.may_decide_leave else {actor.member_id: line.leave}
        rows = await attendees_of(uow, meeting)
        return MeetingDetail(line, await _attendee_lines(uow, rows, {key: leave for key, leave in shown.items() if key and leave}))


async def meeting_by_invite(store: Store, actor: Actor, token: str) -> MeetingLine:
    """The link only finds the meeting; who follows it needs the right to see it all the same."""
    async with store.reading() as uow:
        meeting = await uow.meetings.by_invite(token) if token else None
        if meeting is None:
            raise NotFound(noun="meeting", id="")
        return (await lines_of(uow, actor, [await meeting_for(uow, actor, meeting.meeting_id, Action.SEE_MEETING)]))[0]


async def entry_of(store: Store, actor: Actor, meeting_id: str) -> Entry:
    """Whether the actor may enter the room. Refusals: NotFound (not on the list, not responsible), Forbidden (sees it only)."""
    async with store.reading() as uow:
        meeting = await meeting_for(uow, actor, meeting_id, Action.JOIN_MEETING)
        if actor.member is None:
            raise NotFound(noun="member", id="")
        line = (await lines_of(uow, actor, [meeting]))[0]
        return Entry(meeting, actor.member, line.capacity, line.may_moderate)


async def expected_preview(store: Store, actor: Actor, org_id: str, form: MeetingForm, now: float) -> list[AttendeeLine]:
    """Who would be on the list of such a meeting, if it were now."""
    async with store.reading() as uow:
        org = await organisation_for(uow, actor, org_id, Action.MANAGE_MEETING)
        meeting = Meeting(secrets.token_hex(8), org.org_id, form, "", now, now, MeetingState.SCHEDULED, actor.account_id)
        return await _attendee_lines(uow, await worked_out(uow, meeting, []), {})


async def lines_of(uow: UnitOfWork, actor: Actor, meetings: Collection[Meeting]) -> list[MeetingLine]:
    units = await uow.organisations.many({one.org_id for one in meetings})
    lists = await attendees_of_all(uow, meetings)
    return [await _line(uow, actor, one, units[one.org_id], lists[one.meeting_id]) for one in meetings if one.org_id in units]


async def _line(uow: UnitOfWork, actor: Actor, meeting: Meeting, org: OrgUnit, rows: list[Attendee]) -> MeetingLine:
    capacity = next((row.capacity for row in rows if row.member_id == actor.member_id), None)
    target = Target(path=org.path, kind=org.kind, listed=capacity is not None)
    leaves = await uow.attendance.leaves(meeting.meeting_id) if capacity else []
    enterable = meeting.state in COMING and actor.member is not None
    return MeetingLine(
        meeting=meeting,
        org=org,
        capacity=capacity,
        leave=next((leave for leave in leaves if leave.member_id == actor.member_id), None),
        expected_count=sum(row.capacity is Capacity.EXPECTED for row in rows),
        may_manage=may(actor, Action.MANAGE_MEETING, target),
        may_moderate=may(actor, Action.MODERATE_MEETING, target),
        may_join=enterable and may(actor, Action.JOIN_MEETING, target),
        may_decide_leave=may(actor, Action.DECIDE_LEAVE, target),
        may_see_sheet=meeting.opened_at is not None and may(actor, Action.SEE_SHEET, target),
    )


async def _attendee_lines(uow: UnitOfWork, rows: list[Attendee], leaves: dict[str, LeaveRequest]) -> list[AttendeeLine]:
    members = await uow.members.many([row.member_id for row in rows])
    units = await uow.organisations.many({one.home_branch_id for one in members.values()})
    known = [(row, members[row.member_id]) for row in rows if row.member_id in members]
    return [
        AttendeeLine(member, units[member.home_branch_id], row.capacity, row.exempt, leaves.get(row.member_id)) for row, member in known
    ]


def _own_places(actor: Actor) -> frozenset[str]:
    """Every organisation whose meetings may have the actor on their list or in their chair: those of one's posts, the own branches and
    all above them. Party groups come with the branch above them."""
    member = actor.member
    branches = (member.home_branch_id, member.host_branch_id) if member else ()
    above = {org_id for branch_id in branches if branch_id for org_id in actor.paths.get(branch_id, "").split("/") if org_id}
    return frozenset(above | {post.org_id for post in actor.posts})
