"""The value of a field that a change does not touch; None is taken, it clears a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any


class Keep(Enum):
    KEEP = "keep"


KEEP = Keep.KEEP


def changed_fields(command: Any, without: frozenset[str]) -> Mapping[str, Any]:
    """Field name → new value, of those fields of a command that are not kept."""
    values = {one.name: getattr(command, one.name) for one in fields(command) if one.name not in without}
    return {name: value for name, value in values.items() if value is not KEEP}
