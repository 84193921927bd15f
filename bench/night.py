"""`python -m bench.night [members]`: the nightly evaluation over a whole installation, beside its limit of 60 s.

A SQLite file is filled with branches, members, a third of them away with consent, contact and certificate, and days of organisational life;
then the clocks are read and the reminders written, twice: the second night has nobody left to tell.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from ledger.actions.nightly import evaluate_ledger
from ledger.dualmanagement import LifeDay, Measured
from ledger.mobility import (
    ActivityCertificate,
    ContactEntry,
    ContactMeans,
    DepartureReport,
    FloatingRegistration,
    FlowRange,
    FlowReason,
    Place,
    RegistrationState,
    SeparateConsent,
    SharingPurpose,
)
from ledger.model import Meeting, MeetingForm, MeetingState, Member, MemberStatus, OrgKind, OrgUnit, Post, PostKind, Stage, day_of
from ledger.ports import UnitOfWork
from ledger.relationkeeping import begin_relations
from ledger.store.migrating import migrate
from ledger.store.sql import SqlStore

NOW = 1_790_000_000.0
DAY = 86_400.0
LIMIT_SECONDS = 60.0
IN_A_BRANCH = 20


async def fill(uow: UnitOfWork, members: int) -> None:
    branches = max(1, members // IN_A_BRANCH)
    units = [OrgUnit("top", None, OrgKind.COMMITTEE, "党委", "TOP", "/top/")]
    units += [OrgUnit(f"b{n}", "top", OrgKind.BRANCH, f"第{n}支部", f"B{n}", f"/top/b{n}/") for n in range(branches)]
    people = [Member(f"m{n:06d}", f"N{n:06d}", f"党员{n}", Stage.FULL, MemberStatus.ACTIVE, f"b{n % branches}") for n in range(members)]
    await uow.organisations.add(units)
    await uow.members.add(people)
    await begin_relations(uow, people, NOW - 900 * DAY)
    for n in range(branches):
        await uow.posts.add(Post(f"p{n}", f"m{n:06d}", f"b{n}", PostKind.SECRETARY, date(2025, 1, 1)))
    await _life(uow, people, branches)
    for n in range(0, members, 3):
        await _away(uow, people[n], n, branches)


async def _life(uow: UnitOfWork, people: list[Member], branches: int) -> None:
    """One meeting a branch, between a week and ten months ago."""
    for n in range(branches):
        on = day_of(NOW - (7 + n % 300) * DAY)
        held = NOW - (7 + n % 300) * DAY
        meeting = Meeting(
            f"t{n}", f"b{n}", MeetingForm.BRANCH_GENERAL_MEETING, "会", held, held + 3600, MeetingState.ENDED, "x", invite_token=f"i{n}"
        )
        await uow.meetings.add(meeting)
        days = [LifeDay(f"t{n}", one.member_id, f"b{n}", on, True) for one in people[n::branches]]
        await uow.clocks.keep_days(Measured(f"t{n}", 1, "kept"), days)


async def _away(uow: UnitOfWork, member: Member, n: int, branches: int) -> None:
    left = day_of(NOW - (20 + n % 400) * DAY)
    place = Place("深圳市", "440300")
    report = DepartureReport(member.member_id, FlowReason.WORK, FlowRange.OUT_OF_PROVINCE, place, left, "138")
    host = f"b{(n + 1) % branches}"
    key = f"r{n}"
    await uow.registrations.add(
        FloatingRegistration(
            key, member.member_id, member.home_branch_id, report, RegistrationState.REPORTED_IN, NOW - DAY, place, host, host
        )
    )
    await uow.sharing_consents.save(SeparateConsent(member.member_id, host, SharingPurpose.HOST_MANAGEMENT, "2026-1", NOW - DAY))
    on = left + timedelta(days=n % 200)
    await uow.contacts.add(ContactEntry(f"c{n}", member.member_id, min(on, day_of(NOW)), ContactMeans.TELEPHONE, True, "好", "x"))
    await uow.certificates.add(ActivityCertificate(f"L{n}", member.member_id, key, left, member.home_branch_id))


async def run(members: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'night.db'}"
        await migrate(url)
        store = SqlStore(url)
        began = time.perf_counter()
        async with store.writing() as uow:
            await fill(uow, members)
        print(f"filled in {time.perf_counter() - began:.0f} s")
        print("| night | members | away | reminders | seconds | limit |\n|---|---|---|---|---|---|")
        slowest = 0.0
        for name in ("first", "second"):
            began = time.perf_counter()
            night = await evaluate_ledger(store, NOW)
            seconds = time.perf_counter() - began
            slowest = max(slowest, seconds)
            print(f"| {name} | {night.members} | {night.away} | {night.reminders} | {seconds:.1f} | {LIMIT_SECONDS:.0f} |")
        await store.close()
    return 0 if slowest <= LIMIT_SECONDS else 1


def main(argv: list[str]) -> int:
    return asyncio.run(run(int(argv[0]) if argv else 100_000))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
