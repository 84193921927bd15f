"""Keeping transfers in step with the roll: nobody is moved by hand while one is under way, and who leaves the roll takes it along."""

from __future__ import annotations

from .declining import refusal_of
from .mobility import Side
from .mobilityrules import DEFAULT
from .model import ON_THE_ROLL, Member
from .ports import UnitOfWork
from .rules.declined import Declined, declined
from .rules.transfer import step_transfer, table_of
from .rules.transfersteps import CancelTransfer, Refuse
from .transferports import TransferLine


async def hold_transfer(uow: UnitOfWork, before: Member, after: Member, author: str, now: float) -> None:
    """After a change of home or status. Refusal transferOpen where the home branch would change under an open transfer."""
    moved, gone = before.home_branch_id != after.home_branch_id, after.status not in ON_THE_ROLL
    if not (moved or gone):
        return
    transfer = (await uow.transfers.open_of([after.member_id])).get(after.member_id)
    if transfer is None:
        return
    if not gone:
        raise refusal_of(declined("transferOpen"))
    cancel = CancelTransfer(after.status.value)
    able = table_of(transfer).get((CancelTransfer, transfer.state))
    step, side = (cancel, Side.HOME_COMMITTEE) if able else (Refuse(after.status.value), Side.HOST_COMMITTEE)
    found = step_transfer(transfer, step, side, now, DEFAULT)
    if not isinstance(found, Declined):
        await uow.transfers.save(found.transfer, transfer.revision, TransferLine(found.change, author))
