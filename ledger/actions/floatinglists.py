"""The list of members away, of a branch and of a host: filters, counts, and what is due of each.

What is due is computed here from dates and the rules in force; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..access import Action, Actor, reach_of
from ..clocks import contact_due, duty_record
from ..mobility import OPEN_REGISTRATION, FloatingRegistration, RegistrationState
from ..mobilityports import RegistrationQuery
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import Member, OrgUnit, day_of
from ..ports import Reach, Store, UnitOfWork
from ..rules.duties import Due, DutyKind, evaluate

NOT_HERE = frozenset({DutyKind.THOUGHT_REPORT})  # has a page of its own


class Filter(StrEnum):
    """What a branch looks for. Without one: everything that is open."""

    OPEN = "open"
    AWAITING = "awaiting"
    LATE = "late"
    CONTACT_OVERDUE = "contactOverdue"
    LOST = "lost"
    HERE = "here"  # members of other branches who float here
    MINE = "mine"  # whose liaison the actor is
    CLOSED = "closed"


COUNTED = tuple(one for one in Filter if one is not Filter.CLOSED)


@dataclass(frozen=True, slots=True)
class SearchFloating:
    filter: Filter = Filter.OPEN
    text: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class FloatingLine:
    registration: FloatingRegistration
    member: Member
    home: OrgUnit
    host: OrgUnit | None
    liaison_name: str | None
    last_contact_on: date | None
    dues: tuple[Due, ...]
    at_home: bool  # seen from the home branch's side


@dataclass(frozen=True, slots=True)
class FloatingPage:
    lines: list[FloatingLine]
    total: int
    counts: dict[Filter, int]


async def search_floating(store: Store, actor: Actor, command: SearchFloating, now: float, rules: MobilityRules = DEFAULT) -> FloatingPage:
    """Registrations of the branches one is responsible for or audits, and of those who float there with consent."""
    async with store.reading() as uow:
        query = _query(actor, command, now, rules)
        found, total = await uow.registrations.search(query)
        lines = await _lines(uow, actor, found, now, rules)
        counted = await uow.registrations.counts([_query(actor, SearchFloating(one), now, rules) for one in COUNTED])
    return FloatingPage(lines, total, dict(zip(COUNTED, counted, strict=True)))


def _query(actor: Actor, command: SearchFloating, now: float, rules: MobilityRules) -> RegistrationQuery:
    home, host = reach_of(actor, Action.SEE_REGISTRATION), reach_of(actor, Action.TAKE_IN)
    today, wanted = day_of(now), command.filter
    shape = RegistrationQuery(
        home, host, now, OPEN_REGISTRATION, command.text.strip(), page=max(1, command.page), page_size=min(max(1, command.page_size), 200)
    )
    nowhere = Reach()
    changes: dict[Filter, dict[str, object]] = {
        Filter.OPEN: {},
        Filter.AWAITING: {"states": frozenset({RegistrationState.AWAITING_REPORT_IN})},
        Filter.LATE: {"states": frozenset({RegistrationState.AWAITING_REPORT_IN}), "late_on": today},
        Filter.CONTACT_OVERDUE: {"contact_due": contact_due(rules, today), "host": nowhere},
        Filter.LOST: {"out_of_contact": True},
        Filter.HERE: {"home": nowhere},
        Filter.MINE: {"home": Reach(everywhere=True), "host": nowhere, "liaison_id": actor.member_id or ""},
        Filter.CLOSED: {"states": frozenset(RegistrationState) - OPEN_REGISTRATION, "host": nowhere},
    }
    return _changed(shape, changes[wanted])


def _changed(query: RegistrationQuery, changes: dict[str, object]) -> RegistrationQuery:
    values = {name: getattr(query, name) for name in RegistrationQuery.__dataclass_fields__}
    return RegistrationQuery(**(values | changes))


async def _lines(
    uow: UnitOfWork, actor: Actor, found: Sequence[FloatingRegistration], now: float, rules: MobilityRules
) -> list[FloatingLine]:
    """A page with names, liaisons and what is due, in a fixed number of questions."""
    ids = [one.member_id for one in found]
    places = {org_id for one in found for org_id in (one.home_branch_id, one.host_branch_id, one.host_org_id) if org_id}
    units = await uow.organisations.many(places)
    held = await uow.contacts.liaisons([one.registration_id for one in found])
    liaisons = {one.registration_id: one.liaison_member_id for one in held if one.until is None}
    members = await uow.members.many([*ids, *liaisons.values()])
    rows = {row.member_id: row for row in await uow.clocks.rows_of(ids)}
    home_reach = reach_of(actor, Action.SEE_REGISTRATION)
    lines: list[FloatingLine] = []
    for one in found:
        home = units[one.home_branch_id]
        row = rows.get(one.member_id)
        evaluation = evaluate([duty_record(row)] if row and one.is_open else [], rules, day_of(now))
        at_home = home_reach.everywhere or home.org_id in home_reach.org_ids or home.path.startswith(home_reach.paths)
        liaison = members.get(liaisons.get(one.registration_id, ""))
        lines.append(
            FloatingLine(
                one,
                members[one.member_id],
                home,
                units.get(one.host_branch_id or one.host_org_id or ""),
                liaison.name if liaison else None,
                row.last_contact_on if row else None,
                tuple(due for due in evaluation.dues if due.kind not in NOT_HERE),
                at_home,
            )
        )
    return lines
