"""Reminders of dues, read each night from how members stand: oneself once for each month, a branch once for each day some fell due.

Of whom nothing stands in the book nothing is owed: a branch that has not begun to keep it here troubles nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from ..duesrules import DuesRules
from ..kinds.dues import DUES_DUE, DUES_OUTSTANDING, DUES_OVERDUE
from ..mobilityports import ClockRow
from ..model import ATTENDING, OrgUnit
from ..notifying import Notification
from ..rules.dues import DuesDue, DuesState, next_due


def dues_reminders(
    rows: Iterable[ClockRow],
    acting: Callable[[str], Sequence[str]],
    units: Mapping[str, OrgUnit],
    rules: DuesRules,
    today: date,
    now: float,
) -> list[Notification]:
    told: list[Notification] = []
    late: dict[tuple[str, str], None] = {}
    for row in rows:
        due = next_due(row.dues, rules, today) if row.dues and row.status in ATTENDING else None
        if due is None or due.state is DuesState.PAID:
            continue
        told.append(_reminder(row.member_id, due, now))
        if due.state is DuesState.BEHIND:
            late[row.home_branch_id, due.due_on.isoformat()] = None
    for org_id, due_on in late:
        name, key = units[org_id].name if org_id in units else "–", f"{DUES_OUTSTANDING.code}:{org_id}:{due_on}"
        told += [DUES_OUTSTANDING.to(person, f"org:{org_id}", now, key, org=name) for person in acting(org_id)]
    return told


def _reminder(member_id: str, due: DuesDue, now: float) -> Notification:
    kind = DUES_OVERDUE if due.state is DuesState.BEHIND else DUES_DUE
    key = f"{kind.code}:{due.month}"
    return kind.to(member_id, f"member:{member_id}", now, key, month=due.month, day=due.due_on.isoformat())
