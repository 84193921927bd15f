"""Who is on the list of a meeting, and in which capacity.

Until a meeting opens its list is worked out afresh from the organisation, so that who joins the branch today is expected tomorrow. When it
opens the list is frozen in the store. `standing_of` is the rule itself, for one person and without a store; the rest gathers what it needs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .model import ATTENDING, Attendee, Capacity, Meeting, MeetingForm, Member, MemberStatus, OrgKind, OrgUnit, PostKind, day_of
from .ports import Reach, UnitOfWork

COMMITTEE_POSTS = frozenset({PostKind.SECRETARY, PostKind.DEPUTY_SECRETARY, PostKind.COMMITTEE_MEMBER})
# Only these call the whole organisation together, and so whoever floats at it; the others are of a few.
NOT_WHOLE = frozenset({MeetingForm.BRANCH_COMMITTEE_MEETING, MeetingForm.PARTY_GROUP_MEETING, MeetingForm.HEART_TO_HEART_TALK})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may be on a list: where the person belongs (paths), whether on the organisation's committee, and an invitation if any."""

    member: Member
    home_path: str
    host_path: str | None = None
    on_committee: bool = False
    invited: Capacity | None = None


def standing_of(candidate: Candidate, meeting: Meeting, org: OrgUnit) -> Capacity | None:
    """None: not on the list. To be expected goes before an invitation; probationary members and exempt ones are expected like all.

    Who is on the way into the Party comes by invitation only and never in another capacity than a non-voting attendee's, at a talk too.
    """
    if candidate.member.status is MemberStatus.APPLYING:
        return None if candidate.invited is None else Capacity.OBSERVER
    if candidate.member.status not in ATTENDING:
        return None
    if _is_expected(candidate, meeting, org):
        return Capacity.EXPECTED
    if candidate.invited is not None:
        return candidate.invited
    if not meeting.all_host_members or meeting.form in NOT_WHOLE or org.kind is OrgKind.PARTY_GROUP:
        return None
    floats_here = candidate.host_path is not None and candidate.host_path.startswith(org.path)
    return Capacity.HOST_MEMBER if floats_here else None


def _is_expected(candidate: Candidate, meeting: Meeting, org: OrgUnit) -> bool:
    if meeting.form is MeetingForm.BRANCH_COMMITTEE_MEETING:
        return candidate.on_committee
    if meeting.form is MeetingForm.HEART_TO_HEART_TALK:
        return candidate.invited is Capacity.EXPECTED  # a talk expects those it names
    if org.kind is OrgKind.PARTY_GROUP:
        return candidate.member.group_id == org.org_id
    return candidate.home_path.startswith(org.path)


async def attendees_of(uow: UnitOfWork, meeting: Meeting) -> list[Attendee]:
    """The list by the members' numbers: frozen once the meeting was opened, worked out until then."""
    stored = await uow.attendance.attendees(meeting.meeting_id)
    if meeting.opened_at is not None:
        return stored
    return await worked_out(uow, meeting, stored)


async def attendees_of_all(uow: UnitOfWork, meetings: Collection[Meeting]) -> dict[str, list[Attendee]]:
    """The same of many, by meeting: those that were opened in one question."""
    stored = await uow.attendance.of_meetings([one.meeting_id for one in meetings])
    found = {one.meeting_id: stored.get(one.meeting_id, []) for one in meetings}
    return found | {one.meeting_id: await worked_out(uow, one, found[one.meeting_id]) for one in meetings if one.opened_at is None}


async def worked_out(uow: UnitOfWork, meeting: Meeting, invited: list[Attendee]) -> list[Attendee]:
    org = await uow.organisations.get(meeting.org_id)
    if org is None:
        return []
    rows: list[Attendee] = []
    for candidate in await _candidates(uow, meeting, org, invited):
        capacity = standing_of(candidate, meeting, org)
        if capacity is not None:
            exempt = candidate.member.exempt and capacity is Capacity.EXPECTED
            rows.append(Attendee(meeting.meeting_id, candidate.member.member_id, capacity, exempt))
    return rows


async def capacity_of(uow: UnitOfWork, meeting: Meeting, member: Member) -> Capacity | None:
    """The same answer as looking the member up in `attendees_of`, without gathering everybody else."""
    stored = {row.member_id: row.capacity for row in await uow.attendance.attendees(meeting.meeting_id)}
    if meeting.opened_at is not None:
        return stored.get(member.member_id)
    org = await uow.organisations.get(meeting.org_id)
    if org is None:
        return None
    committee = await _committee(uow, meeting)
    return standing_of(await _candidate(uow, member, committee, stored), meeting, org)


async def _candidates(uow: UnitOfWork, meeting: Meeting, org: OrgUnit, invited: list[Attendee]) -> list[Candidate]:
    capacities = {row.member_id: row.capacity for row in invited}
    committee = await _committee(uow, meeting)
    people = await uow.members.many(committee | capacities.keys())
    if meeting.form not in NOT_WHOLE and org.kind is not OrgKind.PARTY_GROUP:
        reach = Reach(paths=(org.path,))
        found = await uow.members.within(reach) + (await uow.members.floating_at(reach) if meeting.all_host_members else [])
        people |= {member.member_id: member for member in found}
    elif org.kind is OrgKind.PARTY_GROUP and meeting.form is not MeetingForm.HEART_TO_HEART_TALK:
        people |= {member.member_id: member for member in await uow.members.of_group(org.org_id)}
    named = {org_id for one in people.values() for org_id in (one.home_branch_id, one.host_branch_id) if org_id}
    paths = {org_id: unit.path for org_id, unit in (await uow.organisations.many(named)).items()}
    return [_place(member, paths, committee, capacities) for member in sorted(people.values(), key=lambda member: member.number)]


async def _candidate(uow: UnitOfWork, member: Member, committee: set[str], invited: dict[str, Capacity]) -> Candidate:
    paths: dict[str, str] = {}
    for org_id in filter(None, (member.home_branch_id, member.host_branch_id)):
        unit = await uow.organisations.get(org_id)
        if unit is not None:
            paths[org_id] = unit.path
    return _place(member, paths, committee, invited)


def _place(member: Member, paths: dict[str, str], committee: set[str], invited: dict[str, Capacity]) -> Candidate:
    host = paths.get(member.host_branch_id) if member.host_branch_id else None
    return Candidate(member, paths.get(member.home_branch_id, ""), host, member.member_id in committee, invited.get(member.member_id))


async def _committee(uow: UnitOfWork, meeting: Meeting) -> set[str]:
    """Who sits on the organisation's committee on the day of the meeting."""
    if meeting.form is not MeetingForm.BRANCH_COMMITTEE_MEETING:
        return set()
    day = day_of(meeting.planned_start)
    return {post.member_id for post in await uow.posts.of_org(meeting.org_id) if post.kind in COMMITTEE_POSTS and post.held_on(day)}
