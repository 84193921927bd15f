"""Every route, tried by every role: who gets through stands here in a table of its own, written by hand, not derived from the rules.

"Gets through" means that the answer is not about who asks (401, 403, 404); a second cancellation may well be a conflict. The reasons for
the rules are in ledger/access.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from server.http.call import Route
from server.http.routes import ROUTES
from tests.server import (
    allowed_delivery,
    allowed_discussions,
    allowed_dues,
    allowed_files,
    allowed_mobility,
    allowed_notifications,
    allowed_privacy,
    allowed_protection,
    allowed_recordings,
    allowed_reports,
    allowed_transfers,
    allowed_upkeep,
    allowed_work,
)
from tests.support.rest import ROLES, Prepared, Service, service

EVERYBODY = frozenset(ROLES)
SECRETARIES = frozenset({"secretary", "deputy"})
RESPONSIBLE = SECRETARIES | {"orgAdmin"}
ROSTER = RESPONSIBLE | {"otherSecretary", "hostSecretary"}  # each for the own branch
EXPECTED = SECRETARIES | {"leader", "plain"}
READERS = RESPONSIBLE | {"auditor"}

#: operation → roles that get through, on the first branch, its member 7, its meetings, and the committee post of member 6.
ALLOWED: dict[str, frozenset[str]] = {
    "session.client_settings": EVERYBODY,
    "session.log_in": EVERYBODY,
    "session.who_am_i": EVERYBODY,
    "session.choose_locale": EVERYBODY,
    "session.change_password": EVERYBODY,
    "session.list_sessions": EVERYBODY,
    "session.end_other_sessions": EVERYBODY,
    "session.log_out": EVERYBODY,
    "home.home": EVERYBODY,
    "organisations.tree": EVERYBODY,
    "organisations.create": frozenset({"orgAdmin", "systemAdmin"}),
    "organisations.change": RESPONSIBLE | {"systemAdmin"},
    "organisations.close": frozenset({"orgAdmin", "systemAdmin"}),
    "members.search": EVERYBODY,
    "members.create": RESPONSIBLE,
    "members.record": READERS | {"plain"},
    "members.change": RESPONSIBLE,
    "members.appoint": RESPONSIBLE,
    "members.end_post": RESPONSIBLE,
    "members.create_account": frozenset({"orgAdmin", "securityAdmin"}),
    "members.reset_password": frozenset({"orgAdmin", "securityAdmin"}),
    "members.disable_account": frozenset({"orgAdmin", "securityAdmin"}),
    "roster.import_roster": ROSTER,
    "roster.export_roster": ROSTER | {"auditor", "partAuditor"},
    "roster.export_in_full": ROSTER,
    "roster.template": EVERYBODY,
    "meetings.search": EVERYBODY,
    "meetings.schedule": RESPONSIBLE,
    "meetings.expected": RESPONSIBLE,
    "meetings.meeting": READERS | EXPECTED | {"otherSecretary"},
    "meetings.change": RESPONSIBLE,
    "meetings.cancel": RESPONSIBLE,
    "meetings.calendar_file": READERS | EXPECTED | {"otherSecretary"},
    "meetings.invitation": READERS | EXPECTED | {"otherSecretary"},
    "meetings.ask_leave": EXPECTED | {"otherSecretary"},
    "meetings.decide_leave": RESPONSIBLE,
    "figures.dashboard": READERS,
    "figures.lines": READERS,
    "figures.export": READERS,
    "attendance.sheet": READERS,
    "attendance.sheet_as_csv": READERS,
    "attendance.sheet_as_xlsx": READERS,
    "attendance.sheet_as_pdf": READERS,
    "attendance.own_record": EXPECTED | {"otherSecretary"},
    "attendance.raise_objection": EXPECTED | {"otherSecretary"},
    "attendance.decide_objection": RESPONSIBLE,
    "attendance.correct": RESPONSIBLE,
    "attendance.confirm_presence": RESPONSIBLE,
    "attendance.facts": READERS,
    "attendance.records": EVERYBODY,
    "attendance.points_of_year": SECRETARIES | {"leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"},
    "notice.notice": EVERYBODY,
    "notice.consent": SECRETARIES | {"leader", "plain", "stranger", "otherSecretary", "hostSecretary", "applicant"},
    "notice.access": EVERYBODY,
    **allowed_files.ALLOWED,
    **allowed_privacy.ALLOWED,
    **allowed_mobility.ALLOWED,
    **allowed_notifications.ALLOWED,
    **allowed_reports.ALLOWED,
    **allowed_delivery.ALLOWED,
    **allowed_transfers.ALLOWED,
    **allowed_discussions.ALLOWED,
    **allowed_recordings.ALLOWED,
    **allowed_dues.ALLOWED,
    **allowed_protection.ALLOWED,
    **allowed_upkeep.ALLOWED,
    **allowed_work.ALLOWED,
}

TIMES = {"plannedStart": "2027-03-01T20:00:00+08:00", "plannedEnd": "2027-03-01T21:00:00+08:00"}
BODIES: dict[str, Any] = {
    "roster.export_in_full": {"reason": "办理介绍信"},
    "session.log_in": {"username": "member2", "password": "branchline-demo"},
    "session.choose_locale": {"locale": "en"},
    "session.change_password": {"currentPassword": "branchline-demo", "newPassword": "quite-another-one"},
    "organisations.create": {"parentId": "demo-general", "kind": "branch", "name": "第三支部", "code": "DEMO-3"},
    "organisations.change": {"lobbyDefault": True},
    "members.create": {"number": "D0099", "name": "新来", "stage": "full", "homeBranchId": "demo-first"},
    "members.change": {"revision": 1, "phone": "13800009999"},
    "members.appoint": {"orgId": "demo-first", "kind": "committeeMember", "since": "2026-01-01"},
    "members.create_account": {"username": "fresh"},
    "meetings.schedule": {"orgId": "demo-first", "form": "BRANCH_GENERAL_MEETING", "title": "三月", **TIMES},
    "meetings.expected": {"orgId": "demo-first", "form": "BRANCH_GENERAL_MEETING"},
    "meetings.change": {"revision": 1, "title": "改名"},
    "meetings.cancel": {"reason": "改期"},
    "meetings.ask_leave": {"reason": "出差"},
    "meetings.decide_leave": {"approved": True},
    "attendance.raise_objection": {"text": "我一直在线"},
    "attendance.decide_objection": {"accepted": False, "answer": "记录无误"},
    "attendance.correct": {"memberId": "demo-member-7", "field": "presentSeconds", "value": 60, "reason": "电话核实"},
    "attendance.confirm_presence": {
        "memberId": "demo-member-7",
        "how": "telephone",
        "start": TIMES["plannedStart"],
        "end": TIMES["plannedEnd"],
    },
    "notice.consent": {"noticeVersion": "2026-1"},
    **allowed_files.BODIES,
    **allowed_privacy.BODIES,
    **allowed_mobility.BODIES,
    **allowed_notifications.BODIES,
    **allowed_reports.BODIES,
    **allowed_delivery.BODIES,
    **allowed_transfers.BODIES,
    **allowed_discussions.BODIES,
    **allowed_recordings.BODIES,
    **allowed_dues.BODIES,
    **allowed_protection.BODIES,
    **allowed_upkeep.BODIES,
    **allowed_work.BODIES,
}  # fmt: skip
#: These are about a meeting that was held.
HELD = "attendance."


def path_of(route: Route, ids: dict[str, str]) -> str:
    if route.name.startswith(HELD):
        ids = ids | {"meetingId": ids["pastId"]}
    return f"/api{route.path.format(**ids)}{allowed_mobility.QUERIES.get(route.name, '')}"


def body_of(route: Route) -> Any:
    if route.upload:
        form = FormData()
        form.add_field("file", "编号,姓名,所在支部代码\n".encode(), filename="roster.csv")
        return form
    return BODIES.get(route.name)


def test_the_table_names_every_route() -> None:
    assert set(ALLOWED) == {route.name for route in ROUTES}
    assert set(BODIES) == {route.name for route in ROUTES if route.body}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_who_gets_through(route: Route, prepared: Prepared, tmp_path: Path) -> None:
    async with service(prepared, tmp_path) as rest:
        through = {role for role in ROLES if await gets_through(rest, route, role)}
    assert through == ALLOWED[route.name]


async def gets_through(rest: Service, route: Route, role: str) -> bool:
    answer = await rest.by(role).send(route.method, path_of(route, rest.ids), body_of(route))
    assert answer.status < 500, await answer.text()
    assert answer.status != 401, await answer.text()
    # Nobody acts in the own case: that is a person who had got through.
    return answer.status not in (403, 404) or (await answer.json())["refusal"]["code"] == "ownCase"


async def test_nobody_gets_through_without_a_session(rest: Service) -> None:
    for route in ROUTES:
        answer = await rest.by().send(route.method, path_of(route, rest.ids), body_of(route))
        assert (answer.status == 401) == (route.who != "anyone"), route.name
        if answer.status == 401:
            assert (await answer.json())["refusal"]["code"] == "notLoggedIn", route.name


async def test_what_does_not_exist_is_not_found(rest: Service) -> None:
    for route in (route for route in ROUTES if "{" in route.path):
        for unknown in ("nobody-has-this", "x" * 65, "%00", "a%20b"):
            ids = dict.fromkeys(rest.ids, unknown)
            answer = await rest.by("orgAdmin").refused(route.method, path_of(route, ids), body_of(route))
            assert answer == (404, "notFound"), (route.name, unknown)
