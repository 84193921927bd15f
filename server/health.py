"""Whether new people should be sent here: the store and the media worker answer. Redis may be away without harm."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

Health = Callable[[], dict[str, bool]]
HEALTH: web.AppKey[Health] = web.AppKey("health")


def readiness(*, store: bool, parts: dict[str, bool]) -> tuple[int, dict[str, bool]]:
    """(status, what is said of each part)"""
    well = store and all(parts.values())
    return (200 if well else 503), {"ok": well, "store": store, **parts}
