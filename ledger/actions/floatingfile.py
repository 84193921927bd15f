"""One registration as each side may see it, and the member's own: history, contact, consents, thread, what is due and who is responsible.

Everything shown is computed here from the registration and the rules in force; nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..access import Action, Actor, Target, may, registration_for, registration_target
from ..clocks import duty_record, home_life
from ..dualmanagement import ConsentRequest, Declaration, HostEvaluation, RegistrationLine, ThreadEntry
from ..mobility import (
    ActivityCertificate,
    ContactEntry,
    FloatingRegistration,
    Liaison,
    LostContactCase,
    SeparateConsent,
    SharingPurpose,
)
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import Member, OrgUnit, day_of
from ..ports import Store, UnitOfWork
from ..refusals import NotFound
from ..rules.duties import Advice, Due, evaluate
from ..rules.floating import FloatingFinding, consented, floating_finding
from ..rules.relations import Responsibility, responsible_at
from .attendance import names_of
from .floatinglists import NOT_HERE
from .members import mask_phone
from .registrationsteps import log

#: What a page may offer, if the reader may do it.
OFFERED = frozenset(
    {
        Action.MANAGE_REGISTRATION,
        Action.DECLARE_WHEREABOUTS,
        Action.REPORT_IN,
        Action.RECORD_RETURN,
        Action.SHARE_RECORD,
        Action.LOG_CONTACT,
        Action.SEE_CONTACT_LOG,
        Action.USE_THREAD,
        Action.EVALUATE_GUEST,
        Action.SEE_CERTIFICATE,
    }
)


@dataclass(frozen=True, slots=True)
class RegistrationFile:
    """One registration with everything around it; what the reader may not see is empty. `names`: account id → who."""

    registration: FloatingRegistration
    member: Member
    home: OrgUnit
    host: OrgUnit | None
    host_org: OrgUnit | None
    consented: bool
    finding: FloatingFinding
    dues: tuple[Due, ...]
    advice: tuple[Advice, ...]
    responsible: Responsibility | None
    liaison: Liaison | None
    liaison_name: str | None
    certificate: ActivityCertificate | None
    case: LostContactCase | None
    lines: list[RegistrationLine]
    declarations: list[Declaration]
    contacts: list[ContactEntry]
    thread: list[ThreadEntry]
    evaluations: list[HostEvaluation]
    consents: list[SeparateConsent]
    requests: list[ConsentRequest]
    names: dict[str, str]
    units: dict[str, OrgUnit]
    can: frozenset[Action]
    is_self: bool
    past: list[FloatingRegistration] = field(default_factory=list)


async def registration_file(
    store: Store, actor: Actor, registration_id: str, now: float, rules: MobilityRules = DEFAULT
) -> RegistrationFile:
    """One registration as the actor may see it. Looking at somebody else's is logged."""
    async with store.writing() as uow:
        registration, target = await registration_for(uow, actor, registration_id, Action.SEE_REGISTRATION, now)
        if registration.member_id != actor.member_id:
            await log(uow, actor, "seeRegistration", registration_id, target.path, now)
        return await _file(uow, actor, registration, target, now, rules)


async def own_file(store: Store, actor: Actor, now: float, rules: MobilityRules = DEFAULT) -> RegistrationFile | None:
    """The actor's own open registration, or None; refusal NotFound for an account without a member."""
    if actor.member_id is None:
        raise NotFound(noun="member", id="")
    async with store.reading() as uow:
        registration = (await uow.registrations.open_of([actor.member_id])).get(actor.member_id)
        if registration is None:
            return None
        target = await registration_target(uow, registration, now)
        return await _file(uow, actor, registration, target, now, rules)


@dataclass(frozen=True, slots=True)
class _Papers:
    """What is read once for one registration, whoever asks."""

    consents: list[SeparateConsent]
    requests: list[ConsentRequest]
    liaisons: list[Liaison]
    lines: list[RegistrationLine]
    contacts: list[ContactEntry]
    thread: list[ThreadEntry]
    evaluations: list[HostEvaluation]


