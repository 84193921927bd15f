"""Floating registration: departed → awaiting report-in → reported in → returned | transferred, with its side exits.

Pure: a record, a step and the rules in; the next record and the change it made out, or why not. A member has at most one open
registration. It never knows who is logged in: a step names the side it is taken by, and access decides who may play that side.
Whether somebody *is* a floating member by the definition of 2024 is a finding with its explanation, apart from the registration: one
registers on leaving, the definition is met half a year later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from ..mobility import (
    OPEN_REGISTRATION,
    DepartureReport,
    FloatingRegistration,
    FlowRange,
    Place,
    RegistrationState,
    SeparateConsent,
    SharingPurpose,
    Side,
    WhereaboutsDeclaration,
)
from ..mobilityrules import MobilityRules
from ..model import day_of
from .declined import Declined, declined
from .months import add_months, whole_months

_S = RegistrationState


@dataclass(frozen=True, slots=True)
class NameHost:
    """Home hands the member over to a host organisation; from now on it awaits the report-in."""

    host_org_id: str
    host_branch_id: str | None = None
    host_contact: str = ""


class ReportInHow(StrEnum):
    CERTIFICATE = "certificate"  # the host scanned it
    HOST = "host"  # entered by the host


@dataclass(frozen=True, slots=True)
class ReportIn:
    """Also without having been named before: a member who turns up is taken in."""

    host_org_id: str
    host_branch_id: str
    how: ReportInHow
    host_contact: str = ""


@dataclass(frozen=True, slots=True)
class DeclareWhereabouts:
    """`leaves_host`: the member has gone on elsewhere, so that a host has to be found again."""

    declaration: WhereaboutsDeclaration
    leaves_host: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    on: date


@dataclass(frozen=True, slots=True)
class BecomeTransferred:
    """The relation has followed the member. Only the receipt of a transfer does this."""

    transfer_id: str


@dataclass(frozen=True, slots=True)
class CancelRegistration:
    reason: str


@dataclass(frozen=True, slots=True)
class EndMembership:
    reason: str


FloatingStep = NameHost | ReportIn | DeclareWhereabouts | Return | BecomeTransferred | CancelRegistration | EndMembership

BEFORE_HOST = frozenset({_S.DEPARTED, _S.AWAITING_REPORT_IN})
# step → from which states, by which sides
TABLE: dict[type, tuple[frozenset[RegistrationState], frozenset[Side]]] = {
    NameHost: (BEFORE_HOST, frozenset({Side.HOME, Side.HOME_COMMITTEE})),
    ReportIn: (OPEN_REGISTRATION, frozenset({Side.HOST, Side.HOST_COMMITTEE})),
    DeclareWhereabouts: (OPEN_REGISTRATION, frozenset({Side.MEMBER, Side.HOME, Side.HOST})),
    Return: (OPEN_REGISTRATION, frozenset({Side.MEMBER, Side.HOME})),
    BecomeTransferred: (OPEN_REGISTRATION, frozenset({Side.HOST_COMMITTEE})),
    CancelRegistration: (BEFORE_HOST, frozenset({Side.HOME, Side.HOME_COMMITTEE})),
    EndMembership: (OPEN_REGISTRATION, frozenset({Side.HOME, Side.HOME_COMMITTEE})),
}


@dataclass(frozen=True, slots=True)
class RegistrationChange:
    """One line of the registration's history. `before` None: it was opened."""

    registration_id: str
    before: RegistrationState | None
    after: RegistrationState
    step: str
    side: Side
    at: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationStep:
    registration: FloatingRegistration
    change: RegistrationChange


def register(
    report: DepartureReport,
    registration_id: str,
    home_branch_id: str,
    of_member: Iterable[FloatingRegistration],
    side: Side,
    at: float,
) -> RegistrationStep | Declined:
    """Open a registration from a departure report. `of_member`: every registration the member ever had.

    A departure may be planned (a day to come) or told afterwards. Declined: registrationOpen, contactMissing, placeMissing,
    rangeContradictsPlace, notYourStep, dayOutOfOrder.
    """
    if side not in (Side.MEMBER, Side.HOME):
        return declined("notYourStep", act="Register")
    if any(one.is_open for one in of_member):
        return declined("registrationOpen")
    if wrong := wrong_report(report):
        return wrong
    registration = FloatingRegistration(registration_id, report.member_id, home_branch_id, report, _S.DEPARTED, at, report.destination)
    return RegistrationStep(registration, RegistrationChange(registration_id, None, _S.DEPARTED, "Register", side, at))


