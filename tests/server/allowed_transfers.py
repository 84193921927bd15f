"""Who gets through to transfers: member 7 of the first branch, assigned to the second, both below the one committee.

A step the state does not allow is a conflict for whoever has a part, and no matter of rights; one that is another side's is.
"""

from __future__ import annotations

from typing import Any

from ledger.sharingnotice import TRANSFER_VERSION
from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
RESPONSIBLE = frozenset({"secretary", "deputy", "orgAdmin"})
COMMITTEE = frozenset({"orgAdmin"})
PARTS = RESPONSIBLE | {"plain"}  # "plain" is the member

ALLOWED: dict[str, frozenset[str]] = {
    "transfers.search": EVERYBODY,
    "transfers.own": EVERYBODY,
    "transfers.destinations": EVERYBODY,
    "transfers.notice": EVERYBODY,
    "transfers.apply": PARTS,
    "transfers.apply_for_many": EVERYBODY,  # each member in it is asked about: tests/server/test_transfers.py
    "transfers.take_in": COMMITTEE,
    "transfers.transfer": PARTS | {"otherSecretary", "auditor"},
    "transfers.agree": frozenset({"plain"}),
    "transfers.take_consent_back": frozenset({"plain"}),
    "transfers.check": RESPONSIBLE,
    "transfers.approve": COMMITTEE,
    "transfers.issue_letter": COMMITTEE,
    "transfers.send_off": COMMITTEE,
    "transfers.expire": COMMITTEE,
    "transfers.present": COMMITTEE,
    "transfers.assign": COMMITTEE,
    "transfers.give_receipt": COMMITTEE,
    "transfers.record_receipt": COMMITTEE,
    "transfers.close": COMMITTEE,
    "transfers.archive": RESPONSIBLE,
    "transfers.send_back": COMMITTEE,
    "transfers.refuse": COMMITTEE,
    "transfers.withdraw": PARTS,
    "transfers.cancel": COMMITTEE,
    "transfers.hand_in_again": PARTS,
    "transfers.letter_as_pdf": PARTS,
    "transfers.receipt_as_pdf": PARTS,
    "transfers.check_letter": EVERYBODY,
    # each for the own branch or committee: every row is asked about
    "registers.transfers": RESPONSIBLE | {"otherSecretary", "hostSecretary"},
    "registers.registrations": RESPONSIBLE | {"otherSecretary", "hostSecretary"},
    "registers.contacts": RESPONSIBLE | {"otherSecretary", "hostSecretary"},
    "registers.transfers_template_file": EVERYBODY,
    "registers.registrations_template_file": EVERYBODY,
    "registers.contacts_template_file": EVERYBODY,
    "transfers.letterhead": EVERYBODY - {"stranger", "otherSecretary", "hostSecretary", "partAuditor"},
    "transfers.set_letterhead": RESPONSIBLE,
}
_SEEN = {"revision": 7}
_WHY = {"revision": 7, "reason": "核实后再办"}
BODIES: dict[str, Any] = {
    "transfers.apply": {"memberId": "demo-member-7", "toBranchId": "demo-second", "reason": "搬家"},
    "transfers.apply_for_many": {"memberIds": ["demo-member-7"], "toBranchId": "demo-second", "reason": "毕业", "key": "of-this-year"},
    "transfers.take_in": {
        "toCommitteeId": "demo-committee",
        "outside": "外省某县委组织部",
        "letterNumber": "外-1",
        "issuedOn": "2026-01-01",
        "validDays": 30,
        "duesPaidUntil": "2026-01",
        "reason": "工作调动",
        "number": "D0098",
        "name": "新来",
    },
    "transfers.agree": {"textVersion": TRANSFER_VERSION},
    "transfers.check": {**_SEEN, "duesPaidUntil": "2099-01"},
    "transfers.approve": _SEEN,
    "transfers.issue_letter": {**_SEEN, "validDays": 30},
    "transfers.send_off": _SEEN,
    "transfers.expire": _SEEN,
    "transfers.present": {**_SEEN, "number": "DEMO-1"},
    "transfers.assign": {**_SEEN, "branchId": "demo-second"},
    "transfers.give_receipt": _SEEN,
    "transfers.record_receipt": _SEEN,
    "transfers.close": _SEEN,
    "transfers.archive": _SEEN,
    "transfers.send_back": _WHY,
    "transfers.refuse": _WHY,
    "transfers.withdraw": _WHY,
    "transfers.cancel": _WHY,
    "transfers.hand_in_again": _SEEN,
    "transfers.set_letterhead": {"address": "演示路 1 号"},
}
