"""Work that goes on after its request has been answered: runs of upkeep, which read everything there is. Ended with the server."""

from __future__ import annotations

import asyncio

import structlog

from ledger.actions import upkeep
from ledger.anchors import read_anchors
from server.house import House

log = structlog.get_logger(__name__)


def carry_on(house: House, by: str, what: upkeep.Upkeep) -> None:
    task = asyncio.create_task(_run(house, by, what), name=f"upkeep {what.value}")
    house.background.add(task)
    task.add_done_callback(house.background.discard)


async def end_all(house: House) -> None:
    tasks = list(house.background)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _run(house: House, by: str, what: upkeep.Upkeep) -> None:
    """However it ends, also with the server, that it has ended is written down: else the next one would have to wait for an hour."""
    found: upkeep.Found | None = None
    try:
        path = house.settings.var / "anchors.jsonl"
        anchors = read_anchors(path) if path.exists() else []
        found = await upkeep.carry_out(house.store, what, house.now(), house.sealer, anchors, house.settings.recordings)
    except Exception as trouble:  # whatever it was, it ends the run and not the server
        log.exception("upkeep_failed", what=what.value, error=type(trouble).__name__)
    finally:
        await upkeep.end(house.store, by, what, found, house.now())
