"""Thought reports: written on, handed in, taken back while unread, read, returned for revision, answered.

A member's own ones are found by nobody else until they are handed in, and then by the secretary, the deputies and the liaison only: not by
administrators, not by auditors. What is open to be read is what was handed in, not what the member has written on since.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, Target, may, member_target, require
from ..attachments import Attachment
from ..kinds.reports import REPORT_ANSWERED, REPORT_HANDED_IN, REPORT_RETURNED
from ..model import REPORTING, Access, Member, day_of
from ..notifying import Kind
from ..ports import Store, UnitOfWork
from ..recipients import above_alone, acting_for
from ..refusals import Conflict, Invalid, NotFound, ReasonMissing, StaleRevision
from ..reports import WRITABLE, ReportState, ReportStep, ReportStepKind, ThoughtReport, handed_in
from .routing import publish

LONGEST_TITLE, LONGEST_TEXT = 120, 20_000


class ReportEmpty(Invalid):
    """Nothing is written in it yet."""

    code = "reportEmpty"


class ReportTooLong(Invalid):
    """params: limit, in characters."""

    code = "reportTooLong"


class ReportNotWritable(Conflict):
    """params: state. It has been handed in; what was handed in is not changed."""

    code = "reportNotWritable"


class ReportNotWaiting(Conflict):
    """params: state. Only a report that has been handed in can be returned or answered."""

    code = "reportNotWaiting"


class ReportAlreadyRead(Conflict):
    """It cannot be taken back any more."""

    code = "reportAlreadyRead"


@dataclass(frozen=True, slots=True)
class BeginReport:
    """`report_id` is made by the page, which may be offline for days: sent twice, it is begun once."""

    report_id: str
    period_end: date
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class SaveReport:
    """`revision` as the writer saw it."""

    report_id: str
    revision: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """`report` as the actor may see it: its title and text are the member's own, or those that were handed in."""

    report: ThoughtReport
    member: Member
    steps: list[ReportStep]
    attachments: list[Attachment]
    names: dict[str, str]
    mine: bool
    may_answer: bool


async def begin(store: Store, actor: Actor, command: BeginReport, now: float) -> ThoughtReport:
    title, text = _checked(command.title, command.text)
    async with store.writing() as uow:
        if actor.member is None or actor.member.status not in REPORTING:
            raise NotFound(noun="member", id=actor.member_id or "")
        before = await uow.reports.get(command.report_id)
        if before is not None and before.member_id == actor.member_id:
            return before
        report_id = command.report_id if before is None else secrets.token_hex(16)
        report = ThoughtReport(
            report_id, actor.member.member_id, command.period_end, ReportState.DRAFT, title, text, created_at=now, changed_at=now
        )
        await uow.reports.add(report)
    return report


async def save(store: Store, actor: Actor, command: SaveReport, now: float) -> ThoughtReport:
    """Refusals: StaleRevision (params: current), ReportNotWritable, ReportTooLong. Saving what is there already changes nothing."""
    title, text = _checked(command.title, command.text)
    async with store.writing() as uow:
        before = await _own(uow, actor, command.report_id)
        if before.state not in WRITABLE:
            raise ReportNotWritable(state=before.state.value)
        if (title, text) == (before.title, before.text):
            return before
        after = replace(before, title=title, text=text, changed_at=now, revision=command.revision + 1)
        await _keep(uow, after, command.revision)
    return after


async def hand_in(store: Store, actor: Actor, report_id: str, revision: int, now: float) -> ThoughtReport:
    async with store.writing() as uow:
        before = await _own(uow, actor, report_id)
        if before.state not in WRITABLE:
            raise ReportNotWritable(state=before.state.value)
        if not before.text.strip():
            raise ReportEmpty
        after = replace(before, state=ReportState.HANDED_IN, handed_in_at=now, read_at=None, changed_at=now, revision=revision + 1)
        await _keep(uow, after, revision)
        step = await _step(uow, actor, after, ReportStepKind.HANDED_IN, now)
        await _log(uow, actor, "handInReport", after, now)
        await _tell_readers(uow, after, step, now)
    return after


