"""Members away: registrations as each side sees them, consent, contact, certificates, and the thread of two secretaries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Instant, Name, Page, Reason, Revision, Sentence, Shape, StageName, Text
from .organisations import OrgKindName
from .queries import Language, Pages, SearchText

StateName = Literal["departed", "awaitingReportIn", "reportedIn", "returned", "transferred", "cancelled", "membershipEnded"]
ReasonName = Literal["work", "business", "study", "residence", "family", "other"]
RangeName = Literal["withinCounty", "outOfCounty", "outOfCity", "outOfProvince", "abroad"]
PartName = Literal["member", "home", "host", "homeCommittee", "hostCommittee", "clock"]
MeansName = Literal["telephone", "video", "message", "visit", "letter", "throughFamily"]
EvaluationGradeName = Literal["EXCELLENT", "QUALIFIED", "BASICALLY_QUALIFIED", "UNQUALIFIED", "UNGRADED"]
GivenGrade = Literal["EXCELLENT", "QUALIFIED", "BASICALLY_QUALIFIED", "UNQUALIFIED"]
FilterName = Literal["open", "awaiting", "late", "contactOverdue", "lost", "here", "mine", "closed"]
DutyName = Literal["reportIn", "contact", "yearlyReport", "annualCheck"]
DutyStateName = Literal["soon", "overdue", "escalated"]
AdviceName = Literal["lapseNear", "lapse", "suspension", "removal", "graduate", "fixedPlace"]
MeetsName = Literal["meets", "notYet", "notAway"]
VerdictName = Literal["forged", "unknownKey", "revoked", "notYet", "expired", "checkOverdue", "valid"]
ContactWay = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Year = Annotated[int, Field(ge=2000, le=2100)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Division = Annotated[str, StringConstraints(pattern=r"^(\d{6})?$")]


class PlaceShape(Shape):
    """A city or a district, never finer. `code`: division code of GB/T 2260, empty abroad; `country`: ISO 3166-1."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    code: Division = ""
    country: Country = "CN"


class FloatingSearch(Pages):
    filter: FilterName = "open"
    q: SearchText = ""


class HostSearch(Pages):
    """Without words: what one may see anyway."""

    q: SearchText = ""
    page_size: Annotated[int, Field(ge=1, le=50)] = 20


class PaperQuery(Language):
    """Which of the clocks the draft is about."""

    about: AdviceName


class NewDeparture(Shape):
    reason: ReasonName
    flow_range: RangeName
    destination: PlaceShape
    left_on: Day
    contact: ContactWay
    destination_unit: Line = ""
    industry: Short = ""
    former_occupation: Short = ""
    expected_return_on: Day | None = None


class ReportChange(Shape):
    """Only what is given changes. Places are declared, not corrected."""

    revision: Revision
    reason: ReasonName | None = None
    contact: ContactWay | None = None
    destination_unit: Line | None = None
    industry: Short | None = None
    former_occupation: Short | None = None
    expected_return_on: Day | None = None


class ChooseHost(Shape):
    revision: Revision
    host_org_id: Id
    host_contact: Line = ""


class TakeIn(Shape):
    revision: Revision
    host_branch_id: Id | None = None
    host_contact: Line = ""


class DeclareWhereabouts(Shape):
    """`leaves_host`: gone on elsewhere, a host has to be found again. Without `revision` the last word counts."""

    place: PlaceShape
    unit: Line = ""
    contact: Line = ""
    leaves_host: bool = False
    revision: Revision | None = None


class RecordReturn(Shape):
    revision: Revision
    on: Day


class CloseRegistration(Shape):
    revision: Revision
    reason: Reason
    membership_ended: bool = False


class ShareRecord(Shape):
    org_id: Id
    text_version: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class StopSharing(Shape):
    org_id: Id


class NameLiaison(Shape):
    member_id: Id


class NewContact(Shape):
    on: Day
    means: MeansName
    reached: bool
    learned: Text = ""


class BeginSearch(Shape):
    revision: Revision
    on: Day


class EnterSuspension(Shape):
    on: Day


