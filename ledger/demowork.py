"""Work the demo's first branch has assigned: done, open, declined, and some that is overdue; and some to a member of another branch who
floats there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from .access import OPERATOR, actor_for
from .actions import work
from .assignedwork import WorkOutcome
from .model import day_of
from .ports import Store
from .rules.work import WorkAnswer

DAY = 86_400.0
_SECRETARY = replace(OPERATOR, account=replace(OPERATOR.account, account_id="demo-secretary"))
# place, what, assigned so many days ago, due in so many days, and the answer with the days since
_WORKS: tuple[tuple[int, str, int, int, tuple[WorkOutcome, str, int] | None], ...] = (
    (3, "为社区老人讲解防诈骗知识", 40, -10, (WorkOutcome.DONE, "讲解两场，约六十人参加", 12)),
    (4, "整理党员活动室图书", 6, 9, None),
    (5, "协助登记新到会人员", 30, -5, (WorkOutcome.DECLINED, "近期在外培训", 20)),
    (7, "走访困难党员两户", 30, -4, None),
)


async def load_work(store: Store, member_id: Callable[[int], str], now: float) -> None:
    for place, title, ago, due, answer in _WORKS:
        command = work.AssignWork(member_id(place), title, day_of(now) + timedelta(days=due))
        one = await work.assign_work(store, _SECRETARY, command, now - ago * DAY)
        if answer is not None:
            outcome, reason, since = answer
            person = replace(OPERATOR, account=replace(OPERATOR.account, account_id=f"demo-member{place - 2}"))
            await work.answer_work(store, person, one.work_id, WorkAnswer(outcome, reason), now - since * DAY)


async def load_work_of_guests(store: Store, guest_id: str, now: float) -> None:
    """By the secretary: an operator, who may act for both branches of a member, would assign it for the home branch."""
    async with store.reading() as uow:
        account = await uow.accounts.get("demo-secretary")
        assert account is not None
        secretary = await actor_for(uow, account, None, now)
    command = work.AssignWork(guest_id, "协助布置党员活动室", day_of(now) + timedelta(days=12))
    await work.assign_work(store, secretary, command, now - 3 * DAY)