def wrong_report(report: DepartureReport) -> Declined | None:
    if not report.contact.strip():
        return declined("contactMissing")
    if not report.destination.name.strip():
        return declined("placeMissing")
    if (report.flow_range is FlowRange.ABROAD) == (report.destination.country == "CN"):
        return declined("rangeContradictsPlace")
    if report.expected_return_on is not None and report.expected_return_on < report.left_on:
        return declined("dayOutOfOrder", day=report.expected_return_on.isoformat())
    return None


def step_registration(
    registration: FloatingRegistration,
    step: FloatingStep,
    side: Side,
    at: float,
    rules: MobilityRules,
    consents: Collection[SeparateConsent] = (),
    seen_revision: int | None = None,
) -> RegistrationStep | Declined:
    """Take one step. `seen_revision`: what the person had on the screen, so that the slower of two secretaries is told."""
    name = type(step).__name__
    states, sides = TABLE[type(step)]
    if seen_revision is not None and seen_revision != registration.revision:
        return declined("changedMeanwhile")
    if registration.state not in states:
        return declined("stepNotPossible", act=name, state=registration.state.value)
    if side not in sides:
        return declined("notYourStep", act=name)
    found = _next(registration, step, at, rules, consents)
    if isinstance(found, Declined):
        return found
    found = replace(found, revision=registration.revision + 1)
    found = found if found.is_open else replace(found, closed_at=at)
    reason = step.reason if isinstance(step, CancelRegistration | EndMembership) else ""
    change = RegistrationChange(registration.registration_id, registration.state, found.state, name, side, at, reason)
    return RegistrationStep(found, change)


def _next(
    registration: FloatingRegistration, step: FloatingStep, at: float, rules: MobilityRules, consents: Collection[SeparateConsent]
) -> FloatingRegistration | Declined:
    match step:
        case NameHost():
            return _host_named(registration, step, at, rules, consents)
        case ReportIn():
            return _reported_in(registration, step, at, consents)
        case DeclareWhereabouts():
            return _declared(registration, step)
        case Return():
            return _returned(registration, step, at)
        case BecomeTransferred():
            return replace(registration, state=_S.TRANSFERRED, transfer_id=step.transfer_id)
        case CancelRegistration():
            return _ended(registration, _S.CANCELLED, step.reason)
        case EndMembership():
            return _ended(registration, _S.MEMBERSHIP_ENDED, step.reason)


def _host_named(
    registration: FloatingRegistration, step: NameHost, at: float, rules: MobilityRules, consents: Collection[SeparateConsent]
) -> FloatingRegistration | Declined:
    if registration.home_branch_id in (step.host_org_id, step.host_branch_id):
        return declined("hostIsHome")
    if not consented(consents, registration.member_id, step.host_org_id, at):
        return declined("consentMissing")
    # who leaves only next month cannot be late before having left
    awaiting = max(day_of(at), registration.report.left_on)
    return replace(
        registration,
        state=_S.AWAITING_REPORT_IN,
        host_org_id=step.host_org_id,
        host_branch_id=step.host_branch_id,
        host_contact=step.host_contact,
        awaiting_since=awaiting,
        report_in_due_on=awaiting + timedelta(days=rules.report_in_days),
    )


def _reported_in(
    registration: FloatingRegistration, step: ReportIn, at: float, consents: Collection[SeparateConsent]
) -> FloatingRegistration | Declined:
    if step.host_branch_id == registration.home_branch_id:
        return declined("hostIsHome")
    if registration.state is _S.REPORTED_IN and registration.host_branch_id == step.host_branch_id:
        return declined("stepNotPossible", act="ReportIn", state=registration.state.value)
    if not consented(consents, registration.member_id, step.host_org_id, at):
        return declined("consentMissing")
    return replace(
        registration,
        state=_S.REPORTED_IN,
        host_org_id=step.host_org_id,
        host_branch_id=step.host_branch_id,
        host_contact=step.host_contact or registration.host_contact,
        reported_in_on=day_of(at),
        report_in_due_on=None,
    )


def _declared(registration: FloatingRegistration, step: DeclareWhereabouts) -> FloatingRegistration | Declined:
    place: Place = step.declaration.place
    if not place.name.strip():
        return declined("placeMissing")
    found = replace(registration, destination=place)
    if not step.leaves_host:
        return found
    return replace(
        found,
        state=_S.DEPARTED,
        host_org_id=None,
        host_branch_id=None,
        host_contact="",
        awaiting_since=None,
        report_in_due_on=None,
        reported_in_on=None,
    )


