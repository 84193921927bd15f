"""思想汇报 – thought reports, as frozen records. Their text is sensitive: only the member, the liaison and the secretary read it.

What the member writes on and what was handed in are two things: a reader sees only what was handed in, as it was then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ReportState(StrEnum):
    DRAFT = "draft"
    HANDED_IN = "handedIn"
    RETURNED = "returned"  # for revision
    ANSWERED = "answered"


WRITABLE = frozenset({ReportState.DRAFT, ReportState.RETURNED})


@dataclass(frozen=True, slots=True)
class ThoughtReport:
    """`period_end`: the last day of the period it is written for. `read_at`: when it was first opened after being handed in."""

    report_id: str
    member_id: str
    period_end: date
    state: ReportState
    title: str
    text: str
    created_at: float
    changed_at: float
    handed_in_at: float | None = None
    read_at: float | None = None
    revision: int = 1


class ReportStepKind(StrEnum):
    HANDED_IN = "handedIn"
    TAKEN_BACK = "takenBack"
    RETURNED = "returned"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class ReportStep:
    """A line of its history. `note`: the answer, or what to revise; `title` and `text` as they were handed in."""

    report_id: str
    number: int
    kind: ReportStepKind
    at: float
    account_id: str
    note: str = ""
    title: str = ""
    text: str = ""


def handed_in(steps: Iterable[ReportStep]) -> ReportStep | None:
    """What a reader may see: the latest handing in that was not taken back."""
    stack: list[ReportStep] = []
    for step in steps:
        if step.kind is ReportStepKind.HANDED_IN:
            stack.append(step)
        elif step.kind is ReportStepKind.TAKEN_BACK:
            stack.pop()
    return stack[-1] if stack else None
