"""The upkeep of an installation over REST: begun, carried on after the answer, and seen to have ended."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

from ledger.retention import Kind
from server.schemas.protection import KindName
from tests.support.rest import Caller, Service


async def ended(system: Caller) -> dict[str, Any]:
    """The state, once nothing runs any more."""
    for _ in range(600):
        state = await system.ask("GET", "/api/system")
        if not state["running"]:
            return state
        await asyncio.sleep(0.05)
    raise AssertionError(state)


async def test_a_purge_is_tried_and_then_done(rest: Service) -> None:
    system = rest.by("systemAdmin")
    assert await system.refused("POST", "/api/system/runs", {"what": "purge"}) == (409, "dryRunFirst")
    begun = await system.ask("POST", "/api/system/runs", {"what": "purgeDry"})
    assert begun["runs"][0]["what"] == "purgeDry"
    tried = await ended(system)
    assert (tried["mayPurge"], tried["runs"][0]["failed"], tried["runs"][0]["by"]) == (True, False, "systemadmin")
    await system.ask("POST", "/api/system/runs", {"what": "purge"})
    done = await ended(system)
    assert (done["mayPurge"], [one["what"] for one in done["runs"]]) == (False, ["purge", "purgeDry"])
    assert done["runs"][0]["figures"] == tried["runs"][0]["figures"]


async def test_the_log_is_verified_and_the_keys_are_counted(rest: Service) -> None:
    system = rest.by("systemAdmin")
    await system.ask("POST", "/api/system/runs", {"what": "verify"})
    verified = (await ended(system))["runs"][0]
    assert (verified["problems"], verified["figures"]["facts"] > 0) == ([], True)
    await system.ask("POST", "/api/system/runs", {"what": "keys"})
    state = await ended(system)
    assert (state["keys"], state["keysGiven"]) == ([{"key": "test", "inUse": True}], True)
    assert state["runs"][0]["figures"]["key:test"] > 20


def test_every_kind_of_data_can_stand_in_a_record_of_protection() -> None:
    assert set(get_args(KindName)) == {kind.value for kind in Kind}
