"""What the passing of a day does to transfers: letters expire, and those whose turn it is are reminded.

One pass over the open ones and those not closed yet. Running it again on the same day, or after a day was missed, does nothing twice:
a letter expires once, and a reminder has a key of its transfer's revision and of the week it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..access import OPERATOR
from ..kinds.transfers import LETTER_EXPIRED, LETTER_EXPIRING, TRANSFER_DUE_SOON, TRANSFER_OVERDUE
from ..mobility import OPEN_TRANSFER, OrgRelationTransfer, Side, TransferState
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import Access, day_of
from ..notifying import Notification
from ..ports import Store, UnitOfWork
from ..rules.declined import Declined
from ..rules.transfer import TransferStepped, step_due, step_transfer
from ..rules.transfersteps import Expire
from ..transferports import TransferLine
from .transfernews import recipients, waits_for_consent

WAITING = OPEN_TRANSFER | {TransferState.RECEIPTED}
SOON_DAYS = 3  # before a step is due; a letter's end is told by the days of the rulebook, since a journey may be needed
PIECE = 200
CLOCK = "system"


@dataclass(frozen=True, slots=True)
class DayPassed:
    """`looked_at` transfers; letters that expired; notifications that were new."""

    looked_at: int
    expired: int
    reminded: int


async def evaluate_transfers(store: Store, now: float, rules: MobilityRules = DEFAULT) -> DayPassed:
    """Piece by piece, each in a transaction of its own, so that nobody waits long for the writer's place."""
    looked_at = expired = reminded = 0
    after = ""
    while True:
        async with store.writing() as uow:
            piece = await uow.transfers.in_states(WAITING, after, PIECE)
            for transfer in piece:
                stepped = await _expire(uow, transfer, now, rules)
                expired += stepped is not None
                news = await _news(uow, stepped.transfer if stepped else transfer, stepped, now, rules)
                reminded += len(await uow.notifications.add(news))
        looked_at += len(piece)
        if len(piece) < PIECE:
            return DayPassed(looked_at, expired, reminded)
        after = piece[-1].transfer_id


async def _expire(uow: UnitOfWork, transfer: OrgRelationTransfer, now: float, rules: MobilityRules) -> TransferStepped | None:
    found = step_transfer(transfer, Expire(), Side.CLOCK, now, rules)
    if isinstance(found, Declined):
        return None
    await uow.transfers.save(found.transfer, transfer.revision, TransferLine(found.change, CLOCK))
    org = await uow.organisations.get(transfer.from_branch_id)
    detail = {"transferId": transfer.transfer_id, "step": "Expire", "state": found.transfer.state.value}
    line = Access(now, OPERATOR.account_id, "moveTransfer", f"member:{transfer.member_id}", org.path if org else "", detail)
    await uow.access_log.append([line])
    return found


async def _news(
    uow: UnitOfWork, transfer: OrgRelationTransfer, expired: TransferStepped | None, now: float, rules: MobilityRules
) -> list[Notification]:
    if expired is not None:
        last = transfer.letters[-1].last_valid_day
        told = await _all(uow, transfer, (Side.MEMBER, Side.HOME_COMMITTEE, Side.HOST_COMMITTEE), now)
        key, about = f"transfer:{transfer.transfer_id}:{transfer.letters[-1].number}:expired", f"transfer:{transfer.transfer_id}"
        return [LETTER_EXPIRED.to(one, about, now, key, until=last.isoformat()) for one in told]
    due = step_due(transfer, rules)
    if due is None:
        return []
    sides = [Side.MEMBER] if await waits_for_consent(uow, transfer, now) else sorted(due[1])
    return await _reminders(uow, transfer, due[0], sides, now, rules)


async def _reminders(
    uow: UnitOfWork, transfer: OrgRelationTransfer, due_on: date, sides: Sequence[Side], now: float, rules: MobilityRules
) -> list[Notification]:
    """Once before the day, and once in every week after it."""
    left = (due_on - day_of(now)).days
    on_the_way = transfer.state in (TransferState.LETTER_ISSUED, TransferState.IN_TRANSIT)
    if left > (rules.remind_days if on_the_way else SOON_DAYS):
        return []
    kind = TRANSFER_OVERDUE if left < 0 else LETTER_EXPIRING if on_the_way else TRANSFER_DUE_SOON
    when = f"overdue:{(-left - 1) // 7}" if left < 0 else "soon"
    key, about = f"transfer:{transfer.transfer_id}:{transfer.revision}:{when}", f"transfer:{transfer.transfer_id}"
    return [kind.to(one, about, now, key, until=due_on.isoformat()) for one in await _all(uow, transfer, sides, now)]


async def _all(uow: UnitOfWork, transfer: OrgRelationTransfer, sides: Sequence[Side], now: float) -> list[str]:
    found = [one for side in sides for one in await recipients(uow, transfer, side, now)]
    return list(dict.fromkeys(found))
