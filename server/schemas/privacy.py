"""The own data, requests about it, retention, and the offices of an installation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .accounts import Grant, RoleName, Username
from .base import Id, Instant, Page, Shape
from .queries import Pages, SearchText

DataRequestKindName = Literal["objection", "restriction", "erasure", "explanation"]
ConsentKindName = Literal["notice", "sharing"]


class DataKindView(Shape):
    """`count`: lines held about the reader; None where nobody asked (the public table)."""

    kind: str
    title_zh: str
    title_en: str
    purpose_zh: str
    purpose_en: str
    basis_zh: str
    basis_en: str
    seen_zh: str
    seen_en: str
    kept_zh: str
    kept_en: str
    purged: bool
    count: int | None


class RetentionView(Shape):
    version: str
    kinds: list[DataKindView]


class NoticeVersionView(Shape):
    """A text as it was, or is, shown. `kinds`: of the table of retention, instead of paragraphs."""

    kind: Literal["measuring", "sharing", "transfer", "retention"]
    version: str
    current: bool
    paragraphs_zh: list[str]
    paragraphs_en: list[str]
    kinds: list[DataKindView]


class NoticeVersions(Shape):
    items: list[NoticeVersionView]


class ConsentView(Shape):
    """`organisation_name`: for whom, of a separate consent to share. `consent_id`: of one that can be withdrawn on its own."""

    consent_id: Id | None
    kind: ConsentKindName
    version: str
    given_at: Instant
    withdrawn_at: Instant | None
    organisation_name: str | None
    purpose: str | None


class DataRequestView(Shape):
    request_id: Id
    kind: DataRequestKindName
    text: str
    raised_at: Instant
    answered_at: Instant | None
    agreed: bool | None
    answer: str | None


class MyData(Shape):
    version: str
    kinds: list[DataKindView]
    consents: list[ConsentView]
    requests: list[DataRequestView]


class NewDataRequest(Shape):
    kind: DataRequestKindName
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class WaitingDataRequestView(Shape):
    request: DataRequestView
    member_id: Id
    member_name: str
    branch_name: str
    due_at: Instant


class WaitingDataRequestPage(Page[WaitingDataRequestView]):
    pass


class DataRequestSearch(Pages):
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class AnswerDataRequest(Shape):
    agreed: bool
    answer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class AccountSearch(Pages):
    """`offices`: only accounts that hold a role."""

    q: SearchText = ""
    offices: bool = True


class OfficeAccount(Shape):
    """`member_name`: only that there is a person behind it, and who; nothing else of the person."""

    account_id: Id
    username: str
    member_name: str | None
    disabled: bool
    grants: list[Grant]


class OfficeAccountPage(Page[OfficeAccount]):
    pass


class NewOfficeAccount(Shape):
    username: Username


class GrantChange(Shape):
    account_id: Id
    role: RoleName
    org_id: Id | None = None


class KeyLine(Shape):
    key: str
    in_use: bool


class SecurityState(Shape):
    """No key is told, only their names; the head of the log, to be compared with an anchor."""

    cipher: Literal["aes", "sm"]
    keys: list[KeyLine]
    log_line: int
    log_hash: str
