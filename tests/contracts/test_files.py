"""One suite over the three twins: members' files, their history, change requests, saved lists, and the members' list with its filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.accesschain import EMPTY, chained_lines
from ledger.facts import Fact, FactKind
from ledger.memberfile import ChangeRequest, EntryKind, FileChange, FileEntry, How, MemberFile, SavedList
from ledger.model import Access, Decision, Education, MemberStatus
from ledger.ports import MemberQuery, Reach, Store
from ledger.privacy import DataRequest, DataRequestKind
from ledger.refusals import Conflict
from tests.ledger.records import MEMBERS, NOON, UNITS, fill, member

ALL = Reach(everywhere=True)
FULL = MemberFile(
    "m-a4", "aes.k.sealed", "k.index", "江苏", "苏州市", "学士", "某大学", "某公司", "工程师",
    date(2010, 1, 1), date(2011, 1, 1), date(2012, 1, 1), date(2013, 1, 1), date(2014, 1, 1), "甲、乙", "丙、丁",
)  # fmt: skip


def change(number: int, member_id: str = "m-a4", batch: str = "b1") -> FileChange:
    return FileChange(batch, member_id, NOON + number, "acc-a1", How.EDIT, "name", "旧", None, "理由")


def request(key: str, member_id: str = "m-a4", **special: object) -> ChangeRequest:
    plain = ChangeRequest(key, member_id, "acc-a4", NOON, {"phone": "13800000000", "email": None}, {"kind": "work"}, "换了号码")
    return replace(plain, **special)  # type: ignore[arg-type]


async def test_a_file_comes_back_as_it_went_in_and_changes(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        assert await uow.files.get("m-a4") is None
        await uow.files.save([FULL, MemberFile("m-a3")])
    async with store.writing() as uow:
        assert await uow.files.get("m-a4") == FULL
        assert (await uow.files.many(["m-a3", "m-a4", "gone"])).keys() == {"m-a3", "m-a4"}
        await uow.files.save([replace(FULL, school=None), replace(FULL, school="另一所")])
    async with store.reading() as uow:
        assert await uow.files.get("m-a4") == replace(FULL, school="另一所")
        assert [one.member_id for one in await uow.files.by_index(["k.index", "other"])] == ["m-a4"]
        assert await uow.files.by_index([]) == []


async def test_one_index_belongs_to_one_member(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.files.save([FULL, MemberFile("m-a1"), MemberFile("m-a2")])  # several may have none
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.files.save([MemberFile("m-a3", id_index="k.index")])


async def test_sealed_files_are_gone_through_in_batches(store: Store) -> None:
    await fill(store)
    sealed = [MemberFile(f"m-a{n}", id_sealed="s", id_index=f"i{n}") for n in range(1, 6)]
    async with store.writing() as uow:
        await uow.files.save([*sealed, MemberFile("m-a6")])
    async with store.reading() as uow:
        first = await uow.files.sealed_after("", 3)
        assert [one.member_id for one in first] == ["m-a1", "m-a2", "m-a3"]
        assert [one.member_id for one in await uow.files.sealed_after("m-a3", 3)] == ["m-a4", "m-a5"]


async def test_entries_come_by_kind_and_beginning(store: Store) -> None:
    await fill(store)
    school = FileEntry("e1", "m-a4", EntryKind.EDUCATION, date(2005, 9, 1), date(2009, 7, 1), "某大学", "学士")
    work = FileEntry("e2", "m-a4", EntryKind.WORK, date(2009, 8, 1), None, "某公司")
    earlier = replace(school, entry_id="e3", since=date(2002, 9, 1))
    async with store.writing() as uow:
        for one in (work, school, earlier, replace(work, entry_id="e4", member_id="m-a3")):
            await uow.files.save_entry(one)
        await uow.files.save_entry(replace(work, title="工程师"))
        await uow.files.remove_entry("e4")
    async with store.reading() as uow:
        assert await uow.files.entries("m-a4") == [earlier, school, replace(work, title="工程师")]
        assert await uow.files.entry("e1") == school
        assert await uow.files.entry("e4") is None


async def test_history_is_kept_newest_first_and_by_batch(store: Store) -> None:
    lines = [change(1), change(2), change(3, batch="b2"), change(4, "m-a3", "b2")]
    async with store.writing() as uow:
        await uow.files.append_changes(lines)
        await uow.files.append_changes([])
    async with store.reading() as uow:
        assert await uow.files.changes("m-a4") == ([lines[2], lines[1], lines[0]], 3)
        assert await uow.files.changes("m-a4", page=2, page_size=2) == ([lines[0]], 3)
        assert await uow.files.batch("b2") == lines[2:]


async def test_open_requests_are_found_where_the_member_is_at_home(store: Store) -> None:
    await fill(store)
    waiting = [request("r1", at=NOON + 2), request("r2", "m-b2", at=NOON + 1, changes={"idNumber": "sealed"}, entry=None)]
    over = [request("r3", withdrawn=True), request("r4", decision=Decision.APPROVED, decided_by="acc-a1", decided_at=NOON, answer="同意")]
    async with store.writing() as uow:
        for one in (*waiting, *over):
            await uow.change_requests.save(one)
    async with store.reading() as uow:
        assert await uow.change_requests.pending(ALL) == ([waiting[1], waiting[0]], 2)
        assert await uow.change_requests.pending(ALL, page=2, page_size=1) == ([waiting[0]], 2)
        assert await uow.change_requests.pending(Reach(paths=("/C/A/",))) == ([waiting[0]], 1)
        assert await uow.change_requests.pending(Reach()) == ([], 0)
        assert await uow.change_requests.get("r4") == over[1]
        assert await uow.change_requests.get("gone") is None
        assert [one.request_id for one in await uow.change_requests.of_member("m-a4")] == ["r1", "r4", "r3"]
        assert await uow.change_requests.all_sealed() == [waiting[1]]
    async with store.writing() as uow:
        await uow.change_requests.save(replace(waiting[0], withdrawn=True))
    async with store.reading() as uow:
        assert await uow.change_requests.pending(Reach(paths=("/C/A/",))) == ([], 0)


async def test_saved_lists_belong_to_an_account(store: Store) -> None:
    await fill(store)
    lists = [
        SavedList("l2", "acc-a1", "流动党员", {"floating": "true"}, NOON),
        SavedList("l1", "acc-a1", "三十五岁以下", {"q": "李"}, NOON),
    ]
    async with store.writing() as uow:
        for one in (*lists, SavedList("l3", "acc-a2", "别人的", {}, NOON)):
            await uow.saved_lists.add(one)
    async with store.writing() as uow:
        assert await uow.saved_lists.of_account("acc-a1") == sorted(lists, key=lambda one: one.name)
        assert await uow.saved_lists.get("l2") == lists[0]
        await uow.saved_lists.remove("l2")
        assert await uow.saved_lists.get("l2") is None


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (MemberQuery(ALL, "书华"), ["z1"]),
        (MemberQuery(ALL, "李"), ["z1"]),
        (MemberQuery(ALL, "Z"), ["z1", "z2", "z3"]),
        (MemberQuery(ALL, "1"), ["a1", "b1"]),  # 党员a1: a name is found by any part, the number z1 by its beginning only
        (MemberQuery(ALL, "党员"), [one.number for one in MEMBERS]),
        (MemberQuery(ALL, sex="female"), ["z1"]),
        (MemberQuery(ALL, education=Education.MASTER), ["z1", "z2"]),
        (MemberQuery(ALL, exempt=True), ["a6"]),
        (MemberQuery(ALL, born_from=date(1990, 1, 1)), ["z1"]),
        (MemberQuery(ALL, born_until=date(1990, 5, 1)), ["z2"]),
        (MemberQuery(ALL, born_from=date(1980, 1, 1), born_until=date(1990, 5, 1)), ["z2"]),
        (MemberQuery(Reach(paths=("/C/",)), "Z"), ["z1", "z2", "z3"]),
        (MemberQuery(Reach(paths=("/C/B/",)), "Z"), ["z1"]),
        (MemberQuery(Reach(org_ids=frozenset({"A"})), "Z", education=Education.MASTER), ["z2"]),
        (MemberQuery(ALL, "Z", within=UNITS[1]), ["z2", "z3"]),
    ],
)
async def test_the_members_list_is_filtered(store: Store, query: MemberQuery, numbers: list[str]) -> None:
    await fill(store)
    more = [
        member("z1", "B", name="李书华", sex="female", born_on=date(1990, 5, 1), education=Education.MASTER, ethnic_group="汉族"),
        member("z2", "A", name="赵", born_on=date(1985, 1, 1), education=Education.MASTER),
        member("z3", "A", name="孙"),
    ]
    async with store.writing() as uow:
        await uow.members.add(more)
    async with store.reading() as uow:
        found, total = await uow.members.search(query)
        assert ([one.number for one in found], total) == (numbers, len(numbers))
        assert (await uow.members.get("m-z1")) == more[0]
        assert (await uow.organisations.many(["A", "gone"])).keys() == {"A"}


async def test_a_changed_name_is_found_and_the_old_one_is_not(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.members.save([replace(MEMBERS[0], name="欧阳明"), replace(MEMBERS[1], phone="13800000000")])
    async with store.reading() as uow:
        assert [one.number for one in (await uow.members.search(MemberQuery(ALL, "阳明")))[0]] == ["a1"]
        assert (await uow.members.search(MemberQuery(ALL, "党员a1")))[1] == 0
        assert (await uow.members.search(MemberQuery(ALL, "党员a2")))[1] == 1


async def test_the_log_is_one_chain_read_in_pieces_and_cut_at_its_beginning(store: Store) -> None:
    async with store.reading() as uow:
        assert await uow.access_log.head() == EMPTY
    entries = [Access(NOON + n, "acc", "seeMember" if n % 2 else "logIn", f"member:{n}", "/C/", {"k": "值"}) for n in range(5)]
    async with store.writing() as uow:
        await uow.access_log.append(entries[:2])
        await uow.access_log.append(entries[2:])
    async with store.writing() as uow:
        lines = chained_lines(EMPTY, entries)
        assert await uow.access_log.head() == (5, lines[-1].hash)
        assert await uow.access_log.after(0, 3) == lines[:3]
        assert await uow.access_log.after(3, 9) == lines[3:]
        assert await uow.access_log.last_of("seeMember") == lines[3]
        assert await uow.access_log.last_of("nothing") is None
        assert await uow.access_log.last_before(NOON) is None
        assert await uow.access_log.last_before(NOON + 2) == lines[1]
        assert await uow.access_log.last_before(NOON + 99) == lines[4]
        assert await uow.access_log.remove_up_to(2) == 2
        assert await uow.access_log.head() == (5, lines[-1].hash)
        assert await uow.access_log.after(0, 9) == lines[2:]


async def test_streams_that_have_grown_are_vouched_for_once(store: Store) -> None:
    async with store.writing() as uow:
        await uow.facts.append([Fact(f"k{n}", f"meeting:{n % 3}", FactKind.HAND_RAISED, NOON) for n in range(6)], NOON)
    async with store.writing() as uow:
        heads = await uow.facts.unanchored(2)
        assert list(heads) == ["meeting:0", "meeting:1"]
        assert heads["meeting:0"] == await uow.facts.head("meeting:0")
        await uow.facts.mark_anchored(heads)
        await uow.facts.append([Fact("more", "meeting:1", FactKind.HAND_RAISED, NOON)], NOON)
        assert list(await uow.facts.unanchored(9)) == ["meeting:1", "meeting:2"]


async def test_data_requests_wait_where_the_member_is_at_home_and_go_when_answered(store: Store) -> None:
    await fill(store)
    waiting = [
        DataRequest("q1", "m-a4", DataRequestKind.ERASURE, "删", NOON + 1),
        DataRequest("q2", "m-b2", DataRequestKind.OBJECTION, "不", NOON),
    ]
    answered = DataRequest("q3", "m-a4", DataRequestKind.EXPLANATION, "为何", NOON + 2, NOON + 3, "acc-a1", False, "依据")
    async with store.writing() as uow:
        for one in (*waiting, answered):
            await uow.data_requests.save(one)
    async with store.writing() as uow:
        requests = uow.data_requests
        assert await requests.waiting(ALL) == ([waiting[1], waiting[0]], 2)
        assert await requests.waiting(Reach(paths=("/C/A/",)), 1, 1) == ([waiting[0]], 1)
        assert await requests.waiting(Reach()) == ([], 0)
        assert await requests.of_member("m-a4") == [answered, waiting[0]]
        assert await requests.get("q3") == answered
        assert await requests.get("gone") is None
        assert await requests.remove_answered(NOON + 3) == 0
        assert await requests.remove_answered(NOON + 4) == 1
        await requests.save(replace(waiting[0], answered_at=NOON, agreed=True))
        assert (await requests.waiting(ALL))[1] == 1


async def test_who_left_long_ago_is_found_and_forgotten(store: Store) -> None:
    await fill(store)
    left = replace(MEMBERS[3], status=MemberStatus.LEFT)
    lines = [replace(change(n, one), field=field) for n, one, field in ((1, "m-a4", "status"), (2, "m-a4", "name"), (3, "m-a3", "status"))]
    async with store.writing() as uow:
        await uow.members.save([left])
        await uow.files.save([FULL])
        await uow.files.save_entry(FileEntry("e1", "m-a4", EntryKind.WORK, date(2009, 8, 1), None, "某公司"))
        await uow.files.append_changes(lines)
    async with store.writing() as uow:
        assert await uow.files.left_before(NOON + 1, 9) == []
        assert await uow.files.left_before(NOON + 2, 9) == ["m-a4"]  # a3 is on the roll again, or still
        assert await uow.files.left_before(NOON + 2, 0) == []
        assert await uow.files.forget("m-a4") == 4
        assert await uow.files.left_before(NOON + 2, 9) == []
        assert (await uow.files.changes("m-a3"))[1] == 1


async def test_settled_requests_for_changes_go_by_age(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        for one in (request("r1"), request("r2", withdrawn=True), request("r3", withdrawn=True, at=NOON + 9)):
            await uow.change_requests.save(one)
        assert await uow.change_requests.remove_over(NOON + 5) == 1
        assert [one.request_id for one in await uow.change_requests.of_member("m-a4")] == ["r3", "r1"]


async def test_accounts_are_found_by_the_beginning_of_their_name_and_by_office(store: Store) -> None:
    await fill(store)
    async with store.reading() as uow:
        names = [one.username for one in (await uow.accounts.search("", True))[0]]
        assert names == ["admin", "auditor", "branchadmin", "security", "system"]
        assert [one.username for one in (await uow.accounts.search("a", True, 1, 1))[0]] == ["admin"]
        found, total = await uow.accounts.search("acc-b", False)
        assert ([one.username for one in found], total) == (["acc-b1", "acc-b2", "acc-b3"], 3)
