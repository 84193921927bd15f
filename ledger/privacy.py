"""What a member asks about the own data beyond correction: a copy, an objection, a restriction, an erasure. Asked once, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DataRequestKind(StrEnum):
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    ERASURE = "erasure"
    EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class DataRequest:
    request_id: str
    member_id: str
    kind: DataRequestKind
    text: str
    raised_at: float
    answered_at: float | None = None
    answered_by: str | None = None
    agreed: bool | None = None
    answer: str | None = None


#: 国家标准 GB/T 35273-2020 8.7: answered within thirty days.
ANSWER_DAYS = 30
