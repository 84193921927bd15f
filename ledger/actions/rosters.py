"""Rosters: a file of members in, the same file out.

Reading the file is `ledger.roster`'s business. Here its rows meet what is stored: codes become organisations, numbers become members, and
every row that does not fit is complained of with line and column. Nothing is imported while any row is bad, unless told to leave those
out. Importing a file twice changes nothing the second time: a member is known by number. Columns that a file does not have keep their
values; an empty cell of one that it has clears it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..access import Action, Actor, organisation_for, reach_of
from ..memberfile import How
from ..model import Access, Account, Member, OrgUnit, PostKind, day_of
from ..passwords import hashed_one_time, one_time_password
from ..ports import Reach, Store, UnitOfWork
from ..refusals import Forbidden, ReasonMissing
from ..roster import RosterComplaint, RosterRow, read_roster, write_roster_csv, write_roster_xlsx
from ..sealing import Sealer
from ..transferkeeping import hold_transfer
from .filing import Act, member_lines, record_all
from .members import settle
from .relationkeeping import begin_relations, follow_roll
from .rosteridentity import Identity, identity_of, save_parts, shown_identity
from .rosterplan import Plan, RosterBook, plan_of


@dataclass(frozen=True, slots=True)
class ImportRoster:
    """`skip_bad`: import the good rows and leave out the bad. `create_accounts`: for imported members who have none."""

    content: bytes
    filename: str
    dry_run: bool = True
    skip_bad: bool = False
    create_accounts: bool = False


@dataclass(frozen=True, slots=True)
class NewLogIn:
    """Shown once, to be handed to the member."""

    number: str
    name: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`rows`: with something in them. What was (or, in a dry run, would be) created, updated, left as it is, and left out."""

    dry_run: bool
    rows: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    complaints: tuple[RosterComplaint, ...]
    accounts: tuple[NewLogIn, ...]
    applied: bool


async def import_roster(store: Store, actor: Actor, command: ImportRoster, now: float, sealer: Sealer | None = None) -> ImportReport:
    """`sealer`: for ID numbers. Refusals: Forbidden, KeyMissing where the file has ID numbers and there is no key to seal them with."""
    reach = reach_of(actor, Action.ADD_MEMBER)
    if not (reach.everywhere or reach.paths or reach.org_ids):
        raise Forbidden(action=Action.ADD_MEMBER.value)
    # Parsing, planning and hashing run beside the event loop: thousands of rows would otherwise hold up everybody.
    roster = await asyncio.to_thread(read_roster, command.content, command.filename)
    bad = {line for line in roster.bad_lines if line > 1}
    async with store.reading() if command.dry_run else store.writing() as uow:
        book = await _book(uow, actor, roster.rows, roster.headings, sealer, now)
        plan = await asyncio.to_thread(plan_of, book, roster.rows, create_accounts=command.create_accounts)
        complaints = tuple(sorted((*roster.complaints, *plan.complaints), key=lambda one: (one.line, one.column)))
        unreadable = any(one.line <= 1 for one in roster.complaints)
        applied = not command.dry_run and not unreadable and (command.skip_bad or not complaints)
        units = {unit.org_id: unit for unit in book.units.values()}
        log_ins = await _apply(uow, actor, plan, units, sealer, now) if applied else ()
    skipped = len(bad | {one.line for one in plan.complaints})
    return ImportReport(
        dry_run=command.dry_run,
        rows=len(roster.rows) + len(bad),
        created=len(plan.created),
        updated=len(plan.updated),
        unchanged=plan.unchanged,
        skipped=skipped,
        complaints=complaints,
        accounts=log_ins,
        applied=applied,
    )


@dataclass(frozen=True, slots=True)
class ExportRoster:
    """`file_format`: csv | xlsx. `reason`: ID numbers in full, and why; None: masked."""

    org_id: str | None = None
    file_format: str = "csv"
    locale: str = "zh"
    reason: str | None = None


async def export_roster(store: Store, actor: Actor, command: ExportRoster, now: float, sealer: Sealer | None = None) -> bytes:
    """Everyone with a home within reach (and the organisation, if one is named). Logged; in full, a line for each member as well.

    What is of the file – birth, ID number, graduation – only of those whose file the actor may see. Refusals: Forbidden, ReasonMissing.
    """
    if command.reason is not None and len(command.reason.strip()) < 2:
        raise ReasonMissing
    async with store.writing() as uow:
        org = await organisation_for(uow, actor, command.org_id, Action.EXPORT_ROSTER) if command.org_id else None
        reach = Reach(paths=(org.path,)) if org else _somewhere(actor, Action.EXPORT_ROSTER)
        members = await uow.members.within(reach)
        seen = await shown_identity(uow, sealer, actor, members, command.reason, now)
        rows = await roster_rows(uow, members, now, seen)
        subject, path = (f"org:{org.org_id}", org.path) if org else (f"account:{actor.account_id}", next(iter(reach.paths), ""))
        detail = {"rows": str(len(rows))} | ({"reason": command.reason.strip()[:500], "full": "true"} if command.reason else {})
        await uow.access_log.append([Access(now, actor.account_id, "exportRoster", subject, path, detail)])
    write = write_roster_xlsx if command.file_format == "xlsx" else write_roster_csv
    return await asyncio.to_thread(write, rows, command.locale)


