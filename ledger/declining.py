"""A rule's `Declined` as a refusal: actions raise it, the shell answers it by the rule's own code and sentence."""

from __future__ import annotations

from typing import TypeVar

from .refusals import Conflict, Forbidden, Invalid, Refusal
from .rules.declined import Declined, Family

T = TypeVar("T")
_FAMILIES: dict[Family, type[Refusal]] = {Family.CONFLICT: Conflict, Family.INVALID: Invalid, Family.FORBIDDEN: Forbidden}


def refusal_of(found: Declined) -> Refusal:
    """Of the family's class, so that whoever catches a conflict catches this one; the code is the rule's."""
    refusal = _FAMILIES[found.family](**dict(found.params))
    refusal.code = found.code
    return refusal


def accepted(found: T | Declined) -> T:
    """What the rule made of it. Raises the refusal where it declined."""
    if isinstance(found, Declined):
        raise refusal_of(found)
    return found
