"""Transfers over REST: a whole way between two committees, lists, letters, the papers read back, and what is refused."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from pypdf import PdfReader

from ledger.actions.sessions import token_hash
from ledger.model import Account, OrgKind, OrgUnit, RoleGrant, RoleKind, Session
from tests.support.rest import Caller, Prepared, Service, service

Json = dict[str, Any]
OTHER = (
    OrgUnit("other-committee", None, OrgKind.COMMITTEE, "他处党委", "OTHER", "/other-committee/"),
    OrgUnit("other-branch", "other-committee", OrgKind.BRANCH, "他处支部", "OTHER-1", "/other-committee/other-branch/"),
)


@pytest.fixture
async def there(rest: Service) -> Caller:
    """Whoever administers a committee beside the demo's own."""
    async with rest.house.store.writing() as uow:
        await uow.organisations.add(OTHER)
        await uow.accounts.add([Account("account-there", "there", "!", None)])
        await uow.accounts.grant([RoleGrant("account-there", RoleKind.ORG_ADMIN, "other-committee")])
        await uow.sessions.add(Session(token_hash("token-there"), "account-there", rest.now, rest.now + 86_400, rest.now))
    rest.tokens["there"] = "token-there"
    return rest.by("there")


async def applied(rest: Service, by: str = "secretary", member: str = "demo-member-8", **more: Any) -> Json:
    body = {
        "memberId": member,
        "toCommitteeId": "other-committee",
        "toBranchId": "other-branch",
        "reason": "搬家",
        "duty": "unitChanged",
        **more,
    }
    return await rest.by(by).ask("POST", "/api/transfers", body)


async def step(caller: Caller, seen: Json, name: str, **more: Any) -> Json:
    body = {"revision": seen["revision"], **more}
    return await caller.ask("POST", f"/api/transfers/{seen['transferId']}/{name}", body)


async def on_the_way(rest: Service) -> Json:
    admin, seen = rest.by("orgAdmin"), await applied(rest)
    seen = await step(rest.by("secretary"), seen, "check", duesPaidUntil="2099-01")
    seen = await step(admin, seen, "approve")
    seen = await step(admin, seen, "letter", validDays=60)
    return await step(admin, seen, "dispatch", nationalReference="GJ-77")


async def test_the_whole_way_over_rest(rest: Service, there: Caller) -> None:
    seen = await on_the_way(rest)
    assert (seen["state"], seen["direction"], seen["nationalReference"], seen["fromBranchName"]) == (
        "inTransit",
        "within",
        "GJ-77",
        "演示第一支部",
    )
    here = await there.ask("GET", f"/api/transfers/{seen['transferId']}")
    assert (here["steps"], here["waitsFor"], here["responsibleName"]) == (
        ["PresentLetter"],
        ["homeCommittee", "hostCommittee", "member"],
        "演示第一支部",
    )
    seen = await step(there, seen, "present", number=seen["letters"][0]["number"])
    seen = await step(there, seen, "assign", branchId="other-branch")
    seen = await step(there, seen, "receipt", signedBy="受理员")
    assert (seen["receipt"]["branchName"], seen["receipt"]["signedBy"], seen["responsibleName"]) == ("他处支部", "受理员", "他处支部")
    seen = await step(rest.by("orgAdmin"), seen, "close")
    seen = await step(rest.by("orgAdmin"), seen, "archive")
    way = "Apply PassHomeCheck Approve IssueLetter Dispatch PresentLetter AssignBranch SendReceipt CloseSender Archive"
    assert [line["step"] for line in seen["history"]] == way.split()
    assert (await there.ask("GET", "/api/members/demo-member-8"))["homeBranchName"] == "他处支部"
    assert await rest.by("secretary").refused("GET", "/api/members/demo-member-8") == (404, "notFound")


