"""Clocks: what is due of whom and by when, and the long clocks as advice with their legal basis.

One pass over many members, each a flat record of last times; nothing is fetched here and nothing decided. A *due* is an ordinary duty with
a reminder. *Advice* is for people: a branch may have to talk about somebody, and the paper for it can be prepared; no state changes by it.

"Once a quarter" is meant by the calendar, as branches report it: done in one period, it is due again by the end of the next. Leaving counts
as a contact, a report and a thought report, so that nobody owes one on the day after. The six-month clock runs from the latest of the last
organisational life, the last dues payment and the last assigned work that was done, and not while there is a proper reason; where none is
known, from the day the records begin, since silence of a new installation says nothing about a member. Work that is overdue does not
fill the clock by itself; it is said beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ..mobility import Side
from ..mobilityrules import Clause, MobilityRules
from ..model import Stage
from .months import add_months, next_period_end


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """What the clocks need to know of one member; `left_on` None: not away, and the clocks of floating members are still."""

    member_id: str
    probationary: bool = False
    applying: Stage | None = None  # the stage before admission, of who is no member: owes thought reports and nothing else
    exempt: bool = False  # old, ill or incapacitated: no hard requirement, no advice
    left_on: date | None = None
    abroad: bool = False
    report_in_due_on: date | None = None  # while awaiting report-in
    fixed_place_since: date | None = None
    last_contact_on: date | None = None  # reached, not merely tried
    last_report_on: date | None = None
    certificate_issued_on: date | None = None
    certificate_checked_on: date | None = None
    last_thought_report_on: date | None = None
    thought_reports_since: date | None = None  # from when one owes them: admission, or the rule's introduction
    records_since: date | None = None
    last_life_on: date | None = None
    last_dues_on: date | None = None
    last_work_on: date | None = None  # assigned work that was done
    work_due_on: date | None = None  # the earliest day open work is due
    excused_until: date | None = None  # proper reason: leave granted, illness
    search_began_on: date | None = None
    suspended_on: date | None = None
    graduated_on: date | None = None


class DutyKind(StrEnum):
    REPORT_IN = "reportIn"
    CONTACT = "contact"
    YEARLY_REPORT = "yearlyReport"
    ANNUAL_CHECK = "annualCheck"
    THOUGHT_REPORT = "thoughtReport"


class DutyState(StrEnum):
    SOON = "soon"  # within the days of the reminder, the due day included
    OVERDUE = "overdue"
    ESCALATED = "escalated"  # overdue for so long that the superior is told


AUDIENCE: dict[DutyKind, tuple[Side, ...]] = {
    DutyKind.REPORT_IN: (Side.MEMBER, Side.HOME, Side.HOST),
    DutyKind.CONTACT: (Side.HOME,),
    DutyKind.YEARLY_REPORT: (Side.MEMBER, Side.HOME),
    DutyKind.ANNUAL_CHECK: (Side.MEMBER, Side.HOME),
    DutyKind.THOUGHT_REPORT: (Side.MEMBER, Side.HOME),
}


@dataclass(frozen=True, slots=True)
class Due:
    member_id: str
    kind: DutyKind
    due_on: date
    state: DutyState

    @property
    def audience(self) -> tuple[Side, ...]:
        """Whom to remind; an escalated one goes to the home committee as well."""
        return AUDIENCE[self.kind] + ((Side.HOME_COMMITTEE,) if self.state is DutyState.ESCALATED else ())


class AdviceKind(StrEnum):
    LAPSE_NEAR = "lapseNear"
    LAPSE = "lapse"
    SUSPENSION = "suspension"
    REMOVAL = "removal"
    GRADUATE = "graduate"
    FIXED_PLACE = "fixedPlace"


BASIS: dict[AdviceKind, str] = {
    AdviceKind.LAPSE_NEAR: "lapse_months",
    AdviceKind.LAPSE: "lapse_months",
    AdviceKind.SUSPENSION: "suspension_months",
    AdviceKind.REMOVAL: "removal_months",
    AdviceKind.GRADUATE: "graduate_months",
    AdviceKind.FIXED_PLACE: "fixed_place_months",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """The clock ran from `since` and is, or will be, full on `full_on`. The last days: of the lapse clock, what it was reckoned from;
    `work_late_since`: the day the oldest work that is still open was due."""

    member_id: str
    kind: AdviceKind
    since: date
    full_on: date
    last_life_on: date | None = None
    last_dues_on: date | None = None
    last_work_on: date | None = None
    work_late_since: date | None = None

    def clause(self, rules: MobilityRules) -> Clause:
        return rules.clause(BASIS[self.kind])

    def sentence(self, rules: MobilityRules, locale: str) -> str:
        zh, en = SENTENCES[self.kind]
        basis = self.clause(rules).basis(locale)
        return (zh if locale == "zh" else en).format(since=self.since, on=self.full_on, basis=basis, last=self._last(locale == "zh"))

    def _last(self, zh: bool) -> str:
        """What is known of the three legs of the clock, where anything is."""
        days = (self.last_life_on, self.last_dues_on, self.last_work_on)
        if all(day is None for day in days) and self.work_late_since is None:
            return ""
        parts = [name.format(day or ("无" if zh else "none")) for name, day in zip(_LEGS[zh], days, strict=True)]
        if self.work_late_since is not None:
            parts.append((_LATE_ZH if zh else _LATE_EN).format(self.work_late_since))
        return f"（{'；'.join(parts)}）" if zh else f" ({'; '.join(parts)})"


_LEGS = {
    True: ("最近一次组织生活：{}", "最近一次交纳党费：{}", "最近一次完成所分配的工作：{}"),
    False: ("last organisational life: {}", "last dues: {}", "last assigned work done: {}"),
}
_LATE_ZH = "有所分配的工作应于 {} 完成，尚未完成"
_LATE_EN = "assigned work was due on {} and is not done"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Both in the order of the members given."""

    dues: tuple[Due, ...]
    advice: tuple[Advice, ...]

    def counts(self) -> dict[tuple[DutyKind, DutyState], int]:
        return dict(Counter((due.kind, due.state) for due in self.dues))


