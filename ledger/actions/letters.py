"""Letters of introduction: their numbers and codes, what stands on them, and what is the matter with one somebody holds in hand.

A code is random, since a letter is only worth what the issuing installation says of it; whoever holds the paper may ask, without a log-in,
and is told no more of the person than what lets one compare the paper. Printing one is logged: it has the person's particulars on it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..access import Action, Actor, organisation_for, transfer_for
from ..declining import refusal_of
from ..mobility import MOVED, IntroductionLetter, OrgRelationTransfer, TransferReceipt, TransferState
from ..model import Access, Member, OrgUnit, day_of
from ..ports import Store, UnitOfWork
from ..refusals import NotFound
from ..rules.declined import declined
from ..sealing import Sealer
from ..transferports import Letterhead
from .filing import about_id_number

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without what is taken for one another: I O 0 1
PRINT_LETTER, PRINT_RECEIPT = "printLetter", "printReceipt"  # as the log of access has them
GROUPS, LETTERS = 3, 4  # 60 bits: not to be guessed, and still to be typed


class Standing(StrEnum):
    """How a letter stands today."""

    IN_FORCE = "inForce"
    PRESENTED = "presented"
    EXPIRED = "expired"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class LetterCheck:
    """What whoever holds a letter is told. `name`: all but the first sign hidden."""

    number: str
    standing: Standing
    issuer: str
    addressee: str
    name: str
    issued_on: date
    last_valid_day: date
    presented_on: date | None


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """Everything that stands on the three parts. None where it is not known: then there is a line to be filled in by hand."""

    letter: IntroductionLetter
    name: str
    sex: str | None
    born_on: date | None
    ethnic_group: str | None
    stage: str
    id_number: str | None
    phone: str | None
    addressee: str
    from_unit: str
    to_unit: str
    issuer: str
    letterhead: Letterhead
    national_reference: str
    receipt: TransferReceipt | None = None
    receipt_branch: str = ""


def fresh_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


async def next_number(uow: UnitOfWork, transfer: OrgRelationTransfer, now: float) -> str:
    """The committee's code, the year, and a count within it: DEMO-2026-0007."""
    committee = await uow.organisations.get(transfer.from_committee_id)
    starting = f"{committee.code if committee else ''}-{day_of(now).year}-"
    counts = [int(number[len(starting) :]) for number in await uow.transfers.numbers_of(transfer.from_committee_id, starting)
              if number[len(starting) :].isdecimal()]  # fmt: skip
    return f"{starting}{max(counts, default=0) + 1:04d}"


async def check_letter(store: Store, code: str, now: float) -> LetterCheck:
    """By anybody. NotFound tells nothing but that there is no such letter."""
    plain = code.strip().upper().replace(" ", "")
    async with store.reading() as uow:
        transfer = await uow.transfers.by_code(plain) if plain else None
        if transfer is None:
            raise NotFound(noun="letter", id="")
        letter = next(one for one in transfer.letters if one.verification_code == plain)
        member = await uow.members.get(transfer.member_id)
        issuer, addressee = await _names(uow, transfer)
        standing = standing_of(transfer, letter, day_of(now))
        presented = await _presented_on(uow, transfer) if standing is Standing.PRESENTED else None
    name = member.name[:1] + "*" * (len(member.name) - 1) if member else ""
    return LetterCheck(letter.number, standing, issuer, addressee, name, letter.issued_on, letter.last_valid_day, presented)


def standing_of(transfer: OrgRelationTransfer, letter: IntroductionLetter, today: date) -> Standing:
    """A letter that was presented in time stays presented, whatever day it is."""
    with_host = transfer.state in MOVED | {TransferState.RECEIVED, TransferState.ASSIGNED}
    if letter.void:
        return Standing.EXPIRED if transfer.state is TransferState.EXPIRED and letter is transfer.letters[-1] else Standing.VOID
    if with_host:
        return Standing.PRESENTED
    return Standing.EXPIRED if today > letter.last_valid_day else Standing.IN_FORCE


