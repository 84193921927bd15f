"""PDF: its text read back, its pages rendered, its bytes the same again."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from ledger.exports.pdf import sheet_pdf
from tests.ledger.exports.sheets import ATTACKS, NAMES, a_sheet


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_chinese_sheet_says_what_a_committee_asks() -> None:
    made = a_sheet()
    text = squeezed(pages(sheet_pdf(made))[0])
    parts = [
        "会议考勤表",
        "红星第一支部",
        "第四季度支部党员大会",
        "主持人王建国",
        "2026-11-2420:00–21:00",
        "缺席：陈静",
        "请假：刘洋（=出差）",
    ]
    parts += [
        "到会认定：在会时间不低于会议时间的80%",
        "*李秀英:在会时间改为3240s[王书记:电话参加]",
        "第1页/共1页",
        "规则版本2026.1",
        made.last_fact_hash,
    ]
    assert [part for part in parts if part not in text] == []


def test_the_english_sheet_says_the_same() -> None:
    text = squeezed(pages(sheet_pdf(a_sheet(), "en"))[0])
    parts = [
        "Attendancesheet",
        "Branchgeneralmeeting",
        "Absent:陈静",
        "Excused:刘洋(=出差)",
        "Page1/1",
        "rulebook2026.1",
        "Branchsecretary",
    ]
    assert [part for part in parts if part not in text] == []


def test_rare_characters_are_marked_and_names_keep_their_dot() -> None:
    text = squeezed(pages(sheet_pdf(a_sheet()))[0])
    assert [part for part in ("〓田", "〓表示字库中没有的字", "买买提・艾力", "Ayse") if part not in text] == []


def test_a_long_table_repeats_its_head_and_counts_its_pages() -> None:
    texts = [squeezed(text) for text in pages(sheet_pdf(a_sheet(NAMES * 20)))]
    assert len(texts) >= 4
    assert ["首次进入" in text for text in texts] == [True] * len(texts)
    assert [f"第{i}页/共{len(texts)}页" in text for i, text in enumerate(texts, start=1)] == [True] * len(texts)


def test_markup_in_a_name_is_text() -> None:
    names = ("<b>&</b>", "<font color=red>x", "</para>", *ATTACKS)
    assert [part for part in ("<b>&</b>", "</para>") if part not in pages(sheet_pdf(a_sheet(names)))[0]] == []


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_same_sheet_gives_the_same_bytes(locale: str) -> None:
    assert sheet_pdf(a_sheet(), locale) == sheet_pdf(a_sheet(), locale)


def test_the_page_is_drawn(tmp_path: Path) -> None:
    renderer = shutil.which("pdftoppm")
    assert renderer is not None, "pdftoppm is missing: install poppler-utils and poppler-data"
    source = tmp_path / "sheet.pdf"
    source.write_bytes(sheet_pdf(a_sheet()))
    drawn = subprocess.run([renderer, "-r", "50", "-png", str(source), str(tmp_path / "page")], capture_output=True, text=True, check=True)
    assert drawn.stderr == ""  # a missing Chinese mapping is told here: install poppler-data
    with Image.open(next(tmp_path.glob("page*.png"))) as picture:
        dark = sum(picture.convert("L").histogram()[:128])
        assert dark / (picture.width * picture.height) > 0.01
