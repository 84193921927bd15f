"""Thought reports and their files over REST."""

from __future__ import annotations

import hashlib
import io

from aiohttp import FormData

from tests.support.rest import Service


def upload(name: str, content: bytes) -> FormData:
    form = FormData(quote_fields=False)  # as browsers send names
    form.add_field("file", io.BytesIO(content), filename=name)
    return form


async def test_a_report_goes_to_the_secretary_and_comes_back_answered(rest: Service) -> None:
    member, secretary = rest.by("plain"), rest.by("secretary")
    begun = await member.ask("POST", "/api/reports", {"reportId": "a" * 32, "periodEnd": "2026-12-31", "text": "  开头\n"})
    path = f"/api/reports/{begun['reportId']}"
    assert (begun["reportId"], begun["text"], begun["mayWrite"]) == ("a" * 32, "  开头\n", True)
    assert await secretary.refused("GET", path) == (404, "notFound")
    saved = await member.ask("PUT", path, {"revision": 1, "title": "体会", "text": "正文"})
    assert await member.refused("PUT", path, {"revision": 1, "title": "体会", "text": "另一台设备"}) == (409, "staleRevision")
    content = "%PDF-1.7 笔记".encode()
    file = await member.ask("POST", f"{path}/attachments", upload("我的笔记.PDF", content))
    assert (file["name"], file["mediaType"], file["sha256"]) == ("我的笔记.pdf", "application/pdf", hashlib.sha256(content).hexdigest())
    assert await member.refused("POST", f"{path}/attachments", upload("x.pdf", b"MZ\x90\x00")) == (415, "attachmentKindRefused")
    await member.ask("POST", f"{path}/hand-in", {"revision": saved["revision"]})
    tray = await secretary.ask("GET", "/api/reports/tray")
    assert [(one["memberName"], one["title"]) for one in tray["items"]][-2:] == [("演示·周海波", ""), ("演示·周海波", "")]
    opened = await secretary.ask("GET", path)
    assert (opened["title"], opened["mayAnswer"], opened["attachments"]) == ("体会", True, [file])
    fetched = await secretary.send("GET", f"/api/attachments/{file['attachmentId']}")
    assert (fetched.content_type, await fetched.read()) == ("application/pdf", content)
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    answered = await secretary.ask("POST", f"{path}/answer", {"note": "写得扎实"})
    assert [(one["kind"], one["by"], one["note"]) for one in answered["steps"]][-1] == ("answered", "演示·李书华", "写得扎实")
    own = await member.ask("GET", "/api/reports")
    assert (own["reports"][0]["state"], own["reports"][0]["readAt"] is not None) == ("answered", True)
    assert (own["readsOthers"], (await secretary.ask("GET", "/api/reports"))["readsOthers"]) == (False, True)


async def test_a_draft_may_be_thrown_away(rest: Service) -> None:
    member = rest.by("plain")
    begun = await member.ask("POST", "/api/reports", {"text": "不写了"})
    file = await member.ask("POST", f"/api/reports/{begun['reportId']}/attachments", upload("x.txt", b"x"))
    await member.ask("DELETE", f"/api/reports/{begun['reportId']}")
    assert await member.refused("GET", f"/api/attachments/{file['attachmentId']}") == (404, "notFound")


async def test_a_file_larger_than_the_limit_is_refused_by_its_name(rest: Service) -> None:
    begun = await rest.by("plain").ask("POST", "/api/reports", {})
    path = f"/api/reports/{begun['reportId']}/attachments"
    assert await rest.by("plain").refused("POST", path, upload("x.txt", b"a" * ((8 << 20) + 1))) == (413, "tooLarge")
    assert await rest.by("plain").refused("POST", path, upload("x.txt", b"")) == (422, "attachmentEmpty")


async def test_the_branch_sees_who_owes_reports_with_the_basis(rest: Service) -> None:
    due = await rest.by("secretary").ask("GET", "/api/reports/due?orgId=demo-first")
    names = {one["memberName"]: one["basisEn"] for one in due["items"]}
    # on probation, away, and on the way to membership
    owing = ("演示·陈思远", "演示·郑远行", "演示·卫文博", "演示·褚春燕", "演示·姜初心", "演示·陶向前")
    assert names == dict.fromkeys(owing, "our default")
    assert await rest.by("stranger").refused("GET", "/api/reports/due?orgId=demo-first") == (404, "notFound")
    assert (await rest.by("auditor").ask("GET", "/api/reports/due"))["items"] == []
