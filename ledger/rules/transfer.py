"""Transfer of the organisational relationship: the workflow between two committees, with every side exit, as a state machine.

Pure: a transfer, a step and the rules in; the next transfer and the change it made out, or why not. The sender is responsible until the
receipt, and at that one instant three things change together (`relations`): where the relation is, who is responsible, where one votes.
What the organisations look like (`Destination`) and which letter numbers exist are arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..mobility import (
    MOVED,
    OPEN_TRANSFER,
    IntroductionLetter,
    OrgRelationTransfer,
    SeparateConsent,
    Side,
    TransferReceipt,
    TransferState,
)
from ..mobilityrules import MobilityRules
from ..model import day_of
from .declined import Declined, declined
from .months import months_of
from .transferbasis import Basis, basis_of
from .transfersteps import (
    Application,
    Approve,
    Archive,
    AssignBranch,
    CancelTransfer,
    CloseSender,
    Destination,
    Dispatch,
    Expire,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    RecordReceipt,
    Refuse,
    Resubmit,
    ReturnForChange,
    SendReceipt,
    TransferStep,
    Withdraw,
)

_S = TransferState


_ON_THE_WAY = frozenset({_S.LETTER_ISSUED, _S.IN_TRANSIT})
_WITH_HOST = frozenset({_S.RECEIVED, _S.ASSIGNED})
_BEFORE_LETTER = frozenset({_S.APPLIED, _S.HOME_CHECKED, _S.APPROVED, _S.RETURNED_FOR_CHANGE})
_HOME, _HC, _RC = Side.HOME, Side.HOME_COMMITTEE, Side.HOST_COMMITTEE

# (step, state) → who may take it. A step that is not here is not possible.
_ROWS: tuple[tuple[type, frozenset[TransferState], frozenset[Side]], ...] = (
    (PassHomeCheck, frozenset({_S.APPLIED}), frozenset({_HOME})),
    (Approve, frozenset({_S.HOME_CHECKED}), frozenset({_HC})),
    (IssueLetter, frozenset({_S.APPROVED, _S.EXPIRED}), frozenset({_HC})),
    (Dispatch, frozenset({_S.LETTER_ISSUED}), frozenset({_HC})),
    (PresentLetter, frozenset(_S), frozenset({_RC})),  # whoever holds a letter is told what is the matter with it, in any state
    (AssignBranch, _WITH_HOST, frozenset({_RC})),
    (SendReceipt, frozenset({_S.ASSIGNED}), frozenset({_RC})),
    (CloseSender, frozenset({_S.RECEIPTED}), frozenset({_HC})),
    (Archive, frozenset({_S.CLOSED}), frozenset({_HC, _RC})),
    (ReturnForChange, frozenset({_S.APPLIED}), frozenset({_HOME})),
    (ReturnForChange, frozenset({_S.HOME_CHECKED}), frozenset({_HC})),
    (ReturnForChange, _WITH_HOST, frozenset({_RC})),
    (Resubmit, frozenset({_S.RETURNED_FOR_CHANGE}), frozenset({Side.MEMBER, _HOME})),
    (Withdraw, _BEFORE_LETTER | _ON_THE_WAY | {_S.EXPIRED}, frozenset({Side.MEMBER, _HOME})),
    (Refuse, frozenset({_S.APPLIED}), frozenset({_HOME})),
    (Refuse, frozenset({_S.HOME_CHECKED}), frozenset({_HC})),
    (Refuse, _WITH_HOST, frozenset({_RC})),
    (Expire, _ON_THE_WAY, frozenset({Side.CLOCK, _HC})),
    (CancelTransfer, OPEN_TRANSFER, frozenset({_HC})),
)
Table = dict[tuple[type, TransferState], frozenset[Side]]
TABLE: Table = {(step, state): sides for step, states, sides in _ROWS for state in states}
# With an organisation outside nobody here plays its part: what it does is recorded by hand from its papers.
OUTWARD: Table = {key: sides - {_RC} for key, sides in TABLE.items() if sides - {_RC}} | {
    (RecordReceipt, state): frozenset({_HC}) for state in _ON_THE_WAY | {_S.EXPIRED}
}
INWARD: Table = {
    **{key: sides for key, sides in TABLE.items() if key[0] in (PresentLetter, AssignBranch, SendReceipt)},
    **{(Refuse, state): frozenset({_RC}) for state in _WITH_HOST},
    (Archive, _S.RECEIPTED): frozenset({_RC}),
}


def table_of(transfer: OrgRelationTransfer) -> Table:
    return OUTWARD if transfer.to_outside else INWARD if transfer.from_outside else TABLE


@dataclass(frozen=True, slots=True)
class TransferChange:
    """One line of the transfer's history. `before` None: it was applied for."""

    transfer_id: str
    before: TransferState | None
    after: TransferState
    step: str
    side: Side
    at: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TransferStepped:
    transfer: OrgRelationTransfer
    change: TransferChange


