"""The bell of open pages: a notification reaches its member's sockets the moment it is kept. It knows members and JSON; what a line says
is made elsewhere, and nobody waits for it – a page without a socket asks for the number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from ledger.notifying import Notification
from server.live.fanout import Loudspeaker

Json = dict[str, Any]
MOST_LINES = 3  # of one moment to one member: more is a number, not a sentence
log = structlog.get_logger(__name__)


def room_of(member_id: str) -> str:
    """The Socket.IO room of all sockets of a member, on every node."""
    return f"member:{member_id}"


class Bell:
    """`line`: a notification as the page shows it, None for a kind that nobody knows."""

    def __init__(self, speaker: Loudspeaker, line: Callable[[Notification], Json | None]) -> None:
        self._speaker = speaker
        self._line = line
        self._ringing: set[asyncio.Task[None]] = set()

    def ring(self, news: Sequence[Notification]) -> None:
        """`OnTold` of a store."""
        task = asyncio.create_task(self._tell(news))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def settled(self) -> None:
        await asyncio.gather(*self._ringing)

    async def _tell(self, news: Sequence[Notification]) -> None:
        lines: dict[str, list[Json]] = {}
        for one in news:
            line = self._line(one)
            if line is not None:
                lines.setdefault(one.recipient_member_id, []).append(line)
        try:
            for member_id, told in lines.items():
                body = {"notifications": told[:MOST_LINES], "more": len(told[MOST_LINES:])}
                await self._speaker.emit("notified", body, room_of(member_id))
        except Exception as trouble:  # the message queue between nodes may be away: the pages ask by themselves
            log.warning("bell_silent", error=repr(trouble))
