"""From what the store reads of a member to what the rules of clocks take, and the same rules said as days a database can look for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .dualmanagement import LifeDay
from .mobility import FloatingRegistration, RegistrationState
from .mobilityports import ClockRow, ContactDue
from .mobilityrules import MobilityRules
from .model import Stage, day_of
from .rules.duties import DutyRecord
from .rules.floating import HomeLife
from .rules.months import add_months, period_end


def duty_record(row: ClockRow) -> DutyRecord:
    """A declaration by the member is the yearly report to the home organisation. The latest payment of dues stops the long clock, as does
    assigned work that was done."""
    registration = row.registration
    away = registration is not None
    return DutyRecord(
        member_id=row.member_id,
        probationary=row.stage is Stage.PROBATIONARY,
        exempt=row.exempt,
        left_on=registration.report.left_on if registration else None,
        abroad=registration.abroad if registration else False,
        report_in_due_on=_report_in_due(registration),
        fixed_place_since=row.stays_since if registration and not registration.abroad else None,
        last_contact_on=row.last_contact_on,
        last_report_on=row.last_report_on,
        certificate_issued_on=row.certificate_issued_on if away else None,
        certificate_checked_on=row.certificate_checked_on,
        records_since=day_of(row.relation_since) if row.relation_since is not None else None,
        last_life_on=row.last_life_on,
        last_dues_on=row.dues.last_paid_on if row.dues else None,
        last_work_on=row.last_work_on,
        work_due_on=row.work_due_on,
        excused_until=row.excused_until,
        search_began_on=row.search_began_on,
        suspended_on=row.suspended_on,
        graduated_on=_graduated_on(row),
    )


def _graduated_on(row: ClockRow) -> date | None:
    """Counts only while the relation has not moved on since: the clock is the school's."""
    moved = day_of(row.moved_at) if row.moved_at is not None else None
    return None if row.graduated_on is None or (moved is not None and moved >= row.graduated_on) else row.graduated_on


def _report_in_due(registration: FloatingRegistration | None) -> date | None:
    awaiting = registration is not None and registration.state is RegistrationState.AWAITING_REPORT_IN
    return registration.report_in_due_on if registration and awaiting else None


def contact_due(rules: MobilityRules, today: date) -> ContactDue:
    """Contact is overdue where the last one lies before these days: it was due by the end of the period after its own."""
    return ContactDue(_before(rules.contact_months, today), _before(rules.contact_abroad_months, today))


def _before(months: int, today: date) -> date:
    """The first day of the period before today's. With no period in the rules nothing is ever due."""
    if not months:
        return date.min
    return add_months(period_end(today, months) + timedelta(days=1), -2 * months)


def home_life(days: Iterable[LifeDay], home_org_ids: frozenset[str]) -> list[HomeLife]:
    """The days on which a member took part in the life of the home branch, its Party groups included."""
    return [HomeLife(one.on, one.remote) for one in days if one.org_id in home_org_ids]
