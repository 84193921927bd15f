"""A small organisation for tests, as plain records: a committee C with branches A, B and a floating-member branch F, a group G under A."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ledger.access import Actor, actor_for
from ledger.model import (
    Account,
    Meeting,
    MeetingForm,
    MeetingState,
    Member,
    MemberStatus,
    OrgKind,
    OrgUnit,
    Post,
    PostKind,
    RoleGrant,
    RoleKind,
    Stage,
)
from ledger.ports import Store

NOON = 1_764_648_000.0  # 2025-12-02 12:00 in China
HOUR, DAY = 3600.0, 86_400.0

UNITS = (
    OrgUnit("C", None, OrgKind.COMMITTEE, "党委", "C", "/C/"),
    OrgUnit("A", "C", OrgKind.BRANCH, "甲支部", "A", "/C/A/"),
    OrgUnit("B", "C", OrgKind.BRANCH, "乙支部", "B", "/C/B/"),
    OrgUnit("F", "C", OrgKind.FLOATING_BRANCH, "流动党员支部", "F", "/C/F/"),
    OrgUnit("G", "A", OrgKind.PARTY_GROUP, "党小组", "A-G", "/C/A/G/"),
)


def member(key: str, home: str, **special: Any) -> Member:
    plain = Member(f"m-{key}", key, f"党员{key}", Stage.FULL, MemberStatus.ACTIVE, home)
    return replace(plain, **special)


MEMBERS = (
    member("a1", "A"),  # secretary
    member("a2", "A"),  # deputy
    member("a3", "A", group_id="G"),  # leads the group
    member("a4", "A", group_id="G", phone="13812345678", email="a4@example.org"),
    member("a5", "A", stage=Stage.PROBATIONARY),
    member("a6", "A", exempt=True),
    member("a7", "A", status=MemberStatus.SUSPENDED),
    member("a8", "A", host_branch_id="B"),
    member("b1", "B"),  # secretary
    member("b2", "B", host_branch_id="A"),
    member("b3", "B"),
)
POSTS = (
    ("m-a1", "A", PostKind.SECRETARY),
    ("m-a2", "A", PostKind.DEPUTY_SECRETARY),
    ("m-a3", "G", PostKind.GROUP_LEADER),
    ("m-b1", "B", PostKind.SECRETARY),
)
GRANTS = (
    RoleGrant("admin", RoleKind.ORG_ADMIN, "C"),
    RoleGrant("branchadmin", RoleKind.ORG_ADMIN, "A"),
    RoleGrant("auditor", RoleKind.AUDITOR, "C"),
    RoleGrant("system", RoleKind.SYSTEM_ADMIN, None),
    RoleGrant("security", RoleKind.SECURITY_ADMIN, None),
)


def accounts() -> list[Account]:
    """One for every member, named acc-<number>, and five without a member. Nobody can log in: the hashes are none."""
    people = [Account(f"acc-{one.number}", f"acc-{one.number}", "!", one.member_id) for one in MEMBERS]
    return [*people, *(Account(name, name, "!", None) for name in ("admin", "branchadmin", "auditor", "system", "security"))]


def meeting(key: str = "M", org_id: str = "A", **special: Any) -> Meeting:
    form = special.pop("form", MeetingForm.BRANCH_GENERAL_MEETING)
    plain = Meeting(key, org_id, form, "会议", NOON + HOUR, NOON + 2 * HOUR, MeetingState.SCHEDULED, "acc-a1", invite_token=f"t-{key}")
    return replace(plain, **special)


async def fill(store: Store) -> None:
    async with store.writing() as uow:
        await uow.organisations.add(UNITS)
        await uow.members.add(MEMBERS)
        for number, (member_id, org_id, kind) in enumerate(POSTS):
            await uow.posts.add(Post(f"p{number}", member_id, org_id, kind, date(2025, 1, 1)))
        await uow.accounts.add(accounts())
        await uow.accounts.grant(GRANTS)


async def actor(store: Store, name: str) -> Actor:
    """By the name of the account, at noon."""
    async with store.reading() as uow:
        account = await uow.accounts.get(name)
        assert account is not None
        return await actor_for(uow, account, None, NOON)
