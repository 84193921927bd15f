"""An old register of transfers as a file: one line for each, as branches and committees have kept them in spreadsheets.

`from` and `to` are codes of branches here, or names of organisations outside, and one of them is here. A line with a receipt is a transfer
of the past; one without is still on its way. What the codes and numbers lead to is the importer's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .registerfile import Cells, Column, Columns, Register, read_register, write_register

COLUMNS = Columns(
    number=Column("党员编号", "Member number", "编号 工号 number", required=True, limit=40),
    name=Column("姓名", "Name", "党员姓名", limit=120),
    from_place=Column("转出党组织", "From", "转出支部 转出支部代码 转出地 from", required=True),
    to_place=Column("转入党组织", "To", "转入支部 转入支部代码 转入地 去向 to", required=True),
    reason=Column("转接原因", "Reason", "原因 事由", limit=1000),
    letter_number=Column("介绍信编号", "Letter number", "介绍信号 编号字号", required=True, limit=64),
    issued_on=Column("开具日期", "Issued on", "介绍信日期 日期", required=True),
    valid_days=Column("有效期天数", "Valid days", "有效期 有效天数"),
    dues_until=Column("党费交至", "Dues paid until", "党费交至月份 党费"),
    receipt_on=Column("回执日期", "Receipt on", "收到回执日期 回执"),
    signed_by=Column("经办人", "Signed by", "回执经办人", limit=120),
    reference=Column("全国系统编号", "National reference", "系统编号", limit=80),
)


@dataclass(frozen=True, slots=True)
class TransferRow:
    """`line` as a spreadsheet counts. `receipt_on` None: on its way."""

    line: int
    number: str
    from_place: str
    to_place: str
    letter_number: str
    issued_on: date
    name: str = ""
    reason: str = ""
    valid_days: int = 90
    dues_until: str = ""
    receipt_on: date | None = None
    signed_by: str = ""
    reference: str = ""


def read_transfer_register(content: bytes, filename: str) -> Register[TransferRow]:
    return read_register(content, filename, COLUMNS, _row)


def transfer_template(locale: str, file_format: str) -> bytes:
    english = {1: "Zhang San", 3: "Organisation outside", 4: "new work", 10: "Li Si"}
    example = _EXAMPLE if locale == "zh" else [english.get(place, text) for place, text in enumerate(_EXAMPLE)]
    return write_register(COLUMNS, [example], "组织关系转接" if locale == "zh" else "Transfers", locale, file_format)


_EXAMPLE = ["20230001", "张三", "ZB01", "某县委组织部", "工作调动", "2025-017", "2025-03-01", "90", "2025-02", "2025-03-20", "李四", ""]


def _row(read: Cells) -> TransferRow:
    issued_on, receipt_on = read.day("issued_on"), read.day("receipt_on")
    row = TransferRow(
        line=read.line,
        number=read.text("number") or "",
        from_place=read.text("from_place") or "",
        to_place=read.text("to_place") or "",
        letter_number=read.text("letter_number") or "",
        issued_on=issued_on or date.max,
        name=read.text("name") or "",
        reason=read.text("reason") or "",
        valid_days=read.number("valid_days", 1, 90) or 90,
        dues_until=read.month("dues_until") or "",
        receipt_on=receipt_on,
        signed_by=read.text("signed_by") or "",
        reference=read.text("reference") or "",
    )
    if issued_on is not None and receipt_on is not None and receipt_on < issued_on:
        read.complain("receipt_on", "tooEarly", day=issued_on.isoformat())
    return row
