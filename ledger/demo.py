"""A small demo organisation, loaded only into an empty ledger. Names, numbers and telephones are plainly made up.

One committee, one general branch, three branches (one of floating members) and a Party group; two dozen members of every kind; a meeting
that starts soon, one next week, and one held three days ago whose facts show what a sheet can show: two devices, a lost connection, a late
arrival, leave, an exempt member, a confirmed telephone call, an observer and a guest from another branch. Beside it a second committee, to
which a transfer is on its way, and another that waits for the secretary.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date

from .access import OPERATOR
from .actions.corrections import ConfirmPresence, confirm_presence
from .actions.meetings import ScheduleMeeting, mark_ended, mark_opened, schedule_meeting
from .actions.relationkeeping import begin_relations
from .demodues import load_dues
from .demofacts import facts_of_past_meeting
from .demofiles import with_births, write_demo_files
from .demofloating import load_members_away
from .demoprotection import load_protection
from .demotalk import load_talk
from .demotransfers import CAMPUS, CAMPUS_GRANT, load_transfers
from .demowork import load_work, load_work_of_guests
from .model import (
    BEFORE_ADMISSION,
    Account,
    Decision,
    LeaveRequest,
    Meeting,
    MeetingForm,
    Member,
    MemberStatus,
    OrgKind,
    OrgUnit,
    Post,
    PostKind,
    RoleGrant,
    RoleKind,
    Stage,
)
from .notificationports import OnTold, nobody_listens
from .passwords import hashed
from .ports import Store, UnitOfWork
from .sealing import Sealer

DEMO_PASSWORD = "branchline-demo"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
RECORDS_BEGIN = 120 * DAY  # before the demo is loaded: nobody is accused of what was never recorded


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    password: str
    name: str
    role_zh: str
    role_en: str


DEMO_ACCOUNTS = (
    DemoAccount("secretary", DEMO_PASSWORD, "演示·李书华", "第一支部书记", "secretary of the first branch"),
    DemoAccount("deputy", DEMO_PASSWORD, "演示·王建国", "第一支部副书记", "deputy secretary of the first branch"),
    DemoAccount("member1", DEMO_PASSWORD, "演示·张晓梅", "第一支部党员", "member of the first branch"),
    DemoAccount("member2", DEMO_PASSWORD, "演示·刘志强", "第一支部党员", "member of the first branch"),
    DemoAccount("member3", DEMO_PASSWORD, "演示·陈思远", "第一支部预备党员", "probationary member of the first branch"),
    DemoAccount(
        "guest", DEMO_PASSWORD, "演示·孙流云", "第二支部党员，流动到第一支部", "member of the second branch, floating at the first"
    ),
    DemoAccount("applicant", DEMO_PASSWORD, "演示·陶向前", "第一支部入党积极分子", "active applicant of the first branch"),
    DemoAccount("admin", DEMO_PASSWORD, "admin", "组织管理员", "organisation administrator"),
    DemoAccount("campus", DEMO_PASSWORD, "campus", "另一党委的组织管理员", "organisation administrator of another committee"),
    DemoAccount("system", DEMO_PASSWORD, "system", "系统管理员", "system administrator"),
    DemoAccount("security", DEMO_PASSWORD, "security", "安全管理员", "security administrator"),
    DemoAccount("auditor", DEMO_PASSWORD, "auditor", "审计员", "auditor"),
)

_GENERAL = "/demo-committee/demo-general/"
_UNITS = (
    OrgUnit("demo-committee", None, OrgKind.COMMITTEE, "演示街道党委", "DEMO", "/demo-committee/", founded_on=date(2001, 7, 1)),
    OrgUnit("demo-general", "demo-committee", OrgKind.GENERAL_BRANCH, "演示社区党总支", "DEMO-Z", _GENERAL),
    OrgUnit("demo-first", "demo-general", OrgKind.BRANCH, "演示第一支部", "DEMO-1", f"{_GENERAL}demo-first/"),
    OrgUnit("demo-second", "demo-general", OrgKind.BRANCH, "演示第二支部", "DEMO-2", f"{_GENERAL}demo-second/"),
    OrgUnit("demo-float", "demo-committee", OrgKind.FLOATING_BRANCH, "演示驻外流动党员支部", "DEMO-L", "/demo-committee/demo-float/"),
    OrgUnit(
        "demo-group", "demo-first", OrgKind.PARTY_GROUP, "演示第一党小组", "DEMO-1-1", "/demo-committee/demo-general/demo-first/demo-group/"
    ),
)

# name, home, what is special
_PEOPLE: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("李书华", "demo-first", {"sex": "female"}),
    ("王建国", "demo-first", {"sex": "male"}),
    ("张晓梅", "demo-first", {"sex": "female", "group_id": "demo-group"}),
    ("刘志强", "demo-first", {"sex": "male", "group_id": "demo-group"}),
    ("陈思远", "demo-first", {"sex": "male", "stage": Stage.PROBATIONARY}),
    ("赵明月", "demo-first", {"sex": "female", "group_id": "demo-group"}),
    ("周海波", "demo-first", {"sex": "male"}),
    ("吴老先", "demo-first", {"sex": "male", "exempt": True}),
    ("郑远行", "demo-first", {"sex": "male"}),
    ("冯停籍", "demo-first", {"sex": "male", "status": MemberStatus.SUSPENDED}),
    ("褚春燕", "demo-first", {"sex": "female", "group_id": "demo-group"}),
    ("卫文博", "demo-first", {"sex": "male"}),
    ("孙流云", "demo-second", {"sex": "female"}),
    ("蒋立新", "demo-second", {"sex": "male"}),
    ("沈秋实", "demo-second", {"sex": "female"}),
    ("韩冬梅", "demo-second", {"sex": "female"}),
    ("杨帆", "demo-second", {"sex": "male", "stage": Stage.PROBATIONARY}),
    ("朱红", "demo-second", {"sex": "female", "exempt": True}),
    ("秦岭", "demo-second", {"sex": "male"}),
    ("许江南", "demo-float", {"sex": "male"}),
    ("何四海", "demo-float", {"sex": "male"}),
    ("吕归雁", "demo-float", {"sex": "female"}),
    ("施望舒", "demo-float", {"sex": "female", "status": MemberStatus.PARTY_PROBATION}),
    ("张行舟", "demo-float", {"sex": "male", "stage": Stage.PROBATIONARY}),
    # on the way into the Party: no members
    ("陶向前", "demo-first", {"sex": "male", "stage": Stage.ACTIVE_APPLICANT, "status": MemberStatus.APPLYING}),
    ("姜初心", "demo-first", {"sex": "female", "stage": Stage.APPLICANT, "status": MemberStatus.APPLYING}),
    ("戚致远", "demo-second", {"sex": "male", "stage": Stage.ADMISSION_CANDIDATE, "status": MemberStatus.APPLYING}),
)
_LOG_INS = {"secretary": 1, "deputy": 2, "member1": 3, "member2": 4, "member3": 5, "guest": 13, "applicant": 25}
_POSTS = (
    (1, "demo-first", PostKind.SECRETARY),
    (2, "demo-first", PostKind.DEPUTY_SECRETARY),
    (6, "demo-first", PostKind.COMMITTEE_MEMBER),
    (3, "demo-group", PostKind.GROUP_LEADER),
    (14, "demo-second", PostKind.SECRETARY),
    (20, "demo-float", PostKind.SECRETARY),
)


async def load_demo(store: Store, now: float, sealer: Sealer | None = None) -> bool:
    """False, and nothing done, if the ledger holds any account. Without a sealer nobody has an ID number."""
    password_hash = await hashed(DEMO_PASSWORD)
    async with store.writing() as uow:
        if await uow.accounts.any():
            return False
        await uow.organisations.add((*_UNITS, *CAMPUS))
        members = with_births([_member(place) for place in range(1, len(_PEOPLE) + 1)])
        await uow.members.add(members)
        await write_demo_files(uow, sealer, members)
        await begin_relations(uow, members, now - RECORDS_BEGIN)
        for place, org_id, kind in _POSTS:
            await uow.posts.add(Post(f"demo-post-{place}", _id(place), org_id, kind, date(2025, 1, 1)))
        await uow.accounts.add([_account(one, password_hash) for one in DEMO_ACCOUNTS])
        await uow.accounts.grant(_grants())
        inside = _OneTransaction(uow)
        await _past_meeting(inside, now)
        await load_transfers(inside, now)
        await load_work(inside, _id, now)
        for place in _LOG_INS.values():
            await uow.notifications.mark_read(_id(place), now)
        await load_members_away(inside, _id, now)
        await load_work_of_guests(inside, _id(13), now)
        await _schedule(inside, now)
        await load_talk(inside, now)
        await load_dues(inside, _id, now)
        await load_protection(inside, now)
    return True


class _OneTransaction:
    """The actions below join the transaction that is open, so that a demo is there as a whole or not at all."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self.on_told: OnTold = nobody_listens

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return nullcontext(self._uow)

    def writing(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return nullcontext(self._uow)

    async def close(self) -> None:
        """The transaction is closed by who opened it."""


def _id(place: int) -> str:
    return f"demo-member-{place}"


def _member(place: int) -> Member:
    name, home, special = _PEOPLE[place - 1]
    plain = Member(_id(place), f"D{place:04d}", f"演示·{name}", Stage.FULL, MemberStatus.ACTIVE, home)
    joined: date | None = date(2026, 7, 1) if special.get("stage") is Stage.PROBATIONARY else date(1980 + place, 7, 1)
    if special.get("stage") in BEFORE_ADMISSION:
        joined = None
    return replace(plain, phone=f"1380000{place:04d}", joined_on=joined, **special)  # type: ignore[arg-type]


def _account(demo: DemoAccount, password_hash: str) -> Account:
    place = _LOG_INS.get(demo.username)
    return Account(f"demo-{demo.username}", demo.username, password_hash, _id(place) if place else None)


def _grants() -> list[RoleGrant]:
    return [
        RoleGrant("demo-admin", RoleKind.ORG_ADMIN, "demo-committee"),
        RoleGrant("demo-system", RoleKind.SYSTEM_ADMIN, None),
        RoleGrant("demo-security", RoleKind.SECURITY_ADMIN, None),
        CAMPUS_GRANT,
        RoleGrant("demo-auditor", RoleKind.AUDITOR, "demo-committee"),
    ]


async def _schedule(store: Store, now: float) -> None:
    """One that starts in ten minutes, on the full five, and one of the Party group next week."""
    soon = now + 10 * MINUTE - now % (5 * MINUTE)
    agenda = "1. 学习文件\n2. 讨论季度工作\n3. 其他事项"
    general = MeetingForm.BRANCH_GENERAL_MEETING
    await _meeting(store, "第四季度支部党员大会（演示）", general, "demo-first", soon, agenda, now)
    await _meeting(store, "党小组学习会（演示）", MeetingForm.PARTY_GROUP_MEETING, "demo-group", soon + 7 * DAY, "", now)


async def _past_meeting(store: Store, now: float) -> None:
    start = now - 3 * DAY - now % (30 * MINUTE)
    title, before = "十月主题党日（演示）", start - 7 * DAY
    form, agenda = MeetingForm.THEMED_PARTY_DAY, "观看专题片并交流体会"
    meeting = await _meeting(store, title, form, "demo-first", start, agenda, before, (_id(14),), (_id(13),))
    reason, answer = "出差在外，无法参加", "同意，请会后补学材料"
    async with store.writing() as uow:
        await uow.attendance.save_leave(
            LeaveRequest(meeting.meeting_id, _id(12), reason, start - DAY, Decision.APPROVED, "demo-secretary", start - DAY / 2, answer)
        )
    await mark_opened(store, OPERATOR, meeting.meeting_id, start)
    async with store.writing() as uow:
        await uow.facts.append(facts_of_past_meeting(meeting.meeting_id, _id, start), start + HOUR)
    await mark_ended(store, OPERATOR, meeting.meeting_id, start + HOUR)
    phone = ConfirmPresence(meeting.meeting_id, _id(11), start + 5 * MINUTE, start + HOUR, "telephone", "手机故障，全程电话接入")
    await confirm_presence(store, OPERATOR, phone, start + HOUR + 10 * MINUTE)


async def _meeting(
    store: Store,
    title: str,
    form: MeetingForm,
    org_id: str,
    start: float,
    agenda: str,
    now: float,
    observers: tuple[str, ...] = (),
    hosts: tuple[str, ...] | None = None,
) -> Meeting:
    command = ScheduleMeeting(org_id, form, title, start, start + HOUR, agenda, observer_ids=observers, host_member_ids=hosts)
    return await schedule_meeting(store, OPERATOR, command, now)
