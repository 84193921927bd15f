"""What `update` may change, by kind of thing: known keys, their types and bounds, and how a wish grows by what is added to it.

It decides what is well formed, for the worker and for the twin in memory alike. It must never know what a change does.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from media.plane import PlaneError

Json = dict[str, Any]
Kind = Literal["producer", "consumer", "transport"]

#: No screen is taller; a number beyond is a mistake of whoever counts pixels.
MAX_TILE: Final = 16_384
MAX_PICTURES: Final = 400
#: Who has wished nothing gets all that the path allows.
NO_WISH: Final[Json] = {"tile": MAX_TILE, "visible": True, "pinned": False, "screen": False, "moderator": False, "floor": False}


def checked(kind: Kind, changes: object) -> Json:
    """The changes, or PlaneError("invalid_parameters") when one is unknown or ill-formed; then none is made."""
    if not isinstance(changes, dict):
        raise PlaneError("invalid_parameters", "changes")
    for key, value in changes.items():
        if not _fits(kind, key, value):
            raise PlaneError("invalid_parameters", str(key)[:64])
    return changes


def _fits(kind: Kind, key: object, value: object) -> bool:
    if key == "paused" and kind != "transport":
        return isinstance(value, bool)
    if key == "keyframe" and kind == "consumer":
        return value is True
    if key == "wish" and kind == "consumer":
        return isinstance(value, dict) and all(_wished(*entry) for entry in value.items())
    if key == "lastN" and kind == "transport":
        return value is None or _integer(value, MAX_PICTURES)
    return False


def _wished(key: object, value: object) -> bool:
    if key == "tile":
        return _integer(value, MAX_TILE)
    return key in NO_WISH and isinstance(value, bool)


def _integer(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
