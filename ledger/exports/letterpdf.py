"""The letter of introduction on a sheet of A4 in its three parts – 存根, 介绍信, 回执 – and the receipt alone, as they are sealed and sent.

The form is Chinese, as the committee it goes to has to accept it. Whatever is not known is a line to be written on by hand. The parts are
cut apart along the dashed lines, over which the seal is set; the code and its square lead to the page that says how the letter stands.
"""

from __future__ import annotations

import io
from datetime import date

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.renderPDF import draw
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from ..actions.letters import PrintedLetter
from ..model import day_of
from .type import FONT, marked

INK = colors.HexColor("#1E1A18")
RED = colors.HexColor("#9E1B1B")
SOFT = colors.HexColor("#6B625C")
LEFT, RIGHT = 20 * mm, 190 * mm
WIDTH = RIGHT - LEFT
BLANK = "\u3000"
_TEXT = ParagraphStyle("letter", fontName=FONT, fontSize=12, leading=23, wordWrap="CJK", alignment=TA_JUSTIFY, textColor=INK)
_INDENTED = ParagraphStyle("indented", parent=_TEXT, firstLineIndent=24)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=9.5, leading=16)
_NUMBER = ParagraphStyle("number", parent=_SMALL, alignment=TA_RIGHT)
GAP = '<font name="Helvetica">&nbsp;&nbsp;&nbsp;&nbsp;</font>'  # the Chinese font has no such sign
_SEXES = {"male": "男", "female": "女"}
_STAGES = {"full": "正式", "probationary": "预备"}


def letter_pdf(letter: PrintedLetter, address: str) -> bytes:
    """`address`: of the page that checks the code; empty for a letter of a committee outside."""
    out = io.BytesIO()
    page = _page(out, f"组织关系介绍信 {letter.letter.number}", letter)
    _stub(page, letter, 277 * mm)
    _cut(page, 219 * mm)
    _introduction(page, letter, address, 211 * mm)
    _cut(page, 88 * mm)
    _receipt(page, letter, 80 * mm)
    page.save()
    return out.getvalue()


def receipt_pdf(letter: PrintedLetter) -> bytes:
    out = io.BytesIO()
    page = _page(out, f"组织关系介绍信回执 {letter.letter.number}", letter)
    _receipt(page, letter, 270 * mm)
    page.save()
    return out.getvalue()


def _page(out: io.BytesIO, title: str, letter: PrintedLetter) -> Canvas:
    page = Canvas(out, pagesize=A4, invariant=1)
    page.setTitle(title)
    page.setAuthor(letter.issuer)
    page.setCreator("Branchline")
    page.setFillColor(INK)
    return page


def _stub(page: Canvas, letter: PrintedLetter, top: float) -> None:
    _heading(page, "中国共产党党员组织关系介绍信存根", letter.letter.number, top, 14)
    body = (
        f"{_fill(letter.name, 4)}同志系中共{_fill(_STAGES[letter.stage], 2)}党员，组织关系由{_fill(letter.from_unit, 8)}"
        f"转到{_fill(letter.to_unit, 8)}。党费交至{_month(letter.letter.dues_paid_until)}。"
    )
    below = _set(page, body, top - 12 * mm, _INDENTED)
    _validity(page, letter, below - 6 * mm)
    _date(page, letter.letter.issued_on, below - 8.2 * mm)


def _introduction(page: Canvas, letter: PrintedLetter, address: str, top: float) -> None:
    _heading(page, "中国共产党党员组织关系介绍信", letter.letter.number, top, 17)
    y = _set(page, f"{_fill(letter.addressee, 10)}：", top - 13 * mm)
    y = _set(page, _person(letter), y - 1 * mm, _INDENTED)
    _validity(page, letter, y - 7 * mm)
    _seal(page, RIGHT - 45 * mm, y - 13 * mm, "（盖章）")
    _date(page, letter.letter.issued_on, y - 21 * mm)
    head = letter.letterhead
    lines = [
        ("党员联系电话或其他联系方式：", letter.phone, 12),
        ("党员原所在基层党委通讯地址：", head.address, 16),
    ]
    y -= 28 * mm
    for label, value, blanks in lines:
        y = _set(page, marked(label) + _fill(value, blanks), y, _SMALL, WIDTH - 32 * mm)
    row = "".join(
        marked(label) + _fill(value, blanks) + GAP
        for label, value, blanks in (("联系电话：", head.phone, 6), ("传真：", head.fax, 6), ("邮编：", head.post_code, 4))
    )
    y = _set(page, row, y, _SMALL, WIDTH - 32 * mm)
    if letter.national_reference:
        _set(page, marked(f"全国党员管理信息系统编号：{letter.national_reference}"), y, _SMALL, WIDTH - 32 * mm)
    if address:
        _code(page, letter, address, 92 * mm)


