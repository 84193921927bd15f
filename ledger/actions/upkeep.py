"""What whoever runs the installation does to it: purges, verifications, checks of the keys, each begun and ended by a line of the log.

The lines are all that is kept of a run, so that every process of an installation knows of it, and one runs at a time. Nobody's data is in
them: counts by kind, names of keys, numbers of lines. A purge for good wants a dry run of the last hour before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..access import Action, Actor, require_somewhere
from ..accesschain import Anchor
from ..model import Access
from ..ports import AccessQuery, Reach, Store, UnitOfWork
from ..refusals import Conflict
from ..sealing import Sealer
from . import recordings
from .attendance import names_of
from .auditing import Audit, audit
from .purging import purge
from .rotation import check_keys

SUBJECT = "ledger:upkeep"
BEGUN, ENDED = "beginUpkeep", "endUpkeep"
MOST_SHOWN = 10
MOST_PROBLEMS = 20
HOUR = 3600.0  # a run that has not ended by then is given up, and a dry run that is older says nothing any more


class Upkeep(StrEnum):
    PURGE_DRY = "purgeDry"
    PURGE = "purge"
    VERIFY = "verify"
    KEYS = "keys"


class UpkeepRunning(Conflict):
    """Another run has not ended."""

    code = "upkeepRunning"


class DryRunFirst(Conflict):
    code = "dryRunFirst"


@dataclass(frozen=True, slots=True)
class UpkeepRun:
    """`figures`: what was counted; `problems`: what was found wrong; `failed`: it broke off. `ended_at` None: it is running."""

    what: Upkeep
    by: str
    began_at: float
    ended_at: float | None = None
    figures: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    figures: dict[str, int]
    problems: tuple[str, ...] = ()


async def upkeep_runs(store: Store, actor: Actor, now: float) -> list[UpkeepRun]:
    """The last ones, newest first. Refusal: Forbidden to everybody but the system administrator."""
    require_somewhere(actor, Action.RUN_INSTALLATION)
    async with store.reading() as uow:
        lines = await _lines(uow)
        names = await names_of(uow, {one.account_id for one in lines})
    return [run for run in _runs(lines, names) if run.ended_at is not None or now - run.began_at < HOUR][:MOST_SHOWN]


def may_purge(runs: Sequence[UpkeepRun], now: float) -> bool:
    """Whether the last purge or dry run was a dry run, that ended well within the hour."""
    last = next((run for run in runs if run.what in (Upkeep.PURGE, Upkeep.PURGE_DRY)), None)
    return (
        last is not None and last.what is Upkeep.PURGE_DRY and not last.failed and last.ended_at is not None and now - last.ended_at < HOUR
    )


async def begin(store: Store, actor: Actor, what: Upkeep, now: float) -> None:
    """Refusals: Forbidden, UpkeepRunning, DryRunFirst."""
    require_somewhere(actor, Action.RUN_INSTALLATION)
    async with store.writing() as uow:
        runs = _runs(await _lines(uow), {})
        if any(run.ended_at is None and now - run.began_at < HOUR for run in runs):
            raise UpkeepRunning
        if what is Upkeep.PURGE and not may_purge(runs, now):
            raise DryRunFirst
        await uow.access_log.append([Access(now, actor.account_id, BEGUN, SUBJECT, "", {"what": what.value})])


async def carry_out(store: Store, what: Upkeep, now: float, sealer: Sealer, anchors: Sequence[Anchor], folder: Path) -> Found:
    """`folder`: of this node's recordings. The work itself, without anybody's right: that was asked when it began."""
    match what:
        case Upkeep.VERIFY:
            return _verified(await audit(store, anchors), len(anchors))
        case Upkeep.KEYS:
            report = await check_keys(store, sealer)
            figures = {f"key:{key}": report.by_key[key] for key in {*sealer.ring.keys, *report.by_key}}
            missing = tuple(f"key:{key}" for key in sorted(report.missing))
            return Found(figures | {"stale": report.stale}, (*missing, *report.broken)[:MOST_PROBLEMS])
        case _:
            apply = what is Upkeep.PURGE
            found = {one.kind.value: one.rows for one in await purge(store, now, apply=apply)}
            past = await (recordings.purge(store, folder, now) if apply else recordings.past_their_day(store, now))
            return Found(found | {"recordings": past})


async def end(store: Store, by: str, what: Upkeep, found: Found | None, now: float) -> None:
    """`found` None: it broke off."""
    detail = {"what": what.value, "failed": "" if found else "yes"}
    if found is not None:
        detail |= {f"n:{key}": str(number) for key, number in found.figures.items()}
        detail["problems"] = "\n".join(found.problems)
    async with store.writing() as uow:
        await uow.access_log.append([Access(now, by, ENDED, SUBJECT, "", detail)])


def _verified(found: Audit, anchors: int) -> Found:
    log = found.log
    problems = [f"access #{log.broken}"] if log.broken is not None else []
    problems += [f"anchor #{one.line}" for one in log.anchors]
    problems += [f"history {batch}" for batch in log.histories]
    problems += [f"{one.stream} #{one.number}" for one in found.broken]
    figures = {"lines": log.lines, "anchors": anchors, "streams": found.streams, "facts": found.facts}
    return Found(figures, tuple(problems[:MOST_PROBLEMS]))


async def _lines(uow: UnitOfWork) -> list[Access]:
    """Newest first; a run has two."""
    query = AccessQuery(Reach(everywhere=True), frozenset({SUBJECT}), page_size=4 * MOST_SHOWN, unplaced=True)
    return (await uow.access_log.search(query))[0]


def _runs(lines: Sequence[Access], names: dict[str, str]) -> list[UpkeepRun]:
    """Each beginning with the first end of its kind after it; newest first."""
    runs: list[UpkeepRun] = []
    ends: list[Access] = []
    for line in lines:
        if line.action == ENDED:
            ends.append(line)
            continue
        ended = next((one for one in reversed(ends) if one.detail["what"] == line.detail["what"]), None)
        if ended is not None:
            ends.remove(ended)
        runs.append(_run(line, ended, names.get(line.account_id, "")))
    return runs


def _run(begun: Access, ended: Access | None, by: str) -> UpkeepRun:
    what = Upkeep(begun.detail["what"])
    if ended is None:
        return UpkeepRun(what, by, begun.at)
    figures = {key[2:]: int(text) for key, text in ended.detail.items() if key.startswith("n:")}
    problems = tuple(filter(None, ended.detail.get("problems", "").split("\n")))
    return UpkeepRun(what, by, begun.at, ended.at, figures, problems, bool(ended.detail["failed"]))