def _somewhere(actor: Actor, action: Action) -> Reach:
    reach = reach_of(actor, action)
    if not (reach.everywhere or reach.paths or reach.org_ids):
        raise Forbidden(action=action.value)
    return reach


async def _book(
    uow: UnitOfWork, actor: Actor, rows: Sequence[RosterRow], headings: Mapping[str, str], sealer: Sealer | None, now: float
) -> RosterBook:
    """Everything stored that the rows may touch, fetched in a handful of questions."""
    members = await uow.members.by_numbers([row.number for row in rows])
    units = {unit.code: unit for unit in await uow.organisations.all()}
    appointed = {units[code].org_id for row in rows if row.post for code in (row.branch_code, row.group_code) if code in units}
    posts = {org_id: await uow.posts.of_org(org_id) for org_id in sorted(appointed)}
    holders = await uow.members.many({post.member_id for held in posts.values() for post in held})
    identity = await identity_of(uow, sealer, rows, headings, [one.member_id for one in members.values()])
    wanted = {name.casefold() for row in rows for name in (row.username, row.number) if name}
    return RosterBook(
        actor=actor,
        units=units,
        members=members,
        accounts=await uow.accounts.of_members([member.member_id for member in members.values()]),
        usernames=await uow.accounts.by_usernames(wanted),
        posts=posts,
        names={member_id: member.name for member_id, member in holders.items()},
        headings=dict(headings),
        today=day_of(now),
        files=identity.files,
        owners=identity.owners,
        known=identity.known,
    )


async def _apply(
    uow: UnitOfWork, actor: Actor, plan: Plan, units: dict[str, OrgUnit], sealer: Sealer | None, now: float
) -> tuple[NewLogIn, ...]:
    paths = {org_id: unit.path for org_id, unit in units.items()}
    act = Act(actor, now, How.IMPORT)
    await uow.members.add(plan.created)
    await begin_relations(uow, plan.created, now)
    await uow.members.save([after for _, after in plan.updated])
    for before, after in plan.updated:
        if (before.home_branch_id, before.group_id, before.status) != (after.home_branch_id, after.group_id, after.status):
            await settle(uow, before, after, now)
            await hold_transfer(uow, before, after, actor.account_id, now)
            await follow_roll(uow, act, before, after)
    for post in plan.posts:
        await uow.posts.add(post)
    of_file = await save_parts(uow, sealer, plan.files)
    fresh = [
        (one, paths.get(one.home_branch_id, ""), [*member_lines(None, one, units), *of_file.get(one.member_id, ())]) for one in plan.created
    ]
    await record_all(uow, act, fresh, "createMember")
    changed = [
        (after, paths.get(after.home_branch_id, ""), [*member_lines(before, after, units), *of_file.get(after.member_id, ())])
        for before, after in plan.updated
    ]
    await record_all(uow, act, changed, "changeMember")
    return await _create_accounts(uow, plan)


async def _create_accounts(uow: UnitOfWork, plan: Plan) -> tuple[NewLogIn, ...]:
    passwords = await asyncio.to_thread(lambda: [one_time_password() for _ in plan.log_ins])
    hashes = await hashed_one_time(passwords)
    accounts = [
        Account(secrets.token_hex(8), username, password_hash, member.member_id, must_change_password=True)
        for (member, username), password_hash in zip(plan.log_ins, hashes, strict=True)
    ]
    await uow.accounts.add(accounts)
    return tuple(
        NewLogIn(member.number, member.name, username, password)
        for (member, username), password in zip(plan.log_ins, passwords, strict=True)
    )


async def roster_rows(uow: UnitOfWork, members: Sequence[Member], now: float, seen: Mapping[str, Identity]) -> list[RosterRow]:
    """`seen`: member id → what of the file may be told; of whoever is not in it, nothing of the file is."""
    places = {org_id for one in members for org_id in (one.home_branch_id, one.host_branch_id, one.group_id) if org_id}
    codes = {org_id: unit.code for org_id, unit in (await uow.organisations.many(places)).items()}
    ids = [member.member_id for member in members]
    accounts = await uow.accounts.of_members(ids)
    posts: dict[str, PostKind] = {}
    for post in await uow.posts.of_members(ids):
        if post.held_on(day_of(now)):
            posts.setdefault(post.member_id, post.kind)
    rows = [_row(line, member, codes, posts, accounts) for line, member in enumerate(members, start=2)]
    told = [seen.get(member.member_id, Identity()) for member in members]
    return [
        replace(row, born_on=one.born_on, id_number=one.id_number, graduated_on=one.graduated_on)
        for row, one in zip(rows, told, strict=True)
    ]


def _row(line: int, member: Member, codes: dict[str, str], posts: dict[str, PostKind], accounts: dict[str, Account]) -> RosterRow:
    account = accounts.get(member.member_id)
    return RosterRow(
        line=line,
        number=member.number,
        name=member.name,
        branch_code=codes[member.home_branch_id],
        sex=member.sex,
        stage=member.stage,
        status=member.status,
        host_branch_code=codes.get(member.host_branch_id or ""),
        group_code=codes.get(member.group_id or ""),
        joined_on=member.joined_on,
        phone=member.phone,
        email=member.email,
        post=posts.get(member.member_id),
        exempt=member.exempt,
        username=account.username if account else None,
    )
