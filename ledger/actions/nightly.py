"""The nightly evaluation: days of organisational life are brought up to date, every clock is read, and who must be reminded is told.

One pass over the roll in pieces, with a fixed number of questions for each. It changes no state but that letters of transfers expire: a
reminder is a notification with a key, so that running it again, or on two machines, tells nobody twice. The long clocks are told as advice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ..access import ACTING_POSTS
from ..clocks import duty_record
from ..duesrules import DEFAULT as DUES
from ..kinds.floating import ADVICE, DUTIES
from ..mobility import RegistrationState, SeparateConsent, Side
from ..mobilityports import ClockRow
from ..mobilityrules import DEFAULT, MobilityRules
from ..model import ATTENDING, OrgUnit, day_of
from ..notifying import Notification
from ..ports import Store, UnitOfWork
from ..rulebook import Rulebook
from ..rules.duties import Advice, Due, DutyKind, Evaluation, evaluate
from ..rules.floating import consented
from .duesreminders import dues_reminders
from .floatinglists import NOT_HERE
from .lifedays import keep_life_days
from .transferclock import evaluate_transfers
from .workreminders import work_reminders

AT_ONCE = 500  # members; some twenty milliseconds of work between two turns of the event loop


@dataclass(slots=True)
class Night:
    """What a night found and told. `dues`: "contact overdue" → how many."""

    members: int = 0
    away: int = 0
    meetings_measured: int = 0
    reminders: int = 0
    letters_expired: int = 0
    dues: Counter[str] = field(default_factory=Counter)
    advice: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Offices:
    """Who acts for every organisation today, and the tree."""

    acting: Mapping[str, tuple[str, ...]]
    units: Mapping[str, OrgUnit]

    def of(self, org_id: str | None) -> tuple[str, ...]:
        return self.acting.get(org_id or "", ())

    def above(self, org_id: str) -> tuple[str, ...]:
        """Of the nearest superior that has anybody in office."""
        unit = self.units.get(org_id)
        for above in reversed(unit.path.strip("/").split("/")[:-1] if unit else []):
            if self.of(above):
                return self.of(above)
        return ()


async def evaluate_ledger(store: Store, now: float, rulebook: Rulebook | None = None, rules: MobilityRules = DEFAULT) -> Night:
    night = Night(meetings_measured=await keep_life_days(store, rulebook or Rulebook()))
    transfers = await evaluate_transfers(store, now, rules)
    night.letters_expired, night.reminders = transfers.expired, transfers.reminded
    async with store.reading() as uow:
        offices = await _offices(uow, day_of(now))
    after = ""
    while True:
        async with store.reading() as uow:
            rows = await uow.clocks.rows(after, AT_ONCE)
            away = [row.member_id for row in rows if row.registration is not None]
            consents = await uow.sharing_consents.of_members(away)
        if not rows:
            return night
        after = rows[-1].member_id
        told = await asyncio.to_thread(_piece, rows, consents, offices, rules, now, night)
        if told:
            async with store.writing() as uow:
                night.reminders += len(await uow.notifications.add(told))


def _piece(
    rows: list[ClockRow], consents: list[SeparateConsent], offices: _Offices, rules: MobilityRules, now: float, night: Night
) -> list[Notification]:
    found = evaluate(map(duty_record, rows), rules, day_of(now))
    by_member = {row.member_id: row for row in rows}
    night.members += len(rows)
    night.away += sum(row.registration is not None for row in rows)
    _count(night, found)
    hosts = _hosts(rows, consents, now)
    told: list[Notification] = []
    for due in found.dues:
        if due.kind not in NOT_HERE:
            told += _reminders(due, by_member[due.member_id], hosts.get(due.member_id), offices, now)
    for advice in found.advice:
        told += _advised(advice, by_member[advice.member_id], offices, now)
    told += work_reminders(rows, rules.remind_days, day_of(now), now)
    return told + dues_reminders(rows, offices.of, offices.units, DUES, day_of(now), now)


def _count(night: Night, found: Evaluation) -> None:
    night.dues.update(f"{due.kind.value} {due.state.value}" for due in found.dues if due.kind not in NOT_HERE)
    night.advice.update(advice.kind.value for advice in found.advice)


def _hosts(rows: Iterable[ClockRow], consents: Iterable[SeparateConsent], now: float) -> dict[str, str]:
    """Member id → the host that may be told: one with the member's consent."""
    given: dict[str, list[SeparateConsent]] = {}
    for one in consents:
        given.setdefault(one.member_id, []).append(one)
    found: dict[str, str] = {}
    for row in rows:
        registration = row.registration
        if registration is None or registration.state is RegistrationState.DEPARTED:
            continue
        host = registration.host_branch_id or registration.host_org_id
        if host is not None and consented(given.get(row.member_id, ()), row.member_id, registration.host_org_id, now):
            found[row.member_id] = host
    return found


def _reminders(due: Due, row: ClockRow, host: str | None, offices: _Offices, now: float) -> list[Notification]:
    """To each side once for each state of the duty. Contact is the liaison's first."""
    people: list[str] = []
    for side in due.audience:
        match side:
            case Side.MEMBER:
                people.append(row.member_id)
            case Side.HOME:
                people += offices.of(row.home_branch_id)
            case Side.HOST:
                people += offices.of(host)
            case Side.HOME_COMMITTEE:
                people += offices.above(row.home_branch_id)
            case _:
                pass
    if due.kind is DutyKind.CONTACT and row.liaison_id is not None:
        people.append(row.liaison_id)
    kind = DUTIES[due.kind, due.state]
    about = f"registration:{row.registration.registration_id}" if row.registration else f"member:{row.member_id}"
    key = f"{kind.code}:{row.member_id}:{due.due_on.isoformat()}"
    return [kind.to(person, about, now, key, on=due.due_on.isoformat()) for person in dict.fromkeys(people)]


def _advised(advice: Advice, row: ClockRow, offices: _Offices, now: float) -> list[Notification]:
    """To those who act for the home branch: whether anything is to be done about it is for them to judge."""
    kind = ADVICE[advice.kind]
    key = f"{kind.code}:{row.member_id}:{advice.full_on.isoformat()}"
    people = offices.of(row.home_branch_id)
    return [kind.to(person, f"member:{row.member_id}", now, key, on=advice.full_on.isoformat()) for person in people]


async def _offices(uow: UnitOfWork, today: date) -> _Offices:
    posts = await uow.posts.held_on(today, ACTING_POSTS)
    people = await uow.members.many({post.member_id for post in posts})
    acting: dict[str, list[str]] = {}
    for post in posts:
        holder = people.get(post.member_id)
        if holder is not None and holder.status in ATTENDING:
            acting.setdefault(post.org_id, []).append(post.member_id)
    units = {unit.org_id: unit for unit in await uow.organisations.all()}
    return _Offices({org_id: tuple(dict.fromkeys(ids)) for org_id, ids in acting.items()}, units)
