"""What every shape on the wire has in common: camelCase names, unknown keys refused, bounded strings, and the one envelope of a refusal."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
StageName = Literal["full", "probationary", "applicant", "activeApplicant", "admissionCandidate"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=1000)]
Instant = Annotated[str, Field(description="ISO 8601 with zone, for example 2026-11-23T20:00:00+08:00", max_length=40)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]  # what every database can keep
Seconds = Annotated[float, Field(ge=0)]


class Shape(BaseModel):
    """A frozen shape. Incoming: unknown keys are refused, so that a misspelt field is told, not ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Sentence(Shape):
    zh: str
    en: str


class Refusal(Shape):
    """`code` is stable and for programs, `message` is for people and says what to do, `params` fills in what it is about."""

    code: str
    message: Sentence
    params: dict[str, Any] = {}
    request_id: str | None = None


class RefusalAnswer(Shape):
    refusal: Refusal


class Done(Shape):
    ok: bool = True


Item = TypeVar("Item")


class Page(Shape, Generic[Item]):
    items: list[Item]
    total: int
    page: int
    page_size: int