def evaluate(records: Iterable[DutyRecord], rules: MobilityRules, today: date) -> Evaluation:
    """Every due that is near or past, and every advice, of all members in one pass (some microseconds each)."""
    soon = today + timedelta(days=rules.remind_days)
    escalate = today - timedelta(days=rules.escalate_days)
    dues: list[Due] = []
    advice: list[Advice] = []
    for one in records:
        for kind, due_on in due_days(one, rules):
            if due_on <= soon:
                state = DutyState.SOON if due_on >= today else DutyState.OVERDUE if due_on >= escalate else DutyState.ESCALATED
                dues.append(Due(one.member_id, kind, due_on, state))
        if not one.exempt:
            advice.extend(_advice(one, rules, today))
    return Evaluation(tuple(dues), tuple(advice))


def due_days(one: DutyRecord, rules: MobilityRules) -> list[tuple[DutyKind, date]]:
    """Every duty the member has, with the day it is due, near or far. A period of 0 months in the rules means none."""
    found: list[tuple[DutyKind, date]] = []
    left = one.left_on
    if left is not None:
        if one.report_in_due_on is not None:
            found.append((DutyKind.REPORT_IN, one.report_in_due_on))
        contact = rules.contact_abroad_months if one.abroad else rules.contact_months
        _add(found, DutyKind.CONTACT, _later(left, one.last_contact_on), contact)
        _add(found, DutyKind.YEARLY_REPORT, _later(left, one.last_report_on), rules.yearly_report_months)
        if one.certificate_issued_on is not None:
            _add(found, DutyKind.ANNUAL_CHECK, _later(one.certificate_issued_on, one.certificate_checked_on), rules.annual_check_months)
    began = one.thought_reports_since or left
    if began is not None:
        _add(found, DutyKind.THOUGHT_REPORT, _later(began, one.last_thought_report_on), thought_report_months(one, rules))
    return found


def thought_report_months(one: DutyRecord, rules: MobilityRules) -> int:
    """The shortest period of those the member falls under; 0: none are asked for."""
    if one.applying is not None:
        return int(getattr(rules, REPORTS_BEFORE_ADMISSION[one.applying]))
    asked = [
        rules.thought_report_probationary_months if one.probationary else rules.thought_report_full_months,
        rules.thought_report_floating_months if one.left_on is not None else 0,
    ]
    return min((months for months in asked if months), default=0)


#: Stage before admission → the parameter that asks for reports.
REPORTS_BEFORE_ADMISSION: dict[Stage, str] = {
    Stage.APPLICANT: "thought_report_applicant_months",
    Stage.ACTIVE_APPLICANT: "thought_report_active_applicant_months",
    Stage.ADMISSION_CANDIDATE: "thought_report_candidate_months",
}


