"""Several addresses and both families on one number: an answer leaves from the address its question came to."""

import asyncio
import socket
from typing import Any

import pytest

from media import stun
from media.engine import default_announced
from media.local import LocalPlane
from media.port import UdpPort, tagged
from media.stun import Address
from tests.media.meeting import BOB, MICROPHONE, Meeting
from tests.media.viewer import Viewer
from tests.support.netem import Path

Json = dict[str, Any]


def connected(ip: str, port: int) -> socket.socket:
    """A client that hears only whom it asked: a connected socket gets nothing from another address."""
    client = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    client.connect((ip, port))
    return client


async def checked(plane: LocalPlane, transport: Json, ip: str) -> tuple[stun.Message, Address]:
    """One check at `ip` → the answer, and where it came from as the client knows itself."""
    ice = transport["iceParameters"]
    with connected(ip, plane.engine.port.number) as client:
        name = f"{ice['usernameFragment']}:client"
        client.send(stun.binding_request(bytes(12), name, ice["password"].encode(), priority=1, tie_breaker=1, nominate=True))
        data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 2048), 2)
        return stun.parse(data), client.getsockname()


@pytest.mark.parametrize(
    ("listen", "asked", "family"),
    [
        ("127.0.0.1,127.0.0.2,::1", "127.0.0.1", 1),
        ("127.0.0.1,127.0.0.2,::1", "127.0.0.2", 1),
        ("127.0.0.1,127.0.0.2,::1", "::1", 2),
        ("::1", "::1", 2),
        ("::", "::1", 2),
        ("::", "127.0.0.1", 1),
    ],
)
async def test_a_check_is_answered_from_where_it_was_asked(listen: str, asked: str, family: int) -> None:
    plane = LocalPlane(lambda report: None, listen_ip=listen)
    await plane.start()
    try:
        await plane.open_router("r")
        transport = await plane.create_transport("r", "t", "send")
        answer, own = await checked(plane, transport, asked)
        remote = (await plane.stats("t"))["remote"]
        stats = await plane.stats()
    finally:
        await plane.stop()
    assert asked in {candidate["address"] for candidate in transport["iceCandidates"]}
    mapped = answer.attributes[stun.XOR_MAPPED_ADDRESS]
    assert (mapped[1], int.from_bytes(mapped[2:4], "big") ^ stun.MAGIC_COOKIE >> 16) == (family, own[1])
    assert remote["port"] == own[1]
    assert (stats["packetsOut"], stats["drops"]) == (1, {})


async def test_what_no_socket_can_serve_is_not_announced() -> None:
    plane = LocalPlane(lambda report: None, announced=["192.0.2.1", "2001:db8::1", "192.0.2.2/tcp"])
    await plane.start()
    try:
        await plane.open_router("r")
        transport = await plane.create_transport("r", "t", "send")
    finally:
        await plane.stop()
    found = [(candidate["protocol"], candidate["address"]) for candidate in transport["iceCandidates"]]
    assert found == [("udp", "192.0.2.1"), ("tcp", "192.0.2.1"), ("tcp", "192.0.2.2")]


def test_listening_on_addresses_of_ones_own_announces_these() -> None:
    assert default_announced(["192.0.2.4", "2001:db8::4"]) == ["192.0.2.4", "2001:db8::4"]
    assert default_announced(["127.0.0.1"])[0] == "127.0.0.1"


def test_a_moved_client_has_media_at_its_next_check_and_nobody_sees_it_leave() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    states = len(meeting.events("transportState"))
    meeting.bob.address = (BOB[0], 4321)
    moved_at = meeting.world.now
    for number in range(100):  # 2 s of 20 ms packets; the client finds its new path and checks it after half a second
        if number == 25:
            assert meeting.bob.check()
        meeting.alice.send(MICROPHONE, number, b"opus")
        meeting.world.tick(0.02)
        if meeting.bob.media():
            break
    assert meeting.world.now - moved_at < 0.6
    assert len(meeting.events("transportState")) == states
    assert meeting.routers.stats("bob")["remote"]["port"] == 4321


def test_what_a_moved_client_sends_has_no_gap_and_it_is_told_to_check() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.alice.send(MICROPHONE, 1, b"before")
    meeting.alice.address = ("10.0.0.1", 4321)
    for number in range(2, 5):
        meeting.alice.send(MICROPHONE, number, b"after")
    assert [payload for _, payload in meeting.bob.media()] == [b"before", b"after", b"after", b"after"]
    assert [report["transportId"] for report in meeting.events("addressMoved")] == ["alice"]  # once, not for each packet
    assert meeting.world.mail.get(meeting.alice.address, []) == []  # nothing is sent where no check came from
    assert meeting.routers.stats("alice")["remote"]["port"] == 1111
    meeting.world.tick(0.2)
    assert meeting.alice.check()
    assert meeting.routers.stats("alice")["remote"]["port"] == 4321
    assert meeting.drops == {}


