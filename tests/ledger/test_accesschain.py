"""The chained log of access: any change to any line is found, lines cut off are missed, retention leaves a chain that can be read on."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.access import OPERATOR
from ledger.accesschain import EMPTY, PURGE, Anchor, ChainReader, Head, LoggedAccess, chained_lines, cut_of, line_hash
from ledger.actions.audit import BrokenChain
from ledger.actions.auditing import anchor, audit, verify
from ledger.actions.filing import Act, record
from ledger.anchors import AnchorsUnreadable, add_anchor, read_anchors
from ledger.facts import GENESIS, Fact, FactKind
from ledger.memberfile import How
from ledger.model import Access
from ledger.ports import Store
from ledger.refusals import Forbidden
from ledger.store.memory import MemoryStore
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, MEMBERS, NOON

texts = st.text(max_size=12)
accesses = st.builds(Access, st.integers(0, 2**31), texts, texts, texts, texts, st.dictionaries(texts, texts, max_size=3))
logs = st.lists(accesses, min_size=1, max_size=12)


def read(lines: list[LoggedAccess], head: Head, start: Head = EMPTY) -> int | None:
    reader = ChainReader(start)
    for one in lines:
        reader.read([one])
    return reader.ended(head)


def logged(entries: list[Access]) -> tuple[list[LoggedAccess], Head]:
    lines = chained_lines(EMPTY, entries)
    return lines, (lines[-1].line, lines[-1].hash)


@given(logs, st.integers(0, 11))
def test_where_appends_are_cut_changes_nothing(entries: list[Access], cut: int) -> None:
    whole, head = logged(entries)
    first = chained_lines(EMPTY, entries[:cut])
    rest = chained_lines((first[-1].line, first[-1].hash) if first else EMPTY, entries[cut:])
    assert [*first, *rest] == whole
    assert read(whole, head) is None


@given(logs, st.data())
def test_any_change_to_any_line_is_found_there(entries: list[Access], data: st.DataObject) -> None:
    lines, head = logged(entries)
    place = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(accesses)
    name = data.draw(st.sampled_from(["at", "account_id", "action", "subject", "path", "detail"]))
    changed = replace(lines[place].access, **{name: getattr(other, name)})
    if replace(changed, at=float(changed.at)) != lines[place].access:
        assert read([*lines[:place], replace(lines[place], access=changed), *lines[place + 1 :]], head) == place + 1


@given(logs, st.data())
def test_a_line_taken_out_put_in_or_moved_is_found(entries: list[Access], data: st.DataObject) -> None:
    lines, head = logged(entries)
    place = data.draw(st.integers(0, len(lines) - 1))
    assert read([*lines[:place], *lines[place + 1 :]], head) is not None  # also at the end: the head is kept apart
    assert read([*lines[: place + 1], *lines[place:]], head) is not None
    if len(lines) > 1:
        assert read([*lines[1:], lines[0]], head) is not None


@given(logs, st.data())
def test_a_tail_cut_and_hashed_anew_with_its_head_is_found_by_an_anchor_only(entries: list[Access], data: st.DataObject) -> None:
    lines, head = logged(entries)
    keep = data.draw(st.integers(0, len(lines) - 1))
    forged = chained_lines(EMPTY, entries[:keep])
    forged_head = (forged[-1].line, forged[-1].hash) if forged else EMPTY
    assert read(forged, forged_head) is None  # by itself it is a whole chain
    assert head not in {(one.line, one.hash) for one in forged}  # but not the one that was anchored


def test_the_hash_covers_canonical_json() -> None:
    """Keys sorted, no spaces, UTF-8: so that anybody can work a line's hash out again."""
    text = '{"accountId":"a","action":"seeMember","at":1.5,"detail":{"k":"值"},"line":1,"path":"/C/","subject":"member:m"}'
    expected = hashlib.sha256(f"{GENESIS}\n{text}".encode()).hexdigest()
    assert line_hash(GENESIS, 1, Access(1.5, "a", "seeMember", "member:m", "/C/", {"k": "值"})) == expected


# Over a store.


async def fill_log(store: Store, count: int = 5) -> None:
    async with store.writing() as uow:
        for number in range(count):
            await uow.access_log.append([Access(NOON + number * DAY, "acc-a1", "seeMember", f"member:m-{number}", "/C/A/")])


