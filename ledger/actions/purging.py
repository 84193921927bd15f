"""What is past its retention goes: planned and carried out by the same steps, so that a dry run says exactly what would happen.

A dry run does the work in a transaction and takes it back. Facts are never removed: their chain is the record, and names in it are ids
whose meaning goes with the member's file (decision 0012). Each removal is a line of the log of access.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from ..access import OPERATOR
from ..accesschain import PURGE
from ..model import Access
from ..ports import Store, UnitOfWork
from ..retention import DEFAULT, Clock, Kind, RetentionRules

DAY_SECONDS = 86_400.0
LEAST_LOG_DAYS = 183  # network logs are kept for six months at the least, whatever a table says
BATCH = 50_000  # people looked at in one run; the next one goes on


@dataclass(frozen=True, slots=True)
class Purged:
    """`rows`: removed, or, in a dry run, to be removed. `before`: what is older than this instant."""

    kind: Kind
    rows: int
    before: float


class _TakenBack(Exception):
    """Ends the transaction of a dry run."""


async def purge(store: Store, now: float, *, apply: bool, rules: RetentionRules = DEFAULT) -> list[Purged]:
    """One transaction for each kind. The log of access goes last, so that what this purge wrote stands in what is kept."""
    done: list[Purged] = []
    for kind, step in STEPS.items():
        before = now - max(rules.of(kind).days, LEAST_LOG_DAYS if kind is Kind.ACCESS else 0) * DAY_SECONDS
        rows = 0
        try:
            async with store.writing() as uow:
                rows = await step(uow, before, now)
                if not apply:
                    raise _TakenBack
        except _TakenBack:
            pass
        done.append(Purged(kind, rows, before))
    return done


async def _notifications(uow: UnitOfWork, before: float, now: float) -> int:
    return await _told(uow, Kind.NOTIFICATIONS, await uow.notifications.remove_before(before), now)


async def _discussions(uow: UnitOfWork, before: float, now: float) -> int:
    """Threads with all that was said in them; a thread ends with its last contribution."""
    gone = await uow.discussions.remove_before(before, BATCH)
    files = await uow.attachments.of_owners([f"entry:{entry_id}" for entry_id in gone])
    await uow.attachments.remove([one.attachment_id for several in files.values() for one in several])
    return await _told(uow, Kind.DISCUSSIONS, len(gone), now)


async def _sessions(uow: UnitOfWork, before: float, now: float) -> int:
    return await _told(uow, Kind.ACCOUNT, await uow.sessions.remove_expired(now, before), now)


async def _requests(uow: UnitOfWork, before: float, now: float) -> int:
    rows = await uow.change_requests.remove_over(before) + await uow.data_requests.remove_answered(before)
    return await _told(uow, Kind.REQUESTS, rows, now)


async def _contacts(uow: UnitOfWork, before: float, now: float) -> int:
    """Of those who left the roll; their line on the roll stays for the record of meetings."""
    members = await uow.members.many(await uow.files.left_before(before, BATCH))
    files = await uow.files.many(members)
    bare = {key: replace(one, phone=None, email=None) for key, one in members.items()}
    unreached = [replace(one, residence=None, work_unit=None, occupation=None) for one in files.values()]
    changed = [one for key, one in bare.items() if one != members[key]]
    emptied = [one for one in unreached if one != files[one.member_id]]
    await uow.members.save(changed)
    await uow.files.save(emptied)
    return await _told(uow, Kind.CONTACT, len({one.member_id for one in changed} | {one.member_id for one in emptied}), now)


async def _id_numbers(uow: UnitOfWork, before: float, now: float) -> int:
    files = await uow.files.many(await uow.files.left_before(before, BATCH))
    sealed = [one for one in files.values() if one.id_sealed]
    await uow.files.save([replace(one, id_sealed=None, id_index=None) for one in sealed])
    return await _told(uow, Kind.ID_NUMBER, len(sealed), now)


async def _files(uow: UnitOfWork, before: float, now: float) -> int:
    """The whole file with its history and papers; of the member's line only what the record of meetings needs."""
    rows = 0
    for member_id, member in (await uow.members.many(await uow.files.left_before(before, BATCH))).items():
        papers = [one.attachment_id for one in await uow.attachments.of_owner(f"member:{member_id}")]
        await uow.attachments.remove(papers)
        rows += await uow.files.forget(member_id) + await uow.dues.forget(member_id) + await uow.works.forget(member_id) + len(papers)
        await uow.members.save([replace(member, born_on=None, ethnic_group=None, education=None, phone=None, email=None)])
        await uow.access_log.append([Access(now, OPERATOR.account_id, "purgeFile", f"member:{member_id}", "")])
    return rows


async def _access(uow: UnitOfWork, before: float, now: float) -> int:
    last = await uow.access_log.last_before(before)
    first = await uow.access_log.after(0, 1)
    if last is None or not first:
        return 0
    removed = last.line - first[0].line + 1
    detail = {"upTo": str(last.line), "hash": last.hash, "removed": str(removed)}
    await uow.access_log.append([Access(now, OPERATOR.account_id, PURGE, "ledger:access", "", detail)])
    return await uow.access_log.remove_up_to(last.line)


async def _told(uow: UnitOfWork, kind: Kind, rows: int, now: float) -> int:
    if rows:
        await uow.access_log.append([Access(now, OPERATOR.account_id, "purge", f"ledger:{kind.value}", "", {"rows": str(rows)})])
    return rows


Step = Callable[[UnitOfWork, float, float], Awaitable[int]]
STEPS: dict[Kind, Step] = {
    Kind.NOTIFICATIONS: _notifications,
    Kind.DISCUSSIONS: _discussions,
    Kind.ACCOUNT: _sessions,
    Kind.REQUESTS: _requests,
    Kind.CONTACT: _contacts,
    Kind.ID_NUMBER: _id_numbers,
    Kind.IDENTITY: _files,  # with the way into the Party, career, history and papers: they have the same period and clock
    Kind.ACCESS: _access,
}
#: Removed by a daily round of their own.
ELSEWHERE = frozenset({Kind.RECORDINGS})
WITH_THE_FILE = frozenset({Kind.PARTY_PATH, Kind.CAREER, Kind.HISTORY, Kind.PAPERS, Kind.DUES, Kind.WORK})


def check_rules(rules: RetentionRules) -> bool:
    """Whether every kind that is said to go does, and what goes with the file has the file's period."""
    file = rules.of(Kind.IDENTITY)
    going = {one.kind for one in rules.kinds if one.purged}
    same = all((rules.of(kind).days, rules.of(kind).clock) == (file.days, Clock.LEFT) for kind in WITH_THE_FILE)
    return going == set(STEPS) | WITH_THE_FILE | ELSEWHERE and same