def lapse_clock(one: DutyRecord, rules: MobilityRules) -> tuple[date, date] | None:
    """(since, full on) of the six-month clock; None where nothing is known, or the member is under search or suspended already."""
    known = [day for day in (one.last_life_on, one.last_dues_on, one.last_work_on) if day is not None]
    begin = max(known) if known else one.records_since
    since = max((day for day in (begin, one.excused_until) if day is not None), default=None)
    if since is None or one.search_began_on is not None or one.suspended_on is not None:
        return None
    return since, add_months(since, rules.lapse_months)


def _add(found: list[tuple[DutyKind, date]], kind: DutyKind, last: date, months: int) -> None:
    if months:
        found.append((kind, next_period_end(last, months)))


def _later(one: date, other: date | None) -> date:
    return one if other is None or other < one else other


def _advice(one: DutyRecord, rules: MobilityRules, today: date) -> Iterable[Advice]:
    clock = lapse_clock(one, rules)
    if clock is not None:
        since, full_on = clock
        late = one.work_due_on if one.work_due_on is not None and one.work_due_on < today else None
        legs = (one.last_life_on, one.last_dues_on, one.last_work_on, late)
        if full_on <= today:
            yield Advice(one.member_id, AdviceKind.LAPSE, since, full_on, *legs)
        elif full_on <= today + timedelta(days=rules.lapse_warn_days):
            yield Advice(one.member_id, AdviceKind.LAPSE_NEAR, since, full_on, *legs)
    if one.suspended_on is not None:
        yield from _when_full(one.member_id, AdviceKind.REMOVAL, one.suspended_on, rules.removal_months, today)
    elif one.search_began_on is not None:
        yield from _when_full(one.member_id, AdviceKind.SUSPENSION, one.search_began_on, rules.suspension_months, today)
    if one.graduated_on is not None:
        yield from _when_full(one.member_id, AdviceKind.GRADUATE, one.graduated_on, rules.graduate_months, today)
    if one.fixed_place_since is not None:
        yield from _when_full(one.member_id, AdviceKind.FIXED_PLACE, one.fixed_place_since, rules.fixed_place_months, today)


def _when_full(member_id: str, kind: AdviceKind, since: date, months: int, today: date) -> Iterable[Advice]:
    full_on = add_months(since, months)
    if full_on <= today:
        yield Advice(member_id, kind, since, full_on)


SENTENCES: dict[AdviceKind, tuple[str, str]] = {
    AdviceKind.LAPSE_NEAR: (
        "自 {since} 起没有参加组织生活、交纳党费或完成所分配工作的记录{last}，至 {on} 将满期限，请尽快联系本人。依据：{basis}。",
        "No organisational life, dues or assigned work done on record since {since}{last}; the period is full on {on}. Get in touch soon. "
        "Basis: {basis}.",
    ),
    AdviceKind.LAPSE: (
        "自 {since} 起没有参加组织生活、交纳党费或完成所分配工作的记录{last}，{on} 已满期限。请先核实有无正当理由；"
        "是否处置由支部党员大会讨论、上级审批。依据：{basis}。",
        "No organisational life, dues or assigned work done on record since {since}{last}; the period was full on {on}. First find out "
        "whether there is a proper reason; any decision is for the general meeting and its superior. Basis: {basis}.",
    ),
    AdviceKind.SUSPENSION: (
        "自 {since} 起查找，至 {on} 已满期限仍失联，可按程序提出停止党籍，由组织决定。依据：{basis}。",
        "Searched for since {since}, out of contact beyond {on}: suspension may be put forward; people decide. Basis: {basis}.",
    ),
    AdviceKind.REMOVAL: (
        "自 {since} 起停止党籍，至 {on} 已满期限仍失联，可按程序提出除名，由组织决定。依据：{basis}。",
        "Suspended since {since}, out of contact beyond {on}: removal may be put forward; people decide. Basis: {basis}.",
    ),
    AdviceKind.GRADUATE: (
        "{since} 毕业，组织关系保留至 {on} 已满期限，请督促转出。依据：{basis}。",
        "Graduated on {since}; the relation could stay until {on}. Help to move it. Basis: {basis}.",
    ),
    AdviceKind.FIXED_PLACE: (
        "自 {since} 起在固定地点，{on} 已满期限，建议转接组织关系。依据：{basis}。",
        "At a fixed place since {since}, full on {on}: the relation should be moved. Basis: {basis}.",
    ),
}
