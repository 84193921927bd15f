"""A meeting over real sockets: who joins, who is told what, which facts are left, and what is refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import socketio

from ledger.facts import FactKind
from tests.support.live import Guest, LiveServer, live_server, until


@pytest.fixture
async def server() -> AsyncIterator[LiveServer]:
    async with live_server() as running:
        yield running


@pytest.fixture
async def chair(server: LiveServer) -> AsyncIterator[Guest]:
    guest = await (await Guest(server, "chair").connect()).join()
    yield guest
    await guest.leave()


async def opened(server: LiveServer, chair: Guest, *members: str) -> list[Guest]:
    await chair.do("openMeeting")
    return [await (await Guest(server, member).connect()).join() for member in members]


async def test_a_member_waits_is_let_in_when_the_meeting_opens_and_the_facts_say_so(server: LiveServer, chair: Guest) -> None:
    li = await (await Guest(server, "li").connect()).join()
    assert (li.joined["state"], li.joined["snapshot"]["place"]) == ("waiting", "door")
    await chair.do("openMeeting")
    await until(lambda: any(name == "snapshot" and body["place"] == "inside" for name, body in li.told))
    assert [fact.member_id for fact in server.said(FactKind.CONNECTION_JOINED)] == ["chair", "li"]
    assert [fact.author for fact in server.said(FactKind.MEETING_OPENED)] == ["chair"]
    await li.leave()


@pytest.mark.parametrize(
    ("member", "meeting", "code"),
    [
        ("stranger", "m1", "notInvited"),
        ("li", "nowhere", "noSuchMeeting"),
        ("li", "gone", "meetingCancelled"),
        ("li", "over", "meetingEnded"),
    ],
)
async def test_who_may_not_enter_is_told_why(server: LiveServer, member: str, meeting: str, code: str) -> None:
    guest = await Guest(server, member).connect()
    assert await guest.refused("join", **guest.joining(meeting)) == code
    await guest.leave()


async def test_nobody_connects_without_being_logged_in(server: LiveServer) -> None:
    client = socketio.AsyncClient(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(server.url, transports=["websocket"])


async def test_an_outdated_notice_must_be_read_again(server: LiveServer) -> None:
    guest = await Guest(server, "li").connect()
    assert await guest.refused("join", **{**guest.joining(), "noticeVersion": "n0"}) == "noticeOutdated"
    await guest.leave()


async def test_everyone_hears_of_hands_and_chat_in_the_same_order(server: LiveServer, chair: Guest) -> None:
    li, wang = await opened(server, chair, "li", "wang")
    await asyncio.gather(li.do("raiseHand"), wang.do("raiseHand"), wang.do("say", text="你好", clientId="1"))
    await until(lambda: all(len(guest.events) >= 3 for guest in (li, wang)))
    mine = [event for event in li.events if event["type"] in ("handRaised", "said")]
    theirs = [event for event in wang.events if event["type"] in ("handRaised", "said")]
    assert mine == theirs
    assert await li.refused("muteAll") == "notModerator"
    await li.leave()
    await wang.leave()


async def test_muting_pauses_the_producer_in_the_plane_and_is_a_fact(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    producer = await li.microphone()
    await chair.do("mute", memberId="li")
    assert ("pause", producer) in server.plane.calls
    assert [fact.body["by"] for fact in server.said(FactKind.MIC_MUTED)] == ["chair"]
    await li.leave()


async def test_speech_is_recorded_with_its_length_and_shown_on_the_own_counter(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    producer = await li.microphone()
    began = time.monotonic()
    server.plane.speech_started(producer)
    await asyncio.sleep(0.3)
    server.plane.speech_ended(producer)
    spoke = time.monotonic() - began
    await until(lambda: len(server.said(FactKind.SPEECH_SEGMENT)) == 1)
    (speech,) = server.said(FactKind.SPEECH_SEGMENT)
    assert speech.body["end"] - speech.body["start"] == pytest.approx(spoke, abs=0.1)
    counters = [body for name, body in li.told if name == "counters"]
    assert counters[0]["speakingNow"] is True
    assert counters[-1]["speakingSeconds"] > 0.2
    await li.leave()


async def test_leaving_while_speaking_ends_the_speech(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    producer = await li.microphone()
    server.plane.flows(producer)
    server.plane.speech_started(producer)
    await until(lambda: len(server.said(FactKind.MEDIA_STARTED)) == 1)
    await li.do("leave")
    await until(lambda: len(server.said(FactKind.MEDIA_STOPPED)) == 1)
    assert len(server.said(FactKind.SPEECH_SEGMENT)) == 1
    await li.leave()


async def test_a_dropped_socket_may_come_back_as_the_same_peer() -> None:
    async with live_server(grace=1.5) as patient:
        chair = await (await Guest(patient, "chair").connect()).join()
        (li,) = await opened(patient, chair, "li")
        await li.leave()
        await until(lambda: "connectionChanged" in chair.event_types)
        again = await (await Guest(patient, "li").connect()).join(resume=li.joined["resume"])
        assert (again.joined["resumed"], again.joined["peerId"]) == (True, li.joined["peerId"])
        await asyncio.sleep(1.7)
        assert patient.said(FactKind.CONNECTION_LEFT) == []
        await again.leave()
        await chair.leave()


async def test_who_does_not_come_back_left_when_last_seen(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    await li.leave()
    await until(lambda: len(server.said(FactKind.CONNECTION_LEFT)) == 1)
    (left,) = server.said(FactKind.CONNECTION_LEFT)
    assert (left.body["reason"], time.time() - left.at > 0.25) == ("connectionLost", True)  # the grace of 0.3 s is not presence


async def test_a_removed_member_is_told_and_waits_when_coming_back(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    await chair.do("remove", memberId="li", reason="noise")
    await until(lambda: ("left", {"reason": "removed"}) in li.told)
    assert await li.refused("say", text="?", clientId="1") == "notJoined"
    await li.join()
    assert li.joined["state"] == "waiting"
    await li.leave()


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("say", {"text": "x" * 2001, "clientId": "1"}, "badRequest"),
        ("say", {"text": "x"}, "badRequest"),
        ("say", {"text": "x", "clientId": "1", "more": 1}, "badRequest"),
        ("mute", {"memberId": "<script>"}, "badRequest"),
        ("noSuchMessage", {}, "unknownMessage"),
        ("produce", {"transportId": "t", "kind": "audio", "source": "microphone", "rtpParameters": {}}, "mediaRefused"),
        ("consume", {"transportId": "t", "producerId": "p", "rtpCapabilities": {}}, "mediaRefused"),
        ("resumeConsumer", {"consumerId": "c"}, "mediaRefused"),
        ("pauseProducer", {"producerId": "p"}, "unknownProducer"),
        ("mute", {"memberId": "nobody"}, "memberNotInRoom"),
    ],
)
async def test_a_bad_message_is_refused_and_changes_nothing(
    server: LiveServer, chair: Guest, name: str, body: dict[str, object], code: str
) -> None:
    await chair.do("openMeeting")
    before = server.registry.rooms["m1"].state
    assert await chair.refused(name, **body) == code
    assert server.registry.rooms["m1"].state == before


async def test_messages_that_are_no_objects_are_refused(server: LiveServer, chair: Guest) -> None:
    for body in ("text", 7, ["x"], None):
        answer = await chair.sio.call("mute", body, timeout=5)
        assert answer["refusal"]["code"] == "badRequest"


async def test_a_flood_is_refused_and_the_room_goes_on(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    answers = await asyncio.gather(*(li.ask("say", text="x", clientId=str(number)) for number in range(30)))
    assert {answer["refusal"]["code"] for answer in answers if not answer["ok"]} == {"tooManyRequests"}
    await chair.do("say", text="还在", clientId="1")
    await li.leave()


async def test_a_dead_media_worker_ends_what_it_held_and_everyone_is_asked_to_start_anew(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    producer = await li.microphone()
    server.plane.flows(producer)
    server.plane.speech_started(producer)
    await until(lambda: len(server.said(FactKind.MEDIA_STARTED)) == 1)
    server.plane.die()
    assert await li.refused("createTransport", direction="recv") == "mediaAway"
    server.plane.revive()
    await until(lambda: "mediaRestarted" in [name for name, _ in li.told])
    assert (len(server.said(FactKind.SPEECH_SEGMENT)), len(server.said(FactKind.MEDIA_STOPPED))) == (1, 1)
    assert server.said(FactKind.CONNECTION_LEFT) == []
    await li.microphone()
    await li.leave()


async def test_whose_address_moved_is_told_and_nobody_else(server: LiveServer, chair: Guest) -> None:
    (li,) = await opened(server, chair, "li")
    server.plane.moves((await li.do("createTransport", direction="send"))["id"])
    await until(lambda: "addressMoved" in [name for name, _ in li.told])
    assert "addressMoved" not in [name for name, _ in chair.told]
    await li.leave()


async def test_who_received_through_a_dead_worker_is_asked_to_receive_anew_and_nobody_else(server: LiveServer, chair: Guest) -> None:
    li, wang = await opened(server, chair, "li", "wang")
    producer = await li.microphone()
    server.plane.flows(producer)
    server.plane.speech_started(producer)
    transport = (await li.do("createTransport", direction="recv"))["id"]
    server.plane.lose(transport)
    await until(lambda: "mediaRestarted" in [name for name, _ in li.told])
    assert [body["direction"] for name, body in li.told if name == "mediaRestarted"] == ["recv"]
    assert "mediaRestarted" not in [name for name, _ in chair.told + wang.told]
    assert (server.said(FactKind.SPEECH_SEGMENT), server.said(FactKind.MEDIA_STOPPED)) == ([], [])
    assert await li.refused("connectTransport", transportId=transport, dtlsParameters={"role": "client"}) == "mediaRefused"
    assert (await li.do("createTransport", direction="recv"))["id"] != transport
    for guest in (li, wang):
        await guest.leave()
