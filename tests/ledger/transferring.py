"""Two committees for the stories of transfers: C with the branches A and B of `records`, and D with its branch E; everybody has a log-in.

`Desk` is what people of both committees do, by the step's own name, with the revision they saw last.
"""

from __future__ import annotations

from datetime import date

import pytest

from ledger.access import Action, Actor, actor_for
from ledger.actions.transferapplying import ApplyForTransfer, Whither, apply_for_transfer
from ledger.actions.transferlists import transfer_case
from ledger.actions.transfers import Assign, TakeStep, assign_branch, take_step
from ledger.actions.transferviews import TransferCase
from ledger.mobility import OrgRelation, TransferDuty, TransferState
from ledger.model import Account, Member, MemberStatus, OrgKind, OrgUnit, Post, PostKind, RoleGrant, RoleKind, Stage
from ledger.ports import Reach, Store
from ledger.refusals import Refusal
from ledger.rules.transfersteps import (
    Approve,
    Archive,
    CloseSender,
    Dispatch,
    IssueLetter,
    PassHomeCheck,
    PresentLetter,
    SendReceipt,
    TransferStep,
)
from ledger.sharingnotice import TRANSFER_VERSION
from tests.ledger.records import NOON, fill

S = TransferState
TO_E = Whither("D", "E")
OTHER = (
    OrgUnit("D", None, OrgKind.COMMITTEE, "丁党委", "D", "/D/"),
    OrgUnit("E", "D", OrgKind.BRANCH, "戊支部", "E", "/D/E/"),
)
PEOPLE = tuple(
    Member(f"m-{key}", key, f"党员{key}", Stage.FULL, MemberStatus.ACTIVE, home)
    for key, home in (("e1", "E"), ("e2", "E"), ("d1", "E"), ("c1", "B"))
)


async def fill_both(store: Store) -> None:
    """Besides `records`: e1 secretary of E, d1 secretary of the committee D, c1 of the committee C; "admind" administers D."""
    await fill(store)
    async with store.writing() as uow:
        await uow.organisations.add(OTHER)
        await uow.members.add(PEOPLE)
        for number, (member_id, org_id) in enumerate((("m-e1", "E"), ("m-d1", "D"), ("m-c1", "C"))):
            await uow.posts.add(Post(f"q{number}", member_id, org_id, PostKind.SECRETARY, date(2025, 1, 1)))
        people = [Account(f"acc-{one.number}", f"acc-{one.number}", "!", one.member_id) for one in PEOPLE]
        await uow.accounts.add([*people, Account("admind", "admind", "!", None)])
        await uow.accounts.grant([RoleGrant("admind", RoleKind.ORG_ADMIN, "D")])
        everyone = await uow.members.within(Reach(everywhere=True))
        await uow.relations.begin([OrgRelation(one.member_id, one.home_branch_id, 0.0) for one in everyone])


class Desk:
    """One transfer on the desks of both sides. `now` goes on by a minute with every step."""

    def __init__(self, store: Store, now: float = NOON) -> None:
        self.store = store
        self.now = now
        self.case: TransferCase

    @property
    def state(self) -> TransferState:
        return self.case.transfer.state

    @property
    def transfer_id(self) -> str:
        return self.case.transfer.transfer_id

    async def who(self, name: str) -> Actor:
        async with self.store.reading() as uow:
            account = await uow.accounts.get(name) or await uow.accounts.get(f"acc-{name}")
            assert account is not None
            return await actor_for(uow, account, None, self.now)

    async def apply(self, name: str = "a4", member: str = "m-a4", to: Whither = TO_E, key: str = "") -> TransferCase:
        """A member consents with the own application; a branch names the duty."""
        self.now += 60
        actor = await self.who(name)
        version, duty = (TRANSFER_VERSION, None) if actor.member_id == member else (None, TransferDuty.UNIT_CHANGED)
        self.case = await apply_for_transfer(self.store, actor, ApplyForTransfer(member, to, "工作调动", key, version, duty), self.now)
        return self.case

    async def step(self, name: str, step: TransferStep, seen: int | None = None, action: Action = Action.MOVE_TRANSFER) -> TransferCase:
        self.now += 60
        seen = self.case.transfer.revision if seen is None else seen
        actor = await self.who(name)
        self.case = await take_step(self.store, actor, TakeStep(self.transfer_id, seen, step, action), self.now)
        return self.case

    async def assign(self, name: str = "d1", branch: str = "E") -> TransferCase:
        self.now += 60
        command = Assign(self.transfer_id, self.case.transfer.revision, branch)
        self.case = await assign_branch(self.store, await self.who(name), command, self.now)
        return self.case

    async def take_up(self, transfer_id: str) -> None:
        """One that came by another way."""
        self.case = await transfer_case(self.store, await self.who("admin"), transfer_id, self.now)

    async def step_names(self, name: str) -> tuple[str, ...]:
        """What the page offers to somebody."""
        return (await transfer_case(self.store, await self.who(name), self.transfer_id, self.now)).steps

    async def go_to(self, state: TransferState, branch: str = "E") -> Desk:
        """Straight on, each step by who usually takes it."""
        way: list[tuple[str, TransferStep | None]] = [
            ("a1", PassHomeCheck("2099-01")),
            ("c1", Approve()),
            ("c1", IssueLetter("", 30, "")),
            ("c1", Dispatch("GJ-1")),
            ("d1", None),
            ("d1", None),
            ("d1", SendReceipt("党员d1")),
            ("c1", CloseSender()),
            ("c1", Archive()),
        ]
        for (name, step), at in zip(way, _ORDER, strict=True):
            if self.state is state:
                break
            if self.state is not at:
                continue
            if step is not None:
                await self.step(name, step)
            elif at is S.IN_TRANSIT:
                letter = self.case.transfer.letter
                assert letter is not None
                await self.step(name, PresentLetter(letter.number))
            else:
                await self.assign(name, branch)
        assert self.state is state
        return self


_ORDER = (
    S.APPLIED,
    S.HOME_CHECKED,
    S.APPROVED,
    S.LETTER_ISSUED,
    S.IN_TRANSIT,
    S.RECEIVED,
    S.ASSIGNED,
    S.RECEIPTED,
    S.CLOSED,
)


async def relations_of(store: Store, member_id: str) -> list[OrgRelation]:
    async with store.reading() as uow:
        return await uow.relations.of_member(member_id)


async def member_of(store: Store, member_id: str) -> Member:
    async with store.reading() as uow:
        found = await uow.members.get(member_id)
    assert found is not None
    return found


async def told(store: Store, member_id: str) -> list[str]:
    """Kinds of what the member was told, oldest first."""
    async with store.reading() as uow:
        kept, _ = await uow.notifications.of_member(member_id)
    return [one.notification.kind for one in reversed(kept)]


async def code_of(awaited: object) -> str:
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return refused.value.code
