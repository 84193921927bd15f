"""SRTP against the vectors of RFC 3711 and RFC 7714, and both ways against libsrtp."""

import os
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pylibsrtp import Policy, Session

from media.srtp import (
    AES_128_CM,
    AES_128_GCM,
    AES_256_GCM,
    MAX_SSRCS,
    PROFILES,
    REPLAY_WINDOW,
    GcmInbound,
    GcmOutbound,
    Profile,
    SrtpError,
    contexts,
    derive,
    nearest_index,
)

MASTER = bytes(range(16)) + bytes.fromhex("517569642070726f2071756f")


def with_session_keys(key: bytes, salt: bytes) -> GcmOutbound:
    """RFC 7714 §16 and §17 give session keys, not master keys."""
    outbound = GcmOutbound.__new__(GcmOutbound)
    outbound.encrypt = outbound._rtcp_encrypt = AESGCM(key).encrypt
    outbound.salt = outbound._rtcp_salt = int.from_bytes(salt, "big")
    outbound._rtcp_index = 0x5D3
    return outbound


def rtp(ssrc: int, index: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 96, index & 0xFFFF, index * 3000 & 0xFFFFFFFF, ssrc)


def protected(outbound: GcmOutbound, ssrc: int, index: int, payload: bytes = b"payload") -> bytes:
    return outbound.protect(ssrc << 48 | index, rtp(ssrc, index), payload)


def reason_of(inbound: GcmInbound, packet: bytes) -> str:
    with pytest.raises(SrtpError) as error:
        inbound.open_rtp(packet)
    return error.value.reason


def test_keys_are_derived_as_in_rfc_3711_b3() -> None:
    key, salt = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139"), bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    assert derive(key, salt, 0, 16).hex().upper() == "C61E7A93744F39EE10734AFE3FF7A087"
    assert derive(key, salt, 2, 14).hex().upper() == "30CBBC08863D8C85D49DB34A9AE1"
    assert derive(key, salt, 1, 20).hex().upper() == "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"


def test_an_rtp_packet_is_sealed_as_in_rfc_7714_16_1_1() -> None:
    outbound = with_session_keys(MASTER[:16], MASTER[16:])
    header = bytes.fromhex("8040f17b8041f8d35501a0b2")
    sealed = outbound.protect(0x5501A0B2 << 48 | 0xF17B, header, b"Gallia est omnis divisa in partes tres")
    assert sealed.hex() == header.hex() + (
        "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
    )


def test_an_rtcp_packet_is_sealed_as_in_rfc_7714_17_1() -> None:
    outbound = with_session_keys(MASTER[:16], MASTER[16:])
    packet = bytes.fromhex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61" + "deadbeef" * 5)
    assert outbound.protect_rtcp(packet).hex() == "81c8000d4d617273" + (
        "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"
    )


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name.decode())
def test_libsrtp_opens_what_we_seal_over_a_rollover_and_the_other_way_round(profile: Profile) -> None:
    master = os.urandom(profile.key_length + profile.salt_length)
    inbound, outbound = contexts(profile, master, master)
    theirs_in = Session(Policy(key=master, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile.libsrtp))
    theirs_out = Session(Policy(key=master, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile.libsrtp))
    for index in range(0xFFF0, 0x10010):
        plain = rtp(7, index) + b"%d" % index
        assert theirs_in.unprotect(outbound.protect(7 << 48 | index, rtp(7, index), b"%d" % index)) == plain
        assert inbound.open_rtp(theirs_out.protect(plain)) == (index, 12, b"%d" % index)
    report = struct.pack("!BBHI", 0x80, 201, 1, 7)
    assert theirs_in.unprotect_rtcp(outbound.protect_rtcp(report)) == report
    assert inbound.open_rtcp(theirs_out.protect_rtcp(report)) == report


