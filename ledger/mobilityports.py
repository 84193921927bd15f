"""Doors of the ledger to what it keeps of members away: registrations, relations, consents, contact, certificates, and what clocks need.

The same promises as in `ports`, of which the unit of work joins them: plain records in and out, no rights, no clock, stable orders.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from .dualmanagement import ConsentRequest, Declaration, HostEvaluation, LifeDay, Measured, RegistrationLine, ThreadEntry
from .dues import DuesStanding
from .mobility import (
    ActivityCertificate,
    AnnualCheck,
    ContactEntry,
    FloatingRegistration,
    Liaison,
    LostContactCase,
    OrgRelation,
    RegistrationState,
    SeparateConsent,
)
from .model import MemberStatus, Stage

if TYPE_CHECKING:
    from .ports import Reach


@dataclass(frozen=True, slots=True)
class ContactDue:
    """Whom nobody has reached since these days: what an overdue contact is, said in days so that a database can look for it."""

    inland_since: date
    abroad_since: date


@dataclass(frozen=True, slots=True)
class RegistrationQuery:
    """A registration counts if its home branch lies within `home`, or its host (branch or organisation) within `host`.

    `host` is only asked where the member's consent to that host was in force at `consent_at`. `text` matches part of the member's name or
    the beginning of the number. `contact_due`: only open ones nobody was in contact with since. `late_on`: only those whose report-in was
    due before. Newest first; pages count from 1.
    """

    home: Reach
    host: Reach
    consent_at: float
    states: frozenset[RegistrationState] = frozenset(RegistrationState)
    text: str = ""
    out_of_contact: bool = False
    late_on: date | None = None
    contact_due: ContactDue | None = None
    liaison_id: str | None = None
    page: int = 1
    page_size: int = 50


class Registrations(Protocol):
    async def get(self, registration_id: str) -> FloatingRegistration | None: ...

    async def add(self, registration: FloatingRegistration) -> None:
        """Conflict if the member has an open one already."""
        ...

    async def save(self, registration: FloatingRegistration, seen_revision: int) -> bool:
        """False, and nothing changed, if the stored revision is not the one seen."""
        ...

    async def of_member(self, member_id: str) -> list[FloatingRegistration]:
        """Oldest first."""
        ...

    async def open_of(self, member_ids: Collection[str]) -> dict[str, FloatingRegistration]:
        """Member id → the open registration."""
        ...

    async def search(self, query: RegistrationQuery) -> tuple[list[FloatingRegistration], int]: ...

    async def counts(self, queries: Sequence[RegistrationQuery]) -> list[int]:
        """How many each of them would find, in one question."""
        ...

    async def log(self, lines: Sequence[RegistrationLine]) -> None: ...

    async def lines(self, registration_id: str) -> list[RegistrationLine]:
        """Oldest first."""
        ...

    async def declare(self, declaration: Declaration) -> None: ...

    async def declarations(self, registration_id: str) -> list[Declaration]:
        """Oldest first."""
        ...


class SharingConsents(Protocol):
    """Separate consents, and the requests for them. A withdrawn consent stays, with the time."""

    async def of_members(self, member_ids: Collection[str]) -> list[SeparateConsent]:
        """By time given."""
        ...

    async def save(self, consent: SeparateConsent) -> None: ...

    async def ask(self, request: ConsentRequest) -> None: ...

    async def answer(self, request: ConsentRequest) -> None: ...

    async def waiting(self, member_id: str) -> list[ConsentRequest]:
        """Unanswered, oldest first."""
        ...


class Contacts(Protocol):
    """Liaisons, the contact log, and the search for those out of contact."""

    async def liaisons(self, registration_ids: Collection[str]) -> list[Liaison]:
        """Past and present, by beginning."""
        ...

    async def save_liaison(self, liaison: Liaison) -> None: ...

    async def add(self, entry: ContactEntry) -> None: ...

    async def entries(self, member_id: str) -> list[ContactEntry]:
        """Newest first."""
        ...

    async def last_reached(self, member_ids: Collection[str]) -> dict[str, date]: ...

    async def cases(self, member_id: str) -> list[LostContactCase]:
        """By beginning of the search."""
        ...

    async def save_case(self, case: LostContactCase) -> None: ...


class Certificates(Protocol):
    async def get(self, number: str) -> ActivityCertificate | None: ...

    async def add(self, certificate: ActivityCertificate) -> None: ...

    async def save(self, certificate: ActivityCertificate) -> None:
        """Everything but the annual checks."""
        ...

    async def check(self, check: AnnualCheck) -> None:
        """Conflict if the year has been checked already."""
        ...

    async def of_members(self, member_ids: Collection[str]) -> list[ActivityCertificate]:
        """Oldest first."""
        ...

    async def revoked(self) -> list[str]:
        """Numbers of all revoked certificates, sorted."""
        ...


class OrgRelations(Protocol):
    """Where the formal relation of a member is: stretches of time, half open, one after the other."""

    async def of_member(self, member_id: str) -> list[OrgRelation]:
        """Oldest first."""
        ...

    async def of_members(self, member_ids: Collection[str]) -> dict[str, list[OrgRelation]]:
        """Member id → stretches, oldest first."""
        ...

    async def put(self, member_id: str, relations: Sequence[OrgRelation]) -> None:
        """Replace the stretches of one member. Conflict if more than one has no end."""
        ...

    async def begin(self, relations: Sequence[OrgRelation]) -> None:
        """The first stretches of members who have none."""
        ...


class SecretaryThreads(Protocol):
    """Between home and host: messages and tasks, and the evaluation fed back."""

    async def add(self, entry: ThreadEntry) -> None: ...

    async def get(self, entry_id: str) -> ThreadEntry | None: ...

    async def save(self, entry: ThreadEntry) -> None: ...

    async def of_registration(self, registration_id: str) -> list[ThreadEntry]:
        """Oldest first."""
        ...

    async def evaluate(self, evaluation: HostEvaluation) -> None:
        """Add it, or put it in place of the one with its id. Conflict if the organisation has given another for the year."""
        ...

    async def evaluations(self, registration_id: str) -> list[HostEvaluation]:
        """By year."""
        ...


@dataclass(frozen=True, slots=True)
class ClockRow:
    """What the nightly evaluation reads of one member on the roll: flat, so that a hundred thousand are read in a few questions."""

    member_id: str
    stage: Stage
    status: MemberStatus
    exempt: bool
    home_branch_id: str
    registration: FloatingRegistration | None = None
    stays_since: date | None = None  # at the place declared last
    last_contact_on: date | None = None
    last_report_on: date | None = None  # declared by the member
    certificate_issued_on: date | None = None
    certificate_checked_on: date | None = None
    relation_since: float | None = None
    last_life_on: date | None = None
    excused_until: date | None = None
    search_began_on: date | None = None
    suspended_on: date | None = None
    liaison_id: str | None = None
    dues: DuesStanding | None = None
    graduated_on: date | None = None
    moved_at: float | None = None  # the relation came to where it is by a transfer
    last_work_on: date | None = None  # assigned, and done then
    work_due_on: date | None = None  # the earliest day open work is due


class Clocks(Protocol):
    """What clocks are computed from. Days of organisational life are kept from the sheets of meetings, one meeting at a time."""

    async def unmeasured(self, rules_hash: str, limit: int) -> list[tuple[str, int]]:
        """Ended meetings whose facts have grown, or whose rules have changed, since their days were kept: (id, last fact), by id."""
        ...

    async def keep_days(self, measured: Measured, days: Sequence[LifeDay]) -> None:
        """Replace what was kept of the meeting."""
        ...

    async def days_of(self, member_id: str) -> list[LifeDay]:
        """Newest first."""
        ...

    async def rows(self, after: str, limit: int) -> list[ClockRow]:
        """The next members on the roll by id. A fixed number of questions, whatever the limit."""
        ...

    async def rows_of(self, member_ids: Collection[str]) -> list[ClockRow]:
        """Those named who are on the roll, by id; as many as a page shows."""
        ...


class MobilityRepositories(Protocol):
    """What a unit of work holds of mobility."""

    @property
    def registrations(self) -> Registrations: ...
    @property
    def sharing_consents(self) -> SharingConsents: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def relations(self) -> OrgRelations: ...
    @property
    def threads(self) -> SecretaryThreads: ...
    @property
    def clocks(self) -> Clocks: ...
