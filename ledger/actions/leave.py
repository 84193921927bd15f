"""Leave: asked for in writing before the meeting, decided by the secretary."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from ..access import Action, Actor, meeting_for
from ..facts import Fact, FactKind, meeting_stream
from ..kinds.meetings import LEAVE_ASKED, LEAVE_DECIDED
from ..model import Access, Decision, LeaveRequest, Meeting, MeetingState
from ..ports import Store, UnitOfWork
from ..recipients import acting_for
from ..refusals import AlreadyDecided, LeaveTooLate, NotExpected, NotFound, OwnCase, ReasonMissing
from .meetingnews import naming


@dataclass(frozen=True, slots=True)
class AskLeave:
    meeting_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecideLeave:
    meeting_id: str
    member_id: str
    approved: bool
    answer: str = ""


async def ask_leave(store: Store, actor: Actor, command: AskLeave, now: float) -> LeaveRequest:
    """Asking again before a decision replaces the reason. Refusals: LeaveTooLate (opened, ended, cancelled), AlreadyDecided."""
    if not command.reason.strip():
        raise ReasonMissing
    async with store.writing() as uow:
        meeting = await meeting_for(uow, actor, command.meeting_id, Action.SEE_OWN_RECORD)
        if actor.member_id is None:
            raise NotExpected(memberId=None)
        if meeting.state is not MeetingState.SCHEDULED:
            raise LeaveTooLate
        before = await _leave(uow, command.meeting_id, actor.member_id)
        if before and before.decision is not Decision.PENDING:
            raise AlreadyDecided(decision=before.decision.value)
        leave = LeaveRequest(command.meeting_id, actor.member_id, command.reason.strip(), now)
        await uow.attendance.save_leave(leave)
        await _log(uow, actor, "askLeave", meeting, actor.member_id, now)
        await _tell_secretaries(uow, meeting, leave, now)
    return leave


async def decide_leave(store: Store, actor: Actor, command: DecideLeave, now: float) -> LeaveRequest:
    """Once. Decided only after the meeting opened, it is also a fact, so that the record shows when it was changed and by whom."""
    async with store.writing() as uow:
        meeting = await meeting_for(uow, actor, command.meeting_id, Action.DECIDE_LEAVE)
        if command.member_id == actor.member_id:
            raise OwnCase(action=Action.DECIDE_LEAVE.value)
        before = await _leave(uow, command.meeting_id, command.member_id)
        if before is None:
            raise NotFound(noun="leave", id=command.member_id)
        if before.decision is not Decision.PENDING:
            raise AlreadyDecided(decision=before.decision.value)
        decision = Decision.APPROVED if command.approved else Decision.REJECTED
        after = replace(before, decision=decision, decided_by=actor.account_id, decided_at=now, answer=command.answer.strip() or None)
        await uow.attendance.save_leave(after)
        if meeting.opened_at is not None:
            await uow.facts.append([_fact(actor, after, now)], now)
        await _log(uow, actor, "decideLeave", meeting, command.member_id, now)
        await _tell_member(uow, meeting, after, now)
    return after


async def _tell_secretaries(uow: UnitOfWork, meeting: Meeting, leave: LeaveRequest, now: float) -> None:
    """Asking again is told again."""
    key = f"leaveAsked:{meeting.meeting_id}:{leave.member_id}:{leave.requested_at}"
    named = await naming(uow, meeting)
    people = [one for one in await acting_for(uow, meeting.org_id, now) if one != leave.member_id]
    await uow.notifications.add([LEAVE_ASKED.to(one, f"meeting:{meeting.meeting_id}", now, key, **named) for one in people])


async def _tell_member(uow: UnitOfWork, meeting: Meeting, leave: LeaveRequest, now: float) -> None:
    key, named = f"leaveDecided:{meeting.meeting_id}", await naming(uow, meeting)
    await uow.notifications.add([LEAVE_DECIDED.to(leave.member_id, f"meeting:{meeting.meeting_id}", now, key, **named)])


def _fact(actor: Actor, leave: LeaveRequest, now: float) -> Fact:
    body = {"field": "excused", "value": leave.decision is Decision.APPROVED}
    reason = leave.answer or leave.reason
    stream = meeting_stream(leave.meeting_id)
    key = f"{stream}:leave:{leave.member_id}:{secrets.token_hex(4)}"
    return Fact(key, stream, FactKind.ATTENDANCE_CORRECTED, now, leave.member_id, body, actor.account_id, reason)


async def _leave(uow: UnitOfWork, meeting_id: str, member_id: str) -> LeaveRequest | None:
    return next((one for one in await uow.attendance.leaves(meeting_id) if one.member_id == member_id), None)


async def _log(uow: UnitOfWork, actor: Actor, action: str, meeting: Meeting, member_id: str, now: float) -> None:
    org = await uow.organisations.get(meeting.org_id)
    detail = {"memberId": member_id}
    await uow.access_log.append([Access(now, actor.account_id, action, f"meeting:{meeting.meeting_id}", org.path if org else "", detail)])
