"""The tree of organisations as it is sent: once, and again only when it is another one for who asks."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientResponse

from server.bodies import LEAST_BYTES, Bodies
from server.schemas.organisations import OrgTree
from tests.support.rest import Caller, Service

PATH = "/api/organisations"


async def asked(client: Caller, mark: str = "") -> tuple[int, str, dict[str, Any] | None]:
    """→ status, mark, what was sent."""
    answer: ClientResponse = await client.send("GET", PATH, headers={"If-None-Match": mark} if mark else {})
    content = await answer.read()
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status, answer.headers["ETag"], OrgTree.model_validate_json(content).model_dump() if content else None


async def test_it_is_sent_again_only_when_it_has_changed(rest: Service) -> None:
    admin, plain = rest.by("orgAdmin"), rest.by("plain")
    status, mark, tree = await asked(admin)
    assert (status, tree is not None) == (200, True)
    assert await asked(admin, mark) == (304, mark, None)
    assert await asked(admin, f'W/{mark}, "another"') == (304, mark, None)
    branch = next(one for one in (tree or {})["organisations"] if one["kind"] == "branch")
    await admin.ask("PATCH", f"{PATH}/{branch['org_id']}", {"name": "改名支部"})
    status, after, tree = await asked(admin, mark)
    assert (status, after == mark) == (200, False)
    assert "改名支部" in [one["name"] for one in (tree or {})["organisations"]]
    assert (await asked(plain, after))[0] == 200  # who sees something else has not got it


async def test_a_member_more_is_told_and_a_telephone_number_more_is_not(rest: Service) -> None:
    admin = rest.by("orgAdmin")
    _, mark, tree = await asked(admin)
    branch = next(one for one in (tree or {})["organisations"] if one["kind"] == "branch")
    made = await admin.ask(
        "POST", "/api/members", {"number": "X1", "name": "新来", "stage": "full", "homeBranchId": branch["org_id"]}
    )  # fmt: skip
    status, after, tree = await asked(admin, mark)
    assert status == 200
    count = next(one["member_count"] for one in (tree or {})["organisations"] if one["org_id"] == branch["org_id"])
    assert count == branch["member_count"] + 1
    await admin.ask("PATCH", f"/api/members/{made['memberId']}", {"revision": made["revision"], "phone": "13800000000"})
    assert (await asked(admin, after))[0] == 304


def test_large_answers_are_kept_until_others_need_the_room() -> None:
    bodies = Bodies(most_bytes=3 * LEAST_BYTES)
    large = b"x" * LEAST_BYTES
    bodies.keep("small", b"x")
    for mark in ("a", "b", "c"):
        bodies.keep(mark, large)
    bodies.keep("a", large)  # used again
    bodies.keep("d", large)
    assert set(bodies.all()) == {"a", "c", "d"}
