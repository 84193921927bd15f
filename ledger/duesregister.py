"""Old registers of dues as files, as branches have kept them in spreadsheets: who, which months, when, how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from .registerfile import Cells, Column, Columns, Register, read_register, write_register

MOST_FEN = 100_000_000
DUES = Columns(
    number=Column("党员编号", "Member number", "编号 工号 number", required=True, limit=40),
    name=Column("姓名", "Name", "党员姓名", limit=120),
    from_month=Column("起始月份", "From month", "月份 交纳月份 自", required=True),
    to_month=Column("截止月份", "To month", "至 交至"),
    paid_on=Column("交纳日期", "Paid on", "日期 交费日期", required=True),
    amount=Column("金额（元）", "Amount (yuan)", "金额 交纳金额 实交金额", limit=20),
)


@dataclass(frozen=True, slots=True)
class DuesRow:
    line: int
    number: str
    from_month: str
    to_month: str
    paid_on: date
    amount_fen: int | None = None
    name: str = ""


def read_dues(content: bytes, filename: str) -> Register[DuesRow]:
    return read_register(content, filename, DUES, _row)


def dues_template(locale: str, file_format: str) -> bytes:
    zh = locale == "zh"
    row = ["20230001", "张三" if zh else "Zhang San", "2026-01", "2026-03", "2026-01-10", "60.00"]
    return write_register(DUES, [row], "党费交纳记录" if zh else "Dues", locale, file_format)


def fen_of(text: str) -> int | None:
    """ "12.50" in yuan → 1250; None for what is no amount."""
    try:
        fen = Decimal(text.replace(",", "").removeprefix("¥").removesuffix("元").strip()) * 100
    except InvalidOperation:
        return None
    return int(fen) if fen.is_finite() and fen == fen.to_integral_value() and 0 < fen <= MOST_FEN else None


def _row(read: Cells) -> DuesRow:
    first, last, paid_on = read.month("from_month"), read.month("to_month"), read.day("paid_on")
    amount = read.text("amount")
    fen = fen_of(amount) if amount is not None else None
    if amount is not None and fen is None:
        read.complain("amount", "notAnAmount", value=amount[:60])
    return DuesRow(
        line=read.line,
        number=read.text("number") or "",
        from_month=first or "",
        to_month=last or first or "",
        paid_on=paid_on or date.max,
        amount_fen=fen,
        name=read.text("name") or "",
    )
