"""Work a branch assigns to a member: assigned by those responsible, answered by the member or for the member, given back, taken back.

A host assigns to members who float there, as the home branch does to its own; whose work it then is says `access.work_target`. Every step
is in the log of access under the member, with who and when; texts stay with the work itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..access import Action, Actor, Target, at_home, may, member_for, member_target, sees_work, work_for, work_target
from ..assignedwork import AssignedWork, WorkOutcome
from ..declining import accepted, refusal_of
from ..kinds.work import WORK_ANSWERED, WORK_ASSIGNED, WORK_GIVEN_BACK
from ..model import ATTENDING, Access, Member, OrgUnit, day_of
from ..notifying import Kind
from ..ports import Store, UnitOfWork
from ..recipients import acting_for
from ..refusals import ReasonMissing
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
    """What was ever assigned to one member and the reader sees, newest first. `names`: account id → who.

    The reader may assign more to the member; may answer and may give or take back those of these ids.
    """

    member: Member
    works: list[AssignedWork]
    orgs: dict[str, OrgUnit]
    names: dict[str, str]
    may_assign: bool
    may_answer: frozenset[str]
    may_keep: frozenset[str]


async def work_file(store: Store, actor: Actor, member_id: str, now: float) -> WorkFile:
    """Looking at somebody else's is logged, before anything is shown; one's own is on every start page and waits for no writer."""
    if member_id != actor.member_id:
        async with store.writing() as uow:
            await _log(uow, actor, await member_for(uow, actor, member_id, Action.SEE_WORK), "seeWork", now)
    async with store.reading() as uow:
        member = await member_for(uow, actor, member_id, Action.SEE_WORK)
        target = await member_target(uow, member)
        works = [one for one in await uow.works.of_member(member_id) if sees_work(actor, one, member, target)]
        authors = {one.assigned_by for one in works} | {one.answered_by for one in works if one.answered_by}
        return WorkFile(
            member,
            works,
            await uow.organisations.many({one.org_id for one in works}),
            await names_of(uow, authors),
            may(actor, Action.ASSIGN_WORK, target) and member.status in ATTENDING,
            _those(actor, Action.ANSWER_WORK, works, member, target),
            _those(actor, Action.ASSIGN_WORK, works, member, target),
        )


def _those(actor: Actor, action: Action, works: Sequence[AssignedWork], member: Member, target: Target) -> frozenset[str]:
    return frozenset(one.work_id for one in works if may(actor, action, work_target(one, member, target)))


async def assign_work(store: Store, actor: Actor, command: AssignWork, now: float) -> AssignedWork:
    return (await assign_works(store, actor, [command], now))[0]


async def assign_works(store: Store, actor: Actor, commands: Sequence[AssignWork], now: float) -> list[AssignedWork]:
    """All of it or nothing. Refusals: workTitleMissing, workDuePast, workNotAssignable (to who is no member who attends)."""
    async with store.writing() as uow:
        works = [await _assigned(uow, actor, command, now) for command in commands]
        await uow.works.add(works)
        for one in works:
            await _tell_member(uow, actor, WORK_ASSIGNED, one, now)
    return works


async def _assigned(uow: UnitOfWork, actor: Actor, command: AssignWork, now: float) -> AssignedWork:
    """Whoever may act for both branches of the member acts for the home branch."""
    member = await member_for(uow, actor, command.member_id, Action.ASSIGN_WORK)
    if member.status not in ATTENDING:
        raise refusal_of(declined("workNotAssignable"))
    if not command.title.strip():
        raise refusal_of(declined("workTitleMissing"))
    if wrong := wrong_due(command.due_on, day_of(now)):
        raise refusal_of(wrong)
    as_home = may(actor, Action.ASSIGN_WORK, at_home(await member_target(uow, member)))
    org_id = member.home_branch_id if as_home or member.host_branch_id is None else member.host_branch_id
    title, detail = command.title.strip(), command.detail.strip()
    work = AssignedWork(secrets.token_hex(12), member.member_id, org_id, title, command.due_on, now, actor.account_id, detail)
    await _log(uow, actor, member, "assignWork", now, work.work_id)
    return work


async def answer_work(store: Store, actor: Actor, work_id: str, answer: WorkAnswer, now: float) -> AssignedWork:
    """Done, or declined for a reason; by the member, or by the branch for the member. Refusals: NotFound, ReasonMissing, workAnswered,
    dayOutOfOrder."""
    async with store.writing() as uow:
        work, member = await work_for(uow, actor, work_id, Action.ANSWER_WORK)
        if answer.outcome is not WorkOutcome.DONE and not answer.reason.strip():
            raise ReasonMissing
        after = accepted(answered(work, answer, actor.account_id, now))
        await uow.works.save(after)
        await _log(uow, actor, member, "answerWork", now, work_id, answer.outcome.value)
        await _tell_branch(uow, actor, after, member, now)
    return after


async def give_work_back(store: Store, actor: Actor, work_id: str, reason: str, now: float) -> AssignedWork:
    """The branch does not leave it at the answer: the work is open again. Refusals: NotFound, ReasonMissing, workOpen."""
    async with store.writing() as uow:
        work, member = await work_for(uow, actor, work_id, Action.ASSIGN_WORK)
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
        work, member = await work_for(uow, actor, work_id, Action.ASSIGN_WORK)
        if not reason.strip():
            raise ReasonMissing
        after = accepted(answered(work, WorkAnswer(WorkOutcome.WITHDRAWN, reason), actor.account_id, now))
        await uow.works.save(after)
        await _log(uow, actor, member, "withdrawWork", now, work_id)
    return after


async def _log(uow: UnitOfWork, actor: Actor, member: Member, action: str, now: float, work_id: str = "", outcome: str = "") -> None:
    detail = {key: value for key, value in (("work", work_id), ("outcome", outcome)) if value}
    path = (await member_target(uow, member)).path
    await uow.access_log.append([Access(now, actor.account_id, action, f"member:{member.member_id}", path, detail)])


async def _tell_member(uow: UnitOfWork, actor: Actor, kind: Kind, work: AssignedWork, now: float) -> None:
    if work.member_id == actor.member_id:
        return
    named, key = await _naming(uow, work), f"{kind.code}:{work.work_id}:{now}"
    await uow.notifications.add([kind.to(work.member_id, f"member:{work.member_id}", now, key, org=named, day=work.due_on.isoformat())])


async def _tell_branch(uow: UnitOfWork, actor: Actor, work: AssignedWork, member: Member, now: float) -> None:
    """Those who act for the branch whose work it is now, but not whoever answered."""
    keeper = work.org_id if work.org_id == member.host_branch_id else member.home_branch_id
    named, key = await _naming(uow, work), f"{WORK_ANSWERED.code}:{work.work_id}:{now}"
    people = [one for one in await acting_for(uow, keeper, now) if one != actor.member_id]
    await uow.notifications.add([WORK_ANSWERED.to(one, f"member:{member.member_id}", now, key, org=named) for one in people])


async def _naming(uow: UnitOfWork, work: AssignedWork) -> str:
    org = await uow.organisations.get(work.org_id)
    return org.name if org else "–"
