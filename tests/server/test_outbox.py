"""The outbox: a ledger that is away loses nothing and repeats nothing; a crash costs only what was not acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.live.outbox import Outbox, Unacceptable, seal, unseal


class Ledger:
    """Takes facts by key, once each; can be away, and can find a fact unacceptable."""

    def __init__(self) -> None:
        self.away = False
        self.unacceptable: set[str] = set()
        self.calls = 0
        self.taken: list[str] = []

    async def deliver(self, facts: Sequence[dict[str, Any]]) -> None:
        self.calls += 1
        if self.away:
            raise OSError("database is locked")
        if any(fact["key"] in self.unacceptable for fact in facts):
            raise Unacceptable("schema")
        self.taken.extend(fact["key"] for fact in facts if fact["key"] not in self.taken)


def facts(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "body": {"text": "支部"}} for key in keys]


def box(folder: Path, ledger: Ledger) -> Outbox:
    return Outbox(folder, ledger.deliver, first_pause=0.01, longest_pause=0.02)


async def test_facts_arrive_in_the_order_they_were_appended(tmp_path: Path) -> None:
    ledger = Ledger()
    outbox = box(tmp_path, ledger)
    await outbox.start()
    for number in range(50):
        outbox.append(facts(f"k{number}"))
    assert await outbox.settled(5)
    await outbox.stop()
    assert ledger.taken == [f"k{number}" for number in range(50)]
    assert list(tmp_path.glob("*.facts")) == []


async def test_a_ledger_that_is_away_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.away = True
    outbox = box(tmp_path, ledger)
    await outbox.start()
    await outbox.append(facts("a", "b"))
    await outbox.append(facts("c"))
    assert not await outbox.settled(0.1)
    assert (outbox.depth, ledger.taken, outbox.failures > 0) == (3, [], True)
    ledger.away = False
    assert await outbox.settled(5)
    await outbox.stop()
    assert ledger.taken == ["a", "b", "c"]


async def test_what_a_stopped_process_still_owed_is_delivered_by_the_next(tmp_path: Path) -> None:
    away = Ledger()
    away.away = True
    first = box(tmp_path, away)
    await first.start()
    await first.append(facts("a", "b"))
    await first.stop(settle_seconds=0)
    ledger = Ledger()
    second = box(tmp_path, ledger)
    await second.start()
    second.append(facts("c"))
    assert await second.settled(5)
    await second.stop()
    assert ledger.taken == ["a", "b", "c"]


async def test_a_line_cut_short_by_a_crash_is_dropped_and_those_before_it_are_kept(tmp_path: Path) -> None:
    whole = b"".join(seal(fact) for fact in facts("a", "b"))
    (tmp_path / "000000000007.facts").write_bytes(whole + seal(facts("c")[0])[:-9])
    assert [fact["key"] for fact in unseal(tmp_path / "000000000007.facts")] == ["a", "b"]
    ledger = Ledger()
    outbox = box(tmp_path, ledger)
    await outbox.start()
    await outbox.append(facts("d"))
    assert await outbox.settled(5)
    await outbox.stop()
    assert ledger.taken == ["a", "b", "d"]


async def test_a_fact_the_ledger_never_takes_is_set_aside_and_holds_up_nobody(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.unacceptable = {"bad"}
    outbox = box(tmp_path, ledger)
    await outbox.start()
    await outbox.append(facts("a", "bad", "b"))
    assert await outbox.settled(5)
    await outbox.stop()
    assert ledger.taken == ["a", "b"]
    assert b'"bad"' in (tmp_path / "unacceptable.jsonl").read_bytes()


async def test_an_acknowledged_fact_is_on_disk(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.away = True
    outbox = box(tmp_path, ledger)
    await outbox.start()
    await outbox.append(facts("a"))
    assert [fact["key"] for path in sorted(tmp_path.glob("*.facts")) for fact in unseal(path)] == ["a"]
    await outbox.stop(settle_seconds=0)
