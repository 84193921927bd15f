"""Who holds the floor by voice: dominant speaker identification after Volfin and Cohen.

I. Volfin, I. Cohen, "Dominant Speaker Identification for Multipoint Videoconferencing", Computer Speech & Language 27 (2013), on line
2012. Each speaker's recent levels are judged over an immediate (one frame), a medium (5 frames) and a long (50 frames) interval; for each
the log-likelihood ratio of speech against silence gives a score. A challenger takes over only when it beats the present speaker on all
three, so a cough or a slammed door does not (it fails on the long one) and an interruption that lasts does, within about a second.
mediasoup and Jitsi use the same method with the same constants.

It decides whom to show large. It must not be used as speaking time: two who talk at once both speak (`media.speech`), one dominates.
Levels are dBov (0 loudest, −127 silence), one per audio packet of 20 ms. No clock, no packets.
"""

from __future__ import annotations

from collections import deque
from math import comb, log
from typing import Final

#: Sub-bands of an immediate interval, immediate intervals of a medium one, medium ones of the long one.
N1: Final = 13
N2: Final = 5
N3: Final = 10
#: A part counts as active above so many active sub-parts.
MEDIUM_THRESHOLD: Final = 7
LONG_THRESHOLD: Final = 4
#: By how much (log ratio) a challenger must lead, per interval.
C1: Final = 3.0
C2: Final = 2.0
C3: Final = 0.0
#: Rates of the exponential that models speech.
LAMBDA_IMMEDIATE: Final = 0.78
LAMBDA_MEDIUM: Final = 24.0
LAMBDA_LONG: Final = 47.0
_PROBABILITY: Final = 0.5
_MIN_SCORE: Final = 1e-10
_FRAMES: Final = N2 * N3
_BAND: Final = -(-127 // N1)
#: A speaker whose packets stop (DTX, mute) falls silent after two frames; then silence is entered for it on each tick.
_IDLE_SECONDS: Final = 0.04
#: How long the least level is remembered as the noise floor: 15 s of frames.
_FLOOR_FRAMES: Final = 750


class DominantSpeaker:
    """`feed` with every level, `tick` about three times a second; the first voice heard is dominant until one beats it."""

    def __init__(self) -> None:
        self._speakers: dict[str, _Speaker] = {}
        self._dominant: str | None = None

    @property
    def dominant(self) -> str | None:
        return self._dominant

    def feed(self, producer_id: str, dbov: float, now: float) -> None:
        speaker = self._speakers.get(producer_id)
        if speaker is None:
            speaker = self._speakers[producer_id] = _Speaker(now)
        speaker.feed(dbov, now)

    def remove(self, producer_id: str) -> None:
        self._speakers.pop(producer_id, None)
        if self._dominant == producer_id:
            self._dominant = None

    def tick(self, now: float) -> str | None:
        """The new dominant speaker's id, or None when nothing changed."""
        for speaker in self._speakers.values():
            speaker.score(now)
        winner = self._challenger()
        if winner is None or winner == self._dominant:
            return None
        self._dominant = winner
        return winner

    def _challenger(self) -> str | None:
        reigning = self._speakers.get(self._dominant) if self._dominant is not None else None
        if reigning is None:  # nobody reigns: whoever speaks at all
            speaking = [(s.medium, id) for id, s in self._speakers.items() if s.medium > _MIN_SCORE]
            return max(speaking)[1] if speaking else None
        best, lead = None, C2
        for id, speaker in self._speakers.items():
            if speaker is reigning:
                continue
            medium = log(speaker.medium / reigning.medium)
            if log(speaker.immediate / reigning.immediate) > C1 and medium > lead and log(speaker.long / reigning.long) > C3:
                best, lead = id, medium
        return best


class _Speaker:
    __slots__ = ("_floor", "_floor_frames", "_heard_at", "_levels", "_next_floor", "immediate", "long", "medium")

    def __init__(self, now: float) -> None:
        self._levels: deque[int] = deque([0] * _FRAMES, maxlen=_FRAMES)  # newest at the left, 0..127 with 127 the loudest
        self._floor = 0
        self._next_floor = 127
        self._floor_frames = 0
        self._heard_at = now
        self.immediate = self.medium = self.long = _MIN_SCORE

    def feed(self, dbov: float, now: float) -> None:
        level = max(0, min(127, round(127 + dbov)))
        self._heard_at = now
        self._levels.appendleft(level)
        if level == 0:  # a muted frame tells nothing of the room
            return
        self._next_floor = min(self._next_floor, level)
        self._floor_frames += 1
        if self._floor_frames >= _FLOOR_FRAMES:
            self._floor, self._next_floor, self._floor_frames = self._next_floor, 127, 0
        self._floor = min(self._floor, level)

    def score(self, now: float) -> None:
        while now - self._heard_at >= _IDLE_SECONDS and any(self._levels):
            self._levels.appendleft(0)
            self._heard_at += 0.02
        immediates = [0 if level < self._floor + N1 else level // _BAND for level in self._levels]
        mediums = [_active(immediates[i : i + N2], MEDIUM_THRESHOLD) for i in range(0, _FRAMES, N2)]
        self.immediate = _score(min(immediates[0], N1), N1, LAMBDA_IMMEDIATE)
        self.medium = _score(mediums[0], N2, LAMBDA_MEDIUM)
        self.long = _score(_active(mediums, LONG_THRESHOLD), N3, LAMBDA_LONG)


def _active(parts: list[int], threshold: int) -> int:
    return sum(part > threshold for part in parts)


def _score(active: int, parts: int, rate: float) -> float:
    """Log-likelihood ratio of speech (exponential in the active parts) against silence, the paper's equation (8)."""
    likelihood = log(comb(parts, active)) + active * log(_PROBABILITY) + (parts - active) * log(1 - _PROBABILITY)
    return max(likelihood - log(rate) + rate * active, _MIN_SCORE)
