"""The certificate's code: signed with real Ed25519 keys, forged in every way, read offline and online."""

import json
from dataclasses import replace
from datetime import date

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.mobility import ActivityCertificate, AnnualCheck
from ledger.mobilityrules import DEFAULT
from ledger.rules.certificate import (
    LONGEST_CODE,
    CertificateClaims,
    Verdict,
    Verification,
    _encoded,
    claims_of,
    code_of,
    read_code,
    verify,
)
from tests.ledger.rules.mobile import code as refused
from tests.ledger.rules.mobile import done

KEY, OTHER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32), Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
CERTIFICATE = ActivityCertificate("L-0001", "li", "r1", date(2026, 3, 1), "home-branch", date(2028, 12, 31))
CLAIMS = claims_of(CERTIFICATE, "李华", "B001", "第一支部", "k1")
TODAY = date(2026, 6, 1)


def check(key_id: str, message: bytes, signature: bytes) -> bool | None:
    if key_id != "k1":
        return None
    try:
        KEY.public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed(claims: CertificateClaims = CLAIMS, key: Ed25519PrivateKey = KEY) -> str:
    return code_of(claims, key.sign(claims.canonical()))


def verdict(code: str, today: date = TODAY, revoked: set[str] | None = None) -> Verification:
    return done(verify(code, check, DEFAULT, today, revoked))


def test_what_is_signed_is_these_bytes() -> None:
    assert CLAIMS.canonical().decode() == (
        '{"bc":"B001","bn":"第一支部","chk":null,"exp":"2028-12-31","iat":"2026-03-01","kid":"k1","nm":"李华","no":"L-0001","typ":"BLC1"}'
    )


def test_a_code_is_read_offline_and_online_and_says_which() -> None:
    offline, online = verdict(signed()), verdict(signed(), revoked=set())
    assert (offline.verdict, offline.asked_online, offline.claims) == (Verdict.VALID, False, CLAIMS)
    assert (online.verdict, online.asked_online) == (Verdict.VALID, True)
    assert offline.sentence("en") == "The certificate is genuine and valid. Not asked online whether it was revoked."
    assert online.sentence("zh") == "活动证真实有效。"


def test_a_code_fits_on_a_screen() -> None:
    assert len(signed(replace(CLAIMS, home_branch_name="某" * 60, member_name="名" * 20))) < LONGEST_CODE


@pytest.mark.parametrize(
    ("claims", "today", "revoked", "expected", "acceptable"),
    [
        (CLAIMS, TODAY, {"L-0001"}, Verdict.REVOKED, False),
        (CLAIMS, TODAY, {"L-0002"}, Verdict.VALID, True),
        (CLAIMS, date(2026, 2, 28), None, Verdict.NOT_YET, False),
        (CLAIMS, date(2027, 12, 31), None, Verdict.VALID, True),
        (CLAIMS, date(2028, 1, 1), None, Verdict.CHECK_OVERDUE, True),
        (replace(CLAIMS, checked_on=date(2027, 3, 1)), date(2028, 1, 1), None, Verdict.VALID, True),
        (CLAIMS, date(2029, 1, 1), None, Verdict.EXPIRED, False),
        (replace(CLAIMS, key_id="k9"), TODAY, None, Verdict.UNKNOWN_KEY, False),
    ],
)
def test_verdicts(claims: CertificateClaims, today: date, revoked: set[str] | None, expected: Verdict, acceptable: bool) -> None:
    found = verdict(signed(claims), today, revoked)
    assert (found.verdict, found.acceptable) == (expected, acceptable)


def test_forged_codes_are_seen() -> None:
    signature = KEY.sign(CLAIMS.canonical())
    renamed = code_of(replace(CLAIMS, member_name="王五"), signature)
    flipped = code_of(CLAIMS, bytes([signature[0] ^ 1]) + signature[1:])
    codes = [renamed, flipped, signed(key=OTHER), code_of(CLAIMS, b""), code_of(replace(CLAIMS, valid_until=None), signature)]
    assert [verdict(code, revoked={"L-0001"}).verdict for code in codes] == [Verdict.FORGED] * 5


@pytest.mark.parametrize(
    "shape",
    [
        [],
        {},
        {"typ": "BLC1"},
        json.loads(CLAIMS.canonical()) | {"typ": "BLC2"},
        json.loads(CLAIMS.canonical()) | {"nm": ""},
        json.loads(CLAIMS.canonical()) | {"no": 7},
        json.loads(CLAIMS.canonical()) | {"iat": "yesterday"},
        json.loads(CLAIMS.canonical()) | {"iat": "20260301"},
        json.loads(CLAIMS.canonical()) | {"extra": "1"},
    ],
)
def test_claims_of_another_shape_are_unreadable(shape: object) -> None:
    message = json.dumps(shape, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert refused(read_code(f"BLC1.{_encoded(message)}.{_encoded(KEY.sign(message))}")) == "certificateUnreadable"


@pytest.mark.parametrize("code", ["", "BLC1", "BLC1..", "BLC2." + "a.b", "BLC1.!.!", "https://example.org/", "BLC1.é.é", "a" * 5000])
def test_anything_else_is_unreadable(code: str) -> None:
    assert refused(verify(code, check, DEFAULT, TODAY)) == "certificateUnreadable"


def test_there_is_one_code_for_one_certificate() -> None:
    prefix, claims, signature = signed().split(".")
    spaced = json.dumps(json.loads(CLAIMS.canonical())).encode()
    for other in (f"{prefix}.{_encoded(spaced)}.{signature}", f"{prefix}.{claims}=.{signature}", f"{prefix}.{claims}.{signature}=="):
        assert refused(read_code(other)) == "certificateUnreadable"


def test_the_last_check_is_the_one_that_counts() -> None:
    checks = tuple(AnnualCheck("L-0001", year, date(year, 1, 9), "wang") for year in (2028, 2027))
    assert claims_of(replace(CERTIFICATE, checks=checks), "李华", "B001", "第一支部", "k1").checked_on == date(2028, 1, 9)
