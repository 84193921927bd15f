"""Passwords: hashed with argon2id off the event loop, compared without telling whether anybody has the name.

Parameters are OWASP's minimum for argon2id (19 MiB, 2 passes, 1 lane; about 20 ms). A one-time password is 80 random bits, which nobody
guesses however fast the hash is: it gets a light hash, so that an import of 10,000 accounts does not take minutes; it must be changed at
the first log-in, and then gets a full one.
"""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from .refusals import PasswordIsUsername, PasswordTooLong, PasswordTooShort

MINIMUM = 10
MAXIMUM = 200
FULL = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.ID)
_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without l, i, o, 0, 1: it is read from paper


def check_strength(username: str, password: str) -> None:
    if len(password) < MINIMUM:
        raise PasswordTooShort(minimum=MINIMUM)
    if len(password) > MAXIMUM:
        raise PasswordTooLong(maximum=MAXIMUM)
    if password.casefold() == username.casefold():
        raise PasswordIsUsername


def one_time_password() -> str:
    """Four groups of four of 31 signs: 79 bits."""
    signs = [secrets.choice(_ONE_TIME_ALPHABET) for _ in range(16)]
    return "-".join("".join(signs[start : start + 4]) for start in range(0, 16, 4))


async def hashed(password: str) -> str:
    return await asyncio.to_thread(FULL.hash, password)


async def hashed_one_time(passwords: list[str]) -> list[str]:
    return await asyncio.to_thread(lambda: [LIGHT.hash(password) for password in passwords])


async def matches(password: str, password_hash: str | None) -> bool:
    """None: there is no such account. Takes the same time whether there is one, and whichever hash it has."""
    return await asyncio.to_thread(_matches, password, password_hash)


def _matches(password: str, password_hash: str | None) -> bool:
    password = password[: MAXIMUM + 1]  # an over-long one is wrong, and must not cost more than another
    if password_hash is None or not _is_full(password_hash):
        _verify(password, _nobody())
    return password_hash is not None and _verify(password, password_hash)


def _verify(password: str, password_hash: str) -> bool:
    try:
        return FULL.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _is_full(password_hash: str) -> bool:
    return f"m={FULL.memory_cost},t={FULL.time_cost}," in password_hash


@cache
def _nobody() -> str:
    """A full hash of something nobody knows: what unknown user names are compared with."""
    return FULL.hash(secrets.token_hex(16))
