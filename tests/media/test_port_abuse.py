"""Strangers, forgers and noise at the port: each is dropped, counted by its reason, and nobody else notices."""

import asyncio
import random
import socket
import struct

import pytest

from media import stun
from media.dtls import MTU
from media.local import LocalPlane
from media.port import UdpPort
from tests.media.crowded import crowded
from tests.media.meeting import ALICE, CAMERA, MICROPHONE, Meeting

STRANGER = ("203.0.113.5", 5)
RTP = struct.pack("!BBHII", 0x80, 111, 1, 0, MICROPHONE) + bytes(40)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "stun_length"),
        (b"GET / HTTP/1.1\r\n\r\n", "unknown_protocol"),
        (bytes([70]) * 30, "unknown_protocol"),
        (bytes(2000), "oversized"),
        (b"\x80" + bytes(1600), "media_unchecked_address"),
        (RTP, "media_unchecked_address"),
        (b"\x16\xfe\xfd" + bytes(50), "dtls_unchecked_address"),
        (struct.pack("!HHI", 1, 0, stun.MAGIC_COOKIE) + bytes(12), "stun_no_credentials"),
        (struct.pack("!HHI", 0x0101, 0, stun.MAGIC_COOKIE) + bytes(12), "stun_type"),
        (struct.pack("!HHI", 1, 0, 0) + bytes(12), "stun_cookie"),
    ],
)
def test_a_strangers_datagram_is_dropped_without_an_answer(data: bytes, reason: str) -> None:
    meeting = Meeting()
    meeting.world.feed(data, STRANGER)
    if data:
        assert meeting.drops == {reason: 1}
    else:
        assert meeting.drops == {"unknown_protocol": 1}
    assert STRANGER not in meeting.world.mail


def test_wrong_credentials_get_at_most_a_short_refusal() -> None:
    meeting = Meeting()
    meeting.alice.address = STRANGER
    (wrong_password,) = meeting.alice.check(password="guess")
    (wrong_name,) = meeting.alice.check(username="nobody:client")
    assert meeting.drops == {"stun_credentials": 1, "stun_unknown_fragment": 1}
    assert {len(wrong_password), len(wrong_name)} == {36}
    meeting.world.feed(RTP, STRANGER)
    assert meeting.drops["media_unchecked_address"] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda packet: packet[:-1] + bytes((packet[-1] ^ 1,)), "srtp_tag"),
        (lambda packet: packet[:20], "rtp_malformed"),
        (lambda packet: packet[:7], "rtp_malformed"),
        (lambda packet: packet + bytes(1500), "oversized"),
        (lambda packet: packet[:1] + b"\xc8" + packet[2:], "srtcp_tag"),
        (lambda packet: b"\x9f" + packet[1:], "rtp_malformed"),
    ],
)
def test_a_forged_packet_from_a_checked_address_is_dropped(change, reason: str) -> None:  # type: ignore[no-untyped-def]
    meeting = Meeting()
    meeting.consume("mic")
    meeting.world.feed(change(meeting.alice.protected(MICROPHONE, 1, b"opus")), ALICE)
    assert meeting.drops == {reason: 1}
    assert meeting.bob.media() == []


def test_a_replayed_packet_is_forwarded_once() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    packet = meeting.alice.protected(MICROPHONE, 1, b"opus")
    for _ in range(3):
        meeting.world.feed(packet, ALICE)
    assert len(meeting.bob.media()) == 1
    assert meeting.drops == {"srtp_replay": 2}


def test_one_peer_cannot_speak_with_anothers_stream() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.bob.send(MICROPHONE, 1, b"I am Alice")
    assert meeting.drops == {"rtp_unknown_ssrc": 1}
    assert meeting.bob.media() == []


def test_an_unknown_payload_type_goes_no_further() -> None:
    meeting = Meeting()
    meeting.alice.send(MICROPHONE, 1, b"x", payload_type=13)
    assert meeting.drops == {"rtp_payload_type": 1}


def test_malformed_rtcp_inside_good_protection_is_dropped() -> None:
    meeting = Meeting()
    meeting.alice.send_rtcp(struct.pack("!BBHI", 0x81, 201, 60, 1) + bytes(20))
    assert meeting.drops == {"rtcp_malformed": 1}