async def take_back(store: Store, actor: Actor, report_id: str, now: float) -> ThoughtReport:
    """Only as long as nobody has opened it."""
    async with store.writing() as uow:
        before = await _own(uow, actor, report_id)
        if before.state is not ReportState.HANDED_IN:
            raise ReportNotWaiting(state=before.state.value)
        if before.read_at is not None:
            raise ReportAlreadyRead
        await _step(uow, actor, before, ReportStepKind.TAKEN_BACK, now)
        earlier = handed_in(await uow.reports.steps(report_id))
        state, at = (ReportState.RETURNED, earlier.at) if earlier else (ReportState.DRAFT, None)
        after = replace(before, state=state, handed_in_at=at, changed_at=now, revision=before.revision + 1)
        await _keep(uow, after, before.revision)
        await _log(uow, actor, "takeBackReport", after, now)
    return after


async def discard(store: Store, actor: Actor, report_id: str, now: float) -> None:
    """A draft that was never handed in may be thrown away, with its files."""
    async with store.writing() as uow:
        before = await _own(uow, actor, report_id)
        if before.state is not ReportState.DRAFT or await uow.reports.steps(report_id):
            raise ReportNotWritable(state=before.state.value)
        await uow.attachments.remove([one.attachment_id for one in await uow.attachments.of_owner(f"report:{report_id}")])
        await uow.reports.remove(report_id)


async def give_back(store: Store, actor: Actor, report_id: str, reason: str, now: float) -> ThoughtReport:
    """For revision, with what to change."""
    return await _decided(store, actor, report_id, reason, now, ReportState.RETURNED, ReportStepKind.RETURNED, REPORT_RETURNED)


async def answer(store: Store, actor: Actor, report_id: str, text: str, now: float) -> ThoughtReport:
    return await _decided(store, actor, report_id, text, now, ReportState.ANSWERED, ReportStepKind.ANSWERED, REPORT_ANSWERED)


async def open_report(store: Store, actor: Actor, report_id: str, now: float) -> ReportView:
    """One report. A reader's first look is its being read, and is seen by the member; every look is logged."""
    async with store.writing() as uow:
        report = await report_for(uow, actor, report_id, Action.READ_REPORT)
        mine = report.member_id == actor.member_id
        if actor.member_id:
            await uow.notifications.mark_read_about(actor.member_id, f"report:{report_id}", now)
        if not mine:
            if report.state is ReportState.HANDED_IN and report.read_at is None:
                report = replace(report, read_at=now)
                await uow.reports.save(report, report.revision)
            await _log(uow, actor, "readReport", report, now)
        return await _view(uow, actor, report, mine)


async def report_for(uow: UnitOfWork, actor: Actor, report_id: str, action: Action) -> ThoughtReport:
    """The one way to a report on somebody's behalf. A draft, or one that was never handed in, is there for its member only."""
    report = await uow.reports.get(report_id)
    member = await uow.members.get(report.member_id) if report else None
    if report is None or member is None:
        raise NotFound(noun="report", id=report_id)
    target = await _target(uow, member)
    hidden = handed_in(await uow.reports.steps(report_id)) is None
    if not may(actor, Action.READ_REPORT, target) or (hidden and report.member_id != actor.member_id):
        raise NotFound(noun="report", id=report_id)
    require(actor, action, _not_oneself(target, actor) if action is Action.ANSWER_REPORT else target)
    return report


async def _target(uow: UnitOfWork, member: Member) -> Target:
    """The member, with those who keep in touch while the member is away; with a branch's only secretary does the organisation above."""
    away = (await uow.registrations.open_of([member.member_id])).get(member.member_id)
    held = await uow.contacts.liaisons([away.registration_id]) if away else []
    liaisons = [one.liaison_member_id for one in held if one.until is None] + await above_alone(uow, member)
    return replace(await member_target(uow, member), liaison_ids=tuple(liaisons))


def _not_oneself(target: Target, actor: Actor) -> Target:
    """Nobody answers the own report, not even a secretary."""
    return Target(path="") if target.member_id == actor.member_id else target


async def _own(uow: UnitOfWork, actor: Actor, report_id: str) -> ThoughtReport:
    return await report_for(uow, actor, report_id, Action.WRITE_REPORT)


