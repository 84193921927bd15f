"""An old register of dues, line by line, for those who may enter it by hand. The same file twice changes nothing the second time."""

from __future__ import annotations

from ..access import Action, Actor
from ..dues import DuesEntry
from ..duesregister import DuesRow, read_dues
from ..ports import Store
from .dues import enter
from .registerimport import Desk, Imported, ImportFile, import_register, row_id


async def import_dues(store: Store, actor: Actor, command: ImportFile, now: float) -> Imported:
    return await import_register(store, actor, command, now, Action.RECORD_DUES, read_dues, _take)


async def _take(desk: Desk[DuesRow], row: DuesRow) -> None:
    member = await desk.member_of(row, Action.RECORD_DUES)
    if member is None:
        return
    entry_id = row_id("dues", row.number, row.from_month, row.to_month, row.paid_on, row.amount_fen)
    if await desk.uow.dues.entry(entry_id) is not None:
        desk.unchanged += 1
        return
    entry = DuesEntry(
        entry_id,
        member.member_id,
        row.from_month,
        row.to_month,
        row.paid_on,
        row.amount_fen,
        desk.now,
        desk.actor.account_id,
    )
    await enter(desk.uow, desk.actor, member, entry, desk.now)
    desk.created += 1
    return
