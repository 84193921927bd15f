"""Rosters in and out: bytes → rows and complaints, rows → bytes. It decides whether a row can be read, not whether it is stored.

It knows spellings (headings, stages, dates in both languages) and limits; organisations, stored members and rights are the importer's. A
bad row is complained of by line, column, code and parameters, all of them at once, so that the file need be corrected once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from .exports.csv import csv_bytes, undefused
from .exports.xlsx import table_xlsx
from .model import MemberStatus, PostKind, Stage
from .rosterfile import RosterFileTrouble, read_table
from .rosterwords import (
    COLUMNS,
    EMAIL,
    HEADINGS,
    PHONE,
    POSTS,
    SEXES,
    STAGES,
    STATUSES,
    TRUTHS,
    USERNAME,
    field_text,
    heading_of,
    parse_date,
)

MAX_LENGTHS = {
    "number": 40,
    "name": 120,
    "branchCode": 40,
    "hostBranchCode": 40,
    "groupCode": 40,
    "phone": 40,
    "email": 120,
    "username": 64,
}
REQUIRED = ("number", "name", "branchCode")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person as the file says. `line` as a spreadsheet counts (the heading is 1). Codes are not resolved."""

    line: int
    number: str
    name: str
    branch_code: str
    sex: str | None = None  # "female" | "male"
    stage: Stage = Stage.FULL
    status: MemberStatus = MemberStatus.ACTIVE
    host_branch_code: str | None = None
    group_code: str | None = None
    joined_on: date | None = None
    phone: str | None = None
    email: str | None = None
    post: PostKind | None = None
    exempt: bool = False
    username: str | None = None


@dataclass(frozen=True, slots=True)
class RosterComplaint:
    """`line` 0: the file as a whole. `column`: the heading as it stands in the file."""

    line: int
    column: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def sentence(self, locale: str) -> str:
        zh, en = SENTENCES[self.code]
        return (zh if locale == "zh" else en).format(**self.params)


@dataclass(frozen=True, slots=True)
class Roster:
    """`rows` are the good ones, in order of the file."""

    rows: tuple[RosterRow, ...]
    complaints: tuple[RosterComplaint, ...]

    @property
    def bad_lines(self) -> frozenset[int]:
        return frozenset(c.line for c in self.complaints)


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
    "notAUsername": (
        "“{value}”不能用作用户名：3 至 64 个小写字母、数字、点、横线或下划线",
        "“{value}” cannot be a username: 3–64 of a–z, 0–9 . - _",
    ),
    "controlCharacter": ("含有不可见的控制字符", "contains an invisible control character"),
    "formulaError": ("单元格是公式错误值“{value}”", "the cell is a formula error “{value}”"),
    "duplicate": ("“{value}”在第 {first} 行已出现", "“{value}” is already in line {first}"),
    "hostIsHome": ("流入支部与所在支部相同", "the host branch is the home branch"),
    "tooManyCells": ("此行的列数多于标题行", "this row has more cells than the heading"),
}


def read_roster(content: bytes, filename: str) -> Roster:
    """Never raises for a bad file: what is wrong is in the complaints."""
    try:
        table = read_table(content, filename)
    except RosterFileTrouble as trouble:
        return Roster((), (RosterComplaint(0, "", trouble.code, trouble.params),))
    columns, complaints = _columns(table.header)
    if complaints:
        return Roster((), tuple(complaints))
    rows: list[RosterRow] = []
    for line, cells in table.rows:
        row, bad = _row(line, cells, columns, table.header)
        complaints += bad
        rows += [row] if row is not None else []
    complaints += _duplicates(rows, columns, table.header)
    if not table.rows:
        complaints.append(RosterComplaint(0, "", "empty"))
    bad_lines = {c.line for c in complaints}
    return Roster(tuple(r for r in rows if r.line not in bad_lines), tuple(sorted(complaints, key=lambda c: (c.line, c.column))))


def _columns(header: Sequence[str]) -> tuple[dict[str, int], list[RosterComplaint]]:
    """Column key → position in the file."""
    found: dict[str, int] = {}
    complaints: list[RosterComplaint] = []
    for position, heading in enumerate(header):
        key = heading_of(heading)
        if key is None and heading:
            complaints.append(RosterComplaint(1, heading, "columnUnknown", {"heading": heading}))
        elif key in found:
            complaints.append(RosterComplaint(1, heading, "columnTwice", {"heading": heading}))
        elif key is not None:
            found[key] = position
    for key in REQUIRED:
        if key not in found:
            zh, en = HEADINGS[key]
            complaints.append(RosterComplaint(1, "", "columnMissing", {"column": key, "zh": zh, "en": en}))
    return found, complaints


