"""Who gets through to the work assigned to member 7 of the first branch: the member, those responsible, and auditors to read. The list of
all of it shows everybody what is within reach, and nothing to who has nobody."""

from __future__ import annotations

from typing import Any

RESPONSIBLE = frozenset({"secretary", "deputy", "orgAdmin"})
ELSEWHERE = frozenset({"otherSecretary", "hostSecretary"})  # each for the own branch
EVERYBODY = RESPONSIBLE | ELSEWHERE | {"leader", "auditor", "applicant", "systemAdmin", "securityAdmin", "partAuditor", "stranger", "plain"}

ALLOWED: dict[str, frozenset[str]] = {
    "work.search": EVERYBODY,
    "work.export": RESPONSIBLE | ELSEWHERE | {"auditor", "partAuditor"},
    "work.assign_to_several": RESPONSIBLE,
    "work.of_member": RESPONSIBLE | {"auditor", "plain"},
    "work.assign": RESPONSIBLE,
    "work.answer": RESPONSIBLE | {"plain"},
    "work.give_back": RESPONSIBLE,
    "work.withdraw": RESPONSIBLE,
}
BODIES: dict[str, Any] = {
    "work.assign_to_several": {"memberIds": ["demo-member-7"], "title": "走访困难党员", "dueOn": "2099-01-01"},
    "work.assign": {"title": "走访困难党员", "dueOn": "2099-01-01"},
    "work.answer": {"outcome": "declined", "reason": "出差在外"},
    "work.give_back": {"reason": "请再考虑"},
    "work.withdraw": {"reason": "已由他人完成"},
}