async def printed_letter(
    store: Store, actor: Actor, transfer_id: str, now: float, purpose: str = PRINT_LETTER, sealer: Sealer | None = None
) -> PrintedLetter:
    """The latest letter with what stands on it; the ID number where there is a `sealer` to open it. Logged.

    Refusals: letterUnknown where none was issued yet, receiptMissing where the receipt is wanted and there is none.
    """
    async with store.writing() as uow:
        transfer = await transfer_for(uow, actor, transfer_id, Action.MOVE_TRANSFER)
        if not transfer.letters:
            raise refusal_of(declined("letterUnknown", number=""))
        if purpose == PRINT_RECEIPT and transfer.receipt is None:
            raise refusal_of(declined("receiptMissing"))
        printed = await _printed(uow, transfer, sealer)
        org = await uow.organisations.get(transfer.from_branch_id or transfer.to_committee_id)
        detail = {"transferId": transfer_id, "number": printed.letter.number}
        line = Access(now, actor.account_id, purpose, f"member:{transfer.member_id}", org.path if org else "", detail)
        await uow.access_log.append([line])
    return printed


async def letterhead_of(store: Store, actor: Actor, org_id: str) -> Letterhead:
    async with store.reading() as uow:
        org = await organisation_for(uow, actor, org_id, Action.SEE_ORGANISATION)
        return await uow.transfers.letterhead(org.org_id) or Letterhead(org.org_id)


async def set_letterhead(store: Store, actor: Actor, letterhead: Letterhead, now: float) -> Letterhead:
    async with store.writing() as uow:
        org = await organisation_for(uow, actor, letterhead.org_id, Action.SET_LETTERHEAD)
        await uow.transfers.save_letterhead(letterhead)
        await uow.access_log.append([Access(now, actor.account_id, "setLetterhead", f"org:{org.org_id}", org.path)])
    return letterhead


async def _printed(uow: UnitOfWork, transfer: OrgRelationTransfer, sealer: Sealer | None) -> PrintedLetter:
    member, newcomer = await uow.members.get(transfer.member_id), transfer.newcomer
    issuer, addressee = await _names(uow, transfer)
    left, entered = await _unit(uow, transfer.from_branch_id), await _unit(uow, transfer.to_branch_id)
    entered_name = entered.name if entered else transfer.outside_branch if transfer.to_outside else ""
    return PrintedLetter(
        letter=transfer.letters[-1],
        name=member.name if member else newcomer.name if newcomer else "",
        sex=member.sex if member else newcomer.sex if newcomer else None,
        born_on=member.born_on if member else newcomer.born_on if newcomer else None,
        ethnic_group=member.ethnic_group if member else None,
        stage=_stage(member, transfer),
        id_number=await _id_number(uow, sealer, transfer) if sealer else None,
        phone=member.phone if member else newcomer.phone if newcomer else None,
        addressee=addressee,
        from_unit=left.name if left else transfer.outside_branch or transfer.outside,
        to_unit=entered_name or addressee,
        issuer=issuer,
        letterhead=await uow.transfers.letterhead(transfer.from_committee_id) or Letterhead(transfer.from_committee_id),
        national_reference=transfer.national_reference,
        receipt=transfer.receipt,
        receipt_branch=entered_name,
    )


async def _id_number(uow: UnitOfWork, sealer: Sealer, transfer: OrgRelationTransfer) -> str | None:
    """On the file; of a newcomer with the transfer, until the receipt."""
    file = await uow.files.get(transfer.member_id)
    sealed = (file.id_sealed if file else None) or (transfer.newcomer.id_sealed if transfer.newcomer else None)
    return sealer.open(sealed, about_id_number(transfer.member_id)) if sealed else None


def _stage(member: Member | None, transfer: OrgRelationTransfer) -> str:
    return member.stage.value if member else transfer.newcomer.stage if transfer.newcomer else "full"


async def _unit(uow: UnitOfWork, org_id: str | None) -> OrgUnit | None:
    return await uow.organisations.get(org_id) if org_id else None


async def _names(uow: UnitOfWork, transfer: OrgRelationTransfer) -> tuple[str, str]:
    """(who issues, whom it is addressed to)"""
    sender, receiver = await _unit(uow, transfer.from_committee_id), await _unit(uow, transfer.to_committee_id)
    return (sender.name if sender else transfer.outside), (receiver.name if receiver else transfer.outside)


async def _presented_on(uow: UnitOfWork, transfer: OrgRelationTransfer) -> date | None:
    lines = await uow.transfers.history(transfer.transfer_id)
    return next((day_of(line.change.at) for line in reversed(lines) if line.change.after is TransferState.RECEIVED), None)
