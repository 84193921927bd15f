"""Who gets through to the dues of member 7 of the first branch: the member, those responsible, and auditors to read."""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
RESPONSIBLE = frozenset({"secretary", "deputy", "orgAdmin"})
MONTHS = {"fromMonth": "2024-01", "toMonth": "2024-02", "paidOn": "2024-02-10"}

ALLOWED: dict[str, frozenset[str]] = {
    "dues.search": EVERYBODY,
    "dues.export": RESPONSIBLE | {"otherSecretary", "hostSecretary", "auditor", "partAuditor"},  # each what is within reach
    "dues.enter": RESPONSIBLE,
    "dues.reckon": EVERYBODY,
    "dues.book": RESPONSIBLE | {"auditor", "plain"},
    "dues.agree": RESPONSIBLE,
    "dues.correct": RESPONSIBLE,
    "dues.withdraw": RESPONSIBLE,
    "registers.dues": RESPONSIBLE | {"otherSecretary", "hostSecretary"},  # each for the own branch: every row is asked about
    "registers.dues_template_file": EVERYBODY,
}
BODIES: dict[str, Any] = {
    "dues.enter": {"memberIds": ["demo-member-7"], **MONTHS},
    "dues.reckon": {"group": "employed", "base": 500_000},
    "dues.agree": {"since": "2025-01", "group": "employed", "monthly": 5000},
    "dues.correct": {**MONTHS, "amount": 100, "reason": "金额有误"},
    "dues.withdraw": {"reason": "重复登记"},
}
