"""Accounts and roles: who may make them, and that nobody climbs by them."""

from __future__ import annotations

import pytest

from ledger.access import OPERATOR
from ledger.actions.accounts import CreateAccount, GrantRole, create_account, grant_role, reset_password, revoke_role, set_disabled
from ledger.model import RoleGrant, RoleKind
from ledger.ports import Store
from ledger.refusals import (
    Forbidden,
    GrantNeedsOrganisation,
    LastAdministrator,
    MemberHasAccount,
    NotFound,
    OwnGrant,
    PasswordTooShort,
    RoleNeedsOwnAccount,
    RolesConflict,
    UsernameMalformed,
    UsernameTaken,
)
from tests.ledger.conftest import Who
from tests.ledger.records import NOON, member


async def test_an_account_without_a_password_gets_one_for_one_time(store: Store, who: Who) -> None:
    made = await create_account(store, await who("security"), CreateAccount("new.one"), NOON)
    assert made.account.must_change_password is True
    assert made.password is not None
    assert len(made.password) == 19
    async with store.reading() as uow:
        assert (await uow.accounts.by_usernames(["new.one"]))["new.one"] == made.account


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (CreateAccount("acc-a1"), UsernameTaken),
        (CreateAccount("ACC-A1"), UsernameTaken),
        (CreateAccount("two words"), UsernameMalformed),
        (CreateAccount("<b>"), UsernameMalformed),
        (CreateAccount(""), UsernameMalformed),
        (CreateAccount("x" * 65), UsernameMalformed),
        (CreateAccount("fresh", "m-a1"), MemberHasAccount),
        (CreateAccount("fresh", "nobody"), NotFound),
        (CreateAccount("fresh", None, "short"), PasswordTooShort),
    ],
)
async def test_bad_accounts_are_refused(store: Store, who: Who, command: CreateAccount, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await create_account(store, await who("security"), command, NOON)


@pytest.mark.parametrize("name", ["a1", "a4", "b1", "auditor"])
async def test_who_is_no_administrator_makes_no_account(store: Store, who: Who, name: str) -> None:
    async with store.writing() as uow:
        await uow.members.add([member("a9", "A")])
    with pytest.raises(Forbidden):
        await create_account(store, await who(name), CreateAccount("fresh", "m-a9"), NOON)
    assert (await create_account(store, await who("branchadmin"), CreateAccount("fresh", "m-a9"), NOON)).account.member_id == "m-a9"


async def test_an_administrator_takes_over_no_account_that_reaches_further(store: Store, who: Who) -> None:
    branch_admin = await who("branchadmin")
    assert (await reset_password(store, branch_admin, "acc-a4", NOON)).password
    async with store.writing() as uow:
        await uow.accounts.grant([RoleGrant("acc-a5", RoleKind.ORG_ADMIN, "C")])
    for account_id in ("acc-a5", "acc-b2", "admin", "system", "security"):
        with pytest.raises(Forbidden):
            await reset_password(store, branch_admin, account_id, NOON)
    assert (await reset_password(store, await who("security"), "acc-a5", NOON)).password


async def test_roles_are_granted_and_revoked_by_the_security_administrator_only(store: Store, who: Who) -> None:
    security = await who("security")
    await create_account(store, security, CreateAccount("watcher"), NOON)
    async with store.reading() as uow:
        watcher = (await uow.accounts.by_usernames(["watcher"]))["watcher"].account_id
    command = GrantRole(watcher, RoleKind.AUDITOR, "A")
    for name in ("admin", "branchadmin", "a1", "auditor", "system"):
        with pytest.raises(Forbidden):
            await grant_role(store, await who(name), command, NOON)
    assert await grant_role(store, security, command, NOON) == await grant_role(store, security, command, NOON)
    async with store.reading() as uow:
        assert await uow.accounts.grants_of(watcher) == [RoleGrant(watcher, RoleKind.AUDITOR, "A")]
    await revoke_role(store, security, command, NOON)
    async with store.reading() as uow:
        assert await uow.accounts.grants_of(watcher) == []


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (GrantRole("acc-a4", RoleKind.ORG_ADMIN), GrantNeedsOrganisation),
        (GrantRole("acc-a4", RoleKind.SYSTEM_ADMIN, "A"), GrantNeedsOrganisation),
        (GrantRole("nobody", RoleKind.SYSTEM_ADMIN), NotFound),
        (GrantRole("acc-a4", RoleKind.AUDITOR, "nowhere"), NotFound),
        (GrantRole("security", RoleKind.ORG_ADMIN, "C"), OwnGrant),
        (GrantRole("acc-a4", RoleKind.AUDITOR, "A"), RoleNeedsOwnAccount),
        (GrantRole("acc-a4", RoleKind.SYSTEM_ADMIN), RoleNeedsOwnAccount),
        (GrantRole("acc-a4", RoleKind.SECURITY_ADMIN), RoleNeedsOwnAccount),
        (GrantRole("system", RoleKind.SECURITY_ADMIN), RolesConflict),
        (GrantRole("system", RoleKind.ORG_ADMIN, "C"), RolesConflict),
        (GrantRole("auditor", RoleKind.ORG_ADMIN, "C"), RolesConflict),
        (GrantRole("auditor", RoleKind.SYSTEM_ADMIN), RolesConflict),
        (GrantRole("admin", RoleKind.AUDITOR, "C"), RolesConflict),
    ],
)
async def test_bad_grants_are_refused(store: Store, who: Who, command: GrantRole, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await grant_role(store, await who("security"), command, NOON)


async def test_one_office_may_be_held_over_several_organisations(store: Store, who: Who) -> None:
    security = await who("security")
    await grant_role(store, security, GrantRole("branchadmin", RoleKind.ORG_ADMIN, "B"), NOON)
    async with store.reading() as uow:
        assert len(await uow.accounts.grants_of("branchadmin")) == 2


async def test_a_security_administrator_remains(store: Store, who: Who) -> None:
    security = await who("security")
    with pytest.raises(OwnGrant):
        await revoke_role(store, security, GrantRole("security", RoleKind.SECURITY_ADMIN), NOON)
    with pytest.raises(LastAdministrator):
        await set_disabled(store, security, "security", True, NOON)


async def test_an_unknown_account_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await reset_password(store, OPERATOR, "nobody", NOON)