def apply_for(application: Application, of_member: Iterable[OrgRelationTransfer], side: Side, at: float) -> TransferStepped | Declined:
    """`of_member`: every transfer the member ever had.

    Declined: transferOpen, sameBranch, destinationMissing, reasonMissing, notYourStep.
    """
    if side not in (Side.MEMBER, Side.HOME):
        return declined("notYourStep", act="Apply")
    if any(one.is_open for one in of_member):
        return declined("transferOpen")
    if application.to_branch_id == application.from_branch_id:
        return declined("sameBranch")
    if not (application.to_committee_id or application.outside.strip()):
        return declined("destinationMissing")
    if not application.reason.strip():
        return declined("reasonMissing")
    transfer = OrgRelationTransfer(
        application.transfer_id,
        application.member_id,
        application.from_branch_id,
        application.from_committee_id,
        application.to_committee_id,
        application.reason,
        _S.APPLIED,
        at,
        at,
        application.to_branch_id,
        outside="" if application.to_committee_id else application.outside.strip(),
        outside_branch="" if application.to_committee_id else application.outside_branch.strip(),
        duty=application.duty if side is Side.HOME else None,
    )
    return TransferStepped(transfer, TransferChange(transfer.transfer_id, None, _S.APPLIED, "Apply", side, at))


def apply_for_all(
    applications: Iterable[Application], existing: Iterable[OrgRelationTransfer], side: Side, at: float
) -> tuple[tuple[TransferStepped | Declined, ...], bool]:
    """A batch (graduates), line by line in order; a member named twice is declined the second time. The flag: every line went well."""
    by_member: dict[str, list[OrgRelationTransfer]] = {}
    for one in existing:
        by_member.setdefault(one.member_id, []).append(one)
    found = []
    for application in applications:
        own = by_member.setdefault(application.member_id, [])
        result = apply_for(application, own, side, at)
        if isinstance(result, TransferStepped):
            own.append(result.transfer)
        found.append(result)
    return tuple(found), all(isinstance(one, TransferStepped) for one in found)


def step_transfer(
    transfer: OrgRelationTransfer,
    step: TransferStep,
    side: Side,
    at: float,
    rules: MobilityRules,
    *,
    used_numbers: Collection[str] = (),
    consents: Collection[SeparateConsent] = (),
    seen_revision: int | None = None,
) -> TransferStepped | Declined:
    """Take one step. Asked for IssueLetter only: `used_numbers`, of letters of other transfers of the same committee, and the member's
    `consents`, since with the letter the receiving side learns of the member."""
    name = type(step).__name__
    sides = table_of(transfer).get((type(step), transfer.state))
    if seen_revision is not None and seen_revision != transfer.revision:
        return declined("changedMeanwhile")
    if sides is None:
        return declined("stepNotPossible", act=name, state=transfer.state.value)
    if side not in sides:
        return declined("notYourStep", act=name)
    if isinstance(step, IssueLetter) and basis_of(transfer, consents, at) is Basis.MISSING:
        return declined("transferConsentMissing")
    found = _next(transfer, step, at, rules, used_numbers)
    if isinstance(found, Declined):
        return found
    found = replace(found, state_since=at, revision=transfer.revision + 1)
    reason = found.answer if isinstance(step, ReturnForChange | Withdraw | Refuse | CancelTransfer) else ""
    return TransferStepped(found, TransferChange(transfer.transfer_id, transfer.state, found.state, name, side, at, reason))


