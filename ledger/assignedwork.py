"""Work a branch assigns to a member (分配工作), as a frozen record: what, until when, and what came of it.

It is between the branch and the member, who sees it and answers: done, or declined with a reason. What the secretaries of home and host
write to each other about a member is another thing (`dualmanagement.ThreadEntry`), which the member does not read. Authors are account ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class WorkOutcome(StrEnum):
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by the branch


@dataclass(frozen=True, slots=True)
class AssignedWork:
    """`outcome` None: open. `done_on`: the day of a DONE. `reason`: of the outcome; of open work, why an answer was given back."""

    work_id: str
    member_id: str
    org_id: str  # that assigned it
    title: str
    due_on: date
    assigned_at: float
    assigned_by: str
    detail: str = ""
    outcome: WorkOutcome | None = None
    done_on: date | None = None
    answered_at: float | None = None
    answered_by: str | None = None
    reason: str = ""
