"""Doors of the ledger to its store: repositories as Protocols over plain records, and the unit of work that holds them together.

They say what is kept and found, never how: no SQL, no rights, no clock. Every repository has twins over memory, SQLite and PostgreSQL that
pass one contract suite. A `get` answers None where nothing is found; refusing is the business of the actions. Lists come in a stable order
(stated where it matters), so that the same question has the same answer everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from .accesschain import LoggedAccess
from .attachmentports import Attachments
from .deliveryports import Deliveries, Leases, Webhooks
from .discussionports import Discussions
from .duesports import DuesBook
from .facts import Fact, RecordedFact
from .figureports import Figures
from .fileports import ChangeRequests, DataRequests, Files, SavedLists
from .mobilityports import MobilityRepositories
from .model import (
    Access,
    Account,
    Attendee,
    Consent,
    Education,
    FailedAttempts,
    LeaveRequest,
    Meeting,
    MeetingForm,
    MeetingState,
    Member,
    MemberStatus,
    Objection,
    OrgKind,
    OrgUnit,
    Post,
    PostKind,
    RoleGrant,
    RoleKind,
    Session,
    Stage,
)
from .notificationports import Notifications, OnTold
from .protectionports import Protection
from .recordingports import Recordings
from .transferports import TransferRepositories
from .workports import AssignedWorks

if TYPE_CHECKING:  # these doors speak of `Reach`, which is below
    from .reportports import Reports


#: Nobody turns to page two hundred of a log; counting millions of lines for every page would cost more than the page.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody may look: whole subtrees by path prefix; single organisations by id, each with the Party groups right below it.

    `everywhere` for lists without a limit.
    """

    paths: tuple[str, ...] = ()
    org_ids: frozenset[str] = frozenset()
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class MemberQuery:
    """`reach` and, inside it, `within` match home branch, host branch or Party group: a member counts if any of them lies there.

    `text` matches any part of the name and the beginning of the number, whatever the case. Days of birth: born_from ≤ born < born_until;
    who has none is not found by them. Pages count from 1.
    """

    reach: Reach
    text: str = ""
    within: OrgUnit | None = None
    stage: Stage | None = None
    status: MemberStatus | None = None
    floating: bool | None = None
    page: int = 1
    page_size: int = 50
    sex: str | None = None
    education: Education | None = None
    exempt: bool | None = None
    born_from: date | None = None
    born_until: date | None = None


@dataclass(frozen=True, slots=True)
class MeetingQuery:
    """`reach` and, inside it, `within` match the meeting's organisation. Times bound the planned start: since ≤ planned start < until.

    `form` None: any.
    """

    reach: Reach
    states: frozenset[MeetingState] = frozenset(MeetingState)
    since: float | None = None
    until: float | None = None
    newest_first: bool = False
    page: int = 1
    page_size: int = 50
    within: OrgUnit | None = None
    form: MeetingForm | None = None


@dataclass(frozen=True, slots=True)
class AccessQuery:
    """The log of access: newest first. `reach` bounds it by the subjects' organisations; `subjects` exact, or None for all of them.

    `unplaced`: also lines about what belongs to no organisation, such as the accounts of administrators. `shared`: further subjects, of
    which only the actions in `shared_actions` count (sheets a member stands on: a look at the sheet is a look at the member's line).
    """

    reach: Reach
    subjects: frozenset[str] | None = None
    account_id: str | None = None
    page: int = 1
    page_size: int = 50
    unplaced: bool = False
    shared: frozenset[str] = frozenset()
    shared_actions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OrgQuery:
    """Open organisations of these kinds within reach, by a part of name or code; branches first, then by code. Pages count from 1.

    `but`: one that is not wanted. `tops`: the top of every tree is wanted as well, whatever its kind.
    """

    kinds: frozenset[OrgKind]
    reach: Reach
    text: str = ""
    but: str | None = None
    tops: bool = False
    page: int = 1
    page_size: int = 20


