"""What parts of a running server say about themselves, for /readyz: a name and whether it answers."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

Health = Callable[[], dict[str, bool]]
HEALTH: web.AppKey[Health] = web.AppKey("health")
