"""After the measuring: a member objects, the secretary decides, corrects, or vouches for presence. All of it is new facts; none is edited.

Nobody decides, corrects or vouches in one's own case: a deputy or the organisation's administrator does it.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, replace
from typing import Any

from ..access import Action, Actor, meeting_for
from ..attendees import attendees_of
from ..facts import Fact, FactKind, RecordedFact, meeting_stream
from ..model import Decision, Meeting, MeetingState, Objection
from ..ports import Store, UnitOfWork
from ..refusals import (
    AlreadyDecided,
    CorrectionMalformed,
    MeetingNotEnded,
    MeetingNotOpen,
    NotExpected,
    NotFound,
    ObjectionOpen,
    ObjectionWindowClosed,
    OwnCase,
    ReasonMissing,
    StretchOutsideSession,
)
from ..rulebook import Rulebook
from ..rules.corrections import is_valid_correction
from .attendance import log_look, objections_until

HOW_CONFIRMED = frozenset({"telephone", "sharedDevice", "inRoom"})


@dataclass(frozen=True, slots=True)
class RaiseObjection:
    meeting_id: str
    text: str


@dataclass(frozen=True, slots=True)
class DecideObjection:
    meeting_id: str
    objection_id: str
    accepted: bool
    answer: str


@dataclass(frozen=True, slots=True)
class Correct:
    """`field` and `value` as `rules.corrections` reads them; value None goes back to what was measured."""

    meeting_id: str
    member_id: str
    field: str
    value: Any
    reason: str
    objection_id: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmPresence:
    """`how`: telephone | sharedDevice | inRoom. Epoch seconds."""

    meeting_id: str
    member_id: str
    start: float
    end: float
    how: str
    reason: str = ""


async def raise_objection(store: Store, actor: Actor, command: RaiseObjection, now: float, rulebook: Rulebook | None = None) -> Objection:
    """Within the window after the end, one open at a time. Refusals: MeetingNotEnded, ObjectionWindowClosed, ObjectionOpen."""
    text = _given(command.text)
    async with store.writing() as uow:
        meeting = await meeting_for(uow, actor, command.meeting_id, Action.SEE_OWN_RECORD)
        if meeting.state is not MeetingState.ENDED or actor.member_id is None:
            raise MeetingNotEnded(state=meeting.state.value)
        facts = await uow.facts.of_stream(meeting_stream(meeting.meeting_id))
        until = objections_until(meeting, facts, rulebook or Rulebook())
        if until is None or now > until:
            raise ObjectionWindowClosed(until=until)
        for other in await uow.attendance.objections(meeting.meeting_id):
            if other.member_id == actor.member_id and other.decision is Decision.PENDING:
                raise ObjectionOpen(objectionId=other.objection_id)
        objection = Objection(secrets.token_hex(8), meeting.meeting_id, actor.member_id, text, now)
        await uow.attendance.save_objection(objection)
        body = {"objectionId": objection.objection_id, "text": text}
        await _record(uow, actor, meeting, FactKind.OBJECTION_RAISED, f"{objection.objection_id}:raised", actor.member_id, body, None, now)
        await log_look(uow, actor, "raiseObjection", meeting, now)
    return objection


async def decide_objection(store: Store, actor: Actor, command: DecideObjection, now: float) -> Objection:
    """Deciding changes no number by itself: an accepted objection is followed by a correction that names it."""
    answer = _given(command.answer)
    async with store.writing() as uow:
        meeting = await meeting_for(uow, actor, command.meeting_id, Action.CORRECT_SHEET)
        before = await _objection(uow, meeting.meeting_id, command.objection_id)
        _refuse_own_case(actor, before.member_id)
        if before.decision is not Decision.PENDING:
            raise AlreadyDecided(decision=before.decision.value)
        decision = Decision.APPROVED if command.accepted else Decision.REJECTED
        after = replace(before, decision=decision, decided_by=actor.account_id, decided_at=now, answer=answer)
        await uow.attendance.save_objection(after)
        body = {"objectionId": before.objection_id, "accepted": command.accepted, "answer": answer}
        key = f"{before.objection_id}:decided"
        await _record(uow, actor, meeting, FactKind.OBJECTION_DECIDED, key, before.member_id, body, answer, now)
        await log_look(uow, actor, "decideObjection", meeting, now)
    return after


async def correct(store: Store, actor: Actor, command: Correct, now: float) -> RecordedFact:
    """A new fact beside what was measured, with author and reason."""
    reason = _given(command.reason)
    if not is_valid_correction(command.field, command.value):
        raise CorrectionMalformed(field=command.field)
    async with store.writing() as uow:
        meeting = await _held(uow, actor, command.meeting_id, command.member_id)
        body: dict[str, Any] = {"field": command.field, "value": command.value}
        if command.objection_id is not None:
            objection = await _objection(uow, meeting.meeting_id, command.objection_id)
            if objection.member_id != command.member_id:
                raise NotFound(noun="objection", id=command.objection_id)
            body["objectionId"] = objection.objection_id
        key = f"correction:{secrets.token_hex(8)}"
        fact = await _record(uow, actor, meeting, FactKind.ATTENDANCE_CORRECTED, key, command.member_id, body, reason, now)
        await log_look(uow, actor, "correctAttendance", meeting, now)
    return fact


async def confirm_presence(store: Store, actor: Actor, command: ConfirmPresence, now: float) -> RecordedFact:
    """The stretch must lie within the session, up to a second on either side."""
    async with store.writing() as uow:
        meeting = await _held(uow, actor, command.meeting_id, command.member_id)
        start, end = meeting.opened_at or 0.0, now if meeting.ended_at is None else meeting.ended_at
        finite = math.isfinite(command.start) and math.isfinite(command.end)
        if not finite or command.how not in HOW_CONFIRMED or not start - 1 <= command.start < command.end <= end + 1:
            raise StretchOutsideSession(start=start, end=end)
        body = {"start": command.start, "end": command.end, "how": command.how}
        key = f"confirmation:{secrets.token_hex(8)}"
        reason = command.reason.strip() or None
        fact = await _record(uow, actor, meeting, FactKind.PRESENCE_CONFIRMED, key, command.member_id, body, reason, now)
        await log_look(uow, actor, "confirmPresence", meeting, now)
    return fact


async def _held(uow: UnitOfWork, actor: Actor, meeting_id: str, member_id: str) -> Meeting:
    """A meeting that was opened, with the member on its list, which the actor may correct."""
    meeting = await meeting_for(uow, actor, meeting_id, Action.CORRECT_SHEET)
    _refuse_own_case(actor, member_id)
    if meeting.opened_at is None:
        raise MeetingNotOpen(state=meeting.state.value)
    if member_id not in {row.member_id for row in await attendees_of(uow, meeting)}:
        raise NotExpected(memberId=member_id)
    return meeting


def _refuse_own_case(actor: Actor, member_id: str) -> None:
    if member_id == actor.member_id:
        raise OwnCase(action=Action.CORRECT_SHEET.value)


def _given(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()


async def _objection(uow: UnitOfWork, meeting_id: str, objection_id: str) -> Objection:
    for objection in await uow.attendance.objections(meeting_id):
        if objection.objection_id == objection_id:
            return objection
    raise NotFound(noun="objection", id=objection_id)


async def _record(
    uow: UnitOfWork,
    actor: Actor,
    meeting: Meeting,
    kind: FactKind,
    key: str,
    member_id: str,
    body: dict[str, Any],
    reason: str | None,
    now: float,
) -> RecordedFact:
    stream = meeting_stream(meeting.meeting_id)
    fact = Fact(f"{stream}:{key}", stream, kind, now, member_id, body, actor.account_id, reason)
    return (await uow.facts.append([fact], now))[0]
