"""Transfers as the wire shows them: names instead of ids, days instead of instants where a day is meant."""

from __future__ import annotations

from ledger.actions.hosts import FoundOrg
from ledger.actions.letters import LetterCheck
from ledger.actions.transferapplying import BatchLine
from ledger.actions.transferviews import TransferCase
from ledger.mobility import IntroductionLetter, Newcomer, OrgRelationTransfer, Side
from ledger.model import OrgUnit
from ledger.transferports import Letterhead, TransferLine
from server.answers import explain
from server.http.views.moments import day_or_none, iso
from server.schemas import transfers as t

CLOCK = {"system": "", "operator": ""}


def transfer(case: TransferCase) -> t.TransferView:
    one = case.transfer
    return t.TransferView.model_validate(
        {
            "transfer_id": one.transfer_id,
            "member_id": one.member_id if case.member else None,
            "name": case.name,
            "number": case.number,
            "own": case.own,
            "state": one.state.value,
            "direction": "out" if one.to_outside else "in" if one.from_outside else "within",
            "from_branch_name": _name(case.from_branch, one.outside_branch),
            "from_committee_name": _name(case.from_committee, one.outside),
            "to_committee_id": one.to_committee_id or None,
            "to_committee_name": _name(case.to_committee, one.outside),
            "to_branch_id": one.to_branch_id,
            "to_branch_name": _name(case.to_branch, one.outside_branch if one.to_outside else "") or None,
            "reason": one.reason,
            "applied_at": iso(one.applied_at),
            "state_since": iso(one.state_since),
            "due_on": day_or_none(case.due_on),
            "urgency": "overdue" if case.overdue else "soon" if case.soon else "none",
            "waits_for": sorted(side.value for side in case.waits_for),
            "sides": sorted(side.value for side in case.sides),
            "steps": list(case.steps),
            "responsible_name": case.responsible.name if case.responsible else None,
            "dues_paid_until": one.dues_paid_until,
            "national_reference": one.national_reference,
            "answer": one.answer,
            "letters": [_letter(letter, shown=bool(case.sides)) for letter in one.letters],
            "receipt": _receipt(one, case),
            "history": [_line(line, case) for line in case.history],
            "revision": one.revision,
            "basis": case.basis.value,
            "consented_at": iso(case.consented_at) if case.consented_at is not None else None,
            "duty": one.duty.value if one.duty else None,
            "newcomer": _newcomer(one.newcomer) if one.newcomer and Side.HOST_COMMITTEE in case.sides else None,
        }
    )


def _newcomer(one: Newcomer) -> t.NewcomerView:
    born, joined = day_or_none(one.born_on), day_or_none(one.joined_on)
    return t.NewcomerView.model_validate({"born_on": born, "id_number": one.id_masked, "sex": one.sex, "joined_on": joined})


def destination(found: FoundOrg) -> t.DestinationOrg:
    return t.DestinationOrg(
        org_id=found.org.org_id,
        name=found.org.name,
        kind=found.org.kind.value,
        above=found.above,
        committee_id=found.committee.org_id,
        committee_name=found.committee.name,
    )


def batch(lines: list[BatchLine]) -> t.BatchResult:
    return t.BatchResult(
        lines=[_batch_line(line) for line in lines],
        done=sum(line.refusal is None for line in lines),
        refused=sum(line.refusal is not None for line in lines),
    )


def check(found: LetterCheck) -> t.LetterCheckView:
    return t.LetterCheckView(
        number=found.number,
        standing=found.standing.value,
        issuer=found.issuer,
        addressee=found.addressee,
        name=found.name,
        issued_on=found.issued_on.isoformat(),
        last_valid_day=found.last_valid_day.isoformat(),
        presented_on=day_or_none(found.presented_on),
    )


def letterhead(found: Letterhead) -> t.LetterheadView:
    return t.LetterheadView(org_id=found.org_id, address=found.address, phone=found.phone, fax=found.fax, post_code=found.post_code)


def _name(unit: OrgUnit | None, outside: str) -> str:
    return unit.name if unit else outside


def _letter(letter: IntroductionLetter, *, shown: bool) -> t.LetterView:
    return t.LetterView(
        number=letter.number,
        issued_on=letter.issued_on.isoformat(),
        last_valid_day=letter.last_valid_day.isoformat(),
        valid_days=letter.valid_days,
        void=letter.void,
        code=letter.verification_code or None if shown else None,
    )


def _receipt(one: OrgRelationTransfer, case: TransferCase) -> t.ReceiptView | None:
    receipt = one.receipt
    if receipt is None:
        return None
    branch = _name(case.to_branch, receipt.outside_branch)
    return t.ReceiptView(letter_number=receipt.letter_number, branch_name=branch, at=iso(receipt.at), signed_by=receipt.signed_by)


def _line(line: TransferLine, case: TransferCase) -> t.TransferLineView:
    change = line.change
    return t.TransferLineView(
        at=iso(change.at),
        step=change.step,
        side=change.side.value,
        before=change.before.value if change.before else None,
        after=change.after.value,
        reason=change.reason,
        author_name=(case.authors or {}).get(line.author, CLOCK.get(line.author, "")),
    )


def _batch_line(line: BatchLine) -> t.BatchLine:
    told = explain(line.refusal.code, line.refusal.params)["message"] if line.refusal else {"zh": "", "en": ""}
    return t.BatchLine(
        member_id=line.member_id,
        name=line.name,
        transfer_id=line.transfer_id,
        code=line.refusal.code if line.refusal else None,
        message_zh=told["zh"],
        message_en=told["en"],
    )
