"""The electronic file of a member, as records: what is on it beside the member's line, its entries, its history, and what members ask to
have changed. Which fields there are, and what may stand in them, is in `filefields`.

The ID number is only ever here sealed (`sealing`), with a keyed index to find it by. A history line is written once and never edited.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum

from .model import Decision

ID_NUMBER = "idNumber"
GRADUATED_ON = "graduatedOn"


@dataclass(frozen=True, slots=True)
class MemberFile:
    """What the member's line does not have. Dates of the way into the Party: applied, active applicant, candidate, probationary, full."""

    member_id: str
    id_sealed: str | None = None
    id_index: str | None = None
    native_place: str | None = None
    residence: str | None = None  # city or district, as declared; never an address to the door
    degree: str | None = None
    school: str | None = None
    work_unit: str | None = None
    occupation: str | None = None
    applied_on: date | None = None
    active_since: date | None = None
    candidate_since: date | None = None
    probationary_since: date | None = None
    full_since: date | None = None
    trainers: str | None = None  # 培养联系人
    sponsors: str | None = None  # 入党介绍人
    graduated_on: date | None = None  # of a graduate whose relation is still with the school


class EntryKind(StrEnum):
    EDUCATION = "education"
    WORK = "work"
    AWARD = "award"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One stretch of education or work, or one award. `unit`: school, employer, who awarded; `title`: degree, position, award."""

    entry_id: str
    member_id: str
    kind: EntryKind
    since: date
    until: date | None
    unit: str
    title: str = ""

    @property
    def said(self) -> str:
        """In one line, for the history."""
        span = f"{self.since.isoformat()} – {self.until.isoformat() if self.until else ''}"
        return " · ".join(part for part in (span.strip(), self.unit, self.title) if part)


class How(StrEnum):
    """By which way a change came."""

    EDIT = "edit"
    REQUEST = "request"
    IMPORT = "import"
    BULK = "bulk"
    CREATE = "create"
    TRANSFER = "transfer"
    REGISTRATION = "registration"  # of being away: host and consent
    PURGE = "purge"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One field, before and after, as text; sensitive ones masked. All lines of one `batch` were made by one act."""

    batch: str
    member_id: str
    at: float
    account_id: str
    how: How
    field: str
    before: str | None
    after: str | None
    reason: str | None = None


def changes_digest(changes: Sequence[FileChange]) -> str:
    """SHA-256 over the lines of one batch: the log of access keeps it, so that a history cannot be rewritten unnoticed."""
    lines = sorted(json.dumps(asdict(one), sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in changes)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What a member asks to have changed: field key → text (None empties it). An ID number stands in it sealed.

    `entry`: an entry to be added, as plain JSON. One is open at a time.
    """

    request_id: str
    member_id: str
    account_id: str
    at: float
    changes: Mapping[str, str | None]
    entry: Mapping[str, str] | None = None
    note: str = ""
    decision: Decision = Decision.PENDING
    withdrawn: bool = False
    decided_by: str | None = None
    decided_at: float | None = None
    answer: str | None = None

    @property
    def open(self) -> bool:
        return self.decision is Decision.PENDING and not self.withdrawn


@dataclass(frozen=True, slots=True)
class SavedList:
    """A filter of the members' list under a name, for the account that saved it. `query`: the filter as the page has it."""

    list_id: str
    account_id: str
    name: str
    query: Mapping[str, str] = field(default_factory=dict)
    saved_at: float = 0.0