class Organisations(Protocol):
    async def get(self, org_id: str) -> OrgUnit | None: ...

    async def many(self, org_ids: Collection[str]) -> dict[str, OrgUnit]: ...

    async def by_code(self, code: str) -> OrgUnit | None: ...

    async def all(self) -> list[OrgUnit]:
        """Every organisation; parents before children, siblings by code."""
        ...

    async def within(self, reach: Reach) -> list[OrgUnit]:
        """Parents before children, siblings by code."""
        ...

    async def below(self, org_ids: Collection[str]) -> list[OrgUnit]:
        """Those right below one of these, by code."""
        ...

    async def named(self, reach: Reach, text: str, kinds: Collection[OrgKind], limit: int) -> list[OrgUnit]:
        """The first ones of these kinds by code that are open and have the text in name or code, whatever the case."""
        ...

    async def search(self, query: OrgQuery) -> tuple[list[OrgUnit], int]:
        """One page, and how many there are in all."""
        ...

    async def add(self, units: Sequence[OrgUnit]) -> None: ...

    async def save(self, unit: OrgUnit) -> None: ...

    async def mark(self) -> str:
        """Stands for the tree and for how many are on the roll of each organisation: another one whenever any of that is another."""
        ...

    async def member_counts(self, reach: Reach) -> dict[str, int]:
        """Home branch within reach → members still on the roll (active, under Party probation, suspended)."""
        ...

    async def members_below(self, path: str) -> int:
        """How many of them have their home in a subtree."""
        ...


class Members(Protocol):
    async def get(self, member_id: str) -> Member | None: ...

    async def many(self, member_ids: Collection[str]) -> dict[str, Member]: ...

    async def by_numbers(self, numbers: Collection[str]) -> dict[str, Member]: ...

    async def add(self, members: Sequence[Member]) -> None: ...

    async def save(self, members: Sequence[Member]) -> None: ...

    async def search(self, query: MemberQuery) -> tuple[list[Member], int]:
        """One page by number, and how many there are in all."""
        ...

    async def within(self, reach: Reach) -> list[Member]:
        """Everyone whose home branch is within reach, by number."""
        ...

    async def floating_at(self, reach: Reach) -> list[Member]:
        """Everyone whose host branch is within reach, by number."""
        ...

    async def of_group(self, group_id: str) -> list[Member]: ...


class Posts(Protocol):
    async def get(self, post_id: str) -> Post | None: ...

    async def add(self, post: Post) -> None: ...

    async def save(self, post: Post) -> None: ...

    async def of_members(self, member_ids: Collection[str]) -> list[Post]:
        """Past and present, by beginning."""
        ...

    async def of_org(self, org_id: str) -> list[Post]: ...

    async def held_on(self, day: date, kinds: Collection[PostKind]) -> list[Post]:
        """In the whole ledger, by beginning."""
        ...


class Accounts(Protocol):
    async def get(self, account_id: str) -> Account | None: ...

    async def many(self, account_ids: Collection[str]) -> dict[str, Account]: ...

    async def by_usernames(self, usernames: Collection[str]) -> dict[str, Account]:
        """User name → account. Names are kept and asked for in lower case."""
        ...

    async def of_members(self, member_ids: Collection[str]) -> dict[str, Account]:
        """Member id → account."""
        ...

    async def add(self, accounts: Sequence[Account]) -> None: ...

    async def save(self, account: Account) -> None: ...

    async def any(self) -> bool: ...

    async def search(self, text: str, with_grants: bool, page: int = 1, page_size: int = 50) -> tuple[list[Account], int]:
        """By user name, of which `text` is the beginning. `with_grants`: only accounts that hold a role."""
        ...

    async def grants_of(self, account_id: str) -> list[RoleGrant]: ...

    async def grant(self, grants: Sequence[RoleGrant]) -> None: ...

    async def revoke(self, grant: RoleGrant) -> None: ...

    async def granted(self, role: RoleKind, org_id: str) -> list[Account]:
        """Accounts to which the role is granted over this very organisation, by user name; disabled ones left out."""
        ...


class Sessions(Protocol):
    async def get(self, token_hash: str) -> Session | None: ...

    async def of_account(self, account_id: str) -> list[Session]:
        """Latest seen first."""
        ...

    async def add(self, session: Session) -> None: ...

    async def save(self, session: Session) -> None: ...

    async def remove(self, token_hashes: Collection[str]) -> None: ...

    async def remove_expired(self, now: float, idle_since: float) -> int:
        """Sessions past their end or not seen since, and failed attempts that are as old. Answers how many sessions."""
        ...

    async def attempts(self, username: str) -> FailedAttempts | None: ...

    async def save_attempts(self, attempts: FailedAttempts) -> None: ...

    async def forget_attempts(self, username: str) -> None: ...


class Meetings(Protocol):
    async def get(self, meeting_id: str) -> Meeting | None: ...

    async def by_invite(self, token: str) -> Meeting | None: ...

    async def add(self, meeting: Meeting) -> None: ...

    async def save(self, meeting: Meeting, seen_revision: int) -> bool:
        """False, and nothing changed, if the stored revision is not the one seen."""
        ...

    async def search(self, query: MeetingQuery) -> tuple[list[Meeting], int]:
        """One page by planned start, and how many there are in all."""
        ...

    async def counts(self, query: MeetingQuery) -> dict[str, int]:
        """Organisation → how many of its meetings a search would find."""
        ...

    async def listing(self, member_id: str) -> list[Meeting]:
        """Every meeting the member stands on the stored list of, newest first."""
        ...


