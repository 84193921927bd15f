"""Who gets through to the registration of member 9: of the first branch, floating with consent at the branch of "hostSecretary".

What only the member may do is tried in tests/server/test_mobility.py, with a log-in of that member.
"""

from __future__ import annotations

from typing import Any

from tests.support.rest import ROLES

EVERYBODY = frozenset(ROLES)
HOME = frozenset({"secretary", "deputy", "orgAdmin"})
HOST = frozenset({"hostSecretary", "orgAdmin"})  # the administrator of the committee is one of both
NOBODY: frozenset[str] = frozenset()
MEMBERS = frozenset({"secretary", "deputy", "leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"})

ALLOWED: dict[str, frozenset[str]] = {
    "mobility.search": EVERYBODY,
    "mobility.away": MEMBERS,
    "mobility.hosts": EVERYBODY,
    "mobility.report_departure": HOME | {"plain"},  # of member 7
    "mobility.registration": HOME | HOST | {"auditor", "partAuditor"},
    "mobility.correct_report": HOME,
    "mobility.choose_host": HOME,
    "mobility.take_in": HOST,
    "mobility.declare": HOME | HOST,
    "mobility.come_back": HOME,
    "mobility.close": HOME,
    "mobility.share": NOBODY,
    "mobility.stop_sharing": NOBODY,
    "mobility.decline_request": NOBODY,
    "mobility.name_liaison": HOME,
    "mobility.log_contact": HOME,
    "mobility.begin_search": HOME,
    "mobility.enter_suspension": HOME,
    "mobility.write_message": HOME | HOST,  # the administrator by being one of the host
    "mobility.finish_task": HOME | HOST,
    "mobility.evaluate": HOST,
    "mobility.note_evaluation": HOME,
    "certificates.paper": HOME,
    "certificates.issue": HOME,
    "certificates.check": HOME,
    "certificates.revoke": HOME,
    "certificates.show": HOME,
    "certificates.show_as_pdf": HOME,
    "certificates.keys": EVERYBODY,
    "certificates.verify": EVERYBODY,
    "certificates.present": HOME,  # at the door of the first branch
}
_PLACE = {"name": "深圳市福田区", "code": "440304"}
_SEEN = {"revision": 99}
BODIES: dict[str, Any] = {
    "mobility.report_departure": {
        "reason": "work",
        "flowRange": "outOfProvince",
        "destination": _PLACE,
        "leftOn": "2026-11-01",
        "contact": "13800009999",
    },
    "mobility.correct_report": {**_SEEN, "industry": "软件"},
    "mobility.choose_host": {**_SEEN, "hostOrgId": "demo-second"},
    "mobility.take_in": _SEEN,
    "mobility.declare": {"place": _PLACE},
    "mobility.come_back": {**_SEEN, "on": "2026-11-01"},
    "mobility.close": {**_SEEN, "reason": "登记有误"},
    "mobility.share": {"orgId": "demo-second", "textVersion": "2026-2"},
    "mobility.stop_sharing": {"orgId": "demo-float"},
    "mobility.decline_request": {"orgId": "demo-second"},
    "mobility.name_liaison": {"memberId": "demo-member-8"},
    "mobility.log_contact": {"on": "2026-11-01", "means": "telephone", "reached": True},
    "mobility.begin_search": {**_SEEN, "on": "2026-11-01"},
    "mobility.enter_suspension": {"on": "2026-11-01"},
    "mobility.write_message": {"text": "请多关照"},
    "mobility.evaluate": {"year": 2026, "grade": "QUALIFIED"},
    "certificates.revoke": {"reason": "遗失"},
    "certificates.verify": {"code": "BLC1.x.y"},
    "certificates.present": {"branchId": "demo-first", "code": "BLC1.x.y"},
}
#: A GET that needs to be told what about.
QUERIES = {"certificates.paper": "?about=fixedPlace"}