def test_a_flood_of_rtcp_is_cut_off_until_the_next_second() -> None:
    meeting = Meeting()
    for _ in range(450):
        meeting.alice.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 1))
    assert meeting.drops == {"rtcp_flood": 50}
    meeting.world.tick(1.0)
    meeting.alice.send_rtcp(struct.pack("!BBHI", 0x80, 201, 1, 1))
    assert meeting.drops == {"rtcp_flood": 50}


def test_twenty_thousand_random_datagrams_cause_no_exception_and_harm_nobody() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.consume("cam", "c2")
    chance = random.Random(20260101)
    samples = [meeting.alice.protected(MICROPHONE, 1, b"opus"), meeting.alice.protected(CAMERA, 1, bytes(200), payload_type=96)]
    samples += [stun.binding_request(bytes(12), "a:b", b"c", priority=1, tie_breaker=1, nominate=True), b"\x16\xfe\xfd" + bytes(60)]
    for _ in range(20_000):
        data = bytearray(chance.choice(samples)) if chance.random() < 0.7 else bytearray(chance.randbytes(chance.randrange(0, 80)))
        for _ in range(chance.randrange(1, 4)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        meeting.world.feed(bytes(data[: chance.randrange(1, len(data) + 1)] if data else data), chance.choice([ALICE, STRANGER]))
    assert [reason for reason in meeting.drops if reason.startswith("bug_")] == []
    meeting.bob.take()
    meeting.alice.send(MICROPHONE, 500, b"still here")
    assert [payload for _, payload in meeting.bob.media()] == [b"still here"]


def test_a_bug_in_one_step_is_counted_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Meeting()
    meeting.consume("mic")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(meeting.forwarder.feedback, "tick", broken)
    monkeypatch.setattr(meeting.forwarder, "_stun", broken)
    meeting.world.tick(6.0)
    meeting.world.feed(bytes(20), STRANGER)
    assert meeting.drops == {"bug_ZeroDivisionError": 2}
    assert [report["state"] for report in meeting.events("transportState")][-2:] == ["disconnected", "disconnected"]


async def test_the_socket_drops_what_it_cannot_have_and_goes_on() -> None:
    plane = LocalPlane(lambda report: None)
    await plane.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for data in (bytes(60_000), b"\x80" + bytes(1900), b"noise"):
                stranger.sendto(data, ("127.0.0.1", plane.engine.port.number))
            await asyncio.sleep(0.1)
        stats = await plane.stats()
    finally:
        await plane.stop()
    assert stats["drops"] == {"oversized": 1, "media_unchecked_address": 1, "unknown_protocol": 1}


def test_a_kernel_without_segmentation_gets_the_packets_one_by_one() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(1.0)
        for segment in (True, False):
            port = UdpPort("127.0.0.1", 0, segment=segment)
            port.send([([b"head", b"a" * 46, b"head", b"b" * 46], 50, receiver.getsockname())])
            assert [receiver.recv(MTU), receiver.recv(MTU)] == [b"head" + b"a" * 46, b"head" + b"b" * 46]
            assert (port.packets_out, dict(port.drops)) == (2, {})
            port.close()


def test_a_run_that_is_refused_half_way_is_lost_from_there_on() -> None:
    with crowded(room=3) as (address, sender, _):
        port = UdpPort("127.0.0.1", 0, segment=False)
        port.socket, udp = sender, port.socket
        port.send([([b"head", b"a" * 40] * 5, 44, address)])  # type: ignore[list-item]
        assert (port.packets_out, port.bytes_out, port.calls_out, dict(port.drops)) == (3, 132, 3, {"send_buffer_full": 2})
        udp.close()


def test_a_refused_address_is_counted_and_the_next_packet_goes_out() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(1.0)
        port = UdpPort("127.0.0.1", 0)
        port.send([(bytes(70_000), 0, receiver.getsockname()), (b"next", 0, receiver.getsockname())])
        assert receiver.recv(MTU) == b"next"
        assert dict(port.drops) == {"send_EMSGSIZE": 1}
        port.close()
