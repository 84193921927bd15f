"""Withdrawing a separate consent from the list of all of them: found by its handle, taken back where it works, at the host or in the
transfer."""

from __future__ import annotations

from ..access import Actor
from ..mobility import FloatingRegistration, OrgRelationTransfer, SeparateConsent, SharingPurpose
from ..mobilityrules import DEFAULT, MobilityRules
from ..ports import Store, UnitOfWork
from ..refusals import NotFound
from ..rules.transferbasis import standing_consent
from .mydata import consent_id
from .sharing import StopSharing, stop_sharing
from .transferagreeing import take_consent_back


async def withdraw_sharing(store: Store, actor: Actor, handle: str, now: float, rules: MobilityRules = DEFAULT) -> None:
    """Refusal: NotFound for what is not the actor's own, or stands no more."""
    async with store.reading() as uow:
        consent = await _own(uow, actor, handle, now)
        transfer = await _transfer(uow, consent, now)
        registration = await _registration(uow, consent)
    if transfer is not None:
        await take_consent_back(store, actor, transfer.transfer_id, now, rules)
    elif registration is not None and consent.purpose is SharingPurpose.HOST_MANAGEMENT:
        await stop_sharing(store, actor, StopSharing(registration.registration_id, consent.recipient_org_id), now)
    else:
        raise NotFound(noun="consent", id=handle)


async def _own(uow: UnitOfWork, actor: Actor, handle: str, now: float) -> SeparateConsent:
    given = await uow.sharing_consents.of_members([actor.member_id]) if actor.member_id else []
    found = next((one for one in given if consent_id(one) == handle and one.holds_at(now)), None)
    if found is None:
        raise NotFound(noun="consent", id=handle)
    return found


async def _transfer(uow: UnitOfWork, consent: SeparateConsent, now: float) -> OrgRelationTransfer | None:
    if consent.purpose is not SharingPurpose.TRANSFER:
        return None
    own = await uow.transfers.of_member(consent.member_id)
    return next((one for one in reversed(own) if standing_consent(one, [consent], now) is not None), None)


async def _registration(uow: UnitOfWork, consent: SeparateConsent) -> FloatingRegistration | None:
    """The open one, by which the member floats; else the last."""
    own = await uow.registrations.of_member(consent.member_id)
    return next((one for one in reversed(own) if one.is_open), own[-1] if own else None)
