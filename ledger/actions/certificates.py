"""Activity certificates: issued, shown, checked once a year, revoked by the home branch; verified and acted on at the door of a host.

The key is not kept here: a `Signer` is handed in. A code that cannot be trusted is refused by what is the matter with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Protocol

from ..access import Action, Actor, registration_for
from ..declining import accepted, refusal_of
from ..dualmanagement import ConsentRequest
from ..kinds import floating as kinds
from ..mobility import ActivityCertificate, AnnualCheck, FloatingRegistration, Side
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import OrgUnit, day_of
from ..ports import Store, UnitOfWork
from ..refusals import (
    AlreadyDecided,
    CertificateExpired,
    CertificateForged,
    CertificateInForce,
    CertificateNotYet,
    CertificateRevoked,
    CertificateUnknownKey,
    NoCertificate,
    NotFound,
    ReasonMissing,
    Refusal,
)
from ..rules.certificate import CertificateClaims, Verdict, Verification, claims_of, code_of, verify
from ..rules.declined import declined
from ..rules.floating import consented
from .floating import own_branch, report_in_by_certificate
from .registrationsteps import log, note, save_registration, tell
from .sharing import ask_consent

REFUSED: dict[Verdict, type[Refusal]] = {
    Verdict.FORGED: CertificateForged,
    Verdict.UNKNOWN_KEY: CertificateUnknownKey,
    Verdict.REVOKED: CertificateRevoked,
    Verdict.NOT_YET: CertificateNotYet,
    Verdict.EXPIRED: CertificateExpired,
}


class Signer(Protocol):
    """The installation's key: Ed25519, named by its id."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...

    def check(self, key_id: str, message: bytes, signature: bytes) -> bool | None:
        """None: the key is not known."""
        ...


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """`code`: what the QR holds, signed anew each time, so that it carries the last annual check. None once it is revoked."""

    certificate: ActivityCertificate
    claims: CertificateClaims
    code: str | None
    member_name: str
    home: OrgUnit


@dataclass(frozen=True, slots=True)
class Present:
    """A certificate at the door of a branch: by its code, or where no camera works by number and name as they stand on it."""

    branch_id: str
    code: str = ""
    number: str = ""
    name: str = ""
    host_contact: str = ""


@dataclass(frozen=True, slots=True)
class Presented:
    """Either the member has been taken in, or consent was asked for and the member decides on the phone."""

    registration: FloatingRegistration
    asked: ConsentRequest | None
    verdict: Verdict


async def issue_certificate(store: Store, actor: Actor, registration_id: str, now: float) -> ActivityCertificate:
    """Refusal: CertificateInForce."""
    async with store.writing() as uow:
        before, _ = await registration_for(uow, actor, registration_id, Action.MANAGE_REGISTRATION, now)
        if not before.is_open:
            raise refusal_of(declined("stepNotPossible", act="IssueCertificate", state=before.state.value))
        in_force = await _in_force(uow, before)
        if in_force is not None:
            raise CertificateInForce(number=in_force.number)
        today = day_of(now)
        number = f"{today.year}-{secrets.token_hex(4).upper()}"
        certificate = ActivityCertificate(number, before.member_id, registration_id, today, before.home_branch_id)
        await uow.certificates.add(certificate)
        after = replace(before, certificate_number=number, revision=before.revision + 1)
        await save_registration(uow, before, after)
        await note(uow, actor, after, "IssueCertificate", Side.HOME, now, number)
        await tell(uow, actor, after, kinds.CERTIFICATE_ISSUED, [Side.MEMBER], now)
    return certificate


async def check_certificate(store: Store, actor: Actor, registration_id: str, now: float) -> ActivityCertificate:
    """The annual check, once in a year. Refusals: NoCertificate, AlreadyDecided."""
    async with store.writing() as uow:
        registration, certificate = await _managed(uow, actor, registration_id, now)
        today = day_of(now)
        if any(one.year == today.year for one in certificate.checks):
            raise AlreadyDecided(decision="checked")
        await uow.certificates.check(AnnualCheck(certificate.number, today.year, today, actor.account_id))
        await note(uow, actor, registration, "CheckCertificate", Side.HOME, now, certificate.number)
        return await uow.certificates.get(certificate.number) or certificate


