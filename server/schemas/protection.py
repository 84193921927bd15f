"""Impact assessments and breaches. `kinds` are those of the table of retention (`GET /retention`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Instant, Name, Revision, Shape

OccasionName = Literal["sensitive", "automated", "sharing", "abroad", "other"]
ConclusionName = Literal["acceptable", "withMeasures", "notAcceptable"]
BreachLineName = Literal["entered", "changed", "note", "authorityTold", "membersTold", "notTold", "closed"]
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=4000)]
KindName = Literal[
    "identity",
    "idNumber",
    "contact",
    "partyPath",
    "career",
    "posts",
    "history",
    "attendance",
    "consents",
    "away",
    "transfers",
    "recordings",
    "reports",
    "notifications",
    "papers",
    "account",
    "access",
    "requests",
    "dues",
    "discussions",
    "work",
]
KindNames = Annotated[list[KindName], Field(min_length=1, max_length=30)]


class NewAssessment(Shape):
    """`follows`: the assessment it takes the place of."""

    title: Name
    occasion: OccasionName
    kinds: KindNames
    necessity: Told
    impact: Told
    measures: Told
    conclusion: ConclusionName
    assessed_on: Day
    next_review_on: Day
    follows: Id | None = None


class AssessmentView(Shape):
    """`followed`: another one has taken its place; `due`: its review is past its day."""

    assessment_id: Id
    title: str
    occasion: OccasionName
    kinds: list[KindName]
    necessity: str
    impact: str
    measures: str
    conclusion: ConclusionName
    assessed_on: Day
    next_review_on: Day
    entered_at: Instant
    entered_by: str
    follows: Id | None
    followed: bool
    due: bool


class AssessmentList(Shape):
    """Latest first."""

    items: list[AssessmentView]
    may_keep: bool


class NewBreach(Shape):
    """`people`: how many are concerned, as far as is known."""

    title: Name
    found_at: Instant
    kinds: KindNames
    people: Annotated[int, Field(ge=0, le=100_000_000)]
    happened: Told
    harm: Told
    measures: Told
    advice: Told
    contact: Told


class BreachChange(NewBreach):
    revision: Revision


class BreachSummary(Shape):
    """`told`: how many members have been told."""

    breach_id: Id
    title: str
    found_at: Instant
    people: int
    told_at: Instant | None
    told: int
    closed_at: Instant | None


class BreachList(Shape):
    """Latest found first."""

    items: list[BreachSummary]


class BreachLineView(Shape):
    kind: BreachLineName
    at: Instant
    by: str
    text: str


class BreachNotice(Shape):
    """What a member concerned is told (PIPL, art. 57)."""

    breach_id: Id
    title: str
    found_at: Instant
    kinds: list[KindName]
    happened: str
    harm: str
    measures: str
    advice: str
    contact: str


class BreachView(BreachNotice):
    people: int
    told_at: Instant | None
    told: int
    closed_at: Instant | None
    revision: int
    lines: list[BreachLineView]
    may_keep: bool


class NewBreachLine(Shape):
    kind: Literal["note", "authorityTold", "notTold", "closed"]
    text: Told


class TellMembers(Shape):
    """Members of these organisations and all below them. `dry_run`: only count."""

    org_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]
    dry_run: bool = True


class ToldMembers(Shape):
    """How many have been told now, or would be; those told before are not counted."""

    told: int
    dry_run: bool
