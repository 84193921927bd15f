"""What is done once a day, whoever looks: reminders, and clearing away what has served its time.

Run by the one process that holds the lease of delivery (`delivery/courier.py`), every hour; each chore may be done twice without harm. A
part with a daily round adds its line below.
"""

from __future__ import annotations

from ledger.actions.reportduties import remind
from ledger.mobilityrules import DEFAULT as MOBILITY_RULES
from ledger.ports import Store
from server.delivery.courier import Chore
from server.house import House

DAY = 86_400.0
KEEP_NOTIFICATIONS_SECONDS = 365 * DAY
KEEP_DELIVERIES_SECONDS = 90 * DAY


def chores(house: House) -> tuple[Chore, ...]:
    return (
        ("thought reports", lambda now: remind(house.store, now, MOBILITY_RULES)),
        ("old notifications", lambda now: _clear(house.store, now)),
    )


async def _clear(store: Store, now: float) -> None:
    async with store.writing() as uow:
        await uow.notifications.remove_before(now - KEEP_NOTIFICATIONS_SECONDS)
        await uow.deliveries.remove_settled_before(now - KEEP_DELIVERIES_SECONDS)
