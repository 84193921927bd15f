"""What a worker has done for all streams since it began, those that are closed included, and how things stand now.

It decides which figures of single streams and consumers are worth adding up. Sums only grow: what a closing entry had counted is kept. It
must never know a person, and never change what it reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from media.entries import ConsumerEntry, ProducerEntry
from media.transport import Transport

Json = dict[str, Any]
#: Upper ends of estimates, bit/s: voices only, the smallest picture, a few, everything.
ESTIMATES: Final = (100_000, 300_000, 1_000_000, 3_000_000)


class Totals:
    def __init__(self) -> None:
        self._closed: Counter[str] = Counter()

    def close(self, entry: ProducerEntry | ConsumerEntry) -> None:
        """Before it is forgotten."""
        self._closed += counted(entry)

    def now(self, producers: Iterable[ProducerEntry], consumers: Iterable[ConsumerEntry], transports: Iterable[Transport]) -> Json:
        sums, layers = Counter(self._closed), Counter[str]()
        for producer in producers:
            sums += counted(producer)
        for consumer in consumers:
            sums += counted(consumer)
            if consumer.source.producer.kind == "video":
                layers[str(consumer.consumer.layer)] += 1
        estimates = Counter(_band(transport.path.bitrate) for transport in transports if transport.direction == "recv")
        names = (
            "nacksSent",
            "nacksReceived",
            "keyFramesAsked",
            "plisReceived",
            "keyFrames",
            "rtxReceived",
            "recovered",
            "rtxSent",
            "abandoned",
            "switches",
        )
        return {"repairs": {name: sums[name] for name in names}, "layers": dict(layers), "estimates": dict(estimates)}


def counted(entry: ProducerEntry | ConsumerEntry) -> Counter[str]:
    if isinstance(entry, ConsumerEntry):
        consumer = entry.consumer
        return Counter(nacksReceived=consumer.nacks, plisReceived=consumer.plis, rtxSent=consumer.resender.sent, switches=consumer.switches)
    sums: Counter[str] = Counter()
    for stream in entry.producer.streams:
        sums += Counter(
            nacksSent=stream.nacks,
            keyFramesAsked=stream.keyframes_asked,
            keyFrames=stream.keyframes,
            rtxReceived=stream.rtx_packets,
            recovered=stream.recovered,
            abandoned=stream.gaps.abandoned,
        )
    return sums


def _band(bitrate: float | None) -> str:
    if bitrate is None:
        return "none"
    return next((str(end) for end in ESTIMATES if bitrate <= end), "more")