def _next(
    transfer: OrgRelationTransfer, step: TransferStep, at: float, rules: MobilityRules, used: Collection[str]
) -> OrgRelationTransfer | Declined:
    match step:
        case PassHomeCheck():
            return _checked(transfer, step, day_of(at))
        case Approve():
            return replace(transfer, state=_S.APPROVED)
        case IssueLetter():
            return _issued(transfer, step, day_of(at), rules, used)
        case Dispatch():
            return replace(transfer, state=_S.IN_TRANSIT, national_reference=step.national_reference or transfer.national_reference)
        case PresentLetter():
            return _presented(transfer, step.number, day_of(at))
        case AssignBranch():
            return _assigned(transfer, step.destination, rules)
        case SendReceipt():
            return _receipted(transfer, step, at)
        case RecordReceipt():
            return _receipted_outside(transfer, step, at)
        case CloseSender():
            return replace(transfer, state=_S.CLOSED)
        case Archive():
            return replace(transfer, state=_S.ARCHIVED)
        case Resubmit():
            return _resubmitted(transfer, step)
        case Expire():
            return _expired(transfer, day_of(at))
        case ReturnForChange():
            return _out(transfer, _S.RETURNED_FOR_CHANGE, step.reason)
        case Withdraw():
            return _out(transfer, _S.WITHDRAWN, step.reason)
        case Refuse():
            return _out(transfer, _S.REFUSED, step.reason)
        case CancelTransfer():
            return _out(transfer, _S.CANCELLED, step.reason)


def _checked(transfer: OrgRelationTransfer, step: PassHomeCheck, today: date) -> OrgRelationTransfer | Declined:
    paid = months_of(step.dues_paid_until)
    if paid is None or paid < today.year * 12 + today.month - 1:
        return declined("duesUnsettled", until=step.dues_paid_until)
    return replace(transfer, state=_S.HOME_CHECKED, dues_paid_until=step.dues_paid_until)


def _issued(
    transfer: OrgRelationTransfer, step: IssueLetter, today: date, rules: MobilityRules, used: Collection[str]
) -> OrgRelationTransfer | Declined:
    if not 1 <= step.valid_days <= rules.letter_valid_days:
        return declined("validDaysOutOfRange", limit=rules.letter_valid_days)
    if step.number in used or any(one.number == step.number for one in transfer.letters):
        return declined("letterNumberUsed", number=step.number)
    letter = IntroductionLetter(step.number, today, step.valid_days, transfer.dues_paid_until or "", step.verification_code)
    return replace(_voided(transfer), state=_S.LETTER_ISSUED, letters=(*_voided(transfer).letters, letter))


def _presented(transfer: OrgRelationTransfer, number: str, today: date) -> OrgRelationTransfer | Declined:
    letter = next((one for one in transfer.letters if one.number == number), None)
    if letter is None:
        return declined("letterUnknown", number=number)
    if letter.void and transfer.state is not _S.EXPIRED:
        return declined("letterVoid", number=number)
    if transfer.state in _WITH_HOST | MOVED:
        return declined("letterPresentedTwice", number=number)
    if today < letter.issued_on:
        return declined("letterFromTheFuture")
    if transfer.state is _S.EXPIRED or today > letter.last_valid_day:
        return declined("letterExpired", number=number, day=letter.last_valid_day.isoformat())
    return replace(transfer, state=_S.RECEIVED)


def _assigned(transfer: OrgRelationTransfer, destination: Destination | None, rules: MobilityRules) -> OrgRelationTransfer | Declined:
    if destination is None or destination.closed:
        return declined("branchUnknown")
    if destination.branch_id == transfer.from_branch_id:
        return declined("sameBranch")
    if destination.committee_id != transfer.to_committee_id:
        return declined("branchElsewhere")
    if destination.members >= rules.branch_full_at:
        return declined("branchFull", limit=rules.branch_full_at)
    return replace(transfer, state=_S.ASSIGNED, to_branch_id=destination.branch_id)


def _receipted(transfer: OrgRelationTransfer, step: SendReceipt, at: float) -> OrgRelationTransfer | Declined:
    if transfer.letter is None or transfer.to_branch_id is None:  # cannot come from the table; told rather than guessed
        return declined("stepNotPossible", act="SendReceipt", state=transfer.state.value)
    receipt = TransferReceipt(transfer.letter.number, transfer.to_branch_id, at, step.signed_by)
    return replace(transfer, state=_S.RECEIPTED, receipt=receipt)


