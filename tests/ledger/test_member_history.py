"""Whoever changes a member's line writes it into the history of the file: found by reading the code, tried by a story for each."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import ledger
from ledger.access import Actor
from ledger.actions import floating, sharing
from ledger.actions.files import EditFile, edit_file
from ledger.actions.filing import Line, member_lines
from ledger.actions.memberlists import BulkChange, change_many
from ledger.actions.members import ChangeMember, CreateMember, change_member, create_member
from ledger.actions.rosters import ImportRoster, import_roster
from ledger.actions.transferapplying import TakeInLetter, Whither, take_in_letter
from ledger.memberfile import ID_NUMBER, FileChange, How
from ledger.mobility import FlowRange, FlowReason, Newcomer, Place, TransferState
from ledger.mobilityrules import DEFAULT
from ledger.model import Member, Stage, day_of
from ledger.ports import Reach
from ledger.rules.transfersteps import RecordReceipt
from ledger.store.memory import MemoryStore
from tests.ledger.records import DAY, NOON
from tests.ledger.test_files import NUMBER, SEALER
from tests.ledger.transferring import Desk, fill_both

HERE = Path(str(ledger.__file__)).parent


@dataclass(slots=True)
class Office:
    """A store with two committees in it, and everybody at their desks."""

    store: MemoryStore
    now: float = NOON

    async def who(self, name: str) -> Actor:
        return await Desk(self.store, self.now).who(name)

    async def members(self) -> dict[str, Member]:
        async with self.store.reading() as uow:
            return {one.member_id: one for one in await uow.members.within(Reach(everywhere=True))}

    async def history(self) -> list[FileChange]:
        async with self.store.reading() as uow:
            pages = [await uow.files.changes(key, page_size=200) for key in await self.members()]
        return [change for changes, _ in pages for change in reversed(changes)]


# The stories. Each answers by which way its changes come.


async def somebody_new(office: Office) -> How:
    await create_member(office.store, await office.who("a1"), CreateMember("n1", "新", Stage.PROBATIONARY, "A", group_id="G"), NOON)
    return How.CREATE


async def moved_by_hand(office: Office) -> How:
    await change_member(office.store, await office.who("admin"), ChangeMember("m-a5", 1, home_branch_id="B", stage=Stage.FULL), NOON)
    return How.EDIT


async def edited_on_the_file(office: Office) -> How:
    command = EditFile("m-a4", 1, {"name": "改名", "joinedOn": "1999-07-01"})
    await edit_file(office.store, SEALER, await office.who("a1"), command, NOON)
    return How.EDIT


async def many_at_once(office: Office) -> How:
    await change_many(office.store, await office.who("a1"), BulkChange(("m-a1", "m-a2"), "setGroup", "G"), NOON)
    return How.BULK


async def a_roster(office: Office) -> How:
    rows = ("编号,姓名,类别,所在支部代码,身份证号", f"n1,新,预备党员,A,{NUMBER}", "a5,党员a5,正式党员,B,")
    content = "\n".join(rows).encode()
    report = await import_roster(office.store, await office.who("admin"), ImportRoster(content, "r.csv", dry_run=False), NOON, SEALER)
    assert report.applied
    return How.IMPORT


async def taken_in_by_a_host(office: Office) -> How:
    await _at_the_host(office)
    return How.REGISTRATION


async def consent_withdrawn(office: Office) -> How:
    key = await _at_the_host(office)
    await sharing.stop_sharing(office.store, await office.who("a4"), sharing.StopSharing(key, "B"), NOON + DAY)
    return How.REGISTRATION


async def moved_by_a_transfer(office: Office) -> How:
    desk = Desk(office.store)
    await desk.apply("a3", "m-a3")
    await desk.go_to(TransferState.RECEIPTED)
    return How.TRANSFER


async def moved_out_by_a_transfer(office: Office) -> How:
    desk = Desk(office.store)
    await desk.apply(to=Whither(outside="某大学党委"))
    await desk.go_to(TransferState.IN_TRANSIT)
    await desk.step("c1", RecordReceipt("某支部", "某人", day_of(NOON)))
    return How.TRANSFER


async def come_from_outside(office: Office) -> How:
    command = TakeInLetter("D", "某县委", "7", day_of(NOON), 30, "2025-11", "调入", Newcomer("n1", "新", "full"))
    desk = Desk(office.store)
    desk.case = await take_in_letter(office.store, await office.who("d1"), command, NOON)
    await desk.go_to(TransferState.RECEIPTED)
    return How.TRANSFER


async def _at_the_host(office: Office) -> str:
    store, member = office.store, await office.who("a4")
    report = floating.ReportDeparture("m-a4", FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, Place("深圳市"), day_of(NOON), "138")
    one = await floating.report_departure(store, member, report, NOON)
    await sharing.share_record(store, member, sharing.ShareRecord(one.registration_id, "B", DEFAULT.consent_version), NOON)
    named = await floating.choose_host(store, await office.who("a1"), floating.ChooseHost(one.registration_id, one.revision, "B"), NOON)
    await floating.take_in(store, await office.who("b1"), floating.TakeIn(named.registration_id, named.revision), NOON)
    return named.registration_id


Story = Callable[[Office], Awaitable[How]]
#: Every function that writes a member's line → the stories that pass through it; None: with the reason beside.
WRITERS: dict[str, tuple[Story, ...] | None] = {
    "actions/members.create_member": (somebody_new,),
    "actions/members.change_member": (moved_by_hand,),
    "actions/filing.apply_changes": (edited_on_the_file,),
    "actions/memberlists._change_one": (many_at_once,),
    "actions/rosters._apply": (a_roster,),
    "actions/relationkeeping.place_member": (taken_in_by_a_host, consent_withdrawn),
    "actions/transferreceipt._move": (moved_by_a_transfer, moved_out_by_a_transfer),
    "actions/transferreceipt._welcome": (come_from_outside,),
    "actions/purging._contacts": None,  # takes contacts away from who has left; the log of access says so
    "actions/purging._files": None,  # the history itself goes with the file
    "demo.load_demo": None,  # the beginning of a demo organisation
}


def test_nobody_writes_a_members_line_without_a_story_here() -> None:
    found: set[str] = set()
    for path in HERE.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef) and any(map(_writes, ast.walk(function))):
                found.add(f"{path.relative_to(HERE).with_suffix('').as_posix()}.{function.name}")
    assert found == set(WRITERS)


def _writes(node: ast.AST) -> bool:
    """`….members.save(…)` or `….members.add(…)`."""
    called = node.func if isinstance(node, ast.Call) else None
    if not isinstance(called, ast.Attribute) or called.attr not in ("save", "add"):
        return False
    return isinstance(called.value, ast.Attribute) and called.value.attr == "members"


@pytest.mark.parametrize("story", [one for stories in WRITERS.values() if stories for one in stories], ids=lambda one: one.__name__)
async def test_what_changed_stands_in_the_history_with_who_when_and_by_which_way(story: Story) -> None:
    office = Office(MemoryStore())
    await fill_both(office.store)
    before = await office.members()
    how = await story(office)
    after, history = await office.members(), await office.history()
    async with office.store.reading() as uow:
        units = {unit.org_id: unit for unit in await uow.organisations.all()}
    differing: dict[str, list[Line]] = {key: lines for key, one in after.items() if (lines := member_lines(before.get(key), one, units))}
    told = {key: _net([one for one in history if one.member_id == key]) for key in {one.member_id for one in history}}
    assert {key: set(lines) for key, lines in told.items() if lines} == {key: set(lines) for key, lines in differing.items()}
    assert {one.how for one in history} == {how}
    assert all(one.account_id in {"admin"} or one.account_id.startswith("acc-") for one in history)
    assert all(NOON <= one.at <= NOON + DAY for one in history)


def _net(changes: list[FileChange]) -> set[Line]:
    """First before and last after of every field; what came back to where it was is nothing."""
    first: dict[str, str | None] = {}
    last: dict[str, str | None] = {}
    for one in changes:
        if one.field == ID_NUMBER:  # of the file, not of the line
            continue
        first.setdefault(one.field, one.before)
        last[one.field] = one.after
    return {(key, first[key], last[key]) for key in first if first[key] != last[key]}


async def test_a_withdrawal_is_told_as_well_as_the_taking_in() -> None:
    office = Office(MemoryStore())
    await fill_both(office.store)
    await consent_withdrawn(office)
    lines = [(one.field, one.before, one.after, one.account_id) for one in await office.history()]
    assert lines == [("hostBranch", None, "乙支部", "acc-b1"), ("hostBranch", "乙支部", None, "acc-a4")]


async def test_a_file_says_by_which_letter_the_relation_came() -> None:
    office = Office(MemoryStore())
    await fill_both(office.store)
    await moved_by_a_transfer(office)
    home = next(one for one in await office.history() if one.field == "homeBranch")
    assert (home.before, home.after, home.account_id, home.reason) == ("甲支部", "戊支部", "acc-d1", "C-2025-0001")


def test_those_left_out_change_neither_place_nor_stage() -> None:
    """A purge touches who has left: what it clears is neither where somebody belongs nor what somebody is."""
    tree = ast.parse((HERE / "actions" / "purging.py").read_text())
    replaced = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assert "born_on" in replaced
    assert not replaced & {"home_branch_id", "host_branch_id", "stage", "status", "group_id"}
