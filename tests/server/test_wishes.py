"""What pages wish of pictures, what the room adds, and what the media plane says back: layers and quality, told to whom they concern."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ledger.facts import FactKind
from tests.support.live import OPUS, Guest, LiveServer, live_server, until

Json = dict[str, Any]


@asynccontextmanager
async def meeting() -> AsyncIterator[tuple[LiveServer, Guest, Guest, Guest]]:
    """A chair, and two members of whom the first has a camera."""
    async with live_server() as server:
        chair = await (await Guest(server, "chair").connect()).join()
        await chair.do("openMeeting")
        anna, bo = [await (await Guest(server, name).connect()).join() for name in ("anna", "bo")]
        yield server, chair, anna, bo
        for guest in (chair, anna, bo):
            if guest.sio.connected:
                await guest.leave()


async def wish(server: LiveServer, consumer: Json) -> Json:
    stats = await server.plane.stats(consumer["consumerId"])
    wished: Json = stats["wish"]
    return wished


NOBODY = {"screen": False, "moderator": False, "floor": False}


async def test_a_page_says_how_large_a_tile_is_and_the_room_whose_it_is() -> None:
    async with meeting() as (server, chair, anna, bo):
        camera = await anna.camera()
        seen = await bo.watch(camera)
        tile = {"consumerId": seen["consumerId"], "tile": 360, "visible": True, "pinned": False}
        await bo.do("setWishes", consumers=[tile], lastN=9)
        shown = {"tile": 360, "visible": True, "pinned": False}
        assert (await wish(server, seen)).items() >= (shown | NOBODY).items()
        assert (await server.plane.stats(seen["transportId"]))["lastN"] == 9
        await chair.do("giveFloor", memberId="anna")
        assert (await wish(server, seen))["floor"] is True
        await chair.do("grantModerator", memberId="anna")
        assert (await wish(server, seen))["moderator"] is True
        await chair.do("revokeModerator", memberId="anna")
        await chair.do("withdrawFloor")
        assert (await wish(server, seen)).items() >= (shown | NOBODY).items()


async def test_a_shared_screen_is_known_as_one_before_any_page_says_anything() -> None:
    async with meeting() as (server, _chair, anna, bo):
        seen = await bo.watch(await anna.camera("screen"))
        assert (await wish(server, seen)).items() >= {"screen": True, "moderator": False}.items()


async def test_what_is_the_same_as_before_is_not_told_again() -> None:
    async with meeting() as (server, _chair, anna, bo):
        seen = await bo.watch(await anna.camera())
        tile = {"consumerId": seen["consumerId"], "tile": 180, "visible": True}
        await bo.do("setWishes", consumers=[tile])
        before = server.plane.calls.count(("wish", seen["consumerId"]))
        await bo.do("setWishes", consumers=[tile])
        await bo.do("setWishes", consumers=[])
        assert server.plane.calls.count(("wish", seen["consumerId"])) == before
        assert (await wish(server, seen))["tile"] == 180


async def test_nobody_wishes_for_another_and_a_closed_consumer_is_passed_over() -> None:
    async with meeting() as (server, chair, anna, bo):
        camera = await anna.camera()
        (bos, chairs) = (await bo.watch(camera), await chair.watch(camera))
        await bo.do("setWishes", consumers=[{"consumerId": chairs["consumerId"], "tile": 90, "visible": False}])
        assert (await wish(server, chairs)).get("visible", True) is True
        await bo.do("closeConsumer", consumerId=bos["consumerId"])
        await bo.do("setWishes", consumers=[{"consumerId": bos["consumerId"], "tile": 90, "visible": True}])
        assert await bo.refused("setWishes", consumers=[{"consumerId": "x", "tile": -1, "visible": True}]) == "badRequest"


async def test_a_member_is_told_which_layers_of_the_own_camera_anybody_wants_also_after_coming_back() -> None:
    async with meeting() as (server, _chair, anna, bo):
        camera = await anna.camera()
        server.plane.layers_wanted(camera, 0)
        await until(lambda: anna.heard("layersWanted") == [{"producerId": camera, "highest": 0}])
        assert bo.heard("layersWanted") == []
        again = Guest(server, "anna")
        await again.connect()
        answer = await again.do("join", **again.joining(), resume=anna.joined["resume"])
        assert answer["resumed"] is True
        await until(lambda: again.heard("layersWanted") == [{"producerId": camera, "highest": 0}])
        await again.leave()


async def test_a_member_is_told_why_a_picture_pauses_and_nobody_else_is() -> None:
    async with meeting() as (server, chair, anna, bo):
        sending = (await anna.do("createTransport", direction="send"))["id"]
        microphone = {"transportId": sending, "kind": "audio", "source": "microphone", "rtpParameters": OPUS | {"mid": "0"}}
        voice, camera = (await anna.do("produce", **microphone))["producerId"], await anna.camera("camera", sending)
        seen = await bo.watch(camera)
        heard = await bo.watch(voice, seen["transportId"])
        server.plane.consumer_layer(heard["consumerId"], -1, "quiet")  # the loudest three change with every word
        told = {"consumerId": seen["consumerId"], "layer": -1, "reason": "path"}
        server.plane.consumer_layer(seen["consumerId"], -1, "path")
        await until(lambda: bo.heard("consumerLayer") != [])
        assert (bo.heard("consumerLayer"), anna.heard("consumerLayer"), chair.heard("consumerLayer")) == ([told], [], [])
        assert server.registry.paused_pictures() == {("path",): 1}


async def test_quality_is_told_in_full_to_oneself_in_part_to_others_and_both_ways_to_moderators() -> None:
    async with meeting() as (server, chair, anna, bo):
        sending = await anna.do("createTransport", direction="send")
        receiving = await anna.do("createTransport", direction="recv")
        server.plane.quality(sending["id"], score=2, fractionLost=0.1, bitrate=90_000, roundTrip=0.3)
        server.plane.quality(receiving["id"], score=4, estimate=800_000)
        await until(lambda: len(anna.heard("quality")) == 2)
        last = anna.heard("quality")[-1]
        assert last["uplink"] == {"score": 2, "bitrate": 90_000, "estimate": None, "fractionLost": 0.1, "roundTrip": 0.3}
        assert (last["downlink"]["score"], last["downlink"]["estimate"]) == (4, 800_000)
        await until(lambda: chair.heard("qualities") != [] and bo.heard("qualities") != [])
        assert chair.heard("qualities") == [{"members": {"anna": {"uplink": 2, "downlink": 4}}}]
        assert bo.heard("qualities") == [{"members": {"anna": {"uplink": 2, "downlink": None}}}]
        assert bo.heard("quality") == []
        server.plane.quality(receiving["id"], score=1)  # what others may not see moves nothing for them
        await until(lambda: len(chair.heard("qualities")) == 2)
        assert len(bo.heard("qualities")) == 1
        assert server.registry.qualities() == {("uplink", "2"): 1, ("downlink", "1"): 1}


async def test_who_comes_later_or_becomes_moderator_is_told_what_was_said_before() -> None:
    async with meeting() as (server, _chair, anna, bo):
        sending = await anna.do("createTransport", direction="send")
        server.plane.quality(sending["id"], score=3)
        await until(lambda: bo.heard("qualities") != [])
        cai = await (await Guest(server, "cai").connect()).join()
        server.plane.quality(sending["id"], score=3)
        await until(lambda: cai.heard("qualities") == [{"members": {"anna": {"uplink": 3, "downlink": None}}}])
        assert len(bo.heard("qualities")) == 1
        server.plane.connected(sending["id"], "disconnected", "consent")
        await until(lambda: bo.heard("qualities")[-1] == {"members": {"anna": {"uplink": 0, "downlink": None}}})
        await cai.leave()


async def test_a_camera_that_is_silent_because_nobody_looks_still_counts_as_flowing() -> None:
    """It was asked to stop: the record must not hold that against the member. One that fails by itself is written down."""
    async with meeting() as (server, _chair, anna, bo):
        (annas, bos) = await anna.camera(), await bo.camera()
        for camera in (annas, bos):
            server.plane.flows(camera)
        server.plane.layers_wanted(annas, -1)
        for camera in (annas, bos):
            server.plane.flows(camera, False)
        await until(lambda: server.said(FactKind.MEDIA_STOPPED) != [])
        assert [fact.member_id for fact in server.said(FactKind.MEDIA_STARTED)] == ["anna", "bo"]
        assert [fact.member_id for fact in server.said(FactKind.MEDIA_STOPPED)] == ["bo"]
