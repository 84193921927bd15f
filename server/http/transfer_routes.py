"""The rows of transfers in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import registers, transfers
from server.http.attendance import CSV, PDF, XLSX
from server.http.call import Route as R
from server.schemas import queries as q
from server.schemas import transfers as t
from server.schemas.organisations import ImportReport

_STEP = ("changedMeanwhile", "stepNotPossible", "notYourStep", "ownCase")
_TO = ("destinationMissing", "committeeUnknown", "branchUnknown", "branchElsewhere", "sameBranch", "branchFull")
_CONSENT = ("transferConsentNeeded", "noticeVersionUnknown")
_APPLY = (*_CONSENT, "transferOpen", "notOnTheRoll", "reasonMissing", *_TO)
_LETTER = ("letterUnknown", "letterVoid", "letterPresentedTwice", "letterExpired", "letterFromTheFuture")
_RECEIPT = ("organisationClosed", "dayOutOfOrder", "letterExpired")
_ONE = "/transfers/{transferId}"

ROUTES: tuple[R, ...] = (
    R("GET", "/transfers", transfers.search, "Transfers one has a part in, by box", query=t.TransferSearch, answer=t.TransferPage),
    R("GET", "/transfers/own", transfers.own, "The own transfers with their history", answer=t.OwnTransfers),
    R("GET", "/transfers/destinations", transfers.destinations, "Committees one may be moved to, or the branches of one, as one types",
      query=t.DestinationSearch, answer=t.Destinations),
    R("GET", "/transfers/notice", transfers.notice, "What a member consents to with a transfer", answer=t.TransferNotice),
    R("POST", "/transfers", transfers.apply, "Apply: for oneself, or as the home branch for a member", body=t.NewTransfer,
      answer=t.TransferView, refuses=_APPLY),
    R("POST", "/transfers/batch", transfers.apply_for_many, "Apply for many at once; each refused one is named", body=t.NewTransfers,
      answer=t.BatchResult),
    R("POST", "/transfers/arrivals", transfers.take_in, "Take in a letter from outside the installation", who=A.TAKE_IN_LETTER,
      body=t.NewArrival, answer=t.TransferView,
      refuses=("transferOpen", "committeeUnknown", "senderMissing", "letterNumberMissing", "letterPresentedTwice", "validDaysOutOfRange",
               "letterFromTheFuture", "letterExpired", "numberTaken", "nameMissing", "idNumberDisagrees", "idNumberTaken", "keyMissing")),
    R("GET", _ONE, transfers.transfer, "One transfer with its history", who=A.SEE_TRANSFER, answer=t.TransferView),
    R("POST", f"{_ONE}/consent", transfers.agree, "The member's separate consent to the receiving side being told", who=A.FOLLOW_TRANSFER,
      body=t.AgreeToTransfer, answer=t.TransferView, refuses=("noticeVersionUnknown", "changedMeanwhile", "stepNotPossible")),
    R("POST", f"{_ONE}/consent/withdraw", transfers.take_consent_back, "Take the consent back; before the letter is presented the "
      "transfer ends with it", who=A.FOLLOW_TRANSFER, answer=t.TransferView, refuses=("changedMeanwhile", "stepNotPossible")),
    R("POST", f"{_ONE}/check", transfers.check, "Home branch: checked, dues settled", who=A.CHECK_TRANSFER, body=t.PassCheck,
      answer=t.TransferView, refuses=("duesUnsettled", *_STEP)),
    R("POST", f"{_ONE}/approve", transfers.approve, "Home committee: approved", who=A.SEND_TRANSFER, body=t.StepTaken,
      answer=t.TransferView, refuses=_STEP),
    R("POST", f"{_ONE}/letter", transfers.issue_letter, "Issue the letter of introduction, or a new one", who=A.SEND_TRANSFER,
      body=t.NewLetter, answer=t.TransferView, refuses=("transferConsentMissing", "validDaysOutOfRange", "letterNumberUsed", *_STEP)),
    R("POST", f"{_ONE}/dispatch", transfers.send_off, "The letter is on its way", who=A.SEND_TRANSFER, body=t.SendOff,
      answer=t.TransferView, refuses=_STEP),
    R("POST", f"{_ONE}/expire", transfers.expire, "The letter is past its last valid day", who=A.SEND_TRANSFER, body=t.StepTaken,
      answer=t.TransferView, refuses=("letterStillValid", *_STEP)),
    R("POST", f"{_ONE}/present", transfers.present, "Host committee: the letter was presented", who=A.RECEIVE_TRANSFER, body=t.Present,
      answer=t.TransferView, refuses=(*_LETTER, *_STEP)),
    R("POST", f"{_ONE}/assign", transfers.assign, "Host committee: assign a branch", who=A.RECEIVE_TRANSFER, body=t.AssignTo,
      answer=t.TransferView, refuses=(*_TO, *_STEP)),
    R("POST", f"{_ONE}/receipt", transfers.give_receipt, "Host committee: give the receipt; the relation moves", who=A.RECEIVE_TRANSFER,
      body=t.NewReceipt, answer=t.TransferView, refuses=(*_RECEIPT, "notOnTheRoll", *_STEP)),
    R("POST", f"{_ONE}/receipt/outside", transfers.record_receipt, "Record the receipt of a committee outside", who=A.SEND_TRANSFER,
      body=t.NewReceipt, answer=t.TransferView, refuses=(*_RECEIPT, *_STEP)),
    R("POST", f"{_ONE}/close", transfers.close, "Home committee: closed after the receipt", who=A.SEND_TRANSFER, body=t.StepTaken,
      answer=t.TransferView, refuses=_STEP),
    R("POST", f"{_ONE}/archive", transfers.archive, "Archive", who=A.DECIDE_TRANSFER, body=t.StepTaken, answer=t.TransferView,
      refuses=_STEP),
    R("POST", f"{_ONE}/return", transfers.send_back, "Send back for change", who=A.DECIDE_TRANSFER, body=t.WithReason,
      answer=t.TransferView, refuses=("reasonMissing", *_STEP)),
    R("POST", f"{_ONE}/refuse", transfers.refuse, "Refuse, with a reason the member reads", who=A.DECIDE_TRANSFER, body=t.WithReason,
      answer=t.TransferView, refuses=("reasonMissing", *_STEP)),
    R("POST", f"{_ONE}/withdraw", transfers.withdraw, "Withdraw: the member or the home branch", who=A.APPLY_FOR_TRANSFER,
      body=t.WithReason, answer=t.TransferView, refuses=("reasonMissing", *_STEP)),
    R("POST", f"{_ONE}/cancel", transfers.cancel, "Home committee: cancel", who=A.SEND_TRANSFER, body=t.WithReason,
      answer=t.TransferView, refuses=("reasonMissing", *_STEP)),
    R("POST", f"{_ONE}/resubmit", transfers.hand_in_again, "Change and hand in again", who=A.APPLY_FOR_TRANSFER, body=t.HandInAgain,
      answer=t.TransferView, refuses=("reasonMissing", *_CONSENT, *_TO, *_STEP)),
    R("GET", f"{_ONE}/letter.pdf", transfers.letter_as_pdf, "The letter in three parts", who=A.MOVE_TRANSFER, files=(PDF,),
      refuses=("letterUnknown",)),
    R("GET", f"{_ONE}/receipt.pdf", transfers.receipt_as_pdf, "The receipt", who=A.MOVE_TRANSFER, files=(PDF,),
      refuses=("letterUnknown", "receiptMissing")),
    R("GET", "/letters/{code}", transfers.check_letter, "How a letter stands, for whoever holds it", who="anyone", answer=t.LetterCheckView,
      refuses=("tooManyAttempts",)),
    # old registers
    R("POST", "/registers/transfers", registers.transfers, "Import an old register of transfers; a dry run unless told otherwise",
      who=A.SEND_TRANSFER, query=q.RegisterImport, upload=True, answer=ImportReport),
    R("GET", "/registers/transfers/template", registers.transfers_template_file, "An empty register of transfers",
      query=q.RosterTemplate, files=(CSV, XLSX)),
    R("POST", "/registers/registrations", registers.registrations, "Import floating registrations", who=A.MANAGE_REGISTRATION,
      query=q.RegisterImport, upload=True, answer=ImportReport),
    R("GET", "/registers/registrations/template", registers.registrations_template_file, "An empty register of members away",
      query=q.RosterTemplate, files=(CSV, XLSX)),
    R("POST", "/registers/contacts", registers.contacts, "Import contact logs", who=A.MANAGE_REGISTRATION, query=q.RegisterImport,
      upload=True, answer=ImportReport),
    R("GET", "/registers/contacts/template", registers.contacts_template_file, "An empty contact log", query=q.RosterTemplate,
      files=(CSV, XLSX)),
    R("GET", "/organisations/{orgId}/letterhead", transfers.letterhead, "How a committee is reached, as its letters say",
      who=A.SEE_ORGANISATION, answer=t.LetterheadView),
    R("PUT", "/organisations/{orgId}/letterhead", transfers.set_letterhead, "Change the letterhead", who=A.SET_LETTERHEAD,
      body=t.LetterheadChange, answer=t.LetterheadView),
)  # fmt: skip
