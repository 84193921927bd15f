"""The tree: what may hang where, no cycles, nothing closed that is not empty, and only one's own part is shown."""

from __future__ import annotations

import pytest

from ledger.actions.organisations import (
    ChangeOrganisation,
    CreateOrganisation,
    MoveOrganisation,
    change_organisation,
    close_organisation,
    create_organisation,
    managed_tops,
    move_organisation,
    tree,
)
from ledger.model import OrgKind
from ledger.ports import Store
from ledger.refusals import (
    CodeTaken,
    CycleInTree,
    Forbidden,
    KindNotUnder,
    NameMissing,
    NotFound,
    OrganisationClosed,
    OrganisationNotEmpty,
    ShareOutOfRange,
)
from tests.ledger.conftest import Who
from tests.ledger.records import NOON, UNITS

K = OrgKind


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("admin", ["C", "A", "B", "F", "G"]),
        ("system", ["C", "A", "B", "F", "G"]),
        ("branchadmin", ["C", "A", "G"]),
        ("a1", ["C", "A", "G"]),
        ("a8", ["C", "A", "B", "G"]),
        ("b3", ["C", "B"]),
    ],
)
async def test_everybody_sees_the_own_part_and_what_is_above(store: Store, who: Who, name: str, seen: list[str]) -> None:
    assert [line.unit.org_id for line in await tree(store, await who(name))] == seen


async def test_members_are_counted_with_those_below(store: Store, who: Who) -> None:
    lines = {line.unit.org_id: line for line in await tree(store, await who("admin"))}
    assert {key: line.member_count for key, line in lines.items()} == {"C": 11, "A": 8, "B": 3, "F": 0, "G": 0}
    assert all(line.may_manage for line in lines.values())


@pytest.mark.parametrize(
    ("kind", "parent", "fits"),
    [
        (K.COMMITTEE, "C", True),
        (K.GENERAL_BRANCH, "C", True),
        (K.BRANCH, "C", True),
        (K.TEMPORARY_BRANCH, "C", True),
        (K.PARTY_GROUP, "A", True),
        (K.PARTY_GROUP, "F", True),
        (K.PARTY_GROUP, "C", False),
        (K.PARTY_GROUP, "G", False),
        (K.BRANCH, "A", False),
        (K.BRANCH, "G", False),
        (K.GENERAL_BRANCH, "A", False),
        (K.COMMITTEE, "A", False),
        (K.BRANCH, None, False),
        (K.COMMITTEE, None, True),
        (K.GENERAL_BRANCH, None, True),
        (K.PARTY_GROUP, None, False),
    ],
)
async def test_what_may_hang_where(store: Store, who: Who, kind: OrgKind, parent: str | None, fits: bool) -> None:
    command = CreateOrganisation(parent, kind, "新组织", "NEW")
    if fits:
        made = await create_organisation(store, await who("system"), command, NOON)
        above = next((unit.path for unit in UNITS if unit.org_id == parent), "/")
        assert made.path == f"{above}{made.org_id}/"
    else:
        with pytest.raises(KindNotUnder):
            await create_organisation(store, await who("system"), command, NOON)


