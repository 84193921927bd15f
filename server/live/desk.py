"""What a room keeps about each peer besides the room's own state: its socket, its media, when it was last heard of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from rooms.ids import Source


@dataclass(slots=True)
class ProducerDesk:
    """A producer of a peer. `speaking`: the open speech segment (its id, epoch seconds it began)."""

    producer_id: str
    source: Source
    flowing: bool = False
    speaking: tuple[str, float] | None = None


@dataclass(slots=True)
class PeerDesk:
    """`resume` is the secret with which the same page may continue this peer; `grace` runs while the socket is away."""

    peer_id: str
    member_id: str
    resume: str
    last_seen: float  # epoch seconds of the meeting's clock
    sid: str | None
    grace: asyncio.TimerHandle | None = None
    transports: dict[str, str] = field(default_factory=dict)  # direction → transport id
    producers: dict[str, ProducerDesk] = field(default_factory=dict)
    consumers: set[str] = field(default_factory=set)

    def owns_transport(self, transport_id: str) -> bool:
        return transport_id in self.transports.values()
