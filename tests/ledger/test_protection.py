"""Impact assessments and breaches: who keeps them, who reads them, and that members hear of what concerns them and nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.actions import assessments, breaches
from ledger.model import MemberStatus
from ledger.ports import AccessQuery, Reach, Store
from ledger.protection import BreachLineKind, Conclusion, Occasion
from ledger.refusals import Forbidden, Invalid, NotFound, ReasonMissing, Refusal, StaleRevision
from ledger.retention import Kind
from ledger.store.memory import MemoryStore
from tests.ledger.records import DAY, NOON, actor, fill, member

ASSESSED = assessments.EnterAssessment(
    "会议考勤",
    Occasion.SENSITIVE,
    (Kind.ATTENDANCE,),
    "组织生活记录所必需",
    "本人可见",
    "不识别声音",
    Conclusion.ACCEPTABLE,
    date(2025, 11, 1),
    date(2026, 11, 1),
)
BREACH = breaches.EnterBreach("误发", NOON - DAY, (Kind.CONTACT,), 9, "误发名册", "骚扰电话", "已收回", "留意来电", "办公室")


@pytest.fixture
async def store() -> Store:
    found = MemoryStore()
    await fill(found)
    async with found.writing() as uow:
        await uow.members.add([member("a9", "A", status=MemberStatus.LEFT)])
    return found


async def test_an_assessment_is_followed_by_the_next(store: Store) -> None:
    security = await actor(store, "security")
    first = await assessments.enter_assessment(store, security, ASSESSED, NOON)
    later = NOON + 400 * DAY
    overdue = await assessments.list_assessments(store, await actor(store, "auditor"), later)
    assert (overdue.due, overdue.may_keep, overdue.names) == (frozenset({first.assessment_id}), False, {"security": "security"})
    after = replace(ASSESSED, assessed_on=date(2027, 1, 1), next_review_on=date(2028, 1, 1), follows=first.assessment_id)
    second = await assessments.enter_assessment(store, security, after, later)
    found = await assessments.list_assessments(store, security, later)
    assert ([one.assessment_id for one in found.assessments], found.due) == ([second.assessment_id, first.assessment_id], frozenset())
    for wrong, code in (
        (after, "assessmentFollowed"),
        (replace(ASSESSED, follows="gone"), "notFound"),
        (replace(ASSESSED, next_review_on=ASSESSED.assessed_on), "reviewTooEarly"),
        (replace(ASSESSED, assessed_on=date(2029, 1, 1), next_review_on=date(2030, 1, 1)), "reviewTooEarly"),
    ):
        with pytest.raises(Refusal) as refused:
            await assessments.enter_assessment(store, security, wrong, later)
        assert refused.value.code == code


@pytest.mark.parametrize("who", ["acc-a1", "acc-a4", "admin", "system", "branchadmin"])
async def test_they_are_nothing_to_anybody_else(store: Store, who: str) -> None:
    someone = await actor(store, who)
    kept = await breaches.enter_breach(store, await actor(store, "security"), BREACH, NOON)
    for attempt in (
        assessments.list_assessments(store, someone, NOON),
        assessments.enter_assessment(store, someone, ASSESSED, NOON),
        breaches.list_breaches(store, someone),
        breaches.enter_breach(store, someone, BREACH, NOON),
    ):
        with pytest.raises(Forbidden):
            await attempt
    for hidden in (
        breaches.breach_file(store, someone, kept.breach_id),
        breaches.tell_members(store, someone, kept.breach_id, ("C",), NOON, apply=True),
        breaches.notice_of(store, someone, kept.breach_id, NOON),
    ):
        with pytest.raises(NotFound):
            await hidden


async def test_auditors_read_and_keep_nothing(store: Store) -> None:
    auditor = await actor(store, "auditor")
    kept = await breaches.enter_breach(store, await actor(store, "security"), BREACH, NOON)
    assert (await breaches.breach_file(store, auditor, kept.breach_id)).may_keep is False
    for attempt in (
        breaches.enter_breach(store, auditor, BREACH, NOON),
        breaches.change_breach(store, auditor, kept.breach_id, 1, BREACH, NOON),
        breaches.add_line(store, auditor, kept.breach_id, BreachLineKind.NOTE, "记录", NOON),
        breaches.tell_members(store, auditor, kept.breach_id, ("A",), NOON, apply=False),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def told(store: Store, member_id: str) -> list[str]:
    async with store.reading() as uow:
        return [one.notification.kind for one in (await uow.notifications.of_member(member_id))[0]]


async def test_members_concerned_are_counted_first_and_told_once(store: Store) -> None:
    security = await actor(store, "security")
    kept = await breaches.enter_breach(store, security, BREACH, NOON)
    key = kept.breach_id
    assert await breaches.tell_members(store, security, key, ("A",), NOON, apply=False) == 8  # the suspended too; who has left is not
    assert await told(store, "m-a4") == []
    assert await breaches.tell_members(store, security, key, ("A",), NOON, apply=True) == 8
    assert await breaches.tell_members(store, security, key, ("A", "B"), NOON + 1, apply=True) == 3
    assert await breaches.tell_members(store, security, key, ("C",), NOON + 2, apply=True) == 0
    assert (await told(store, "m-a4"), await told(store, "m-a7"), await told(store, "m-b3")) == (["breachNotice"],) * 3
    assert await told(store, "m-a9") == []
    assert (await breaches.notice_of(store, await actor(store, "acc-a4"), key, NOON + 3)).advice == "留意来电"
    found = await breaches.breach_file(store, security, key)
    assert (found.breach.told, found.breach.told_at) == (11, NOON)
    assert [(one.kind.value, one.text) for one in found.lines] == [
        ("entered", ""),
        ("membersTold", "甲支部: 8"),
        ("membersTold", "乙支部、甲支部: 3"),
    ]
    with pytest.raises(NotFound):
        await breaches.tell_members(store, security, key, ("nowhere",), NOON, apply=False)


async def test_it_is_put_right_until_members_have_been_told(store: Store) -> None:
    security = await actor(store, "security")
    kept = await breaches.enter_breach(store, security, BREACH, NOON)
    key = kept.breach_id
    after = await breaches.change_breach(store, security, key, 1, replace(BREACH, people=12), NOON + 1)
    assert (after.people, after.revision) == (12, 2)
    with pytest.raises(StaleRevision):
        await breaches.change_breach(store, security, key, 1, BREACH, NOON + 1)
    with pytest.raises(Invalid):
        await breaches.enter_breach(store, security, replace(BREACH, found_at=NOON + DAY), NOON)
    await breaches.tell_members(store, security, key, ("A",), NOON + 2, apply=True)
    with pytest.raises(breaches.BreachTold):
        await breaches.change_breach(store, security, key, 3, BREACH, NOON + 3)


async def test_steps_are_lines_and_the_last_one_closes_it(store: Store) -> None:
    security = await actor(store, "security")
    key = (await breaches.enter_breach(store, security, BREACH, NOON)).breach_id
    await breaches.add_line(store, security, key, BreachLineKind.AUTHORITY_TOLD, "市网信办，十二月二日", NOON + 1)
    for kind, text in ((BreachLineKind.NOTE, " "), (BreachLineKind.MEMBERS_TOLD, "甲支部: 99")):
        with pytest.raises(ReasonMissing):
            await breaches.add_line(store, security, key, kind, text, NOON + 1)
    await breaches.add_line(store, security, key, BreachLineKind.CLOSED, "已整改", NOON + 2)
    for attempt in (
        breaches.add_line(store, security, key, BreachLineKind.NOTE, "再补", NOON + 3),
        breaches.tell_members(store, security, key, ("A",), NOON + 3, apply=True),
        breaches.change_breach(store, security, key, 2, BREACH, NOON + 3),
    ):
        with pytest.raises(breaches.BreachClosed):
            await attempt
    async with store.reading() as uow:
        lines, _ = await uow.access_log.search(AccessQuery(Reach(everywhere=True), frozenset({f"breach:{key}"}), unplaced=True))
    assert [one.detail["line"] for one in lines] == ["closed", "authorityTold", "entered"]