async def revoke_certificate(store: Store, actor: Actor, registration_id: str, reason: str, now: float) -> ActivityCertificate:
    if not reason.strip():
        raise ReasonMissing
    async with store.writing() as uow:
        registration, certificate = await _managed(uow, actor, registration_id, now)
        revoked = replace(certificate, revoked_on=day_of(now), revoke_reason=reason.strip())
        await uow.certificates.save(revoked)
        await note(uow, actor, registration, "RevokeCertificate", Side.HOME, now, certificate.number, reason.strip())
    return revoked


async def show_certificate(store: Store, actor: Actor, registration_id: str, signer: Signer, now: float) -> ShownCertificate:
    """For the member to show, and for the home branch to print. Refusal: NotFound where none was issued."""
    async with store.reading() as uow:
        registration, _ = await registration_for(uow, actor, registration_id, Action.SEE_CERTIFICATE, now)
        issued = [one for one in await uow.certificates.of_members([registration.member_id]) if one.registration_id == registration_id]
        if not issued:
            raise NotFound(noun="certificate", id=registration_id)
        member = await uow.members.get(registration.member_id)
        home = await uow.organisations.get(registration.home_branch_id)
    assert member is not None
    assert home is not None
    certificate = issued[-1]
    claims = claims_of(certificate, member.name, home.code, home.name, signer.key_id)
    code = None if certificate.revoked_on else code_of(claims, signer.sign(claims.canonical()))
    return ShownCertificate(certificate, claims, code, member.name, home)


async def verify_code(store: Store, code: str, signer: Signer, now: float, rules: MobilityRules = DEFAULT) -> Verification:
    """Asked online, so that revocation is known. Refusal: certificateUnreadable."""
    async with store.reading() as uow:
        revoked = await uow.certificates.revoked()
    return accepted(verify(code, signer.check, rules, day_of(now), frozenset(revoked)))


async def present_certificate(
    store: Store, actor: Actor, command: Present, signer: Signer, now: float, rules: MobilityRules = DEFAULT
) -> Presented:
    """Take the member in, or ask the member for consent. Refusals: one for each verdict that is not acceptable, certificateUnreadable."""
    async with store.writing() as uow:
        branch = await own_branch(uow, actor, command.branch_id)
        number, verdict = await _trusted(uow, command, signer, rules, now)
        certificate = await uow.certificates.get(number)
        if certificate is None:
            raise CertificateForged
        registration = await uow.registrations.get(certificate.registration_id)
        if certificate.revoked_on is not None or registration is None or not registration.is_open:
            raise CertificateRevoked
        await log(uow, actor, "presentCertificate", registration.registration_id, branch.path, now)
        consents = await uow.sharing_consents.of_members([registration.member_id])
        recipients = {branch.org_id} | ({registration.host_org_id} & set(branch.path.split("/")))
        if not any(consented(consents, registration.member_id, org_id, now) for org_id in recipients):
            contact = command.host_contact.strip()
            asked = await ask_consent(uow, actor, registration, branch, now, reports_in=True, contact=contact)
            return Presented(registration, asked, verdict)
        contact = command.host_contact.strip()
        taken = await report_in_by_certificate(uow, actor, registration, branch, contact, rules, now)
        return Presented(taken, None, verdict)


async def _trusted(uow: UnitOfWork, command: Present, signer: Signer, rules: MobilityRules, now: float) -> tuple[str, Verdict]:
    """The number of the certificate. By number and name only what stands in the store is believed, and both must fit."""
    if not command.code:
        certificate = await uow.certificates.get(command.number.strip())
        member = await uow.members.get(certificate.member_id) if certificate else None
        if certificate is None or member is None or member.name != command.name.strip():
            raise CertificateForged
        return certificate.number, Verdict.VALID
    revoked = frozenset(await uow.certificates.revoked())
    found = accepted(verify(command.code, signer.check, rules, day_of(now), revoked))
    if not found.acceptable:
        raise REFUSED[found.verdict]
    return found.claims.number, found.verdict


async def _managed(uow: UnitOfWork, actor: Actor, registration_id: str, now: float) -> tuple[FloatingRegistration, ActivityCertificate]:
    registration, _ = await registration_for(uow, actor, registration_id, Action.MANAGE_REGISTRATION, now)
    certificate = await _in_force(uow, registration)
    if certificate is None:
        raise NoCertificate
    return registration, certificate


async def _in_force(uow: UnitOfWork, registration: FloatingRegistration) -> ActivityCertificate | None:
    issued = await uow.certificates.of_members([registration.member_id])
    return next((one for one in issued if one.registration_id == registration.registration_id and one.revoked_on is None), None)