def test_a_stray_packet_that_is_not_authentic_or_not_new_moves_nothing() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    packet = meeting.alice.protected(MICROPHONE, 1, b"x")
    meeting.world.feed(packet, meeting.alice.address)
    stranger = ("10.0.0.99", 99)
    meeting.world.feed(packet, stranger)
    meeting.world.feed(meeting.alice.protected(MICROPHONE, 2, b"y")[:-1] + b"?", stranger)
    assert meeting.drops == {"media_unchecked_address": 2}
    meeting.world.feed(meeting.alice.protected(999, 1, b"of nobody"), stranger)
    assert meeting.events("addressMoved") == []


def test_a_flood_of_stray_packets_is_not_looked_into() -> None:
    meeting = Meeting()
    meeting.alice.address = ("10.0.0.1", 4321)
    for number in range(40):
        packet = meeting.alice.protected(MICROPHONE, 1, b"x")
        meeting.world.feed(packet[:-1] + bytes((packet[-1] ^ (number + 1),)), ("10.0.0.99", number))  # whatever the key, another tag
    meeting.alice.send(MICROPHONE, 2, b"y")
    assert meeting.events("addressMoved") == []
    meeting.world.tick(0.025)
    meeting.alice.send(MICROPHONE, 3, b"z")
    assert len(meeting.events("addressMoved")) == 1


@pytest.mark.parametrize(("steady", "told"), [(4.0, ["bob"]), (1.0, [])])
def test_who_answered_steadily_and_falls_silent_is_told_to_check_once(steady: float, told: list[str]) -> None:
    viewer = Viewer(Path(seed=1, delay=0.025))
    viewer.run(steady)
    moved = viewer.now
    viewer.there.loss = viewer.back.loss = 1.0
    viewer.run(0.35)
    assert viewer.meeting.events("addressMoved") == []
    viewer.run(1.5)
    assert [report["transportId"] for report in viewer.meeting.events("addressMoved")] == told
    assert all(report["at"] - moved < 0.8 for report in viewer.meeting.events("addressMoved"))


def test_a_lossy_path_is_no_silence() -> None:
    viewer = Viewer(Path(seed=3, delay=0.1, loss=0.1), Path(seed=4, delay=0.1, loss=0.1))
    viewer.run(20.0)
    assert viewer.meeting.events("addressMoved") == []


def test_a_producer_that_moved_with_an_ice_restart_is_one_producer_still() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.alice.send(MICROPHONE, 1, b"before")
    states = len(meeting.events("transportState"))
    meeting.alice.ice = meeting.routers.restart_ice("alice")["iceParameters"]
    meeting.alice.address = ("2001:db8::7", 999, 0, 0, -1)
    meeting.world.tick(1.0)
    assert meeting.alice.check()
    meeting.alice.send(MICROPHONE, 2, b"after")
    assert [payload for _, payload in meeting.bob.media()] == [b"before", b"after"]
    assert len(meeting.events("transportState")) == states
    assert [report["flowing"] for report in meeting.events("mediaFlow") if report["producerId"] == "mic"] == [True]


@pytest.mark.parametrize("segment", [True, False])
@pytest.mark.parametrize("ip", ["127.0.0.2", "::1"])
def test_a_run_of_packets_leaves_by_the_socket_its_address_names(ip: str, segment: bool) -> None:
    main = UdpPort("127.0.0.1", 0, segment=segment)
    other = UdpPort(ip, main.number, segment=segment)
    main.others = [other]
    try:
        with connected(ip, main.number) as client:
            where = tagged(client.getsockname(), -1)
            main.send([([b"head", b"a" * 46, b"head", b"b" * 46], 50, where), (b"alone", 0, where)])
            client.setblocking(True)
            client.settimeout(1.0)
            assert [client.recv(2048) for _ in range(3)] == [b"head" + b"a" * 46, b"head" + b"b" * 46, b"alone"]
        assert (main.calls_out, other.calls_out) == (0, 2 if segment else 3)
        assert (main.packets_out, other.packets_out, dict(main.drops), dict(other.drops)) == (0, 3, {}, {})
    finally:
        main.close()
        other.close()
