"""The draft paper for a meeting as a PDF on A4: facts with days, the rule they touch, the contact log, blanks for the decision."""

from __future__ import annotations

import io
from collections.abc import Callable

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate, Spacer, Table, TableStyle

from ..actions.papers import DraftPaper
from ..rules.duties import AdviceKind
from .type import FONT, paragraph

LINE = colors.HexColor("#B9B2AE")
SHADE = colors.HexColor("#F6F1EF")
_BODY = ParagraphStyle("draft", fontName=FONT, fontSize=10.5, leading=17, wordWrap="CJK")
_SMALL = ParagraphStyle("draftSmall", parent=_BODY, fontSize=8.5, leading=12)
_TITLE = ParagraphStyle("draftTitle", parent=_BODY, fontSize=17, leading=25, alignment=TA_CENTER, spaceAfter=8)
_HEAD = ParagraphStyle("draftHead", parent=_BODY, fontSize=12, leading=18, spaceBefore=8, spaceAfter=3)
_TITLES: dict[AdviceKind, tuple[str, str]] = {
    AdviceKind.LAPSE_NEAR: (
        "关于一名党员组织生活、党费和所分配工作情况的提醒",
        "On a member's organisational life, dues and assigned work: a reminder",
    ),
    AdviceKind.LAPSE: ("关于一名党员组织生活、党费和所分配工作情况的讨论材料", "On a member's organisational life, dues and assigned work"),
    AdviceKind.SUSPENSION: ("关于一名失联党员的讨论材料（停止党籍）", "On a member out of contact: suspension"),
    AdviceKind.REMOVAL: ("关于一名失联党员的讨论材料（除名）", "On a member out of contact: removal"),
    AdviceKind.GRADUATE: ("关于一名毕业生党员组织关系的讨论材料", "On the relation of a graduate"),
    AdviceKind.FIXED_PLACE: ("关于一名党员组织关系转接的讨论材料", "On moving the relation of a member"),
}
_MEANS = {
    "telephone": ("电话", "telephone"),
    "video": ("视频", "video"),
    "message": ("消息", "message"),
    "visit": ("走访", "visit"),
    "letter": ("信函", "letter"),
    "throughFamily": ("通过家属", "through family"),
}

_GRID = [("GRID", (0, 0), (-1, -1), 0.5, LINE)]
_HEADS = {
    "zh": ("一、基本情况", "二、依据与时限", "三、联系记录", "四、会议意见"),
    "en": ("Facts", "Rule and period", "Contact log", "The meeting"),
}
_DECISION = {
    "zh": (
        "是否有正当理由：",
        "应到会____人，实到会____人，赞成____人，不赞成____人，弃权____人",
        "决议：",
        "支部书记：____________　日期：____________",
        "上级党组织审批：",
    ),
    "en": (
        "Proper reason:",
        "Expected ____ present ____ for ____ against ____ abstaining ____",
        "Resolution:",
        "Secretary: ____________ Date:",
        "Superior:",
    ),
}
_DRAFT = {
    "zh": "草稿：由系统根据记录整理，仅供会议讨论，处置由组织决定。",
    "en": "Draft from the records, for a meeting to discuss. People decide.",
}


def draft_pdf(paper: DraftPaper, locale: str = "zh") -> bytes:
    out = io.BytesIO()
    title = _TITLES[paper.advice.kind][0 if locale == "zh" else 1]
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=22 * mm,
        title=title,
        author=paper.home.name,
        creator="Branchline",
        invariant=1,
    )
    document.build(_story(paper, title, locale), onFirstPage=_marked(locale), onLaterPages=_marked(locale))
    return out.getvalue()


def _story(paper: DraftPaper, title: str, locale: str) -> list[Flowable]:
    zh = locale == "zh"
    heads = _HEADS["zh" if zh else "en"]
    story: list[Flowable] = [paragraph(title, _TITLE), paragraph(heads[0], _HEAD), _facts(paper, zh)]
    story += [paragraph(heads[1], _HEAD), paragraph(paper.advice.sentence(paper.rules, locale), _BODY)]
    story += [paragraph(heads[2], _HEAD), *_attempts(paper, zh), paragraph(heads[3], _HEAD), *_blanks(zh)]
    return story


def _facts(paper: DraftPaper, zh: bool) -> Table:
    registration = paper.registration
    rows = [
        ("姓名" if zh else "Name", paper.member.name),
        ("编号" if zh else "Number", paper.member.number),
        ("所在支部" if zh else "Branch", paper.home.name),
        ("外出日期" if zh else "Left on", registration.report.left_on.isoformat()),
        ("去向" if zh else "Place", registration.destination.name),
        ("最近一次组织生活" if zh else "Last organisational life", _day(paper.last_life_on, zh)),
        ("失联日期" if zh else "Out of contact since", _day(registration.lost_on, zh)),
    ]
    table = Table([[paragraph(a, _SMALL), paragraph(b, _BODY)] for a, b in rows], colWidths=[44 * mm, 122 * mm])
    table.setStyle(TableStyle([*_GRID, ("BACKGROUND", (0, 0), (0, -1), SHADE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _attempts(paper: DraftPaper, zh: bool) -> list[Flowable]:
    if not paper.attempts:
        return [paragraph("没有联系记录。" if zh else "No contact on record.", _BODY)]
    heads = ("日期", "方式", "结果", "情况") if zh else ("Day", "Means", "Reached", "What was learned")
    rows = [[paragraph(head, _SMALL) for head in heads]]
    for one in paper.attempts:
        reached = ("已联系上" if one.reached else "未联系上") if zh else ("yes" if one.reached else "no")
        means = _MEANS[one.means.value][0 if zh else 1]
        rows.append([paragraph(text or "–", _SMALL) for text in (one.on.isoformat(), means, reached, one.learned)])
    table = Table(rows, colWidths=[26 * mm, 24 * mm, 24 * mm, 92 * mm], repeatRows=1)
    table.setStyle(TableStyle([*_GRID, ("BACKGROUND", (0, 0), (-1, 0), SHADE), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return [table]


def _blanks(zh: bool) -> list[Flowable]:
    lines = _DECISION["zh" if zh else "en"]
    found: list[Flowable] = []
    for line in lines:
        found += [paragraph(line, _BODY), Spacer(1, 7 * mm)]
    return found


def _marked(locale: str) -> Callable[[Canvas, SimpleDocTemplate], None]:
    def mark(page: Canvas, document: SimpleDocTemplate) -> None:
        note = paragraph(_DRAFT[locale], _SMALL)
        note.wrap(166 * mm, 20 * mm)
        note.drawOn(page, 22 * mm, 12 * mm)

    return mark


def _day(day: object, zh: bool) -> str:
    return str(day) if day is not None else ("无记录" if zh else "none on record")
