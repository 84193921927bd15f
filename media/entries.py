"""The nouns of the control side: what a router holds, and what belongs to a producer or consumer besides its packets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from media.changes import NO_WISH
from media.consumer import Consumer
from media.kinds import PlainTransport, Sink
from media.producer import Producer
from media.transport import Transport

Json = dict[str, Any]


@dataclass(eq=False)
class Router:
    id: str
    rtp_capabilities: Json
    transports: dict[str, Transport] = field(default_factory=dict)
    plain: dict[str, PlainTransport] = field(default_factory=dict)


@dataclass(eq=False)
class ProducerEntry:
    producer: Producer
    transport: Transport | PlainTransport
    consumable: Json
    type: str


@dataclass(eq=False)
class ConsumerEntry:
    consumer: Consumer
    source: ProducerEntry
    transport: Transport


@dataclass(eq=False)
class SinkEntry:
    """A consumer of a transport that is no WebRTC peer."""

    id: str
    sink: Sink
    source: ProducerEntry
    transport: PlainTransport
    paused: bool
    wish: Json = field(default_factory=lambda: dict(NO_WISH))


Entry = Router | Transport | PlainTransport | ProducerEntry | ConsumerEntry | SinkEntry
