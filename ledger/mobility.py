"""The nouns of mobility as frozen records: a member away from home, the papers that go with it, and the relation that moves.

Shapes only: no rule, clock, SQL or JSON. Instants are epoch seconds (float, UTC), days are calendar days in China (`model.day_of`). A place
is what the member declared, never finer than a district: there is no field for more, on purpose. Names follow docs/glossary.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Side(StrEnum):
    """In which part somebody acts. Whether an account may play the part is decided by `access`, not here."""

    MEMBER = "member"
    HOME = "home"  # 流出地: the branch where the relation is
    HOST = "host"  # 流入地
    HOME_COMMITTEE = "homeCommittee"
    HOST_COMMITTEE = "hostCommittee"
    CLOCK = "clock"  # nobody: a day has passed


@dataclass(frozen=True, slots=True)
class Place:
    """City or district. `code`: six-digit division code (GB/T 2260), empty abroad; `country`: ISO 3166-1 alpha-2."""

    name: str
    code: str = ""
    country: str = "CN"


class FlowRange(StrEnum):
    WITHIN_COUNTY = "withinCounty"
    OUT_OF_COUNTY = "outOfCounty"
    OUT_OF_CITY = "outOfCity"
    OUT_OF_PROVINCE = "outOfProvince"
    ABROAD = "abroad"


class FlowReason(StrEnum):
    WORK = "work"
    BUSINESS = "business"
    STUDY = "study"
    RESIDENCE = "residence"
    FAMILY = "family"
    OTHER = "other"


class RegistrationState(StrEnum):
    DEPARTED = "departed"
    AWAITING_REPORT_IN = "awaitingReportIn"
    REPORTED_IN = "reportedIn"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"  # side exit: entered by mistake, or the member did not leave
    MEMBERSHIP_ENDED = "membershipEnded"  # side exit: death, removal, withdrawal


OPEN_REGISTRATION = frozenset({RegistrationState.DEPARTED, RegistrationState.AWAITING_REPORT_IN, RegistrationState.REPORTED_IN})


class ContactStatus(StrEnum):
    IN_CONTACT = "inContact"
    OUT_OF_CONTACT = "outOfContact"


@dataclass(frozen=True, slots=True)
class DepartureReport:
    """外出报告, by the member or the home branch."""

    member_id: str
    reason: FlowReason
    flow_range: FlowRange
    destination: Place
    left_on: date
    contact: str  # how to reach the member
    destination_unit: str = ""
    industry: str = ""
    former_occupation: str = ""
    expected_return_on: date | None = None


@dataclass(frozen=True, slots=True)
class FloatingRegistration:
    """One outflow and its inflow, the two linked records in one: what home enters and what the host enters."""

    registration_id: str
    member_id: str
    home_branch_id: str
    report: DepartureReport
    state: RegistrationState
    opened_at: float
    destination: Place  # where the member is now, as declared last
    host_org_id: str | None = None
    host_branch_id: str | None = None
    host_contact: str = ""
    awaiting_since: date | None = None
    report_in_due_on: date | None = None
    reported_in_on: date | None = None
    certificate_number: str | None = None
    contact_status: ContactStatus = ContactStatus.IN_CONTACT
    lost_on: date | None = None
    returned_on: date | None = None
    transfer_id: str | None = None
    closed_at: float | None = None
    revision: int = 1

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REGISTRATION

    @property
    def abroad(self) -> bool:
        return self.destination.country != "CN"


@dataclass(frozen=True, slots=True)
class WhereaboutsDeclaration:
    """去向, by the member, at any time."""

    registration_id: str
    place: Place
    declared_at: float
    unit: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Liaison:
    """联系人: who keeps in touch with one floating member."""

    registration_id: str
    liaison_member_id: str
    since: date
    until: date | None = None


class ContactMeans(StrEnum):
    TELEPHONE = "telephone"
    VIDEO = "video"
    MESSAGE = "message"
    VISIT = "visit"
    LETTER = "letter"
    THROUGH_FAMILY = "throughFamily"


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A line of the contact log. `reached` False: an attempt, which is kept too and meets no duty."""

    entry_id: str
    member_id: str
    on: date
    means: ContactMeans
    reached: bool
    learned: str
    author: str  # account id


@dataclass(frozen=True, slots=True)
class AnnualCheck:
    """年审, once a year with the evaluation."""

    certificate_number: str
    year: int
    on: date
    checked_by: str


@dataclass(frozen=True, slots=True)
class ActivityCertificate:
    """活动证, issued by the home branch."""

    number: str
    member_id: str
    registration_id: str
    issued_on: date
    issuer_org_id: str
    valid_until: date | None = None
    checks: tuple[AnnualCheck, ...] = ()
    revoked_on: date | None = None
    revoke_reason: str = ""

    @property
    def checked_on(self) -> date | None:
        return max((check.on for check in self.checks), default=None)


