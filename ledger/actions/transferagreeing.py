"""A member says yes to a transfer that the branch applied for, or takes the yes back. Only the member does either.

Taken back while the letter has not been presented, the transfer is withdrawn with it; afterwards both committees are told, and settle it
with the member: what has been provided cannot be called back.
"""

from __future__ import annotations

from dataclasses import replace

from ..access import Action, Actor, transfer_for
from ..declining import refusal_of
from ..kinds.transfers import TRANSFER_CONSENT_GIVEN, TRANSFER_CONSENT_WITHDRAWN
from ..mobility import OrgRelationTransfer, Side
from ..mobilityrules import DEFAULT, MobilityRules
from ..notifying import Kind
from ..ports import Store, UnitOfWork
from ..rules.declined import declined
from ..rules.transfer import TransferChange, table_of
from ..rules.transferbasis import Basis
from ..rules.transfersteps import Withdraw
from ..transferports import TransferLine
from .transferconsents import end_consent, keep_consent
from .transfernews import recipients
from .transfers import log_step, take
from .transferviews import TransferCase, case_of

WITHDRAWN = "本人撤回同意"  # stands in the history as the reason, beside the step's own name in the reader's language


async def agree_to_transfer(
    store: Store, actor: Actor, transfer_id: str, text_version: str, now: float, rules: MobilityRules = DEFAULT
) -> TransferCase:
    """Again: nothing changes. Refusals: stepNotPossible where the transfer is over, NoticeVersionUnknown."""
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, transfer_id, Action.FOLLOW_TRANSFER)
        case = await case_of(uow, actor, transfer, now, rules)
        if case.basis is Basis.CONSENT:
            return case
        if not transfer.is_open or transfer.from_outside:
            raise refusal_of(declined("stepNotPossible", act="Consent", state=transfer.state.value))
        await keep_consent(uow, transfer, text_version, now)
        transfer = await _noted(uow, actor, transfer, "Consent", now)
        await _tell(uow, transfer, TRANSFER_CONSENT_GIVEN, (Side.HOME, Side.HOME_COMMITTEE), now)
        return await case_of(uow, actor, transfer, now, rules)


async def take_consent_back(store: Store, actor: Actor, transfer_id: str, now: float, rules: MobilityRules = DEFAULT) -> TransferCase:
    """Refusal: stepNotPossible where no consent stands."""
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, transfer_id, Action.FOLLOW_TRANSFER)
        if not await end_consent(uow, transfer, now):
            raise refusal_of(declined("stepNotPossible", act="WithdrawConsent", state=transfer.state.value))
        transfer = await _noted(uow, actor, transfer, "WithdrawConsent", now)
        if Side.MEMBER in table_of(transfer).get((Withdraw, transfer.state), frozenset()):
            return await take(uow, actor, transfer, transfer.revision, Withdraw(WITHDRAWN), now, rules)
        sides = (Side.HOME, Side.HOME_COMMITTEE, Side.HOST_COMMITTEE) if transfer.is_open else ()
        await _tell(uow, transfer, TRANSFER_CONSENT_WITHDRAWN, sides, now)
        return await case_of(uow, actor, transfer, now, rules)


async def _noted(uow: UnitOfWork, actor: Actor, before: OrgRelationTransfer, step: str, now: float) -> OrgRelationTransfer:
    """A line of the history that moves nothing on."""
    after = replace(before, revision=before.revision + 1)
    change = TransferChange(before.transfer_id, before.state, before.state, step, Side.MEMBER, now)
    if not await uow.transfers.save(after, before.revision, TransferLine(change, actor.account_id)):
        raise refusal_of(declined("changedMeanwhile"))
    await log_step(uow, actor, step, after, now)
    return after


async def _tell(uow: UnitOfWork, transfer: OrgRelationTransfer, kind: Kind, sides: tuple[Side, ...], now: float) -> None:
    people = [one for side in sides for one in await recipients(uow, transfer, side, now)]
    about, key = f"transfer:{transfer.transfer_id}", f"{kind.code}:{transfer.transfer_id}:{transfer.revision}"
    await uow.notifications.add([kind.to(one, about, now, key) for one in dict.fromkeys(people)])
