"""The attendance sheet as a PDF on A4, as one puts it before a committee: title, what and when, counts with names, table, signature lines.

A character the font does not have is shown as 〓 and the page says so. Byte for byte the same from the same sheet (invariant mode).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from ..model import Capacity
from ..rules.corrections import AttendanceGrade
from ..sheet import AttendanceSheet, SheetRow
from .columns import correction_text
from .type import FONT, GETA, paragraph, printable
from .words import DEFAULT_ZONE, clock, local, word

RED = colors.HexColor("#9E1B1B")
LINE = colors.HexColor("#B9B2AE")
SHADE = colors.HexColor("#F6F1EF")

_BODY = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=12.5, wordWrap="CJK")
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7.5, leading=10, textColor=colors.HexColor("#4A4543"))
_HEAD = ParagraphStyle("head", parent=_BODY, fontSize=8, leading=10, alignment=TA_CENTER)
_CENTRE = ParagraphStyle("centre", parent=_BODY, fontSize=8, leading=10.5, alignment=TA_CENTER)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=18, leading=24, alignment=TA_CENTER)
_UNDER = ParagraphStyle("under", parent=_BODY, fontSize=10.5, leading=15, alignment=TA_CENTER, spaceAfter=4)

_WIDTHS = [w * mm for w in (8, 18, 24, 20, 19, 19, 16, 13, 14, 11, 18)]  # 180 mm: A4 less the margins
_HEADINGS = {
    "zh": ("序", "编号", "姓名", "认定", "首次进入", "最后离开", "在会", "比例", "发言", "连接", "身份"),
    "en": ("No.", "Number", "Name", "Grade", "First join", "Last leave", "Present", "Share", "Spoke", "Conn.", "Capacity"),
}


def sheet_pdf(sheet: AttendanceSheet, locale: str = "zh", zone: str = DEFAULT_ZONE) -> bytes:
    out = io.BytesIO()
    title = "会议考勤表" if locale == "zh" else "Attendance sheet"
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=16 * mm,
        bottomMargin=20 * mm,
        title=f"{title} {sheet.title}",
        author=sheet.org_name,
        creator="Branchline",
        invariant=1,
    )
    story: list[Flowable] = [paragraph(title, _TITLE), paragraph(sheet.org_name, _UNDER), _header(sheet, locale, zone), Spacer(1, 4 * mm)]
    story += [_counts(sheet, locale), Spacer(1, 1.5 * mm), *_names(sheet, locale), Spacer(1, 3 * mm), _table(sheet, locale, zone)]
    story += [Spacer(1, 3 * mm), *_remarks(sheet, locale), KeepTogether([Spacer(1, 9 * mm), _signatures(locale)])]
    document.build(story, canvasmaker=_footed(sheet, locale))
    return out.getvalue()


def _header(sheet: AttendanceSheet, locale: str, zone: str) -> Table:
    zh = locale == "zh"
    opened, ended = _minute(sheet.opened_at, zone), _minute(sheet.ended_at, zone)
    late = ("（补录）" if zh else " (late entry)") if sheet.late_entry else ""
    cells = [
        ("会议" if zh else "Meeting", sheet.title, "形式" if zh else "Form", word(sheet.form, locale)),
        (
            "计划时间" if zh else "Planned",
            _from_to(_minute(sheet.planned_start, zone), _minute(sheet.planned_end, zone)),
            *_chair(sheet, zh),
        ),
        ("实际时间" if zh else "Actual", _from_to(opened, ended) + late, "时长" if zh else "Length", clock(sheet.session.seconds)),
    ]
    rows = [[paragraph(a, _SMALL), paragraph(b, _BODY), paragraph(c, _SMALL), paragraph(d, _BODY)] for a, b, c, d in cells]
    table = Table(rows, colWidths=[18 * mm, 88 * mm, 18 * mm, 56 * mm])
    table.setStyle(TableStyle([*_GRID, ("BACKGROUND", (0, 0), (0, -1), SHADE), ("BACKGROUND", (2, 0), (2, -1), SHADE)]))
    return table


def _chair(sheet: AttendanceSheet, zh: bool) -> tuple[str, str]:
    return ("主持人" if zh else "Chair"), sheet.chair_name or "—"


_GRID: list[Any] = [
    ("GRID", (0, 0), (-1, -1), 0.4, LINE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 2.2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]


def _minute(instant: float | None, zone: str) -> str:
    return local(instant, zone).strftime("%Y-%m-%d %H:%M") if instant is not None else "—"


def _from_to(start: str, end: str) -> str:
    """The day is said once where both are on the same one."""
    same = start != "—" and start[:10] == end[:10]
    return f"{start} – {end[11:] if same else end}"


def _counts(sheet: AttendanceSheet, locale: str) -> Table:
    c, zh = sheet.counts, locale == "zh"
    shown = [
        ("应到" if zh else "Expected", c.expected),
        (word(AttendanceGrade.PRESENT, locale), c.present),
        (word(AttendanceGrade.PARTLY_PRESENT, locale), c.partly_present),
        (word(AttendanceGrade.EXCUSED, locale), c.excused),
        (word(AttendanceGrade.ABSENT, locale), c.absent),
        (word(AttendanceGrade.EXEMPT, locale), c.exempt),
        ("列席" if zh else "Non-voting", c.observers),
        ("流入党员" if zh else "Host members", c.host_members),
    ]
    number = ParagraphStyle("number", parent=_CENTRE, fontSize=13, leading=17)
    rows = [[paragraph(str(n), number) for _, n in shown], [paragraph(label.capitalize(), _HEAD) for label, _ in shown]]
    table = Table(rows, colWidths=[180 * mm / len(shown)] * len(shown))
    rules: list[Any] = [
        ("LINEABOVE", (0, 0), (-1, 0), 0.9, RED),
        ("LINEBELOW", (0, 1), (-1, 1), 0.4, LINE),
        ("BOTTOMPADDING", (0, 1), (-1, 1), 5),
        ("VALIGN", (0, 1), (-1, 1), "TOP"),
    ]
    table.setStyle(TableStyle(rules))
    return table


def _names(sheet: AttendanceSheet, locale: str) -> list[Flowable]:
    """Whoever was expected and not fully there, by name. The absent are always said, even when there are none."""
    joiner, none = ("、", "无") if locale == "zh" else (", ", "none")
    lines: list[Flowable] = []
    for grade in (AttendanceGrade.ABSENT, AttendanceGrade.EXCUSED, AttendanceGrade.PARTLY_PRESENT, AttendanceGrade.EXEMPT):
        names = joiner.join(_with_reason(sheet, grade, locale))
        if names or grade is AttendanceGrade.ABSENT:
            colon = "：" if locale == "zh" else ": "
            lines.append(paragraph(f"{word(grade, locale).capitalize()}{colon}{names or none}", _BODY))
    return lines


def _with_reason(sheet: AttendanceSheet, grade: AttendanceGrade, locale: str) -> list[str]:
    """Minutes name the reason of a leave beside the name."""
    rows = [row for row in sheet.rows if row.capacity is Capacity.EXPECTED and row.grade is grade]
    if grade is not AttendanceGrade.EXCUSED:
        return [row.name for row in rows]
    return [
        (f"{r.name}（{r.leave_reason}）" if locale == "zh" else f"{r.name} ({r.leave_reason})") if r.leave_reason else r.name for r in rows
    ]


def _table(sheet: AttendanceSheet, locale: str, zone: str) -> Table:
    head = [paragraph(heading, _HEAD) for heading in _HEADINGS[locale if locale == "zh" else "en"]]
    rows = [_line(i, row, sheet, locale, zone) for i, row in enumerate(sheet.rows, start=1)]
    table = Table([head, *rows], colWidths=_WIDTHS, repeatRows=1)
    absent = [i for i, row in enumerate(sheet.rows, start=1) if row.grade is AttendanceGrade.ABSENT]
    marks: list[Any] = [("BACKGROUND", (3, i), (3, i), colors.HexColor("#F6DEDC")) for i in absent]
    tight: list[Any] = [("LEFTPADDING", (0, 0), (-1, -1), 2.5), ("RIGHTPADDING", (0, 0), (-1, -1), 2.5)]
    table.setStyle(TableStyle([*_GRID, *tight, ("BACKGROUND", (0, 0), (-1, 0), SHADE), ("LINEABOVE", (0, 0), (-1, 0), 0.9, RED), *marks]))
    return table


def _line(position: int, row: SheetRow, sheet: AttendanceSheet, locale: str, zone: str) -> list[Paragraph]:
    record = row.record
    mark = "*" if record.corrections else ""
    share = f"{record.share * 100:.0f}%" if record.present_seconds else "—"
    spoke = clock(record.speech.speaking_seconds) if record.speech.speaking_seconds else "—"
    presence = clock(record.present_seconds) if record.present_seconds else "—"
    texts: Sequence[tuple[str, ParagraphStyle]] = (
        (str(position), _CENTRE),
        (row.number, _CENTRE),
        (row.name + mark, _BODY),
        (word(row.grade, locale), _CENTRE),
        (_time(record.first_join, sheet, zone), _CENTRE),
        (_time(record.last_leave, sheet, zone), _CENTRE),
        (presence, _CENTRE),
        (share, _CENTRE),
        (spoke, _CENTRE),
        (str(record.connections or "—"), _CENTRE),
        (word(row.capacity, locale), _CENTRE),
    )
    return [paragraph(text, style) for text, style in texts]


def _time(instant: float | None, sheet: AttendanceSheet, zone: str) -> str:
    """The time alone while it is the day of the meeting, with the date when it is not."""
    if instant is None:
        return "—"
    at, day = local(instant, zone), local(sheet.opened_at or sheet.planned_start, zone).date()
    return at.strftime("%H:%M:%S") if at.date() == day else at.strftime("%m-%d %H:%M:%S")


def _remarks(sheet: AttendanceSheet, locale: str) -> list[Flowable]:
    zh = locale == "zh"
    share, gap = f"{sheet.present_share * 100:g}%", f"{sheet.bridge_tolerance:g}"
    rule = (
        f"到会认定：在会时间不低于会议时间的 {share}；不超过 {gap} 秒的断线计入在会时间；多台设备合并计算一次。"
        if zh
        else f"Present: at least {share} of the session; interruptions up to {gap} s are bridged; several devices count once."
    )
    texts = [rule]
    for row in sheet.rows:
        texts += [f"* {row.name}: {correction_text(sheet, c, locale)}" for c in row.record.corrections]
        texts += [f"{row.name}: {c.sentence(locale)}" for c in row.complaints]
    texts += [c.sentence(locale) for c in sheet.complaints if c.member_id is None]
    if any(GETA in printable(row.name) for row in sheet.rows):
        texts.append(f"{GETA} 表示字库中没有的字。" if zh else f"{GETA} stands for a character the font does not have.")
    return [paragraph(text, _SMALL) for text in texts]


def _signatures(locale: str) -> Table:
    labels = ("主持人", "记录人", "支部书记", "日期") if locale == "zh" else ("Chair", "Recorder", "Branch secretary", "Date")
    cells = [cell for label in labels for cell in (paragraph(label, _SMALL), "")][:-1]
    table = Table([cells], colWidths=([37 * mm, 10 * mm] * 4)[:-1])
    table.setStyle(TableStyle([("LINEABOVE", (i, 0), (i, 0), 0.6, colors.black) for i in range(0, 7, 2)]))
    return table


def _footed(sheet: AttendanceSheet, locale: str) -> type[Canvas]:
    """A canvas that knows on its last page how many there are, and only then writes the feet."""
    versions = (
        f"格式版本 {sheet.schema_version} | 规则版本 {sheet.rulebook_version} | 末条事实 {sheet.last_fact_number}"
        if locale == "zh"
        else f"schema {sheet.schema_version} | rulebook {sheet.rulebook_version} | last fact {sheet.last_fact_number}"
    )

    class Footed(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # untyped, and the only way to go on without writing the page

        def save(self) -> None:
            for number, state in enumerate(self._pages, start=1):
                self.__dict__.update(state)
                self._foot(number)
                super().showPage()
            super().save()

        def _foot(self, number: int) -> None:
            count = len(self._pages)
            self.setStrokeColor(LINE)
            self.line(15 * mm, 15 * mm, 195 * mm, 15 * mm)
            self.setFont(FONT, 7)
            self.drawString(15 * mm, 11.5 * mm, versions)
            self.drawRightString(195 * mm, 11.5 * mm, f"第 {number} 页 / 共 {count} 页" if locale == "zh" else f"Page {number} / {count}")
            self.setFont("Helvetica", 6)
            self.drawString(15 * mm, 8 * mm, sheet.last_fact_hash)

    return Footed