async def test_the_letter_reads_as_a_committee_wants_it(rest: Service, there: Caller) -> None:
    head = {"address": "演示市演示路 1 号", "phone": "010-1", "fax": "010-2", "postCode": "100000"}
    await rest.by("orgAdmin").ask("PUT", "/api/organisations/demo-committee/letterhead", head)
    seen = await on_the_way(rest)
    path = f"/api/transfers/{seen['transferId']}"
    answer = await rest.by("orgAdmin").send("GET", f"{path}/letter.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(BytesIO(await answer.read()))
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")
    letter = seen["letters"][0]
    for part in (
        "组织关系介绍信存根",
        "组织关系介绍信回执",
        "骑缝章",
        "同志",
        "请转接组织关系",
        "有效期",
        letter["number"],
        letter["code"],
    ):
        assert part in text, part
    for value in (
        "吴老先",
        "演示街道党委",
        "他处党委",
        "演示第一支部",
        "他处支部",
        "2099",
        "13800000008",
        "演示市演示路1号",
        "010-2",
        "GJ-77",
    ):
        assert value in text, value
    assert len(reader.pages) == 1
    assert text.count(letter["number"]) == 3
    assert await rest.by("orgAdmin").refused("GET", f"{path}/receipt.pdf") == (409, "receiptMissing")


async def test_the_receipt_names_the_branch_and_who_signed(rest: Service, there: Caller) -> None:
    seen = await on_the_way(rest)
    seen = await step(there, seen, "present", number=seen["letters"][0]["number"])
    seen = await step(there, seen, "assign", branchId="other-branch")
    seen = await step(there, seen, "receipt", signedBy="受理员")
    content = await (await there.send("GET", f"/api/transfers/{seen['transferId']}/receipt.pdf")).read()
    text = PdfReader(BytesIO(content)).pages[0].extract_text().replace("\n", "").replace(" ", "")
    assert "演示街道党委：" in text
    assert "编入他处支部" in text
    assert "受理员" in text


async def test_whoever_holds_the_paper_is_told_how_it_stands_without_a_log_in(rest: Service, there: Caller) -> None:
    seen = await on_the_way(rest)
    code = seen["letters"][0]["code"]
    told = await rest.by().ask("GET", f"/api/letters/{code}")
    assert (told["standing"], told["name"], told["issuer"], told["presentedOn"]) == ("inForce", "演*****", "演示街道党委", None)
    seen = await step(there, seen, "present", number=told["number"])
    assert (await rest.by().ask("GET", f"/api/letters/{code}"))["standing"] == "presented"
    assert await there.refused(
        "POST", f"/api/transfers/{seen['transferId']}/present", {"revision": seen["revision"], "number": told["number"]}
    ) == (
        409,
        "letterPresentedTwice",
    )
    assert await rest.by().refused("GET", "/api/letters/AAAA-BBBB-CCCC") == (404, "notFound")


async def test_guessing_codes_is_slowed_down(rest: Service) -> None:
    caller = rest.by()
    answers = [await caller.refused("GET", f"/api/letters/GUESS-{n}") for n in range(61)]
    assert answers[-1] == (429, "tooManyAttempts")
    assert set(answers[:-1]) == {(404, "notFound")}


async def test_two_at_once_over_rest(rest: Service, there: Caller) -> None:
    seen = await applied(rest)
    await step(rest.by("secretary"), seen, "check", duesPaidUntil="2099-01")
    path = f"/api/transfers/{seen['transferId']}/refuse"
    assert await rest.by("deputy").refused("POST", path, {"revision": seen["revision"], "reason": "不同意"}) == (409, "changedMeanwhile")


async def test_a_batch_names_each_refused_one_in_both_languages(rest: Service, there: Caller) -> None:
    members = [f"demo-member-{n}" for n in (8, 7, 10, 15)]
    body = {"memberIds": members, "outside": "某大学党委", "reason": "毕业", "key": "graduates-of-2026"}
    found = await rest.by("secretary").ask("POST", "/api/transfers/batch", body)
    assert (found["done"], found["refused"]) == (1, 3)
    assert [line["code"] for line in found["lines"]] == [None, "transferOpen", "notOnTheRoll", "notFound"]
    assert all(line["messageZh"] and line["messageEn"] for line in found["lines"][1:])
    again = await rest.by("secretary").ask("POST", "/api/transfers/batch", body)
    assert again["lines"] == found["lines"]
    strange = await rest.by("stranger").ask("POST", "/api/transfers/batch", {**body, "key": "somebody-else"})
    assert {line["code"] for line in strange["lines"]} == {"notFound", "transferConsentNeeded"}  # 15 is the stranger, who applies alone


async def test_the_member_follows_the_own_transfer(rest: Service) -> None:
    own = (await rest.by("plain").ask("GET", "/api/transfers/own"))["items"]
    assert [(one["state"], one["own"], one["sides"], one["steps"]) for one in own] == [("assigned", True, ["member"], [])]
    assert own[0]["history"][0]["side"] == "home"
    assert (await rest.by("systemAdmin").ask("GET", "/api/transfers/own"))["items"] == []


async def test_lists_and_their_counts(rest: Service, there: Caller) -> None:
    await on_the_way(rest)
    admin = await rest.by("orgAdmin").ask("GET", "/api/transfers?box=waiting")
    assert [one["state"] for one in admin["items"]] == ["applied", "assigned"]  # oldest first; the first is the demo's own
    assert (admin["counts"]["waiting"], admin["counts"]["onTheWay"]) == (2, 2)
    mine = await there.ask("GET", "/api/transfers?box=waiting")
    assert [one["state"] for one in mine["items"]] == ["inTransit"]
    assert (await rest.by("stranger").ask("GET", "/api/transfers?box=all"))["total"] == 0
    assert (await rest.by("auditor").ask("GET", "/api/transfers?box=all&q=吴老先"))["total"] == 1


async def test_a_letter_from_outside_over_rest(rest: Service, there: Caller, prepared: Prepared, tmp_path: Path) -> None:
    body = {
        "toCommitteeId": "other-committee", "outside": "外省某县委组织部", "outsideBranch": "某乡支部", "letterNumber": "外-1",
        "issuedOn": "2026-11-20", "validDays": 90, "duesPaidUntil": "2026-10", "reason": "工作调动", "number": "X-1", "name": "新来",
    }  # fmt: skip
    async with service(prepared, tmp_path) as other:  # without the other committee there is nobody to take it in
        assert await other.by("orgAdmin").refused("POST", "/api/transfers/arrivals", body) == (404, "notFound")
    seen = await there.ask("POST", "/api/transfers/arrivals", body)
    assert (seen["direction"], seen["memberId"], seen["fromCommitteeName"], seen["letters"][0]["code"]) == (
        "in",
        None,
        "外省某县委组织部",
        None,
    )
    seen = await step(there, seen, "assign", branchId="other-branch")
    seen = await step(there, seen, "receipt")
    assert seen["memberId"] is not None
    assert (await there.ask("GET", f"/api/members/{seen['memberId']}"))["name"] == "新来"
    content = await (await there.send("GET", f"/api/transfers/{seen['transferId']}/receipt.pdf")).read()
    assert "外省某县委组织部" in PdfReader(BytesIO(content)).pages[0].extract_text().replace("\n", "")


async def test_an_old_register_over_rest_names_the_bad_row_in_both_languages(rest: Service) -> None:
    def sent(text: str) -> FormData:
        form = FormData()
        form.add_field("file", text.encode("gb18030"), filename="旧台账.csv")
        return form

    head = "党员编号,姓名,转出党组织,转入党组织,介绍信编号,开具日期,回执日期\n"
    rows = head + "D0008,演示·吴老先,DEMO-1,某县委组织部,旧-1,2024-03-01,2024-03-09\nD9999,无此人,DEMO-1,某县委,旧-2,2024-03-01,\n"
    admin = rest.by("orgAdmin")
    found = await admin.ask("POST", "/api/registers/transfers", sent(rows))
    assert (found["dryRun"], found["created"], found["skipped"], found["applied"]) == (True, 1, 1, False)
    (bad,) = found["complaints"]
    assert (bad["line"], bad["column"], bad["code"]) == (3, "党员编号", "memberUnknown")
    assert "D9999" in bad["messageZh"]
    assert "D9999" in bad["messageEn"]
    assert (await admin.ask("POST", "/api/registers/transfers?dryRun=false", sent(rows)))["applied"] is False
    assert (await admin.ask("POST", "/api/registers/transfers?dryRun=false&skipBad=true", sent(rows)))["created"] == 1
    assert (await admin.ask("GET", "/api/transfers?box=done&q=旧-1"))["items"][0]["state"] == "archived"
    branch = await rest.by("secretary").ask("POST", "/api/registers/transfers", sent(rows))
    assert [one["code"] for one in branch["complaints"]] == ["notYours", "memberUnknown"]
