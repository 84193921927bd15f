"""An old register of transfers, line by line. What is past becomes history and moves nobody; what is on its way goes on from there.

Committees do this, each for the transfers it has sent; a letter from outside that is still on its way is taken in at its desk, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from ..access import Action, Actor, Target, may
from ..mobility import IntroductionLetter, OrgRelationTransfer, Side, TransferReceipt, TransferState
from ..model import BRANCH_KINDS, CHINA, ON_THE_ROLL, Access, Member, OrgUnit, day_of
from ..ports import Store, UnitOfWork
from ..rules.transfer import TransferChange
from ..transferports import TransferLine
from ..transferregister import TransferRow, read_transfer_register
from .registerimport import Desk, Imported, ImportFile, import_register, row_id
from .transferviews import committee_of


@dataclass(frozen=True, slots=True)
class _Ends:
    """Branch and committee of each end that is here; None: outside, by its name in the row."""

    left: OrgUnit | None
    sender: OrgUnit | None
    entered: OrgUnit | None
    receiver: OrgUnit | None


async def import_transfers(store: Store, actor: Actor, command: ImportFile, now: float) -> Imported:
    return await import_register(store, actor, command, now, Action.SEND_TRANSFER, read_transfer_register, _take)


async def _take(desk: Desk[TransferRow], row: TransferRow) -> None:
    member = desk.members.get(row.number)
    if member is None:
        return desk.complain(row, "number", "memberUnknown", value=row.number)
    if row.name and row.name != member.name:
        return desk.complain(row, "name", "nameDiffers", value=row.number)
    ends = await _ends(desk.uow, row)
    if not _may(desk.actor, ends):
        return desk.complain(row, "from_place", "notYours")
    transfer_id = row_id("transfer", row.number, row.letter_number, row.issued_on)
    if await desk.uow.transfers.get(transfer_id) is not None:
        desk.unchanged += 1
        return None
    if not await _fits(desk, row, member, ends):
        return None
    await _write(desk, row, member, ends, transfer_id)
    desk.created += 1
    return None


async def _ends(uow: UnitOfWork, row: TransferRow) -> _Ends:
    left, entered = await _branch(uow, row.from_place), await _branch(uow, row.to_place)
    return _Ends(left, await committee_of(uow, left) if left else None, entered, await committee_of(uow, entered) if entered else None)


async def _branch(uow: UnitOfWork, code: str) -> OrgUnit | None:
    found = await uow.organisations.by_code(code)
    return found if found is not None and found.kind in BRANCH_KINDS else None


def _may(actor: Actor, ends: _Ends) -> bool:
    """The committee that has sent; of a letter from outside, the one that has received."""
    committee = ends.sender or ends.receiver
    action = Action.SEND_TRANSFER if ends.sender else Action.RECEIVE_TRANSFER
    path = committee.path if committee else None
    return path is not None and may(actor, action, Target("", home_committee_path=path, host_committee_path=path))


async def _fits(desk: Desk[TransferRow], row: TransferRow, member: Member, ends: _Ends) -> bool:
    """Whether the row can be so; complained of otherwise."""
    today = day_of(desk.now)
    if ends.left is not None and ends.left == ends.entered:
        return _no(desk, row, "to_place", "sameBranch")
    if row.issued_on > today or (row.receipt_on or today) > today:
        return _no(desk, row, "receipt_on" if row.issued_on <= today else "issued_on", "inTheFuture")
    if ends.sender and row.letter_number in await desk.uow.transfers.numbers_of(ends.sender.org_id, row.letter_number):
        return _no(desk, row, "letter_number", "letterNumberUsed", number=row.letter_number)
    if row.receipt_on is not None:
        return True
    if ends.left is None:
        return _no(desk, row, "receipt_on", "required")
    if member.home_branch_id != ends.left.org_id or member.status not in ON_THE_ROLL:
        return _no(desk, row, "from_place", "notOnTheRoll")
    if await desk.uow.transfers.open_of([member.member_id]):
        return _no(desk, row, "number", "transferOpen")
    return True


def _no(desk: Desk[TransferRow], row: TransferRow, key: str, code: str, **params: object) -> bool:
    desk.complain(row, key, code, **params)
    return False


async def _write(desk: Desk[TransferRow], row: TransferRow, member: Member, ends: _Ends, transfer_id: str) -> None:
    past = row.receipt_on is not None
    state = TransferState.ARCHIVED if past else TransferState.IN_TRANSIT
    since = _noon(row.receipt_on or row.issued_on)
    outside_branch = row.to_place if ends.left and not ends.entered else ""
    transfer = OrgRelationTransfer(
        transfer_id,
        member.member_id,
        ends.left.org_id if ends.left else "",
        ends.sender.org_id if ends.sender else "",
        ends.receiver.org_id if ends.receiver else "",
        row.reason,
        state,
        _noon(row.issued_on),
        since,
        ends.entered.org_id if ends.entered else None,
        (IntroductionLetter(row.letter_number, row.issued_on, row.valid_days, row.dues_until, ""),),
        _receipt(row, ends) if past else None,
        row.dues_until or None,
        row.reference,
        outside=row.from_place if not ends.left else row.to_place if not ends.entered else "",
        outside_branch=outside_branch if past else "",
    )
    change = TransferChange(transfer_id, None, state, "Import", Side.HOME_COMMITTEE if ends.sender else Side.HOST_COMMITTEE, desk.now)
    await desk.uow.transfers.add(transfer, [TransferLine(change, desk.actor.account_id)])
    here = ends.left or ends.entered
    path = here.path if here else ""
    detail = {"transferId": transfer_id, "by": "import"}
    await desk.uow.access_log.append(
        [Access(desk.now, desk.actor.account_id, "importTransfer", f"member:{member.member_id}", path, detail)]
    )


def _receipt(row: TransferRow, ends: _Ends) -> TransferReceipt:
    at = _noon(row.receipt_on or row.issued_on)
    return TransferReceipt(
        row.letter_number, ends.entered.org_id if ends.entered else "", at, row.signed_by, "" if ends.entered else row.to_place
    )


def _noon(day: date) -> float:
    """The register knows days only."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=CHINA).astimezone(UTC).timestamp()
