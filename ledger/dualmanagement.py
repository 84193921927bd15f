"""What is written down beside a registration: its history, requests for consent, the thread of two secretaries, the evaluation fed back.

Shapes only, as in `mobility`. Everything here is added to and answered, never rewritten: a message has no second version, a request is
answered once. Authors are account ids; `side` says in which part they acted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .mobility import Place, RegistrationState, Side


@dataclass(frozen=True, slots=True)
class RegistrationLine:
    """One line of a registration's history. `before` None: it was opened. `step`: a class of `rules.floating`, or what else was done."""

    registration_id: str
    at: float
    step: str
    side: Side
    author: str
    before: RegistrationState | None
    after: RegistrationState
    reason: str = ""
    subject: str = ""  # what it was about: an organisation's or a member's id, a certificate's number


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration of whereabouts as it was made. `moved`: to another place than before, from which a new stay counts."""

    registration_id: str
    place: Place
    declared_at: float
    side: Side
    author: str
    moved: bool
    unit: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A host asks the member for separate consent. `reports_in`: it has the member at the door, and takes the member in on a yes."""

    request_id: str
    registration_id: str
    member_id: str
    org_id: str
    branch_id: str
    asked_by: str
    asked_at: float
    reports_in: bool = False
    host_contact: str = ""
    answered_at: float | None = None
    agreed: bool | None = None


class ThreadEntryKind(StrEnum):
    MESSAGE = "message"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """A message or a task between the secretaries of home and host about one member away. The member does not read it."""

    entry_id: str
    registration_id: str
    kind: ThreadEntryKind
    side: Side
    author: str
    text: str
    written_at: float
    due_on: date | None = None
    done_at: float | None = None
    done_by: str | None = None


class EvaluationGrade(StrEnum):
    """Of democratic evaluation. `UNGRADED`: probationary members take part and are given no grade."""

    EXCELLENT = "EXCELLENT"
    QUALIFIED = "QUALIFIED"
    BASICALLY_QUALIFIED = "BASICALLY_QUALIFIED"
    UNQUALIFIED = "UNQUALIFIED"
    UNGRADED = "UNGRADED"


@dataclass(frozen=True, slots=True)
class HostEvaluation:
    """How the host found the member in a year; the home branch decides and takes note of it."""

    evaluation_id: str
    registration_id: str
    org_id: str
    year: int
    grade: EvaluationGrade
    remark: str
    author: str
    given_at: float
    noted_at: float | None = None
    noted_by: str | None = None


@dataclass(frozen=True, slots=True)
class LifeDay:
    """A member was present at a meeting of an organisation, as its sheet says. Kept from sheets so that clocks need not measure again."""

    meeting_id: str
    member_id: str
    org_id: str
    on: date
    remote: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """From which facts and by which rules the days of a meeting were taken: another number or hash, and they are taken again."""

    meeting_id: str
    last_number: int
    rules_hash: str
