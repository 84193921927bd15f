"""Secrets at rest: published vectors of the ciphers, what a sealed value is bound to, rotation, and keys that are missing or wrong."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from ledger.refusals import KeyMissing, SealBroken
from ledger.sealing import AES_GCM, SM4_CTR, SM4_GCM, SUITES, KeyRing, RingSealer, Suite, key_of

OLD, NEW = b"\x01" * 32, b"\x02" * 32
ABOUT = "member:m1:idNumber"
SUITE_NAMES = ("aes", "sm", "smc")


def sealer(suite: str = "aes", *keys: tuple[str, bytes]) -> RingSealer:
    ring = dict(keys or (("old", OLD),))
    made = RingSealer(KeyRing(ring, next(iter(ring))), "sm" if suite == "smc" else suite)
    if suite == "smc":
        made._suite = SM4_CTR
    return made


# The algorithms themselves, as our suites call them: decrypting a published ciphertext proves key, nonce, tag and order of arguments.


def test_aes_256_gcm_opens_the_published_vector() -> None:
    """McGrew and Viega, The Galois/Counter Mode of Operation, test case 16."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    body = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    )
    assert AES_GCM.decrypt(key, nonce + body + bytes.fromhex("76fc6ece0f4e1768cddf8853bb2d551b"), bound) == plain


@pytest.mark.skipif(SUITES["sm"] is not SM4_GCM, reason="this OpenSSL has no SM4-GCM; SM4-CTR stands in")
def test_sm4_gcm_opens_the_published_vector() -> None:
    """RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = b"".join(bytes([value]) * 8 for value in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    body = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert SM4_GCM.decrypt(key, nonce + body + bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec"), bound) == plain


def test_sm4_and_sm3_give_the_published_values() -> None:
    """GB/T 32907-2016 annex A.1 and GB/T 32905-2016 annex A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert encryptor.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_the_blind_index_is_an_hmac_of_the_field_and_the_value() -> None:
    one = sealer()
    key = AES_GCM.derived(OLD, "index", 32)
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(b"idNumber\x00110101")
    assert one.blind_index("110101", "idNumber") == f"old.{mac.finalize().hex()}"


# What a sealed value is.


@pytest.mark.parametrize("suite", SUITE_NAMES)
@given(plain=st.text(max_size=60), about=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40))
def test_what_is_sealed_opens_where_it_belongs_and_looks_different_every_time(suite: str, plain: str, about: str) -> None:
    one = sealer(suite)
    first, second = one.seal(plain, about), one.seal(plain, about)
    assert one.open(first, about) == one.open(second, about) == plain
    assert first != second
    assert first.startswith(f"{suite}.old.")
    with pytest.raises(SealBroken):
        one.open(first, f"{about}x")


@pytest.mark.parametrize("suite", SUITE_NAMES)
@given(st.integers(0, 400), st.integers(1, 255))
def test_any_altered_byte_is_noticed(suite: str, place: int, by: int) -> None:
    one = sealer(suite)
    sealed = one.seal("110101199003070011", ABOUT)
    head, _, text = sealed.rpartition(".")
    payload = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    payload[place % len(payload)] ^= by
    with pytest.raises(SealBroken):
        one.open(f"{head}.{base64.urlsafe_b64encode(bytes(payload)).decode().rstrip('=')}", ABOUT)


@pytest.mark.parametrize("bad", ["", "aes", "aes.old", "aes.old.", "aes.old.!!!!", "des.old.AAAA", ".old.AAAA", "110101199003070011"])
def test_what_is_no_sealed_value_does_not_open(bad: str) -> None:
    with pytest.raises(SealBroken):
        sealer().open(bad, ABOUT)


def test_a_suite_cannot_be_renamed() -> None:
    """SM4-GCM and AES-GCM payloads look alike; the name is bound too."""
    sealed = sealer("aes").seal("x", ABOUT)
    with pytest.raises(SealBroken):
        sealer("aes").open(sealed.replace("aes.", "sm.", 1), ABOUT)


def test_both_suites_open_under_one_ring_whichever_is_chosen() -> None:
    aes, sm, smc = sealer("aes"), sealer("sm"), sealer("smc")
    for one in (aes, sm, smc):
        for other in (aes, sm, smc):
            assert other.open(one.seal("值", ABOUT), ABOUT) == "值"
    assert sm.blind_index("v", "f") == smc.blind_index("v", "f") != aes.blind_index("v", "f")
    assert not sm.is_current(aes.seal("x", ABOUT))


# Keys come and go.


def test_after_a_rotation_old_values_open_and_are_known_to_be_old() -> None:
    before = sealer("aes", ("old", OLD))
    after = sealer("aes", ("new", NEW), ("old", OLD))
    sealed = before.seal("110101", ABOUT)
    assert after.open(sealed, ABOUT) == "110101"
    assert (after.is_current(sealed), after.is_current(after.seal("x", ABOUT))) == (False, True)
    assert key_of(sealed) == "old"
    assert before.blind_index("v", "f") in after.look_ups("v", "f")
    assert after.blind_index("v", "f") in after.look_ups("v", "f")
    assert after.blind_index("v", "f") != after.blind_index("v", "g")


def test_a_key_that_is_missing_is_named_and_a_wrong_one_is_told() -> None:
    sealed = sealer("aes", ("old", OLD)).seal("110101", ABOUT)
    with pytest.raises(KeyMissing) as missing:
        sealer("aes", ("new", NEW)).open(sealed, ABOUT)
    assert missing.value.params == {"key": "old"}
    with pytest.raises(SealBroken):
        sealer("aes", ("old", NEW)).open(sealed, ABOUT)


@pytest.mark.parametrize(("keys", "primary"), [({}, "old"), ({"old": OLD}, "new"), ({"old": b"short"}, "old")])
def test_a_ring_has_its_primary_key_and_keys_of_full_length(keys: dict[str, bytes], primary: str) -> None:
    with pytest.raises(ValueError, match="key ring"):
        KeyRing(keys, primary)


def test_a_ring_shows_no_key() -> None:
    assert "01" not in repr(KeyRing({"old": OLD}, "old"))


@pytest.mark.parametrize("suite", [AES_GCM, SM4_GCM, SM4_CTR], ids=lambda suite: suite.name)
def test_keys_for_sealing_and_for_the_index_are_different_ones(suite: Suite) -> None:
    assert suite.derived(OLD, "seal", 16) != suite.derived(OLD, "index", 16)
