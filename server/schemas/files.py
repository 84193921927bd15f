"""A member's electronic file, its history, requests to change it, saved lists and bulk changes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .accounts import PostName
from .base import Id, Instant, Name, Page, Reason, Revision, Shape
from .organisations import MemberView
from .queries import Pages
from .reports import AttachmentLine

FieldText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
EntryKindName = Literal["education", "work", "award"]
HowName = Literal["edit", "request", "import", "bulk", "create", "transfer", "registration", "purge"]
RequestStateName = Literal["pending", "approved", "rejected", "withdrawn"]
BulkActionName = Literal["setGroup", "setExempt"]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class FileFields(Shape):
    """Every field but the ID number, as text; days as 2026-11-26."""

    name: FieldText | None = None
    sex: FieldText | None = None
    ethnic_group: FieldText | None = None
    born_on: FieldText | None = None
    native_place: FieldText | None = None
    education: FieldText | None = None
    degree: FieldText | None = None
    school: FieldText | None = None
    graduated_on: FieldText | None = None
    work_unit: FieldText | None = None
    occupation: FieldText | None = None
    residence: FieldText | None = None
    phone: FieldText | None = None
    email: FieldText | None = None
    applied_on: FieldText | None = None
    active_since: FieldText | None = None
    candidate_since: FieldText | None = None
    probationary_since: FieldText | None = None
    full_since: FieldText | None = None
    trainers: FieldText | None = None
    sponsors: FieldText | None = None
    joined_on: FieldText | None = None


class FileChanges(FileFields):
    """What is named changes; null or "" empties."""

    id_number: FieldText | None = None


class FileEdit(Shape):
    revision: Revision
    changes: FileChanges
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class EntryDraft(Shape):
    kind: EntryKindName
    since: Day
    until: Day | None = None
    unit: FieldText
    title: FieldText = ""


class EntryView(Shape):
    entry_id: Id
    kind: EntryKindName
    since: str
    until: str | None
    unit: str
    title: str


class PostLine(Shape):
    post_id: Id
    kind: PostName
    org_name: str
    since: str
    until: str | None


class RequestView(Shape):
    """`changes`: the ID number among them is shown to who decides, and masked afterwards."""

    request_id: Id
    member_id: Id
    at: Instant
    changes: dict[str, str | None]
    entry: EntryDraft | None
    note: str
    state: RequestStateName
    answer: str | None
    decided_at: Instant | None
    decided_by_name: str | None


class FileView(Shape):
    """`id_number` masked. `request`: the member's open one."""

    member: MemberView
    fields: FileFields
    id_number: str | None
    entries: list[EntryView]
    posts: list[PostLine]
    attachments: list[AttachmentLine]
    request: RequestView | None
    may_edit: bool
    own: bool


class Reveal(Shape):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class IdNumberView(Shape):
    id_number: str


class IdNumberQuery(Shape):
    id_number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class ChangeLine(Shape):
    at: Instant
    account_name: str
    how: HowName
    field: str
    before: str | None
    after: str | None
    reason: str | None


class ChangePage(Page[ChangeLine]):
    pass


class HistorySearch(Pages):
    pass


class Proposal(Shape):
    changes: FileChanges = FileChanges()
    entry: EntryDraft | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class WaitingRequest(Shape):
    """`current`: what the named fields hold now; the ID number masked."""

    request: RequestView
    member_name: str
    member_number: str
    branch_name: str
    current: dict[str, str | None]


class WaitingPage(Page[WaitingRequest]):
    pass


class RequestSearch(Pages):
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class RequestList(Shape):
    requests: list[RequestView]


class DecideRequest(Shape):
    accepted: bool
    answer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class BulkChange(Shape):
    """`value`: the group's id ("" for none), or "true"/"false"."""

    member_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    action: BulkActionName
    value: Annotated[str, StringConstraints(max_length=64)] = ""


class BulkRefusal(Shape):
    member_id: Id
    name: str
    code: str
    message_zh: str
    message_en: str


class BulkResult(Shape):
    changed: int
    unchanged: int
    refused: list[BulkRefusal]


class Selection(Shape):
    member_ids: Annotated[list[Id], Field(min_length=1, max_length=2000)]
    format: Literal["csv", "xlsx"] = "xlsx"
    lang: Literal["zh", "en"] = "zh"
    reason: Reason


class NewSavedList(Shape):
    name: Name
    query: Annotated[dict[str, Annotated[str, StringConstraints(max_length=120)]], Field(max_length=12)]


class SavedListView(Shape):
    list_id: Id
    name: str
    query: dict[str, str]


class SavedListPage(Shape):
    lists: list[SavedListView]
