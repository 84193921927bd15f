"""How good a peer's path is, in one figure and the figures behind it, for the bars beside a name.

It decides the score and when it is worth a report. It must never know streams, people or which end is to blame.
"""

from __future__ import annotations

from typing import Any, Final

from media.layers import PAUSED
from media.transport import Transport

Json = dict[str, Any]

EVERY_SECONDS: Final = 2.0
#: (more than this share lost, points off): Opus with FEC hides 1 %, a picture that is repaired stands 5 %, at 15 % words go missing.
_LOSS: Final = ((0.15, 3), (0.07, 2), (0.03, 1))
#: (more than this many seconds there and back, points off): ITU-T G.114 calls 150 ms one way unnoticed and 400 ms the limit.
_ROUND_TRIP: Final = ((0.8, 2), (0.4, 1))


def score(fraction_lost: float, round_trip: float | None, starved: bool) -> int:
    """5 good … 0 of no use. `starved`: pictures are held back because of the path."""
    off = next((points for limit, points in _LOSS if fraction_lost > limit), 0)
    off += next((points for limit, points in _ROUND_TRIP if (round_trip or 0.0) > limit), 0)
    return max(0, 5 - off - starved)


class Quality:
    """One for each connected transport; `report` every EVERY_SECONDS."""

    __slots__ = ("_at", "_expected", "_octets", "_received", "_told")

    def __init__(self) -> None:
        self._at = 0.0
        self._octets = 0
        self._expected = 0
        self._received = 0
        self._told: Json = {}

    def is_due(self, now: float) -> bool:
        return now - self._at >= EVERY_SECONDS

    def report(self, transport: Transport, now: float) -> Json | None:
        """The figures since the last call; None while they are the same."""
        figures = self._received_from(transport) if transport.direction == "send" else self._sent_to(transport)
        octets = figures.pop("octets")
        passed, self._at = now - self._at, now
        grown, self._octets = octets - self._octets, octets
        figures["bitrate"] = _rounded(max(0, grown) * 8 / passed) if passed > 0 else 0
        if figures == self._told:
            return None
        self._told = figures
        head = {"event": "quality", "routerId": transport.router_id, "transportId": transport.id, "direction": transport.direction}
        return head | figures

    def _received_from(self, transport: Transport) -> Json:
        """Loss before repair, counted here; the round trip where the client answers to reference times."""
        streams = list(transport.streams.values())
        expected, received = sum(stream.gaps.expected for stream in streams), sum(stream.gaps.received for stream in streams)
        missing = (expected - self._expected) - (received - self._received)
        lost = min(max(0.0, missing / max(1, expected - self._expected)), 1.0)
        self._expected, self._received = expected, received
        return _figures(sum(stream.octets for stream in streams), None, lost, transport.round_trip, False)

    def _sent_to(self, transport: Transport) -> Json:
        path = transport.path
        consumers = transport.consumers.values()
        starved = any(
            transport.downlink.reasons.get(consumer.id) == "path" and consumer.wanted == PAUSED
            for consumer in consumers
            if not consumer.paused
        )
        octets = sum(consumer.sent[1] for consumer in consumers)
        return _figures(octets, path.bitrate, path.fraction_lost, path.rtt, starved)


def _figures(octets: int, estimate: int | None, lost: float, round_trip: float | None, starved: bool) -> Json:
    return {
        "octets": octets,
        "estimate": None if estimate is None else _rounded(estimate),
        "fractionLost": round(lost, 2),
        "roundTrip": None if round_trip is None else round(round_trip, 2),
        "score": score(lost, round_trip, starved),
    }


def _rounded(bitrate: float) -> int:
    """Two digits: what moves less is no news."""
    digits = max(0, len(str(int(bitrate))) - 2)
    return int(round(bitrate, -digits))
