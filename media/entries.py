"""The nouns of the control side: what a router holds, and what belongs to a producer or consumer besides its packets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from media.fanout import Consumer
from media.producer import Producer
from media.transport import Transport

Json = dict[str, Any]


@dataclass(eq=False)
class Router:
    id: str
    rtp_capabilities: Json
    transports: dict[str, Transport] = field(default_factory=dict)


@dataclass(eq=False)
class ProducerEntry:
    producer: Producer
    transport: Transport
    consumable: Json
    type: str


@dataclass(eq=False)
class ConsumerEntry:
    consumer: Consumer
    source: ProducerEntry
    transport: Transport


Entry = Router | Transport | ProducerEntry | ConsumerEntry
