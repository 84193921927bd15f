"""Assigned work over HTTP: the branch's list and its file, the same work for several, and a host with its guest."""

from __future__ import annotations

from tests.support.rest import Service

PLAN = {"title": "走访困难党员", "dueOn": "2099-01-01", "detail": "两户"}
GUEST = "demo-member-9"  # of the first branch, floats at that of "hostSecretary"


async def test_a_branch_assigns_to_several_finds_them_in_one_list_and_takes_it_away(rest: Service) -> None:
    secretary, plain = rest.by("secretary"), rest.by("plain")
    before = (await secretary.ask("GET", "/api/assigned-work"))["counts"]["open"]
    several = PLAN | {"memberIds": ["demo-member-7", "demo-member-8", "demo-member-7"]}
    assert await secretary.ask("POST", "/api/assigned-work", several) == {"assigned": 2}
    page = await secretary.ask("GET", "/api/assigned-work?pageSize=1&q=D0008")
    (line,) = page["items"]
    assert (line["memberId"], line["title"], line["late"], line["byHost"], page["total"]) == (
        "demo-member-8",
        PLAN["title"],
        False,
        False,
        1,
    )
    assert (page["counts"]["open"], page["mayAssign"]) == (before + 2, True)
    mine = next(one for one in (await plain.ask("GET", "/api/members/demo-member-7/work"))["items"] if one["title"] == PLAN["title"])
    assert (mine["mayAnswer"], mine["mayKeep"]) == (True, False)
    await plain.ask("POST", f"/api/assigned-work/{mine['workId']}/answer", {"outcome": "declined", "reason": "出差在外"})
    declined = (await secretary.ask("GET", "/api/assigned-work?filter=declined"))["items"][0]
    assert (declined["workId"], declined["outcome"]) == (mine["workId"], "declined")
    file = await secretary.send("GET", "/api/assigned-work/export?format=csv&filter=declined")
    assert (file.status, "出差在外" in await file.text()) == (200, True)
    assert (await plain.ask("GET", "/api/assigned-work?filter=all"))["items"] == []
    assert await plain.refused("GET", "/api/assigned-work/export") == (403, "forbidden")


async def test_a_host_and_its_guest(rest: Service) -> None:
    host, home, other = rest.by("hostSecretary"), rest.by("secretary"), rest.by("otherSecretary")
    assert (await host.ask("GET", f"/api/members/{GUEST}"))["maySeeWork"] is True
    made = await host.ask("POST", f"/api/members/{GUEST}/work", PLAN)
    (theirs,) = made["items"]
    assert (theirs["orgName"], theirs["mayKeep"], made["mayAssign"]) == ("演示驻外流动党员支部", True, True)
    at_home = (await home.ask("GET", f"/api/members/{GUEST}/work"))["items"][0]
    assert (at_home["workId"], at_home["mayAnswer"], at_home["mayKeep"]) == (theirs["workId"], False, False)
    listed = (await home.ask("GET", "/api/assigned-work?q=D0009"))["items"]
    assert [(one["byHost"], one["orgName"]) for one in listed] == [(True, "演示驻外流动党员支部")]
    assert (await host.ask("GET", "/api/assigned-work?filter=all"))["items"] == listed
    address = f"/api/assigned-work/{theirs['workId']}"
    for path, body in (("answer", {"outcome": "done"}), ("withdrawal", {"reason": "另有安排"})):
        assert await home.refused("POST", f"{address}/{path}", body) == (403, "forbidden")
        assert await other.refused("POST", f"{address}/{path}", body) == (404, "notFound")
    assert await host.refused("POST", f"/api/assigned-work/{rest.ids['workId']}/withdrawal", {"reason": "另有安排"}) == (404, "notFound")
    assert await host.refused("POST", "/api/members/demo-member-7/work", PLAN) == (404, "notFound")
    assert await other.refused("POST", f"/api/members/{GUEST}/work", PLAN) == (404, "notFound")