async def test_a_whole_log_is_whole_and_a_changed_one_is_not(store: MemoryStore) -> None:
    await fill_log(store)
    found = await audit(store)
    assert (found.whole, found.log.lines, found.log.head[0]) == (True, 5, 5)
    async with store.writing() as uow:
        lines = uow.access_log._lines  # type: ignore[attr-defined]
        lines[3] = replace(lines[3], access=replace(lines[3].access, account_id="somebody"))
    assert (await audit(store)).log.broken == 3


async def test_lines_cut_off_are_missed_by_the_head_and_with_a_forged_head_by_the_anchor(store: MemoryStore) -> None:
    await fill_log(store)
    kept = await anchor(store, NOON)
    async with store.writing() as uow:
        lines = uow.access_log._lines  # type: ignore[attr-defined]
        del lines[5]
    assert (await audit(store)).log.broken == 5
    async with store.writing() as uow:
        uow.access_log._head["head"] = (4, lines[4].hash)  # type: ignore[attr-defined]
    assert (await audit(store)).whole
    assert (await audit(store, [kept])).log.anchors == (kept,)


async def test_retention_cuts_the_beginning_and_the_rest_stays_whole(store: MemoryStore) -> None:
    await fill_log(store)
    early = await anchor(store, NOON)
    async with store.writing() as uow:
        last = await uow.access_log.last_before(NOON + 3 * DAY)
        assert last is not None
        detail = {"upTo": str(last.line), "hash": last.hash, "removed": "3"}
        await uow.access_log.append([Access(NOON + 9 * DAY, "operator", PURGE, "ledger:access", "", detail)])
        assert await uow.access_log.remove_up_to(last.line) == 3
    found = await audit(store, [early, Anchor(NOON, 2, "gone by retention")])
    assert (found.whole, found.log.lines, found.log.head[0]) == (True, 3, 6)
    async with store.writing() as uow:  # without the line that says so it would be tampering
        await uow.access_log.remove_up_to(4)
    assert (await audit(store)).log.broken == 5


async def test_the_log_vouches_for_streams_of_facts(store: MemoryStore) -> None:
    async with store.writing() as uow:
        await uow.facts.append([Fact(f"k{n}", f"meeting:{n % 3}", FactKind.HAND_RAISED, NOON) for n in range(6)], NOON)
    first = await anchor(store, NOON)
    assert await anchor(store, NOON + 1) == replace(first, at=NOON + 1)  # nothing has grown: nothing is written
    async with store.writing() as uow:
        books = uow.facts._books  # type: ignore[attr-defined]
        books.streams.pop("meeting:1")
        books.heads.pop("meeting:1")
        books.streams["meeting:2"] = books.streams["meeting:2"][:1]
        books.heads["meeting:2"] = (1, books.streams["meeting:2"][0].hash)
    assert (await audit(store)).broken == (BrokenChain("meeting:1", 2), BrokenChain("meeting:2", 2))


async def test_the_log_vouches_for_histories(store: MemoryStore, who: Who) -> None:
    async with store.writing() as uow:
        act = Act(await who("a1"), NOON, How.EDIT)
        await record(uow, act, MEMBERS[3], "/C/A/", [("phone", None, "1"), ("name", "旧", "新")])
    assert (await audit(store)).whole
    async with store.writing() as uow:
        changes = uow.files._books.file_changes  # type: ignore[attr-defined]
        first = min(changes)
        changes[first] = replace(changes[first], after="2")
    found = await audit(store)
    assert (found.whole, found.log.histories) == (False, (changes[first].batch,))


async def test_only_who_audits_the_whole_verifies(store: Store, who: Who) -> None:
    assert (await verify(store, await who("auditor"))).whole
    assert (await verify(store, OPERATOR)).whole
    for name in ("a1", "admin", "system", "security"):
        with pytest.raises(Forbidden):
            await verify(store, await who(name))


def test_anchors_are_added_to_a_file_and_a_mangled_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "var" / "anchors.jsonl"
    one, two = Anchor(1.5, 1, "a"), Anchor(2.5, 2, "b")
    for each in (one, one, two):
        add_anchor(path, each)
    assert read_anchors(path) == [one, two]
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text('{"at": 1}\n')
    with pytest.raises(AnchorsUnreadable, match="cannot be read"):
        read_anchors(path)


def test_a_chain_without_a_cut_is_read_from_the_beginning() -> None:
    assert cut_of(None) == EMPTY
