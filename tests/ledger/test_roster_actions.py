"""Rosters meeting the ledger: a dry run tells everything and does nothing, a bad row stops all of it, twice is once."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.actions.accounts import CreateAccount, create_account
from ledger.actions.rosterplan import IMPORT_SENTENCES
from ledger.actions.rosters import ExportRoster, ImportReport, ImportRoster, export_roster, import_roster
from ledger.actions.sessions import LogIn, log_in
from ledger.model import Member, PostKind, Stage
from ledger.ports import Store
from ledger.refusals import Forbidden, NotFound
from tests.ledger.conftest import Who
from tests.ledger.records import MEMBERS, NOON

HEADER = "编号,姓名,类别,所在支部代码,流入支部代码,党小组代码,手机,职务,用户名"


def roster(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


async def bring(store: Store, who: Who, content: bytes, name: str = "admin", **options: Any) -> ImportReport:
    command = ImportRoster(content, "roster.csv", **({"dry_run": False} | options))
    return await import_roster(store, await who(name), command, NOON)


async def everybody(store: Store) -> dict[str, Member]:
    async with store.reading() as uow:
        numbers = [*(member.number for member in MEMBERS), "n1", "n2", "n3"]
        return await uow.members.by_numbers(numbers)


NEW = "n1,新一,预备党员,A,,A-G,13900000001,,"
CHANGED = "b3,改名,正式党员,B,,,,,"


async def test_a_dry_run_counts_and_changes_nothing(store: Store, who: Who) -> None:
    before = await everybody(store)
    report = await bring(store, who, roster(NEW + "new.one", CHANGED, "new2,新二,,B,,,,,"), dry_run=True, create_accounts=True)
    assert (report.rows, report.created, report.updated, report.skipped, report.complaints) == (3, 2, 1, 0, ())
    assert (report.applied, report.accounts) == (False, ())
    assert await everybody(store) == before


async def test_importing_creates_and_updates_and_twice_is_once(store: Store, who: Who) -> None:
    content = roster(NEW, CHANGED)
    first = await bring(store, who, content)
    after = await everybody(store)
    second = await bring(store, who, content)
    assert (first.created, first.updated, first.unchanged, first.applied) == (1, 1, 0, True)
    assert (second.created, second.updated, second.unchanged, second.applied) == (0, 0, 2, True)
    assert await everybody(store) == after
    new, changed = after["n1"], after["b3"]
    assert (new.name, new.stage, new.home_branch_id, new.group_id, new.phone) == ("新一", Stage.PROBATIONARY, "A", "G", "13900000001")
    assert (changed.name, changed.host_branch_id, changed.revision) == ("改名", None, 2)


async def test_columns_a_file_does_not_have_keep_their_values(store: Store, who: Who) -> None:
    before = await everybody(store)
    report = await bring(store, who, roster("a5,改名,A", "a4,党员a4,A", header="编号,姓名,所在支部代码"))
    after = await everybody(store)
    assert (report.updated, report.unchanged) == (1, 1)
    assert (after["a5"].name, after["a5"].stage) == ("改名", Stage.PROBATIONARY)
    assert after["a4"] == before["a4"]


async def test_an_empty_cell_of_a_column_that_is_there_clears_it(store: Store, who: Who) -> None:
    await bring(store, who, roster("a4,党员a4,A,", header="编号,姓名,所在支部代码,手机"))
    after = (await everybody(store))["a4"]
    assert (after.phone, after.email) == (None, "a4@example.org")


async def test_where_somebody_floats_is_not_for_a_file_to_say(store: Store, who: Who) -> None:
    """What stands may be repeated, as an export has it; an empty cell ends nothing."""
    before = await everybody(store)
    report = await bring(store, who, roster("a8,党员a8,正式党员,A,B,,,,", "b2,党员b2,正式党员,B,,,,,"))
    assert (report.unchanged, report.complaints, await everybody(store)) == (2, (), before)


BAD = ("n2,,正式党员,A,,,,,", "n3,新三,正式党员,X,,,,,")


async def test_one_bad_row_stops_everything_and_all_bad_rows_are_told(store: Store, who: Who) -> None:
    before = await everybody(store)
    report = await bring(store, who, roster(NEW, *BAD))
    assert [(one.line, one.column, one.code) for one in report.complaints] == [
        (3, "姓名", "required"),
        (4, "所在支部代码", "branchUnknown"),
    ]
    assert (report.rows, report.skipped, report.applied) == (3, 2, False)
    assert await everybody(store) == before


async def test_bad_rows_are_left_out_when_told_to(store: Store, who: Who) -> None:
    report = await bring(store, who, roster(NEW, *BAD), skip_bad=True)
    assert (report.created, report.skipped, report.applied) == (1, 2, True)
    assert "n1" in await everybody(store)


async def test_a_file_that_cannot_be_read_is_not_imported_even_then(store: Store, who: Who) -> None:
    report = await bring(store, who, roster(NEW, header="姓名,编号,x,y,z,u,v,w,q"), skip_bad=True)
    assert (report.applied, report.complaints != ()) == (False, True)


@pytest.mark.parametrize(
    ("name", "row", "code", "column"),
    [
        ("admin", "n1,新,,X,,,,,", "branchUnknown", "所在支部代码"),
        ("admin", "n1,新,,C,,,,,", "notABranch", "所在支部代码"),
        ("admin", "n1,新,,A,X,,,,", "branchUnknown", "流入支部代码"),
        ("admin", "n1,新,,A,A-G,,,,", "notABranch", "流入支部代码"),
        ("admin", "n1,新,,A,B,,,,", "hostByRegistration", "流入支部代码"),
        ("admin", "b3,党员b3,,B,A,,,,", "hostByRegistration", "流入支部代码"),
        ("admin", "a8,党员a8,,A,F,,,,", "hostByRegistration", "流入支部代码"),
        ("admin", "n1,新,,B,,A-G,,,", "notAGroup", "党小组代码"),
        ("admin", "n1,新,,A,,X,,,", "notAGroup", "党小组代码"),
        ("admin", "n1,新,,A,,,,书记,", "postTaken", "职务"),
        ("admin", "n1,新,,A,,,,党小组组长,", "postNeedsGroup", "职务"),
        ("admin", "a7,党员a7,,A,,,,委员,", "postNeedsActive", "职务"),
        ("admin", "a4,党员a4,,A,,A-G,,,other.name", "usernameFixed", "用户名"),
        ("a1", "n1,新,,B,,,,,", "notYourBranch", "所在支部代码"),
        ("a1", "b3,党员b3,,A,,,,,", "memberElsewhere", "编号"),
        ("a1", "a4,党员a4,,B,,,,,", "moveNotAllowed", "所在支部代码"),
        ("a1", "a4,党员a4,,A,,A-G,,副书记,", "postNotAllowed", "职务"),
        ("branchadmin", "a4,党员a4,,B,,,,,", "moveNotAllowed", "所在支部代码"),
    ],
)
async def test_rows_that_do_not_fit_are_told_by_line_column_and_code(
    store: Store, who: Who, name: str, row: str, code: str, column: str
) -> None:
    report = await bring(store, who, roster(NEW.replace("n1", "n9"), row), name, dry_run=True)
    assert [(one.line, one.column, one.code) for one in report.complaints] == [(3, column, code)]
    for one in report.complaints:
        assert one.sentence("zh")
        assert one.sentence("en") != one.sentence("zh")


def test_every_sentence_is_there_in_both_languages() -> None:
    for zh, en in IMPORT_SENTENCES.values():
        assert zh.format(value="x") != en.format(value="x")


async def test_two_secretaries_in_one_file_are_one_too_many(store: Store, who: Who) -> None:
    content = roster("n1,一,,F,,,,书记,", "n2,二,,F,,,,书记,", "n3,三,,F,,,,委员,")
    report = await bring(store, who, content)
    assert [(one.line, one.code) for one in report.complaints] == [(3, "postTaken")]
    await bring(store, who, content, skip_bad=True)
    async with store.reading() as uow:
        assert {post.kind for post in await uow.posts.of_org("F")} == {PostKind.SECRETARY, PostKind.COMMITTEE_MEMBER}


async def test_accounts_come_with_passwords_for_one_time(store: Store, who: Who) -> None:
    content = roster("n1,一,,A,,,,,one.name", "New2,二,,A,,,,,", "a4,党员a4,,A,,A-G,13812345678,,")
    report = await bring(store, who, content, create_accounts=True)
    assert [(one.number, one.username) for one in report.accounts] == [("n1", "one.name"), ("New2", "new2")]
    log_in_again = await log_in(store, LogIn("new2", report.accounts[1].password), NOON)
    assert log_in_again.actor.account.must_change_password is True
    assert (await bring(store, who, content, create_accounts=True)).accounts == ()


async def test_user_names_that_are_taken_or_not_ones_own_to_give(store: Store, who: Who) -> None:
    await create_account(store, await who("security"), CreateAccount("new2"), NOON)
    content = roster("new1,一,,A,,,,,auditor", "new2,二,,A,,,,,", "new3,三,,A,,,,,", "new4,四,,A,,,,,new3", "x5,五,,A,,,,,")
    report = await bring(store, who, content, create_accounts=True, dry_run=True)
    assert [(one.line, one.code) for one in report.complaints] == [
        (2, "usernameTaken"),
        (3, "usernameTaken"),
        (5, "usernameTaken"),
        (6, "usernameImpossible"),
    ]
    report = await bring(store, who, roster("new1,一,,A,,,,,"), "a1", create_accounts=True, dry_run=True)
    assert [one.code for one in report.complaints] == ["accountNotAllowed"]


@pytest.mark.parametrize("name", ["a4", "system", "auditor", "a3"])
async def test_who_manages_no_members_imports_none(store: Store, who: Who, name: str) -> None:
    with pytest.raises(Forbidden):
        await bring(store, who, roster(NEW), name, dry_run=True)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
async def test_what_is_exported_can_be_imported_and_changes_nothing(store: Store, who: Who, file_format: str) -> None:
    before = await everybody(store)
    content = await export_roster(store, await who("admin"), ExportRoster(None, file_format), NOON)
    report = await import_roster(store, await who("admin"), ImportRoster(content, f"r.{file_format}", dry_run=False), NOON)
    assert (report.unchanged, report.complaints, report.applied) == (11, (), True)
    assert await everybody(store) == before


async def test_an_export_stays_within_reach(store: Store, who: Who) -> None:
    content = (await export_roster(store, await who("a1"), ExportRoster(), NOON)).decode("utf-8-sig")
    assert [line.split(",")[0] for line in content.split()[1:]] == ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"]
    for name, org_id, refusal in (("a4", None, Forbidden), ("system", None, Forbidden), ("a1", "B", NotFound), ("a8", "B", Forbidden)):
        with pytest.raises(refusal):
            await export_roster(store, await who(name), ExportRoster(org_id), NOON)
