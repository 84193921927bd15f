"""Threads, announcements, and the home page of a branch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Id, Instant, Reason, Shape
from .meetings import MeetingCard
from .queries import Pages
from .reports import AttachmentLine, ReportDutyLine

ThreadKindName = Literal["discussion", "announcement"]
ThreadTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
ContributionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
Mentions = Annotated[list[Id], Field(default_factory=list, max_length=30)]


class ThreadSearch(Pages):
    """Without an organisation: everywhere one takes part."""

    page_size: Annotated[int, Field(ge=1, le=100)] = 25
    org_id: Id | None = None
    kind: ThreadKindName | None = None


class OpenThread(Shape):
    org_id: Id
    kind: ThreadKindName
    title: ThreadTitle
    text: ContributionText
    mentions: Mentions


class Contribute(Shape):
    text: ContributionText
    mentions: Mentions


class EditContribution(Shape):
    text: ContributionText
    mentions: Mentions


class ContributionVersionLine(Shape):
    """What a contribution said before; `at`: when it was written so."""

    number: int
    text: str
    at: Instant


class ContributionVersions(Shape):
    versions: list[ContributionVersionLine]


class HideContribution(Shape):
    reason: Reason


class CloseThread(Shape):
    """`closed` False opens it again."""

    closed: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class ThreadLine(Shape):
    """`unread`: contributions not seen yet; null for an account without a member."""

    thread_id: Id
    org_id: Id
    org_name: str
    kind: ThreadKindName
    title: str
    author_name: str
    created_at: Instant
    last_at: Instant
    entries: int
    unread: int | None
    closed: bool


class ThreadPage(Shape):
    items: list[ThreadLine]
    total: int
    page: int
    page_size: int


class ContributionLine(Shape):
    """`hidden`: taken away by a moderator; those who moderate see text and reason. `edits`: how often its author has changed it."""

    entry_id: Id
    number: int
    author_name: str
    at: Instant
    text: str
    deleted: bool
    hidden: bool
    hide_reason: str
    attachments: list[AttachmentLine]
    mine: bool
    may_delete: bool
    may_edit: bool
    edited_at: Instant | None
    edits: int
    may_see_versions: bool


class ThreadView(ThreadLine):
    close_reason: str
    contributions: list[ContributionLine]
    may_answer: bool
    may_moderate: bool
    may_see_readers: bool


class Reader(Shape):
    member_id: Id
    name: str
    at: Instant | None


class ReaderList(Shape):
    """Of an announcement: who has opened it, and whom it is for but who has not."""

    read: list[Reader]
    unread: list[Reader]


class Person(Shape):
    member_id: Id
    name: str


class PeopleToMention(Shape):
    people: list[Person]


class BranchPlace(Shape):
    """`host`: one floats there; `may_announce`, `may_talk`: what one may open there."""

    org_id: Id
    name: str
    host: bool
    may_announce: bool
    may_talk: bool


class BranchHome(Shape):
    """The online branch for those who are away: what is next, what is new, what is due."""

    places: list[BranchPlace]
    meetings: list[MeetingCard]
    announcements: list[ThreadLine]
    threads: list[ThreadLine]
    duty: ReportDutyLine | None
