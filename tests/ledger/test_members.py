"""Members and posts: two editors, moves, what leaving ends, and contacts that only some may see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.actions.members import (
    ChangeMember,
    CreateMember,
    SearchMembers,
    change_member,
    create_member,
    mask_email,
    mask_phone,
    member_record,
    search_members,
)
from ledger.actions.posts import Appoint, EndPost, appoint, end_post
from ledger.model import Member, MemberStatus, PostKind, Stage, day_of
from ledger.ports import AccessQuery, Reach, Store
from ledger.refusals import (
    Forbidden,
    GroupElsewhere,
    HostByRegistration,
    HostIsHome,
    NameMissing,
    NotABranch,
    NotAMemberHere,
    NotFound,
    NumberTaken,
    PostEndsBeforeStart,
    PostNotHere,
    PostTaken,
    StaleRevision,
)
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, NOON

TODAY = day_of(NOON)


async def stored(store: Store, member_id: str) -> Member:
    async with store.reading() as uow:
        found = await uow.members.get(member_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("a1", ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "b2"]),
        ("a3", ["a3", "a4"]),
        ("b1", ["a8", "b1", "b2", "b3"]),
        ("a4", []),
        ("system", []),
        ("branchadmin", ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "b2"]),
    ],
)
async def test_a_search_stays_within_reach(store: Store, who: Who, name: str, numbers: list[str]) -> None:
    page = await search_members(store, await who(name), SearchMembers(), NOON)
    assert ([line.member.number for line in page.lines], page.total) == (numbers, len(numbers))


async def test_lists_mask_contacts_and_a_record_shows_them_to_who_may(store: Store, who: Who) -> None:
    page = await search_members(store, await who("a1"), SearchMembers("a4"), NOON)
    assert (page.lines[0].member.phone, page.lines[0].member.email) == ("138****5678", "a***@example.org")
    full = await member_record(store, await who("a1"), "m-a4", NOON)
    masked = await member_record(store, await who("auditor"), "m-a4", NOON)
    assert (full.member.phone, full.may_edit, full.contact_masked) == ("13812345678", True, False)
    assert (masked.member.phone, masked.may_edit, masked.contact_masked) == ("138****5678", False, True)
    assert full.account is not None
    assert full.account.password_hash == ""


def test_masks() -> None:
    assert (mask_phone("13812345678"), mask_phone("12345"), mask_phone(None), mask_phone("")) == ("138****5678", "*****", None, "")
    assert (mask_email("x@y.z"), mask_email(None)) == ("x***@y.z", None)


async def test_looking_at_somebody_else_is_logged_and_at_oneself_is_not(store: Store, who: Who) -> None:
    await member_record(store, await who("a4"), "m-a4", NOON)
    await member_record(store, await who("a1"), "m-a4", NOON + 1)
    async with store.reading() as uow:
        lines, total = await uow.access_log.search(AccessQuery(Reach(everywhere=True)))
    assert [(line.at, line.account_id, line.action, line.subject, line.path) for line in lines] == [
        (NOON + 1, "acc-a1", "seeMember", "member:m-a4", "/C/A/")
    ]
    assert total == 1


NEW = {"number": " n1 ", "name": " 新人 ", "stage": Stage.PROBATIONARY, "home_branch_id": "A"}


async def test_a_member_is_added_tidy(store: Store, who: Who) -> None:
    made = await create_member(store, await who("a1"), CreateMember(**NEW, phone="", group_id="G"), NOON)  # type: ignore[arg-type]
    assert await stored(store, made.member_id) == made
    assert (made.number, made.name, made.phone, made.group_id) == ("n1", "新人", None, "G")


@pytest.mark.parametrize(
    ("special", "refusal"),
    [
        ({"number": "a1"}, NumberTaken),
        ({"name": " "}, NameMissing),
        ({"home_branch_id": "C"}, NotABranch),
        ({"home_branch_id": "G"}, NotABranch),
        ({"home_branch_id": "nowhere"}, NotFound),
        ({"home_branch_id": "B"}, Forbidden),
        ({"host_branch_id": "A"}, HostIsHome),
        ({"host_branch_id": "C"}, NotABranch),
        ({"host_branch_id": "B"}, HostByRegistration),
        ({"group_id": "A"}, GroupElsewhere),
        ({"group_id": "nowhere"}, GroupElsewhere),
    ],
)
async def test_bad_members_are_refused(store: Store, who: Who, special: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await create_member(store, await who("a1"), CreateMember(**(NEW | special)), NOON)


@pytest.mark.parametrize("name", ["a1", "admin"])
@pytest.mark.parametrize(("member_id", "host"), [("m-a4", "B"), ("m-a8", "F")])
async def test_nobody_shares_a_record_with_a_host_by_an_entry(store: Store, who: Who, name: str, member_id: str, host: str) -> None:
    with pytest.raises(HostByRegistration):
        await change_member(store, await who(name), ChangeMember(member_id, 1, host_branch_id=host), NOON)


async def test_what_stands_of_old_without_a_registration_may_be_ended(store: Store, who: Who) -> None:
    ended = await change_member(store, await who("a1"), ChangeMember("m-a8", 1, host_branch_id=None), NOON)
    assert ended.host_branch_id is None


async def test_of_two_editors_the_second_is_told(store: Store, who: Who) -> None:
    secretary, deputy = await who("a1"), await who("a2")
    first = await change_member(store, secretary, ChangeMember("m-a4", 1, name="改名"), NOON)
    with pytest.raises(StaleRevision) as refused:
        await change_member(store, deputy, ChangeMember("m-a4", 1, phone="1"), NOON)
    assert refused.value.params == {"current": 2}
    second = await change_member(store, deputy, ChangeMember("m-a4", 2, phone=None), NOON)
    assert (first.revision, second.revision, second.name, second.phone, second.email) == (2, 3, "改名", None, "a4@example.org")


async def test_a_move_needs_an_administrator_of_both_and_ends_group_and_posts(store: Store, who: Who) -> None:
    for name in ("a1", "branchadmin"):
        with pytest.raises(Forbidden):
            await change_member(store, await who(name), ChangeMember("m-a3", 1, home_branch_id="B"), NOON)
    with pytest.raises(NotFound):
        await change_member(store, await who("b1"), ChangeMember("m-a3", 1, home_branch_id="B"), NOON)
    moved = await change_member(store, await who("admin"), ChangeMember("m-a3", 1, home_branch_id="B"), NOON)
    assert (moved.home_branch_id, moved.group_id) == ("B", None)
    async with store.reading() as uow:
        assert [(post.kind, post.until) for post in await uow.posts.of_members(["m-a3"])] == [(PostKind.GROUP_LEADER, TODAY)]


async def test_moving_to_the_host_branch_ends_floating(store: Store, who: Who) -> None:
    moved = await change_member(store, await who("admin"), ChangeMember("m-a8", 1, home_branch_id="B"), NOON)
    assert (moved.home_branch_id, moved.host_branch_id) == ("B", None)


async def test_leaving_the_roll_ends_posts_and_the_account(store: Store, who: Who) -> None:
    await change_member(store, await who("admin"), ChangeMember("m-a2", 1, status=MemberStatus.LEFT), NOON)
    async with store.reading() as uow:
        account = await uow.accounts.get("acc-a2")
        posts = await uow.posts.of_members(["m-a2"])
    assert account is not None
    assert account.disabled is True
    assert [post.until for post in posts] == [TODAY]


async def test_one_secretary_at_a_time(store: Store, who: Who) -> None:
    admin = await who("admin")
    with pytest.raises(PostTaken) as refused:
        await appoint(store, admin, Appoint("m-a4", "A", PostKind.SECRETARY, TODAY), NOON)
    assert refused.value.params == {"kind": "secretary", "memberId": "m-a1"}
    await end_post(store, admin, EndPost("p0", TODAY), NOON)
    with pytest.raises(PostTaken):
        await appoint(store, admin, Appoint("m-a4", "A", PostKind.SECRETARY, TODAY), NOON)
    await appoint(store, admin, Appoint("m-a4", "A", PostKind.SECRETARY, day_of(NOON + DAY)), NOON)


@pytest.mark.parametrize(
    ("name", "command", "refusal"),
    [
        ("a1", Appoint("m-a4", "A", PostKind.DEPUTY_SECRETARY, TODAY), Forbidden),
        ("b1", Appoint("m-a4", "A", PostKind.COMMITTEE_MEMBER, TODAY), NotFound),
        ("a1", Appoint("m-b1", "A", PostKind.COMMITTEE_MEMBER, TODAY), NotAMemberHere),
        ("a1", Appoint("m-a7", "A", PostKind.COMMITTEE_MEMBER, TODAY), NotAMemberHere),
        ("a1", Appoint("m-a5", "G", PostKind.GROUP_LEADER, TODAY), NotAMemberHere),
        ("a1", Appoint("m-a4", "A", PostKind.GROUP_LEADER, TODAY), PostNotHere),
        ("a1", Appoint("m-a4", "G", PostKind.COMMITTEE_MEMBER, TODAY), PostNotHere),
        ("a1", Appoint("m-a4", "G", PostKind.GROUP_LEADER, TODAY), PostTaken),
        ("a1", Appoint("nobody", "A", PostKind.COMMITTEE_MEMBER, TODAY), NotFound),
    ],
)
async def test_refused_appointments(store: Store, who: Who, name: str, command: Appoint, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await appoint(store, await who(name), command, NOON)


async def test_a_secretary_names_the_committee_and_a_post_does_not_end_before_it_began(store: Store, who: Who) -> None:
    secretary = await who("a1")
    post = await appoint(store, secretary, Appoint("m-a4", "A", PostKind.COMMITTEE_MEMBER, TODAY), NOON)
    with pytest.raises(PostEndsBeforeStart):
        await end_post(store, secretary, EndPost(post.post_id, date(2020, 1, 1)), NOON)
    with pytest.raises(NotFound):
        await end_post(store, secretary, EndPost("no-post", TODAY), NOON)
