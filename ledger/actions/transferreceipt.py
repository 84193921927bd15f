"""What the receipt carries out, in the transaction in which it is recorded: all of it or nothing.

The relation moves, and with it the home branch of the record, the posts and the Party group left behind, the open floating registration.
Who comes from outside gets a record; who leaves the installation leaves its roll. The list of a meeting that is running stays as it was.
"""

from __future__ import annotations

from dataclasses import replace

from ..access import Actor
from ..declining import accepted, refusal_of
from ..dualmanagement import RegistrationLine
from ..memberfile import How
from ..mobility import FloatingRegistration, Newcomer, OrgRelationTransfer
from ..mobilityrules import MobilityRules
from ..model import ON_THE_ROLL, Access, Member, MemberStatus, OrgUnit, Stage
from ..ports import UnitOfWork
from ..refusals import OrganisationClosed
from ..rules.declined import declined
from ..rules.floating import RegistrationStep
from ..rules.relations import first_relation, settle
from .filing import Act, record, record_member
from .members import settle as settle_posts
from .newcomers import begin_file
from .relationkeeping import close_out


async def carry_out(uow: UnitOfWork, actor: Actor, transfer: OrgRelationTransfer, now: float, rules: MobilityRules) -> None:
    """`transfer` as it is with its receipt. Refusals: the rules' own, OrganisationClosed, changedMeanwhile if the record is elsewhere."""
    member = await uow.members.get(transfer.member_id)
    entered = await uow.organisations.get(transfer.to_branch_id) if transfer.to_branch_id else None
    if entered is not None and entered.closed_at is not None:
        raise OrganisationClosed(orgId=entered.org_id)
    registration = (await uow.registrations.open_of([transfer.member_id])).get(transfer.member_id)
    relations = tuple(await uow.relations.of_member(transfer.member_id))
    if not relations and not transfer.from_outside:  # a record from before relations were kept
        relations = first_relation(transfer.member_id, transfer.from_branch_id, 0.0)
    settled = accepted(settle(transfer, relations, registration, rules))
    if member is None or member.status not in ON_THE_ROLL:
        after = await _welcome(uow, transfer, member, entered)
    else:
        after = await _move(uow, transfer, member, now)
    await uow.relations.put(transfer.member_id, settled.relations)
    if settled.registration is not None and registration is not None:
        await _close(uow, actor, registration, settled.registration, now)
    left = await uow.organisations.get(transfer.from_branch_id) if transfer.from_branch_id else None
    act = Act(actor, now, How.TRANSFER, transfer.receipt.letter_number if transfer.receipt else None)
    await record_member(uow, act, member, after)
    if transfer.from_outside:
        await record(uow, act, after, entered.path if entered else "", await begin_file(uow, after, transfer.newcomer))
    detail = {"transferId": transfer.transfer_id, "from": transfer.from_branch_id, "to": transfer.to_branch_id or ""}
    paths = dict.fromkeys(unit.path for unit in (left, entered) if unit)  # both auditors read of it
    lines = [Access(now, actor.account_id, "relationMoved", f"member:{transfer.member_id}", path, detail) for path in paths]
    await uow.access_log.append(lines)


async def _move(uow: UnitOfWork, transfer: OrgRelationTransfer, before: Member, now: float) -> Member:
    if before.home_branch_id != transfer.from_branch_id:
        raise refusal_of(declined("changedMeanwhile"))
    after = replace(before, group_id=None, host_branch_id=None, revision=before.revision + 1)
    if transfer.to_outside:
        after = replace(after, status=MemberStatus.TRANSFERRED)
    else:
        after = replace(after, home_branch_id=transfer.to_branch_id or "")
    await uow.members.save([after])
    await settle_posts(uow, before, after, now)
    return after


async def _welcome(uow: UnitOfWork, transfer: OrgRelationTransfer, before: Member | None, entered: OrgUnit | None) -> Member:
    """From outside: a record begins, or the one of who was here before goes on."""
    if entered is None or not transfer.from_outside:
        raise refusal_of(declined("notOnTheRoll"))
    if before is None:
        fresh = _record(transfer.member_id, transfer.newcomer or Newcomer("", "", "full"), entered)
        await uow.members.add([fresh])
        return fresh
    back = replace(before, status=MemberStatus.ACTIVE, home_branch_id=entered.org_id, group_id=None, host_branch_id=None)
    newcomer = transfer.newcomer or Newcomer("", "", "full")
    back = replace(back, revision=before.revision + 1, born_on=before.born_on or newcomer.born_on, sex=before.sex or newcomer.sex)
    await uow.members.save([back])
    return back


def _record(member_id: str, newcomer: Newcomer, entered: OrgUnit) -> Member:
    return Member(
        member_id,
        newcomer.number,
        newcomer.name,
        Stage(newcomer.stage),
        MemberStatus.ACTIVE,
        entered.org_id,
        sex=newcomer.sex,
        phone=newcomer.phone,
        joined_on=newcomer.joined_on,
        born_on=newcomer.born_on,
    )


async def _close(uow: UnitOfWork, actor: Actor, before: FloatingRegistration, closed: RegistrationStep, now: float) -> None:
    change = closed.change
    if not await uow.registrations.save(closed.registration, before.revision):
        raise refusal_of(declined("changedMeanwhile"))
    line = RegistrationLine(
        change.registration_id,
        now,
        change.step,
        change.side,
        actor.account_id,
        change.before,
        change.after,
        change.reason,
        closed.registration.transfer_id or "",
    )
    await uow.registrations.log([line])
    await close_out(uow, closed.registration, now)
