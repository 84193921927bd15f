"""CSV: read back by a plain parser, and attacked."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exports.csv import csv_bytes, defused, sheet_csv, undefused
from ledger.exports.words import clock
from tests.ledger.exports.sheets import ATTACKS, a_sheet
from tests.ledger.story import HOUR


def lines(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_first_line_of_the_sheet_in_both_languages() -> None:
    made = a_sheet()
    zh, en = lines(sheet_csv(made))[0], lines(sheet_csv(made, "en", "UTC"))[0]
    chosen = (
        "会议标识",
        "党员标识",
        "姓名",
        "到会认定",
        "首次进入",
        "在会时间（秒）",
        "在会时间",
        "在会比例",
        "发言时间（秒）",
        "规则版本",
    )
    expected = ["mt", "m0", "王建国", "到会", "2026-11-24T20:00:00+08:00", "3600.0", "1:00:00", "1.0", "90.2", "2026.1"]
    assert [zh[key] for key in chosen] == expected
    assert (en["Grade"], en["First join"], en["Presence"]) == ("present", "2026-11-24T12:00:00+00:00", "1:00:00")
    assert (zh["末条事实序号"], zh["末条事实校验值"]) == (str(made.last_fact_number), made.last_fact_hash)


def test_a_correction_stands_beside_what_was_measured() -> None:
    row = lines(sheet_csv(a_sheet()))[1]
    assert (row["在会时间（秒）"], row["原测量在会（秒）"], row["到会认定"], row["原测量认定"]) == ("3240.0", "900.0", "到会", "部分到会")
    assert row["更正"] == "在会时间 改为 3240 s [王书记: 电话参加]"


def test_leave_and_absence() -> None:
    rows = lines(sheet_csv(a_sheet()))
    assert [(r["到会认定"], r["请假事由"], r["异议"], r["首次进入"]) for r in rows[2:4]] == [
        ("请假", "'=出差", "", ""),
        ("缺席", "", "待处理", ""),
    ]


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert sheet_csv(a_sheet()) == sheet_csv(a_sheet())


def test_no_cell_of_an_attacked_sheet_is_a_formula_and_nothing_is_lost() -> None:
    rows = lines(sheet_csv(a_sheet(ATTACKS)))
    names = [row["姓名"] for row in rows]
    assert names == [*(f"'{attack}" for attack in ATTACKS[:-1]), ATTACKS[-1]]
    cells = [cell for row in rows for cell in row.values()]
    assert [c for c in cells if c.lstrip(" \t\r\n\u200b")[:1] in set("=+-@＝＋－＠")] == []


@pytest.mark.parametrize("attack", ATTACKS[:-1])
def test_an_attack_is_defused_and_given_back(attack: str) -> None:
    assert defused(attack) == f"'{attack}"
    assert undefused(defused(attack)) == attack


@given(st.text(alphabet="'=+-@＝ \ta中1\u200b", max_size=8))
def test_defusing_is_reversible(text: str) -> None:
    assert undefused(defused(text)) == text


def test_numbers_stay_numbers_and_quotes_are_doubled() -> None:
    assert csv_bytes([[-5, -1.5, 'a"b', "-5", None]])[3:] == b'-5,-1.5,"a""b",\'-5,\r\n'


@pytest.mark.parametrize(
    ("seconds", "spelled"), [(0, "0:00:00"), (59.6, "0:01:00"), (26 * HOUR + 61, "26:01:01"), (100 * HOUR, "100:00:00")]
)
def test_durations_do_not_wrap_at_a_day(seconds: float, spelled: str) -> None:
    assert clock(seconds) == spelled


def test_a_meeting_of_more_than_a_day() -> None:
    assert lines(sheet_csv(a_sheet(length=26 * HOUR)))[0]["在会时间"] == "26:00:00"
