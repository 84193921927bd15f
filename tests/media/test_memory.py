"""The twin in memory tells what its owner says packets have shown."""

from typing import Any

import pytest

from media.memory import MemoryPlane
from media.plane import PlaneError
from tests.contracts.test_media_plane import AUDIO, CLIENT

Json = dict[str, Any]


async def room(reports: list[Json], times: list[float]) -> MemoryPlane:
    plane = MemoryPlane(reports.append, lambda: times[0])
    await plane.open_router("r")
    await plane.create_transport("r", "t", "send")
    await plane.produce("t", "p", "audio", AUDIO)
    return plane


async def test_speech_ends_when_the_producer_is_muted() -> None:
    reports: list[Json] = []
    times = [1.0]
    plane = await room(reports, times)
    plane.speech_started("p")
    plane.speech_started("p")
    times[0] = 3.0
    await plane.update("p", {"paused": True})
    plane.speech_started("p")
    assert reports == [
        {"routerId": "r", "event": "speechStarted", "producerId": "p", "segmentId": 1, "at": 1.0},
        {"routerId": "r", "event": "speechEnded", "producerId": "p", "segmentId": 1, "start": 1.0, "end": 3.0},
    ]


async def test_speech_ends_when_the_transport_is_closed() -> None:
    reports: list[Json] = []
    times = [1.0]
    plane = await room(reports, times)
    plane.speech_started("p")
    times[0] = 2.0
    await plane.close("t")
    assert [report["event"] for report in reports] == ["speechStarted", "speechEnded", "producerClosed"]


async def test_flow_levels_and_states_are_told() -> None:
    reports: list[Json] = []
    plane = await room(reports, [5.0])
    plane.connected("t")
    plane.flows("p")
    plane.levels("r", {"p": -20.0})
    plane.dominant("p")
    assert reports == [
        {"routerId": "r", "event": "transportState", "transportId": "t", "state": "connected", "at": 5.0, "reason": ""},
        {"routerId": "r", "event": "mediaFlow", "producerId": "p", "flowing": True, "at": 5.0},
        {"routerId": "r", "event": "levels", "levels": {"p": -20.0}},
        {"routerId": "r", "event": "dominantSpeaker", "producerId": "p"},
    ]


async def test_a_dead_worker_refuses_and_forgets_everything() -> None:
    reports: list[Json] = []
    plane = await room(reports, [5.0])
    plane.die()
    for call in (plane.open_router("s"), plane.close("r"), plane.stats(), plane.update("p", {"paused": True})):
        with pytest.raises(PlaneError) as refusal:
            await call
        assert refusal.value.code == "worker_gone"
    plane.revive()
    assert reports == [
        {"event": "workerDied", "at": 5.0, "routerIds": ["r"], "up": 0},
        {"event": "workerReady", "at": 5.0, "routerIds": ["r"], "up": 1},
    ]
    assert (await plane.stats())["routers"] == 0


async def test_calls_are_kept_in_order() -> None:
    plane = await room([], [0.0])
    await plane.create_transport("r", "u", "recv")
    await plane.consume("u", "c", "p", CLIENT)
    await plane.update("c", {"paused": False})
    await plane.update("c", {"keyframe": True})
    await plane.close("c")
    await plane.close("c")
    with pytest.raises(PlaneError):
        await plane.update("c", {"keyframe": False})
    assert plane.calls[3:] == [("create_transport", "u"), ("consume", "c"), ("resume", "c"), ("request_keyframe", "c"), ("close", "c")]


async def test_layers_and_quality_are_told() -> None:
    reports: list[Json] = []
    plane = await room(reports, [5.0])
    await plane.create_transport("r", "u", "recv")
    await plane.consume("u", "c", "p", CLIENT)
    plane.layers_wanted("p", -1)
    plane.consumer_layer("c", 1, "tile")
    plane.quality("u", score=3, roundTrip=0.2)
    assert reports == [
        {"routerId": "r", "event": "layersWanted", "producerId": "p", "highest": -1},
        {"routerId": "r", "event": "consumerLayer", "consumerId": "c", "layer": 1, "reason": "tile"},
        {
            "routerId": "r",
            "event": "quality",
            "transportId": "u",
            "direction": "recv",
            "bitrate": 0,
            "estimate": None,
            "fractionLost": 0.0,
            "roundTrip": 0.2,
            "score": 3,
        },
    ]
