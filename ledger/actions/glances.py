"""A branch at a glance, for the start page of those responsible for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from ..access import Action, Actor, reach_of
from ..model import BRANCH_KINDS, CHINA, ON_THE_ROLL, MeetingState, Member, OrgKind, OrgUnit, Stage, day_of
from ..ports import MeetingQuery, Reach, Store

MOST_BRANCHES = 50


@dataclass(frozen=True, slots=True)
class BranchGlance:
    """`floating_here`: their home is elsewhere. Meetings of the quarter are those held or running."""

    org: OrgUnit
    member_count: int
    floating_away: int
    floating_here: int
    probationary: int
    meetings_this_quarter: int
    pending_leave_requests: int
    pending_objections: int


async def glances(store: Store, actor: Actor, now: float) -> list[BranchGlance]:
    """Of the branches whose members the actor may edit; the first fifty by code. A fixed number of questions, however many they are."""
    async with store.reading() as uow:
        units = await uow.organisations.named(reach_of(actor, Action.EDIT_MEMBER), "", BRANCH_KINDS, MOST_BRANCHES)
        if not units:
            return []
        here = Reach(org_ids=frozenset(unit.org_id for unit in units))
        branches = {unit.org_id: unit.parent_id or "" for unit in await uow.organisations.within(here) if unit.kind is OrgKind.PARTY_GROUP}
        members = _by_branch(await uow.members.within(here), lambda one: one.home_branch_id)
        guests = _by_branch(await uow.members.floating_at(here), lambda one: one.host_branch_id or "")
        held = await uow.meetings.counts(MeetingQuery(here, frozenset({MeetingState.ENDED, MeetingState.OPEN}), since=quarter_start(now)))
        leaves, objections = await uow.attendance.pending(here)
    counted = [_with_groups(counts, branches) for counts in (held, leaves, objections)]
    return [_glance(unit, members[unit.org_id], len(guests[unit.org_id]), *(one[unit.org_id] for one in counted)) for unit in units]


def _by_branch(members: Iterable[Member], branch_of: Callable[[Member], str]) -> defaultdict[str, list[Member]]:
    found: defaultdict[str, list[Member]] = defaultdict(list)
    for one in members:
        found[branch_of(one)].append(one)
    return found


def _with_groups(counts: Mapping[str, int], branches: Mapping[str, str]) -> Counter[str]:
    """What is a Party group's counts for its branch."""
    found: Counter[str] = Counter()
    for org_id, count in counts.items():
        found[branches.get(org_id, org_id)] += count
    return found


def _glance(org: OrgUnit, members: Sequence[Member], guests: int, held: int, leaves: int, objections: int) -> BranchGlance:
    on_the_roll = [one for one in members if one.status in ON_THE_ROLL]
    return BranchGlance(
        org=org,
        member_count=len(on_the_roll),
        floating_away=sum(one.host_branch_id is not None for one in on_the_roll),
        floating_here=guests,
        probationary=sum(one.stage is Stage.PROBATIONARY for one in on_the_roll),
        meetings_this_quarter=held,
        pending_leave_requests=leaves,
        pending_objections=objections,
    )


def quarter_start(now: float) -> float:
    """The first instant, in China, of the quarter."""
    day = day_of(now)
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return datetime.combine(first, time(), CHINA).timestamp()