class _Cells:
    """One row being read: hands out values by column and collects what is wrong with them."""

    def __init__(self, line: int, cells: Sequence[str], columns: dict[str, int], header: Sequence[str]) -> None:
        self.line, self.complaints = line, [] if len(cells) <= len(header) else [RosterComplaint(line, "", "tooManyCells")]
        self._cells, self._columns, self._header = cells, columns, header

    def complain(self, key: str, code: str, **params: Any) -> None:
        self.complaints.append(RosterComplaint(self.line, self._header[self._columns[key]], code, params))

    def text(self, key: str) -> str | None:
        position = self._columns.get(key)
        raw = self._cells[position] if position is not None and position < len(self._cells) else ""
        value = undefused(raw.strip()).strip()
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            self.complain(key, "controlCharacter")
        elif value.startswith("#") and value.rstrip("!?").upper() in _ERRORS:
            self.complain(key, "formulaError", value=value)
        elif len(value) > MAX_LENGTHS.get(key, 200):
            self.complain(key, "tooLong", limit=MAX_LENGTHS.get(key, 200))
        elif not value and key in REQUIRED:
            self.complain(key, "required")
        return value or None

    def choice(self, key: str, words: dict[str, Any]) -> Any:
        value = self.text(key)
        if value is None:
            return None
        if value.casefold() not in words:
            self.complain(key, "notAllowed", value=value[:60], allowed="、".join(words))
        return words.get(value.casefold())

    def day(self, key: str) -> date | None:
        value = self.text(key)
        found = parse_date(value) if value is not None else None
        if value is not None and found is None:
            self.complain(key, "notADate", value=value[:60])
        return found

    def matching(self, key: str, code: str, allowed: Any) -> str | None:
        value = self.text(key)
        if value is not None and allowed.fullmatch(value) is None:
            self.complain(key, code, value=value[:60])
        return value


_ERRORS = frozenset({"#N/A", "#REF", "#VALUE", "#NAME", "#DIV/0", "#NULL", "#NUM"})


def _row(line: int, cells: Sequence[str], columns: dict[str, int], header: Sequence[str]) -> tuple[RosterRow | None, list[RosterComplaint]]:
    read = _Cells(line, cells, columns, header)
    row = RosterRow(
        line=line,
        number=read.text("number") or "",
        name=read.text("name") or "",
        branch_code=read.text("branchCode") or "",
        sex=read.choice("sex", SEXES),
        stage=read.choice("stage", STAGES) or Stage.FULL,
        status=read.choice("status", STATUSES) or MemberStatus.ACTIVE,
        host_branch_code=read.text("hostBranchCode"),
        group_code=read.text("groupCode"),
        joined_on=read.day("joinedOn"),
        phone=read.matching("phone", "notAPhone", PHONE),
        email=read.matching("email", "notAnEmail", EMAIL),
        post=read.choice("post", POSTS),
        exempt=read.choice("exempt", TRUTHS) or False,
        username=read.matching("username", "notAUsername", USERNAME),
    )
    if row.host_branch_code is not None and row.host_branch_code == row.branch_code:
        read.complain("hostBranchCode", "hostIsHome")
    return (None if read.complaints else row), read.complaints


def _duplicates(rows: Iterable[RosterRow], columns: dict[str, int], header: Sequence[str]) -> list[RosterComplaint]:
    """A number is one person and a username one account: the second line that has it is complained of."""
    first: dict[tuple[str, str], int] = {}
    complaints: list[RosterComplaint] = []
    for row in rows:
        for key, value in (("number", row.number), ("username", row.username)):
            if value is None:
                continue
            seen = first.setdefault((key, value), row.line)
            if seen != row.line:
                complaints.append(RosterComplaint(row.line, header[columns[key]], "duplicate", {"value": value, "first": seen}))
    return complaints


def write_roster_csv(rows: Iterable[RosterRow], locale: str = "zh") -> bytes:
    return csv_bytes([_header(locale), *_lines(rows, locale)])


def write_roster_xlsx(rows: Iterable[RosterRow], locale: str = "zh") -> bytes:
    return table_xlsx("名册" if locale == "zh" else "Roster", _header(locale), _lines(rows, locale))


def template_csv(locale: str = "zh") -> bytes:
    return write_roster_csv((_EXAMPLE[locale if locale == "zh" else "en"],), locale)


def template_xlsx(locale: str = "zh") -> bytes:
    return write_roster_xlsx((_EXAMPLE[locale if locale == "zh" else "en"],), locale)


def _header(locale: str) -> list[str]:
    return [HEADINGS[key][0 if locale == "zh" else 1] for key in COLUMNS]


def _lines(rows: Iterable[RosterRow], locale: str) -> list[list[str]]:
    names = [f.name for f in fields(RosterRow) if f.name != "line"]
    order = {key: next(n for n in names if n.replace("_", "") == key.lower()) for key in COLUMNS}
    return [[field_text(key, getattr(row, order[key]), locale) for key in COLUMNS] for row in rows]


_EXAMPLE_ZH = RosterRow(2, "20230001", "张三", "ZB01", "male", joined_on=date(2015, 7, 1), phone="13800000000", username="zhangsan")
_EXAMPLE = {"zh": _EXAMPLE_ZH, "en": replace(_EXAMPLE_ZH, name="Zhang San")}
