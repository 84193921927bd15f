"""The activity certificate as a signed code: what is signed, how the code is written and read, and what a reader may conclude.

Signing itself (Ed25519, RFC 8032) and keys live elsewhere: a `Check` is given. A code holds what a host needs at the door and nothing that
would be a pity to lose with a photograph of it: no ID number, no telephone, no place. It is read offline with the published key; whether it
has been revoked is only known online, and a verdict says which of the two it was.

Code: `BLC1.<claims>.<signature>`, both base64url without padding (RFC 4648 §5). Claims are JSON with sorted keys and no spaces, UTF-8; a
reader writes them again and compares, so that there is one code for one certificate.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ..mobility import ActivityCertificate
from ..mobilityrules import MobilityRules
from .declined import Declined, declined
from .months import next_period_end

PREFIX = "BLC1"
LONGEST_CODE = 997  # bytes a QR code of version 25 at level M holds (ISO/IEC 18004); phones still read that from a screen
Check = Callable[[str, bytes, bytes], bool | None]  # (key id, message, signature) → right or wrong; None: the key is not known


@dataclass(frozen=True, slots=True)
class CertificateClaims:
    """What is signed. `checked_on`: the last annual check, so that a code is made anew with every check."""

    number: str
    member_name: str
    home_branch_code: str
    home_branch_name: str
    issued_on: date
    key_id: str
    valid_until: date | None = None
    checked_on: date | None = None

    def canonical(self) -> bytes:
        """The bytes that are signed, with the format's name in them: a signature for one purpose is none for another."""
        shape = {
            "typ": PREFIX,
            "no": self.number,
            "nm": self.member_name,
            "bc": self.home_branch_code,
            "bn": self.home_branch_name,
            "iat": self.issued_on.isoformat(),
            "kid": self.key_id,
            "exp": _iso(self.valid_until),
            "chk": _iso(self.checked_on),
        }
        return json.dumps(shape, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def claims_of(
    certificate: ActivityCertificate, member_name: str, home_branch_code: str, home_branch_name: str, key_id: str
) -> CertificateClaims:
    return CertificateClaims(
        certificate.number,
        member_name,
        home_branch_code,
        home_branch_name,
        certificate.issued_on,
        key_id,
        certificate.valid_until,
        certificate.checked_on,
    )


def code_of(claims: CertificateClaims, signature: bytes) -> str:
    return ".".join((PREFIX, _encoded(claims.canonical()), _encoded(signature)))


def read_code(code: str) -> tuple[CertificateClaims, bytes] | Declined:
    """Claims and signature, unverified. Declined: certificateUnreadable, whatever is wrong – also a spelling that is not canonical."""
    parts = code.strip().split(".")
    if len(code) > LONGEST_CODE or len(parts) != 3 or parts[0] != PREFIX:
        return declined("certificateUnreadable")
    try:
        message, signature = _decoded(parts[1]), _decoded(parts[2])
        claims = _claims(json.loads(message))
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        return declined("certificateUnreadable")
    if claims.canonical() != message or code_of(claims, signature) != code.strip():
        return declined("certificateUnreadable")
    return claims, signature


class Verdict(StrEnum):
    """What a reader may conclude, in the order in which it is looked for."""

    FORGED = "forged"
    UNKNOWN_KEY = "unknownKey"
    REVOKED = "revoked"
    NOT_YET = "notYet"
    EXPIRED = "expired"
    CHECK_OVERDUE = "checkOverdue"
    VALID = "valid"


@dataclass(frozen=True, slots=True)
class Verification:
    """`asked_online` False: whether it was revoked is not known. `acceptable`: a member is taken in on it.

    An overdue check is the home branch's omission and no reason to send a member away; it is shown.
    """

    verdict: Verdict
    asked_online: bool
    claims: CertificateClaims

    @property
    def acceptable(self) -> bool:
        return self.verdict in (Verdict.VALID, Verdict.CHECK_OVERDUE)

    def sentence(self, locale: str) -> str:
        zh, en = VERDICT_SENTENCES[self.verdict]
        offline = ("未联网核对是否已撤销。", " Not asked online whether it was revoked.") if not self.asked_online else ("", "")
        return zh + offline[0] if locale == "zh" else en + offline[1]


def verify(code: str, check: Check, rules: MobilityRules, today: date, revoked: Collection[str] | None = None) -> Verification | Declined:
    """`revoked`: numbers of revoked certificates; None offline. Declined only if the code cannot be read at all."""
    read = read_code(code)
    if isinstance(read, Declined):
        return read
    claims, signature = read
    right = check(claims.key_id, claims.canonical(), signature)
    return Verification(_verdict(claims, right, rules, today, revoked or ()), revoked is not None, claims)


def _verdict(claims: CertificateClaims, right: bool | None, rules: MobilityRules, today: date, revoked: Collection[str]) -> Verdict:
    if right is None:
        return Verdict.UNKNOWN_KEY
    if not right:
        return Verdict.FORGED
    if claims.number in revoked:
        return Verdict.REVOKED
    if today < claims.issued_on:
        return Verdict.NOT_YET
    if claims.valid_until is not None and today > claims.valid_until:
        return Verdict.EXPIRED
    last = max(claims.issued_on, claims.checked_on or claims.issued_on)
    overdue = rules.annual_check_months and today > next_period_end(last, rules.annual_check_months)
    return Verdict.CHECK_OVERDUE if overdue else Verdict.VALID


def _claims(shape: Any) -> CertificateClaims:
    if not isinstance(shape, dict) or shape["typ"] != PREFIX:
        raise ValueError("another kind of code")
    texts = [shape[key] for key in ("no", "nm", "bc", "bn", "kid")]
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError("a text is missing")
    number, name, branch_code, branch_name, key_id = texts
    exp, chk = (None if shape[key] is None else date.fromisoformat(shape[key]) for key in ("exp", "chk"))
    return CertificateClaims(number, name, branch_code, branch_name, date.fromisoformat(shape["iat"]), key_id, exp, chk)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


VERDICT_SENTENCES: dict[Verdict, tuple[str, str]] = {
    Verdict.FORGED: ("签名不符，此二维码不可信，请与其支部联系。", "The signature is wrong: do not trust this code, ask the home branch."),
    Verdict.UNKNOWN_KEY: (
        "不认识签发密钥，请更新公钥或联网核对。",
        "The key it was signed with is not known here. Update the published keys or ask online.",
    ),
    Verdict.REVOKED: ("此活动证已撤销，请与其支部联系。", "This certificate has been revoked. Ask the home branch."),
    Verdict.NOT_YET: ("此活动证尚未生效，请核对日期。", "This certificate is dated after today. Check the date."),
    Verdict.EXPIRED: ("此活动证已过期，请其支部重新签发。", "This certificate has expired. Ask the home branch for a new one."),
    Verdict.CHECK_OVERDUE: (
        "活动证真实有效，但年度查验已逾期，请提醒其支部。",
        "The certificate is genuine, but its annual check is overdue. Remind the home branch.",
    ),
    Verdict.VALID: ("活动证真实有效。", "The certificate is genuine and valid."),
}
