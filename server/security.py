"""The headers that keep a browser's page to itself: where scripts, media and connections may come from, and who may use the camera."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from server.house import HOUSE
from server.settings import Settings

#: Only the page itself may use the devices; everything a meeting does not need is switched off.
PERMISSIONS = (
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), screen-wake-lock=(self), "
    "geolocation=(), payment=(), usb=(), serial=(), midi=()"
)
YEAR = 31_536_000


def policy(settings: Settings, host: str) -> str:
    """Content-Security-Policy. `ws(s)://host` stands beside 'self' because Safari before 15.4 does not count it in."""
    hosts = sorted({host} | settings.origins)
    sockets = [f"{scheme}://{one}" for one in hosts for scheme in ("ws", "wss")]
    nodes = [url for url in settings.node_urls if urlsplit(url).netloc]
    connections = " ".join(("'self'", *nodes, *sockets))
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob: data:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            f"connect-src {connections}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Signal `on_response_prepare`: every answer, the files of the client and the refusals too."""
    settings = request.app[HOUSE].settings
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy(settings, request.host))
    headers["Permissions-Policy"] = PERMISSIONS
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if settings.secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    headers.popall("Server", None)
