"""STUN against the RFC 5769 vectors, and against strangers."""

import struct

import pytest

from media import stun
from media.ice import Credentials, IceAgent, host_candidates, refusal

RFC5769_REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a6836765920202000080014"
    "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)
PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"
SOURCE = ("192.0.2.1", 32853)


def check(agent: IceAgent, **more: object) -> stun.Message:
    credentials = agent.credentials
    username = str(more.get("username", f"{credentials.fragment}:abcd"))
    password = str(more.get("password", credentials.password)).encode()
    nominate = bool(more.get("nominate", False))
    return stun.parse(stun.binding_request(b"transaction1", username, password, priority=1, tie_breaker=1, nominate=nominate))


def test_the_sample_request_of_rfc_5769_is_read_and_verified() -> None:
    message = stun.parse(RFC5769_REQUEST)
    assert (message.type, message.username, message.local_fragment) == (stun.BINDING_REQUEST, "evtj:h6vY", "evtj")
    assert message.signed_with(PASSWORD)
    assert not message.signed_with(b"another password")


def test_one_changed_byte_breaks_the_signature() -> None:
    changed = bytearray(RFC5769_REQUEST[:-8])
    changed[2:4] = struct.pack("!H", len(changed) - 20)
    changed[46] ^= 1  # the priority
    assert not stun.parse(bytes(changed)).signed_with(PASSWORD)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\0\1", "stun_length"),
        (RFC5769_REQUEST + b"\0\0\0\0", "stun_length"),
        (RFC5769_REQUEST[:4] + b"\0" + RFC5769_REQUEST[5:], "stun_cookie"),
        (RFC5769_REQUEST[:-1] + b"\0", "stun_fingerprint"),
        (struct.pack("!HHI", 1, 4, stun.MAGIC_COOKIE) + bytes(12) + struct.pack("!HH", 6, 400), "stun_attributes"),
        (struct.pack("!HHI", 1, 65512, stun.MAGIC_COOKIE) + bytes(65524), "stun_length"),
        (struct.pack("!HHI", 1, 8, stun.MAGIC_COOKIE) + bytes(12) + struct.pack("!HHI", 8, 4, 0), "stun_attributes"),
    ],
)
def test_malformed_messages_are_named(data: bytes, reason: str) -> None:
    with pytest.raises(stun.StunError) as error:
        stun.parse(data)
    assert error.value.reason == reason


def test_attributes_behind_the_signature_do_not_count() -> None:
    request = check(IceAgent())
    smuggled = request.raw[:-8] + struct.pack("!HH", stun.USE_CANDIDATE, 0)
    smuggled = smuggled[:2] + struct.pack("!H", len(smuggled) - 20) + smuggled[4:]
    assert not stun.parse(smuggled).nominates


@pytest.mark.parametrize("source", [SOURCE, ("2001:db8::1", 5000)])
def test_a_success_carries_the_address_it_was_seen_from(source: stun.Address) -> None:
    agent = IceAgent()
    answer = stun.parse(stun.binding_success(check(agent), source, b"secret"))
    value = answer.attributes[stun.XOR_MAPPED_ADDRESS]
    assert answer.signed_with(b"secret")
    assert struct.unpack_from("!H", value, 2)[0] ^ 0x2112 == source[1]
    assert len(value) == (8 if "." in source[0] else 20)


def test_the_first_check_gives_the_address_and_a_nomination_changes_it() -> None:
    agent = IceAgent()
    _, reason = agent.answer(check(agent), ("10.0.0.1", 1))
    agent.answer(check(agent), ("10.0.0.2", 2))
    assert (reason, agent.address) == ("", ("10.0.0.1", 1))
    agent.answer(check(agent, nominate=True), ("10.0.0.2", 2))
    assert agent.address == ("10.0.0.2", 2)


def test_wrong_credentials_change_nothing_and_get_a_short_401() -> None:
    agent = IceAgent()
    request = check(agent, password="wrong")
    answer, reason = agent.answer(request, SOURCE)
    assert (reason, agent.address, agent.checked) == ("stun_credentials", None, {})
    assert stun.parse(answer).attributes[stun.ERROR_CODE][2:4] == bytes((4, 1))
    assert len(answer) <= len(request.raw)


def test_a_stranger_never_gets_more_than_it_sent() -> None:
    bare = stun.parse(struct.pack("!HHI", stun.BINDING_REQUEST, 0, stun.MAGIC_COOKIE) + bytes(12))
    assert refusal(bare, 400) == b""


def test_a_controlled_peer_is_told_of_the_role_conflict() -> None:
    agent = IceAgent()
    agent.credentials = Credentials("evtj", PASSWORD.decode())
    answer, reason = agent.answer(stun.parse(RFC5769_REQUEST), SOURCE)
    assert (reason, agent.address) == ("stun_role_conflict", None)
    assert stun.parse(answer).attributes[stun.ERROR_CODE][2:4] == bytes((4, 87))


def test_old_credentials_work_until_the_new_ones_were_used() -> None:
    agent = IceAgent()
    old = check(agent)
    agent.restart()
    assert agent.answer(old, SOURCE)[1] == ""
    assert agent.answer(check(agent), SOURCE)[1] == ""
    assert agent.answer(old, SOURCE)[1] == "stun_credentials"


def test_a_peer_with_countless_addresses_keeps_the_newest_and_the_used_one() -> None:
    agent = IceAgent()
    for port in range(1, 50):
        agent.answer(check(agent), ("10.0.0.1", port))
    assert len(agent.checked) <= 9
    assert agent.address in agent.checked


def test_candidates_are_mediasoups_with_the_first_preferred() -> None:
    first, second = host_candidates(["127.0.0.1/udp", "192.0.2.7/udp"], 40000)
    assert first == {
        "foundation": "udpd7b7e7a8",
        "priority": 2130706431,
        "ip": "127.0.0.1",
        "address": "127.0.0.1",
        "protocol": "udp",
        "port": 40000,
        "type": "host",
    }
    assert second["priority"] < first["priority"]
