"""A member's file over REST: one page for the secretary and the member, bulk changes with every refusal named, lists and selections."""

from __future__ import annotations

import pytest

from tests.support.rest import Service

FILE = "/api/members/demo-member-7/file"


async def test_the_demo_has_files_whose_id_numbers_are_nobodys(rest: Service) -> None:
    file = await rest.by("secretary").ask("GET", FILE)
    assert file["idNumber"].startswith("000***********")
    assert (file["member"]["name"], file["mayEdit"], file["own"]) == ("演示·周海波", True, False)
    shown = await rest.by("secretary").ask("POST", "/api/members/demo-member-7/id-number", {"reason": "核对"})
    assert (shown["idNumber"][:6], shown["idNumber"][6:14]) == ("000000", file["fields"]["bornOn"].replace("-", ""))
    found = await rest.by("secretary").ask("POST", "/api/members/lookup", {"idNumber": shown["idNumber"]})
    assert [one["memberId"] for one in found["items"]] == ["demo-member-7"]
    assert (await rest.by("otherSecretary").ask("POST", "/api/members/lookup", {"idNumber": shown["idNumber"]}))["items"] == []
    assert await rest.by("secretary").refused("POST", "/api/members/demo-member-7/id-number", {}) == (422, "reasonMissing")


async def test_a_file_is_edited_and_its_history_told(rest: Service) -> None:
    secretary = rest.by("secretary")
    body = {"revision": 1, "changes": {"residence": "演示市北区", "degree": ""}, "reason": "本人来函"}
    file = await secretary.ask("PATCH", FILE, body)
    assert (file["fields"]["residence"], file["member"]["revision"]) == ("演示市北区", 2)
    assert await secretary.refused("PATCH", FILE, body) == (409, "staleRevision")
    history = await rest.by("plain").ask("GET", "/api/members/demo-member-7/history")
    line = history["items"][0]
    assert (line["field"], line["after"], line["how"], line["reason"], line["accountName"]) == (
        "residence",
        "演示市北区",
        "edit",
        "本人来函",
        "演示·李书华",
    )
    for changes, code in (({"bornOn": "1900-01-01"}, "idNumberDisagrees"), ({"fullSince": "1950-01-01"}, "fileDatesOutOfOrder")):
        assert await secretary.refused("PATCH", FILE, {"revision": 2, "changes": changes}) == (422, code)
    assert await secretary.refused("PATCH", FILE, {"revision": 2, "changes": {"status": "left"}}) == (422, "badRequest")


async def test_a_request_goes_from_the_member_to_the_secretary_and_back(rest: Service) -> None:
    waiting = await rest.by("secretary").ask("GET", "/api/file-requests")
    (one,) = waiting["items"]
    assert (one["memberName"], one["request"]["changes"]) == ("演示·周海波", {"workUnit": "某公司"})
    decided = await rest.by("secretary").ask("POST", f"/api/file-requests/{one['request']['requestId']}/decision", {"accepted": True})
    assert (decided["state"], decided["decidedByName"]) == ("approved", "演示·李书华")
    assert (await rest.by("plain").ask("GET", FILE))["fields"]["workUnit"] == "某公司"
    assert (await rest.by("plain").ask("GET", "/api/file-requests/mine"))["requests"][0]["state"] == "approved"


async def test_many_are_changed_at_once_and_each_refusal_is_named(rest: Service) -> None:
    body = {
        "memberIds": ["demo-member-7", "demo-member-3", "demo-member-14", "demo-member-9"],
        "action": "setGroup",
        "value": "demo-group",
    }
    result = await rest.by("secretary").ask("POST", "/api/members/bulk", body)
    assert (result["changed"], result["unchanged"]) == (2, 1)
    assert [(one["memberId"], one["name"], one["code"]) for one in result["refused"]] == [("demo-member-14", "", "notFound")]
    result = await rest.by("orgAdmin").ask("POST", "/api/members/bulk", body)
    assert [(one["name"], one["code"]) for one in result["refused"]] == [("演示·蒋立新", "groupElsewhere")]
    assert result["refused"][0]["messageEn"]
    assert (await rest.by("secretary").ask("GET", "/api/members/demo-member-7"))["groupId"] == "demo-group"
    assert await rest.by("stranger").refused("POST", "/api/members/bulk", body) == (403, "forbidden")


async def test_a_selection_is_exported_whole_or_not_at_all(rest: Service) -> None:
    body = {"memberIds": ["demo-member-7", "demo-member-3"], "format": "csv", "reason": "换届核对"}
    answer = await rest.by("secretary").send("POST", "/api/members/selection", body)
    rows = (await answer.read()).decode("utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["演示·张晓梅", "演示·周海波"]
    assert not any(cell.startswith("000000") for row in rows for cell in row.split(","))
    body["memberIds"].append("demo-member-14")  # type: ignore[attr-defined]
    assert await rest.by("secretary").refused("POST", "/api/members/selection", body) == (404, "notFound")


async def test_a_list_is_saved_used_and_removed(rest: Service) -> None:
    secretary = rest.by("secretary")
    saved = await secretary.ask("POST", "/api/member-lists", {"name": "流动女党员", "query": {"floating": "true", "sex": "female"}})
    lists = (await secretary.ask("GET", "/api/member-lists"))["lists"]
    assert [one["name"] for one in lists] == ["流动女党员", "青年"]
    query = "&".join(f"{key}={value}" for key, value in saved["query"].items())
    assert [one["memberId"] for one in (await secretary.ask("GET", f"/api/members?{query}"))["items"]] == ["demo-member-13"]
    await secretary.ask("DELETE", f"/api/member-lists/{saved['listId']}")
    assert len((await secretary.ask("GET", "/api/member-lists"))["lists"]) == 1


@pytest.mark.parametrize(
    ("query", "some"),
    [
        ("ageFrom=18&ageTo=200", None),
        ("ageFrom=17", None),
        ("sex=x", None),
        ("education=none", None),
        ("status=suspended", ["demo-member-10"]),
    ],
)
async def test_filters_are_checked(rest: Service, query: str, some: list[str] | None) -> None:
    if some is None:
        assert await rest.by("secretary").refused("GET", f"/api/members?{query}") == (422, "badRequest")
    else:
        assert [one["memberId"] for one in (await rest.by("secretary").ask("GET", f"/api/members?{query}"))["items"]] == some
