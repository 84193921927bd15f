"""One socket's visit: who is behind it, and which peer of which room it is, once it has joined."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from server.live.live_room import LiveRoom
from server.live.ports import Visitor
from server.live.refusals import ShellRefused
from server.live.selftest import SelfTest
from server.signalling.limits import Bucket


@dataclass(slots=True)
class Visit:
    """`socket`: Engine.IO's own, of which only `last_ping` is read. `heard_at`: monotonic seconds of the last sign of life."""

    sid: str
    visitor: Visitor
    socket: Any
    heard_at: float
    room: LiveRoom | None = None
    peer_id: str | None = None
    test: SelfTest | None = None
    joining: asyncio.Lock = field(default_factory=asyncio.Lock)  # one socket is one peer: joins take turns
    buckets: dict[str, Bucket] = field(default_factory=dict)

    @property
    def owes_pong(self) -> bool:
        """Engine.IO clears `last_ping` when the pong has come: without one outstanding the socket answered the last ping."""
        return self.socket is not None and self.socket.last_ping is not None

    def heard(self, monotonic: float) -> None:
        self.heard_at = monotonic
        if self.room is not None and self.peer_id is not None:
            self.room.heard(self.peer_id)

    def joined(self) -> tuple[LiveRoom, str]:
        """The room and the peer; refuses a socket that has not joined, or whose peer has left."""
        if self.room is None or self.peer_id is None or self.peer_id not in self.room.desks:
            raise ShellRefused("notJoined")
        return self.room, self.peer_id

    def testing(self) -> SelfTest:
        """The connection test that was begun on this socket; refuses when there is none, or it is over."""
        if self.test is None or self.test.over:
            raise ShellRefused("notTesting")
        return self.test
