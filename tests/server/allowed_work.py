"""Who gets through to the work assigned to member 7 of the first branch: the member, those responsible, and auditors to read."""

from __future__ import annotations

from typing import Any

RESPONSIBLE = frozenset({"secretary", "deputy", "orgAdmin"})

ALLOWED: dict[str, frozenset[str]] = {
    "work.of_member": RESPONSIBLE | {"auditor", "plain"},
    "work.assign": RESPONSIBLE,
    "work.answer": RESPONSIBLE | {"plain"},
    "work.give_back": RESPONSIBLE,
    "work.withdraw": RESPONSIBLE,
}
BODIES: dict[str, Any] = {
    "work.assign": {"title": "走访困难党员", "dueOn": "2099-01-01"},
    "work.answer": {"outcome": "declined", "reason": "出差在外"},
    "work.give_back": {"reason": "请再考虑"},
    "work.withdraw": {"reason": "已由他人完成"},
}
