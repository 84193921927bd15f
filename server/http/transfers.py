"""Transfers: lists and the own ones, applying, every step of the way, the letter and its check."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from ledger.access import Action
from ledger.actions import letters, transferagreeing, transferapplying, transferlists, transfers
from ledger.actions.hosts import FindOrg, find_destinations
from ledger.actions.transferlists import Box
from ledger.actions.transferviews import TransferCase, authors_of
from ledger.exports.letterpdf import letter_pdf, receipt_pdf
from ledger.mobility import Newcomer, TransferDuty
from ledger.model import day_of
from ledger.refusals import NotFound
from ledger.rules import transfersteps as steps
from ledger.sharingnotice import TRANSFER_NOTICES, TRANSFER_VERSION
from ledger.transferports import Letterhead
from server.http.attendance import PDF
from server.http.call import Call, File, day
from server.http.session import TooManyAttempts
from server.http.views import transfers as views
from server.schemas import transfers as t

CHECKS_PER_ADDRESS, CHECK_SECONDS = 60, 60.0  # a counter checks a pile of letters; a program that guesses is slowed down


async def search(call: Call, query: t.TransferSearch) -> t.TransferPage:
    command = transferlists.ListTransfers(Box(query.box), query.q, query.page, query.page_size)
    found = await transferlists.list_transfers(call.store, call.actor, command, call.now)
    return t.TransferPage(
        items=[views.transfer(case) for case in found.cases],
        total=found.total,
        page=query.page,
        page_size=query.page_size,
        counts={box.value: count for box, count in found.counts.items()},
    )


async def own(call: Call) -> t.OwnTransfers:
    found = await transferlists.own_transfers(call.store, call.actor, call.now)
    return t.OwnTransfers(items=[views.transfer(case) for case in found])


async def destinations(call: Call, query: t.DestinationSearch) -> t.Destinations:
    command = FindOrg(query.q, query.page, query.page_size, query.committee_id, query.org_id)
    found = await find_destinations(call.store, call.actor, command)
    items = [views.destination(one) for one in found.lines]
    return t.Destinations(items=items, total=found.total, page=query.page, page_size=query.page_size)


async def apply(call: Call, body: t.NewTransfer) -> t.TransferView:
    member_id = body.member_id or call.actor.member_id
    if member_id is None:
        raise NotFound(noun="member", id="")
    command = transferapplying.ApplyForTransfer(member_id, _whither(body), body.reason, body.key, body.consent_version, _duty(body.duty))
    return views.transfer(await transferapplying.apply_for_transfer(call.store, call.actor, command, call.now))


async def apply_for_many(call: Call, body: t.NewTransfers) -> t.BatchResult:
    graduated_on = day("graduatedOn", body.graduated_on) if body.graduated_on else None
    members, to = tuple(body.member_ids), _whither(body)
    command = transferapplying.ApplyForMany(members, to, body.reason, body.key, _duty(body.duty), graduated_on)
    return views.batch(await transferapplying.apply_for_many(call.store, call.actor, command, call.now))


async def take_in(call: Call, body: t.NewArrival) -> t.TransferView:
    joined_on = day("joinedOn", body.joined_on) if body.joined_on else None
    born_on = day("bornOn", body.born_on) if body.born_on else None
    newcomer = Newcomer(body.number, body.name, body.stage, body.sex, joined_on, body.phone or None, born_on)
    command = transferapplying.TakeInLetter(
        body.to_committee_id,
        body.outside,
        body.letter_number,
        day("issuedOn", body.issued_on),
        body.valid_days,
        body.dues_paid_until,
        body.reason,
        newcomer,
        body.outside_branch,
        body.id_number,
    )
    sealer = call.house.sealer
    return views.transfer(await transferapplying.take_in_letter(call.store, call.actor, command, call.now, sealer=sealer))


async def transfer(call: Call) -> t.TransferView:
    found = await transferlists.transfer_case(call.store, call.actor, call.ids["transferId"], call.now)
    return views.transfer(found)


async def notice(call: Call) -> t.TransferNotice:
    found = TRANSFER_NOTICES[TRANSFER_VERSION]
    return t.TransferNotice(version=found.version, zh=list(found.zh), en=list(found.en))


async def agree(call: Call, body: t.AgreeToTransfer) -> t.TransferView:
    transfer_id = call.ids["transferId"]
    return await _told(call, await transferagreeing.agree_to_transfer(call.store, call.actor, transfer_id, body.text_version, call.now))


async def take_consent_back(call: Call) -> t.TransferView:
    return await _told(call, await transferagreeing.take_consent_back(call.store, call.actor, call.ids["transferId"], call.now))


async def check(call: Call, body: t.PassCheck) -> t.TransferView:
    return await _step(call, body, steps.PassHomeCheck(body.dues_paid_until), Action.CHECK_TRANSFER)


async def approve(call: Call, body: t.StepTaken) -> t.TransferView:
    return await _step(call, body, steps.Approve(), Action.SEND_TRANSFER)


async def issue_letter(call: Call, body: t.NewLetter) -> t.TransferView:
    return await _step(call, body, steps.IssueLetter(body.number, body.valid_days, ""), Action.SEND_TRANSFER)


async def send_off(call: Call, body: t.SendOff) -> t.TransferView:
    return await _step(call, body, steps.Dispatch(body.national_reference), Action.SEND_TRANSFER)


async def expire(call: Call, body: t.StepTaken) -> t.TransferView:
    return await _step(call, body, steps.Expire(), Action.SEND_TRANSFER)


async def present(call: Call, body: t.Present) -> t.TransferView:
    return await _step(call, body, steps.PresentLetter(body.number), Action.RECEIVE_TRANSFER)


async def assign(call: Call, body: t.AssignTo) -> t.TransferView:
    command = transfers.Assign(call.ids["transferId"], body.revision, body.branch_id)
    return await _told(call, await transfers.assign_branch(call.store, call.actor, command, call.now))


async def give_receipt(call: Call, body: t.NewReceipt) -> t.TransferView:
    return await _step(call, body, steps.SendReceipt(body.signed_by or _name(call)), Action.RECEIVE_TRANSFER)


async def record_receipt(call: Call, body: t.NewReceipt) -> t.TransferView:
    on = day("on", body.on) if body.on else day_of(call.now)
    return await _step(call, body, steps.RecordReceipt(body.outside_branch, body.signed_by, on), Action.SEND_TRANSFER)


async def close(call: Call, body: t.StepTaken) -> t.TransferView:
    return await _step(call, body, steps.CloseSender(), Action.SEND_TRANSFER)


async def archive(call: Call, body: t.StepTaken) -> t.TransferView:
    return await _step(call, body, steps.Archive(), Action.DECIDE_TRANSFER)


async def send_back(call: Call, body: t.WithReason) -> t.TransferView:
    return await _step(call, body, steps.ReturnForChange(body.reason), Action.DECIDE_TRANSFER)


async def refuse(call: Call, body: t.WithReason) -> t.TransferView:
    return await _step(call, body, steps.Refuse(body.reason), Action.DECIDE_TRANSFER)


async def withdraw(call: Call, body: t.WithReason) -> t.TransferView:
    return await _step(call, body, steps.Withdraw(body.reason), Action.APPLY_FOR_TRANSFER)


async def cancel(call: Call, body: t.WithReason) -> t.TransferView:
    return await _step(call, body, steps.CancelTransfer(body.reason), Action.SEND_TRANSFER)


async def hand_in_again(call: Call, body: t.HandInAgain) -> t.TransferView:
    elsewhere = body.to_committee_id or body.to_branch_id or body.outside
    to = _whither(body) if elsewhere else None
    command = transfers.HandInAgain(call.ids["transferId"], body.revision, body.reason, to, body.consent_version)
    return await _told(call, await transfers.hand_in_again(call.store, call.actor, command, call.now))


async def letter_as_pdf(call: Call) -> File:
    """In Chinese alone, as the form is: it goes to a committee that has to accept it. Spelled in a thread, as every PDF."""
    sealer = call.house.sealer
    found = await letters.printed_letter(call.store, call.actor, call.ids["transferId"], call.now, sealer=sealer)
    code = found.letter.verification_code
    address = f"{call.base_url}/letters/{code}" if code else ""
    content = await asyncio.to_thread(letter_pdf, found, address)
    return File(f"组织关系介绍信-{found.letter.number}.pdf", PDF, content)


async def receipt_as_pdf(call: Call) -> File:
    found = await letters.printed_letter(call.store, call.actor, call.ids["transferId"], call.now, letters.PRINT_RECEIPT)
    content = await asyncio.to_thread(receipt_pdf, found)
    return File(f"组织关系介绍信回执-{found.letter.number}.pdf", PDF, content)


async def check_letter(call: Call) -> t.LetterCheckView:
    """Anybody who holds the paper; a code is too long to be guessed, and guessing is slow."""
    wait = await call.house.rate_limits.wait(f"letter:{call.address}", CHECKS_PER_ADDRESS, CHECK_SECONDS)
    if wait > 0:
        raise TooManyAttempts(seconds=round(wait))
    return views.check(await letters.check_letter(call.store, call.ids["code"], call.now))


async def letterhead(call: Call) -> t.LetterheadView:
    return views.letterhead(await letters.letterhead_of(call.store, call.actor, call.ids["orgId"]))


async def set_letterhead(call: Call, body: t.LetterheadChange) -> t.LetterheadView:
    wanted = Letterhead(call.ids["orgId"], body.address, body.phone, body.fax, body.post_code)
    return views.letterhead(await letters.set_letterhead(call.store, call.actor, wanted, call.now))


async def _step(call: Call, body: t.StepTaken, step: steps.TransferStep, action: Action) -> t.TransferView:
    command = transfers.TakeStep(call.ids["transferId"], body.revision, step, action)
    return await _told(call, await transfers.take_step(call.store, call.actor, command, call.now))


async def _told(call: Call, case: TransferCase) -> t.TransferView:
    """With the history, since the page shows it at once."""
    async with call.store.reading() as uow:
        history = tuple(await uow.transfers.history(case.transfer.transfer_id))
        authors = await authors_of(uow, history)
    return views.transfer(replace(case, history=history, authors=authors))


def _whither(body: t.Whither) -> transferapplying.Whither:
    return transferapplying.Whither(body.to_committee_id or "", body.to_branch_id, body.outside, body.outside_branch)


def _duty(name: t.TransferDutyName | None) -> TransferDuty | None:
    return TransferDuty(name) if name else None


def _name(call: Call) -> str:
    return call.actor.member.name if call.actor.member else call.actor.account.username
