"""What may stand behind the question mark of a GET. Pages count from 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Id, Instant, Shape, StageName
from .meetings import FormName, MeetingStateName
from .organisations import EducationName, StatusName

PageNumber = Annotated[int, Field(ge=1, le=100_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]
Age = Annotated[int, Field(ge=18, le=130)]  # in full years, both included
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class Pages(Shape):
    page: PageNumber = 1
    page_size: PageSize = 50


class MemberSearch(Pages):
    """`org_id`: that organisation and all below; members hosted there included."""

    org_id: Id | None = None
    q: SearchText = ""
    stage: StageName | None = None
    status: StatusName | None = None
    sex: Literal["female", "male"] | None = None
    education: EducationName | None = None
    floating: bool | None = None
    exempt: bool | None = None
    age_from: Age | None = None
    age_to: Age | None = None


class MeetingSearch(Pages):
    """`from` ≤ planned start < `to`."""

    org_id: Id | None = None
    state: MeetingStateName | None = None
    form: FormName | None = None
    from_: Instant | None = Field(default=None, alias="from")
    to: Instant | None = None


class FactSearch(Pages):
    member_id: Id | None = None


class RecordSearch(Pages):
    """Without a member: the own records."""

    page_size: PageSize = 20
    member_id: Id | None = None


class AccessSearch(Pages):
    """`subject` me: who looked at the own data, also for an auditor."""

    subject: Literal["me"] | None = None


class PointSearch(Shape):
    """Without a member: the own points. Without a year: this one."""

    member_id: Id | None = None
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None


class Language(Shape):
    lang: Literal["zh", "en"] = "zh"


class RosterImport(Shape):
    """`skip_bad`: good rows are taken in although others are bad. `accounts`: make an account for everybody without one."""

    org_id: Id | None = None
    dry_run: bool = True
    skip_bad: bool = False
    accounts: bool = False


class RegisterImport(Shape):
    """`skip_bad`: good rows are taken in although others are bad."""

    dry_run: bool = True
    skip_bad: bool = False


class RosterExport(Language):
    org_id: Id | None = None
    format: Literal["csv", "xlsx"] = "xlsx"


class RosterTemplate(Language):
    format: Literal["csv", "xlsx"] = "xlsx"
