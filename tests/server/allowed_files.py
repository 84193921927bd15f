"""Who gets through to members' files: those responsible, the member to the own one, and never who only audits, runs or secures."""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
SECRETARIES = frozenset({"secretary", "deputy"})
RESPONSIBLE = SECRETARIES | {"orgAdmin"}
OF_ANY_BRANCH = RESPONSIBLE | {"otherSecretary", "hostSecretary"}  # each for the own branch's requests
PEOPLE = SECRETARIES | {"leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"}  # a member behind the account

ALLOWED: dict[str, frozenset[str]] = {
    "files.file": RESPONSIBLE | {"plain"},
    "files.edit": RESPONSIBLE,
    "files.add_entry": RESPONSIBLE,
    "files.change_entry": RESPONSIBLE,
    "files.remove_entry": RESPONSIBLE,
    "files.attach": RESPONSIBLE,
    "files.reveal": RESPONSIBLE | {"plain"},
    "files.history": RESPONSIBLE | {"plain"},
    "files.find": EVERYBODY,  # and finds nobody outside the own reach
    "memberlists.change": RESPONSIBLE,
    "memberlists.export": RESPONSIBLE | {"auditor"},
    "memberlists.lists": EVERYBODY,
    "memberlists.save": EVERYBODY,
    "memberlists.remove": frozenset({"secretary"}),  # whose list it is
    "filerequests.waiting": OF_ANY_BRANCH,
    "filerequests.propose": PEOPLE,
    "filerequests.own": EVERYBODY,
    "filerequests.withdraw": frozenset({"plain"}),  # whose request it is
    "filerequests.decide": RESPONSIBLE,
}
ENTRY = {"kind": "work", "since": "2020-01-01", "unit": "某公司"}
BODIES: dict[str, Any] = {
    "files.edit": {"revision": 1, "changes": {"workUnit": "某公司"}},
    "files.add_entry": ENTRY,
    "files.change_entry": ENTRY,
    "files.reveal": {"reason": "核对介绍信"},
    "files.find": {"idNumber": "11010519491231002X"},
    "memberlists.change": {"memberIds": ["demo-member-7"], "action": "setExempt", "value": "true"},
    "memberlists.export": {"memberIds": ["demo-member-7"], "reason": "换届核对"},
    "memberlists.save": {"name": "流动", "query": {"floating": "true"}},
    "filerequests.propose": {"changes": {"residence": "苏州市"}},
    "filerequests.decide": {"accepted": False, "answer": "请附证明"},
}