class Attendance(Protocol):
    """Lists of attendees, requests for leave, objections and consents."""

    async def attendees(self, meeting_id: str) -> list[Attendee]: ...

    async def of_meetings(self, meeting_ids: Collection[str]) -> dict[str, list[Attendee]]:
        """Meeting → its list, for those that have one."""
        ...

    async def set_attendees(self, meeting_id: str, attendees: Sequence[Attendee]) -> None: ...

    async def leaves(self, meeting_id: str) -> list[LeaveRequest]: ...

    async def save_leave(self, leave: LeaveRequest) -> None: ...

    async def objections(self, meeting_id: str) -> list[Objection]: ...

    async def save_objection(self, objection: Objection) -> None: ...

    async def pending(self, reach: Reach) -> tuple[dict[str, int], dict[str, int]]:
        """Organisation within reach → how many leave requests, and how many objections, of its meetings wait for a decision."""
        ...

    async def consents_of(self, member_id: str) -> list[Consent]:
        """By time given."""
        ...

    async def save_consent(self, consent: Consent) -> None: ...


class Facts(Protocol):
    async def append(self, facts: Sequence[Fact], recorded_at: float) -> list[RecordedFact]:
        """Append in the order given; a key already in the ledger is passed over. Answers what was new."""
        ...

    async def of_stream(self, stream: str, after: int = 0) -> list[RecordedFact]: ...

    async def of_streams(self, streams: Collection[str], about: str | None = None) -> dict[str, list[RecordedFact]]:
        """Stream → facts by number. `about`: only those about this member, and those about nobody in particular."""
        ...

    async def head(self, stream: str) -> tuple[int, str]:
        """Number and hash of the last fact; (0, GENESIS) for an empty stream."""
        ...

    async def streams(self) -> list[str]: ...

    async def unanchored(self, limit: int) -> dict[str, tuple[int, str]]:
        """Stream → head, of streams that have grown since they were last vouched for in the log of access."""
        ...

    async def mark_anchored(self, heads: Mapping[str, tuple[int, str]]) -> None: ...


class AccessLog(Protocol):
    """One chain of lines over the whole installation; see `accesschain`."""

    async def append(self, entries: Sequence[Access]) -> None: ...

    async def head(self) -> tuple[int, str]:
        """Number and hash of the last line, kept apart from the lines; (0, GENESIS) before the first."""
        ...

    async def after(self, line: int, limit: int) -> list[LoggedAccess]:
        """In their order, from the one after `line` on."""
        ...

    async def last_of(self, action: str) -> LoggedAccess | None: ...

    async def last_before(self, instant: float) -> LoggedAccess | None:
        """The last of the lines that stand before the first one not older than the instant."""
        ...

    async def remove_up_to(self, line: int) -> int:
        """For retention only, after a line that says so. Answers how many."""
        ...

    async def search(self, query: AccessQuery) -> tuple[list[Access], int]:
        """One page, and how many there are, counted up to MOST_COUNTED."""
        ...


class UnitOfWork(MobilityRepositories, TransferRepositories, Protocol):
    """What one transaction sees. Its changes become visible together, or not at all."""

    @property
    def organisations(self) -> Organisations: ...
    @property
    def members(self) -> Members: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def meetings(self) -> Meetings: ...
    @property
    def attendance(self) -> Attendance: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def access_log(self) -> AccessLog: ...
    @property
    def figures(self) -> Figures: ...
    @property
    def files(self) -> Files: ...
    @property
    def change_requests(self) -> ChangeRequests: ...
    @property
    def saved_lists(self) -> SavedLists: ...
    @property
    def data_requests(self) -> DataRequests: ...
    @property
    def notifications(self) -> Notifications: ...
    @property
    def attachments(self) -> Attachments: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def recordings(self) -> Recordings: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def discussions(self) -> Discussions: ...
    @property
    def dues(self) -> DuesBook: ...
    @property
    def protection(self) -> Protection: ...
    @property
    def works(self) -> AssignedWorks: ...


class Store(Protocol):
    """Leaving `writing()` without an exception commits; with one, nothing has happened. `StoreUnavailable` may come out of any use.

    `on_told` is called with the notifications that are new by a unit of work, once they are kept; it neither waits nor raises.
    """

    on_told: OnTold

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]: ...

    async def close(self) -> None: ...
