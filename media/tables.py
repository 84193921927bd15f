"""Everything of a worker by its id, and what a new id, SSRC or MID must not be. What is made and closed is decided in `media.router`."""

from __future__ import annotations

import secrets
from typing import Any

from media.entries import ConsumerEntry, Entry, ProducerEntry, Router, SinkEntry
from media.forwarder import Forwarder
from media.kinds import PlainTransport
from media.plane import PlaneError
from media.transport import Transport

Json = dict[str, Any]


class Tables:
    def __init__(self, forwarder: Forwarder) -> None:
        self._transports = forwarder.transports  # those of WebRTC peers: packets find them
        self.plain = forwarder.plain
        self.routers: dict[str, Router] = {}
        self.producers: dict[str, ProducerEntry] = {}
        self.consumers: dict[str, ConsumerEntry] = {}
        self.sinks: dict[str, SinkEntry] = {}

    @property
    def sizes(self) -> Json:
        return {
            "routers": len(self.routers),
            "transports": len(self._transports) + len(self.plain),
            "producers": len(self.producers),
            "consumers": len(self.consumers) + len(self.sinks),
        }

    def find(self, id: str) -> Entry:
        found: Entry | None = self.routers.get(id) or self.producers.get(id) or self.consumers.get(id) or self.sinks.get(id)
        found = found or self._transports.get(id) or self.plain.get(id)
        if found is None:
            raise PlaneError("unknown_id", str(id)[:64])
        return found

    def router(self, id: str) -> Router:
        if id not in self.routers:
            raise PlaneError("unknown_id", "router")
        return self.routers[id]

    def transport(self, id: str) -> Transport:
        """One of a WebRTC peer."""
        if id in self.plain:
            raise PlaneError("unsupported", "not of a WebRTC transport")
        if id not in self._transports:
            raise PlaneError("unknown_id", "transport")
        return self._transports[id]

    def any_transport(self, id: str) -> Transport | PlainTransport:
        return self.plain[id] if id in self.plain else self.transport(id)

    def new_id(self, id: str) -> None:
        if not isinstance(id, str) or not 0 < len(id) <= 64 or not id.isascii():
            raise PlaneError("invalid_parameters", "id")
        tables = (self.routers, self._transports, self.plain, self.producers, self.consumers, self.sinks)
        if any(id in table for table in tables):
            raise PlaneError("duplicate_id", id)


def new_ssrc(transport: Transport) -> int:
    while True:
        ssrc = 0x10000 + secrets.randbelow(0xFFFE0000)
        if ssrc not in transport.used_ssrcs:
            transport.used_ssrcs.add(ssrc)
            return ssrc


def no_collision(transport: Transport, params: Json) -> None:
    taken = transport.streams.keys() | transport.rtx_streams.keys()
    for encoding in params["encodings"]:
        if encoding.get("ssrc") in taken or encoding.get("rtx", {}).get("ssrc") in taken:
            raise PlaneError("invalid_parameters", "ssrc in use")
    if "mid" in params and any(producer.mid == params["mid"] for producer in transport.producers.values()):
        raise PlaneError("invalid_parameters", "mid in use")
