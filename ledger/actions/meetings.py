"""Meetings: schedule, change, cancel, open, end. Lists for people are in `calendar`, leave in `leave`, the record in `attendance`.

`mark_opened` and `mark_ended` change the meeting itself and freeze its list. What was measured comes as facts on its own way, through the
outbox, and may arrive later.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..access import Action, Actor, may, meeting_for, member_target, organisation_for
from ..attendees import attendees_of
from ..facts import Fact, FactKind, meeting_stream
from ..model import (
    ATTENDING,
    Access,
    Attendee,
    Capacity,
    Meeting,
    MeetingForm,
    MeetingState,
    Member,
    MemberStatus,
    OrgKind,
    OrgUnit,
)
from ..ports import Store, UnitOfWork
from ..refusals import (
    FormNotHere,
    MeetingNotOpen,
    MeetingNotScheduled,
    MeetingTooLong,
    NotFound,
    NotYetHeld,
    OrganisationClosed,
    ReasonMissing,
    StaleRevision,
    StartInThePast,
    TimesOutOfOrder,
    TitleMissing,
)
from .keep import KEEP, Keep, changed_fields
from .meetingnews import tell_cancelled, tell_moved, tell_scheduled

LONGEST_HOURS = 24
START_GRACE_SECONDS = 15 * 60.0  # "now" typed into a form is a little in the past by the time it is sent
# A Party group has no members' meeting and no committee of its own.
NOT_IN_A_GROUP = frozenset({MeetingForm.BRANCH_GENERAL_MEETING, MeetingForm.BRANCH_COMMITTEE_MEETING, MeetingForm.DEMOCRATIC_EVALUATION})


@dataclass(frozen=True, slots=True)
class ScheduleMeeting:
    """`host_member_ids` None: whoever floats at the organisation. `observer_ids` of a heart-to-heart talk are the members who are expected;
    an applicant among them comes as a non-voting attendee all the same.

    `late_entry`: the meeting was already held; it is recorded as ended, and marked.
    """

    org_id: str
    form: MeetingForm
    title: str
    planned_start: float
    planned_end: float
    agenda: str = ""
    lobby: bool | None = None
    observer_ids: Sequence[str] = ()
    host_member_ids: Sequence[str] | None = None
    late_entry: bool = False


@dataclass(frozen=True, slots=True)
class ChangeMeeting:
    """Only what is given changes; `revision` as the editor saw it."""

    meeting_id: str
    revision: int
    title: str | Keep = KEEP
    planned_start: float | Keep = KEEP
    planned_end: float | Keep = KEEP
    agenda: str | Keep = KEEP
    lobby: bool | Keep = KEEP
    observer_ids: Sequence[str] | Keep = KEEP
    host_member_ids: Sequence[str] | Keep | None = KEEP


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    meeting_id: str
    reason: str


async def schedule_meeting(store: Store, actor: Actor, command: ScheduleMeeting, now: float) -> Meeting:
    async with store.writing() as uow:
        org = await organisation_for(uow, actor, command.org_id, Action.MANAGE_MEETING)
        if org.closed_at is not None:
            raise OrganisationClosed(orgId=org.org_id)
        meeting = _new_meeting(actor, org, command)
        _check_form(meeting.form, org)
        _check_times(meeting, now)
        await uow.meetings.add(meeting)
        await _invite(uow, actor, meeting, command.observer_ids, command.host_member_ids)
        if meeting.late_entry:
            meeting = await _enter_late(uow, actor, meeting, org, now)
        await _log(uow, actor, "scheduleMeeting", meeting, org, now)
        await tell_scheduled(uow, actor, meeting, now)
    return meeting


async def change_meeting(store: Store, actor: Actor, command: ChangeMeeting, now: float) -> Meeting:
    """Refusals: MeetingNotScheduled, StaleRevision and those of scheduling."""
    changes = dict(changed_fields(command, frozenset({"meeting_id", "revision", "observer_ids", "host_member_ids"})))
    async with store.writing() as uow:
        before, org = await _scheduled(uow, actor, command.meeting_id)
        after = replace(before, revision=command.revision + 1, **changes)
        after = replace(after, title=_titled(after.title))
        if command.host_member_ids is not KEEP:
            after = replace(after, all_host_members=command.host_member_ids is None)
        if (after.planned_start, after.planned_end) != (before.planned_start, before.planned_end):
            _check_times(after, now)
        await _save(uow, after, command.revision)
        await _reinvite(uow, actor, after, command)
        await _log(uow, actor, "changeMeeting", after, org, now)
        await tell_moved(uow, actor, before, after, now)
    return after


async def cancel_meeting(store: Store, actor: Actor, command: CancelMeeting, now: float) -> Meeting:
    if not command.reason.strip():
        raise ReasonMissing
    async with store.writing() as uow:
        before, org = await _scheduled(uow, actor, command.meeting_id)
        after = replace(before, state=MeetingState.CANCELLED, cancel_reason=command.reason.strip(), revision=before.revision + 1)
        await _save(uow, after, before.revision)
        await _log(uow, actor, "cancelMeeting", after, org, now)
        await tell_cancelled(uow, actor, after, now)
    return after


async def mark_opened(store: Store, actor: Actor, meeting_id: str, now: float) -> Meeting:
    """Opens the meeting at `now` and freezes its list. Opening an open meeting changes nothing; an ended one cannot be opened again."""
    async with store.writing() as uow:
        before = await meeting_for(uow, actor, meeting_id, Action.MODERATE_MEETING)
        if before.state is MeetingState.OPEN:
            return before
        if before.state is not MeetingState.SCHEDULED:
            raise MeetingNotScheduled(state=before.state.value)
        rows = await attendees_of(uow, before)
        org = await uow.organisations.get(before.org_id)
        after = replace(before, state=MeetingState.OPEN, opened_at=now, present_share=org.present_share if org else None)
        await _save(uow, after, before.revision)
        await uow.attendance.set_attendees(meeting_id, rows)
        await _log(uow, actor, "openMeeting", after, org, now)
    return after


async def mark_ended(store: Store, actor: Actor, meeting_id: str, now: float) -> Meeting:
    """Ends the meeting at `now`; ending an ended meeting changes nothing.

    With `access.OPERATOR` as the actor this is also how a server closes what a crash left open.
    """
    async with store.writing() as uow:
        before = await meeting_for(uow, actor, meeting_id, Action.MODERATE_MEETING)
        if before.state is MeetingState.ENDED:
            return before
        if before.state is not MeetingState.OPEN:
            raise MeetingNotOpen(state=before.state.value)
        after = replace(before, state=MeetingState.ENDED, ended_at=max(now, before.opened_at or now))
        await _save(uow, after, before.revision)
        await _log(uow, actor, "endMeeting", after, await uow.organisations.get(after.org_id), now)
    return after


def _new_meeting(actor: Actor, org: OrgUnit, command: ScheduleMeeting) -> Meeting:
    return Meeting(
        meeting_id=secrets.token_hex(8),
        org_id=org.org_id,
        form=command.form,
        title=_titled(command.title),
        planned_start=command.planned_start,
        planned_end=command.planned_end,
        state=MeetingState.ENDED if command.late_entry else MeetingState.SCHEDULED,
        created_by=actor.account_id,
        agenda=command.agenda.strip(),
        lobby=org.lobby_default if command.lobby is None else command.lobby,
        invite_token=secrets.token_urlsafe(16),
        late_entry=command.late_entry,
        all_host_members=command.host_member_ids is None,
    )


async def _enter_late(uow: UnitOfWork, actor: Actor, meeting: Meeting, org: OrgUnit, now: float) -> Meeting:
    rows = await attendees_of(uow, meeting)
    held = replace(meeting, opened_at=meeting.planned_start, ended_at=meeting.planned_end, present_share=org.present_share)
    await _save(uow, held, meeting.revision)
    await uow.attendance.set_attendees(meeting.meeting_id, rows)
    stream = meeting_stream(meeting.meeting_id)
    fact = Fact(f"{stream}:lateEntry", stream, FactKind.LATE_ENTRY, now, body={"note": ""}, author=actor.account_id)
    await uow.facts.append([fact], now)
    return held


def _titled(title: str) -> str:
    if not title.strip():
        raise TitleMissing
    return title.strip()


def _check_form(form: MeetingForm, org: OrgUnit) -> None:
    in_group = org.kind is OrgKind.PARTY_GROUP
    if (in_group and form in NOT_IN_A_GROUP) or (not in_group and form is MeetingForm.PARTY_GROUP_MEETING):
        raise FormNotHere(form=form.value, orgKind=org.kind.value)


def _check_times(meeting: Meeting, now: float) -> None:
    if meeting.planned_end <= meeting.planned_start:
        raise TimesOutOfOrder
    if meeting.planned_end - meeting.planned_start > LONGEST_HOURS * 3600:
        raise MeetingTooLong(hours=LONGEST_HOURS)
    if meeting.late_entry and meeting.planned_end > now:
        raise NotYetHeld
    if not meeting.late_entry and meeting.planned_start < now - START_GRACE_SECONDS:
        raise StartInThePast


async def _scheduled(uow: UnitOfWork, actor: Actor, meeting_id: str) -> tuple[Meeting, OrgUnit | None]:
    meeting = await meeting_for(uow, actor, meeting_id, Action.MANAGE_MEETING)
    if meeting.state is not MeetingState.SCHEDULED:
        raise MeetingNotScheduled(state=meeting.state.value)
    return meeting, await uow.organisations.get(meeting.org_id)


async def _save(uow: UnitOfWork, meeting: Meeting, seen_revision: int) -> None:
    if not await uow.meetings.save(meeting, seen_revision):
        stored = await uow.meetings.get(meeting.meeting_id)
        raise StaleRevision(current=stored.revision if stored else 0)


async def _invite(uow: UnitOfWork, actor: Actor, meeting: Meeting, observer_ids: Sequence[str], host_ids: Sequence[str] | None) -> None:
    """Keep who is invited by name; everybody else on the list follows from the organisation."""
    by_name = Capacity.EXPECTED if meeting.form is MeetingForm.HEART_TO_HEART_TALK else Capacity.OBSERVER
    invited = dict.fromkeys(observer_ids, by_name) | dict.fromkeys(host_ids or (), Capacity.HOST_MEMBER)
    known = await uow.members.many(invited.keys())
    for member_id in invited:
        if member_id not in known or not await _invitable(uow, actor, known[member_id], invited[member_id]):
            raise NotFound(noun="member", id=member_id)
    rows = [Attendee(meeting.meeting_id, member_id, capacity) for member_id, capacity in invited.items()]
    await uow.attendance.set_attendees(meeting.meeting_id, rows)


async def _invitable(uow: UnitOfWork, actor: Actor, member: Member, capacity: Capacity) -> bool:
    """Who is on the way into the Party is asked in by those who look after that person, and floats nowhere."""
    if member.status is not MemberStatus.APPLYING:
        return member.status in ATTENDING
    return capacity is not Capacity.HOST_MEMBER and may(actor, Action.SEE_MEMBER, await member_target(uow, member))


async def _reinvite(uow: UnitOfWork, actor: Actor, meeting: Meeting, command: ChangeMeeting) -> None:
    if command.observer_ids is KEEP and command.host_member_ids is KEEP:
        return
    stored = await uow.attendance.attendees(meeting.meeting_id)
    observers: Sequence[str] = [row.member_id for row in stored if row.capacity is not Capacity.HOST_MEMBER]
    hosts: Sequence[str] | None = [row.member_id for row in stored if row.capacity is Capacity.HOST_MEMBER]
    if not isinstance(command.observer_ids, Keep):
        observers = command.observer_ids
    if not isinstance(command.host_member_ids, Keep):
        hosts = command.host_member_ids
    await _invite(uow, actor, meeting, observers, hosts)


async def _log(uow: UnitOfWork, actor: Actor, action: str, meeting: Meeting, org: OrgUnit | None, now: float) -> None:
    line = Access(now, actor.account_id, action, f"meeting:{meeting.meeting_id}", org.path if org else "")
    await uow.access_log.append([line])
