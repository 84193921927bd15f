"""What a room keeps about each peer besides the room's own state: its socket, its media, when it was last heard of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from rooms.ids import Kind, Source


@dataclass(slots=True)
class ProducerDesk:
    """A producer of a peer. `speaking`: the open speech segment (its id, epoch seconds it began); `highest`: the layer wanted of it."""

    producer_id: str
    source: Source
    flowing: bool = False
    speaking: tuple[str, float] | None = None
    highest: int | None = None


@dataclass(slots=True)
class ConsumerDesk:
    """What a peer receives. `tile`: as its page told it; `told`: the wish as the plane has it; `gets`: the layer it gets, and why."""

    consumer_id: str
    producer_id: str
    kind: Kind
    tile: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    gets: dict[str, Any] | None = None


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
    consumers: dict[str, ConsumerDesk] = field(default_factory=dict)
    last_n: int | None = None
    quality: dict[str, dict[str, Any]] = field(default_factory=dict)  # uplink, downlink → figures
    qualities_told: dict[str, dict[str, Any]] = field(default_factory=dict)  # member → scores, as this peer was told

    def owns_transport(self, transport_id: str) -> bool:
        return transport_id in self.transports.values()
