"""Finding a host among all branches and committees.

The directory of organisations is no secret inside an installation; who is in them is.
"""

from __future__ import annotations

from ..access import Actor
from ..model import BRANCH_KINDS, OrgKind, OrgUnit
from ..ports import Reach, Store
from ..refusals import PasswordChangeNeeded

MOST = 20
ABOVE = frozenset({OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH})


async def find_hosts(store: Store, actor: Actor, text: str) -> list[tuple[OrgUnit, str]]:
    """By name or code, branches first, with the name of what each belongs to; the first twenty. Not the actor's own home branch."""
    if actor.account.must_change_password:
        raise PasswordChangeNeeded
    own = actor.member.home_branch_id if actor.member else None
    async with store.reading() as uow:
        found: list[OrgUnit] = []
        for kinds in (BRANCH_KINDS, ABOVE):
            called = await uow.organisations.named(Reach(everywhere=True), text.strip(), kinds, MOST + 1)
            found += [unit for unit in called if unit.org_id != own]
        shown = found[:MOST]
        above = await uow.organisations.many({unit.parent_id for unit in shown if unit.parent_id})
    return [(unit, above[unit.parent_id].name if unit.parent_id in above else "") for unit in shown]
