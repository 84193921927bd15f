"""Transfers of the organisational relationship: what a page shows of one, what each step has to say, letters and their check."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Name, Page, Reason, Revision, Shape
from .organisations import Code, OrgKindName, Phone
from .queries import Pages, SearchText

TransferStateName = Literal[
    "applied",
    "homeChecked",
    "approved",
    "letterIssued",
    "inTransit",
    "received",
    "assigned",
    "receipted",
    "closed",
    "archived",
    "returnedForChange",
    "expired",
    "withdrawn",
    "refused",
    "cancelled",
]
SideName = Literal["member", "home", "host", "homeCommittee", "hostCommittee", "clock"]
TransferBox = Literal["waiting", "open", "onTheWay", "expiring", "expired", "receiptMissing", "done", "ended", "all"]
LetterStanding = Literal["inForce", "presented", "expired", "void"]
TransferStepName = Literal[
    "PassHomeCheck",
    "Approve",
    "IssueLetter",
    "Dispatch",
    "PresentLetter",
    "AssignBranch",
    "SendReceipt",
    "RecordReceipt",
    "CloseSender",
    "Archive",
    "ReturnForChange",
    "Resubmit",
    "Withdraw",
    "Refuse",
    "Expire",
    "CancelTransfer",
]
TransferBasis = Literal["consent", "duty", "missing", "elsewhere"]
TransferDutyName = Literal["unitChanged", "fixedPlace", "graduated"]
Outside = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
YearMonth = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
LetterNumber = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
ValidDays = Annotated[int, Field(ge=1, le=366)]
Key = Annotated[str, StringConstraints(max_length=100)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class LetterView(Shape):
    """`code` for whoever may print the letter."""

    number: str
    issued_on: str
    last_valid_day: str
    valid_days: int
    void: bool
    code: str | None


class ReceiptView(Shape):
    letter_number: str
    branch_name: str
    at: str
    signed_by: str


class TransferLineView(Shape):
    at: str
    step: str
    side: SideName
    before: TransferStateName | None
    after: TransferStateName
    reason: str
    author_name: str


class NewcomerView(Shape):
    """Who comes from outside, to those who take them in; the ID number masked."""

    born_on: str | None
    id_number: str | None
    sex: Literal["female", "male"] | None
    joined_on: str | None


class TransferView(Shape):
    """`direction`: within the installation, or out of it, or into it. `steps`: what whoever asks may do now.

    `basis`: on what the receiving side may be told: the member's consent, a duty of the organisation, nothing yet, or the letter of others.
    """

    transfer_id: Id
    member_id: Id | None
    name: str
    number: str
    own: bool
    state: TransferStateName
    direction: Literal["within", "out", "in"]
    from_branch_name: str
    from_committee_name: str
    to_committee_id: Id | None
    to_committee_name: str
    to_branch_id: Id | None
    to_branch_name: str | None
    reason: str
    applied_at: str
    state_since: str
    due_on: str | None
    urgency: Literal["none", "soon", "overdue"]
    waits_for: list[SideName]
    sides: list[SideName]
    steps: list[TransferStepName]
    responsible_name: str | None
    dues_paid_until: str | None
    national_reference: str
    answer: str
    letters: list[LetterView]
    receipt: ReceiptView | None
    history: list[TransferLineView]
    revision: int
    basis: TransferBasis
    consented_at: str | None
    duty: TransferDutyName | None
    newcomer: NewcomerView | None


class TransferPage(Shape):
    items: list[TransferView]
    total: int
    page: int
    page_size: int
    counts: dict[str, int]


class OwnTransfers(Shape):
    items: list[TransferView]


class DestinationSearch(Pages):
    """Committees by a part of their name; with `committee_id` the branches below it; with `org_id` just that one."""

    q: SearchText = ""
    page_size: Annotated[int, Field(ge=1, le=50)] = 20
    committee_id: Id | None = None
    org_id: Id | None = None


class DestinationOrg(Shape):
    """`above`: what it belongs to; the committee: the one that transfers for it."""

    org_id: Id
    name: str
    kind: OrgKindName
    above: str
    committee_id: Id
    committee_name: str


class Destinations(Page[DestinationOrg]):
    pass


class TransferNotice(Shape):
    """What a member consents to with a transfer."""

    version: str
    zh: list[str]
    en: list[str]


class AgreeToTransfer(Shape):
    text_version: Version


class Whither(Shape):
    """A committee (and a branch wished for), or an organisation outside in words."""

    to_committee_id: Id | None = None
    to_branch_id: Id | None = None
    outside: Outside = ""
    outside_branch: Outside = ""


class NewTransfer(Whither):
    """Without a member: the own relation, with the version of the notice consented to. `key`: the same key is the same application.

    `duty`: on which the branch acts without the member's consent; without one the member is asked.
    """

    member_id: Id | None = None
    reason: Reason
    key: Key = ""
    consent_version: Version | None = None
    duty: TransferDutyName | None = None


class NewTransfers(Whither):
    member_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    reason: Reason
    key: Annotated[str, StringConstraints(min_length=8, max_length=100)]
    duty: TransferDutyName | None = None
    graduated_on: Day | None = None


class BatchLine(Shape):
    member_id: Id
    name: str
    transfer_id: Id | None
    code: str | None
    message_zh: str
    message_en: str


class BatchResult(Shape):
    lines: list[BatchLine]
    done: int
    refused: int


class NewArrival(Shape):
    """A letter from outside the installation and who comes with it."""

    to_committee_id: Id
    outside: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
    outside_branch: Outside = ""
    letter_number: LetterNumber
    issued_on: Day
    valid_days: ValidDays
    dues_paid_until: YearMonth
    reason: Reason
    number: Code
    name: Name
    stage: Literal["full", "probationary"] = "full"
    sex: Literal["female", "male"] | None = None
    joined_on: Day | None = None
    phone: Phone | None = None
    born_on: Day | None = None
    id_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class StepTaken(Shape):
    """`revision`: the one that was seen."""

    revision: Revision


class PassCheck(StepTaken):
    dues_paid_until: YearMonth


class NewLetter(StepTaken):
    """An empty number: the next of the committee."""

    number: LetterNumber = ""
    valid_days: ValidDays = 30


class SendOff(StepTaken):
    national_reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""


class Present(StepTaken):
    number: LetterNumber


class AssignTo(StepTaken):
    branch_id: Id


class NewReceipt(StepTaken):
    """From a committee outside: the branch in words and the day on the paper."""

    signed_by: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    outside_branch: Outside = ""
    on: Day | None = None


class WithReason(StepTaken):
    reason: Reason


class HandInAgain(Whither, StepTaken):
    """Nothing but a revision: as it was."""

    reason: Reason | None = None
    consent_version: Version | None = None


class LetterCheckView(Shape):
    """What whoever holds a letter is told; all but the first sign of the name is hidden."""

    number: str
    standing: LetterStanding
    issuer: str
    addressee: str
    name: str
    issued_on: str
    last_valid_day: str
    presented_on: str | None


class LetterheadView(Shape):
    org_id: Id
    address: str
    phone: str
    fax: str
    post_code: str


class LetterheadChange(Shape):
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    fax: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    post_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=12)] = ""


class TransferSearch(Pages):
    box: TransferBox = "open"
    q: SearchText = ""
