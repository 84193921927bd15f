"""The transfers of the demo organisation: one on its way to a committee beside the demo's own, one that waits for the secretary.

Both were handled by the demo's people, on the days on which they would have been. Names and numbers are plainly made up.
"""

from __future__ import annotations

from datetime import date

from .access import Actor, actor_for
from .actions.transferapplying import ApplyForTransfer, Whither, apply_for_transfer
from .actions.transfers import TakeStep, take_step
from .model import OrgKind, OrgUnit, RoleGrant, RoleKind, day_of
from .ports import Store
from .rules.transfersteps import Approve, Dispatch, IssueLetter, PassHomeCheck, TransferStep
from .sharingnotice import TRANSFER_VERSION
from .transferports import Letterhead

DAY = 86_400.0
CAMPUS = (
    OrgUnit("demo-campus", None, OrgKind.COMMITTEE, "演示大学城党委", "DEMO-X", "/demo-campus/", founded_on=date(2005, 7, 1)),
    OrgUnit("demo-campus-first", "demo-campus", OrgKind.BRANCH, "演示大学城第一支部", "DEMO-X1", "/demo-campus/demo-campus-first/"),
)
CAMPUS_GRANT = RoleGrant("demo-campus", RoleKind.ORG_ADMIN, "demo-campus")


async def load_transfers(store: Store, now: float) -> None:
    """Member 4 is on the way to the campus, with a letter of twelve days ago; member 11 has asked to go to the second branch."""
    async with store.writing() as uow:
        await uow.transfers.save_letterhead(
            Letterhead("demo-committee", "演示市演示区演示路 1 号", "010-80000000", "010-80000001", "100000")
        )
    paid = day_of(now).strftime("%Y-%m")
    steps: list[tuple[float, str, TransferStep]] = [
        (13, "demo-secretary", PassHomeCheck(paid)),
        (12, "demo-admin", Approve()),
        (12, "demo-admin", IssueLetter("", 30, "")),
        (11.9, "demo-admin", Dispatch("DEMO-GJ-0001")),
    ]
    away = ApplyForTransfer(
        "demo-member-4", Whither("demo-campus", "demo-campus-first"), "到大学城工作，住所一并迁入", consent_version=TRANSFER_VERSION
    )
    case = await apply_for_transfer(store, await _who(store, "demo-member2", now), away, now - 14 * DAY)
    for ago, account, step in steps:
        taken = TakeStep(case.transfer.transfer_id, case.transfer.revision, step)
        case = await take_step(store, await _who(store, account, now), taken, now - ago * DAY)
    near = ApplyForTransfer("demo-member-11", Whither("demo-committee", "demo-second"), "迁居到第二支部所在小区")
    await apply_for_transfer(store, await _who(store, "demo-deputy", now), near, now - 2 * DAY)


async def _who(store: Store, account_id: str, now: float) -> Actor:
    async with store.reading() as uow:
        account = await uow.accounts.get(account_id)
        if account is None:
            raise LookupError(account_id)
        return await actor_for(uow, account, None, now)
