"""Steps of a transfer: one way for all of them – who may, what the rules make of it, what follows, and who is told.

The revision the author saw comes along, so that of two at once the slower is told. With the receipt everything moves in the same
transaction (`transferreceipt`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..access import Action, Actor, may, sides_of, transfer_for, transfer_target
from ..declining import accepted, refusal_of
from ..mobility import ENDED_WITHOUT_MOVE, OrgRelationTransfer, Side
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import BRANCH_KINDS, Access, day_of
from ..ports import Store, UnitOfWork
from ..refusals import OwnCase
from ..rules.declined import declined
from ..rules.transfer import step_transfer, table_of
from ..rules.transferbasis import Basis
from ..rules.transfersteps import (
    AssignBranch,
    Destination,
    IssueLetter,
    RecordReceipt,
    Resubmit,
    SendReceipt,
    TransferStep,
)
from ..transferports import TransferLine
from .letters import fresh_code, next_number
from .newcomers import forgotten
from .transferapplying import Whither, members_of, whither
from .transferconsents import end_consent, keep_consent
from .transfernews import news_of
from .transferreceipt import carry_out
from .transferviews import TransferCase, case_of, committee_of

RECEIPTS = (SendReceipt, RecordReceipt)


@dataclass(frozen=True, slots=True)
class TakeStep:
    """`action`: the right that is needed. A letter without a number gets the next one; its code is made here."""

    transfer_id: str
    seen_revision: int
    step: TransferStep
    action: Action = Action.MOVE_TRANSFER


@dataclass(frozen=True, slots=True)
class Assign:
    """A branch by its id, for `AssignBranch`."""

    transfer_id: str
    seen_revision: int
    branch_id: str


@dataclass(frozen=True, slots=True)
class HandInAgain:
    """Changed as asked; `to` None: to where it was. `consent_version`: as for an application."""

    transfer_id: str
    seen_revision: int
    reason: str | None = None
    to: Whither | None = None
    consent_version: str | None = None


async def take_step(store: Store, actor: Actor, command: TakeStep, now: float, rules: MobilityRules = DEFAULT) -> TransferCase:
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, command.transfer_id, command.action)
        return await take(uow, actor, transfer, command.seen_revision, command.step, now, rules)


async def assign_branch(store: Store, actor: Actor, command: Assign, now: float, rules: MobilityRules = DEFAULT) -> TransferCase:
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, command.transfer_id, Action.RECEIVE_TRANSFER)
        step = AssignBranch(await _destination(uow, transfer, command.branch_id))
        return await take(uow, actor, transfer, command.seen_revision, step, now, rules)


async def hand_in_again(store: Store, actor: Actor, command: HandInAgain, now: float, rules: MobilityRules = DEFAULT) -> TransferCase:
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, command.transfer_id, Action.APPLY_FOR_TRANSFER)
        step = Resubmit(command.reason)
        if command.to is not None:
            to = accepted(await whither(uow, command.to, transfer.from_branch_id, rules))
            step = Resubmit(command.reason, to.committee_id, to.branch_id, to.outside)
        case = await take(uow, actor, transfer, command.seen_revision, step, now, rules)
        if (case.transfer.to_committee_id, case.transfer.outside) != (transfer.to_committee_id, transfer.outside):
            await end_consent(uow, transfer, now)
        if case.own and case.basis is Basis.MISSING:
            await keep_consent(uow, case.transfer, command.consent_version, now)
            case = await case_of(uow, actor, case.transfer, now, rules)
        return case


async def take(
    uow: UnitOfWork, actor: Actor, before: OrgRelationTransfer, seen: int, step: TransferStep, now: float, rules: MobilityRules
) -> TransferCase:
    """Inside a transaction."""
    side = await _side(uow, actor, before, step)
    used: Collection[str] = ()
    consents = await uow.sharing_consents.of_members([before.member_id])
    if isinstance(step, IssueLetter):
        step = replace(step, number=step.number.strip() or await next_number(uow, before, now), verification_code=fresh_code())
        used = await uow.transfers.numbers_of(before.from_committee_id)
    found = accepted(step_transfer(before, step, side, now, rules, used_numbers=used, consents=consents, seen_revision=seen))
    if isinstance(step, RECEIPTS):
        await carry_out(uow, actor, found.transfer, now, rules)
    if not found.transfer.is_open and found.transfer.newcomer is not None:
        found = replace(found, transfer=replace(found.transfer, newcomer=forgotten(found.transfer.newcomer)))
    await _keep(uow, before, found.transfer, TransferLine(found.change, actor.account_id))
    if found.transfer.state in ENDED_WITHOUT_MOVE:
        await end_consent(uow, found.transfer, now)
    await uow.notifications.add(await news_of(uow, found, now, rules))
    await log_step(uow, actor, found.change.step, found.transfer, now)
    return await case_of(uow, actor, found.transfer, now, rules)


async def _keep(uow: UnitOfWork, before: OrgRelationTransfer, after: OrgRelationTransfer, line: TransferLine) -> None:
    if not await uow.transfers.save(after, before.revision, line):
        raise refusal_of(declined("changedMeanwhile"))


async def _side(uow: UnitOfWork, actor: Actor, transfer: OrgRelationTransfer, step: TransferStep) -> Side:
    """In which part the actor takes it: the first that may. Where none may, any: the rules then say what is the matter."""
    target = await transfer_target(uow, transfer)
    able = table_of(transfer).get((type(step), transfer.state), frozenset())
    held = sides_of(actor, target)
    if (
        able
        and not able & held
        and actor.member_id == target.member_id
        and may(actor, Action.MOVE_TRANSFER, replace(target, member_id=None))
    ):
        raise OwnCase(action=type(step).__name__)
    return next(iter(sorted(able & held)), next(iter(sorted(held)), Side.MEMBER))


async def _destination(uow: UnitOfWork, transfer: OrgRelationTransfer, branch_id: str) -> Destination | None:
    """A branch anywhere below the receiving committee is its own, also below a committee in between."""
    units = await uow.organisations.many({branch_id, transfer.to_committee_id})
    branch, receiver = units.get(branch_id), units.get(transfer.to_committee_id)
    if branch is None or branch.kind not in BRANCH_KINDS:
        return None
    below = receiver is not None and branch.path.startswith(receiver.path)
    committee_id = transfer.to_committee_id if below else (await committee_of(uow, branch)).org_id
    return Destination(branch_id, committee_id, await members_of(uow, branch_id), branch.closed_at is not None)


async def log_step(uow: UnitOfWork, actor: Actor, step: str, transfer: OrgRelationTransfer, now: float) -> None:
    """Under the path of the branch left, or of the committee that receives from outside."""
    org = await uow.organisations.get(transfer.from_branch_id or transfer.to_committee_id)
    detail = {"transferId": transfer.transfer_id, "step": step, "state": transfer.state.value, "day": day_of(now).isoformat()}
    path = org.path if org else ""
    await uow.access_log.append([Access(now, actor.account_id, "moveTransfer", f"member:{transfer.member_id}", path, detail)])
