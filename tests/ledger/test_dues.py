"""The book of dues as it is kept: entered, corrected, agreed; who may; what the night tells, and that a payment stops the long clock."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from ledger.actions import dues, dueslists
from ledger.actions.duesimport import import_dues
from ledger.actions.nightly import evaluate_ledger
from ledger.actions.registerimport import ImportFile
from ledger.clocks import duty_record
from ledger.dues import DuesGroup
from ledger.duesports import DuesFilter
from ledger.duesregister import DUES, dues_template, fen_of
from ledger.exports.dueslines import HEADINGS, dues_lines_csv, dues_lines_xlsx
from ledger.mobilityrules import DEFAULT as MOBILITY
from ledger.model import MemberStatus, OrgKind, OrgUnit, day_of
from ledger.ports import AccessQuery, Reach, Store
from ledger.refusals import Conflict, Forbidden, Invalid, NotFound, ReasonMissing, Refusal
from ledger.registerfile import write_register
from ledger.rules.dues import DuesState
from ledger.rules.duties import AdviceKind, evaluate
from ledger.store.memory import MemoryStore
from tests.ledger.records import DAY, NOON, actor, fill, member

TODAY = day_of(NOON)  # 2 December 2025


@pytest.fixture
async def store() -> Store:
    found = MemoryStore()
    await fill(found)
    return found


def paid(*members: str, months: tuple[str, str] = ("2025-10", "2025-10"), amount: int | None = None) -> dues.EnterDues:
    return dues.EnterDues(members, *months, date(2025, 11, 3), amount)


async def until(store: Store, member_id: str) -> str | None:
    async with store.reading() as uow:
        found = (await uow.dues.standings([member_id])).get(member_id)
    return found.paid_until if found else None


async def test_a_branch_enters_what_several_paid_and_each_amount_is_what_was_agreed(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    await dues.set_terms(store, secretary, dues.SetTerms("m-a4", "2025-10", DuesGroup.EMPLOYED, 5000), NOON)
    made = await dues.enter_dues(store, secretary, paid("m-a4", "m-a5", months=("2025-10", "2025-11")), NOON)
    assert [(one.member_id, one.amount_fen) for one in made] == [("m-a4", 10_000), ("m-a5", None)]
    found = await dues.dues_file(store, await actor(store, "acc-a4"), "m-a4", NOON)
    assert (found.standing and found.standing.paid_until, found.due and found.due.state) == ("2025-11", DuesState.PAID)
    assert (found.names, found.may_record) == ({"acc-a1": "党员a1"}, False)


async def test_all_of_them_or_none(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    await dues.enter_dues(store, secretary, paid("m-a5"), NOON)
    with pytest.raises(Conflict) as refused:
        await dues.enter_dues(store, secretary, paid("m-a4", "m-a5"), NOON)
    assert (refused.value.code, refused.value.params) == ("duesMonthPaid", {"month": "2025-10", "member": "a5"})
    assert (await until(store, "m-a4"), await until(store, "m-a5")) == (None, "2025-10")


async def test_a_line_is_put_right_by_another_and_taken_back_by_another(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    (wrong,) = await dues.enter_dues(store, secretary, paid("m-a4", months=("2025-08", "2025-09")), NOON)
    right = dues.CorrectDues(wrong.entry_id, "少记一个月", False, "2025-08", "2025-10", date(2025, 11, 4), 9000)
    corrected = await dues.correct_dues(store, secretary, right, NOON + 1)
    assert await until(store, "m-a4") == "2025-10"
    for again in (wrong.entry_id, wrong.entry_id):
        with pytest.raises(Conflict) as refused:
            await dues.correct_dues(store, secretary, replace(right, entry_id=again), NOON + 2)
        assert refused.value.code == "duesLineReplaced"
    with pytest.raises(ReasonMissing):
        await dues.correct_dues(store, secretary, replace(right, entry_id=corrected.entry_id, reason=" "), NOON + 2)
    gone = await dues.correct_dues(store, secretary, dues.CorrectDues(corrected.entry_id, "另一人的", withdrawn=True), NOON + 3)
    assert await until(store, "m-a4") is None
    with pytest.raises(Conflict):
        await dues.correct_dues(store, secretary, dues.CorrectDues(gone.entry_id, "再来", withdrawn=True), NOON + 4)
    async with store.reading() as uow:
        kept = (await uow.dues.entries(["m-a4"]))["m-a4"]
        lines, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True), frozenset({"member:m-a4"})))
    assert [one.entry_id for one in kept] == [wrong.entry_id, corrected.entry_id, gone.entry_id]
    assert [one.action for one in lines] == ["correctDues", "correctDues", "enterDues"]


async def test_terms_set_by_mistake_are_put_right(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    wrong = await dues.set_terms(store, secretary, dues.SetTerms("m-a4", "2020-01", DuesGroup.EMPLOYED, 5000), NOON)
    assert await until(store, "m-a4") == "2019-12"
    right = dues.SetTerms("m-a4", "2025-12", DuesGroup.PENSIONER, 5000, quarterly=True, corrects=wrong.terms_id)
    await dues.set_terms(store, secretary, right, NOON + 1)
    assert await until(store, "m-a4") == "2025-11"
    with pytest.raises(Conflict):
        await dues.set_terms(store, secretary, right, NOON + 2)
    with pytest.raises(NotFound):
        await dues.set_terms(store, secretary, replace(right, corrects="elsewhere"), NOON + 2)
    with pytest.raises(Invalid):
        await dues.set_terms(store, secretary, replace(right, corrects=None, since="2026-01"), NOON + 2)


@pytest.mark.parametrize(
    ("who", "refused"),
    [("acc-a4", Forbidden), ("acc-b1", NotFound), ("auditor", Forbidden), ("system", NotFound), ("acc-a3", Forbidden)],
)
async def test_who_may_not_enter(store: Store, who: str, refused: type[Refusal]) -> None:
    someone = await actor(store, who)
    with pytest.raises(refused):
        await dues.enter_dues(store, someone, paid("m-a4"), NOON)
    with pytest.raises(refused):
        await dues.set_terms(store, someone, dues.SetTerms("m-a4", "2025-10", DuesGroup.EMPLOYED), NOON)
    (line,) = await dues.enter_dues(store, await actor(store, "acc-a1"), paid("m-a4"), NOON)
    with pytest.raises(refused):
        await dues.correct_dues(store, someone, dues.CorrectDues(line.entry_id, "理由", withdrawn=True), NOON)


async def test_where_no_dues_are_owed_none_are_entered(store: Store) -> None:
    async with store.writing() as uow:
        await uow.organisations.add([OrgUnit("T", "C", OrgKind.TEMPORARY_BRANCH, "临时支部", "T", "/C/T/")])
        await uow.members.add([member("t1", "T"), member("x1", "A", status=MemberStatus.LEFT)])
    admin = await actor(store, "admin")
    for one in ("m-t1", "m-x1"):
        with pytest.raises(Conflict) as refused:
            await dues.enter_dues(store, admin, paid(one), NOON)
        assert refused.value.code == "duesNotOwed"


async def test_lists_reach_as_far_as_ones_office(store: Store) -> None:
    admin = await actor(store, "admin")
    await dues.enter_dues(store, admin, paid("m-a4", "m-b3"), NOON)
    await dues.enter_dues(store, admin, paid("m-a5", months=("2025-10", "2025-11")), NOON)
    found = {}
    for who in ("acc-a1", "acc-b1", "admin", "auditor", "acc-a4", "system"):
        page = await dueslists.search_dues(store, await actor(store, who), dueslists.SearchDues(DuesFilter.BEHIND), NOON)
        found[who] = ([one.member.member_id for one in page.lines], page.counts[DuesFilter.UNKNOWN], page.may_record)
    assert found == {
        "acc-a1": (["m-a4"], 5, True),
        "acc-b1": (["m-b3"], 2, True),
        "admin": (["m-a4", "m-b3"], 7, True),
        "auditor": (["m-a4", "m-b3"], 7, False),
        "acc-a4": ([], 0, False),
        "system": ([], 0, False),
    }


async def told(store: Store, member_id: str) -> list[str]:
    async with store.reading() as uow:
        found, _ = await uow.notifications.of_member(member_id, page_size=50)
    return sorted(one.notification.kind for one in found)


async def test_the_list_is_taken_away_as_a_file_within_reach_and_the_log_says_who_took_it(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    await dues.set_terms(store, secretary, dues.SetTerms("m-a4", "2025-09", DuesGroup.EMPLOYED, 5050, quarterly=True), NOON)
    await dues.enter_dues(store, secretary, paid("m-a4", months=("2025-09", "2025-09")), NOON)
    wanted = dueslists.SearchDues(text="a4")
    lines = await dueslists.export_dues(store, secretary, wanted, NOON)
    table = list(csv.reader(io.StringIO(dues_lines_csv(lines, "en").decode("utf-8-sig"))))
    assert table[0] == list(HEADINGS["en"])
    assert table[1:] == [
        ["a4", "党员a4", "甲支部", "A", "paid", "2025-09", "0", "2025-10", "2025-12-31", "50.50", "yes", "2025-11-03"],
    ]
    sheet = load_workbook(io.BytesIO(dues_lines_xlsx(lines, "zh"))).worksheets[0]
    assert [cell.value for cell in sheet[2]][4:7] == ["已交", "2025-09", "0"]
    counts = {}
    for name in ("acc-a1", "acc-b1", "admin", "auditor"):
        counts[name] = len(await dueslists.export_dues(store, await actor(store, name), dueslists.SearchDues(), NOON))
    assert counts == {"acc-a1": 7, "acc-b1": 3, "admin": 10, "auditor": 10}
    with pytest.raises(Forbidden):
        await dueslists.export_dues(store, await actor(store, "acc-a4"), wanted, NOON)
    async with store.reading() as uow:
        logged, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True), frozenset({"org:A", "org:C"})))
    assert [(one.account_id, one.subject, one.path, one.detail) for one in reversed(logged) if one.action == "exportDues"] == [
        ("acc-a1", "org:A", "/C/A/", {"filter": "all", "rows": "1"}),
        ("acc-a1", "org:A", "/C/A/", {"filter": "all", "rows": "7"}),
        ("admin", "org:C", "/C/", {"filter": "all", "rows": "10"}),
        ("auditor", "org:C", "/C/", {"filter": "all", "rows": "10"}),
    ]


async def test_the_night_reminds_once_and_tells_the_branch_once(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    await dues.enter_dues(store, secretary, paid("m-a4", "m-a3"), NOON)  # November is missing
    await dues.enter_dues(store, secretary, paid("m-a5", months=("2025-10", "2025-11")), NOON)
    for night in (NOON, NOON + DAY):
        await evaluate_ledger(store, night)
    assert (await told(store, "m-a4"), await told(store, "m-a5")) == (["duesOverdue"], [])
    assert (await told(store, "m-a1"), await told(store, "m-b1")) == (["duesOutstanding"], [])
    await evaluate_ledger(store, NOON + 25 * DAY)  # 27 December: within a week of the end of the month
    assert (await told(store, "m-a5"), await told(store, "m-a2")) == (["duesDue"], ["duesOutstanding"])


async def test_a_payment_stops_the_long_clock_and_is_named_by_its_advice(store: Store) -> None:
    async with store.writing() as uow:
        rows = await uow.clocks.rows_of(["m-a4"])
    record = replace(duty_record(rows[0]), last_life_on=date(2025, 4, 1), exempt=False)
    (before,) = evaluate([record], MOBILITY, TODAY).advice
    assert (before.kind, before.full_on, before.last_dues_on) == (AdviceKind.LAPSE, date(2025, 10, 1), None)
    await dues.enter_dues(store, await actor(store, "acc-a1"), paid("m-a4"), NOON)
    async with store.reading() as uow:
        row = (await uow.clocks.rows_of(["m-a4"]))[0]
    after = replace(duty_record(row), last_life_on=date(2025, 4, 1))
    assert after.last_dues_on == date(2025, 11, 3)
    assert evaluate([after], MOBILITY, TODAY).advice == ()
    (later,) = evaluate([after], MOBILITY, date(2026, 5, 3)).advice
    assert (later.kind, later.since) == (AdviceKind.LAPSE, date(2025, 11, 3))
    assert "最近一次组织生活：2025-04-01；最近一次交纳党费：2025-11-03" in later.sentence(MOBILITY, "zh")
    assert "last organisational life: 2025-04-01; last dues: 2025-11-03" in later.sentence(MOBILITY, "en")


def register(*lines: tuple[str, ...]) -> bytes:
    return write_register(DUES, [list(line) for line in lines], "党费", "zh", "csv")


async def test_an_old_register_is_tried_first_and_entered_once(store: Store) -> None:
    secretary = await actor(store, "acc-a1")
    content = register(
        ("a4", "党员a4", "2025-01", "2025-03", "2025-01-10", "15.00"),
        ("a4", "", "2025年3月", "", "2025-03-10", ""),  # March is there twice
        ("a5", "别人", "2025-01", "", "2025-01-10", ""),
        ("b3", "", "2025-01", "", "2025-01-10", ""),  # of another branch
        ("a6", "", "2025-01", "", "2025-01-10", "十五"),
        ("a6", "", "2025-02", "", "2025-12-24", ""),
    )
    tried = await import_dues(store, secretary, ImportFile(content, "a.csv"), NOON)
    codes = [(one.line, one.code) for one in tried.complaints]
    assert codes == [(3, "duesMonthPaid"), (4, "nameDiffers"), (5, "memberUnknown"), (6, "notAnAmount"), (7, "duesDayWrong")]
    assert all(one.sentence("zh") and one.sentence("en") for one in tried.complaints)
    assert (tried.created, tried.applied, await until(store, "m-a4")) == (1, False, None)
    done = await import_dues(store, secretary, ImportFile(content, "a.csv", dry_run=False, skip_bad=True), NOON)
    assert (done.created, done.skipped, await until(store, "m-a4")) == (1, 5, "2025-03")
    again = await import_dues(
        store, secretary, ImportFile(register(("a4", "", "2025-01", "2025-03", "2025-01-10", "15")), "a.csv", False), NOON
    )
    assert (again.created, again.unchanged) == (0, 1)
    with pytest.raises(Forbidden):
        await import_dues(store, await actor(store, "acc-a4"), ImportFile(content, "a.csv"), NOON)


@pytest.mark.parametrize(
    ("text", "fen"), [("15", 1500), ("12.5", 1250), ("¥1,200.00", 120_000), ("0", None), ("1.234", None), ("NaN", None), ("", None)]
)
def test_amounts_are_read_as_people_write_them(text: str, fen: int | None) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_the_template_can_be_read_back(store: Store, locale: str) -> None:
    template = ImportFile(dues_template(locale, "xlsx"), "a.xlsx")
    tried = await import_dues(store, await actor(store, "admin"), template, NOON + 99 * DAY)
    assert [one.code for one in tried.complaints] == ["memberUnknown"]
