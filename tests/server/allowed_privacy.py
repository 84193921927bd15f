"""Who gets through to the own data (members), to requests about it (those responsible), and to offices (who secures, nobody else)."""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
PEOPLE = frozenset({"secretary", "deputy", "leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"})
RESPONSIBLE = frozenset({"secretary", "deputy", "orgAdmin"})
SECURITY = frozenset({"securityAdmin"})

ALLOWED: dict[str, frozenset[str]] = {
    "mydata.retention": EVERYBODY,
    "mydata.own": PEOPLE,
    "mydata.export": PEOPLE,
    "mydata.withdraw_notice": PEOPLE,
    "mydata.withdraw_sharing": frozenset({"plain"}),
    "mydata.notices": EVERYBODY,
    "mydata.ask": PEOPLE,
    "mydata.waiting": RESPONSIBLE | {"otherSecretary", "hostSecretary"},  # each for the own branch
    "mydata.answer": RESPONSIBLE,
    "offices.search": SECURITY,
    "offices.create": SECURITY,
    "offices.grant": SECURITY,
    "offices.revoke": SECURITY,
    "offices.enable": frozenset({"orgAdmin", "securityAdmin"}),
    "offices.lift_lock": frozenset({"orgAdmin", "securityAdmin"}),
    "offices.state": SECURITY,
}
BODIES: dict[str, Any] = {
    "mydata.ask": {"kind": "objection", "text": "不同意用于统计"},
    "mydata.answer": {"agreed": True, "answer": "已停止用于统计"},
    "offices.create": {"username": "wardens"},
    "offices.grant": {"accountId": "account-orgAdmin", "role": "orgAdmin", "orgId": "demo-first"},
    "offices.revoke": {"accountId": "account-orgAdmin", "role": "orgAdmin", "orgId": "demo-first"},
}
