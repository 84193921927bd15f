"""What one receiving peer gets of everything it consumes: its wishes, what its path carries, and who is among the last N, made into layers.

It joins `media.layers`, `media.lastn` and `media.bandwidth` and tells each consumer the layer it should be on; the producer moves it there
at the next key frame. It decides what is wished where nothing was said, and what is reported. It must never know packets or sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from media.bandwidth import HIGHEST
from media.consumer import Consumer
from media.lastn import Candidate, LastN
from media.layers import PAUSED, STAY_MARGIN, Layer, LayerChoice, Wish, ideal, target
from media.path import Path
from media.patience import element
from media.producer import PLAYOUT_DELAY
from media.protection import Protection
from media.stream import Stream

Json = dict[str, Any]

#: A repair of the sender's packets is remembered for so long.
PATIENCE_SECONDS: Final = 5.0
#: A little more than from one tick to the next.
JUST_NOW_SECONDS: Final = 0.15
#: Place of a voice that is not ranked.
_LAST: Final = 1 << 30


class Downlink:
    """`choose` whenever something changed, and ten times a second."""

    def __init__(self, router_id: str, consumers: Mapping[int, Consumer], path: Path) -> None:
        self._router_id = router_id
        self._consumers = consumers
        self.choice = LayerChoice()
        self.protection = Protection()
        self._path = path
        self.wishes: dict[str, Json] = {}  # consumer id → what it wished for
        self.reasons: dict[str, str] = {}
        self._last_n: LastN | None = None
        self._told: dict[str, int] = {}
        self._version = 0
        self._chosen_from = (0, 0, -1)
        self._waits = False  # somebody is not where it should be yet
        self._patient = False  # somebody's delay is on its way

    @property
    def last_n(self) -> int | None:
        return None if self._last_n is None else self._last_n.limit

    @last_n.setter
    def last_n(self, limit: int | None) -> None:
        if limit != self.last_n:
            self._last_n = None if limit is None else LastN(limit)

    def forget(self, consumer_id: str) -> None:
        for table in (self.wishes, self.reasons, self._told):
            table.pop(consumer_id, None)

    def tick(self, ranks: Mapping[str, int], ask: Callable[[Stream, float], None], version: int, now: float) -> None:
        """Ten times a second: choose again if that could change anything. `version`: of all layers there are."""
        self._version = version
        self._notice_repairs(now)
        if self._patient:
            self._step_patience()
        self._path.tick(self.choice.wanted if self._path.estimate.told else 0, now, dark=not self.choice.spent)
        if self._last_n is not None or self.choice.holds or self._waits or self._state() != self._chosen_from:
            self.choose(ranks, ask, now)

    @property
    def exceeds(self) -> bool:
        """Whether more was chosen than the path is now known to carry: the next tick would be late."""
        bitrate = self._path.bitrate
        return bitrate is not None and bitrate < self.choice.spent * STAY_MARGIN

    def _state(self) -> tuple[int, int, int]:
        """What a choice is made from, as far as it changes by itself: the estimate in steps of some per cent, and all layers."""
        bitrate = self._path.bitrate or 0
        bits = bitrate.bit_length()
        return bits + 100 * self._path.measures, bitrate >> max(0, bits - 5), self._version

    def tick_patience(self, now: float) -> None:
        """Once a second: how long this peer should wait for repeats, and how much of their past its voices carry."""
        path = self._path
        depth = self.protection.update(path.fraction_lost, path.bitrate, now)
        for consumer in self._consumers.values():
            consumer.protect(depth)
            if (stream := self._held_back(consumer)) is not None:
                self._be_patient(consumer, stream, now)

    def _notice_repairs(self, now: float) -> None:
        """The first repair of a sender's packet tells how long the next will take: a second without waiting for it may stop a picture."""
        for consumer in self._consumers.values():
            stream = self._held_back(consumer)
            if stream is not None and now - stream.gaps.repaired_at < JUST_NOW_SECONDS:
                self._be_patient(consumer, stream, now)

    def _held_back(self, consumer: Consumer) -> Stream | None:
        """What it is shown, if that may be delayed."""
        return consumer.producer.at(consumer.layer) if consumer.delays and consumer.source is not None else None

    def _be_patient(self, consumer: Consumer, stream: Stream, now: float) -> None:
        path, gaps = self._path, stream.gaps
        upstream = gaps.repair_seconds if now - gaps.repaired_at < PATIENCE_SECONDS else 0.0
        self._patient = consumer.patience.update(path.fraction_lost, path.round_trip, upstream, now) or self._patient

    def _step_patience(self) -> None:
        self._patient = False
        for consumer in self._consumers.values():
            if consumer.delays and consumer.patience.step():
                self._patient = True
                consumer.hint = element(PLAYOUT_DELAY, consumer.patience.seconds)
                if consumer.source is not None:
                    consumer.source.stale = True

    # --- pictures --------------------------------------------------------------------------------------------------------------------

    def choose(self, ranks: Mapping[str, int], ask: Callable[[Stream, float], None], now: float) -> None:
        """`ranks`: client (by CNAME) → the place of its voice, the loudest 0; `ask` for a key frame."""
        pictures = [consumer for consumer in self._consumers.values() if consumer.kind == "video" and not consumer.paused]
        self._waits, self._chosen_from = False, self._state()
        shown = self._shown(pictures, ranks, now)
        measured = {producer.id: producer.measured for producer in {consumer.producer for consumer in pictures}}
        wishes = [self._wish(consumer, measured, ranks, shown) for consumer in pictures]
        live = [wish for consumer, wish in zip(pictures, wishes, strict=True) if not consumer.producer.paused]
        self._divide(live, now)
        for consumer, wish in zip(pictures, wishes, strict=True):
            consumer.ideal = ideal(wish)
            if consumer.producer.paused:
                continue
            consumer.wanted = self.choice.chosen[consumer.id]
            self.reasons[consumer.id] = self._reason(consumer, wish)
            if consumer.wanted != consumer.layer:
                self._waits = self._waits or consumer.wanted != PAUSED
                stream = consumer.producer.settle(consumer)
                if stream is not None and not stream.fanout.entrance.is_open(now):
                    ask(stream, now)

    def _divide(self, wishes: list[Wish], now: float) -> None:
        """Among pictures: voices carry no numbers, so the estimate does not speak of them. While nothing is known of the path, pictures of
        one layer come as they are, and the smallest layer of the others.
        """
        bitrate = self._path.bitrate
        if bitrate is None:
            wishes = [wish._replace(tile=0) if self._path.measures else wish for wish in wishes]
            self.choice.choose(HIGHEST, wishes, now)
            return
        self.choice.choose(bitrate, wishes, now)

    def _shown(self, pictures: list[Consumer], ranks: Mapping[str, int], now: float) -> Collection[str] | None:
        """Producers whose pictures are among the last N; None without a limit."""
        if self._last_n is None:
            return None
        candidates = []
        for consumer in pictures:
            producer, wish = consumer.producer, self.wishes[consumer.id]
            if wish["visible"]:
                rank = ranks.get(producer.cname, _LAST)
                candidates.append(Candidate(producer.id, wish["pinned"], wish["screen"], wish["moderator"], wish["floor"], rank))
        return frozenset(self._last_n.choose(candidates, now))

    def _wish(
        self, consumer: Consumer, measured: Mapping[str, list[Layer]], ranks: Mapping[str, int], shown: Collection[str] | None
    ) -> Wish:
        producer, wish = consumer.producer, self.wishes[consumer.id]
        return Wish(
            consumer.id,
            "video",
            measured[producer.id],
            tile=wish["tile"],
            visible=wish["visible"] and (shown is None or producer.id in shown),
            pinned=wish["pinned"],
            screen=wish["screen"],
            moderator=wish["moderator"],
            floor=wish["floor"],
            rank=ranks.get(producer.cname, _LAST),
        )

    # --- reports ---------------------------------------------------------------------------------------------------------------------

    def changes(self) -> list[Json]:
        """What has become of consumers since the last call. A pause that somebody asked for is no news, and neither is waiting."""
        found: list[Json] = []
        for consumer in self._consumers.values():
            if consumer.kind == "audio":
                layer, before, reason = (PAUSED if consumer.quiet else 0), self._told.get(consumer.id, 0), "quiet"
            else:
                layer, before = consumer.layer, self._told.get(consumer.id, PAUSED)
                if consumer.paused or consumer.producer.paused or (layer == PAUSED and consumer.wanted != PAUSED):
                    continue
                reason = self.reasons.get(consumer.id, "tile")
            if layer != before:
                self._told[consumer.id] = layer
                found.append(
                    {"event": "consumerLayer", "routerId": self._router_id, "consumerId": consumer.id, "layer": layer, "reason": reason}
                )
        return found

    def _reason(self, consumer: Consumer, wish: Wish) -> str:
        if not wish.visible:
            return "quiet" if self.wishes[consumer.id]["visible"] else "hidden"
        return "path" if consumer.wanted < target(wish) else "tile"
