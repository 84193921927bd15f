"""Records of the protection of personal information: impact assessments (PIPL, arts. 55–56) and breaches (art. 57), as frozen records.

They are kept by the security office and read by auditors; nobody's data stands in them but how many people are concerned. An assessment
is written once and followed by the next; a breach may be put right until members have been told, and after that gets further lines only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .retention import Kind


class Occasion(StrEnum):
    """Why an assessment is made: the five cases of art. 55."""

    SENSITIVE = "sensitive"
    AUTOMATED = "automated"
    SHARING = "sharing"  # entrusted to others, provided to others, or published
    ABROAD = "abroad"
    OTHER = "other"  # of great influence on people in another way


class Conclusion(StrEnum):
    ACCEPTABLE = "acceptable"
    WITH_MEASURES = "withMeasures"
    NOT_ACCEPTABLE = "notAcceptable"


@dataclass(frozen=True, slots=True)
class Assessment:
    """`necessity`, `impact`, `measures`: the three things art. 56 wants assessed. `follows`: the one it takes the place of."""

    assessment_id: str
    title: str
    occasion: Occasion
    kinds: tuple[Kind, ...]
    necessity: str
    impact: str
    measures: str
    conclusion: Conclusion
    assessed_on: date
    next_review_on: date
    entered_at: float
    entered_by: str  # account id
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """`happened`, `harm`, `measures`, `advice`, `contact`: what art. 57 wants people told. `people`: how many, as far as is known."""

    breach_id: str
    title: str
    found_at: float
    kinds: tuple[Kind, ...]
    people: int
    happened: str
    harm: str
    measures: str
    advice: str
    contact: str
    entered_at: float
    entered_by: str
    told_at: float | None = None  # the first notice to members
    told: int = 0  # how many
    closed_at: float | None = None
    revision: int = 1


class BreachLineKind(StrEnum):
    ENTERED = "entered"
    CHANGED = "changed"
    NOTE = "note"
    AUTHORITY_TOLD = "authorityTold"
    MEMBERS_TOLD = "membersTold"
    NOT_TOLD = "notTold"  # why members need not be: measures that avoid the harm
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BreachLine:
    breach_id: str
    number: int
    kind: BreachLineKind
    at: float
    account_id: str
    text: str