class NewThreadEntry(Shape):
    """`task`: for the other side to do, by `due_on` if given."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    task: bool = False
    due_on: Day | None = None


class NewEvaluation(Shape):
    year: Year
    grade: GivenGrade
    remark: Text = ""


class RevokeCertificate(Shape):
    reason: Reason


class PresentCertificate(Shape):
    """By the code of the QR; or, where no camera works, by number and name as they stand on the certificate."""

    branch_id: Id
    code: Code = ""
    number: Short = ""
    name: Short = ""
    host_contact: Line = ""


class VerifyCertificate(Shape):
    code: Code


class NamedOrg(Shape):
    org_id: Id
    name: Name
    kind: OrgKindName


class HostChoice(NamedOrg):
    """`above`: the organisation it belongs to."""

    above: str


class HostList(Page[HostChoice]):
    pass


class DueView(Shape):
    kind: DutyName
    due_on: str
    state: DutyStateName


class AdviceView(Shape):
    """A clock that is full, or nearly: for people to consider, with its basis. Nothing follows from it by itself."""

    kind: AdviceName
    since: str
    full_on: str
    sentence: Sentence
    basis: Sentence


class FindingView(Shape):
    meets: MeetsName
    sentence: Sentence
    meets_on: str | None


class FloatingLineView(Shape):
    registration_id: Id
    member_id: Id
    name: str
    number: str
    stage: StageName
    state: StateName
    home: NamedOrg
    host: NamedOrg | None
    destination: PlaceShape
    left_on: str
    report_in_due_on: str | None
    last_contact_on: str | None
    liaison_name: str | None
    out_of_contact: bool
    dues: list[DueView]
    at_home: bool


class FloatingPageView(Page[FloatingLineView]):
    counts: dict[FilterName, int]


class HistoryLine(Shape):
    at: Instant
    step: str
    side: PartName
    by: str
    state: StateName
    reason: str
    subject: str


class DeclarationView(Shape):
    at: Instant
    place: PlaceShape
    unit: str
    contact: str
    side: PartName
    moved: bool


class ContactView(Shape):
    entry_id: Id
    on: str
    means: MeansName
    reached: bool
    learned: str
    by: str


class ThreadEntryView(Shape):
    entry_id: Id
    kind: Literal["message", "task"]
    side: PartName
    by: str
    text: str
    at: Instant
    due_on: str | None
    done_at: Instant | None
    done_by: str | None


class EvaluationView(Shape):
    evaluation_id: Id
    year: int
    grade: EvaluationGradeName
    remark: str
    org_name: str
    by: str
    at: Instant
    noted_at: Instant | None


class SharingConsentView(Shape):
    org_id: Id
    org_name: str
    text_version: str
    given_at: Instant
    withdrawn_at: Instant | None


class ConsentRequestView(Shape):
    org_id: Id
    org_name: str
    branch_name: str
    asked_at: Instant
    reports_in: bool


class CertificateSummary(Shape):
    number: str
    issued_on: str
    checked_on: str | None
    revoked_on: str | None
    revoke_reason: str


class CaseView(Shape):
    search_began_on: str
    suspended_on: str | None


class ResponsibleView(Shape):
    """Who is responsible for what: home alone, the host beside it, who keeps in touch."""

    home: NamedOrg
    host: NamedOrg | None
    liaison_name: str | None


class RegistrationView(Shape):
    """What the reader may not see is empty. `can`: rights the reader has here, by the names of docs/api.md."""

    registration_id: Id
    revision: int
    member_id: Id
    name: str
    number: str
    stage: StageName
    phone: str | None
    state: StateName
    home: NamedOrg
    host: NamedOrg | None
    host_contact: str
    consented: bool
    reason: ReasonName
    flow_range: RangeName
    destination: PlaceShape
    reported_destination: PlaceShape
    destination_unit: str
    industry: str
    former_occupation: str
    contact: str
    left_on: str
    expected_return_on: str | None
    awaiting_since: str | None
    report_in_due_on: str | None
    reported_in_on: str | None
    returned_on: str | None
    out_of_contact: bool
    finding: FindingView
    dues: list[DueView]
    advice: list[AdviceView]
    responsible: ResponsibleView
    liaison_member_id: Id | None
    certificate: CertificateSummary | None
    search: CaseView | None
    history: list[HistoryLine]
    declarations: list[DeclarationView]
    contacts: list[ContactView]
    thread: list[ThreadEntryView]
    evaluations: list[EvaluationView]
    consents: list[SharingConsentView]
    requests: list[ConsentRequestView]
    can: list[str]
    is_self: bool


class SharingNoticeView(Shape):
    version: str
    zh: list[str]
    en: list[str]


class AwayView(Shape):
    """The member's own page. `registration` None: at home."""

    registration: RegistrationView | None
    notice: SharingNoticeView
    report_in_days: int


class CertificateView(Shape):
    """`qr`: rows of the square, a letter for each module, 1 is dark; empty once revoked. `code` is what it holds."""

    number: str
    member_name: str
    home: NamedOrg
    issued_on: str
    checked_on: str | None
    revoked_on: str | None
    key_id: str
    code: str
    qr: list[str]


class CertificateKeys(Shape):
    """Ed25519 public keys, base64, by their ids; `current` signs."""

    current: str
    keys: dict[str, str]
    annual_check_months: int


class VerificationView(Shape):
    verdict: VerdictName
    acceptable: bool
    sentence: Sentence
    number: str
    member_name: str
    home_branch_name: str
    issued_on: str
    checked_on: str | None


class PresentedView(Shape):
    """`taken_in` False: the member is asked for consent and decides on the phone."""

    taken_in: bool
    registration_id: Id
    verdict: VerdictName
