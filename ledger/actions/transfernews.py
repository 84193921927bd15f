"""Whom a step of a transfer is told to: the member, whoever has the next step, and at the end both branches.

A notification names the organisation and the day, never the person: what it leads to is seen by those who may see it.
"""

from __future__ import annotations

from ..kinds.transfers import TRANSFER_CAME_BACK, TRANSFER_CONSENT_ASKED, TRANSFER_DONE, TRANSFER_MOVED_ON, TRANSFER_WAITS
from ..mobility import ENDED_WITHOUT_MOVE, MOVED, OrgRelationTransfer, Side, TransferState
from ..mobilityrules import MobilityRules
from ..model import RoleKind
from ..notifying import Notification
from ..ports import UnitOfWork
from ..recipients import acting_for
from ..rules.transfer import TransferStepped, step_due, table_of
from ..rules.transferbasis import Basis, basis_of
from ..rules.transfersteps import IssueLetter

CAME_BACK = ENDED_WITHOUT_MOVE | {TransferState.RETURNED_FOR_CHANGE}


async def news_of(uow: UnitOfWork, stepped: TransferStepped, now: float, rules: MobilityRules) -> list[Notification]:
    """The member is told of every step but the own ones, the next side of its turn. The same step is told once."""
    transfer, change = stepped.transfer, stepped.change
    about, key = f"transfer:{transfer.transfer_id}", f"transfer:{transfer.transfer_id}:{transfer.revision}"
    news: list[Notification] = []
    if change.side is not Side.MEMBER and await uow.members.get(transfer.member_id):
        kind = TRANSFER_CAME_BACK if transfer.state in CAME_BACK else TRANSFER_MOVED_ON
        if transfer.state is TransferState.APPLIED and await consent_missing(uow, transfer, now):
            kind = TRANSFER_CONSENT_ASKED
        if transfer.state is not TransferState.RECEIPTED:
            news.append(kind.to(transfer.member_id, about, now, f"{key}:member"))
    if transfer.state is TransferState.RECEIPTED:
        news += await _done(uow, transfer, now)
    if await waits_for_consent(uow, transfer, now):  # for the member alone: the committee is told once the answer is there
        return [*news[:-1], TRANSFER_CONSENT_ASKED.to(transfer.member_id, about, now, f"{key}:member")]
    due = step_due(transfer, rules)
    for side in sorted(due[1] - {Side.MEMBER}) if due else ():
        org = await uow.organisations.get(org_of(transfer, side) or "")
        for member_id in await recipients(uow, transfer, side, now):
            if org is not None and due is not None:
                news.append(TRANSFER_WAITS.to(member_id, about, now, f"{key}:{side.value}", org=org.name, until=due[0].isoformat()))
    return news


async def consent_missing(uow: UnitOfWork, transfer: OrgRelationTransfer, now: float) -> bool:
    consents = [] if transfer.duty else await uow.sharing_consents.of_members([transfer.member_id])
    return basis_of(transfer, consents, now) is Basis.MISSING


async def waits_for_consent(uow: UnitOfWork, transfer: OrgRelationTransfer, now: float) -> bool:
    """A letter is next, and there is nothing yet on which it could tell the receiving side of the member."""
    return (IssueLetter, transfer.state) in table_of(transfer) and await consent_missing(uow, transfer, now)


async def _done(uow: UnitOfWork, transfer: OrgRelationTransfer, now: float) -> list[Notification]:
    entered = await uow.organisations.get(transfer.to_branch_id) if transfer.to_branch_id else None
    name = entered.name if entered else " ".join(filter(None, (transfer.outside, transfer.outside_branch)))
    told = [*await recipients(uow, transfer, Side.HOME, now), *await recipients(uow, transfer, Side.HOST, now)]
    if await uow.members.get(transfer.member_id):
        told.insert(0, transfer.member_id)
    key = f"transfer:{transfer.transfer_id}:done"
    return [TRANSFER_DONE.to(one, f"transfer:{transfer.transfer_id}", now, key, org=name) for one in dict.fromkeys(told)]


def org_of(transfer: OrgRelationTransfer, side: Side) -> str | None:
    """The organisation that plays the part; None for the member, the clock, and organisations outside."""
    by_side = {
        Side.HOME: transfer.from_branch_id,
        Side.HOME_COMMITTEE: transfer.from_committee_id,
        Side.HOST_COMMITTEE: transfer.to_committee_id,
        Side.HOST: transfer.to_branch_id if transfer.state in MOVED | {TransferState.ASSIGNED} else None,
    }
    return by_side.get(side) or None


async def recipients(uow: UnitOfWork, transfer: OrgRelationTransfer, side: Side, now: float) -> list[str]:
    """Member ids. For an organisation its secretary and deputy; where there is none, its administrator, or one above it."""
    if side is Side.MEMBER:
        return [transfer.member_id] if await uow.members.get(transfer.member_id) else []
    org_id = org_of(transfer, side)
    org = await uow.organisations.get(org_id) if org_id else None
    if org is None:
        return []
    found = [one for one in await acting_for(uow, org.org_id, now) if one != transfer.member_id]
    above = reversed(org.path.strip("/").split("/"))
    for unit_id in above if not found else ():
        holders = await uow.accounts.granted(RoleKind.ORG_ADMIN, unit_id)
        found = [one.member_id for one in holders if one.member_id and one.member_id != transfer.member_id]
        if found:
            break
    return found
