"""The DTLS server: whom it believes, which profile it takes, what it does when datagrams are lost."""

import time
from contextlib import suppress

import pytest
from OpenSSL import SSL

from media.dtls import HANDSHAKE_SECONDS, MTU, Certificate, DtlsServer, State, context, datagrams, fingerprint, server_context
from media.srtp import AES_128_CM, AES_128_GCM, AES_256_GCM, GcmInbound, Profile

CLIENT, SERVER = Certificate.generate(), Certificate.generate()
CONTEXT = server_context(SERVER)


class Client:
    def __init__(self, profiles: bytes = AES_128_GCM.name, certificate: Certificate = CLIENT) -> None:
        self.ssl = SSL.Connection(context(certificate, profiles), None)
        self.ssl.set_connect_state()
        self.ssl.set_ciphertext_mtu(MTU)

    def turn(self, arrived: list[bytes]) -> list[bytes]:
        """Datagrams in, datagrams out."""
        for data in arrived:
            self.ssl.bio_write(data)
        with suppress(SSL.WantReadError):
            self.ssl.do_handshake()
        flight = b""
        try:
            while True:
                flight += self.ssl.bio_read(65536)
        except SSL.WantReadError:
            return datagrams(flight)


def shake(server: DtlsServer, client: Client, now: float = 0.0) -> DtlsServer:
    """Both sides until neither has anything to say."""
    flight = client.turn([])
    while flight:
        answers = [answer for data in flight for answer in server.feed(data, now)]
        flight = client.turn(answers)
    return server


def fresh(certificate: Certificate = CLIENT, algorithm: str = "sha-256") -> DtlsServer:
    server = DtlsServer(CONTEXT, 0.0)
    server.expect([{"algorithm": algorithm, "value": fingerprint(certificate.certificate, algorithm)}], 0.0)
    return server


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
def test_both_sides_hold_the_same_keys_after_the_handshake(algorithm: str) -> None:
    client = Client()
    server = shake(fresh(algorithm=algorithm), client)
    assert (server.state, server.profile) == (State.CONNECTED, AES_128_GCM.name)
    material = client.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", AES_128_GCM.exported_length)
    assert server.outbound is not None
    sealed = server.outbound.protect_rtcp(bytes.fromhex("80c9000100000007"))
    assert GcmInbound(AES_128_GCM.split(material)[1], AES_128_GCM).open_rtcp(sealed) == bytes.fromhex("80c9000100000007")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([AES_256_GCM, AES_128_GCM, AES_128_CM], AES_128_GCM),
        ([AES_128_CM, AES_256_GCM], AES_256_GCM),
        ([AES_128_CM], AES_128_CM),
    ],
)
def test_the_server_chooses_the_cheapest_profile_that_was_offered(offered: list[Profile], chosen: Profile) -> None:
    server = shake(fresh(), Client(b":".join(profile.name for profile in offered)))
    assert server.profile == chosen.name


def test_a_certificate_nobody_announced_is_refused() -> None:
    server = shake(fresh(), Client(certificate=Certificate.generate()))
    assert (server.state, server.reason, server.inbound) == (State.FAILED, "fingerprint", None)


def test_a_hello_before_signalling_waits_for_the_fingerprint() -> None:
    client, server = Client(), DtlsServer(CONTEXT, 0.0)
    (hello,) = client.turn([])
    assert server.feed(hello, 0.0) == []
    answers = server.expect([{"algorithm": "sha-256", "value": fingerprint(CLIENT.certificate, "sha-256")}], 0.1)
    assert answers
    flight = client.turn(answers)
    assert [server.feed(data, 0.2) for data in flight]
    assert server.state is State.CONNECTED


def test_a_lost_flight_is_sent_again_when_its_time_has_come() -> None:
    server, client = fresh(), Client()
    for data in client.turn([]):
        server.feed(data, 0.0)  # the answer is lost
    assert server.tick(0.1) == []
    time.sleep(1.05)  # OpenSSL keeps the timer itself, on the real clock (RFC 6347 §4.2.4.1: 1 s)
    again = server.tick(1.1)
    assert again
    flight = client.turn(again)
    assert [server.feed(data, 1.2) for data in flight]
    assert server.state is State.CONNECTED


def test_a_handshake_that_never_ends_is_given_up() -> None:
    server = fresh()
    server.tick(HANDSHAKE_SECONDS + 1)
    assert (server.state, server.reason) == (State.FAILED, "handshake_timeout")


def test_garbage_neither_ends_nor_delays_a_handshake() -> None:
    server, client = fresh(), Client()
    for rubbish in (b"\x16", b"\x16\xfe\xfd" + bytes(10), bytes([22]) * 200, b"\x17\xfe\xfd" + b"\xff" * 60):
        assert server.feed(rubbish, 0.0) == []
    shake(server, client)
    assert server.state is State.CONNECTED


def test_close_notify_ends_the_connection_in_both_directions() -> None:
    client = Client()
    server = shake(fresh(), client)
    client.ssl.shutdown()
    for data in datagrams(client.ssl.bio_read(4096)):
        server.feed(data, 1.0)
    assert (server.state, server.reason) == (State.CLOSED, "close_notify")
    other = shake(fresh(), Client())
    assert other.close()


def test_flights_are_cut_between_records() -> None:
    records = [b"\x16\xfe\xfd" + bytes(8) + size.to_bytes(2, "big") + bytes(size) for size in (500, 600, 700, 100)]
    assert [len(datagram) for datagram in datagrams(b"".join(records))] == [1126, 826]
    assert all(len(datagram) <= MTU for datagram in datagrams(b"".join(records)))
