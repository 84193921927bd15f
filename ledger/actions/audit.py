"""The log of access, for auditors and for whom it is about; and where a chain of facts is broken. Reading all chains is in `auditing`."""

from __future__ import annotations

from dataclasses import dataclass

from ..access import Action, Actor, reach_of
from ..facts import GENESIS, RecordedFact, chain_hash
from ..model import Access
from ..ports import AccessQuery, Reach, Store, UnitOfWork
from ..refusals import Forbidden
from .attendance import names_of

#: What is done with a sheet as a whole, and so with every line on it.
RECORD_ACTIONS = frozenset({"seeSheet", "exportSheet", "seeFacts", "decideObjection", "correctAttendance", "confirmPresence"})


@dataclass(frozen=True, slots=True)
class AccessPage:
    """`names`: account id → who; `subjects`: "member:<id>", "meeting:<id>", "org:<id>" → what it is called today."""

    lines: list[Access]
    total: int
    names: dict[str, str]
    subjects: dict[str, str]


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """`number`: the first fact whose hash, or whose place in the numbering, is not what the facts before it make it."""

    stream: str
    number: int


async def access_log(store: Store, actor: Actor, page: int = 1, page_size: int = 50, account_id: str | None = None) -> AccessPage:
    """Newest first, of the subtrees the actor audits; who audits from the top also what belongs to no organisation.

    Refusal: Forbidden to everybody else.
    """
    reach = reach_of(actor, Action.READ_AUDIT)
    if not (reach.everywhere or reach.paths):
        raise Forbidden(action=Action.READ_AUDIT.value)
    from_top = any(path.count("/") == 2 for path in reach.paths)
    query = AccessQuery(reach, None, account_id, max(1, page), min(max(1, page_size), 200), unplaced=from_top)
    return await _page(store, query)


async def who_looked(store: Store, actor: Actor, page: int = 1, page_size: int = 50) -> AccessPage:
    """Who looked at or changed the actor's own record: as a member, and as a line of the sheets of meetings."""
    subjects = frozenset({f"member:{actor.member_id}"} if actor.member_id else {f"account:{actor.account_id}"})
    async with store.reading() as uow:
        listed = await uow.meetings.listing(actor.member_id) if actor.member_id else []
    sheets = frozenset(f"meeting:{meeting.meeting_id}" for meeting in listed if meeting.opened_at is not None)
    size = min(max(1, page_size), 200)
    query = AccessQuery(Reach(everywhere=True), subjects, None, max(1, page), size, shared=sheets, shared_actions=RECORD_ACTIONS)
    return await _page(store, query)


def first_broken(recorded: list[RecordedFact], head: tuple[int, str]) -> int | None:
    """Also compares with the head kept apart, so that facts cut off at the end are missed."""
    previous = GENESIS
    for place, one in enumerate(recorded, start=1):
        if one.number != place or chain_hash(previous, one.fact, place) != one.hash:
            return place
        previous = one.hash
    return None if head == (len(recorded), previous) else len(recorded) + 1


async def _page(store: Store, query: AccessQuery) -> AccessPage:
    async with store.reading() as uow:
        lines, total = await uow.access_log.search(query)
        names = await names_of(uow, {line.account_id for line in lines})
        return AccessPage(lines, total, names, await _called(uow, {line.subject for line in lines}))


async def _called(uow: UnitOfWork, subjects: set[str]) -> dict[str, str]:
    by_noun: dict[str, list[str]] = {}
    for subject in subjects:
        noun, _, key = subject.partition(":")
        by_noun.setdefault(noun, []).append(key)
    called = {f"member:{key}": one.name for key, one in (await uow.members.many(by_noun.get("member", []))).items()}
    called |= {f"account:{key}": name for key, name in (await names_of(uow, set(by_noun.get("account", [])))).items()}
    for key in by_noun.get("org", []):
        unit = await uow.organisations.get(key)
        called |= {f"org:{key}": unit.name} if unit else {}
    for key in by_noun.get("meeting", []):
        meeting = await uow.meetings.get(key)
        called |= {f"meeting:{key}": meeting.title} if meeting else {}
    return called