def _person(letter: PrintedLetter) -> str:
    group = (letter.ethnic_group or "").removesuffix("族")
    age = str(_age(letter.born_on, letter.letter.issued_on)) if letter.born_on else None
    return (
        f"{_fill(letter.name, 4)}同志（{_fill(_SEXES.get(letter.sex or ''), 2)}），{_fill(age, 2)}岁，{_fill(group, 3)}族，"
        f"系中共{_fill(_STAGES[letter.stage], 2)}党员，身份证号码{_fill(letter.id_number, 10)}，"
        f"由{_fill(letter.from_unit, 8)}去{_fill(letter.to_unit, 8)}，请转接组织关系。"
        f"该同志党费已交到{_month(letter.letter.dues_paid_until)}。"
    )


def _receipt(page: Canvas, letter: PrintedLetter, top: float) -> None:
    _heading(page, "中国共产党党员组织关系介绍信回执", letter.letter.number, top, 14)
    given = letter.receipt
    y = _set(page, f"{_fill(letter.issuer, 10)}：", top - 12 * mm)
    into = f"，编入{_fill(letter.receipt_branch, 8)}" if letter.receipt_branch and given else ""
    y = _set(page, f"{_fill(letter.name, 4)}同志的党员组织关系已转达我处{into}，特此回复。", y - 1 * mm, _INDENTED)
    _seal(page, RIGHT - 45 * mm, y - 8 * mm, "（盖章）")
    _date(page, day_of(given.at) if given else None, y - 16 * mm)
    signed = marked("经办人：") + _fill(given.signed_by if given else None, 6) + GAP + marked("联系电话：") + _fill(None, 7)
    _set(page, signed, y - 21 * mm, _SMALL)


def _heading(page: Canvas, title: str, number: str, top: float, size: float) -> None:
    page.setFont(FONT, size)
    page.setFillColor(RED)
    page.drawCentredString(A4[0] / 2, top - 2 * mm, title)
    page.setFillColor(INK)
    _set(page, f"编号：{marked(number)}", top - 5 * mm, _NUMBER)


def _validity(page: Canvas, letter: PrintedLetter, y: float) -> None:
    until = letter.letter.last_valid_day
    _set(page, f"（有效期{_fill(str(letter.letter.valid_days), 2)}天，至{marked(_day(until))}止）", y + 3.5 * mm)


def _date(page: Canvas, day: date | None, y: float) -> None:
    text = _day(day) if day else ""
    line = Paragraph(marked(text) or f"{GAP * 2}年{GAP}月{GAP}日", _TEXT)
    line.wrap(60 * mm, 20 * mm)
    line.drawOn(page, RIGHT - 42 * mm, y - 3.2 * mm)


def _seal(page: Canvas, x: float, y: float, text: str) -> None:
    page.setFont(FONT, 10.5)
    page.setFillColor(SOFT)
    page.drawString(x + 8 * mm, y, text)
    page.setFillColor(INK)


def _cut(page: Canvas, y: float) -> None:
    """Where the parts are cut, and where the seal is set over two of them."""
    page.saveState()
    page.setStrokeColor(SOFT)
    page.setLineWidth(0.6)
    page.setDash(3, 2.4)
    page.line(12 * mm, y, 198 * mm, y)
    page.setDash()
    page.setFillColor(colors.white)
    page.rect(A4[0] / 2 - 27 * mm, y - 3 * mm, 54 * mm, 6 * mm, stroke=0, fill=1)
    page.setFillColor(SOFT)
    page.setFont(FONT, 9.5)
    page.drawCentredString(A4[0] / 2, y - 1.2 * mm, "（加 盖 骑 缝 章）")
    page.restoreState()


def _code(page: Canvas, letter: PrintedLetter, address: str, bottom: float) -> None:
    size = 24 * mm
    square = QrCodeWidget(address, barLevel="M", barBorder=0)
    x0, y0, x1, y1 = square.getBounds()
    drawing = Drawing(size, size, transform=[size / (x1 - x0), 0, 0, size / (y1 - y0), 0, 0])
    drawing.add(square)
    x = RIGHT - size
    draw(drawing, page, x, bottom + 9 * mm)
    page.setFont(FONT, 7.5)
    page.setFillColor(SOFT)
    page.drawCentredString(x + size / 2, bottom + 5.2 * mm, "扫码或凭校验码核验真伪")
    page.setFont("Courier-Bold", 9)
    page.setFillColor(INK)
    page.drawCentredString(x + size / 2, bottom + 1.6 * mm, letter.letter.verification_code)


def _fill(value: str | None, blanks: int) -> str:
    """A value on its line, or the empty line."""
    return f"<u>{BLANK}{marked(value)}{BLANK}</u>" if value else f'<font name="Helvetica">{"_" * blanks * 2}</font>'


def _month(year_month: str) -> str:
    year, _, month = year_month.partition("-")
    return f"{_fill(year, 3)}年{_fill(month, 2)}月"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _age(born_on: date, today: date) -> int:
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def _set(page: Canvas, text: str, top: float, style: ParagraphStyle = _TEXT, width: float = WIDTH) -> float:
    """A paragraph with its upper edge at `top`. → where it ends."""
    block = Paragraph(text, style)
    _, height = block.wrap(width, A4[1])
    block.drawOn(page, LEFT, top - height)
    return top - height