@pytest.mark.parametrize(
    ("name", "command", "refusal"),
    [
        ("admin", CreateOrganisation("C", K.BRANCH, "又一个", "A"), CodeTaken),
        ("admin", CreateOrganisation("C", K.BRANCH, "  ", "X"), NameMissing),
        ("admin", CreateOrganisation("nowhere", K.BRANCH, "x", "X"), NotFound),
        ("admin", CreateOrganisation(None, K.COMMITTEE, "x", "X"), Forbidden),
        ("a1", CreateOrganisation("C", K.BRANCH, "x", "X"), Forbidden),
        ("branchadmin", CreateOrganisation("B", K.PARTY_GROUP, "x", "X"), Forbidden),
        ("auditor", CreateOrganisation("A", K.PARTY_GROUP, "x", "X"), Forbidden),
    ],
)
async def test_refused_creations(store: Store, who: Who, name: str, command: CreateOrganisation, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await create_organisation(store, await who(name), command, NOON)


async def test_a_secretary_makes_a_group_and_sets_switches_but_does_not_rename_the_branch(store: Store, who: Who) -> None:
    secretary = await who("a1")
    assert (await create_organisation(store, secretary, CreateOrganisation("A", K.PARTY_GROUP, "二组", "A-2"), NOON)).parent_id == "A"
    changed = await change_organisation(store, secretary, ChangeOrganisation("A", lobby_default=True, present_share=0.9), NOON)
    assert (changed.lobby_default, changed.present_share, changed.name) == (True, 0.9, "甲支部")
    assert (await change_organisation(store, secretary, ChangeOrganisation("A", present_share=None), NOON)).present_share is None
    with pytest.raises(Forbidden):
        await change_organisation(store, secretary, ChangeOrganisation("A", name="新名"), NOON)
    assert (await change_organisation(store, await who("admin"), ChangeOrganisation("A", name="新名"), NOON)).name == "新名"


@pytest.mark.parametrize("share", [0.49, 1.01, 0.0, -1.0, float("nan")])
async def test_a_threshold_out_of_range_is_refused(store: Store, who: Who, share: float) -> None:
    with pytest.raises(ShareOutOfRange):
        await change_organisation(store, await who("a1"), ChangeOrganisation("A", present_share=share), NOON)


async def test_moving_takes_everything_below_along(store: Store, who: Who) -> None:
    admin = await who("admin")
    general = await create_organisation(store, admin, CreateOrganisation("C", K.GENERAL_BRANCH, "总支", "Z"), NOON)
    await move_organisation(store, admin, MoveOrganisation("A", general.org_id), NOON)
    async with store.reading() as uow:
        group, branch = await uow.organisations.get("G"), await uow.organisations.get("A")
    assert group is not None
    assert branch is not None
    assert (branch.path, branch.parent_id) == (f"/C/{general.org_id}/A/", general.org_id)
    assert (group.path, group.parent_id) == (f"/C/{general.org_id}/A/G/", "A")


async def test_cycles_and_foreign_places_are_refused(store: Store, who: Who) -> None:
    admin, system = await who("admin"), await who("system")
    inner = await create_organisation(store, admin, CreateOrganisation("C", K.COMMITTEE, "二级党委", "C2"), NOON)
    for parent_id in (inner.org_id, "C"):
        with pytest.raises(CycleInTree):
            await move_organisation(store, system, MoveOrganisation("C", parent_id), NOON)
    with pytest.raises(Forbidden):
        await move_organisation(store, admin, MoveOrganisation(inner.org_id, None), NOON)
    with pytest.raises(NotFound):  # the committee above is not theirs to see
        await move_organisation(store, await who("branchadmin"), MoveOrganisation("A", "C"), NOON)


async def test_only_what_is_empty_is_closed_and_a_closed_one_takes_nothing(store: Store, who: Who) -> None:
    admin = await who("admin")
    with pytest.raises(OrganisationNotEmpty) as refused:
        await close_organisation(store, admin, "A", NOON)
    assert refused.value.params == {"members": 8, "organisations": 1, "meetings": 0}
    with pytest.raises(OrganisationNotEmpty):
        await close_organisation(store, admin, "G", NOON)
    assert (await close_organisation(store, admin, "F", NOON)).closed_at == NOON
    with pytest.raises(OrganisationClosed):
        await close_organisation(store, admin, "F", NOON)
    with pytest.raises(OrganisationClosed):
        await create_organisation(store, admin, CreateOrganisation("F", K.PARTY_GROUP, "x", "X"), NOON)


async def test_tops_of_what_one_is_responsible_for(store: Store, who: Who) -> None:
    tops = {name: [unit.org_id for unit in managed_tops(await who(name), list(UNITS))] for name in ("admin", "a1", "a3", "a4", "system")}
    assert tops == {"admin": ["C"], "a1": ["A"], "a3": ["G"], "a4": [], "system": []}
