"""ID numbers, births and graduations in rosters: sealed on the way in, masked on the way out, in full only for a reason that is kept."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from ledger.actions.audit import who_looked
from ledger.actions.files import file_history, member_file
from ledger.actions.memberlists import export_selection
from ledger.actions.rosters import ExportRoster, ImportReport, ImportRoster, export_roster, import_roster
from ledger.memberfile import How, MemberFile
from ledger.model import Member
from ledger.ports import AccessQuery, Reach, Store
from ledger.refusals import Forbidden, KeyMissing, ReasonMissing
from tests.ledger.conftest import Who
from tests.ledger.records import NOON
from tests.ledger.test_files import NUMBER, SEALER, edit

HEADER = "编号,姓名,性别,所在支部代码,出生日期,身份证号,毕业日期"
OTHER = "110105199003070033"  # a man of 1990
MASKED = "110***********002X"


async def bring(store: Store, who: Who, *rows: str, name: str = "a1", header: str = HEADER, dry_run: bool = False) -> ImportReport:
    command = ImportRoster("\n".join((header, *rows)).encode(), "roster.csv", dry_run)
    return await import_roster(store, await who(name), command, NOON, SEALER)


async def stored(store: Store, number: str) -> tuple[Member, MemberFile | None]:
    async with store.reading() as uow:
        member = (await uow.members.by_numbers([number]))[number]
        return member, await uow.files.get(member.member_id)


async def test_a_number_is_sealed_and_says_birth_and_sex(store: Store, who: Who) -> None:
    first = await bring(store, who, f"n1,新,,A,,{NUMBER.lower()},2025-07-01", "a4,党员a4,,A,,,")
    member, file = await stored(store, "n1")
    assert (first.created, first.unchanged, first.applied) == (1, 1, True)
    assert (member.born_on, member.sex) == (date(1949, 12, 31), "female")
    assert file is not None
    assert file.graduated_on == date(2025, 7, 1)
    assert NUMBER not in f"{file} {first}"
    assert (await member_file(store, SEALER, await who("a1"), member.member_id, NOON)).id_number == MASKED
    again = await bring(store, who, f"n1,新,女,A,1949-12-31,{NUMBER},2025-07-01")
    assert (again.unchanged, again.updated) == (1, 0)


async def test_the_history_has_the_number_masked_and_says_that_it_came_by_an_import(store: Store, who: Who) -> None:
    await bring(store, who, f"a4,党员a4,,A,,{NUMBER},2024-07-01")
    history = await file_history(store, await who("a1"), "m-a4", NOON)
    told = {(one.field, one.before, one.after, one.how) for one in history.changes}
    assert told == {
        ("idNumber", None, MASKED, How.IMPORT),
        ("bornOn", None, "1949-12-31", How.IMPORT),
        ("sex", None, "female", How.IMPORT),
        ("graduatedOn", None, "2024-07-01", How.IMPORT),
    }


@pytest.mark.parametrize(
    ("rows", "column", "code"),
    [
        (("n1,新,,A,,110105194912310021,",), "身份证号", "notAnIdNumber"),  # the check digit
        (("n1,新,,A,,1.10105E+17,",), "身份证号", "notAnIdNumber"),  # what a spreadsheet makes of it
        (("n1,新,,A,,000000199003070007,",), "身份证号", "notAnIdNumber"),  # of the area nobody lives in
        (("n1,新,男,A,,11010519491231002X,",), "性别", "idNumberDisagrees"),
        (("n1,新,,A,1950-01-01,11010519491231002X,",), "出生日期", "idNumberDisagrees"),
        (("n1,新,,A,,11010519491231002X,", "n2,新,,A,,11010519491231002x,"), "身份证号", "idNumberTwice"),
        (("n1,新,,A,,110105199003070033,",), "身份证号", "idNumberTaken"),  # that of a3
        (("a3,党员a3,,A,1991-01-01,,",), "出生日期", "idNumberDisagrees"),  # the number on the file says another day
        (("a3,党员a3,,A,,110***********002X,",), "身份证号", "idNumberMasked"),
        (("n1,新,,A,,110***********0033,",), "身份证号", "idNumberMasked"),
        (("n1,新,,A,2099-01-01,,",), "出生日期", "inTheFuture"),
        (("n1,新,,A,,,2099-07-01",), "毕业日期", "inTheFuture"),
    ],
)
async def test_a_bad_row_is_told_without_the_number_and_changes_nothing(
    store: Store, who: Who, rows: tuple[str, ...], column: str, code: str
) -> None:
    await edit(store, await who("a1"), member_id="m-a3", id_number=OTHER)
    report = await bring(store, who, *rows)
    assert [(one.column, one.code) for one in report.complaints] == [(column, code)]
    assert not report.applied
    said = "".join(one.sentence(locale) for one in report.complaints for locale in ("zh", "en")) + str(report.complaints)
    assert not any(row.split(",")[5] in said for row in rows if row.split(",")[5])
    async with store.reading() as uow:
        assert "n1" not in await uow.members.by_numbers(["n1"])


async def test_of_somebody_elsewhere_not_even_a_complaint_tells_what_is_on_the_file(store: Store, who: Who) -> None:
    await edit(store, await who("b1"), member_id="m-b3", id_number=OTHER)
    for number in (OTHER, "110***********0033", NUMBER):
        report = await bring(store, who, f"b3,党员b3,,A,,{number},")
        assert [one.code for one in report.complaints] == ["memberElsewhere"]


async def test_an_empty_cell_takes_no_number_off_a_file_and_a_masked_one_repeats_it(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), member_id="m-a3", id_number=OTHER)
    before = await stored(store, "a3")
    for cell in ("", "110***********0033"):
        report = await bring(store, who, f"a3,党员a3,男,A,,{cell},")
        assert (report.unchanged, report.complaints) == (1, ())
    assert await stored(store, "a3") == before


async def test_a_dry_run_seals_nothing_and_without_a_key_numbers_are_refused(store: Store, who: Who) -> None:
    report = await bring(store, who, f"a4,党员a4,,A,,{NUMBER},", dry_run=True)
    assert (report.updated, report.applied) == (1, False)
    assert (await stored(store, "a4"))[1] is None
    command = ImportRoster(f"{HEADER}\na4,党员a4,,A,,{NUMBER},".encode(), "r.csv", dry_run=False)
    with pytest.raises(KeyMissing):
        await import_roster(store, await who("a1"), command, NOON)


async def cells(store: Store, who: Who, name: str, heading: str, reason: str | None = None) -> dict[str, str]:
    """Number → cell of the column."""
    content = await export_roster(store, await who(name), ExportRoster(reason=reason), NOON + 5, SEALER)
    lines = [line.split(",") for line in content.decode("utf-8-sig").splitlines()]
    at = lines[0].index(heading)
    return {line[0]: line[at].strip("\"\t'=") for line in lines[1:] if line[at]}


async def test_an_export_masks_numbers_and_shows_the_file_only_to_those_who_may_see_it(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), id_number=NUMBER, graduated_on="2024-07-01")
    assert await cells(store, who, "a1", "身份证号") == {"a4": MASKED}
    assert (await cells(store, who, "a1", "出生日期"), await cells(store, who, "a1", "毕业日期")) == (
        {"a4": "1949-12-31"},
        {"a4": "2024-07-01"},
    )
    for heading in ("身份证号", "出生日期", "毕业日期"):  # an auditor reads the roll, not the files
        assert await cells(store, who, "auditor", heading) == {}
    content = await export_selection(store, await who("a1"), ["m-a4"], "核对", NOON, sealer=SEALER)
    shown = [str(cell.value) for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows() for cell in row]
    assert MASKED in shown
    assert NUMBER not in shown


async def test_in_full_it_needs_a_reason_and_the_right_and_each_member_sees_it(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), id_number=NUMBER)
    assert await cells(store, who, "a1", "身份证号", "开具介绍信") == {"a4": NUMBER}
    for name, reason, refusal in (("a1", " x ", ReasonMissing), ("auditor", "审计抽查", Forbidden), ("b1", "好奇", None)):
        if refusal is None:
            assert await cells(store, who, name, "身份证号", reason) == {}
            continue
        with pytest.raises(refusal):
            await cells(store, who, name, "身份证号", reason)
    lines = (await who_looked(store, await who("a4"), 1, 50)).lines
    assert [(one.account_id, one.action, one.detail["reason"]) for one in lines if one.action == "seeIdNumber"] == [
        ("acc-a1", "seeIdNumber", "开具介绍信")
    ]
    async with store.reading() as uow:
        logged, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True)))
    assert {"reason": "开具介绍信", "full": "true", "rows": "8"} in [one.detail for one in logged if one.action == "exportRoster"]


async def test_what_is_exported_in_full_or_masked_comes_back_as_nothing_changed(store: Store, who: Who) -> None:
    await edit(store, await who("a1"), id_number=NUMBER, graduated_on="2024-07-01")
    before = await stored(store, "a4")
    for reason in (None, "迁移数据"):
        content = await export_roster(store, await who("a1"), ExportRoster(file_format="xlsx", reason=reason), NOON, SEALER)
        report = await import_roster(store, await who("a1"), ImportRoster(content, "r.xlsx", dry_run=False), NOON, SEALER)
        assert (report.unchanged, report.complaints) == (8, ())
    assert await stored(store, "a4") == before
