"""Rosters as people keep them: spellings that are understood, mistakes that are named by line and column, files that would hurt."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ledger.exports.xlsx import table_xlsx
from ledger.model import MemberStatus, PostKind, Stage
from ledger.registerfile import SENTENCES, parse_date
from ledger.roster import (
    Roster,
    RosterRow,
    read_roster,
    template_csv,
    template_xlsx,
    write_roster_csv,
    write_roster_xlsx,
)
from ledger.rosterfile import MAX_BYTES, MAX_ROWS

HEAD = "编号,姓名,所在支部代码"


def read(*lines: str, encoding: str = "utf-8") -> Roster:
    return read_roster("\r\n".join(lines).encode(encoding), "roster.csv")


def found(roster: Roster) -> list[tuple[int, str, str]]:
    return [(c.line, c.column, c.code) for c in roster.complaints]


FULL = RosterRow(
    2,
    "007",
    "李秀英",
    "ZB01",
    "female",
    Stage.PROBATIONARY,
    MemberStatus.PARTY_PROBATION,
    "ZB02",
    "XZ01",
    date(2015, 7, 1),
    "+86 138-0000-0000",
    "li@example.cn",
    PostKind.DEPUTY_SECRETARY,
    True,
    "li.xiuying",
)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(("write", "name"), [(write_roster_csv, "r.csv"), (write_roster_xlsx, "r.xlsx")])
def test_what_is_written_is_read_back(locale: str, write: object, name: str) -> None:
    rows = (FULL, RosterRow(3, "008", "=cmd()", "-1"), *(replace(FULL, line=4, number="9", username=None, post=post) for post in (None,)))
    content = write(rows, locale)  # type: ignore[operator]
    assert read_roster(content, name) == Roster(rows, ())
    assert content == write(rows, locale)  # type: ignore[operator]


@pytest.mark.parametrize("status", MemberStatus)
@pytest.mark.parametrize("post", PostKind)
def test_every_choice_survives_in_both_languages(status: MemberStatus, post: PostKind) -> None:
    row = replace(FULL, status=status, post=post)
    assert [read_roster(write_roster_csv((row,), locale), "r.csv").rows for locale in ("zh", "en")] == [(row,), (row,)]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_template_can_be_imported_as_it_is(locale: str) -> None:
    from_csv, from_xlsx = read_roster(template_csv(locale), "t.csv"), read_roster(template_xlsx(locale), "t.xlsx")
    assert (len(from_csv.rows), from_csv.complaints) == (1, ())
    assert from_csv == from_xlsx


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    roster = read(HEAD.replace(",", delimiter), delimiter.join(("1", "欧阳志远", "ZB01")), encoding=encoding)
    assert roster == Roster((RosterRow(2, "1", "欧阳志远", "ZB01"),), ())


@pytest.mark.parametrize(
    "heading", ["Number;NAME;Branch Code", "number;name;branchCode", "党员编号;姓名*;所在支部（代码）", "工号;姓 名;支部编码"]
)
def test_headings_in_many_spellings(heading: str) -> None:
    assert read(heading, "1;Li;ZB01") == Roster((RosterRow(2, "1", "Li", "ZB01"),), ())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-07-01", date(2020, 7, 1)),
        ("2020/7/1", date(2020, 7, 1)),
        ("2020.7.1", date(2020, 7, 1)),
        ("2020年7月1日", date(2020, 7, 1)),
        ("２０２０年７月１日", date(2020, 7, 1)),
        ("20200701", date(2020, 7, 1)),
        ("2020.07", date(2020, 7, 1)),
        ("2020年7月", date(2020, 7, 1)),
        ("202007", date(2020, 7, 1)),
        ("2020-07-01 00:00:00", date(2020, 7, 1)),
        ("2020-02-30", None),
        ("1899-01-01", None),
        ("7/1/2020", None),
        ("yesterday", None),
        ("2020", None),
    ],
)
def test_dates_in_several_spellings(text: str, day: date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("性别", "未知", "notAllowed"),
        ("类别", "群众", "notAllowed"),
        ("状态", "退休", "notAllowed"),
        ("职务", "主席", "notAllowed"),
        ("可不到会", "也许", "notAllowed"),
        ("入党日期", "去年", "notADate"),
        ("邮箱", "li@", "notAnEmail"),
        ("手机", "电话", "notAPhone"),
        ("用户名", "李", "notAUsername"),
        ("用户名", "Li Xiu", "notAUsername"),
        ("党小组代码", "x" * 41, "tooLong"),
        ("流入支部代码", "ZB01", "hostIsHome"),
        ("手机", "#N/A", "formulaError"),
        ("邮箱", "a\x07b@c.cn", "controlCharacter"),
    ],
)
def test_a_bad_cell_is_named_by_line_column_and_code(column: str, value: str, code: str) -> None:
    roster = read(f"{HEAD},{column}", "1,李,ZB01,", f"2,王,ZB01,{value}")
    assert code in [c.code for c in roster.complaints]
    assert {(c.line, c.column) for c in roster.complaints} == {(3, column)}
    assert [row.number for row in roster.rows] == ["1"]
    assert all(c.sentence(locale) for c in roster.complaints for locale in ("zh", "en"))


def test_all_mistakes_are_told_at_once() -> None:
    roster = read(f"{HEAD},性别,入党日期", ",李,ZB01,x,y", "2,王,ZB01,男,2020-01-01", "3,,,女,")
    assert found(roster) == [
        (2, "入党日期", "notADate"),
        (2, "性别", "notAllowed"),
        (2, "编号", "required"),
        (4, "姓名", "required"),
        (4, "所在支部代码", "required"),
    ]
    assert [row.number for row in roster.rows] == ["2"]


def test_duplicates_within_the_file_name_the_first_line() -> None:
    roster = read(f"{HEAD},用户名", "1,李,ZB01,aaa", "", "1,王,ZB01,bbb", "2,刘,ZB01,aaa")
    assert found(roster) == [(4, "编号", "duplicate"), (5, "用户名", "duplicate")]
    assert [c.params["first"] for c in roster.complaints] == [2, 2]
    assert [row.line for row in roster.rows] == [2]


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("编号,姓名", ["columnMissing"]),
        (f"{HEAD},编号", ["columnTwice"]),
        (f"{HEAD},星座", ["columnUnknown"]),
        ("x", ["columnUnknown", "columnMissing", "columnMissing", "columnMissing"]),
    ],
)
def test_a_bad_heading_stops_the_reading(header: str, codes: list[str]) -> None:
    roster = read(header, "1,李,ZB01,1")
    assert ([c.code for c in roster.complaints], roster.rows) == (codes, ())


def test_more_cells_than_headings() -> None:
    assert found(read(HEAD, "1,李,ZB01,x")) == [(2, "", "tooManyCells")]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 4_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "r.csv", "empty"),
        (b"\r\n ,\r\n", "r.csv", "empty"),
        (HEAD.encode(), "r.csv", "empty"),
        (b"x" * (MAX_BYTES + 1), "r.csv", "tooLarge"),
        ("\n".join([HEAD, *["1,x,y"] * (MAX_ROWS + 1)]).encode(), "r.csv", "tooManyRows"),
        (b"\xff\xfe\x00\xd8", "r.csv", "unknownEncoding"),
        (b"\x81\x20\xff", "r.csv", "unknownEncoding"),
        (b"a\0b", "r.csv", "unknownEncoding"),
        (b"," * 500, "r.csv", "unreadable"),
        (b"PK\x03\x04 torn", "r.xlsx", "unreadable"),
        (b"text", "r.xlsx", "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "r.xls", "unreadable"),
        (bomb(), "r.xlsx", "expandsTooMuch"),
    ],
)
def test_a_file_that_cannot_be_taken(content: bytes, name: str, code: str) -> None:
    roster = read_roster(content, name)
    assert ([(c.line, c.code) for c in roster.complaints], roster.rows) == ([(0, code)], ())
    assert all(roster.complaints[0].sentence(locale) for locale in ("zh", "en"))


def test_a_spreadsheet_as_people_fill_it_in() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["编号", "姓名", "所在支部代码", "入党日期", "手机", "可不到会", None])
    page.append([20230001, "李秀英", "ZB01", datetime(2015, 7, 1), 13800000000.0, True])
    page.append([None, None])
    page.append(["2", "王", "ZB01", "2015年7月", None, None])
    out = io.BytesIO()
    book.save(out)
    roster = read_roster(out.getvalue(), "名册.XLSX")
    first = RosterRow(2, "20230001", "李秀英", "ZB01", joined_on=date(2015, 7, 1), phone="13800000000", exempt=True)
    assert roster == Roster((first, RosterRow(4, "2", "王", "ZB01", joined_on=date(2015, 7, 1))), ())


def test_a_spreadsheet_with_too_many_rows() -> None:
    content = table_xlsx("x", ["编号"], [["1"]] * (MAX_ROWS + 1))
    assert [c.code for c in read_roster(content, "r.xlsx").complaints] == ["tooManyRows"]


@given(st.binary(max_size=300), st.sampled_from(["r.csv", "r.xlsx"]))
@settings(max_examples=100)
def test_no_bytes_raise(content: bytes, name: str) -> None:
    roster = read_roster(content, name)
    assert all(c.code in SENTENCES and c.sentence("zh") and c.sentence("en") for c in roster.complaints)


texts = st.text(
    alphabet=st.characters(min_codepoint=33, max_codepoint=0x9FFF, exclude_categories=("Cs", "Cc", "Z", "Cf")), min_size=1, max_size=12
)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5, unique_by=lambda pair: pair[0]))
@settings(max_examples=60)
def test_any_names_survive_csv_and_back(pairs: list[tuple[str, str]]) -> None:
    rows = tuple(RosterRow(i, n, name, "ZB01") for i, (n, name) in enumerate(pairs, start=2))
    roster = read_roster(write_roster_csv(rows), "r.csv")
    spoiled = {row.line for row in rows if row.number.startswith("#") or row.name.startswith("#")}  # might spell a formula's error
    assert tuple(row for row in roster.rows if row.line not in spoiled) == tuple(row for row in rows if row.line not in spoiled)
