"""Rosters over REST: ten thousand rows with log-ins while the server goes on answering, and files that are not what they say."""

from __future__ import annotations

import asyncio
import time
import zipfile
from io import BytesIO

import pytest
from aiohttp import FormData

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