async def _file(
    uow: UnitOfWork, actor: Actor, registration: FloatingRegistration, target: Target, now: float, rules: MobilityRules
) -> RegistrationFile:
    can = frozenset(action for action in OFFERED if may(actor, action, target))
    is_self = actor.member_id == registration.member_id
    papers = await _papers(uow, registration, can)
    units = {unit.org_id: unit for unit in await uow.organisations.all()}
    member = await uow.members.get(registration.member_id)
    assert member is not None
    liaison = next((one for one in papers.liaisons if one.until is None), None)
    certificates = [
        one for one in await uow.certificates.of_members([member.member_id]) if one.registration_id == registration.registration_id
    ]
    cases = await uow.contacts.cases(member.member_id)
    dues, advice = await _clocks(uow, registration, rules, now)
    return RegistrationFile(
        registration=registration,
        member=member if is_self or can & _KNOW_CONTACT else _masked(member),
        home=units[registration.home_branch_id],
        host=units.get(registration.host_branch_id or ""),
        host_org=units.get(registration.host_org_id or ""),
        consented=consented(papers.consents, member.member_id, registration.host_org_id, now),
        finding=await _finding(uow, registration, rules, now),
        dues=dues,
        advice=advice if Action.MANAGE_REGISTRATION in can or is_self else (),
        responsible=responsible_at(tuple(await uow.relations.of_member(member.member_id)), now, [registration]),
        liaison=liaison,
        liaison_name=await _name(uow, liaison),
        certificate=certificates[-1] if certificates else None,
        case=next((one for one in reversed(cases) if one.closed_on is None), None),
        lines=papers.lines,
        declarations=await uow.registrations.declarations(registration.registration_id),
        contacts=papers.contacts,
        thread=papers.thread,
        evaluations=papers.evaluations,
        consents=papers.consents if is_self or Action.MANAGE_REGISTRATION in can else [],
        requests=papers.requests if is_self else [],
        names=await names_of(uow, _authors(papers)),
        units=units,
        can=can,
        is_self=is_self,
        past=[one for one in await uow.registrations.of_member(member.member_id) if not one.is_open] if is_self else [],
    )


_KNOW_CONTACT = frozenset({Action.MANAGE_REGISTRATION, Action.LOG_CONTACT, Action.REPORT_IN})


async def _papers(uow: UnitOfWork, registration: FloatingRegistration, can: frozenset[Action]) -> _Papers:
    key, member_id = registration.registration_id, registration.member_id
    sides = bool(can & {Action.MANAGE_REGISTRATION, Action.EVALUATE_GUEST, Action.SHARE_RECORD})
    return _Papers(
        consents=[one for one in await uow.sharing_consents.of_members([member_id]) if one.purpose is SharingPurpose.HOST_MANAGEMENT],
        requests=[one for one in await uow.sharing_consents.waiting(member_id) if one.registration_id == key],
        liaisons=await uow.contacts.liaisons([key]),
        lines=await uow.registrations.lines(key),
        contacts=await uow.contacts.entries(member_id) if Action.SEE_CONTACT_LOG in can else [],
        thread=await uow.threads.of_registration(key) if Action.USE_THREAD in can else [],
        evaluations=await uow.threads.evaluations(key) if sides else [],
    )


def _authors(papers: _Papers) -> set[str]:
    return (
        {one.author for one in papers.lines}
        | {one.author for one in papers.contacts}
        | {one.author for one in papers.thread}
        | {one.done_by for one in papers.thread if one.done_by}
        | {one.author for one in papers.evaluations}
    )


async def _clocks(
    uow: UnitOfWork, registration: FloatingRegistration, rules: MobilityRules, now: float
) -> tuple[tuple[Due, ...], tuple[Advice, ...]]:
    rows = await uow.clocks.rows_of([registration.member_id]) if registration.is_open else []
    found = evaluate(map(duty_record, rows), rules, day_of(now))
    return tuple(due for due in found.dues if due.kind not in NOT_HERE), found.advice


async def _finding(uow: UnitOfWork, registration: FloatingRegistration, rules: MobilityRules, now: float) -> FloatingFinding:
    home = registration.home_branch_id
    own = frozenset({home} | {unit.org_id for unit in await uow.organisations.below([home])})
    life = home_life(await uow.clocks.days_of(registration.member_id), own)
    return floating_finding(registration, life, rules, day_of(now))


async def _name(uow: UnitOfWork, liaison: Liaison | None) -> str | None:
    member = await uow.members.get(liaison.liaison_member_id) if liaison else None
    return member.name if member else None


def _masked(member: Member) -> Member:
    return replace(member, phone=mask_phone(member.phone), email=None)
