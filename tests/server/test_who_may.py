"""Sessions that open nothing yet, or nothing any more, tried on every route; and the meeting of another branch on the socket."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.actions.sessions import token_hash
from ledger.rulebook import Rulebook
from server.http.routes import ROUTES
from server.live.book import LedgerBook
from server.live.ports import Visitor
from server.visitors import Visitors
from tests.server.test_access import body_of, path_of
from tests.support.rest import ROLES, Prepared, Service, service

CLOSED = [route for route in ROUTES if route.who != "anyone"]


async def make_one_time(rest: Service, role: str) -> None:
    """As after a reset by an administrator whose session was left alive."""
    async with rest.house.store.writing() as uow:
        session = await uow.sessions.get(token_hash_of(rest, role))
        assert session is not None
        account = await uow.accounts.get(session.account_id)
        assert account is not None
        await uow.accounts.save(replace(account, must_change_password=True))


def token_hash_of(rest: Service, role: str) -> str:
    return token_hash(rest.tokens[role])


@pytest.mark.parametrize("role", ["secretary", "systemAdmin"])
async def test_a_one_time_password_opens_nothing_but_its_change(prepared: Prepared, tmp_path: Path, role: str) -> None:
    async with service(prepared, tmp_path) as rest:
        await make_one_time(rest, role)
        caller = rest.by(role)
        open_ones = set()
        for route in sorted(CLOSED, key=lambda route: (route.half_open, route.name == "session.log_out")):
            answer = await caller.send(route.method, path_of(route, rest.ids), body_of(route))
            if answer.status != 403 or (await answer.json())["refusal"]["code"] != "passwordChangeNeeded":
                open_ones.add(route.name)
        assert open_ones == {route.name for route in ROUTES if route.half_open}


async def test_an_expired_session_opens_nothing(prepared: Prepared, tmp_path: Path) -> None:
    async with service(prepared, tmp_path) as rest:
        late = rest.now + rest.house.session_limits.absolute_seconds + 1
        rest.house.now = lambda: late
        for route in CLOSED:
            answer = await rest.by("orgAdmin").refused(route.method, path_of(route, rest.ids), body_of(route))
            assert answer == (401, "sessionExpired"), route.name


@pytest.mark.parametrize(
    ("role", "may_enter"),
    [("secretary", True), ("plain", True), ("stranger", False), ("hostSecretary", False), ("systemAdmin", False), ("partAuditor", False)],
)
async def test_who_may_enter_the_meeting_of_the_first_branch(rest: Service, role: str, may_enter: bool) -> None:
    async with rest.house.store.reading() as uow:
        session = await uow.sessions.get(token_hash_of(rest, role))
        account = await uow.accounts.get(session.account_id) if session else None
    assert account is not None
    book = LedgerBook(rest.house.store, Rulebook(), rest.house.now)
    seat = await book.seat(rest.ids["meetingId"], Visitor(account.account_id, account.member_id, role, "s"))
    assert (seat is not None and seat.may_enter) == may_enter


async def test_the_socket_knows_neither_a_one_time_password_nor_an_ended_session(rest: Service) -> None:
    visitors = Visitors(rest.house)
    cookie = {"HTTP_COOKIE": f"branchline_session={rest.tokens['plain']}"}
    assert await visitors.identify(cookie) is not None
    await make_one_time(rest, "plain")
    assert await visitors.identify(cookie) is None
    assert await visitors.identify({"HTTP_COOKIE": "branchline_session=guessed"}) is None
    assert await visitors.identify({}) is None


#: A path that names somebody or something of the first branch in its query → who gets anything from it.
NAMED: dict[str, set[str]] = {
    "/api/points?memberId=demo-member-7": {"secretary", "deputy", "plain"},
    "/api/records?memberId=demo-member-7": {"secretary", "deputy", "auditor", "orgAdmin", "plain"},
    "/api/roster?orgId=demo-first&format=csv": {"secretary", "deputy", "auditor", "orgAdmin"},
}


@pytest.mark.parametrize(("path", "readers"), NAMED.items(), ids=NAMED)
async def test_what_a_query_names_is_read_by_those_who_may(rest: Service, path: str, readers: set[str]) -> None:
    through = set()
    for role in ROLES:
        answer = await rest.by(role).send("GET", path)
        assert answer.status in (200, 403, 404), await answer.text()
        if answer.status == 200:
            through.add(role)
    assert through == readers


async def test_the_record_of_a_floating_member_is_one_and_seen_by_home_and_host(rest: Service) -> None:
    """Member 9 belongs to the first branch and takes part in another: neither secretary has a second person or a second line."""
    seen = []
    for role in ("secretary", "hostSecretary"):
        page = await rest.by(role).ask("GET", "/api/members?pageSize=200")
        assert [one["memberId"] for one in page["items"]].count("demo-member-9") == 1
        records = await rest.by(role).ask("GET", "/api/records?memberId=demo-member-9")
        assert len({one["meetingId"] for one in records["items"]}) == len(records["items"]) == records["total"] > 0
        sheets = {one["orgName"] for one in records["items"] if one["maySeeSheet"]}
        assert sheets == {"secretary": {"演示第一支部"}, "hostSecretary": set()}[role]  # the evidence of others is with their branch
        seen.append([one | {"maySeeSheet": None} for one in records["items"]])
    assert seen[0] == seen[1]
    answer = await rest.by("otherSecretary").refused("GET", "/api/records?memberId=demo-member-9")
    assert answer == (404, "notFound")