class TransferState(StrEnum):
    APPLIED = "applied"
    HOME_CHECKED = "homeChecked"
    APPROVED = "approved"
    LETTER_ISSUED = "letterIssued"
    IN_TRANSIT = "inTransit"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    RECEIPTED = "receipted"  # the relation is at the new branch from here on
    CLOSED = "closed"
    ARCHIVED = "archived"
    RETURNED_FOR_CHANGE = "returnedForChange"
    EXPIRED = "expired"  # the letter; a new one may be issued
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class TransferDuty(StrEnum):
    """Why an organisation moves a relation that has to be moved, where the member is not asked for consent."""

    UNIT_CHANGED = "unitChanged"  # 第二十五条: unit or residence has changed
    FIXED_PLACE = "fixedPlace"  # 第二十五条: six months at a fixed place
    GRADUATED = "graduated"  # 第三十三条: the school keeps a graduate's relation for two years at most


ENDED_WITHOUT_MOVE = frozenset({TransferState.WITHDRAWN, TransferState.REFUSED, TransferState.CANCELLED})
MOVED = frozenset({TransferState.RECEIPTED, TransferState.CLOSED, TransferState.ARCHIVED})
OPEN_TRANSFER = frozenset(TransferState) - ENDED_WITHOUT_MOVE - MOVED


@dataclass(frozen=True, slots=True)
class IntroductionLetter:
    """介绍信. What is printed of the person is taken from the file when it is printed; here is what makes the letter valid."""

    number: str
    issued_on: date
    valid_days: int
    dues_paid_until: str  # "2026-05"
    verification_code: str
    void: bool = False  # superseded, sent back, or its transfer came to an end

    @property
    def last_valid_day(self) -> date:
        """The day of issue is not counted, which is in the member's favour."""
        return self.issued_on + timedelta(days=self.valid_days)


@dataclass(frozen=True, slots=True)
class TransferReceipt:
    """回执: the host committee tells the home committee that the relation has been taken in."""

    letter_number: str
    branch_id: str  # empty: a branch outside the installation
    at: float
    signed_by: str
    outside_branch: str = ""  # as the receipt on paper says


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who comes from outside, as the letter says; becomes a member's record with the receipt and not before.

    The ID number is sealed at once, bound to the record it will belong to; `id_masked` is what may be shown of it.
    """

    number: str
    name: str
    stage: str  # "full" | "probationary"
    sex: str | None = None
    joined_on: date | None = None
    phone: str | None = None
    born_on: date | None = None
    id_sealed: str | None = None
    id_index: str | None = None
    id_masked: str | None = None


@dataclass(frozen=True, slots=True)
class OrgRelationTransfer:
    """Between two committees of the installation, or with one outside, which has no id and is named in `outside`."""

    transfer_id: str
    member_id: str
    from_branch_id: str
    from_committee_id: str
    to_committee_id: str
    reason: str
    state: TransferState
    applied_at: float
    state_since: float
    to_branch_id: str | None = None  # wished for at first, assigned by the host committee in the end
    letters: tuple[IntroductionLetter, ...] = ()  # oldest first; at most the last is not void
    receipt: TransferReceipt | None = None
    dues_paid_until: str | None = None
    national_reference: str = ""
    answer: str = ""  # the reason of the last return, refusal, withdrawal or cancellation
    revision: int = 1
    outside: str = ""
    outside_branch: str = ""
    newcomer: Newcomer | None = None  # from outside, while there is no member's record
    duty: TransferDuty | None = None  # None: it goes by the member's consent

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_TRANSFER

    @property
    def to_outside(self) -> bool:
        return self.to_committee_id == ""

    @property
    def from_outside(self) -> bool:
        return self.from_committee_id == ""

    @property
    def letter(self) -> IntroductionLetter | None:
        """The one letter that is in force."""
        return self.letters[-1] if self.letters and not self.letters[-1].void else None


@dataclass(frozen=True, slots=True)
class OrgRelation:
    """组织关系: where the relation is, from an instant on and before another. One after the other, never two at once."""

    member_id: str
    branch_id: str
    since: float
    until: float | None = None
    transfer_id: str | None = None  # by which it came here

    def holds_at(self, instant: float) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True, slots=True)
class LostContactCase:
    """失联. The clocks count from the beginning of the search, never from silence alone."""

    case_id: str
    member_id: str
    search_began_on: date
    suspended_on: date | None = None  # decided by people, entered here
    closed_on: date | None = None  # found, or removed


class SharingPurpose(StrEnum):
    HOST_MANAGEMENT = "hostManagement"  # the host sees what it needs to take the member in
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class SeparateConsent:
    """单独同意 to share the own record with one other organisation; PIPL 23 and 29. Withdrawn ones stay.

    `recipient_org_id` empty: an organisation outside the installation, named in `recipient`.
    """

    member_id: str
    recipient_org_id: str
    purpose: SharingPurpose
    text_version: str
    given_at: float
    withdrawn_at: float | None = None
    recipient: str = ""

    def holds_at(self, instant: float) -> bool:
        return self.given_at <= instant and (self.withdrawn_at is None or instant < self.withdrawn_at)
