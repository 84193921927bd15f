"""Figures of a whole worker: they only grow, whatever closes, and say how things stand."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from media.local import LocalPlane
from tests.media.viewer import Viewer
from tests.support.netem import Path

Json = dict[str, Any]


def grown(before: Json, after: Json) -> bool:
    return all(after[name] >= count for name, count in before.items())


def test_repairs_add_up_over_all_streams_and_outlive_them() -> None:
    """A path that loses a tenth: the viewer asks again, and is sent repeats and key frames."""
    viewer = Viewer(Path(seed=3, delay=0.025, loss=0.1))
    viewer.run(4.0)
    routers = viewer.meeting.routers
    consumer, producer = routers.stats("c-layers"), routers.stats("layers")
    told = routers.stats()["repairs"]
    assert told["nacksReceived"] >= consumer["nacks"] > 0
    assert told["rtxSent"] >= consumer["retransmitted"] > 0
    assert told["keyFrames"] == sum(stream["keyFrames"] for stream in producer["streams"]) > 0
    for id in ("c-layers", "layers", "room"):
        routers.close(id)
        assert grown(told, routers.stats()["repairs"])
    assert routers.stats()["repairs"]["keyFrames"] == told["keyFrames"]


def test_pictures_are_counted_by_layer_and_paths_by_what_they_carry() -> None:
    viewer = Viewer(Path(seed=3, delay=0.025, rate=300_000))
    viewer.run(6.0)
    stats = viewer.meeting.routers.stats()
    assert stats["layers"] == {str(viewer.meeting.routers.stats("c-layers")["layer"]): 1}
    assert sum(stats["estimates"].values()) == 1
    assert set(stats["estimates"]) <= {"100000", "300000", "1000000"}
    viewer.meeting.routers.close("room")
    stats = viewer.meeting.routers.stats()
    assert (stats["layers"], stats["estimates"]) == ({}, {})


async def test_a_loop_that_was_held_up_shows_in_the_figures() -> None:
    plane = LocalPlane(lambda report: None)
    await plane.start()
    try:
        await asyncio.sleep(0.05)
        time.sleep(0.3)  # noqa: ASYNC251 - what must not happen happens
        await asyncio.sleep(0.05)
        late = (await plane.stats())["late"]
        assert late["0.02"] >= 1
        assert late["0.1"] >= 1
    finally:
        await plane.stop()
