"""Who owes a thought report by when: the schedule by kind of member, over the clock of `duties`.

A duty begins with admission, with leaving the place, or – for somebody who was here before the schedule was – on the day it first sees
them: nobody is overdue on the day after an installation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from ..mobilityrules import MobilityRules
from .duties import REPORTS_BEFORE_ADMISSION, DutyRecord, thought_report_months
from .months import next_period_end


class ReportDutyState(StrEnum):
    LATER = "later"
    SOON = "soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class ReportDuty:
    """`months`: the length of the period; `basis`: the parameter of the rulebook that asks for it."""

    member_id: str
    months: int
    basis: str
    due_on: date
    state: ReportDutyState
    last_on: date | None


def begins_on(joined_on: date | None, months: int, today: date) -> date:
    """From when somebody seen for the first time owes reports."""
    return joined_on if joined_on is not None and next_period_end(joined_on, months) >= today else today


def report_duty(record: DutyRecord, rules: MobilityRules, today: date) -> ReportDuty | None:
    """None: the rules ask nothing of this kind of member, or nothing is known from when on."""
    months = thought_report_months(record, rules)
    since = record.thought_reports_since or record.left_on
    if not months or since is None:
        return None
    last = record.last_thought_report_on
    due_on = next_period_end(max(since, last) if last else since, months)
    return ReportDuty(record.member_id, months, _basis(record, rules, months), due_on, _state(due_on, rules, today), last)


def _basis(record: DutyRecord, rules: MobilityRules, months: int) -> str:
    if record.applying is not None:
        return REPORTS_BEFORE_ADMISSION[record.applying]
    if record.left_on is not None and rules.thought_report_floating_months == months:
        probationary = record.probationary and rules.thought_report_probationary_months == months
        return "thought_report_probationary_months" if probationary else "thought_report_floating_months"
    return "thought_report_probationary_months" if record.probationary else "thought_report_full_months"


def _state(due_on: date, rules: MobilityRules, today: date) -> ReportDutyState:
    if due_on < today - timedelta(days=rules.escalate_days):
        return ReportDutyState.ESCALATED
    if due_on < today:
        return ReportDutyState.OVERDUE
    return ReportDutyState.SOON if due_on <= today + timedelta(days=rules.remind_days) else ReportDutyState.LATER


def with_since(record: DutyRecord, joined_on: date | None, known: date | None, rules: MobilityRules, today: date) -> DutyRecord:
    """The record with the day its duty began, if it has one."""
    months = thought_report_months(record, rules)
    return replace(record, thought_reports_since=known or begins_on(joined_on, months, today)) if months else record