async def _decided(
    store: Store, actor: Actor, report_id: str, note: str, now: float, state: ReportState, what: ReportStepKind, kind: Kind
) -> ThoughtReport:
    if len(note.strip()) < 2:
        raise ReasonMissing
    async with store.writing() as uow:
        before = await report_for(uow, actor, report_id, Action.ANSWER_REPORT)
        if before.state is not ReportState.HANDED_IN:
            raise ReportNotWaiting(state=before.state.value)
        after = replace(before, state=state, read_at=before.read_at or now, changed_at=now, revision=before.revision + 1)
        await _keep(uow, after, before.revision)
        step = await _step(uow, actor, after, what, now, note.strip())
        await _log(uow, actor, f"{what.value}Report", after, now)
        about = f"report:{report_id}"
        await uow.notifications.add([kind.to(after.member_id, about, now, f"{about}:{step.number}")])
    return after


def _checked(title: str, text: str) -> tuple[str, str]:
    if len(text) > LONGEST_TEXT or len(title) > LONGEST_TITLE:
        raise ReportTooLong(limit=LONGEST_TEXT if len(text) > LONGEST_TEXT else LONGEST_TITLE)
    return title.strip(), text


async def _keep(uow: UnitOfWork, report: ThoughtReport, seen_revision: int) -> None:
    if not await uow.reports.save(report, seen_revision):
        stored = await uow.reports.get(report.report_id)
        raise StaleRevision(current=stored.revision if stored else 0)


async def _step(uow: UnitOfWork, actor: Actor, report: ThoughtReport, kind: ReportStepKind, now: float, note: str = "") -> ReportStep:
    number = len(await uow.reports.steps(report.report_id)) + 1
    step = ReportStep(report.report_id, number, kind, now, actor.account_id, note)
    if kind is ReportStepKind.HANDED_IN:
        step = replace(step, title=report.title, text=report.text)
    await uow.reports.add_step(step)
    return step


async def _tell_readers(uow: UnitOfWork, report: ThoughtReport, step: ReportStep, now: float) -> None:
    member = await uow.members.get(report.member_id)
    if member is None:
        return
    people = [*await acting_for(uow, member.home_branch_id, now), *(await _target(uow, member)).liaison_ids]
    about = f"report:{report.report_id}"
    told = [one for one in dict.fromkeys(people) if one != member.member_id]
    data = {"reportId": report.report_id, "memberId": member.member_id, "periodEnd": report.period_end.isoformat()}
    await publish(uow, "report.handedIn.v1", member.home_branch_id, f"{about}:{step.number}", data, now)
    await uow.notifications.add([REPORT_HANDED_IN.to(one, about, now, f"{about}:{step.number}", name=member.name) for one in told])


async def _view(uow: UnitOfWork, actor: Actor, report: ThoughtReport, mine: bool) -> ReportView:
    member = (await uow.members.many([report.member_id]))[report.member_id]
    steps = await uow.reports.steps(report.report_id)
    if not mine:
        seen = handed_in(steps)
        report = replace(report, title=seen.title if seen else "", text=seen.text if seen else "")
    target = await _target(uow, member)
    may_answer = report.state is ReportState.HANDED_IN and may(actor, Action.ANSWER_REPORT, _not_oneself(target, actor))
    files = await uow.attachments.of_owner(f"report:{report.report_id}")
    if not mine:
        files = [one for one in files if report.handed_in_at is not None and one.added_at <= report.handed_in_at]
    return ReportView(report, member, steps, files, await names_of_accounts(uow, {step.account_id for step in steps}), mine, may_answer)


async def names_of_accounts(uow: UnitOfWork, account_ids: set[str]) -> dict[str, str]:
    accounts = await uow.accounts.many(account_ids)
    people = await uow.members.many({one.member_id for one in accounts.values() if one.member_id})
    return {key: people[one.member_id].name if one.member_id in people else one.username for key, one in accounts.items()}


async def _log(uow: UnitOfWork, actor: Actor, action: str, report: ThoughtReport, now: float) -> None:
    member = await uow.members.get(report.member_id)
    home = await uow.organisations.get(member.home_branch_id) if member else None
    line = Access(now, actor.account_id, action, f"member:{report.member_id}", home.path if home else "", {"day": str(day_of(now))})
    await uow.access_log.append([line])