def _returned(registration: FloatingRegistration, step: Return, at: float) -> FloatingRegistration | Declined:
    if not registration.report.left_on <= step.on <= day_of(at):
        return declined("dayOutOfOrder", day=step.on.isoformat())
    return replace(registration, state=_S.RETURNED, returned_on=step.on)


def _ended(registration: FloatingRegistration, state: RegistrationState, reason: str) -> FloatingRegistration | Declined:
    return replace(registration, state=state) if reason.strip() else declined("reasonMissing")


def consented(consents: Iterable[SeparateConsent], member_id: str, recipient_org_id: str | None, at: float) -> bool:
    """Whether the member's separate consent to be looked after by this host is in force at the instant."""
    return any(
        one.member_id == member_id
        and one.recipient_org_id == recipient_org_id
        and one.purpose is SharingPurpose.HOST_MANAGEMENT
        and one.holds_at(at)
        for one in consents
    )


def host_may_see(registration: FloatingRegistration, org_id: str, consents: Iterable[SeparateConsent], at: float) -> bool:
    """A host sees the member's record only of an open registration, only if it is the host, and only while consent is in force."""
    is_host = org_id in (registration.host_org_id, registration.host_branch_id)
    return registration.is_open and is_host and consented(consents, registration.member_id, registration.host_org_id, at)


@dataclass(frozen=True, slots=True)
class HomeLife:
    """One time the member took part in the life of the home branch."""

    on: date
    remote: bool = False


class Meets(StrEnum):
    MEETS = "meets"
    NOT_YET = "notYet"
    NOT_AWAY = "notAway"


@dataclass(frozen=True, slots=True)
class FloatingFinding:
    """Whether the definition of 2024 is met. `since`: from when the months count; `meets_on`: the day from which on it is met."""

    meets: Meets
    away_since: date | None = None
    since: date | None = None
    meets_on: date | None = None
    months: int = 0
    needed: int = 0
    last_remote: date | None = None

    def sentence(self, locale: str) -> str:
        """ "Away since …, not in the home branch's life since …"."""
        if self.meets is Meets.NOT_AWAY:
            return "未外出，或组织关系已转接。" if locale == "zh" else "Not away, or the relation has been moved."
        values = {"away": self.away_since, "since": self.since, "months": self.months, "needed": self.needed, "on": self.meets_on}
        return "".join(text.format(**values, remote=self.last_remote) for text in self._texts(locale))

    def _texts(self, locale: str) -> Iterable[str]:
        zh = locale == "zh"
        yield (
            "自 {away} 起外出，自 {since} 起未参加组织关系所在支部的活动，已满 {months} 个月（定义为 {needed} 个月以上）；"
            if zh
            else "Away since {away}, not in the home branch's life since {since}: {months} whole months ({needed} or more are needed); "
        )
        if self.last_remote is not None:
            yield "其间曾于 {remote} 远程参加；" if zh else "took part remotely on {remote}; "
        if self.meets is Meets.MEETS:
            yield "自 {on} 起符合流动党员定义。" if zh else "a floating member by the definition since {on}."
        else:
            yield "如情况不变，将于 {on} 符合流动党员定义。" if zh else "will be one on {on} if nothing changes."


def floating_finding(
    registration: FloatingRegistration | None, home_life: Iterable[HomeLife], rules: MobilityRules, today: date
) -> FloatingFinding:
    """Evaluate the definition: away, the relation not moved, and for n consecutive months not in the home branch's life.

    The months count from the later of leaving and the last time there. The day after n months is met is the same day n months later.
    """
    if registration is None or not registration.is_open or registration.report.left_on > today:
        return FloatingFinding(Meets.NOT_AWAY)
    left = registration.report.left_on
    life = [one for one in home_life if left <= one.on <= today]
    interrupting = [one.on for one in life if not one.remote or rules.remote_life_interrupts]
    since = max(interrupting, default=left)
    last_remote = max((one.on for one in life if one.remote), default=None)
    meets_on = add_months(since, rules.floating_months)
    meets = Meets.MEETS if meets_on <= today else Meets.NOT_YET
    return FloatingFinding(meets, left, since, meets_on, whole_months(since, today), rules.floating_months, last_remote)
