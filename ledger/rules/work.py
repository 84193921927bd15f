"""Work assigned to a member: which answers are possible, and what they make of it.

Pure: a record and an answer in, the next record or a `Declined` out. An answer is given once; the branch may give it back with a reason,
after which the work is open again. Only work that is done stops a clock, on the day it was done; that nothing was assigned is held against
nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ..assignedwork import AssignedWork, WorkOutcome
from ..model import day_of
from .declined import Declined, declined


@dataclass(frozen=True, slots=True)
class WorkAnswer:
    """`on` with DONE: the day; None: today. `reason`: needed for everything but DONE, where it may say what came of it."""

    outcome: WorkOutcome
    reason: str = ""
    on: date | None = None


def wrong_due(due_on: date, today: date) -> Declined | None:
    return declined("workDuePast") if due_on < today else None


def answered(work: AssignedWork, answer: WorkAnswer, by: str, now: float) -> AssignedWork | Declined:
    """Declined: workAnswered, dayOutOfOrder (before it was assigned, or to come)."""
    if work.outcome is not None:
        return declined("workAnswered", outcome=work.outcome.value)
    done_on = (answer.on or day_of(now)) if answer.outcome is WorkOutcome.DONE else None
    if done_on is not None and not day_of(work.assigned_at) <= done_on <= day_of(now):
        return declined("dayOutOfOrder", day=done_on.isoformat())
    return replace(work, outcome=answer.outcome, done_on=done_on, answered_at=now, answered_by=by, reason=answer.reason.strip())


def given_back(work: AssignedWork, reason: str, by: str, now: float) -> AssignedWork | Declined:
    """Declined: workOpen (there is no answer of the member's to give back)."""
    if work.outcome not in (WorkOutcome.DONE, WorkOutcome.DECLINED):
        return declined("workOpen")
    return replace(work, outcome=None, done_on=None, answered_at=now, answered_by=by, reason=reason.strip())
