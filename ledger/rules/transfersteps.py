"""The steps of a transfer as values: what whoever takes one has to say. What becomes of them is decided in `transfer`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..mobility import Newcomer, TransferDuty


@dataclass(frozen=True, slots=True)
class Destination:
    """A branch as the receiving committee knows it. `members`: how many are on its roll."""

    branch_id: str
    committee_id: str
    members: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Application:
    """What a member or the home branch asks for; a batch is several of them."""

    transfer_id: str
    member_id: str
    from_branch_id: str
    from_committee_id: str
    to_committee_id: str
    reason: str
    to_branch_id: str | None = None
    outside: str = ""  # the receiving committee in words, where it is not of this installation
    outside_branch: str = ""
    duty: TransferDuty | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter from outside, as it lies on the desk of the receiving committee."""

    transfer_id: str
    member_id: str
    to_committee_id: str
    outside: str
    letter_number: str
    issued_on: date
    valid_days: int
    dues_paid_until: str
    reason: str
    outside_branch: str = ""
    newcomer: Newcomer | None = None


@dataclass(frozen=True, slots=True)
class PassHomeCheck:
    """`dues_paid_until`: the last month paid, "2026-05"; settled if it is not before last month."""

    dues_paid_until: str


@dataclass(frozen=True, slots=True)
class Approve:
    pass


@dataclass(frozen=True, slots=True)
class IssueLetter:
    """Dated today. `number` must be new; the verification code is made by whoever has randomness."""

    number: str
    valid_days: int
    verification_code: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The letter is on its way, with the member or by post."""

    national_reference: str = ""


@dataclass(frozen=True, slots=True)
class PresentLetter:
    number: str


@dataclass(frozen=True, slots=True)
class AssignBranch:
    """`destination` None: no such branch."""

    destination: Destination | None


@dataclass(frozen=True, slots=True)
class SendReceipt:
    signed_by: str


@dataclass(frozen=True, slots=True)
class RecordReceipt:
    """The receipt of a committee outside, on paper: dated `on`, naming the branch in words."""

    outside_branch: str
    signed_by: str
    on: date


@dataclass(frozen=True, slots=True)
class CloseSender:
    pass


@dataclass(frozen=True, slots=True)
class Archive:
    pass


@dataclass(frozen=True, slots=True)
class ReturnForChange:
    reason: str


@dataclass(frozen=True, slots=True)
class Resubmit:
    """Changed as asked; what is None stays."""

    reason: str | None = None
    to_committee_id: str | None = None
    to_branch_id: str | None = None
    outside: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nobody refuses groundlessly: the reason is obligatory and shown to the member."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    pass


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    reason: str


TransferStep = (
    PassHomeCheck
    | Approve
    | IssueLetter
    | Dispatch
    | PresentLetter
    | AssignBranch
    | SendReceipt
    | RecordReceipt
    | CloseSender
    | Archive
    | ReturnForChange
    | Resubmit
    | Withdraw
    | Refuse
    | Expire
    | CancelTransfer
)
