"""Separate consent to a host: asked for, given, refused, withdrawn. Only the member gives it, to one organisation
and one version of the text.

A withdrawal works at once: the member floats nowhere from that instant, so that the host's lists, sheets and pages show nothing more. What
the registration says of the host stays with the home branch.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from ..access import Action, Actor, registration_for
from ..dualmanagement import ConsentRequest
from ..kinds import floating as kinds
from ..memberfile import How
from ..mobility import FloatingRegistration, SeparateConsent, SharingPurpose, Side
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import OrgUnit
from ..ports import Store, UnitOfWork
from ..refusals import NotFound, NoticeVersionUnknown
from ..rules.floating import consented
from .filing import Act
from .floating import open_organisation, report_in_by_certificate
from .registrationsteps import note, side_members, tell
from .relationkeeping import place_member


@dataclass(frozen=True, slots=True)
class ShareRecord:
    registration_id: str
    org_id: str
    text_version: str


@dataclass(frozen=True, slots=True)
class StopSharing:
    registration_id: str
    org_id: str


async def share_record(
    store: Store, actor: Actor, command: ShareRecord, now: float, rules: MobilityRules = DEFAULT
) -> FloatingRegistration:
    """Give consent. A host that is waiting at the door with the certificate takes the member in by it. Again: nothing changes."""
    if command.text_version != rules.consent_version:
        raise NoticeVersionUnknown(version=command.text_version)
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, command.registration_id, Action.SHARE_RECORD, now)
        org = await open_organisation(uow, command.org_id)
        consents = await uow.sharing_consents.of_members([registration.member_id])
        if not consented(consents, registration.member_id, org.org_id, now):
            given = SeparateConsent(registration.member_id, org.org_id, SharingPurpose.HOST_MANAGEMENT, command.text_version, now)
            await uow.sharing_consents.save(given)
            await note(uow, actor, registration, "ShareRecord", Side.MEMBER, now, org.org_id)
            await place_member(uow, Act(actor, now, How.REGISTRATION), registration, [*consents, given])
        await tell(uow, actor, registration, kinds.CONSENT_ANSWERED, [Side.HOME, Side.HOST], now)
        return await _answer(uow, actor, registration, org, True, rules, now)


async def decline_request(store: Store, actor: Actor, registration_id: str, org_id: str, now: float) -> FloatingRegistration:
    """Answer a host's request with no. The host learns that it was answered."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, registration_id, Action.SHARE_RECORD, now)
        org = await open_organisation(uow, org_id)
        await note(uow, actor, registration, "DeclineRequest", Side.MEMBER, now, org_id)
        return await _answer(uow, actor, registration, org, False, DEFAULT, now)


async def stop_sharing(store: Store, actor: Actor, command: StopSharing, now: float) -> FloatingRegistration:
    """Withdraw what stands with this organisation. Refusal: NotFound where nothing stands."""
    async with store.writing() as uow:
        registration, _ = await registration_for(uow, actor, command.registration_id, Action.SHARE_RECORD, now)
        told = await side_members(uow, registration, Side.HOST, now)
        consents = await uow.sharing_consents.of_members([registration.member_id])
        to_host = [one for one in consents if one.purpose is SharingPurpose.HOST_MANAGEMENT]  # that of a transfer is taken back there
        standing = [one for one in to_host if one.recipient_org_id == command.org_id and one.holds_at(now)]
        if not standing:
            raise NotFound(noun="consent", id=command.org_id)
        for one in standing:
            await uow.sharing_consents.save(replace(one, withdrawn_at=now))
        left = await uow.sharing_consents.of_members([registration.member_id])
        await place_member(uow, Act(actor, now, How.REGISTRATION), registration, left)
        await note(uow, actor, registration, "StopSharing", Side.MEMBER, now, command.org_id)
        await tell(uow, actor, registration, kinds.CONSENT_WITHDRAWN, [Side.HOME], now)
        if command.org_id == registration.host_org_id:
            about, key = f"registration:{registration.registration_id}", f"withdrawn:{registration.registration_id}:{now}"
            await uow.notifications.add([kinds.CONSENT_WITHDRAWN.to(member_id, about, now, key) for member_id in told])
    return registration


async def ask_consent(
    uow: UnitOfWork, actor: Actor, registration: FloatingRegistration, branch: OrgUnit, now: float, *, reports_in: bool, contact: str
) -> ConsentRequest:
    """By a host, once at a time. The member finds it on the phone."""
    for waiting in await uow.sharing_consents.waiting(registration.member_id):
        if waiting.branch_id == branch.org_id:
            return waiting
    named = registration.host_org_id
    org_id = named if named is not None and named in branch.path.split("/") else branch.org_id
    request = ConsentRequest(
        secrets.token_hex(8),
        registration.registration_id,
        registration.member_id,
        org_id,
        branch.org_id,
        actor.account_id,
        now,
        reports_in,
        contact,
    )
    await uow.sharing_consents.ask(request)
    await note(uow, actor, registration, "AskConsent", Side.HOST, now, branch.org_id)
    await tell(uow, actor, registration, kinds.CONSENT_ASKED, [Side.MEMBER], now, org=branch.name)
    return request


async def _answer(
    uow: UnitOfWork, actor: Actor, registration: FloatingRegistration, org: OrgUnit, agreed: bool, rules: MobilityRules, now: float
) -> FloatingRegistration:
    """Whoever asked learns the answer; who had the member at the door reports in by it."""
    for request in await uow.sharing_consents.waiting(registration.member_id):
        if request.org_id != org.org_id:
            continue
        await uow.sharing_consents.answer(replace(request, answered_at=now, agreed=agreed))
        await _tell_asker(uow, request, now)
        branch = await uow.organisations.get(request.branch_id)
        if agreed and request.reports_in and branch is not None and registration.is_open:
            registration = await report_in_by_certificate(uow, actor, registration, branch, request.host_contact, rules, now)
    return registration


async def _tell_asker(uow: UnitOfWork, request: ConsentRequest, now: float) -> None:
    asker = await uow.accounts.get(request.asked_by)
    if asker is not None and asker.member_id is not None:
        about, key = f"registration:{request.registration_id}", f"answered:{request.request_id}"
        await uow.notifications.add([kinds.CONSENT_ANSWERED.to(asker.member_id, about, now, key)])
