"""What a router hears: wires the level octets of its audio producers to bars, dominant speaker, speech segments and the order of the
loudest, and words their reports.

It decides when each of them is asked (the screen wants levels five times a second, the dominant speaker is judged three times a second as
in mediasoup). It must never know packets or transports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from media.activespeaker import DominantSpeaker
from media.lastn import Loudness
from media.levels import LevelObserver
from media.speech import Event, SpeechDetector

Json = dict[str, Any]

LEVELS_SECONDS: Final = 0.2
DOMINANT_SECONDS: Final = 0.3


class Hearing:
    def __init__(self, router_id: str, report: Callable[[Json], None]) -> None:
        self._router_id = router_id
        self._report = report
        self._levels = LevelObserver()
        self._dominant = DominantSpeaker()
        self._speech: dict[str, SpeechDetector] = {}
        self._levels_at = 0.0
        self._dominant_at = 0.0
        self._were_audible = False
        self._loudness = Loudness()
        self._clients: dict[str, str] = {}  # producer id → CNAME, one for each client
        self.reordered = False  # the order of the loudest has changed; whoever carries it out sets it back

    def add(self, producer_id: str, cname: str) -> None:
        self._speech[producer_id] = SpeechDetector()
        self._loudness.add(producer_id)
        self._clients[producer_id] = cname
        self.reordered = True

    @property
    def order(self) -> list[str]:
        """Audio producers, loudest first."""
        return self._loudness.order

    @property
    def ranks(self) -> dict[str, int]:
        """Client → the place of its loudest voice, 0 first."""
        found: dict[str, int] = {}
        for place, producer_id in enumerate(self._loudness.order):
            found.setdefault(self._clients[producer_id], place)
        return found

    def feed(self, producer_id: str, octet: int, now: float) -> None:
        """The RFC 6464 octet of one audio packet: voice flag and level in −dBov."""
        dbov = -(octet & 0x7F)
        self._levels.feed(producer_id, dbov, now)
        self._dominant.feed(producer_id, dbov, now)
        self._loudness.feed(producer_id, dbov)
        detector = self._speech.get(producer_id)
        if detector is not None and (events := detector.feed(dbov, now, octet >= 0x80)):
            self._tell(producer_id, events)

    def pause(self, producer_id: str, paused: bool, now: float) -> None:
        detector = self._speech.get(producer_id)
        if detector is None:
            return
        if paused:
            self._tell(producer_id, detector.mute(now))
            self._levels.remove(producer_id)
            self._dominant.remove(producer_id)
            self._loudness.mute(producer_id)
            self.reordered = True
        else:
            detector.unmute(now)

    def remove(self, producer_id: str, now: float) -> None:
        self.pause(producer_id, True, now)
        self._speech.pop(producer_id, None)
        self._loudness.remove(producer_id)
        self._clients.pop(producer_id, None)

    def tick(self, now: float) -> None:
        self.reordered = self._loudness.tick(now) or self.reordered
        for producer_id, detector in self._speech.items():
            if events := detector.tick(now):
                self._tell(producer_id, events)
        if now - self._levels_at >= LEVELS_SECONDS:
            self._levels_at = now
            self._tell_levels(self._levels.tick(now))
        if now - self._dominant_at >= DOMINANT_SECONDS:
            self._dominant_at = now
            winner = self._dominant.tick(now)
            if winner is not None:
                self._report({"event": "dominantSpeaker", "routerId": self._router_id, "producerId": winner})

    def _tell_levels(self, levels: dict[str, float]) -> None:
        if levels or self._were_audible:  # one empty report ends the bars, then silence costs nothing
            self._report({"event": "levels", "routerId": self._router_id, "levels": levels})
        self._were_audible = bool(levels)

    def _tell(self, producer_id: str, events: list[Event]) -> None:
        for event in events:
            report: Json = {"routerId": self._router_id, "producerId": producer_id, "segmentId": event[1]}
            if event[0] == "started":
                report |= {"event": "speechStarted", "at": event[2]}
            else:
                report |= {"event": "speechEnded", "start": event[2], "end": event[3]}
            self._report(report)
