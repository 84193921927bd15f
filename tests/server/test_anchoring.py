"""Anchors written by a running node: regularly, at its end, and without holding anything up when the database is away."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ledger.actions.auditing import audit
from ledger.anchors import read_anchors
from ledger.model import Access
from ledger.store.memory import MemoryStore
from ledger.store.opening import open_store
from server.anchoring import Anchoring


async def look(store: MemoryStore) -> None:
    async with store.writing() as uow:
        await uow.access_log.append([Access(1.0, "acc", "seeMember", "member:m", "/C/")])


async def test_an_anchor_is_written_again_and_again_and_at_the_end(tmp_path: Path) -> None:
    store, path = MemoryStore(), tmp_path / "anchors.jsonl"
    running = Anchoring(store, path, lambda: 5.0, every=0.01)
    await look(store)
    running.start()
    for _ in range(500):
        if path.exists():
            break
        await asyncio.sleep(0.01)
    await look(store)
    await running.stop()
    anchors = read_anchors(path)
    assert [one.line for one in anchors] == [1, 2]
    assert (await audit(store, anchors)).whole


async def test_a_database_that_is_away_is_no_trouble(tmp_path: Path) -> None:
    running = Anchoring(open_store(f"sqlite:///{tmp_path}/nowhere/x.db"), tmp_path / "anchors.jsonl", lambda: 5.0)
    running.start()
    await running.stop()
    assert not (tmp_path / "anchors.jsonl").exists()
