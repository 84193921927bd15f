"""One suite over the three twins of the ledger's store: what is promised in `ledger.ports`, kept by memory, SQLite and PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from ledger.facts import GENESIS, Fact, FactKind, chain_hash
from ledger.model import (
    Access,
    Attendee,
    Capacity,
    Consent,
    Decision,
    FailedAttempts,
    LeaveRequest,
    MeetingForm,
    MeetingState,
    Objection,
    OrgKind,
    RoleGrant,
    RoleKind,
    Session,
    Stage,
)
from ledger.ports import AccessQuery, MeetingQuery, MemberQuery, OrgQuery, Reach, Store
from ledger.refusals import Conflict
from tests.ledger.records import DAY, GRANTS, HOUR, MEMBERS, NOON, UNITS, accounts, fill, meeting, member

ALL = Reach(everywhere=True)


def fact(key: str, stream: str = "meeting:M", at: float = NOON) -> Fact:
    body = {"connectionId": "c", "share": 0.1, "words": "“你好”\n", "none": None, "whole": 3}
    return Fact(key, stream, FactKind.CONNECTION_JOINED, at, "m-a1", body, "system", None)


async def test_an_organisation_comes_back_as_it_went_in(store: Store) -> None:
    full = replace(UNITS[0], present_share=0.75, founded_on=date(2001, 7, 1), ends_on=date(2030, 1, 1), points_enabled=True)
    async with store.writing() as uow:
        await uow.organisations.add([full])
    async with store.reading() as uow:
        assert await uow.organisations.get("C") == full
        assert await uow.organisations.by_code("C") == full
        assert await uow.organisations.get("nobody") is None


async def test_the_tree_comes_parents_first_and_by_code(store: Store) -> None:
    async with store.writing() as uow:
        await uow.organisations.add(UNITS)
    async with store.reading() as uow:
        assert [unit.org_id for unit in await uow.organisations.all()] == ["C", "A", "B", "F", "G"]


async def test_codes_numbers_and_user_names_are_unique(store: Store) -> None:
    await fill(store)
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.organisations.add([replace(UNITS[1], org_id="A2")])
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.members.add([member("a1", "B", member_id="other")])
    with pytest.raises(Conflict):
        async with store.writing() as uow:
            await uow.accounts.add([replace(accounts()[0], account_id="other", member_id=None)])


async def test_an_exception_leaves_nothing_behind(store: Store) -> None:
    async def write_and_fail() -> None:
        async with store.writing() as uow:
            await uow.members.add([member("z1", "A")])
            await uow.facts.append([fact("k")], NOON)
            raise RuntimeError

    await fill(store)
    with pytest.raises(RuntimeError):
        await write_and_fail()
    async with store.reading() as uow:
        assert await uow.members.get("m-z1") is None
        assert await uow.facts.head("meeting:M") == (0, GENESIS)


async def test_a_change_of_the_tree_is_seen_at_once_by_who_made_it(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        assert (await uow.organisations.all())[1] == UNITS[1]
        await uow.organisations.save(replace(UNITS[1], name="新名", closed_at=NOON))
        assert await uow.organisations.get("A") == (await uow.organisations.all())[1] == replace(UNITS[1], name="新名", closed_at=NOON)
        await uow.organisations.add([replace(UNITS[1], org_id="A2", code="A2", path="/C/A2/")])
        assert len(await uow.organisations.all()) == 6


async def test_members_on_the_roll_are_counted_by_home(store: Store) -> None:
    await fill(store)
    async with store.reading() as uow:
        assert await uow.organisations.member_counts(Reach(everywhere=True)) == {"A": 8, "B": 3}
        assert await uow.organisations.member_counts(Reach(org_ids=frozenset({"B", "F"}))) == {"B": 3}
        assert [await uow.organisations.members_below(path) for path in ("/C/", "/C/A/", "/C/F/")] == [11, 8, 0]


async def test_organisations_are_found_by_reach_parent_and_name(store: Store) -> None:
    await fill(store)
    everywhere, branches = Reach(everywhere=True), {OrgKind.BRANCH, OrgKind.FLOATING_BRANCH}
    async with store.writing() as uow:
        await uow.organisations.save(replace(UNITS[3], closed_at=NOON))
        tree = [one.org_id for one in await uow.organisations.all()]
        for reach, keys in (
            (everywhere, tree),
            (Reach(paths=("/C/A/", "/C/B/")), ["A", "B", "G"]),
            (Reach(org_ids=frozenset({"A", "C"})), ["C", "A", "G"]),
            (Reach(), []),
        ):
            assert [one.org_id for one in await uow.organisations.within(reach)] == keys
        assert [one.org_id for one in await uow.organisations.below(["C", "A"])] == ["A", "G", "B", "F"]
        assert await uow.organisations.below([]) == []
        for text, keys in (("", ["A", "B"]), ("支部", ["A", "B"]), ("乙", ["B"]), ("a", ["A"]), ("%", [])):
            assert [one.org_id for one in await uow.organisations.named(everywhere, text, branches, 9)] == keys
        assert [one.org_id for one in await uow.organisations.named(everywhere, "", branches, 1)] == ["A"]
        assert [one.org_id for one in await uow.organisations.named(Reach(paths=("/C/B/",)), "", branches, 9)] == ["B"]


async def test_members_are_found_by_id_number_and_group(store: Store) -> None:
    await fill(store)
    async with store.reading() as uow:
        assert await uow.members.get("m-a4") == MEMBERS[3]
        assert (await uow.members.many(["m-a1", "gone"])).keys() == {"m-a1"}
        assert (await uow.members.by_numbers(["b1", "b9"])).keys() == {"b1"}
        assert [one.number for one in await uow.members.of_group("G")] == ["a3", "a4"]
        assert [one.number for one in await uow.members.floating_at(Reach(org_ids=frozenset({"A"})))] == ["b2"]
        assert [one.number for one in await uow.members.within(Reach(paths=("/C/B/",)))] == ["b1", "b2", "b3"]
        assert await uow.members.within(Reach()) == []


@pytest.mark.parametrize(
    ("query", "numbers", "total"),
    [
        (MemberQuery(ALL, "A"), ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"], 8),
        (MemberQuery(ALL, "党员b"), ["b1", "b2", "b3"], 3),
        (MemberQuery(ALL, "%"), [], 0),
        (MemberQuery(ALL, "_1"), [], 0),
        (MemberQuery(ALL, page=2, page_size=4), ["a5", "a6", "a7", "a8"], 11),
        (MemberQuery(ALL, page=9, page_size=4), [], 11),
        (MemberQuery(ALL, stage=Stage.PROBATIONARY), ["a5"], 1),
        (MemberQuery(ALL, floating=True), ["a8", "b2"], 2),
        (MemberQuery(Reach(org_ids=frozenset({"B"}))), ["a8", "b1", "b2", "b3"], 4),
        (MemberQuery(Reach(org_ids=frozenset({"G"}))), ["a3", "a4"], 2),
        (MemberQuery(Reach(paths=("/C/A/",)), within=UNITS[4]), ["a3", "a4"], 2),
        (MemberQuery(Reach(org_ids=frozenset({"B"})), within=UNITS[1]), ["a8", "b2"], 2),
        (MemberQuery(Reach()), [], 0),
    ],
)
async def test_members_are_searched_within_reach(store: Store, query: MemberQuery, numbers: list[str], total: int) -> None:
    await fill(store)
    async with store.reading() as uow:
        found, count = await uow.members.search(query)
    assert ([one.number for one in found], count) == (numbers, total)


async def test_many_members_are_saved_at_once(store: Store) -> None:
    await fill(store)
    changed = [replace(MEMBERS[0], name="新名", joined_on=date(1999, 7, 1)), replace(MEMBERS[1], host_branch_id="F")]
    async with store.writing() as uow:
        await uow.members.save(changed)
        await uow.members.save([])
    async with store.reading() as uow:
        assert await uow.members.many(["m-a1", "m-a2"]) == {"m-a1": changed[0], "m-a2": changed[1]}


async def test_posts_are_found_by_member_and_organisation(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        post = await uow.posts.get("p0")
        assert post is not None
        await uow.posts.save(replace(post, until=date(2025, 6, 30)))
    async with store.reading() as uow:
        assert [(one.post_id, one.until) for one in await uow.posts.of_org("A")] == [("p0", date(2025, 6, 30)), ("p1", None)]
        assert [one.post_id for one in await uow.posts.of_members(["m-a1", "m-b1"])] == ["p0", "p3"]


async def test_accounts_and_grants(store: Store) -> None:
    async with store.reading() as uow:
        assert await uow.accounts.any() is False
    await fill(store)
    extra = RoleGrant("admin", RoleKind.AUDITOR, "B")
    async with store.writing() as uow:
        await uow.accounts.grant([extra])
        await uow.accounts.revoke(RoleGrant("system", RoleKind.SYSTEM_ADMIN, None))
        await uow.accounts.save(replace(accounts()[0], locale="en", disabled=True))
    async with store.reading() as uow:
        assert await uow.accounts.any() is True
        assert await uow.accounts.grants_of("admin") == [GRANTS[0], extra]
        assert await uow.accounts.grants_of("system") == []
        assert (await uow.accounts.by_usernames(["acc-a1", "nobody"])) == {"acc-a1": replace(accounts()[0], locale="en", disabled=True)}
        assert (await uow.accounts.of_members(["m-a2"]))["m-a2"].username == "acc-a2"


async def test_sessions_expire_and_attempts_are_forgotten_with_them(store: Store) -> None:
    await fill(store)
    kept = Session("h1", "admin", NOON, NOON + DAY, NOON)
    over, idle = replace(kept, token_hash="h2", expires_at=NOON), replace(kept, token_hash="h3", last_seen_at=NOON - DAY)
    old, locked = FailedAttempts("x", 3, NOON - DAY), FailedAttempts("y", 9, NOON - DAY, NOON + HOUR)
    async with store.writing() as uow:
        for session in (kept, over, idle):
            await uow.sessions.add(session)
        await uow.sessions.save_attempts(old)
        await uow.sessions.save_attempts(replace(locked, count=1))
        await uow.sessions.save_attempts(locked)
        assert await uow.sessions.remove_expired(NOON, NOON - HOUR) == 2
        await uow.sessions.save(replace(kept, last_seen_at=NOON + 1))
        await uow.sessions.save(replace(over, last_seen_at=NOON + 1))  # ended in the meantime: it does not come back
    async with store.reading() as uow:
        assert await uow.sessions.of_account("admin") == [replace(kept, last_seen_at=NOON + 1)]
        assert await uow.sessions.attempts("x") is None
        assert await uow.sessions.attempts("y") == locked


async def test_a_meeting_is_saved_only_by_who_saw_it_last(store: Store) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.meetings.add(meeting())
        assert await uow.meetings.save(meeting(title="新", revision=2, opened_at=NOON, present_share=0.9), seen_revision=1) is True
        assert await uow.meetings.save(meeting(title="旧", revision=2), seen_revision=1) is False
    async with store.reading() as uow:
        assert await uow.meetings.by_invite("t-M") == meeting(title="新", revision=2, opened_at=NOON, present_share=0.9)


@pytest.mark.parametrize(
    ("query", "keys", "total"),
    [
        (MeetingQuery(ALL), ["M2", "M", "MG", "M3"], 4),
        (MeetingQuery(ALL, newest_first=True, page_size=2), ["M3", "MG"], 4),
        (MeetingQuery(Reach(paths=("/C/A/",))), ["M", "MG", "M3"], 3),
        (MeetingQuery(Reach(org_ids=frozenset({"A"}))), ["M", "MG", "M3"], 3),
        (MeetingQuery(Reach(org_ids=frozenset({"G"}))), ["MG"], 1),
        (MeetingQuery(ALL, within=UNITS[4]), ["MG"], 1),
        (MeetingQuery(ALL, frozenset({MeetingState.ENDED})), ["M2"], 1),
        (MeetingQuery(ALL, since=NOON, until=NOON + DAY), ["M", "MG"], 2),
        (MeetingQuery(ALL, form=MeetingForm.THEMED_PARTY_DAY), ["M3"], 1),
        (MeetingQuery(Reach()), [], 0),
    ],
)
async def test_meetings_are_searched_within_reach(store: Store, query: MeetingQuery, keys: list[str], total: int) -> None:
    await fill(store)
    async with store.writing() as uow:
        await uow.meetings.add(meeting())
        await uow.meetings.add(meeting("M2", "B", planned_start=NOON - DAY, state=MeetingState.ENDED))
        await uow.meetings.add(meeting("M3", planned_start=NOON + DAY, form=MeetingForm.THEMED_PARTY_DAY))
        await uow.meetings.add(meeting("MG", "G", planned_start=NOON + 2 * HOUR))
    async with store.reading() as uow:
        found, count = await uow.meetings.search(query)
        counts = await uow.meetings.counts(query)
    assert ([one.meeting_id for one in found], count) == (keys, total)
    assert sum(counts.values()) == total
    assert {one.org_id for one in found} <= counts.keys()


async def test_a_list_of_attendees_keeps_its_order_and_is_replaced_whole(store: Store) -> None:
    await fill(store)
    first = [Attendee("M", "m-b2", Capacity.HOST_MEMBER), Attendee("M", "m-a6", Capacity.EXPECTED, exempt=True)]
    second = [Attendee("M", "m-a6", Capacity.OBSERVER)]
    async with store.writing() as uow:
        await uow.meetings.add(meeting())
        await uow.meetings.add(meeting("M2", planned_start=NOON + DAY))
        await uow.attendance.set_attendees("M", first)
        assert await uow.attendance.attendees("M") == first
        await uow.attendance.set_attendees("M", second)
        await uow.attendance.set_attendees("M2", [Attendee("M2", "m-a6", Capacity.EXPECTED)])
    async with store.reading() as uow:
        assert await uow.attendance.attendees("M") == second
        assert await uow.attendance.of_meetings(["M", "M2", "none"]) == {"M": second, "M2": [Attendee("M2", "m-a6", Capacity.EXPECTED)]}
        assert [one.meeting_id for one in await uow.meetings.listing("m-a6")] == ["M2", "M"]
        assert await uow.meetings.listing("m-b2") == []


async def test_leave_and_objections_are_kept_and_counted_while_pending(store: Store) -> None:
    await fill(store)
    leave = LeaveRequest("M", "m-a4", "出差", NOON)
    objection = Objection("o1", "M", "m-a4", "我在场", NOON)
    async with store.writing() as uow:
        await uow.meetings.add(meeting())
        await uow.attendance.save_leave(leave)
        await uow.attendance.save_objection(objection)
        assert await uow.attendance.pending(ALL) == ({"A": 1}, {"A": 1})
        decided = replace(leave, decision=Decision.APPROVED, decided_by="acc-a1", decided_at=NOON + 1, answer="同意")
        await uow.attendance.save_leave(decided)
    async with store.reading() as uow:
        assert await uow.attendance.leaves("M") == [decided]
        assert await uow.attendance.objections("M") == [objection]
        assert await uow.attendance.pending(Reach(paths=("/C/A/",))) == ({}, {"A": 1})
        assert await uow.attendance.pending(Reach(paths=("/C/B/",))) == ({}, {})


async def test_consents_stay_after_withdrawal(store: Store) -> None:
    await fill(store)
    first, second = Consent("m-a4", "1", NOON), Consent("m-a4", "2", NOON + 1)
    async with store.writing() as uow:
        await uow.attendance.save_consent(second)
        await uow.attendance.save_consent(first)
        await uow.attendance.save_consent(replace(first, withdrawn_at=NOON + 2))
    async with store.reading() as uow:
        assert await uow.attendance.consents_of("m-a4") == [replace(first, withdrawn_at=NOON + 2), second]


async def test_facts_are_numbered_and_chained_in_the_order_given(store: Store) -> None:
    given = [fact("k1", at=NOON + 0.1), fact("k2", "meeting:N"), fact("k3", at=5)]
    async with store.writing() as uow:
        recorded = await uow.facts.append(given, NOON + 7)
    async with store.reading() as uow:
        stored = await uow.facts.of_stream("meeting:M")
        both = await uow.facts.of_streams(["meeting:M", "meeting:N", "meeting:empty"])
        assert await uow.facts.streams() == ["meeting:M", "meeting:N"]
        assert await uow.facts.head("meeting:M") == (2, stored[1].hash)
        assert await uow.facts.of_stream("meeting:M", after=1) == stored[1:]
    assert stored == [recorded[0], recorded[2]]
    assert both == {"meeting:M": stored, "meeting:N": [recorded[1]]}
    first = chain_hash(GENESIS, stored[0].fact, 1)
    assert [one.hash for one in stored] == [first, chain_hash(first, stored[1].fact, 2)]
    assert [(one.number, one.recorded_at) for one in stored] == [(1, NOON + 7), (2, NOON + 7)]


async def test_facts_about_one_member_come_with_those_about_the_whole_meeting(store: Store) -> None:
    other = replace(fact("k2"), member_id="m-a2")
    whole = replace(fact("k3"), member_id=None, kind=FactKind.MEETING_ENDED)
    async with store.writing() as uow:
        await uow.facts.append([fact("k1"), other, whole, replace(other, key="k4", stream="meeting:N")], NOON)
    async with store.reading() as uow:
        found = await uow.facts.of_streams(["meeting:M", "meeting:N"], about="m-a1")
    assert {stream: [one.fact.key for one in facts] for stream, facts in found.items()} == {"meeting:M": ["k1", "k3"]}


async def test_a_fact_delivered_again_is_passed_over(store: Store) -> None:
    async with store.writing() as uow:
        await uow.facts.append([fact("k1"), fact("k2"), fact("k1")], NOON)
    async with store.writing() as uow:
        new = await uow.facts.append([fact("k2"), fact("k3"), fact("k1", at=9.0)], NOON + 1)
        assert [(one.fact.key, one.number) for one in new] == [("k3", 3)]
        assert await uow.facts.append([fact("k1")], NOON + 2) == []
        assert await uow.facts.append([], NOON + 2) == []
    async with store.reading() as uow:
        assert [one.fact.key for one in await uow.facts.of_stream("meeting:M")] == ["k1", "k2", "k3"]


async def test_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    async def write(number: int) -> None:
        async with store.writing() as uow:
            await uow.facts.append([fact(f"k{number}"), fact(f"same{number % 2}")], NOON)

    await asyncio.gather(*(write(number) for number in range(8)))
    async with store.reading() as uow:
        stored = await uow.facts.of_stream("meeting:M")
    previous = GENESIS
    for place, one in enumerate(stored, start=1):
        assert (one.number, one.hash) == (place, chain_hash(previous, one.fact, place))
        previous = one.hash
    assert len(stored) == 10


async def test_the_log_of_access_is_read_newest_first_within_reach(store: Store) -> None:
    lines = [
        Access(NOON, "acc-a1", "seeMember", "member:m-a4", "/C/A/", {"why": "“查”"}),
        Access(NOON + 1, "acc-b1", "seeMember", "member:m-b2", "/C/B/"),
        Access(NOON + 2, "system", "createAccount", "account:x", ""),
        Access(NOON + 2, "acc-a1", "seeSheet", "meeting:M", "/C/A/"),
    ]
    async with store.writing() as uow:
        await uow.access_log.append(lines)
        await uow.access_log.append([])
    async with store.reading() as uow:
        search = uow.access_log.search
        assert await search(AccessQuery(ALL)) == (lines[::-1], 4)
        assert await search(AccessQuery(Reach(paths=("/C/A/",)))) == ([lines[3], lines[0]], 2)
        assert await search(AccessQuery(Reach(paths=("/C/A/",)), unplaced=True)) == ([lines[3], lines[2], lines[0]], 3)
        assert await search(AccessQuery(Reach(org_ids=frozenset({"A"})))) == ([], 0)
        assert await search(AccessQuery(ALL, frozenset({"member:m-b2"}))) == ([lines[1]], 1)
        assert await search(AccessQuery(ALL, None, "acc-a1", page=2, page_size=1)) == ([lines[0]], 2)
        own, sheet = frozenset({"member:m-a4"}), frozenset({"meeting:M"})
        assert await search(AccessQuery(ALL, own, shared=sheet, shared_actions=frozenset({"seeSheet"}))) == ([lines[3], lines[0]], 2)
        assert await search(AccessQuery(ALL, own, shared=sheet, shared_actions=frozenset({"other"}))) == ([lines[0]], 1)


async def test_organisations_are_searched_by_a_part_of_name_or_code_branches_first(store: Store) -> None:
    await fill(store)
    kinds = frozenset({OrgKind.COMMITTEE, OrgKind.BRANCH, OrgKind.FLOATING_BRANCH})
    everywhere = OrgQuery(kinds, Reach(everywhere=True))
    closed = replace(UNITS[2], closed_at=NOON)
    async with store.writing() as uow:
        for query, ids in (
            (everywhere, ["A", "B", "F", "C"]),
            (replace(everywhere, text="支部"), ["A", "B", "F"]),
            (replace(everywhere, text="a"), ["A"]),
            (replace(everywhere, text="%"), []),
            (replace(everywhere, but="A"), ["B", "F", "C"]),
            (replace(everywhere, reach=Reach(paths=("/C/A/",))), ["A"]),
            (replace(everywhere, reach=Reach(org_ids=frozenset({"A", "C"}))), ["A", "C"]),
            (replace(everywhere, kinds=frozenset({OrgKind.FLOATING_BRANCH}), tops=True), ["F", "C"]),
            (replace(everywhere, page=2, page_size=3), ["C"]),
        ):
            found, total = await uow.organisations.search(query)
            assert [unit.org_id for unit in found] == ids, query
            assert total == (4 if query.page > 1 else len(ids))
        await uow.organisations.save(closed)
        assert [unit.org_id for unit in (await uow.organisations.search(everywhere))[0]] == ["A", "F", "C"]
