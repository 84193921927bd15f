"""Threads of a branch and announcements, as frozen records.

A thread is a row of contributions, numbered from 1, the first of which opens it. What a moderator hides stays kept with its reason; what an
author deletes leaves its place; what an author changes says so, and keeps what it said before for those who moderate. Who has read how
far is kept per member, and shown to others for announcements only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ThreadKind(StrEnum):
    DISCUSSION = "discussion"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, slots=True)
class Thread:
    """`entries`: how many contributions it has, hidden and deleted ones included."""

    thread_id: str
    org_id: str
    kind: ThreadKind
    title: str
    author: str  # account id
    author_member_id: str | None
    created_at: float
    last_at: float
    entries: int = 1
    closed_at: float | None = None
    close_reason: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    entry_id: str
    thread_id: str
    number: int
    author: str  # account id
    author_member_id: str | None
    text: str
    at: float
    deleted_at: float | None = None
    hidden_at: float | None = None
    hidden_by: str | None = None  # account id
    hide_reason: str = ""
    edited_at: float | None = None
    edits: int = 0

    @property
    def is_shown(self) -> bool:
        return self.deleted_at is None and self.hidden_at is None


@dataclass(frozen=True, slots=True)
class ContributionVersion:
    """What a contribution said before it was changed. `number` counts from 1; `at`: when it was written so."""

    entry_id: str
    number: int
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class ReadMark:
    """`number`: the last contribution read; `at`: when the member first opened the thread."""

    thread_id: str
    member_id: str
    number: int
    at: float
