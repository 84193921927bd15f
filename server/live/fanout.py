"""Room events out to the sockets: who is told what, in order. It knows socket ids and JSON; it decides nothing about rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from rooms.events import Event, PeerLeft, WaitingLeft, plain
from rooms.snapshot import place_of, shape, snapshot, told
from rooms.state import RoomState

Json = dict[str, Any]


class Loudspeaker(Protocol):
    """How a message reaches one socket; python-socketio's server behind it."""

    async def emit(self, name: str, body: Json, sid: str) -> None: ...

    async def hang_up(self, sid: str) -> None: ...


class Fanout:
    """`sids`: peer → socket. Kept by the room's own bookkeeping; a peer without a socket (in its grace) is passed over."""

    def __init__(self, loudspeaker: Loudspeaker, sids: dict[str, str]) -> None:
        self._loudspeaker = loudspeaker
        self._sids = sids

    async def tell(self, state: RoomState, events: Sequence[Event]) -> None:
        """Send each viewer the events it may see as one message `events`, or a fresh `snapshot` where one is due."""
        renewed = {peer for event in events for peer in event.renews}
        gone = {event.what.peer_id: _why(event.what) for event in events if isinstance(event.what, PeerLeft | WaitingLeft)}
        for peer, sid in list(self._sids.items()):
            place = place_of(state, peer)
            if place == "outside":
                if peer in gone:
                    await self._loudspeaker.emit("left", {"reason": gone[peer]}, sid)
            elif peer in renewed:
                await self._loudspeaker.emit("snapshot", shape(snapshot(state, peer)), sid)
            else:
                seen = [_wire(event) for event in events if told(event, peer, place)]
                if seen:
                    await self._loudspeaker.emit("events", {"events": seen}, sid)

    async def say(self, name: str, body: Json, peers: Iterable[str] | None = None) -> None:
        """One message to some peers, or to everybody with a socket."""
        for peer in list(self._sids) if peers is None else peers:
            if peer in self._sids:
                await self._loudspeaker.emit(name, body, self._sids[peer])


def _why(what: PeerLeft | WaitingLeft) -> str:
    if isinstance(what, PeerLeft):
        return what.reason
    return {"refused": "refused", "ended": "meetingEnded"}.get(what.outcome, "left")


def _wire(event: Event) -> Json:
    body: Json = plain(event.what)
    return {"revision": event.revision, **body}
