"""What the door of REST does with input that is not as it should be: a typed refusal, nothing echoed, nothing changed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData

from ledger.store.opening import open_store
from server.http.call import BadRequest, day, instant
from server.http.door import disposition
from tests.support.rest import Service

MEETING = {
    "orgId": "demo-first",
    "form": "BRANCH_GENERAL_MEETING",
    "title": "三月支部党员大会",
    "plannedStart": "2027-03-01T20:00:00+08:00",
    "plannedEnd": "2027-03-01T21:00:00+08:00",
}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"titel": "x"}, "titel", "extra_forbidden"),
        ({"title": ""}, "title", "string_too_short"),
        ({"title": "   "}, "title", "string_too_short"),
        ({"title": "长" * 121}, "title", "string_too_long"),
        ({"title": 7}, "title", "string_type"),
        ({"title": None}, "title", "string_type"),
        ({"title": "a\0b"}, "title", "nul"),
        ({"lobby": "yes"}, "lobby", "bool_type"),
        ({"form": "PARTY"}, "form", "literal_error"),
        ({"orgId": "a b"}, "orgId", "string_pattern_mismatch"),
        ({"observerIds": ["x"] * 501}, "observerIds", "too_long"),
        ({"plannedStart": "tomorrow"}, "plannedStart", "instant"),
        ({"plannedStart": "2027-03-01T20:00:00"}, "plannedStart", "zone_missing"),
        ({"plannedStart": "0001-01-01T00:00:00+14:00"}, "plannedStart", "out_of_range"),
        ({"plannedEnd": "9999-12-31T23:59:59-12:00"}, "plannedEnd", "out_of_range"),
    ],
)
async def test_the_field_is_named(rest: Service, change: dict[str, Any], field: str, problem: str) -> None:
    answer = await rest.by("secretary").send("POST", "/api/meetings", {**MEETING, **change})
    refusal = (await answer.json())["refusal"]
    assert (answer.status, refusal["code"], refusal["params"]) == (422, "badRequest", {"field": field, "problem": problem})


async def test_a_missing_field_is_named(rest: Service) -> None:
    answer = await rest.by("secretary").send("POST", "/api/meetings", {"title": "x"})
    assert (await answer.json())["refusal"]["params"] == {"field": "orgId", "problem": "missing"}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":}', b"\xff\xfe", b'{"title": "\\ud800"}', b'{"value": NaN}'])
async def test_what_is_not_json_is_told_as_that(rest: Service, body: bytes) -> None:
    assert await rest.by("secretary").refused("POST", "/api/meetings", body, headers=JSON) == (400, "malformedJson")


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
async def test_json_that_is_no_object_is_a_bad_request(rest: Service, body: bytes) -> None:
    assert await rest.by("secretary").refused("POST", "/api/meetings", body, headers=JSON) == (422, "badRequest")


async def test_a_form_is_not_json(rest: Service) -> None:
    answer = rest.by("secretary").refused("POST", "/api/meetings", b"title=x", headers={"Content-Type": "text/plain"})
    assert await answer == (415, "wrongMediaType")


async def test_too_much_is_refused_whether_or_not_its_length_is_told(rest: Service) -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b" " * 65_536

    caller = rest.by("secretary")
    assert await caller.refused("POST", "/api/meetings", BytesIO(b" " * (1 << 20) + b"{}"), headers=JSON) == (413, "tooLarge")
    assert await caller.refused("POST", "/api/meetings", data=endless(), headers=JSON) == (413, "tooLarge")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=1&page=2", "pageSize=201", "stage=half", "colour=red", f"q={'x' * 121}", "orgId=a%20b", "q=%00"]
)
async def test_a_query_is_held_against_its_shape(rest: Service, query: str) -> None:
    assert await rest.by("secretary").refused("GET", f"/api/members?{query}") == (422, "badRequest")


async def test_a_form_may_send_its_empty_fields(rest: Service) -> None:
    everyone = await rest.by("secretary").ask("GET", "/api/members")
    assert await rest.by("secretary").ask("GET", "/api/members?q=&stage=&orgId=&page=") == everyone


async def test_a_route_without_a_query_takes_none(rest: Service) -> None:
    assert await rest.by("secretary").refused("GET", "/api/home?page=1") == (422, "badRequest")


async def test_unknown_addresses_and_methods_below_api_are_refusals_too(rest: Service) -> None:
    assert await rest.by("secretary").refused("GET", "/api/nothing") == (404, "noSuchPage")
    answer = await rest.by("secretary").send("PUT", "/api/home")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")
    assert (await answer.json())["refusal"]["code"] == "methodNotAllowed"


async def test_an_upload_needs_a_file(rest: Service) -> None:
    form = FormData()
    form.add_field("other", b"x", filename="x.csv")
    assert await rest.by("secretary").refused("POST", "/api/roster", form) == (422, "badRequest")
    assert await rest.by("secretary").refused("POST", "/api/roster", {"file": "x"}) == (415, "wrongMediaType")
    broken = {"Content-Type": "multipart/form-data; boundary=b"}
    assert await rest.by("secretary").refused("POST", "/api/roster", b"--a\r\n\r\n", headers=broken) == (422, "badRequest")
    unbounded = {"Content-Type": "multipart/form-data"}
    assert await rest.by("secretary").refused("POST", "/api/roster", b"--a\r\n\r\n", headers=unbounded) == (422, "badRequest")


async def test_an_upload_has_a_limit(rest: Service) -> None:
    form = FormData()
    form.add_field("file", BytesIO(b" " * ((8 << 20) + 1)), filename="roster.csv")
    assert await rest.by("secretary").refused("POST", "/api/roster", form) == (413, "tooLarge")


async def test_a_refused_change_changes_nothing(rest: Service) -> None:
    caller, path = rest.by("secretary"), f"/api/meetings/{rest.ids['meetingId']}"
    before = await caller.ask("GET", path)
    assert await caller.refused("PATCH", path, {"revision": 9, "title": "x"}) == (409, "staleRevision")
    assert await caller.refused("PATCH", path, {"revision": 2**31, "title": "x"}) == (422, "badRequest")
    assert await caller.refused("PATCH", path, {"revision": 1, "title": "x", "colour": 1}) == (422, "badRequest")
    assert await caller.ask("GET", path) == before


async def test_null_is_not_given_but_empties_what_can_be_empty(rest: Service) -> None:
    caller, path = rest.by("secretary"), "/api/members/demo-member-7"
    changed = await caller.ask("PATCH", path, {"revision": 1, "name": None, "phone": None, "status": None})
    assert (changed["name"], changed["phone"], changed["status"], changed["revision"]) == ("演示·周海波", None, "active", 2)


async def test_the_number_of_a_request_is_in_the_refusal_and_the_answer(rest: Service) -> None:
    answer = await rest.by().send("GET", "/api/home", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["X-Request-ID"] == "from-the-proxy-1"
    assert (await answer.json())["refusal"]["requestId"] == "from-the-proxy-1"
    answer = await rest.by().send("GET", "/api/home", headers={"X-Request-ID": "<script>"})
    assert answer.headers["X-Request-ID"] == (await answer.json())["refusal"]["requestId"] != "<script>"


async def test_a_database_that_is_away_asks_to_come_again(rest: Service) -> None:
    (rest.house.settings.var / "moved.db").write_bytes(b"not a database, whatever its name says" * 100)
    kept, rest.house.store = rest.house.store, open_store(f"sqlite:///{rest.house.settings.var / 'moved.db'}")
    answer = await rest.by("plain").send("GET", "/api/home")
    await rest.house.store.close()
    rest.house.store = kept
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (await answer.json())["refusal"]["code"] == "storeUnavailable"


async def test_a_bug_is_loud_and_carries_its_number(rest: Service, capsys: pytest.CaptureFixture[str]) -> None:
    rest.house.now = lambda: 1 / 0
    answer = await rest.by("plain").send("GET", "/api/home")
    refusal = (await answer.json())["refusal"]
    assert (answer.status, refusal["code"]) == (500, "internalError")
    assert refusal["requestId"] in refusal["message"]["zh"]
    assert "ZeroDivisionError" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("sheet.csv", "attachment; filename=\"sheet.csv\"; filename*=UTF-8''sheet.csv"),
        ("考勤表.pdf", "attachment; filename=\"___.pdf\"; filename*=UTF-8''%E8%80%83%E5%8B%A4%E8%A1%A8.pdf"),
        ('a"\r\nb;/.ics', "attachment; filename=\"a___b__.ics\"; filename*=UTF-8''a%22%0D%0Ab%3B%2F.ics"),
    ],
)
def test_names_of_files_survive_every_browser_and_inject_nothing(name: str, header: str) -> None:
    assert disposition(name) == header


def test_instants_and_days() -> None:
    assert instant("at", "2026-11-23T20:00:00+08:00") == instant("at", "2026-11-23T12:00:00Z") == 1_795_435_200.0
    with pytest.raises(BadRequest):
        day("since", "2026-02-30")
