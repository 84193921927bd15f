"""Media from an address that has not passed a check: whose it is, when an address has changed on the way.

A router that forgot, or another network, gives a client another address in the middle of a conversation, and browsers check theirs only
every two and a half seconds. What is authentic and new may come from wherever it likes (as in QUIC, RFC 9000 §9.3), so what the client
sends has no gap; nothing is sent to such an address before a check has come from it, and the client is told to make one.

It decides to whom a stranger's packet may belong, by its SSRC; keys decide whether it does. It must never know sockets or ICE.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from media.rtp import is_rtcp
from media.transport import Transport

#: Packets of strangers that are looked at in 25 ms: more than one client that moved sends, and no work for a flood.
MAX_TRIES: Final = 16
#: A client is told again after so long.
TOLD_SECONDS: Final = 1.0


class Strays:
    def __init__(self) -> None:
        self._tries = 0
        self._told_at: dict[str, float] = {}  # by transport

    def owner(self, data: bytes, transports: Iterable[Transport]) -> Transport | None:
        """The one transport whose key may open this packet."""
        if self._tries >= MAX_TRIES or len(data) < 12 or is_rtcp(data):
            return None
        self._tries += 1
        ssrc = int.from_bytes(data[8:12], "big")
        return next((one for one in transports if ssrc in one.streams and one.inbound is not None), None)

    def is_news(self, transport: Transport, now: float) -> bool:
        """Whether its client should be told now that it has moved."""
        if now - self._told_at.get(transport.id, -TOLD_SECONDS) < TOLD_SECONDS:
            return False
        self._told_at[transport.id] = now
        return True

    def forget(self, transport: Transport) -> None:
        self._told_at.pop(transport.id, None)

    def renew(self) -> None:
        """Every 25 ms."""
        self._tries = 0
