"""How loud each audible producer is, for the moving bars beside names.

Levels come from the RFC 6464 header extension, one per audio packet, as dBov: 0 is the loudest, −127 digital silence; no audio is decoded.
It decides smoothing and who counts as audible. It is for the eye only: speech time is `media.speech`, the floor is `media.activespeaker`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Final

#: Room noise after the browser's noise suppression lies below, a whisper above. mediasoup cuts at −80, which shows fans as speech.
AUDIBLE_DBOV: Final = -60.0
#: Rise at once, fall within about a third of a second: the eye reads a bar that lags as a voice that is late.
FALL_SECONDS: Final = 0.3
#: Without a packet for so long the producer is silent (DTX sends one every 0.4 s) or gone.
STALE_SECONDS: Final = 0.6


@dataclass(slots=True)
class _Level:
    power: float  # linear, mean of the packets since the last tick
    packets: int
    smoothed: float
    heard_at: float
    ticked_at: float


class LevelObserver:
    """`feed` with every level, `tick` as often as the display wants."""

    def __init__(self, audible: float = AUDIBLE_DBOV) -> None:
        self._audible = 10 ** (audible / 10)
        self._levels: dict[str, _Level] = {}

    def feed(self, producer_id: str, dbov: float, now: float) -> None:
        power = 10.0 ** (dbov / 10)
        level = self._levels.get(producer_id)
        if level is None:
            self._levels[producer_id] = _Level(power, 1, 0.0, now, now)
            return
        level.power += power
        level.packets += 1
        level.heard_at = now

    def remove(self, producer_id: str) -> None:
        self._levels.pop(producer_id, None)

    def tick(self, now: float) -> dict[str, float]:
        """→ producer id → smoothed dBov (rounded to 0.1) of those that are audible now."""
        for producer_id in [id for id, level in self._levels.items() if now - level.heard_at > STALE_SECONDS]:
            del self._levels[producer_id]
        return {id: value for id, level in self._levels.items() if (value := self._smooth(level, now)) is not None}

    def _smooth(self, level: _Level, now: float) -> float | None:
        mean = level.power / level.packets if level.packets else 0.0
        keep = max(0.0, 1.0 - (now - level.ticked_at) / FALL_SECONDS)
        level.smoothed = max(mean, level.smoothed * keep)
        level.power, level.packets, level.ticked_at = 0.0, 0, now
        if level.smoothed < self._audible:
            return None
        return round(10 * log10(level.smoothed), 1)
