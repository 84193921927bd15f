"""Stories over REST: a branch's year in small, told by those who do it. What the rules decide is tested with the ledger."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import openpyxl
import pytest
from aiohttp import FormData

from tests.support.rest import Service

TIMES = {"plannedStart": "2027-03-01T20:00:00+08:00", "plannedEnd": "2027-03-01T21:00:00+08:00"}


async def test_a_secretary_schedules_reschedules_and_cancels(rest: Service) -> None:
    secretary = rest.by("secretary")
    body = {
        "orgId": "demo-first",
        "form": "BRANCH_GENERAL_MEETING",
        "title": "三月支部党员大会",
        **TIMES,
        "observerIds": ["demo-member-14"],
    }
    meeting = await secretary.ask("POST", "/api/meetings", body)
    assert meeting["plannedStart"] == "2027-03-01T20:00:00.000+08:00"
    assert meeting["invitationUrl"].startswith(f"{rest.base}/i/")
    capacities = {one["name"]: one["capacity"] for one in meeting["attendees"]}
    assert (capacities["演示·周海波"], capacities["演示·蒋立新"], capacities["演示·孙流云"]) == ("expected", "observer", "hostMember")
    path = f"/api/meetings/{meeting['meetingId']}"
    moved = await secretary.ask("PATCH", path, {"revision": 1, "plannedEnd": "2027-03-01T22:00:00+08:00"})
    assert (moved["revision"], moved["plannedEnd"]) == (2, "2027-03-01T22:00:00.000+08:00")
    cancelled = await secretary.ask("POST", f"{path}/cancel", {"reason": "与上级会议冲突"})
    assert (cancelled["state"], cancelled["cancelReason"], cancelled["mayEdit"]) == ("cancelled", "与上级会议冲突", False)
    assert await secretary.refused("POST", f"{path}/cancel", {"reason": "再次"}) == (409, "meetingNotScheduled")


async def test_a_meeting_already_held_is_entered_late_marked_and_filled_by_confirmation(rest: Service) -> None:
    secretary, hour = rest.by("secretary"), {"plannedStart": "2024-03-01T20:00:00+08:00", "plannedEnd": "2024-03-01T21:00:00+08:00"}
    body = {"orgId": "demo-first", "form": "BRANCH_GENERAL_MEETING", "title": "在会议室召开的大会", **hour}
    assert await secretary.refused("POST", "/api/meetings", body) == (422, "startInThePast")
    assert await secretary.refused("POST", "/api/meetings", body | TIMES | {"lateEntry": True}) == (422, "notYetHeld")
    meeting = await secretary.ask("POST", "/api/meetings", body | {"lateEntry": True})
    assert (meeting["state"], meeting["lateEntry"]) == ("ended", True)
    path = f"/api/meetings/{meeting['meetingId']}"
    before = await secretary.ask("GET", f"{path}/sheet")
    assert (before["sessionSeconds"], before["present"], len(before["absentNames"])) == (3600, 0, before["absent"])
    there = {"memberId": "demo-member-5", "start": hour["plannedStart"], "end": hour["plannedEnd"], "how": "inRoom"}
    after = await secretary.ask("POST", f"{path}/confirmations", there)
    (row,) = [row for row in after["rows"] if row["memberId"] == "demo-member-5"]
    assert (after["present"], row["grade"], row["presentSeconds"], row["evidence"]["confirmed"]) == (1, "present", 3600, 3600)


async def test_an_applicant_asked_in_is_on_the_list_the_sheet_its_files_and_the_own_record(rest: Service) -> None:
    secretary, hour = rest.by("secretary"), {"plannedStart": "2024-03-01T20:00:00+08:00", "plannedEnd": "2024-03-01T21:00:00+08:00"}
    body = {"orgId": "demo-first", "form": "PARTY_LECTURE", "title": "党课", "observerIds": ["demo-member-25"], "lateEntry": True}
    meeting = await secretary.ask("POST", "/api/meetings", body | hour)
    asked_in = [(one["stage"], one["capacity"]) for one in meeting["attendees"] if one["memberId"] == "demo-member-25"]
    assert asked_in == [("activeApplicant", "observer")]
    path = f"/api/meetings/{meeting['meetingId']}"
    there = {"memberId": "demo-member-25", "start": hour["plannedStart"], "end": hour["plannedEnd"], "how": "inRoom"}
    sheet = await secretary.ask("POST", f"{path}/confirmations", there)
    (row,) = [row for row in sheet["rows"] if row["memberId"] == "demo-member-25"]
    assert (row["stage"], row["grade"], sheet["present"], sheet["observers"]) == ("activeApplicant", "present", 0, 1)
    for suffix in ("csv", "xlsx", "pdf"):
        assert (await secretary.send("GET", f"{path}/sheet.{suffix}")).status == 200
    (record,) = (await secretary.ask("GET", "/api/records?memberId=demo-member-25"))["items"]
    assert (record["meetingId"], record["grade"]) == (meeting["meetingId"], "present")


@pytest.mark.parametrize(
    ("role", "query", "titles"),
    [
        ("secretary", "", ["党小组学习会（演示）", "下月支部党员大会", "第四季度支部党员大会（演示）", "十月主题党日（演示）"]),
        ("secretary", "?state=scheduled", ["第四季度支部党员大会（演示）", "下月支部党员大会", "党小组学习会（演示）"]),
        ("secretary", "?form=THEMED_PARTY_DAY", ["十月主题党日（演示）"]),
        ("secretary", "?state=scheduled&form=BRANCH_GENERAL_MEETING&pageSize=1&page=2", ["下月支部党员大会"]),
        ("secretary", "?orgId=demo-group", ["党小组学习会（演示）"]),
        ("plain", "", ["下月支部党员大会", "第四季度支部党员大会（演示）", "十月主题党日（演示）"]),
        ("plain", "?state=ended", ["十月主题党日（演示）"]),
        ("plain", "?from=2100-01-01T00:00:00Z", []),
        ("plain", "?orgId=demo-second", []),
        ("stranger", "", []),
    ],
)
async def test_lists_of_meetings(rest: Service, role: str, query: str, titles: list[str]) -> None:
    found = await rest.by(role).ask("GET", f"/api/meetings{query}")
    assert [one["title"] for one in found["items"]] == titles
    assert found["total"] >= len(titles)


async def test_an_invitation_finds_the_meeting_for_those_who_may_see_it(rest: Service) -> None:
    path = f"/api/invitations/{rest.ids['token']}"
    assert (await rest.by("plain").ask("GET", path))["meetingId"] == rest.ids["meetingId"]
    assert await rest.by("stranger").refused("GET", path) == (404, "notFound")


async def test_leave_is_asked_for_and_decided(rest: Service) -> None:
    path = f"/api/meetings/{rest.ids['meetingId']}/leave"
    asked = await rest.by("leader").ask("POST", path, {"reason": "外出学习"})
    assert (asked["myLeave"], asked["myLeaveReason"]) == ("pending", "外出学习")
    decided = await rest.by("secretary").ask("POST", f"{path}/demo-member-3", {"approved": True})
    rows = {one["memberId"]: one for one in decided["attendees"]}
    assert (rows["demo-member-3"]["leave"], rows["demo-member-3"]["leaveReason"]) == ("approved", "外出学习")
    seen = {one["memberId"]: one for one in (await rest.by("plain").ask("GET", path.removesuffix("/leave")))["attendees"]}
    assert seen["demo-member-3"]["leaveReason"] is None


async def test_an_objection_is_decided_and_corrected_and_the_measured_value_stays(rest: Service) -> None:
    secretary, path = rest.by("secretary"), f"/api/meetings/{rest.ids['pastId']}"
    sheet = await secretary.ask("POST", f"/api/objections/{rest.ids['objectionId']}", {"accepted": True, "answer": "核实属实"})
    assert [(one["decision"], one["decidedByName"]) for one in sheet["objections"]] == [("approved", "演示·李书华")]
    before = next(row for row in sheet["rows"] if row["memberId"] == "demo-member-7")
    body = {"memberId": "demo-member-7", "field": "presentSeconds", "value": 3500, "reason": "核实属实"}
    sheet = await secretary.ask("POST", f"{path}/corrections", {**body, "objectionId": rest.ids["objectionId"]})
    row = next(row for row in sheet["rows"] if row["memberId"] == "demo-member-7")
    assert (row["presentSeconds"], row["corrections"][0]["measured"]) == (3500.0, before["presentSeconds"])
    record = await rest.by("plain").ask("GET", f"{path}/record")
    assert record["row"]["presentSeconds"] == 3500.0
    assert record["objection"]["answer"] == "核实属实"
    assert record["facts"][-1]["authorName"] == "演示·李书华"


async def test_a_responsible_person_sees_a_member_s_records_and_the_member_sees_that(rest: Service) -> None:
    own = await rest.by("plain").ask("GET", "/api/records")
    assert (own["total"], own["items"][0]["meetingId"]) == (1, rest.ids["pastId"])
    seen = await rest.by("secretary").ask("GET", "/api/records?memberId=demo-member-7")
    assert [line.pop("maySeeSheet") for line in (*own["items"], *seen["items"])] == [False, True]
    assert seen == own
    assert (await rest.by("plain").ask("GET", "/api/records?page=2"))["items"] == []
    assert await rest.by("stranger").refused("GET", "/api/records?memberId=demo-member-7") == (404, "notFound")
    looked = await rest.by("plain").ask("GET", "/api/access")
    assert (looked["items"][0]["action"], looked["items"][0]["accountName"]) == ("seeRecord", "演示·李书华")


async def test_an_auditor_reads_the_log_and_may_ask_for_the_own_part(rest: Service) -> None:
    everything = await rest.by("auditor").ask("GET", "/api/access?pageSize=5")
    assert everything["total"] > len(everything["items"]) == 5
    assert (await rest.by("auditor").ask("GET", "/api/access?subject=me"))["total"] == 0


@pytest.mark.parametrize(
    ("suffix", "kind", "start"), [("csv", "text/csv", b"\xef\xbb\xbf"), ("xlsx", None, b"PK"), ("pdf", "application/pdf", b"%PDF")]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_sheet_as_a_file_is_the_same_twice(rest: Service, suffix: str, kind: str | None, start: bytes, lang: str) -> None:
    path = f"/api/meetings/{rest.ids['pastId']}/sheet.{suffix}?lang={lang}"
    first, second = [await rest.by("secretary").send("GET", path) for _ in range(2)]
    assert (await first.read()) == (await second.read())
    assert (await first.read()).startswith(start)
    assert kind in (None, first.content_type)
    word = "考勤表" if lang == "zh" else "attendance"
    assert f"filename*=UTF-8''{quote(word)}-" in first.headers["Content-Disposition"]
    assert first.headers["Cache-Control"] == "no-store"


async def test_the_calendar_file(rest: Service) -> None:
    answer = await rest.by("plain").send("GET", f"/api/meetings/{rest.ids['meetingId']}/calendar.ics")
    assert (answer.content_type, answer.charset) == ("text/calendar", "utf-8")
    assert f"UID:{rest.ids['meetingId']}@branchline" in await answer.text()


async def test_a_roster_goes_out_and_comes_back_unchanged(rest: Service) -> None:
    secretary = rest.by("secretary")
    content = await (await secretary.send("GET", "/api/roster?format=csv&lang=zh")).read()
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    report = await secretary.ask("POST", "/api/roster?dryRun=false", upload(content, "roster.csv"))
    assert (report["unchanged"], report["created"], report["complaints"]) == (len(lines) - 1, 0, [])


async def test_bad_rows_are_listed_and_nothing_is_imported(rest: Service) -> None:
    secretary = rest.by("secretary")
    header = "编号,姓名,所在支部代码,预备党员转正\n"
    template = await (await secretary.send("GET", "/api/roster/template?format=csv&lang=zh")).text()
    known = template.lstrip("\ufeff").splitlines()[0]
    report = await secretary.ask("POST", "/api/roster?dryRun=false", upload((header + "D1,甲,DEMO-1,x\n").encode(), "x.csv"))
    assert (report["applied"], report["complaints"][0]["code"]) == (False, "columnUnknown")
    assert "编号" in known
    assert report["complaints"][0]["messageZh"]


async def test_the_template_opens_as_a_spreadsheet(rest: Service) -> None:
    content = await (await rest.by("plain").send("GET", "/api/roster/template?format=xlsx&lang=en")).read()
    assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row >= 1  # type: ignore[union-attr]


async def test_organisations_are_founded_changed_and_closed(rest: Service) -> None:
    admin = rest.by("orgAdmin")
    org = await admin.ask(
        "POST", "/api/organisations", {"parentId": "demo-general", "kind": "branch", "name": "第三支部", "code": "DEMO-3"}
    )
    changed = await admin.ask("PATCH", f"/api/organisations/{org['orgId']}", {"presentShare": 0.9, "pointsEnabled": True, "name": None})
    assert (changed["name"], changed["presentShare"], changed["pointsEnabled"]) == ("第三支部", 0.9, True)
    assert (await admin.ask("PATCH", f"/api/organisations/{org['orgId']}", {"presentShare": None}))["presentShare"] is None
    assert await admin.ask("POST", f"/api/organisations/{org['orgId']}/close") == {"ok": True}
    assert await admin.refused("POST", "/api/organisations/demo-first/close") == (409, "organisationNotEmpty")


async def test_consent_is_given_once_and_points_are_off_by_default(rest: Service) -> None:
    plain = rest.by("plain")
    assert (await plain.ask("GET", "/api/notice"))["myConsentAt"] is None
    given = (await plain.ask("POST", "/api/consents", {"noticeVersion": "2026-1"}))["myConsentAt"]
    assert (await plain.ask("POST", "/api/consents", {"noticeVersion": "2026-1"}))["myConsentAt"] == given is not None
    assert await plain.refused("POST", "/api/consents", {"noticeVersion": "old"}) == (422, "noticeVersionUnknown")
    assert (await plain.ask("GET", "/api/points?year=2026"))["enabled"] is False


async def test_the_start_page_of_a_secretary_shows_the_branch(rest: Service) -> None:
    home = await rest.by("secretary").ask("GET", "/api/home")
    assert [one["name"] for one in home["branches"]] == ["演示第一支部"]
    assert home["branches"][0]["pendingObjections"] == 1
    assert rest.ids["meetingId"] in {one["meetingId"] for one in home["upcoming"]}
    assert (await rest.by("plain").ask("GET", "/api/home"))["branches"] == []


def upload(content: bytes, name: str) -> FormData:
    form = FormData()
    form.add_field("file", content, filename=name)
    return form
