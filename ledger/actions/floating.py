"""Registrations of members away: departure, host, report-in, whereabouts, return and the side exits.

What may follow what is decided by `rules.floating`; who may act by `access`. Consent is in `sharing`, contact in `contact`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date

from ..access import Action, Actor, member_for, member_target, organisation_for, registration_for, relations
from ..access import Relation as R
from ..declining import accepted, refusal_of
from ..dualmanagement import Declaration
from ..kinds import floating as kinds
from ..memberfile import How
from ..mobility import DepartureReport, FloatingRegistration, FlowRange, FlowReason, Place, Side, WhereaboutsDeclaration
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import BRANCH_KINDS, ON_THE_ROLL, OrgUnit
from ..ports import Store, UnitOfWork
from ..refusals import NotABranch, NotFound, NotOnTheRoll, OrganisationClosed
from ..rules.declined import declined
from ..rules.floating import (
    CancelRegistration,
    DeclareWhereabouts,
    EndMembership,
    NameHost,
    ReportIn,
    ReportInHow,
    Return,
    consented,
    register,
    wrong_report,
)
from .filing import Act
from .registrationsteps import log, record, sides_of, take_step, tell
from .relationkeeping import place_member


@dataclass(frozen=True, slots=True)
class ReportDeparture:
    """外出报告, by the member or for the member."""

    member_id: str
    reason: FlowReason
    flow_range: FlowRange
    destination: Place
    left_on: date
    contact: str
    destination_unit: str = ""
    industry: str = ""
    former_occupation: str = ""
    expected_return_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChooseHost:
    """`host_org_id`: a branch, or the organisation that will choose one of its branches."""

    registration_id: str
    revision: int
    host_org_id: str
    host_contact: str = ""


@dataclass(frozen=True, slots=True)
class TakeIn:
    """The host reports the member in, at one of its branches. `host_branch_id` None: the one named, or the own."""

    registration_id: str
    revision: int
    host_branch_id: str | None = None
    host_contact: str = ""


@dataclass(frozen=True, slots=True)
class Declare:
    """`revision` None: declared from a phone without having looked; the last word counts."""

    registration_id: str
    place: Place
    unit: str = ""
    contact: str = ""
    leaves_host: bool = False
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ComeBack:
    registration_id: str
    revision: int
    on: date


@dataclass(frozen=True, slots=True)
class CloseRegistration:
    """A side exit. `membership_ended`: death, removal, withdrawal; otherwise it was entered by mistake."""

    registration_id: str
    revision: int
    reason: str
    membership_ended: bool = False


async def report_departure(store: Store, actor: Actor, command: ReportDeparture, now: float) -> FloatingRegistration:
    """Refusals: registrationOpen, contactMissing, placeMissing, rangeContradictsPlace, dayOutOfOrder, notOnTheRoll."""
    fields = {name: getattr(command, name) for name in ReportDeparture.__dataclass_fields__}
    report = DepartureReport(**fields)
    async with store.writing() as uow:
        member = await member_for(uow, actor, command.member_id, Action.REPORT_DEPARTURE)
        if member.status not in ON_THE_ROLL:
            raise NotOnTheRoll
        target = await member_target(uow, member)
        side = Side.MEMBER if R.SELF in relations(actor, target) and not actor.operator else Side.HOME
        before = await uow.registrations.of_member(member.member_id)
        found = accepted(register(report, secrets.token_hex(8), member.home_branch_id, before, side, now))
        registration = found.registration
        await uow.registrations.add(registration)
        await record(uow, actor, found.change, target.path)
        await uow.registrations.declare(
            Declaration(
                registration.registration_id, report.destination, now, side, actor.account_id, True, report.destination_unit, report.contact
            )
        )
        await place_member(uow, Act(actor, now, How.REGISTRATION), registration, [])
        kind = kinds.DEPARTURE_REPORTED if side is Side.MEMBER else kinds.REGISTERED_AWAY
        await tell(uow, actor, registration, kind, [Side.HOME if side is Side.MEMBER else Side.MEMBER], now)
    return registration


async def choose_host(store: Store, actor: Actor, command: ChooseHost, now: float, rules: MobilityRules = DEFAULT) -> FloatingRegistration:
    """Hand the member over; from now on the report-in is awaited. Refusals: consentMissing, hostIsHome, changedMeanwhile …"""
    async with store.writing() as uow:
        before, target = await registration_for(uow, actor, command.registration_id, Action.MANAGE_REGISTRATION, now)
        host = await open_organisation(uow, command.host_org_id)
        branch_id = host.org_id if host.kind in BRANCH_KINDS else None
        step = NameHost(host.org_id, branch_id, command.host_contact.strip())
        after = await take_step(uow, actor, before, step, rules, now, target=target, seen_revision=command.revision, subject=host.org_id)
        due = after.report_in_due_on.isoformat() if after.report_in_due_on else ""
        await tell(uow, actor, after, kinds.HOST_NAMED, [Side.MEMBER], now, due=due)
        await tell(uow, actor, after, kinds.GUEST_COMING, [Side.HOST], now, due=due)
    return after


async def take_in(store: Store, actor: Actor, command: TakeIn, now: float, rules: MobilityRules = DEFAULT) -> FloatingRegistration:
    """The host that was named reports the member in. A host that was not named goes by the certificate (`certificates.take_in`)."""
    async with store.writing() as uow:
        before, target = await registration_for(uow, actor, command.registration_id, Action.REPORT_IN, now)
        branch = await _host_branch(uow, before, command.host_branch_id)
        step = ReportIn(before.host_org_id or branch.org_id, branch.org_id, ReportInHow.HOST, command.host_contact.strip())
        after = await take_step(
            uow, actor, before, step, rules, now, target=target, side=Side.HOST, seen_revision=command.revision, subject=branch.org_id
        )
        await tell(uow, actor, after, kinds.REPORTED_IN, [Side.MEMBER, Side.HOME], now)
    return after


async def report_in_by_certificate(
    uow: UnitOfWork, actor: Actor, before: FloatingRegistration, branch: OrgUnit, contact: str, rules: MobilityRules, now: float
) -> FloatingRegistration:
    """At the door: the branch takes the member in on the certificate. It must hold consent, to itself or to the organisation named."""
    consents = await uow.sharing_consents.of_members([before.member_id])
    above = before.host_org_id
    named = above is not None and above in branch.path.split("/") and consented(consents, before.member_id, above, now)
    step = ReportIn(above if named and above else branch.org_id, branch.org_id, ReportInHow.CERTIFICATE, contact)
    after = await take_step(uow, actor, before, step, rules, now, side=Side.HOST, subject=branch.org_id)
    await tell(uow, actor, after, kinds.REPORTED_IN, [Side.MEMBER, Side.HOME], now)
    return after


async def declare(store: Store, actor: Actor, command: Declare, now: float, rules: MobilityRules = DEFAULT) -> FloatingRegistration:
    """去向: the place declared last is where the member is. The same place again is a sign of life, and no new stay."""
    async with store.writing() as uow:
        before, target = await registration_for(uow, actor, command.registration_id, Action.DECLARE_WHEREABOUTS, now)
        told = WhereaboutsDeclaration(before.registration_id, command.place, now, command.unit.strip(), command.contact.strip())
        step = DeclareWhereabouts(told, command.leaves_host)
        after = await take_step(uow, actor, before, step, rules, now, target=target, seen_revision=command.revision)
        side = sides_of(actor, target)[0]
        moved = after.destination != before.destination
        await uow.registrations.declare(
            Declaration(after.registration_id, command.place, now, side, actor.account_id, moved, told.unit, told.contact)
        )
        others = [one for one in (Side.HOME, Side.HOST) if one is not side]
        await tell(uow, actor, after, kinds.WHEREABOUTS_DECLARED, others, now)
    return after


async def come_back(store: Store, actor: Actor, command: ComeBack, now: float, rules: MobilityRules = DEFAULT) -> FloatingRegistration:
    async with store.writing() as uow:
        before, target = await registration_for(uow, actor, command.registration_id, Action.RECORD_RETURN, now)
        host_told = await _told_before_leaving(uow, before, now)
        after = await take_step(uow, actor, before, Return(command.on), rules, now, target=target, seen_revision=command.revision)
        sides = [Side.MEMBER, Side.HOME, *([Side.HOST] if host_told else [])]
        await tell(uow, actor, after, kinds.CAME_BACK, sides, now)
    return after


async def close_registration(
    store: Store, actor: Actor, command: CloseRegistration, now: float, rules: MobilityRules = DEFAULT
) -> FloatingRegistration:
    """Refusals: reasonMissing, stepNotPossible (a member who has reported in returns instead), changedMeanwhile."""
    async with store.writing() as uow:
        before, target = await registration_for(uow, actor, command.registration_id, Action.MANAGE_REGISTRATION, now)
        reason = command.reason.strip()
        step = EndMembership(reason) if command.membership_ended else CancelRegistration(reason)
        return await take_step(uow, actor, before, step, rules, now, target=target, seen_revision=command.revision)


async def correct_report(
    store: Store, actor: Actor, registration_id: str, revision: int, changes: dict[str, object], now: float
) -> FloatingRegistration:
    """Put right what was reported: reason, range, unit, industry, contact, expected return. Places are declared, not corrected."""
    async with store.writing() as uow:
        before, target = await registration_for(uow, actor, registration_id, Action.MANAGE_REGISTRATION, now)
        if before.revision != revision or not before.is_open:
            raise refusal_of(declined("changedMeanwhile"))
        report = replace(before.report, **changes)  # type: ignore[arg-type]
        if wrong := wrong_report(report):
            raise refusal_of(wrong)
        after = replace(before, report=report, revision=before.revision + 1)
        await uow.registrations.save(after, before.revision)
        await log(uow, actor, "correctReport", registration_id, target.path, now)
    return after


async def open_organisation(uow: UnitOfWork, org_id: str) -> OrgUnit:
    org = await uow.organisations.get(org_id)
    if org is None:
        raise NotFound(noun="organisation", id=org_id)
    if org.closed_at is not None:
        raise OrganisationClosed(orgId=org_id)
    return org


async def own_branch(uow: UnitOfWork, actor: Actor, branch_id: str) -> OrgUnit:
    """A branch for which the actor takes members in."""
    branch = await organisation_for(uow, actor, branch_id, Action.TAKE_IN)
    if branch.kind not in BRANCH_KINDS:
        raise NotABranch(orgId=branch_id, kind=branch.kind.value)
    if branch.closed_at is not None:
        raise OrganisationClosed(orgId=branch_id)
    return branch


async def _host_branch(uow: UnitOfWork, registration: FloatingRegistration, wanted: str | None) -> OrgUnit:
    """The branch wanted must be the one named, or lie under the organisation named."""
    branch_id = wanted or registration.host_branch_id
    if branch_id is None:
        raise NotFound(noun="organisation", id="")
    branch = await open_organisation(uow, branch_id)
    if branch.kind not in BRANCH_KINDS:
        raise NotABranch(orgId=branch_id, kind=branch.kind.value)
    if registration.host_org_id not in branch.path.split("/"):
        raise refusal_of(declined("branchElsewhere"))
    return branch


async def _told_before_leaving(uow: UnitOfWork, registration: FloatingRegistration, now: float) -> bool:
    consents = await uow.sharing_consents.of_members([registration.member_id])
    return consented(consents, registration.member_id, registration.host_org_id, now)