@pytest.mark.parametrize("profile", [AES_128_GCM, AES_256_GCM])
def test_a_packet_with_extension_and_csrc_keeps_its_header(profile: Profile) -> None:
    master = os.urandom(profile.exported_length // 2)
    inbound, outbound = contexts(profile, master, master)
    header = struct.pack("!BBHIII", 0x91, 96, 5, 0, 7, 99) + struct.pack("!HHI", 0xBEDE, 1, 0x10000000)
    assert inbound.open_rtp(outbound.protect(7 << 48 | 5, header, b"x")) == (5, len(header), b"x")


def test_a_packet_is_accepted_once() -> None:
    inbound, outbound = GcmInbound(MASTER, AES_128_GCM), GcmOutbound(MASTER, AES_128_GCM)
    packet = protected(outbound, 7, 100)
    inbound.open_rtp(packet)
    assert reason_of(inbound, packet) == "srtp_replay"


def test_late_packets_are_accepted_inside_the_window_only() -> None:
    inbound, outbound = GcmInbound(MASTER, AES_128_GCM), GcmOutbound(MASTER, AES_128_GCM)
    inbound.open_rtp(protected(outbound, 7, 5000))
    assert inbound.open_rtp(protected(outbound, 7, 5000 - REPLAY_WINDOW + 1))[0] == 5000 - REPLAY_WINDOW + 1
    assert reason_of(inbound, protected(outbound, 7, 5000 - REPLAY_WINDOW)) == "srtp_replay"


def test_wrong_tags_neither_pass_nor_move_the_window() -> None:
    inbound, outbound = GcmInbound(MASTER, AES_128_GCM), GcmOutbound(MASTER, AES_128_GCM)
    good = protected(outbound, 7, 100)
    assert reason_of(inbound, good[:-1] + bytes((good[-1] ^ 1,))) == "srtp_tag"
    assert inbound.open_rtp(good)[0] == 100


def test_strangers_cannot_fill_the_table_of_ssrcs_and_a_peer_only_up_to_its_limit() -> None:
    inbound, outbound = GcmInbound(MASTER, AES_128_GCM), GcmOutbound(MASTER, AES_128_GCM)
    for ssrc in range(200):
        assert reason_of(inbound, rtp(ssrc, 1) + bytes(30)) == "srtp_tag"
    for ssrc in range(MAX_SSRCS):
        inbound.open_rtp(protected(outbound, ssrc, 1))
    assert reason_of(inbound, protected(outbound, 9999, 1)) == "srtp_ssrcs"


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_short_packets_are_malformed(length: int) -> None:
    assert reason_of(GcmInbound(MASTER, AES_128_GCM), (rtp(7, 1) + bytes(20))[:length]) == "rtp_malformed"


def test_rtcp_is_accepted_once_and_only_whole() -> None:
    inbound, outbound = GcmInbound(MASTER, AES_128_GCM), GcmOutbound(MASTER, AES_128_GCM)
    sealed = outbound.protect_rtcp(struct.pack("!BBHI", 0x81, 201, 7, 7) + bytes(24))
    reasons = []
    for packet in (sealed[:-1], sealed[:20], sealed, sealed):
        try:
            inbound.open_rtcp(packet)
            reasons.append("")
        except SrtpError as error:
            reasons.append(error.reason)
    assert reasons == ["srtcp_tag", "rtcp_malformed", "", "srtcp_replay"]


def test_libsrtp_peers_are_told_of_replays_and_forgeries_by_the_same_names() -> None:
    master = os.urandom(30)
    inbound, outbound = contexts(AES_128_CM, master, master)
    packet = outbound.protect(7 << 48 | 5, rtp(7, 5), b"x")
    inbound.open_rtp(packet)
    for data, reason in ((packet, "srtp_replay"), (rtp(7, 6) + bytes(20), "srtp_tag"), (b"\x80", "rtp_malformed")):
        with pytest.raises(SrtpError) as error:
            inbound.open_rtp(data)
        assert error.value.reason == reason


@pytest.mark.parametrize(
    ("highest", "sequence", "index"),
    [(10, 11, 11), (0xFFFF, 0, 0x10000), (0x10000, 0xFFFF, 0xFFFF), (5, 0xFFFF, 0xFFFF), (0x2FFF0, 5, 0x30005), (0x30005, 0xFFF0, 0x2FFF0)],
)
def test_the_rollover_is_guessed_as_rfc_3711_says(highest: int, sequence: int, index: int) -> None:
    assert nearest_index(highest, sequence) == index
