"""The directory is searched as one types, and never listed as a whole: names by a part of them, a page at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.actions.hosts import FindOrg, FoundOrgs, find_destinations, find_hosts
from ledger.model import OrgKind, OrgUnit
from ledger.ports import Store
from ledger.refusals import NotFound, PasswordChangeNeeded
from tests.ledger.conftest import Who

MANY = tuple(OrgUnit(f"x{n:02d}", "D", OrgKind.BRANCH, f"丁字支部{n:02d}", f"D-{n:02d}", f"/D/x{n:02d}/") for n in range(30))
OTHERS = (
    OrgUnit("D", None, OrgKind.COMMITTEE, "丁党委", "D", "/D/"),
    OrgUnit("H", None, OrgKind.GENERAL_BRANCH, "独立总支", "H", "/H/"),
    OrgUnit("H1", "H", OrgKind.BRANCH, "独立一支部", "H-1", "/H/H1/"),
    OrgUnit("Z", "D", OrgKind.BRANCH, "丁字旧支部", "D-99", "/D/Z/", closed_at=1.0),
    OrgUnit("DG", "x01", OrgKind.PARTY_GROUP, "丁字党小组", "D-01-1", "/D/x01/DG/"),
)


@pytest.fixture
async def directory(store: Store) -> Store:
    async with store.writing() as uow:
        await uow.organisations.add((*OTHERS, *MANY))
    return store


def ids(found: FoundOrgs) -> list[str]:
    return [one.org.org_id for one in found.lines]


async def test_a_host_is_found_by_a_part_of_name_or_code_a_page_at_a_time(directory: Store, who: Who) -> None:
    secretary = await who("a1")
    first = await find_hosts(directory, secretary, FindOrg(" 丁字 "))
    assert (len(first.lines), first.total, ids(first)[:2]) == (20, 30, ["x00", "x01"])  # open branches: no group, nothing closed
    second = await find_hosts(directory, secretary, FindOrg("丁字", page=2))
    assert (len(second.lines), second.total, {one.above for one in second.lines}) == (10, 30, {"丁党委"})
    assert ids(await find_hosts(directory, secretary, FindOrg("d-07"))) == ["x07"]
    assert ids(await find_hosts(directory, secretary, FindOrg("没有"))) == []
    assert len((await find_hosts(directory, secretary, FindOrg("丁", page_size=500))).lines) == 31  # branches first
    assert ids(await find_hosts(directory, secretary, FindOrg("丁", page_size=500)))[-1] == "D"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("a1", ["C"]),  # the own branch is no host; what is above it is seen anyway
        ("a4", ["C"]),
        ("b2", ["A", "C"]),  # floats at A
        ("branchadmin", ["A"]),
        ("admin", ["A", "B", "F", "C"]),  # of C and all below it
        ("auditor", ["A", "B", "F", "C"]),
    ],
)
async def test_without_words_only_what_one_may_see_anyway_is_listed(directory: Store, who: Who, name: str, seen: list[str]) -> None:
    assert ids(await find_hosts(directory, await who(name), FindOrg())) == seen


async def test_a_destination_is_a_committee_and_then_one_of_its_branches(directory: Store, who: Who) -> None:
    member = await who("a4")
    assert ids(await find_destinations(directory, member, FindOrg("丁"))) == ["D"]
    assert ids(await find_destinations(directory, member, FindOrg("独立"))) == ["H"]  # a tree without a committee transfers by its top
    assert ids(await find_destinations(directory, member, FindOrg())) == ["C"]
    below = await find_destinations(directory, member, FindOrg(below="D", page=2))
    assert (len(below.lines), below.total) == (10, 30)
    assert ids(await find_destinations(directory, member, FindOrg("05", below="D"))) == ["x05"]
    [one] = (await find_destinations(directory, member, FindOrg(org_id="H1"))).lines
    assert (one.org.name, one.committee.org_id, one.above) == ("独立一支部", "H", "独立总支")
    for gone in (FindOrg(org_id="Z"), FindOrg(below="nowhere")):
        with pytest.raises(NotFound):
            await find_destinations(directory, member, gone)


async def test_who_still_holds_a_one_time_password_is_told_nothing(directory: Store, who: Who) -> None:
    actor = await who("a4")
    fresh = replace(actor, account=replace(actor.account, must_change_password=True))
    for find in (find_hosts, find_destinations):
        for text in ("", "丁"):
            with pytest.raises(PasswordChangeNeeded):
                await find(directory, fresh, FindOrg(text))
