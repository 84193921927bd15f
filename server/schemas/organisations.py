"""Organisations and members, and the roster that comes in and goes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .accounts import PostName
from .base import Day, Id, Name, Page, Reason, Revision, Shape, StageName

OrgKindName = Literal["committee", "generalBranch", "branch", "jointBranch", "temporaryBranch", "floatingBranch", "partyGroup"]
RecordingRuleName = Literal["never", "allowed", "untilObjection"]
StatusName = Literal["active", "partyProbation", "suspended", "transferred", "left", "deceased", "applying"]
EducationName = Literal["primary", "middle", "secondary", "college", "bachelor", "master", "doctor"]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class OrgView(Shape):
    org_id: Id
    parent_id: Id | None
    kind: OrgKindName
    name: str
    code: str
    depth: int
    points_enabled: bool
    lobby_default: bool
    recording_rule: RecordingRuleName
    recording_days: int | None  # how long recordings are kept; null: the rulebook's
    present_share: float | None
    founded_on: str | None
    ends_on: str | None
    closed: bool
    member_count: int  # homes here and below
    may_manage: bool


class OrgTree(Shape):
    """Parents before children, siblings by code."""

    organisations: list[OrgView]


class NewOrg(Shape):
    parent_id: Id | None
    kind: OrgKindName
    name: Name
    code: Code
    founded_on: Day | None = None
    ends_on: Day | None = None


class OrgChange(Shape):
    """Only what is given changes."""

    name: Name | None = None
    points_enabled: bool | None = None
    lobby_default: bool | None = None
    recording_rule: RecordingRuleName | None = None
    recording_days: int | None = Field(default=None, ge=1, le=3650)
    present_share: float | None = None
    ends_on: Day | None = None


class PostView(Shape):
    post_id: Id
    kind: PostName
    org_id: Id
    org_name: str
    since: str
    until: str | None


class MemberView(Shape):
    member_id: Id
    number: str
    name: str
    sex: Literal["female", "male"] | None
    stage: StageName
    status: StatusName
    home_branch_id: Id
    home_branch_name: str
    host_branch_id: Id | None
    host_branch_name: str | None
    group_id: Id | None
    group_name: str | None
    joined_on: str | None
    phone: str | None  # masked in lists (138****0000)
    email: str | None
    exempt: bool
    posts: list[PostView]
    username: str | None
    account_id: Id | None
    revision: int
    may_edit: bool
    may_see_work: bool
    born_on: str | None
    ethnic_group: str | None
    education: EducationName | None


class NewMember(Shape):
    number: Code
    name: Name
    stage: StageName
    home_branch_id: Id
    sex: Literal["female", "male"] | None = None
    status: StatusName = "active"
    host_branch_id: Id | None = None
    group_id: Id | None = None
    joined_on: Day | None = None
    phone: Phone | None = None
    email: Email | None = None
    exempt: bool = False


class MemberChange(Shape):
    """Only what is given changes; `revision` is the one the editor saw, so that two editors cannot overwrite each other."""

    revision: Revision
    name: Name | None = None
    stage: StageName | None = None
    sex: Literal["female", "male"] | None = None
    status: StatusName | None = None
    home_branch_id: Id | None = None
    host_branch_id: Id | Literal[""] | None = None  # "" ends it
    group_id: Id | Literal[""] | None = None
    joined_on: Day | None = None
    phone: Phone | None = None
    email: Email | None = None
    exempt: bool | None = None


class NewPost(Shape):
    org_id: Id
    kind: PostName
    since: Day


class MemberPage(Page[MemberView]):
    pass


class RosterComplaint(Shape):
    """A bad row: `line` as a spreadsheet shows it (the header is line 1), the column's own heading, a stable code."""

    line: int
    column: str
    code: str
    params: dict[str, Any]
    message_zh: str
    message_en: str


class FullRoster(Shape):
    """Why ID numbers are needed in full."""

    org_id: Id | None = None
    format: Literal["csv", "xlsx"] = "xlsx"
    lang: Literal["zh", "en"] = "zh"
    reason: Reason


class ImportReport(Shape):
    dry_run: bool
    rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    complaints: list[RosterComplaint]
    accounts: list[dict[str, str]]  # [{number, username, password}] of accounts made by this import, shown once
    applied: bool
