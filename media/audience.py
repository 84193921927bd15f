"""Everybody who receives in one router, and what that means for who sends: the loudest three voices to each, ranks for pictures, and the
layers that somebody's tile asks a camera for.

It decides when the order of voices is carried out, and what producers are told. It must never know packets or people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from media.hearing import Hearing
from media.lastn import HEARD
from media.layers import SenderWishes
from media.producer import Producer
from media.quality import Quality
from media.stream import Stream
from media.transport import Transport

Json = dict[str, Any]


class Audience:
    def __init__(self, router_id: str, report: Callable[[Json], None], ask: Callable[[Stream, float], None]) -> None:
        self.hearing = Hearing(router_id, report)
        self.transports: dict[str, Transport] = {}
        self._router_id = router_id
        self._report = report
        self._ask = ask
        self._wishes = SenderWishes()
        self._told: dict[str, int] = {}
        self._qualities: dict[str, Quality] = {}

    @property
    def ranks_voices(self) -> bool:
        """Whether somebody may not hear everybody: then the order of the loudest counts."""
        return len(self.hearing.order) > HEARD

    def tick(self, now: float) -> None:
        """About forty times a second: a word that begins should not wait."""
        self.hearing.tick(now)
        if self.hearing.reordered:
            self.hearing.reordered = False
            for transport in self.transports.values():
                self._hear(transport)
                self._tell(transport)

    def choose(self, transport: Transport, now: float) -> None:
        """Something of this peer has changed: ask anew what it hears and which layer each picture should have."""
        self._hear(transport)
        transport.downlink.choose(self.hearing.ranks, self._ask, now)
        self._tell(transport)

    def tick_layers(self, version: int, now: float) -> None:
        """Ten times a second. `version`: grows when layers of any picture of this router have changed."""
        ranks = self.hearing.ranks
        for transport in self.transports.values():
            if transport.consumers and transport.outbound is not None:
                transport.downlink.tick(ranks, self._ask, version, now)
                self._tell(transport)

    def tick_wishes(self, producers: Iterable[Producer], now: float) -> None:
        """Ten times a second: `producers` are those of pictures of this router."""
        tops = {producer.id: len(producer.encodings) - 1 for producer in producers}
        wanted = {producer.id: producer.ideals for producer in producers}
        for producer_id, highest in self._wishes.update(wanted, now).items():
            if highest != self._told.get(producer_id, tops[producer_id]):
                self._told[producer_id] = highest
                self._report({"event": "layersWanted", "routerId": self._router_id, "producerId": producer_id, "highest": highest})
        for gone in self._told.keys() - tops.keys():
            del self._told[gone]

    def tick_quality(self, now: float) -> None:
        """Once a second; each connected transport is told of every two."""
        for id, transport in self.transports.items():
            if transport.state == "connected":
                transport.downlink.tick_patience(now)
                quality = self._qualities.setdefault(id, Quality())
                if quality.is_due(now) and (report := quality.report(transport, now)) is not None:
                    self._report(report)
        for gone in self._qualities.keys() - self.transports.keys():
            del self._qualities[gone]

    def _hear(self, transport: Transport) -> None:
        """Of more than three voices, the loudest three; a peer never consumes its own. Who sends no levels cannot be ranked: always."""
        voices = {
            consumer.producer.id: consumer
            for consumer in transport.consumers.values()
            if consumer.kind == "audio" and consumer.producer.tells_levels
        }
        heard = set(voices)
        if len(voices) > HEARD:
            heard = set([id for id in self.hearing.order if id in voices][:HEARD])
        for id, consumer in voices.items():
            if consumer.quiet == (id in heard):
                consumer.quiet = id not in heard
                transport.path.moved = True
                consumer.producer.settle(consumer)

    def _tell(self, transport: Transport) -> None:
        if not transport.path.moved:
            return
        transport.path.moved = False
        for report in transport.downlink.changes():
            self._report(report)
