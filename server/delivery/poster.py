"""Posting a webhook: signed, to a public address over https, without following anybody's redirects.

The signature is HMAC-SHA256 with the endpoint's secret over "<t>.<body>"; `t` are the seconds at which it was made, so that a copy sent
later is found out. Names are looked up here and every address is checked before a connection is made to it, so that no endpoint can make
the installation ask its own inside. What an endpoint answers is not kept: only its status.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from ledger.actions.delivering import Outcome, Tried
from ledger.delivery import Delivery

TIMEOUT = aiohttp.ClientTimeout(total=15.0)
GONE = 410  # the endpoint says that it is no more
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(OSError):
    """The name leads to an address that webhooks do not go to."""


def signature(secret: str, at: int, body: str) -> str:
    """The value of X-Branchline-Signature."""
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def is_public(address: str) -> bool:
    """Whether anybody may be there: not this machine, not this network, not a neighbour's, in whatever spelling."""
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
        ip = inner if inner is not None else ip
    return ip.is_global and not ip.is_multicast


class GuardedResolver(AbstractResolver):
    def __init__(self, private: bool, inner: AbstractResolver | None = None) -> None:
        self._private = private
        self._inner = inner or ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = found if self._private else [one for one in found if is_public(one["host"])]
        if not allowed:
            raise AddressRefused
        return allowed

    async def close(self) -> None:
        await self._inner.close()


class Poster:
    """`private`: loopback and private addresses, and plain http, are allowed."""

    def __init__(self, private: bool, resolver: AbstractResolver | None = None) -> None:
        self._private = private
        self._resolver = resolver
        self._http: aiohttp.ClientSession | None = None

    async def post(self, delivery: Delivery, url: str, secret: str, now: float) -> Tried:
        try:
            if not self._allowed(url):
                return Tried(delivery, Outcome.AGAIN, "address refused")
            status = await self._ask(delivery, url, secret, int(now))
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as trouble:
            return Tried(delivery, Outcome.AGAIN, _name(trouble))
        if 200 <= status < 300:
            return Tried(delivery, Outcome.SENT, f"http {status}")
        return Tried(delivery, Outcome.NEVER if status == GONE else Outcome.AGAIN, f"http {status}")

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _ask(self, delivery: Delivery, url: str, secret: str, at: int) -> int:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Branchline-Webhook/1",
            "X-Branchline-Event": delivery.subject,
            "X-Branchline-Delivery": delivery.delivery_id,
            "X-Branchline-Signature": signature(secret, at, delivery.body),
        }
        if self._http is None:
            connector = aiohttp.TCPConnector(resolver=GuardedResolver(self._private, self._resolver), use_dns_cache=False)
            self._http = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        async with self._http.post(url, data=delivery.body.encode(), headers=headers, allow_redirects=False) as answer:
            return answer.status

    def _allowed(self, url: str) -> bool:
        """A bare address is never looked up, so it is checked here."""
        if self._private:
            return True
        parts = urlsplit(url)
        try:
            return parts.scheme == "https" and is_public(parts.hostname or "")
        except ValueError:
            return parts.scheme == "https"  # a name: the resolver decides


def _name(trouble: BaseException) -> str:
    cause: Any = trouble
    while cause is not None:
        if isinstance(cause, AddressRefused) or isinstance(getattr(cause, "os_error", None), AddressRefused):
            return "address refused"
        cause = cause.__cause__ or cause.__context__
    return type(trouble).__name__
