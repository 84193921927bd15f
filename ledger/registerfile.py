"""Registers as spreadsheets: bytes → rows and complaints, for rosters, transfers, registrations and whatever else is kept in tables.

It knows headings in both languages, kinds of cells and the faults a cell can have; what a row means is its reader's. A bad row is
complained of by line, column, code and parameters, all of them at once, so that the file need be corrected once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from .exports.csv import csv_bytes, undefused
from .exports.xlsx import table_xlsx
from .rosterfile import RosterFileTrouble, read_table

LONGEST = 200  # signs in a cell, unless its column says otherwise


@dataclass(frozen=True, slots=True)
class Complaint:
    """`line` 0: the file as a whole. `column`: the heading as it stands in the file."""

    line: int
    column: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def sentence(self, locale: str) -> str:
        zh, en = SENTENCES[self.code]
        return (zh if locale == "zh" else en).format(**self.params)


@dataclass(frozen=True, slots=True)
class Column:
    """`also`: further spellings of the heading, parted by blanks."""

    zh: str
    en: str
    also: str = ""
    required: bool = False
    limit: int = LONGEST


class Columns:
    """The columns of one kind of register, by key, in the order in which they are written."""

    def __init__(self, **columns: Column) -> None:
        self.columns: Mapping[str, Column] = columns
        self._keys = {_bare(h): key for key, one in columns.items() for h in (key, one.zh, one.en, *one.also.split())}

    def key_of(self, heading: str) -> str | None:
        return self._keys.get(_bare(heading))

    def headings(self, locale: str) -> list[str]:
        return [one.zh if locale == "zh" else one.en for one in self.columns.values()]


class HasLine(Protocol):
    @property
    def line(self) -> int: ...


Row = TypeVar("Row", bound=HasLine)


@dataclass(frozen=True)  # without slots: calling `Register[Row]` sets an attribute
class Register(Generic[Row]):
    """`rows` are the good ones, in order of the file. `headings`: column key → the heading as it stands in the file."""

    rows: tuple[Row, ...]
    complaints: tuple[Complaint, ...]
    headings: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def bad_lines(self) -> frozenset[int]:
        return frozenset(one.line for one in self.complaints)


SENTENCES: dict[str, tuple[str, str]] = {
    "tooLarge": ("文件超过 {limit} 字节，请拆分后导入", "the file is larger than {limit} bytes; split it"),
    "tooManyRows": ("文件超过 {limit} 行，请拆分后导入", "the file has more than {limit} rows; split it"),
    "unreadable": ("无法读取此文件，请使用 CSV 或 XLSX 格式", "the file cannot be read; use CSV or XLSX"),
    "unknownEncoding": ("文字编码无法识别，请另存为 UTF-8 编码的 CSV", "the encoding is unknown; save as CSV in UTF-8"),
    "expandsTooMuch": ("文件解压后过大，已拒绝", "the file unpacks to too much and was refused"),
    "empty": ("文件中没有数据行", "the file has no rows"),
    "columnMissing": ("缺少“{zh}”列", "the column “{en}” is missing"),
    "columnTwice": ("“{heading}”列出现了两次", "the column “{heading}” is there twice"),
    "columnUnknown": (
        "不认识“{heading}”列，请删除或改用模板中的列名",
        "the column “{heading}” is not known; remove it or use the template's heading",
    ),
    "required": ("此项必填", "this must be filled in"),
    "tooLong": ("超过 {limit} 个字符", "longer than {limit} characters"),
    "notAllowed": ("“{value}”不可用，可填：{allowed}", "“{value}” is not possible; use one of: {allowed}"),
    "notADate": ("“{value}”不是日期，请写成 2020-07-01", "“{value}” is not a date; write 2020-07-01"),
    "notAnEmail": ("“{value}”不是电子邮箱地址", "“{value}” is not an e-mail address"),
    "notAPhone": ("“{value}”不是电话号码", "“{value}” is not a phone number"),
    "notAnIdNumber": (
        "不是有效的公民身份号码，请核对；在表格软件中请把此列设为文本格式",
        "this is no valid ID number; check it, and keep the column as text in a spreadsheet",
    ),
    "notAUsername": (
        "“{value}”不能用作用户名：3 至 64 个小写字母、数字、点、横线或下划线",
        "“{value}” cannot be a username: 3–64 of a–z, 0–9 . - _",
    ),
    "notANumber": ("“{value}”应为 {least} 至 {most} 的整数", "“{value}” is not a whole number from {least} to {most}"),
    "notAMonth": ("“{value}”不是月份，请写成 2026-05", "“{value}” is not a month; write 2026-05"),
    "notAnAmount": ("“{value}”不是金额，请写成 12.50", "“{value}” is not an amount; write 12.50"),
    "tooEarly": ("早于 {day}，请核对", "that is before {day}; check it"),
    "inTheFuture": ("日期晚于今天，请核对", "that is after today; check it"),
    "memberUnknown": (
        "没有编号为“{value}”的党员，或您无权办理",
        "there is no member with the number “{value}”, or you may not act for them",
    ),
    "nameDiffers": ("编号“{value}”的党员不叫这个姓名", "the member with the number “{value}” has another name"),
    "notYours": ("您无权办理此项", "this is not for you to do"),
    "controlCharacter": ("含有不可见的控制字符", "contains an invisible control character"),
    "formulaError": ("单元格是公式错误值“{value}”", "the cell is a formula error “{value}”"),
    "duplicate": ("“{value}”在第 {first} 行已出现", "“{value}” is already in line {first}"),
    "hostIsHome": ("流入支部与所在支部相同", "the host branch is the home branch"),
    "tooManyCells": ("此行的列数多于标题行", "this row has more cells than the heading"),
}


_ERRORS = frozenset({"#N/A", "#REF", "#VALUE", "#NAME", "#DIV/0", "#NULL", "#NUM"})


class Cells:
    """One row being read: hands out values by column and collects what is wrong with them."""

    def __init__(self, line: int, cells: Sequence[str], places: Mapping[str, int], header: Sequence[str], columns: Columns) -> None:
        self.line, self.complaints = line, [] if len(cells) <= len(header) else [Complaint(line, "", "tooManyCells")]
        self._cells, self._columns, self._header, self._kinds = cells, places, header, columns.columns

    def complain(self, key: str, code: str, **params: Any) -> None:
        position = self._columns.get(key)
        heading = self._header[position] if position is not None else ""
        self.complaints.append(Complaint(self.line, heading, code, params))

    def text(self, key: str) -> str | None:
        position = self._columns.get(key)
        raw = self._cells[position] if position is not None and position < len(self._cells) else ""
        value = undefused(raw.strip()).strip()
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            self.complain(key, "controlCharacter")
        elif value.startswith("#") and value.rstrip("!?").upper() in _ERRORS:
            self.complain(key, "formulaError", value=value)
        elif len(value) > self._kinds[key].limit:
            self.complain(key, "tooLong", limit=self._kinds[key].limit)
        elif not value and self._kinds[key].required:
            self.complain(key, "required")
        return value or None

    def number(self, key: str, least: int, most: int) -> int | None:
        value = self.text(key)
        found = int(value) if value is not None and value.isdecimal() and len(value) < 10 else None
        if value is not None and (found is None or not least <= found <= most):
            self.complain(key, "notANumber", value=value[:60], least=least, most=most)
            return None
        return found

    def month(self, key: str) -> str | None:
        """ "2026-05", however it is written."""
        value = self.text(key)
        found = parse_date(value) if value is not None else None
        if value is not None and found is None:
            self.complain(key, "notAMonth", value=value[:60])
        return found.strftime("%Y-%m") if found else None

    def choice(self, key: str, words: dict[str, Any]) -> Any:
        value = self.text(key)
        if value is None:
            return None
        if value.casefold() not in words:
            self.complain(key, "notAllowed", value=value[:60], allowed="、".join(words))
        return words.get(value.casefold())

    def day(self, key: str, earliest: date | None = None) -> date | None:
        value = self.text(key)
        found = parse_date(value, earliest or EARLIEST) if value is not None else None
        if value is not None and found is None:
            self.complain(key, "notADate", value=value[:60])
        return found

    def matching(self, key: str, code: str, allowed: Any) -> str | None:
        value = self.text(key)
        if value is not None and allowed.fullmatch(value) is None:
            self.complain(key, code, value=value[:60])
        return value


def _bare(heading: str) -> str:
    """Case, width, spaces, hyphens, a required-mark and a bracketed hint do not make another heading."""
    plain = re.sub(r"[(（\[].*$", "", unicodedata.normalize("NFKC", heading))
    return re.sub(r"[\s_\-*:：]+", "", plain).casefold()


def read_register(
    content: bytes,
    filename: str,
    columns: Columns,
    read: Callable[[Cells], Row],
    unique: Callable[[Row], Iterable[tuple[str, str | None]]] = lambda row: (),
) -> Register[Row]:
    """Never raises for a bad file: what is wrong is in the complaints. `unique`: column keys and values that no other line may have."""
    try:
        table = read_table(content, filename)
    except RosterFileTrouble as trouble:
        return Register((), (Complaint(0, "", trouble.code, trouble.params),))
    found, complaints = _placed(table.header, columns)
    if complaints:
        return Register((), tuple(complaints))
    rows: list[Row] = []
    for line, texts in table.rows:
        cells = Cells(line, texts, found, table.header, columns)
        row = read(cells)
        complaints += cells.complaints
        rows += [] if cells.complaints else [row]
    headings = {key: table.header[position] for key, position in found.items()}
    complaints += _twice(rows, headings, unique)
    if not table.rows:
        complaints.append(Complaint(0, "", "empty"))
    bad = {one.line for one in complaints}
    ordered = tuple(sorted(complaints, key=lambda one: (one.line, one.column)))
    return Register(tuple(row for row in rows if row.line not in bad), ordered, headings)


def write_register(columns: Columns, lines: Sequence[Sequence[str]], title: str, locale: str, file_format: str) -> bytes:
    """`file_format`: csv | xlsx."""
    heading = columns.headings(locale)
    return table_xlsx(title, heading, [list(line) for line in lines]) if file_format == "xlsx" else csv_bytes([heading, *map(list, lines)])


def spellings(words: Mapping[Any, tuple[str, ...]]) -> dict[str, Any]:
    """Every spelling of a choice → its value."""
    return {spelling.casefold(): value for value, found in words.items() for spelling in found}


def _placed(header: Sequence[str], columns: Columns) -> tuple[dict[str, int], list[Complaint]]:
    """Column key → position in the file."""
    found: dict[str, int] = {}
    complaints: list[Complaint] = []
    for position, heading in enumerate(header):
        key = columns.key_of(heading)
        if key is None and heading:
            complaints.append(Complaint(1, heading, "columnUnknown", {"heading": heading}))
        elif key in found:
            complaints.append(Complaint(1, heading, "columnTwice", {"heading": heading}))
        elif key is not None:
            found[key] = position
    for key, one in columns.columns.items():
        if one.required and key not in found:
            complaints.append(Complaint(1, "", "columnMissing", {"column": key, "zh": one.zh, "en": one.en}))
    return found, complaints


def _twice(rows: Iterable[Row], headings: Mapping[str, str], unique: Callable[[Row], Iterable[tuple[str, str | None]]]) -> list[Complaint]:
    """The second line that has a value nobody else may have is complained of."""
    first: dict[tuple[str, str], int] = {}
    complaints: list[Complaint] = []
    for row in rows:
        for key, value in unique(row):
            if value is None:
                continue
            seen = first.setdefault((key, value), row.line)
            if seen != row.line:
                complaints.append(Complaint(row.line, headings.get(key, ""), "duplicate", {"value": value, "first": seen}))
    return complaints


_DATE = re.compile(r"(\d{4})\s*(?:[-/.]|年)\s*(\d{1,2})(?:\s*(?:[-/.]|月)\s*(\d{1,2})\s*日?|\s*月)?(?:[ T]00:00(?::00)?)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})?")
EARLIEST = date(1921, 7, 1)


def parse_date(text: str, earliest: date = EARLIEST) -> date | None:
    """2020-07-01, 2020/7/1, 2020.7.1, 2020年7月1日, 20200701; without a day (2020.07, 2020年7月, 202007) the first of the month."""
    plain = unicodedata.normalize("NFKC", text)
    match = _DATE.fullmatch(plain) or _PACKED.fullmatch(plain)
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found >= earliest else None
