"""Upkeep by whoever runs the installation: tried before it is done, one run at a time, written in the log, and nothing to anybody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.actions import upkeep
from ledger.actions.upkeep import Upkeep
from ledger.kinds.reports import REPORT_DUE
from ledger.ports import Store
from ledger.refusals import Forbidden
from ledger.store.memory import MemoryStore
from tests.ledger.records import DAY, NOON, actor, fill
from tests.support.rest import TEST_SEALER

LATE = NOON + 500 * DAY


@pytest.fixture
async def store() -> Store:
    """With one notification that is past its year."""
    found = MemoryStore()
    await fill(found)
    async with found.writing() as uow:
        await uow.notifications.add([REPORT_DUE.to("m-a4", "member:m-a4", NOON, "old", day="2025-12-31")])
    return found


async def run(store: Store, what: Upkeep, now: float, folder: Path) -> upkeep.UpkeepRun:
    who = await actor(store, "system")
    await upkeep.begin(store, who, what, now)
    found = await upkeep.carry_out(store, what, now, TEST_SEALER, (), folder)
    await upkeep.end(store, who.account_id, what, found, now + 1)
    return (await upkeep.upkeep_runs(store, who, now + 1))[0]


async def test_a_purge_is_tried_first_and_says_what_it_did(store: Store, tmp_path: Path) -> None:
    who = await actor(store, "system")
    with pytest.raises(upkeep.DryRunFirst):
        await upkeep.begin(store, who, Upkeep.PURGE, LATE)
    tried = await run(store, Upkeep.PURGE_DRY, LATE, tmp_path)
    assert (tried.figures["notifications"], tried.figures["recordings"], tried.by) == (1, 0, "system")
    async with store.reading() as uow:
        assert (await uow.notifications.of_member("m-a4"))[1] == 1
    assert upkeep.may_purge(await upkeep.upkeep_runs(store, who, LATE + 2), LATE + 2)
    done = await run(store, Upkeep.PURGE, LATE + 5, tmp_path)
    assert (done.what, done.figures["notifications"]) == (Upkeep.PURGE, 1)
    async with store.reading() as uow:
        assert (await uow.notifications.of_member("m-a4"))[1] == 0
    with pytest.raises(upkeep.DryRunFirst):  # the dry run is used up
        await upkeep.begin(store, who, Upkeep.PURGE, LATE + 9)


async def test_a_dry_run_is_good_for_an_hour_and_only_if_it_ended_well(store: Store, tmp_path: Path) -> None:
    who = await actor(store, "system")
    await run(store, Upkeep.PURGE_DRY, LATE, tmp_path)
    with pytest.raises(upkeep.DryRunFirst):
        await upkeep.begin(store, who, Upkeep.PURGE, LATE + upkeep.HOUR + 2)
    await upkeep.begin(store, who, Upkeep.PURGE_DRY, LATE + 2 * upkeep.HOUR)
    await upkeep.end(store, who.account_id, Upkeep.PURGE_DRY, None, LATE + 2 * upkeep.HOUR + 1)
    with pytest.raises(upkeep.DryRunFirst):
        await upkeep.begin(store, who, Upkeep.PURGE, LATE + 2 * upkeep.HOUR + 2)
    assert (await upkeep.upkeep_runs(store, who, LATE + 2 * upkeep.HOUR + 2))[0].failed


async def test_one_run_at_a_time_and_a_dead_one_is_given_up(store: Store) -> None:
    who = await actor(store, "system")
    await upkeep.begin(store, who, Upkeep.VERIFY, LATE)
    (running,) = await upkeep.upkeep_runs(store, who, LATE + 1)
    assert (running.what, running.ended_at) == (Upkeep.VERIFY, None)
    with pytest.raises(upkeep.UpkeepRunning):
        await upkeep.begin(store, who, Upkeep.KEYS, LATE + 60)
    await upkeep.begin(store, who, Upkeep.KEYS, LATE + upkeep.HOUR)
    assert [one.what for one in await upkeep.upkeep_runs(store, who, LATE + upkeep.HOUR)] == [Upkeep.KEYS]


async def test_the_log_is_found_whole_or_told_where_it_is_not(store: Store, tmp_path: Path) -> None:
    whole = await run(store, Upkeep.VERIFY, LATE, tmp_path)
    assert (whole.problems, whole.figures["lines"] > 0) == ((), True)
    assert isinstance(store, MemoryStore)
    line, kept = next(iter(store._books.access.items()))
    store._books.access[line] = replace(kept, access=replace(kept.access, action="somethingElse"))
    broken = await run(store, Upkeep.VERIFY, LATE + 9, tmp_path)
    assert broken.problems == (f"access #{line}",)


async def test_keys_are_counted(store: Store, tmp_path: Path) -> None:
    counted = await run(store, Upkeep.KEYS, LATE, tmp_path)
    assert (counted.figures, counted.problems) == ({"key:test": 0, "stale": 0}, ())


@pytest.mark.parametrize("who", ["acc-a1", "acc-a4", "admin", "auditor", "security", "branchadmin"])
async def test_it_is_nothing_to_anybody_else(store: Store, who: str) -> None:
    someone = await actor(store, who)
    for what in Upkeep:
        with pytest.raises(Forbidden):
            await upkeep.begin(store, someone, what, LATE)
    with pytest.raises(Forbidden):
        await upkeep.upkeep_runs(store, someone, LATE)
