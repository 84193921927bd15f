"""The activity certificate (流动党员活动证) as a card to print: A5, both languages, the signed code, and the years it was checked."""

from __future__ import annotations

import io

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ..actions.certificates import ShownCertificate
from .qr import modules
from .type import FONT, paragraph

RED = colors.HexColor("#9E1B1B")
INK = colors.HexColor("#2A2523")
LINE = colors.HexColor("#B9B2AE")
QUIET = 4  # modules around the code
_PLAIN = ParagraphStyle("card", fontName=FONT, fontSize=11, leading=16, wordWrap="CJK", textColor=INK)
_LABEL = ParagraphStyle("label", parent=_PLAIN, fontSize=8.5, leading=12, textColor=colors.HexColor("#6B625E"))
_TITLE = ParagraphStyle("cardTitle", parent=_PLAIN, fontSize=20, leading=27, alignment=TA_CENTER, textColor=RED)
_UNDER = ParagraphStyle("cardUnder", parent=_LABEL, alignment=TA_CENTER)


def certificate_pdf(shown: ShownCertificate, locale: str = "zh") -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pagesize=A5, invariant=1)
    page.setTitle(f"流动党员活动证 {shown.certificate.number}")
    page.setAuthor(shown.home.name)
    page.setCreator("Branchline")
    width, height = A5
    page.setStrokeColor(RED)
    page.setLineWidth(1.2)
    page.rect(8 * mm, 8 * mm, width - 16 * mm, height - 16 * mm)
    top = _set(page, "流动党员活动证", _TITLE, 12 * mm, height - 16 * mm, width - 24 * mm)
    top = _set(page, "Activity certificate of a floating Party member", _UNDER, 12 * mm, top, width - 24 * mm) - 6 * mm
    for label, text in _fields(shown, locale):
        _set(page, label, _LABEL, 18 * mm, top - 1, 40 * mm)
        top = _set(page, text, _PLAIN, 58 * mm, top, width - 74 * mm) - 2.5 * mm
    if shown.code is not None:
        _code(page, shown.code, width / 2, 58 * mm, 66 * mm)
        note = "扫码可核验真伪。" if locale == "zh" else "Scan to verify that it is genuine."
    else:
        note = "本证已撤销。" if locale == "zh" else "This certificate has been revoked."
    _set(page, note, _UNDER, 12 * mm, 22 * mm, width - 24 * mm)
    page.showPage()
    page.save()
    return out.getvalue()


def _fields(shown: ShownCertificate, locale: str) -> list[tuple[str, str]]:
    zh = locale == "zh"
    certificate = shown.certificate
    years = ("、" if zh else ", ").join(str(check.year) for check in certificate.checks) or "–"
    return [
        ("姓名" if zh else "Name", shown.member_name),
        ("编号" if zh else "Number", certificate.number),
        ("组织关系所在支部" if zh else "Home branch", shown.home.name),
        ("签发日期" if zh else "Issued on", certificate.issued_on.isoformat()),
        ("年度查验" if zh else "Checked in", years),
    ]


def _set(page: Canvas, text: str, style: ParagraphStyle, left: float, top: float, width: float) -> float:
    """Draw from the top down; answers where the text ends."""
    one = paragraph(text, style)
    _, height = one.wrap(width, 1000)
    one.drawOn(page, left, top - height)
    return top - float(height)


def _code(page: Canvas, code: str, middle: float, bottom_middle: float, size: float) -> None:
    rows = modules(code)
    module = size / (len(rows) + 2 * QUIET)
    left = middle - size / 2 + QUIET * module
    top = bottom_middle + size / 2 - QUIET * module
    page.setFillColor(colors.black)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark == "1":  # a hair wider, so that readers do not see lines between modules
                page.rect(left + x * module, top - (y + 1) * module, module * 1.01, module * 1.01, stroke=0, fill=1)
