"""What is said in the demo organisation: an announcement that some have read, a discussion, and thought reports in their states."""

from __future__ import annotations

from datetime import date

from .access import Actor, actor_for
from .actions import discussions, reports
from .discussions import ThreadKind
from .model import day_of
from .ports import Store
from .rules.months import period_end

HOUR, DAY = 3600.0, 86_400.0


async def load_talk(store: Store, now: float) -> None:
    await _announcement(store, now)
    await _discussion(store, now)
    await _reports(store, now)


async def _actor(store: Store, username: str, now: float) -> Actor:
    async with store.reading() as uow:
        account = (await uow.accounts.by_usernames([username]))[username]
        return await actor_for(uow, account, None, now)


async def _announcement(store: Store, now: float) -> None:
    text = "本季度支部党员大会定于近期召开，请提前安排时间。在外地的同志可以从手机或电脑线上参加。\n请各位在会前阅读学习材料，准备发言。"
    command = discussions.OpenThread("demo-first", ThreadKind.ANNOUNCEMENT, "关于召开第四季度支部党员大会的通知（演示）", text)
    thread = await discussions.open_thread(store, await _actor(store, "secretary", now), command, now - 2 * DAY)
    for reader in ("deputy", "member2"):
        await discussions.read_thread(store, await _actor(store, reader, now), thread.thread_id, now - DAY)


async def _discussion(store: Store, now: float) -> None:
    command = discussions.OpenThread(
        "demo-first",
        ThreadKind.DISCUSSION,
        "下月主题党日去哪里？（演示）",
        "建议参观社区党群服务中心，在外地的同志可以连线。",
        ("demo-member-3",),
    )
    thread = await discussions.open_thread(store, await _actor(store, "member2", now), command, now - DAY)
    await discussions.contribute(
        store, await _actor(store, "guest", now), thread.thread_id, "同意，我在外地，可以线上参加。", (), now - 20 * HOUR
    )
    await discussions.contribute(
        store, await _actor(store, "secretary", now), thread.thread_id, "好，请下次会上定时间。", (), now - 19 * HOUR
    )


async def _reports(store: Store, now: float) -> None:
    """One answered a quarter ago and one waiting, both of the probationary member."""
    member, secretary = await _actor(store, "member3", now), await _actor(store, "secretary", now)
    earlier, today = now - 92 * DAY, day_of(now)
    first = reports.BeginReport("d" * 31 + "1", _end(earlier), "预备期第一季度思想汇报（演示）", "三个月来，我参加了支部的全部会议……")
    made = await reports.begin(store, member, first, earlier)
    await reports.hand_in(store, member, made.report_id, made.revision, earlier + HOUR)
    await reports.answer(store, secretary, made.report_id, "写得实在。下一次请多谈谈工作中的体会。", earlier + DAY)
    second = reports.BeginReport("d" * 31 + "2", period_end(today, 3), "预备期第二季度思想汇报（演示）", "结合工作谈几点体会……")
    made = await reports.begin(store, member, second, now - DAY)
    await reports.hand_in(store, member, made.report_id, made.revision, now - DAY + HOUR)


def _end(at: float) -> date:
    return period_end(day_of(at), 3)
