"""Work a branch assigns to a member: assigned by those responsible, answered by the member or for the member, given back, taken back.

Every step is in the log of access under the member, with who and when; texts stay with the work itself.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from ..access import Action, Actor, may, member_for, member_target
from ..assignedwork import AssignedWork, WorkOutcome
from ..declining import accepted, refusal_of
from ..kinds.work import WORK_ANSWERED, WORK_ASSIGNED, WORK_GIVEN_BACK
from ..model import ATTENDING, Access, Member, OrgUnit, day_of
from ..notifying import Kind
from ..ports import Store, UnitOfWork
from ..recipients import acting_for
from ..refusals import NotFound, ReasonMissing
from ..rules.declined import declined
from ..rules.work import WorkAnswer, answered, given_back, wrong_due
from .attendance import names_of


@dataclass(frozen=True, slots=True)
class AssignWork:
    member_id: str
    title: str
    due_on: date
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WorkFile:
    """All that was ever assigned to one member, newest first. `names`: account id → who; `may_answer`, `may_assign`: the reader."""

    member: Member
    works: list[AssignedWork]
    orgs: dict[str, OrgUnit]
    names: dict[str, str]
    may_assign: bool
    may_answer: bool


async def work_file(store: Store, actor: Actor, member_id: str, now: float) -> WorkFile:
    """Looking at somebody else's is logged, before anything is shown; one's own is on every start page and waits for no writer."""
    if member_id != actor.member_id:
        async with store.writing() as uow:
            await _log(uow, actor, await member_for(uow, actor, member_id, Action.SEE_WORK), "seeWork", now)
    async with store.reading() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_WORK)
        target = await member_target(uow, member)
        works = await uow.works.of_member(member_id)
        authors = {one.assigned_by for one in works} | {one.answered_by for one in works if one.answered_by}
        return WorkFile(
            member,
            works,
            await uow.organisations.many({one.org_id for one in works}),
            await names_of(uow, authors),
            may(actor, Action.ASSIGN_WORK, target) and member.status in ATTENDING,
            may(actor, Action.ANSWER_WORK, target),
        )


async def assign_work(store: Store, actor: Actor, command: AssignWork, now: float) -> AssignedWork:
    """Refusals: workTitleMissing, workDuePast, workNotAssignable (to who is no member who attends)."""
    async with store.writing() as uow:
        member = await member_for(uow, actor, command.member_id, Action.ASSIGN_WORK)
        if member.status not in ATTENDING:
            raise refusal_of(declined("workNotAssignable"))
        if not command.title.strip():
            raise refusal_of(declined("workTitleMissing"))
        if wrong := wrong_due(command.due_on, day_of(now)):
            raise refusal_of(wrong)
        work = AssignedWork(
            secrets.token_hex(12),
            member.member_id,
            member.home_branch_id,
            command.title.strip(),
            command.due_on,
            now,
            actor.account_id,
            command.detail.strip(),
        )
        await uow.works.add(work)
        await _log(uow, actor, member, "assignWork", now, work.work_id)
        await _tell_member(uow, actor, WORK_ASSIGNED, work, now)
    return work


async def answer_work(store: Store, actor: Actor, work_id: str, answer: WorkAnswer, now: float) -> AssignedWork:
    """Done, or declined for a reason; by the member, or by the branch for the member. Refusals: NotFound, ReasonMissing, workAnswered,
    dayOutOfOrder."""
    async with store.writing() as uow:
        work, member = await _work(uow, actor, work_id, Action.ANSWER_WORK)
        if answer.outcome is not WorkOutcome.DONE and not answer.reason.strip():
            raise ReasonMissing
        after = accepted(answered(work, answer, actor.account_id, now))
        await uow.works.save(after)
        await _log(uow, actor, member, "answerWork", now, work_id, answer.outcome.value)
        await _tell_branch(uow, actor, after, now)
    return after


async def give_work_back(store: Store, actor: Actor, work_id: str, reason: str, now: float) -> AssignedWork:
    """The branch does not leave it at the answer: the work is open again. Refusals: NotFound, ReasonMissing, workOpen."""
    async with store.writing() as uow:
        work, member = await _work(uow, actor, work_id, Action.ASSIGN_WORK)
        if not reason.strip():
            raise ReasonMissing
        after = accepted(given_back(work, reason, actor.account_id, now))
        await uow.works.save(after)
        await _log(uow, actor, member, "giveWorkBack", now, work_id)
        await _tell_member(uow, actor, WORK_GIVEN_BACK, after, now)
    return after


async def withdraw_work(store: Store, actor: Actor, work_id: str, reason: str, now: float) -> AssignedWork:
    """Taken back by the branch while it is open. Refusals: NotFound, ReasonMissing, workAnswered."""
    async with store.writing() as uow:
        work, member = await _work(uow, actor, work_id, Action.ASSIGN_WORK)
        if not reason.strip():
            raise ReasonMissing
        after = accepted(answered(work, WorkAnswer(WorkOutcome.WITHDRAWN, reason), actor.account_id, now))
        await uow.works.save(after)
        await _log(uow, actor, member, "withdrawWork", now, work_id)
    return after


async def _work(uow: UnitOfWork, actor: Actor, work_id: str, action: Action) -> tuple[AssignedWork, Member]:
    work = await uow.works.get(work_id)
    if work is None:
        raise NotFound(noun="work", id=work_id)
    return work, await member_for(uow, actor, work.member_id, action)


async def _log(uow: UnitOfWork, actor: Actor, member: Member, action: str, now: float, work_id: str = "", outcome: str = "") -> None:
    detail = {key: value for key, value in (("work", work_id), ("outcome", outcome)) if value}
    path = (await member_target(uow, member)).path
    await uow.access_log.append([Access(now, actor.account_id, action, f"member:{member.member_id}", path, detail)])


async def _tell_member(uow: UnitOfWork, actor: Actor, kind: Kind, work: AssignedWork, now: float) -> None:
    if work.member_id == actor.member_id:
        return
    named, key = await _naming(uow, work), f"{kind.code}:{work.work_id}:{now}"
    await uow.notifications.add([kind.to(work.member_id, f"member:{work.member_id}", now, key, org=named, day=work.due_on.isoformat())])


async def _tell_branch(uow: UnitOfWork, actor: Actor, work: AssignedWork, now: float) -> None:
    """Those who act for the branch where the member is now, but not whoever answered."""
    member = await uow.members.get(work.member_id)
    home = await uow.organisations.get(member.home_branch_id) if member else None
    if member is None or home is None:
        return
    about, key = f"member:{member.member_id}", f"{WORK_ANSWERED.code}:{work.work_id}:{now}"
    people = [one for one in await acting_for(uow, home.org_id, now) if one != actor.member_id]
    await uow.notifications.add([WORK_ANSWERED.to(one, about, now, key, org=home.name) for one in people])


async def _naming(uow: UnitOfWork, work: AssignedWork) -> str:
    org = await uow.organisations.get(work.org_id)
    return org.name if org else "–"
