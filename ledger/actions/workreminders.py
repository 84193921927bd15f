"""Reminders of assigned work, read each night: oneself once before the earliest work that is open is due, and once afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ..kinds.work import WORK_DUE, WORK_OVERDUE
from ..mobilityports import ClockRow
from ..model import ATTENDING
from ..notifying import Notification


def work_reminders(rows: Iterable[ClockRow], remind_days: int, today: date, now: float) -> list[Notification]:
    told: list[Notification] = []
    for row in rows:
        due = row.work_due_on
        if due is None or row.status not in ATTENDING or due > today + timedelta(days=remind_days):
            continue
        kind = WORK_OVERDUE if due < today else WORK_DUE
        told.append(kind.to(row.member_id, f"member:{row.member_id}", now, f"{kind.code}:{due}", day=due.isoformat()))
    return told
