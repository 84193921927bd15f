"""The citizen identity number (GB 11643-1999): its parts, its check digit, and how it is shown. Pure; says nothing about whose it is.

Eighteen signs: six of the area, eight of the day of birth, three of a sequence (odd: male), one check digit after ISO 7064 MOD 11-2, which
may be X. No area begins with 0; numbers of the area 000000 are therefore nobody's, and serve demonstrations.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"
EARLIEST = date(1900, 1, 1)
DEMO_AREA = "000000"
FIRST_DIGITS = "12345678"  # of the regions; 9 is used by permanent residence cards


@dataclass(frozen=True, slots=True)
class IdNumber:
    """`text`: eighteen signs, X in capitals. `demo`: of the area that nobody lives in."""

    text: str
    born_on: date
    sex: str
    demo: bool


def read_id_number(text: str, today: date) -> IdNumber | None:
    """None for what is no such number: wrong length, area, day or check digit, or a birth that is yet to come."""
    plain = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
    demo = plain.startswith(DEMO_AREA)
    if not _SHAPE.fullmatch(plain) or not (demo or plain[0] in FIRST_DIGITS) or check_digit(plain[:17]) != plain[17]:
        return None
    try:
        born_on = date(int(plain[6:10]), int(plain[10:12]), int(plain[12:14]))
    except ValueError:
        return None
    if not EARLIEST <= born_on <= today:
        return None
    return IdNumber(plain, born_on, "male" if int(plain[16]) % 2 else "female", demo)


def check_digit(seventeen: str) -> str:
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seventeen, strict=True)) % 11]


def masked_id_number(text: str) -> str:
    """110***********001X: enough to tell two members apart, not enough to use."""
    return f"{text[:3]}***********{text[-4:]}"


def demo_id_number(born_on: date, sequence: int, sex: str) -> str:
    """A number with a right check digit that is nobody's. `sequence` below 500."""
    odd = 2 * sequence + (sex == "male")
    seventeen = f"{DEMO_AREA}{born_on:%Y%m%d}{odd:03d}"
    return seventeen + check_digit(seventeen)
