"""Applying for a transfer: by the member, by the home branch, for a whole year of graduates, or with a letter from outside in hand.

Where to is checked here, since the rules do not know the tree: the committee and the branch exist, are open, belong together, have room.
An application has an id made of the caller's key, so that sending it twice is sending it once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date

from ..access import Action, Actor, member_for, member_target, organisation_for, require
from ..declining import accepted, refusal_of
from ..memberfile import How
from ..mobility import Newcomer, OrgRelationTransfer, Side, TransferDuty
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import ATTENDING, BRANCH_KINDS, ON_THE_ROLL, Access, OrgKind, OrgUnit, day_of
from ..ports import Reach, Store, UnitOfWork
from ..refusals import NameMissing, NotFound, NumberTaken, Refusal
from ..rules.arrival import receive_from_outside
from ..rules.declined import Declined, declined
from ..rules.transfer import TransferStepped, apply_for
from ..rules.transfersteps import Application, Arrival
from ..sealing import Sealer
from ..transferports import TransferLine
from .filing import Act, keep_graduation
from .newcomers import with_id_number
from .transferconsents import keep_consent
from .transfernews import news_of
from .transferviews import TransferCase, case_of, committee_of

MOST_IN_A_BATCH = 500


@dataclass(frozen=True, slots=True)
class Whither:
    """A committee of the installation, with a branch below it if one is wished for; or one outside, in words."""

    committee_id: str = ""
    branch_id: str | None = None
    outside: str = ""
    outside_branch: str = ""


@dataclass(frozen=True, slots=True)
class ApplyForTransfer:
    """`key`: the caller's own name for this application; the same key is the same application.

    `consent_version`: of the notice the member has read and consents to, in the own application. `duty`: of the home side's application,
    where the member is not asked.
    """

    member_id: str
    to: Whither
    reason: str
    key: str = ""
    consent_version: str | None = None
    duty: TransferDuty | None = None


@dataclass(frozen=True, slots=True)
class ApplyForMany:
    member_ids: tuple[str, ...]
    to: Whither
    reason: str
    key: str
    duty: TransferDuty | None = None
    graduated_on: date | None = None  # written on the file of each, from where the clock of graduates counts


@dataclass(frozen=True, slots=True)
class BatchLine:
    """`refusal` None: applied for, now or when the same batch was sent before."""

    member_id: str
    name: str
    transfer_id: str | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class TakeInLetter:
    """A letter from outside. Somebody who was here before is found by the number; else the record begins with the receipt.

    `id_number`: as it stands on the letter, if it does; it is checked and sealed before anything is written.
    """

    to_committee_id: str
    outside: str
    letter_number: str
    issued_on: date
    valid_days: int
    dues_paid_until: str
    reason: str
    newcomer: Newcomer
    outside_branch: str = ""
    id_number: str = ""


async def apply_for_transfer(
    store: Store, actor: Actor, command: ApplyForTransfer, now: float, rules: MobilityRules = DEFAULT
) -> TransferCase:
    async with store.writing() as uow:
        transfer = await _apply(uow, actor, command, now, rules)
        return await case_of(uow, actor, transfer, now, rules)


async def apply_for_many(store: Store, actor: Actor, command: ApplyForMany, now: float, rules: MobilityRules = DEFAULT) -> list[BatchLine]:
    """Each in a transaction of its own: the refused are named, the others done. Doing it again does only what was not done."""
    lines = []
    for member_id in dict.fromkeys(command.member_ids):
        one = ApplyForTransfer(member_id, command.to, command.reason, f"{command.key}:{member_id}", duty=command.duty)
        lines.append(await _line(store, actor, one, command.graduated_on, now, rules))
    return lines


async def _line(
    store: Store, actor: Actor, command: ApplyForTransfer, graduated_on: date | None, now: float, rules: MobilityRules
) -> BatchLine:
    name = ""
    try:
        async with store.writing() as uow:
            member = await member_for(uow, actor, command.member_id, Action.APPLY_FOR_TRANSFER)
            name = member.name
            transfer = await _apply(uow, actor, command, now, rules)
            if graduated_on is not None:
                require(actor, Action.EDIT_FILE, await member_target(uow, member))
                await keep_graduation(uow, Act(actor, now, How.BULK, command.reason), member, graduated_on)
        return BatchLine(command.member_id, name, transfer.transfer_id, None)
    except Refusal as refused:
        return BatchLine(command.member_id, name, None, refused)


async def take_in_letter(
    store: Store, actor: Actor, command: TakeInLetter, now: float, rules: MobilityRules = DEFAULT, sealer: Sealer | None = None
) -> TransferCase:
    """Refusals: the rules' own, NumberTaken, IdNumberDisagrees, IdNumberTaken."""
    async with store.writing() as uow:
        committee = await organisation_for(uow, actor, command.to_committee_id, Action.TAKE_IN_LETTER)
        if committee.kind is not OrgKind.COMMITTEE or committee.closed_at is not None:
            raise refusal_of(declined("committeeUnknown"))
        member_id = await _whose(uow, command.newcomer)
        newcomer = await with_id_number(uow, sealer, member_id, command.newcomer, command.id_number, committee, day_of(now))
        said = {name: getattr(command, name) for name in command.__dataclass_fields__ if name not in ("newcomer", "id_number")}
        arrival = Arrival(transfer_id=secrets.token_hex(12), member_id=member_id, newcomer=newcomer, **said)
        presented = await uow.transfers.numbers_from(command.outside.strip())
        before = await uow.transfers.of_member(member_id)
        found = accepted(receive_from_outside(arrival, before, presented, Side.HOST_COMMITTEE, now, rules))
        await uow.transfers.add(found.transfer, [TransferLine(found.change, actor.account_id)])
        await _log(uow, actor, "takeInLetter", found.transfer, committee.path, now)
        return await case_of(uow, actor, found.transfer, now, rules)


