"""The connection self-test over a socket: for members only, each alone in a router, bounded in number, time and contents."""

from __future__ import annotations

from typing import Any

from tests.support.live import OPUS, Guest, LiveServer, live_server, until

Json = dict[str, Any]
DTLS: Json = {"role": "client", "fingerprints": [{"algorithm": "sha-256", "value": ":".join(["AB"] * 32)}]}


async def begun(server: LiveServer, member: str) -> tuple[Guest, Json]:
    guest = await Guest(server, member).connect()
    return guest, await guest.do("startTest")


async def test_a_member_hears_oneself_without_any_meeting() -> None:
    async with live_server() as server:
        guest, started = await begun(server, "anna")
        assert started["routerRtpCapabilities"]["codecs"]
        sending = await guest.do("createTestTransport", direction="send")
        receiving = await guest.do("createTestTransport", direction="recv")
        await guest.do("connectTestTransport", transportId=sending["id"], dtlsParameters=DTLS)
        produced = await guest.do("produceTest", transportId=sending["id"], kind="audio", rtpParameters=OPUS)
        consumed = await guest.do(
            "consumeTest",
            transportId=receiving["id"],
            producerId=produced["producerId"],
            rtpCapabilities=started["routerRtpCapabilities"],
        )
        assert (consumed["kind"], consumed["producerPaused"]) == ("audio", False)
        assert (await server.plane.stats(consumed["consumerId"]))["paused"] is False
        await guest.do("endTest")
        assert (await server.plane.stats())["routers"] == 0
        assert await guest.refused("createTestTransport", direction="send") == "notTesting"
        assert server.book.facts == []
        await guest.leave()


async def test_nobody_reaches_what_another_member_tests_with() -> None:
    async with live_server() as server:
        (anna, _), (bo, started) = await begun(server, "anna"), await begun(server, "bo")
        annas = await anna.do("createTestTransport", direction="send")
        voice = await anna.do("produceTest", transportId=annas["id"], kind="audio", rtpParameters=OPUS)
        own = await bo.do("createTestTransport", direction="recv")
        assert await bo.refused("connectTestTransport", transportId=annas["id"], dtlsParameters=DTLS) == "mediaRefused"
        wish = {"transportId": own["id"], "producerId": voice["producerId"], "rtpCapabilities": started["routerRtpCapabilities"]}
        assert await bo.refused("consumeTest", **wish) == "mediaRefused"
        assert await bo.refused("closeTestTransport", transportId=annas["id"]) == "mediaRefused"
        await anna.leave()
        await bo.leave()


async def test_a_test_is_no_way_into_a_room() -> None:
    async with live_server() as server:
        guest, _ = await begun(server, "anna")
        assert await guest.refused("createTransport", direction="send") == "notJoined"
        assert await guest.refused("say", text="x", clientId="c") == "notJoined"
        await guest.leave()


async def test_tests_are_few_and_each_member_has_one() -> None:
    """The twin of the live server has room for two."""
    async with live_server() as server:
        (first, _), (second, _) = await begun(server, "anna"), await begun(server, "bo")
        third = await Guest(server, "cai").connect()
        assert await third.refused("startTest") == "testsBusy"
        again, _ = await begun(server, "anna")  # in another tab: the first ends
        assert await first.refused("createTestTransport", direction="send") == "notTesting"
        await again.leave()
        await until(lambda: server.tests.count == 1)
        await third.do("startTest")
        for guest in (first, second, third):
            await guest.leave()
        await until(lambda: server.tests.count == 0)
        assert (await server.plane.stats())["routers"] == 0


async def test_a_test_that_is_forgotten_ends_by_itself() -> None:
    async with live_server(test_seconds=0.1) as server:
        guest, _ = await begun(server, "anna")
        await until(lambda: server.tests.count == 0)
        assert await guest.refused("createTestTransport", direction="send") == "notTesting"
        assert (await server.plane.stats())["routers"] == 0
        await guest.leave()


async def test_a_test_holds_only_so_much() -> None:
    async with live_server() as server:
        guest, _ = await begun(server, "anna")
        transports = [await guest.do("createTestTransport", direction="send") for _ in range(8)]
        assert await guest.refused("createTestTransport", direction="send") == "mediaRefused"
        await guest.do("closeTestTransport", transportId=transports[0]["id"])
        await guest.do("createTestTransport", direction="send")
        await guest.leave()


async def test_streams_of_a_way_that_was_tried_make_room_for_the_next() -> None:
    """UDP, TCP and a relay are tried with a voice each before picture and voice are sent to oneself."""
    async with live_server() as server:
        guest, _ = await begun(server, "anna")
        for _way in range(5):
            tried = await guest.do("createTestTransport", direction="send")
            await guest.do("produceTest", transportId=tried["id"], kind="audio", rtpParameters=OPUS)
            await guest.do("closeTestTransport", transportId=tried["id"])
        last = await guest.do("createTestTransport", direction="send")
        mids = [OPUS | {"mid": str(number), "encodings": [{"ssrc": 5000 + number}]} for number in range(5)]
        for parameters in mids[:4]:
            await guest.do("produceTest", transportId=last["id"], kind="audio", rtpParameters=parameters)
        assert await guest.refused("produceTest", transportId=last["id"], kind="audio", rtpParameters=mids[4]) == "mediaRefused"
        await guest.leave()


async def test_starting_again_and_again_is_refused_across_sockets() -> None:
    async with live_server() as server:
        for _ in range(12):
            guest, _ = await begun(server, "anna")
            await guest.leave()
        guest = await Guest(server, "anna").connect()
        assert await guest.refused("startTest") == "tooManyRequests"
        await guest.leave()


async def test_a_media_service_that_is_away_is_told_and_takes_no_place() -> None:
    async with live_server() as server:
        server.plane.die()
        guest = await Guest(server, "anna").connect()
        assert await guest.refused("startTest") == "mediaAway"
        assert server.tests.count == 0
        await guest.leave()
