"""The conductor: what a room event means for the media plane, and what a peer may ask of the plane. One of the two translators.

It speaks to the plane in ids only. A plane that is gone (its worker died) never stops the room: closing and pausing what no longer
exists is no error, and what a peer asks for meanwhile is refused with `mediaAway`.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Literal

import structlog

from media.plane import MediaPlane, PlaneError
from rooms import events as e
from rooms.state import RoomState
from server.live import wishes
from server.live.desk import ConsumerDesk, PeerDesk
from server.live.refusals import ShellRefused

Json = dict[str, Any]
log = structlog.get_logger(__name__)
MOST_CONSUMERS = 400  # per peer: 200 people heard and seen


def fresh_id() -> str:
    return secrets.token_urlsafe(12)


async def asked(call: Awaitable[Json]) -> Json:
    """Do something a peer asked for; what the plane refuses is the peer's refusal."""
    try:
        return await call
    except PlaneError as trouble:
        code = "mediaAway" if trouble.code == "worker_gone" else "mediaRefused"
        raise ShellRefused(code, detail=trouble.code) from trouble


async def done(call: Awaitable[Json]) -> None:
    """Do something the room has decided; nobody is to hear of it when the plane cannot."""
    try:
        await call
    except PlaneError as trouble:
        log.warning("plane_refused", code=trouble.code)
    except Exception as bug:  # the room has decided: it must be told and recorded whatever becomes of the media
        log.error("plane_failed", error=repr(bug))


class Conductor:
    """The media of one room. `desks`: peer → what is kept about it; `state`: the room as it is now."""

    def __init__(self, plane: MediaPlane, router_id: str, desks: dict[str, PeerDesk], state: Callable[[], RoomState]) -> None:
        self._plane = plane
        self._router_id = router_id
        self._desks = desks
        self._state = state
        self.capabilities: Json | None = None

    @property
    def is_open(self) -> bool:
        return self.capabilities is not None

    async def open(self) -> None:
        """Make the room's router; without a worker the room runs on, silent, until one is ready."""
        try:
            self.capabilities = (await self._plane.open_router(self._router_id))["rtpCapabilities"]
        except PlaneError as trouble:
            log.error("router_not_opened", code=trouble.code)
            self.capabilities = None

    def lost(self) -> None:
        """The worker is gone, and the router with it."""
        self.capabilities = None

    async def close(self) -> None:
        await done(self._plane.close(self._router_id))

    async def perform(self, events: Sequence[e.Event]) -> None:
        """Carry out on the plane what the room has decided."""
        for event in events:
            what = event.what
            if isinstance(what, e.ProducerPausedSet):
                await done(self._plane.update(what.producer_id, {"paused": what.paused}))
            elif isinstance(what, e.ProducerRemoved):
                await done(self._plane.close(what.producer_id))
            elif isinstance(what, e.PeerLeft) and what.peer_id in self._desks:
                await self.drop_transports(self._desks[what.peer_id])
        if wishes.moves_standings(events):
            await self._wish([consumer for desk in self._desks.values() for consumer in desk.consumers.values()])

    async def drop_transports(self, desk: PeerDesk) -> None:
        for transport_id in desk.transports.values():
            await done(self._plane.close(transport_id))
        desk.transports.clear()
        desk.consumers.clear()

    async def create_transport(self, desk: PeerDesk, direction: Literal["send", "recv"]) -> Json:
        """A second transport of the same direction replaces the first: the client has started anew."""
        if direction in desk.transports:
            await done(self._plane.close(desk.transports.pop(direction)))
        transport_id = fresh_id()
        answer = await asked(self._plane.create_transport(self._router_id, transport_id, direction))
        if desk.peer_id not in self._desks:  # the peer left while the plane was working
            await done(self._plane.close(transport_id))
            raise ShellRefused("notJoined")
        desk.transports[direction] = transport_id
        if direction == "recv" and desk.last_n is not None:
            await done(self._plane.update(transport_id, {"lastN": desk.last_n}))
        return answer

    async def connect_transport(self, desk: PeerDesk, transport_id: str, dtls_parameters: Json) -> Json:
        self._own(desk, transport_id)
        return await asked(self._plane.connect_transport(transport_id, dtls_parameters))

    async def restart_ice(self, desk: PeerDesk, transport_id: str) -> Json:
        self._own(desk, transport_id)
        return await asked(self._plane.restart_ice(transport_id))

    async def produce(
        self, desk: PeerDesk, transport_id: str, producer_id: str, kind: Literal["audio", "video"], rtp_parameters: Json, paused: bool
    ) -> None:
        self._own(desk, transport_id)
        await asked(self._plane.produce(transport_id, producer_id, kind, rtp_parameters, paused))

    async def consume(self, desk: PeerDesk, transport_id: str, producer_id: str, rtp_capabilities: Json) -> Json:
        self._own(desk, transport_id)
        if len(desk.consumers) >= MOST_CONSUMERS:
            raise ShellRefused("mediaRefused", detail="limit")
        consumer_id = fresh_id()
        answer = await asked(self._plane.consume(transport_id, consumer_id, producer_id, rtp_capabilities, True))
        consumer = desk.consumers[consumer_id] = ConsumerDesk(consumer_id, producer_id, answer["kind"])
        await self._wish([consumer])
        keys = ("producerId", "kind", "rtpParameters", "producerPaused")
        return {"consumerId": consumer_id} | {key: answer[key] for key in keys}

    async def pause_consumer(self, desk: PeerDesk, consumer_id: str, paused: bool) -> Json:
        self._own_consumer(desk, consumer_id)
        return await asked(self._plane.update(consumer_id, {"paused": paused}))

    async def close_consumer(self, desk: PeerDesk, consumer_id: str) -> Json:
        self._own_consumer(desk, consumer_id)
        del desk.consumers[consumer_id]
        return await asked(self._plane.close(consumer_id))

    async def set_wishes(self, desk: PeerDesk, tiles: Sequence[Json], last_n: int | None) -> Json:
        """What the peer's page shows, and how large. Tiles of consumers that are gone are passed over: pages and rooms change at once."""
        await self._wish(wishes.take(desk, tiles))
        if desk.last_n != last_n and "recv" in desk.transports:
            await asked(self._plane.update(desk.transports["recv"], {"lastN": last_n}))
        desk.last_n = last_n
        return {}

    async def _wish(self, consumers: Iterable[ConsumerDesk]) -> None:
        standings = wishes.standings(self._state())
        for consumer in consumers:
            fresh = wishes.due(consumer, standings.get(consumer.producer_id))
            if fresh:
                await done(self._plane.update(consumer.consumer_id, {"wish": fresh}))

    async def discard(self, producer_id: str) -> None:
        """A producer the room did not take after all."""
        await done(self._plane.close(producer_id))

    def _own(self, desk: PeerDesk, transport_id: str) -> None:
        if not desk.owns_transport(transport_id):
            raise ShellRefused("mediaRefused", detail="unknown_id")

    def _own_consumer(self, desk: PeerDesk, consumer_id: str) -> None:
        if consumer_id not in desk.consumers:
            raise ShellRefused("mediaRefused", detail="unknown_id")
