"""Rosters in and out: bytes → rows and complaints, rows → bytes. It decides whether a row can be read, not whether it is stored.

It knows spellings (headings, stages, dates in both languages) and limits; organisations, stored members and rights are the importer's. A
bad row is complained of by line, column, code and parameters, all of them at once, so that the file need be corrected once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date

from .idnumber import EARLIEST as BIRTHS_FROM
from .idnumber import read_id_number
from .model import MemberStatus, PostKind, Stage
from .registerfile import Cells, Complaint, Register, read_register, write_register
from .rosterwords import COLUMNS, EMAIL, MASKED_ID, PHONE, POSTS, SEXES, STAGES, STATUSES, TRUTHS, USERNAME, field_text


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
    born_on: date | None = None
    id_number: str | None = None  # in full, or masked as an export has it
    graduated_on: date | None = None


RosterComplaint = Complaint
Roster = Register[RosterRow]


def read_roster(content: bytes, filename: str) -> Roster:
    """Never raises for a bad file: what is wrong is in the complaints."""
    return read_register(content, filename, COLUMNS, _row, lambda row: (("number", row.number), ("username", row.username)))


def _row(read: Cells) -> RosterRow:
    row = RosterRow(
        line=read.line,
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
        born_on=read.day("bornOn", BIRTHS_FROM),
        id_number=_id_number(read),
        graduated_on=read.day("graduatedOn"),
    )
    if row.host_branch_code is not None and row.host_branch_code == row.branch_code:
        read.complain("hostBranchCode", "hostIsHome")
    return row


def _id_number(read: Cells) -> str | None:
    """The value is not repeated in a complaint: complaints are shown, saved and sent on."""
    text = read.text("idNumber")
    if text is None:
        return None
    if MASKED_ID.fullmatch(text):
        return text
    found = read_id_number(text, date.max)
    if found is None:
        read.complain("idNumber", "notAnIdNumber")
    return found.text if found else None


def write_roster_csv(rows: Iterable[RosterRow], locale: str = "zh") -> bytes:
    return _written(rows, locale, "csv")


def write_roster_xlsx(rows: Iterable[RosterRow], locale: str = "zh") -> bytes:
    return _written(rows, locale, "xlsx")


def _written(rows: Iterable[RosterRow], locale: str, file_format: str) -> bytes:
    return write_register(COLUMNS, _lines(rows, locale), "名册" if locale == "zh" else "Roster", locale, file_format)


def template_csv(locale: str = "zh") -> bytes:
    return write_roster_csv((_EXAMPLE[locale if locale == "zh" else "en"],), locale)


def template_xlsx(locale: str = "zh") -> bytes:
    return write_roster_xlsx((_EXAMPLE[locale if locale == "zh" else "en"],), locale)


def _lines(rows: Iterable[RosterRow], locale: str) -> list[list[str]]:
    names = [f.name for f in fields(RosterRow) if f.name != "line"]
    order = {key: next(n for n in names if n.replace("_", "") == key.lower()) for key in COLUMNS.columns}
    return [[field_text(key, getattr(row, order[key]), locale) for key in COLUMNS.columns] for row in rows]


_EXAMPLE_ZH = RosterRow(2, "20230001", "张三", "ZB01", "male", joined_on=date(2015, 7, 1), phone="13800000000", username="zhangsan")
_EXAMPLE = {"zh": _EXAMPLE_ZH, "en": replace(_EXAMPLE_ZH, name="Zhang San")}
