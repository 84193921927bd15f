"""The door of the media plane, walked through by one suite: the twin in memory, the worker in this process, the worker in its own, two
of those as one, and two with a pipe between whoever sends and whoever receives.

Only what the door promises: answers, refusals, reports. That packets flow is shown in tests/media and tests/e2e.
"""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from media.capabilities import router_rtp_capabilities
from media.channel import WorkerPlane
from media.local import LocalPlane
from media.memory import MemoryPlane
from media.plane import MediaPlane, PlaneError
from media.pool import PoolPlane

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]

DTLS: Json = {"role": "client", "fingerprints": [{"algorithm": "sha-256", "value": ":".join(["AB"] * 32)}]}
AUDIO: Json = {
    "mid": "0",
    "codecs": [{"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2, "parameters": {"useinbandfec": 1}}],
    "headerExtensions": [{"uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "id": 1}],
    "encodings": [{"ssrc": 1111}],
    "rtcp": {"cname": "somebody"},
}
VIDEO: Json = {
    "mid": "1",
    "codecs": [
        {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "rtcpFeedback": [{"type": "nack", "parameter": "pli"}]},
        {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 96}},
    ],
    "encodings": [{"ssrc": 2222, "rtx": {"ssrc": 2223}}],
    "rtcp": {"cname": "somebody"},
}
LAYERS: Json = VIDEO | {"encodings": [{"rid": "l"}, {"rid": "m"}, {"rid": "h"}]}
CLIENT: Json = router_rtp_capabilities()


@dataclass
class Bench:
    """A plane and what it reported."""

    plane: MediaPlane
    reports: list[Json] = field(default_factory=list)

    async def reported(self, **wanted: Any) -> Json:
        """Wait (a worker of its own answers over a channel) for a report that has these values."""
        for _ in range(1000):
            for report in self.reports:
                if wanted.items() <= report.items():
                    return report
            await asyncio.sleep(0.01)
        raise AssertionError(f"no report {wanted} among {self.reports}")

    async def refused(self, call: Any) -> str:
        with pytest.raises(PlaneError) as refusal:
            await call
        return refusal.value.code

    async def room(self) -> None:
        """Router r; a sends audio and video, b receives."""
        await self.plane.open_router("r")
        await self.plane.create_transport("r", "a-send", "send")
        await self.plane.create_transport("r", "b-recv", "recv")
        await self.plane.produce("a-send", "a-audio", "audio", AUDIO)
        await self.plane.produce("a-send", "a-video", "video", VIDEO)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["memory", "local", "worker", "pool", "piped"])
async def running(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """One plane of each kind for the whole suite: a worker process takes most of a second to start."""
    reports: list[Json] = []
    if request.param == "memory":
        yield Bench(MemoryPlane(reports.append), reports)
        return
    plane: LocalPlane | WorkerPlane | PoolPlane = LocalPlane(reports.append)
    if request.param == "worker":
        plane = WorkerPlane.spawn(reports.append, listen_ip="127.0.0.1", port=0)
    elif request.param in ("pool", "piped"):
        plane = PoolPlane.spawn(reports.append, 2, listen_ip="127.0.0.1", port=0)
    if request.param == "piped":
        monkeypatch = pytest.MonkeyPatch()
        request.addfinalizer(monkeypatch.undo)
        monkeypatch.setattr("media.pool.place_receiver", lambda loads, members, receivers, spread: 1 - members[0])
    await plane.start()
    try:
        yield Bench(plane, reports)
    finally:
        await plane.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def bench(running: Bench) -> AsyncIterator[Bench]:
    """Empty again after every test; `stats` comes after whatever the closing reported."""
    yield running
    for router_id in ("r", "s"):
        await running.plane.close(router_id)
    assert sizes(await running.plane.stats()) == {"routers": 0, "transports": 0, "producers": 0, "consumers": 0}
    running.reports.clear()


async def test_a_router_tells_what_it_speaks(bench: Bench) -> None:
    assert await bench.plane.open_router("r") == {"rtpCapabilities": router_rtp_capabilities()}


async def test_a_transport_tells_all_a_client_needs(bench: Bench) -> None:
    await bench.plane.open_router("r")
    answer = await bench.plane.create_transport("r", "t", "send")
    assert set(answer) == {"id", "iceParameters", "iceCandidates", "dtlsParameters"}
    assert answer["id"] == "t"
    assert set(answer["iceParameters"]) == {"usernameFragment", "password", "iceLite"}
    assert answer["iceParameters"]["iceLite"] is True
    assert len(answer["iceParameters"]["usernameFragment"]) >= 4  # RFC 8445 §5.3
    assert len(answer["iceParameters"]["password"]) >= 22
    assert answer["dtlsParameters"]["role"] in ("server", "auto")
    assert [entry["algorithm"] for entry in answer["dtlsParameters"]["fingerprints"]] == ["sha-256"]
    for candidate in answer["iceCandidates"]:
        assert {"foundation", "priority", "ip", "protocol", "port", "type"} <= set(candidate)


async def test_two_transports_have_different_credentials(bench: Bench) -> None:
    await bench.plane.open_router("r")
    one = await bench.plane.create_transport("r", "t", "send")
    two = await bench.plane.create_transport("r", "u", "recv")
    assert one["iceParameters"]["usernameFragment"] != two["iceParameters"]["usernameFragment"]
    assert one["iceParameters"]["password"] != two["iceParameters"]["password"]


async def test_a_transport_is_connected_once(bench: Bench) -> None:
    await bench.room()
    assert await bench.plane.connect_transport("a-send", DTLS) == {}
    assert await bench.refused(bench.plane.connect_transport("a-send", DTLS)) == "wrong_state"


async def test_a_refused_connection_can_be_tried_again(bench: Bench) -> None:
    await bench.room()
    assert await bench.refused(bench.plane.connect_transport("a-send", {"role": "client", "fingerprints": []})) == "invalid_parameters"
    assert await bench.refused(bench.plane.connect_transport("a-send", DTLS | {"role": "server"})) == "unsupported"
    assert await bench.plane.connect_transport("a-send", DTLS) == {}


async def test_new_ice_credentials_differ_from_the_old(bench: Bench) -> None:
    await bench.plane.open_router("r")
    before = (await bench.plane.create_transport("r", "t", "send"))["iceParameters"]
    after = (await bench.plane.restart_ice("t"))["iceParameters"]
    assert set(after) == set(before)
    assert after["usernameFragment"] != before["usernameFragment"]
    assert after["password"] != before["password"]


async def test_producers_of_one_and_of_several_layers(bench: Bench) -> None:
    await bench.room()
    await bench.plane.create_transport("r", "c-send", "send")
    assert await bench.plane.produce("c-send", "c-audio", "audio", AUDIO) == {"id": "c-audio", "type": "simple"}
    assert await bench.plane.produce("c-send", "c-video", "video", LAYERS) == {"id": "c-video", "type": "simulcast"}


async def test_a_consumer_gets_what_it_can_receive(bench: Bench) -> None:
    await bench.room()
    answer = await bench.plane.consume("b-recv", "b-video", "a-video", CLIENT)
    assert set(answer) == {"id", "producerId", "kind", "rtpParameters", "type", "producerPaused"}
    assert (answer["id"], answer["producerId"], answer["kind"], answer["producerPaused"]) == ("b-video", "a-video", "video", False)
    params = answer["rtpParameters"]
    assert [(codec["mimeType"], codec["payloadType"]) for codec in params["codecs"]] == [("video/VP8", 101), ("video/rtx", 102)]
    assert params["rtcp"]["cname"] == "somebody"
    [encoding] = params["encodings"]
    assert len({encoding["ssrc"], encoding["rtx"]["ssrc"], 2222, 2223}) == 4


async def test_consumers_of_one_transport_share_neither_mid_nor_ssrc(bench: Bench) -> None:
    await bench.room()
    answers = [await bench.plane.consume("b-recv", f"b-{source}", source, CLIENT) for source in ("a-audio", "a-video")]
    assert len({answer["rtpParameters"]["mid"] for answer in answers}) == 2
    assert len({answer["rtpParameters"]["encodings"][0]["ssrc"] for answer in answers}) == 2
    assert len({answer["rtpParameters"]["rtcp"]["cname"] for answer in answers}) == 1  # played in sync


async def test_a_paused_producer_is_told_to_who_consumes_it(bench: Bench) -> None:
    await bench.room()
    await bench.plane.update("a-audio", {"paused": True})
    assert (await bench.plane.consume("b-recv", "b1", "a-audio", CLIENT))["producerPaused"] is True
    await bench.plane.update("a-audio", {"paused": False})
    assert (await bench.plane.consume("b-recv", "b2", "a-audio", CLIENT))["producerPaused"] is False


async def test_a_producer_may_begin_paused(bench: Bench) -> None:
    await bench.room()
    await bench.plane.create_transport("r", "c-send", "send")
    await bench.plane.produce("c-send", "c-audio", "audio", AUDIO, paused=True)
    assert (await bench.plane.consume("b-recv", "b1", "c-audio", CLIENT))["producerPaused"] is True
    assert (await bench.plane.stats("c-audio"))["paused"] is True


async def test_consumers_begin_paused_and_are_paused_and_resumed_as_told(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b1", "a-video", CLIENT)
    await bench.plane.consume("b-recv", "b2", "a-video", CLIENT, paused=False)
    assert [(await bench.plane.stats(id))["paused"] for id in ("b1", "b2")] == [True, False]
    for paused in (False, False, True, True):
        assert await bench.plane.update("b1", {"paused": paused}) == {}
        assert (await bench.plane.stats("b1"))["paused"] is paused


async def test_a_key_frame_may_be_asked_for(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-video", "a-video", CLIENT)
    assert await bench.plane.update("b-video", {"keyframe": True}) == {}


async def test_wishes_are_merged_and_kept(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-video", "a-video", CLIENT)
    before = (await bench.plane.stats("b-video"))["wish"]
    assert await bench.plane.update("b-video", {"wish": {"tile": 180, "visible": False}}) == {}
    assert await bench.plane.update("b-video", {"wish": {"pinned": True}, "paused": False}) == {}
    assert (await bench.plane.stats("b-video"))["wish"] == before | {"tile": 180, "visible": False, "pinned": True}
    assert (await bench.plane.stats("b-video"))["paused"] is False


async def test_a_receiver_may_want_few_pictures(bench: Bench) -> None:
    await bench.room()
    for most in (3, 0, None):
        assert await bench.plane.update("b-recv", {"lastN": most}) == {}
        assert (await bench.plane.stats("b-recv"))["lastN"] == most


async def test_a_consumer_has_its_producers_type(bench: Bench) -> None:
    await bench.room()
    await bench.plane.create_transport("r", "c-send", "send", {"type": "webrtc"})
    await bench.plane.produce("c-send", "c-video", "video", LAYERS)
    answers = [await bench.plane.consume("b-recv", f"b-{source}", source, CLIENT) for source in ("a-video", "c-video")]
    assert [answer["type"] for answer in answers] == ["simple", "simulcast"]


Refusal = tuple[str, Callable[[Any], Any], str]  # the calls break the types on purpose
REFUSALS: list[Refusal] = [
    ("a router twice", lambda p: p.open_router("r"), "duplicate_id"),
    ("a router by a transport's id", lambda p: p.open_router("a-send"), "duplicate_id"),
    ("a router without a name", lambda p: p.open_router(""), "invalid_parameters"),
    ("a router with a long name", lambda p: p.open_router("r" * 65), "invalid_parameters"),
    ("a router with a Chinese name", lambda p: p.open_router("支部"), "invalid_parameters"),
    ("a transport of no router", lambda p: p.create_transport("x", "t", "send"), "unknown_id"),
    ("a transport of a transport", lambda p: p.create_transport("a-send", "t", "send"), "unknown_id"),
    ("a transport twice", lambda p: p.create_transport("r", "a-send", "send"), "duplicate_id"),
    ("a transport of no known type", lambda p: p.create_transport("r", "t", "send", {"type": "pigeon"}), "unsupported"),
    ("a recording towards who sends", lambda p: p.create_transport("r", "t", "send", {"type": "recording", "folder": "/"}), "wrong_state"),
    ("a recording nowhere", lambda p: p.create_transport("r", "t", "recv", {"type": "recording", "folder": "here"}), "invalid_parameters"),
    ("changing nothing that is", lambda p: p.update("x", {}), "unknown_id"),
    ("changing a router", lambda p: p.update("r", {"paused": True}), "unknown_id"),
    ("an unknown change", lambda p: p.update("a-video", {"loud": True}), "invalid_parameters"),
    ("changes that are no object", lambda p: p.update("a-video", [1]), "invalid_parameters"),
    ("pausing by a number", lambda p: p.update("a-video", {"paused": 1}), "invalid_parameters"),
    ("a wish of a producer", lambda p: p.update("a-video", {"wish": {}}), "invalid_parameters"),
    ("pictures without number", lambda p: p.update("b-recv", {"lastN": -1}), "invalid_parameters"),
    ("pictures towards who sends", lambda p: p.update("a-send", {"lastN": 3}), "wrong_state"),
    ("a transport sideways", lambda p: p.create_transport("r", "t", "sideways"), "invalid_parameters"),
    ("connecting nothing", lambda p: p.connect_transport("x", DTLS), "unknown_id"),
    ("connecting a producer", lambda p: p.connect_transport("a-audio", DTLS), "unknown_id"),
    ("connecting with garbage", lambda p: p.connect_transport("a-send", {"fingerprints": "no"}), "invalid_parameters"),
    ("connecting with a list", lambda p: p.connect_transport("a-send", []), "invalid_parameters"),
    ("restarting nothing", lambda p: p.restart_ice("x"), "unknown_id"),
    ("producing on nothing", lambda p: p.produce("x", "p", "audio", AUDIO), "unknown_id"),
    ("producing on a router", lambda p: p.produce("r", "p", "audio", AUDIO), "unknown_id"),
    ("producing twice", lambda p: p.produce("a-send", "a-audio", "audio", AUDIO), "duplicate_id"),
    ("producing on a receiving transport", lambda p: p.produce("b-recv", "p", "audio", AUDIO), "wrong_state"),
    ("producing smells", lambda p: p.produce("c-send", "p", "smell", AUDIO), "invalid_parameters"),
    ("producing video as audio", lambda p: p.produce("c-send", "p", "audio", VIDEO), "invalid_parameters"),
    ("producing garbage", lambda p: p.produce("c-send", "p", "audio", {"codecs": 7}), "invalid_parameters"),
    ("producing nothing", lambda p: p.produce("c-send", "p", "audio", None), "invalid_parameters"),
    ("producing H264", lambda p: p.produce("c-send", "p", "video", other_codec("video/H264")), "unsupported"),
    ("producing an ssrc in use", lambda p: p.produce("a-send", "p", "audio", AUDIO | {"mid": "9"}), "invalid_parameters"),
    ("producing a mid in use", lambda p: p.produce("a-send", "p", "audio", AUDIO | {"encodings": [{"ssrc": 9}]}), "invalid_parameters"),
    ("consuming on nothing", lambda p: p.consume("x", "c", "a-audio", CLIENT), "unknown_id"),
    ("consuming nothing", lambda p: p.consume("b-recv", "c", "x", CLIENT), "unknown_id"),
    ("consuming a transport", lambda p: p.consume("b-recv", "c", "a-send", CLIENT), "unknown_id"),
    ("consuming by an id in use", lambda p: p.consume("b-recv", "a-audio", "a-audio", CLIENT), "duplicate_id"),
    ("consuming on a sending transport", lambda p: p.consume("a-send", "c", "a-audio", CLIENT), "wrong_state"),
    ("consuming in another room", lambda p: p.consume("s-recv", "c", "a-audio", CLIENT), "unknown_id"),
    ("consuming without a codec", lambda p: p.consume("b-recv", "c", "a-audio", {"codecs": []}), "unsupported"),
    ("consuming with garbage", lambda p: p.consume("b-recv", "c", "a-audio", {"codecs": [{"mimeType": 1}]}), "invalid_parameters"),
    ("consuming with nothing", lambda p: p.consume("b-recv", "c", "a-audio", None), "invalid_parameters"),
    ("pausing nothing", lambda p: p.update("x", {"paused": True}), "unknown_id"),
    ("pausing a transport", lambda p: p.update("a-send", {"paused": True}), "invalid_parameters"),
    ("a key frame of nothing", lambda p: p.update("x", {"keyframe": True}), "unknown_id"),
    ("a key frame of a producer", lambda p: p.update("a-video", {"keyframe": True}), "invalid_parameters"),
    ("figures of nothing", lambda p: p.stats("x"), "unknown_id"),
]  # fmt: skip


def other_codec(mime_type: str) -> Json:
    params = copy.deepcopy(VIDEO)
    params["codecs"] = [params["codecs"][0] | {"mimeType": mime_type}]
    return params


@pytest.mark.parametrize(("story", "call", "code"), REFUSALS, ids=[story for story, _, _ in REFUSALS])
async def test_what_cannot_be_is_refused_and_changes_nothing(bench: Bench, story: str, call: Callable[[Any], Any], code: str) -> None:
    await bench.room()
    await bench.plane.create_transport("r", "c-send", "send")
    await bench.plane.open_router("s")
    await bench.plane.create_transport("s", "s-recv", "recv")
    before = sizes(await bench.plane.stats())
    assert await bench.refused(call(bench.plane)) == code
    assert sizes(await bench.plane.stats()) == before


def sizes(stats: Json) -> Json:
    return {name: stats[name] for name in ("routers", "transports", "producers", "consumers")}


async def test_a_refused_id_may_be_used_afterwards(bench: Bench) -> None:
    await bench.room()
    await bench.refused(bench.plane.consume("b-recv", "c", "a-audio", {"codecs": []}))
    assert (await bench.plane.consume("b-recv", "c", "a-audio", CLIENT))["id"] == "c"


async def test_closing_a_producer_closes_its_consumers_and_tells(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-audio", "a-audio", CLIENT)
    await bench.plane.consume("b-recv", "b-video", "a-video", CLIENT)
    await bench.plane.close("a-audio")
    await bench.reported(event="consumerClosed", routerId="r", id="b-audio", reason="producer")
    assert sizes(await bench.plane.stats()) == {"routers": 1, "transports": 2, "producers": 1, "consumers": 1}
    assert await bench.refused(bench.plane.update("b-audio", {"paused": False})) == "unknown_id"


async def test_closing_a_transport_closes_its_producers_and_who_consumes_them(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-audio", "a-audio", CLIENT)
    await bench.plane.close("a-send")
    await bench.reported(event="producerClosed", routerId="r", id="a-audio", reason="transport")
    await bench.reported(event="producerClosed", routerId="r", id="a-video", reason="transport")
    await bench.reported(event="consumerClosed", routerId="r", id="b-audio", reason="producer")
    assert sizes(await bench.plane.stats()) == {"routers": 1, "transports": 1, "producers": 0, "consumers": 0}


async def test_closing_a_receiving_transport_leaves_the_producers(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-audio", "a-audio", CLIENT)
    await bench.plane.close("b-recv")
    assert sizes(await bench.plane.stats()) == {"routers": 1, "transports": 1, "producers": 2, "consumers": 0}


async def test_closing_a_router_closes_everything_in_it_and_nothing_else(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-audio", "a-audio", CLIENT)
    await bench.plane.open_router("s")
    await bench.plane.create_transport("s", "s-recv", "recv")
    await bench.plane.close("r")
    assert sizes(await bench.plane.stats()) == {"routers": 1, "transports": 1, "producers": 0, "consumers": 0}


async def test_what_is_closed_may_be_closed_again_and_made_again(bench: Bench) -> None:
    await bench.room()
    for _ in range(2):
        assert await bench.plane.close("r") == {}
    assert await bench.plane.close("never there") == {}
    await bench.room()
    assert sizes(await bench.plane.stats()) == {"routers": 1, "transports": 2, "producers": 2, "consumers": 0}


async def test_a_recording_takes_producers_and_says_when_everything_is_written(bench: Bench, tmp_path: Path) -> None:
    await bench.room()
    options = {"type": "recording", "folder": str(tmp_path), "began": 12.5}
    assert await bench.plane.create_transport("r", "take", "recv", options) == {"id": "take", "began": 12.5}
    answer = await bench.plane.consume("take", "take-1", "a-audio", {}, False)
    assert (answer["kind"], answer["rtpParameters"]["codecs"][0]["mimeType"]) == ("audio", "audio/opus")
    assert await bench.refused(bench.plane.consume("take", "../take", "a-video", {})) == "invalid_parameters"
    await bench.plane.close("take-1")
    await bench.plane.close("take")
    stopped = await bench.reported(event="recordingStopped", transportId="take")
    assert (stopped["reason"], stopped["files"]) == ("closed", [])


async def test_figures_are_told_of_everything(bench: Bench) -> None:
    await bench.room()
    await bench.plane.consume("b-recv", "b-audio", "a-audio", CLIENT)
    whole = await bench.plane.stats()
    assert {"packetsIn", "packetsOut", "drops", "cpuSeconds"} <= set(whole)
    kinds = [(await bench.plane.stats(id))["type"] for id in ("r", "a-send", "a-audio", "b-audio")]
    assert kinds == ["router", "transport", "producer", "consumer"]
