"""Rosters over REST: ten thousand rows with log-ins while the server goes on answering, and files that are not what they say."""

from __future__ import annotations

import asyncio
import time
import zipfile
from datetime import date
from io import BytesIO

import pytest
from aiohttp import FormData

from ledger.idnumber import demo_id_number
from tests.support.rest import Service

HEADINGS = "编号,姓名,类别,所在支部代码,用户名\n"
MANY = 10_000


def form(content: bytes, filename: str = "名册.csv") -> FormData:
    made = FormData()
    made.add_field("file", content, filename=filename)
    return made


def rows(count: int) -> list[str]:
    return [f"B{number:06d},张{number},正式党员,DEMO-1,big{number}" for number in range(count)]


async def turns(done: asyncio.Event) -> int:
    """How often somebody else could have been served meanwhile. Counted, not timed: a busy machine makes every turn longer."""
    count = 0
    while not done.is_set():
        await asyncio.sleep(0.01)
        count += 1
    return count


@pytest.mark.slow
async def test_ten_thousand_rows_with_log_ins_in_gb18030(rest: Service) -> None:
    admin, done = rest.by("orgAdmin"), asyncio.Event()
    content = (HEADINGS + "\n".join(rows(MANY))).encode("gb18030")
    watching = asyncio.create_task(turns(done))
    answer = await admin.send("POST", "/api/roster?dryRun=false&accounts=true", form(content))
    done.set()
    assert await watching >= 20  # the work is done in pieces; in one piece there would be two or three turns
    report = await answer.json()
    assert (report["applied"], report["created"], len(report["accounts"]), report["complaints"]) == (True, MANY, MANY, [])
    found = await admin.ask("GET", "/api/members?q=张9999")
    assert [one["name"] for one in found["items"]] == ["张9999"]
    _, me = await rest.log_in(report["accounts"][-1]["username"], report["accounts"][-1]["password"])
    assert me["mustChangePassword"]


async def test_bad_rows_are_told_and_nothing_is_imported_unless_they_are_skipped(rest: Service) -> None:
    admin = rest.by("orgAdmin")
    content = (HEADINGS + "\n".join([*rows(3), "B9,,正式党员,DEMO-1,b9", "B8,王,什么,NOWHERE,b8"])).encode()
    strict = await admin.ask("POST", "/api/roster?dryRun=false", form(content))
    assert (strict["applied"], next((one["line"], one["column"]) for one in strict["complaints"])) == (False, (5, "姓名"))
    assert {one["line"] for one in strict["complaints"]} == {5, 6}
    assert (await admin.ask("GET", "/api/members?q=B00000"))["items"] == []
    lenient = await admin.ask("POST", "/api/roster?dryRun=false&skipBad=true", form(content))
    assert (lenient["applied"], lenient["created"], lenient["skipped"]) == (True, 3, 2)


async def test_a_spreadsheet_that_unpacks_without_end_is_refused_unread(rest: Service) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (200 << 20))
    before = time.process_time()
    report = await rest.by("orgAdmin").ask("POST", "/api/roster?dryRun=false", form(bomb.getvalue(), "名册.xlsx"))
    assert time.process_time() - before < 1.0
    assert (report["applied"], [one["code"] for one in report["complaints"]]) == (False, ["expandsTooMuch"])


async def test_no_entry_and_no_file_shares_a_member_with_a_host(rest: Service) -> None:
    """Only a registration with the member's own consent does: tried by hand, for somebody new, and by a roster."""
    admin = rest.by("orgAdmin")
    member = await admin.ask("GET", "/api/members/demo-member-7")
    changed = {"revision": member["revision"], "hostBranchId": "demo-second"}
    assert await admin.refused("PATCH", "/api/members/demo-member-7", changed) == (409, "hostByRegistration")
    fresh = {"number": "N1", "name": "新来", "stage": "full", "homeBranchId": "demo-first", "hostBranchId": "demo-second"}
    assert await admin.refused("POST", "/api/members", fresh) == (409, "hostByRegistration")
    content = "编号,姓名,所在支部代码,流入支部代码\nD0007,演示·周海波,DEMO-1,DEMO-2".encode()
    report = await admin.ask("POST", "/api/roster?dryRun=false", form(content))
    assert [(one["column"], one["code"]) for one in report["complaints"]] == [("流入支部代码", "hostByRegistration")]
    assert (await admin.ask("GET", "/api/members/demo-member-7"))["hostBranchId"] is None


async def test_id_numbers_come_in_sealed_go_out_masked_and_in_full_for_a_reason(rest: Service) -> None:
    secretary, number = rest.by("secretary"), demo_id_number(date(1990, 3, 7), 7, "male")
    content = f"编号,姓名,所在支部代码,身份证号\nN7,新来,DEMO-1,{number}".encode()
    assert (await secretary.ask("POST", "/api/roster?dryRun=false", form(content)))["created"] == 1
    masked = (await (await secretary.send("GET", "/api/roster?format=csv")).read()).decode("utf-8-sig")
    assert (number in masked, f"{number[:3]}***********{number[-4:]}" in masked) == (False, True)
    body = {"format": "csv", "reason": "开具介绍信"}
    in_full = (await (await secretary.send("POST", "/api/roster/full", body)).read()).decode("utf-8-sig")
    assert number in in_full
    assert (await secretary.refused("POST", "/api/roster/full", {**body, "reason": " "}))[0] == 422
    assert await rest.by("auditor").refused("POST", "/api/roster/full", body) == (403, "forbidden")