def _receipted_outside(transfer: OrgRelationTransfer, step: RecordReceipt, at: float) -> OrgRelationTransfer | Declined:
    """What counts is the day on the receipt: a letter taken in time is not lost because its receipt was long in the post."""
    letter = transfer.letters[-1]
    if not letter.issued_on <= step.on <= day_of(at):
        return declined("dayOutOfOrder", day=step.on.isoformat())
    if step.on > letter.last_valid_day:
        return declined("letterExpired", number=letter.number, day=letter.last_valid_day.isoformat())
    receipt = TransferReceipt(letter.number, "", at, step.signed_by, step.outside_branch)
    return replace(transfer, state=_S.RECEIPTED, receipt=receipt, outside_branch=step.outside_branch or transfer.outside_branch)


def _resubmitted(transfer: OrgRelationTransfer, step: Resubmit) -> OrgRelationTransfer | Declined:
    reason = transfer.reason if step.reason is None else step.reason
    if not reason.strip():
        return declined("reasonMissing")
    if step.to_committee_id is None and step.outside is None:
        return replace(transfer, state=_S.APPLIED, reason=reason)
    committee, outside = step.to_committee_id or "", (step.outside or "").strip()
    if not (committee or outside):
        return declined("destinationMissing")
    if step.to_branch_id == transfer.from_branch_id:
        return declined("sameBranch")
    outside = "" if committee else outside
    to = replace(transfer, to_committee_id=committee, to_branch_id=step.to_branch_id, outside=outside, outside_branch="")
    return replace(to, state=_S.APPLIED, reason=reason)


def _expired(transfer: OrgRelationTransfer, today: date) -> OrgRelationTransfer | Declined:
    letter = transfer.letter
    if letter is not None and today <= letter.last_valid_day:
        return declined("letterStillValid", number=letter.number, day=letter.last_valid_day.isoformat())
    return replace(_voided(transfer), state=_S.EXPIRED)


def _out(transfer: OrgRelationTransfer, state: TransferState, reason: str) -> OrgRelationTransfer | Declined:
    """Every way out needs a reason, and makes the letter void: it could otherwise be presented afterwards."""
    return replace(_voided(transfer), state=state, answer=reason) if reason.strip() else declined("reasonMissing")


def _voided(transfer: OrgRelationTransfer) -> OrgRelationTransfer:
    return replace(transfer, letters=tuple(replace(one, void=True) for one in transfer.letters))


def step_due(transfer: OrgRelationTransfer, rules: MobilityRules) -> tuple[date, frozenset[Side]] | None:
    """Until when the next step should be taken and whom to remind; None where nobody has to do anything.

    On the way it is the letter's last valid day, and both committees and the member are reminded: a missed letter hurts all three.
    """
    found = _step_due(transfer, rules)
    if found is None or not (transfer.to_outside or transfer.from_outside):
        return found
    day, sides = found
    here = frozenset({_RC}) if transfer.from_outside else sides - {_RC} | {_HC}
    return day, here


def _step_due(transfer: OrgRelationTransfer, rules: MobilityRules) -> tuple[date, frozenset[Side]] | None:
    since = day_of(transfer.state_since)
    if transfer.state in _ON_THE_WAY and transfer.letter is not None:
        return transfer.letter.last_valid_day, frozenset({Side.MEMBER, _HC, _RC})
    if transfer.state in (_S.APPLIED, _S.HOME_CHECKED, _S.APPROVED):
        return since + timedelta(days=rules.home_decision_days), frozenset({_HOME if transfer.state is _S.APPLIED else _HC})
    if transfer.state in _WITH_HOST:
        return since + timedelta(days=rules.host_decision_days), frozenset({_RC, _HC})
    if transfer.state is _S.RECEIPTED:
        return since + timedelta(days=rules.closing_days), frozenset({_HC})
    if transfer.state in (_S.RETURNED_FOR_CHANGE, _S.EXPIRED):
        sides = frozenset({Side.MEMBER, _HOME}) if transfer.state is _S.RETURNED_FOR_CHANGE else frozenset({_HC})
        return since + timedelta(days=rules.home_decision_days), sides
    return None