async def whither(uow: UnitOfWork, to: Whither, leaving: str, rules: MobilityRules) -> Whither | Declined:
    """The same destination made whole: the committee of a branch that is named alone."""
    if not (to.committee_id or to.branch_id):
        return to
    branch = await uow.organisations.get(to.branch_id) if to.branch_id else None
    if to.branch_id and (branch is None or branch.kind not in BRANCH_KINDS or branch.closed_at is not None):
        return declined("branchUnknown")
    committee = await uow.organisations.get(to.committee_id) if to.committee_id else None
    if branch is not None and not to.committee_id:
        committee = await committee_of(uow, branch)
    if committee is None or committee.closed_at is not None or not _transfers(committee, branch):
        return declined("committeeUnknown")
    if branch is not None and not branch.path.startswith(committee.path):
        return declined("branchElsewhere")
    if branch is not None and branch.org_id == leaving:
        return declined("sameBranch")
    if branch is not None and await members_of(uow, branch.org_id) >= rules.branch_full_at:
        return declined("branchFull", limit=rules.branch_full_at)
    return Whither(committee.org_id, to.branch_id)


async def members_of(uow: UnitOfWork, branch_id: str) -> int:
    """How many are on the roll of a branch."""
    found = await uow.members.within(Reach(org_ids=frozenset({branch_id})))
    return sum(one.status in ON_THE_ROLL for one in found)


def _transfers(committee: OrgUnit, branch: OrgUnit | None) -> bool:
    """A tree without a committee transfers by its top."""
    return committee.kind is OrgKind.COMMITTEE or (branch is not None and committee.parent_id is None)


def application_id(actor: Actor, key: str) -> str:
    return hashlib.sha256(f"{actor.account_id}\n{key}".encode()).hexdigest()[:24] if key else secrets.token_hex(12)


async def _apply(uow: UnitOfWork, actor: Actor, command: ApplyForTransfer, now: float, rules: MobilityRules) -> OrgRelationTransfer:
    member = await member_for(uow, actor, command.member_id, Action.APPLY_FOR_TRANSFER)
    transfer_id = application_id(actor, command.key)
    known = await uow.transfers.get(transfer_id)
    if known is not None and known.member_id == member.member_id:
        return known
    if member.status not in ATTENDING:
        raise refusal_of(declined("notOnTheRoll"))
    to = accepted(await whither(uow, command.to, member.home_branch_id, rules))
    leaving = await uow.organisations.get(member.home_branch_id)
    if leaving is None:
        raise NotFound(noun="organisation", id=member.home_branch_id)
    application = Application(
        transfer_id,
        member.member_id,
        leaving.org_id,
        (await committee_of(uow, leaving)).org_id,
        to.committee_id,
        command.reason,
        to.branch_id,
        to.outside,
        to.outside_branch,
        command.duty,
    )
    side = Side.MEMBER if member.member_id == actor.member_id else Side.HOME
    found: TransferStepped = accepted(apply_for(application, await uow.transfers.of_member(member.member_id), side, now))
    await uow.transfers.add(found.transfer, [TransferLine(found.change, actor.account_id)])
    if side is Side.MEMBER:
        await keep_consent(uow, found.transfer, command.consent_version, now)
    await uow.notifications.add(await news_of(uow, found, now, rules))
    await _log(uow, actor, "applyForTransfer", found.transfer, leaving.path, now)
    return found.transfer


async def _whose(uow: UnitOfWork, newcomer: Newcomer) -> str:
    """The member's id: of who was here before and left, or a new one."""
    if not (newcomer.name.strip() and newcomer.number.strip()):
        raise NameMissing
    member = (await uow.members.by_numbers([newcomer.number])).get(newcomer.number)
    if member is not None and member.status in ON_THE_ROLL:
        raise NumberTaken(number=member.number)
    return member.member_id if member else secrets.token_hex(8)


async def _log(uow: UnitOfWork, actor: Actor, action: str, transfer: OrgRelationTransfer, path: str, now: float) -> None:
    subject = f"member:{transfer.member_id}"
    await uow.access_log.append([Access(now, actor.account_id, action, subject, path, {"transferId": transfer.transfer_id})])
