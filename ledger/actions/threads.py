"""Between the secretaries of home and host: messages, tasks, and the evaluation fed back.

Nobody else reads the thread, the member included.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, Target, registration_for
from ..declining import refusal_of
from ..dualmanagement import EvaluationGrade, HostEvaluation, ThreadEntry, ThreadEntryKind
from ..kinds import floating as kinds
from ..mobility import FloatingRegistration, Side
from ..model import Stage, day_of
from ..ports import Store
from ..refusals import AlreadyDecided, NotFound, ReasonMissing
from ..rules.declined import declined
from .registrationsteps import note, sides_of, tell


@dataclass(frozen=True, slots=True)
class WriteMessage:
    """`due_on` makes a task of it, for the other side."""

    registration_id: str
    text: str
    due_on: date | None = None
    task: bool = False


@dataclass(frozen=True, slots=True)
class GiveEvaluation:
    registration_id: str
    year: int
    grade: EvaluationGrade
    remark: str = ""


async def write_message(store: Store, actor: Actor, command: WriteMessage, now: float) -> ThreadEntry:
    if not command.text.strip():
        raise ReasonMissing
    async with store.writing() as uow:
        registration, target = await registration_for(uow, actor, command.registration_id, Action.USE_THREAD, now)
        _still_open(registration)
        side = _side(actor, target)
        kind = ThreadEntryKind.TASK if command.task or command.due_on else ThreadEntryKind.MESSAGE
        entry = ThreadEntry(
            secrets.token_hex(8), registration.registration_id, kind, side, actor.account_id, command.text.strip(), now, command.due_on
        )
        await uow.threads.add(entry)
        await tell(uow, actor, registration, kinds.THREAD_MESSAGE, [_other(side)], now)
    return entry


async def finish_task(store: Store, actor: Actor, registration_id: str, entry_id: str, now: float) -> ThreadEntry:
    """By either side. Refusals: NotFound for a message and for what is not of this registration, AlreadyDecided."""
    async with store.writing() as uow:
        registration, target = await registration_for(uow, actor, registration_id, Action.USE_THREAD, now)
        entry = await uow.threads.get(entry_id)
        if entry is None or entry.registration_id != registration_id or entry.kind is not ThreadEntryKind.TASK:
            raise NotFound(noun="task", id=entry_id)
        if entry.done_at is not None:
            raise AlreadyDecided(decision="done")
        done = replace(entry, done_at=now, done_by=actor.account_id)
        await uow.threads.save(done)
        await tell(uow, actor, registration, kinds.THREAD_MESSAGE, [_other(_side(actor, target))], now)
    return done


async def give_evaluation(store: Store, actor: Actor, command: GiveEvaluation, now: float) -> HostEvaluation:
    """Once a year by each host, changed until the home branch has taken note. Probationary members are given no grade."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, command.registration_id, Action.EVALUATE_GUEST, now)
        _still_open(registration)
        if not registration.report.left_on.year <= command.year <= day_of(now).year:
            raise refusal_of(declined("dayOutOfOrder", day=str(command.year)))
        member = await uow.members.get(registration.member_id)
        probationary = member is not None and member.stage is Stage.PROBATIONARY
        host = registration.host_branch_id or registration.host_org_id or ""
        given = await uow.threads.evaluations(registration.registration_id)
        before = next((one for one in given if (one.org_id, one.year) == (host, command.year)), None)
        if before is not None and before.noted_at is not None:
            raise AlreadyDecided(decision="noted")
        evaluation = HostEvaluation(
            before.evaluation_id if before else secrets.token_hex(8),
            registration.registration_id,
            host,
            command.year,
            EvaluationGrade.UNGRADED if probationary else command.grade,
            command.remark.strip(),
            actor.account_id,
            now,
        )
        await uow.threads.evaluate(evaluation)
        await note(uow, actor, registration, "GiveEvaluation", Side.HOST, now, str(command.year))
        await tell(uow, actor, registration, kinds.EVALUATION_GIVEN, [Side.HOME], now)
    return evaluation


async def note_evaluation(store: Store, actor: Actor, registration_id: str, evaluation_id: str, now: float) -> HostEvaluation:
    """The home branch takes note; what becomes of it is for its own evaluation."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, registration_id, Action.MANAGE_REGISTRATION, now)
        given = await uow.threads.evaluations(registration_id)
        before = next((one for one in given if one.evaluation_id == evaluation_id), None)
        if before is None:
            raise NotFound(noun="evaluation", id=evaluation_id)
        if before.noted_at is not None:
            raise AlreadyDecided(decision="noted")
        noted = replace(before, noted_at=now, noted_by=actor.account_id)
        await uow.threads.evaluate(noted)
        await note(uow, actor, registration, "NoteEvaluation", Side.HOME, now, str(before.year))
    return noted


def _still_open(registration: FloatingRegistration) -> None:
    if not registration.is_open:
        raise refusal_of(declined("stepNotPossible", act="Write", state=registration.state.value))


def _side(actor: Actor, target: Target) -> Side:
    """Who acts for both sides writes for home."""
    played = [side for side in sides_of(actor, target) if side in (Side.HOME, Side.HOST)]
    return played[0] if played else Side.HOME


def _other(side: Side) -> Side:
    return Side.HOST if side is Side.HOME else Side.HOME
