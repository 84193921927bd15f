"""XLSX: opened again by another library, with typed cells."""

import io
from datetime import datetime, timedelta
from typing import Any

from openpyxl import load_workbook

from ledger.exports.columns import COLUMNS
from ledger.exports.xlsx import sheet_xlsx
from tests.ledger.exports.sheets import ATTACKS, a_sheet
from tests.ledger.story import HOUR


def opened(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def row_of(content: bytes, line: int) -> dict[str, Any]:
    page = opened(content).worksheets[1]
    return {column.key: page.cell(line, position).value for position, column in enumerate(COLUMNS, start=1)}


def test_cells_have_types() -> None:
    row = row_of(sheet_xlsx(a_sheet()), 2)
    assert (row["number"], row["name"], row["presentSeconds"], row["share"]) == ("0000", "王建国", 3600, 1)
    assert row["firstJoin"] == datetime(2026, 11, 24, 20, 0)
    assert row["connections"] == 1


def test_durations_are_durations_and_do_not_wrap() -> None:
    content = sheet_xlsx(a_sheet(length=26 * HOUR))
    cell = opened(content).worksheets[1].cell(2, [c.key for c in COLUMNS].index("presentClock") + 1)
    assert (cell.value, cell.number_format) == (timedelta(hours=26), "[h]:mm:ss")


def test_the_header_is_frozen_and_says_the_zone() -> None:
    page = opened(sheet_xlsx(a_sheet(), "en")).worksheets[1]
    assert page.freeze_panes == "E2"
    assert [c.value for c in page[1] if "(Asia/Shanghai)" in str(c.value)] == ["First join (Asia/Shanghai)", "Last leave (Asia/Shanghai)"]


def test_the_summary_names_the_absent() -> None:
    made = a_sheet()
    summary = {a.value: b.value for a, b in opened(sheet_xlsx(made)).worksheets[0].iter_rows()}
    assert (summary["应到"], summary["缺席"], summary["缺席人员"], summary["请假人员"]) == (5, 1, "陈静", "刘洋")
    assert (summary["末条事实序号"], summary["末条事实校验值"]) == (made.last_fact_number, made.last_fact_hash)


def test_nothing_in_an_attacked_sheet_is_a_formula_or_a_link() -> None:
    book = opened(sheet_xlsx(a_sheet(ATTACKS)))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    assert row_of(sheet_xlsx(a_sheet(ATTACKS)), 2)["name"] == ATTACKS[0]


def test_the_same_sheet_gives_the_same_bytes_dated_by_its_last_fact() -> None:
    content = sheet_xlsx(a_sheet())
    assert content == sheet_xlsx(a_sheet())
    assert opened(content).properties.created == datetime(2026, 11, 24, 13, 1)  # the objection, in UTC
