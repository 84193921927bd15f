"""Who spoke from when to when: one detector per audio producer, fed with the levels of RFC 6464 (dBov, 0 the loudest, −127 silence).

It decides what counts as speech. It must never know people, rooms or audio samples, and it is not the dominant-speaker choice: when two
talk at once, both speak. Nothing is heard between `mute` and `unmute`.

What a listener calls one utterance is reported as one segment: from the beginning of its first word to the end of its last, the natural
gaps between words included. The waiting time that is needed to know that it is over is never counted.

How, and why so:

* *Floor.* The 10th percentile of the last 3 s is the background; 3 s always hold some pauses between syllables, and single dips do not
  fool a percentile. While somebody speaks it may fall at once but climb only 1 dB/s, or long vowels would pass for noise.
* *Stationary sound is not speech.* Levels that keep within 6 dB for 1 s (fan, hum, hiss; syllables vary by 15 dB and more) become the
  floor at once, and what had been counted of that second is taken back.
* *Voiced* is a frame 8 dB above the floor, and above −60 dBov in any case: browsers apply gain control and noise suppression, so absolute
  levels mean little, but their residual noise lies lower than that; and within 36 dB of the speaker's usual peaks, which the weakest
  consonants keep and another's voice left over by an echo canceller does not.
* *Onset.* A run of voiced frames is believed when it holds 120 ms of voice (a click has 20–60 ms, the shortest word about 200 ms) without a
  gap of 120 ms (the longest stop consonant), and for 60 ms of it reaches 12 dB above the floor, −54 dBov, and not less than 24 dB below the
  speaker's usual peaks: breaths lie about 30 dB below, and a click inside a breath is shorter. The segment begins with the first frame of
  the run, so confirming costs no time. Until a speaker's peaks are known a breath may pass; it is cut off again when the segment ends.
* *Inside a segment* 60 ms are enough to go on: the mouse click on "mute" after the last word does not lengthen it, a short word does.
* *Bridge.* Pauses up to 0.8 s belong to the speech; longer ones (a listener notices them from about 1 s) end the segment at its last voice.
* *DTX.* An Opus encoder in silence sends one packet in 400 ms. A hole of more than 100 ms between packets is entered as silence.
* *V bit.* RFC 6464 lets a sender mark voice, and many never set the bit. It is believed only from producers that were seen to set it,
  and then an unmarked frame needs 6 dB more.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

Started = tuple[Literal["started"], int, float]
Ended = tuple[Literal["ended"], int, float, float]
Event = Started | Ended

#: Runs a segment remembers of its beginning.
MOST_RUNS: Final = 8
FRAME_SECONDS: Final = 0.02  # Opus in browsers; a level describes the frame that ended when its packet left


@dataclass(frozen=True, slots=True)
class Tuning:
    """The parameters of the module docstring; levels in dB or dBov, times in seconds."""

    floor_seconds: float = 3.0
    floor_share: float = 0.10
    floor_climb_per_second: float = 1.0
    stationary_seconds: float = 1.0
    stationary_spread: float = 6.0
    voiced_above_floor: float = 8.0
    voiced_least: float = -60.0
    voiced_below_peak: float = 36.0
    known_seconds: float = 1.0
    onset_above_floor: float = 12.0
    onset_least: float = -54.0
    onset_below_peak: float = 24.0
    onset_seconds: float = 0.12
    onset_loud_seconds: float = 0.06
    continue_seconds: float = 0.06
    run_gap_seconds: float = 0.12
    bridge_seconds: float = 0.8
    hole_seconds: float = 0.1
    unmarked_penalty: float = 6.0


DEFAULT_TUNING: Final = Tuning()


class SpeechDetector:
    """`feed` every level and `tick` a few times a second; both answer with what became known."""

    def __init__(self, tuning: Tuning = DEFAULT_TUNING) -> None:
        self._tuning = tuning
        self._background = _Background(tuning)
        self._run: _Run | None = None  # voiced frames that belong together
        self._open: _Segment | None = None
        self._count = 0  # segments so far: the number in the events
        self._peak: float | None = None  # the speaker's usual peaks
        self._voice_seconds = 0.0  # of voice that was believed
        self._heard_at: float | None = None
        self._marks_voice = False
        self._muted = False

    def feed(self, dbov: float, now: float, voice_flag: bool | None = None) -> list[Event]:
        """One audio packet: its level, its arrival, and the V bit where known."""
        if self._muted:
            return []
        events = self.tick(now)
        level = max(-127.0, min(0.0, dbov))
        self._enter_hole(level, now)
        self._heard_at = now
        stationary = self._background.add(level, self._open is not None)
        if stationary:
            self._take_back(now - self._tuning.stationary_seconds)
        if self._is_voiced(level, voice_flag):
            events += self._voiced(level, now)
        return events

    def tick(self, now: float) -> list[Event]:
        """Ends the segment when the pause has become too long to bridge, also when no packets come."""
        if self._run is not None and now - self._run.last > self._tuning.run_gap_seconds:
            self._run = None
        if self._open is None or now - self._open.end <= self._tuning.bridge_seconds:
            return []
        if self._run is not None and not self._run.believed and now - self._run.start <= self._tuning.onset_seconds:
            return []  # a voice has just begun again: wait whether it is one
        return self._end(self._open.end)

    def mute(self, now: float) -> list[Event]:
        """The producer was paused: the segment ends here at the latest, and nothing is heard until `unmute`."""
        self._muted = True
        self._run = None
        return [] if self._open is None else self._end(min(self._open.end, now))

    def unmute(self, now: float) -> None:
        self._muted = False
        self._heard_at = now

    def close(self, now: float) -> list[Event]:
        """The producer is gone."""
        return self.mute(now)

    def _is_voiced(self, level: float, voice_flag: bool | None) -> bool:
        self._marks_voice = self._marks_voice or voice_flag is True
        penalty = self._tuning.unmarked_penalty if self._marks_voice and voice_flag is False else 0.0
        least = max(self._background.floor + self._tuning.voiced_above_floor, self._tuning.voiced_least) + penalty
        if self._peak is not None and self._voice_seconds >= self._tuning.known_seconds:  # a bang is no acquaintance
            least = max(least, self._peak - self._tuning.voiced_below_peak)
        return level > least

    def _voiced(self, level: float, now: float) -> list[Event]:
        run = self._run
        if run is None:
            run = self._run = _Run(now - FRAME_SECONDS, now, level)
        run.last = now
        run.frames += 1
        run.peak = max(run.peak, level)
        run.loud += level >= self._least
        if not run.believed:
            run.believed = self._is_believable(run)
        self._learn_peak(level, run.believed)
        if not run.believed:
            return []
        self._voice_seconds += FRAME_SECONDS
        if self._open is None:
            return [self._start(run)]
        self._open.end = now
        self._open.add(run)
        return []

    @property
    def _least(self) -> float:
        """What a voice reaches, and breaths and room noise do not."""
        least = max(self._background.floor + self._tuning.onset_above_floor, self._tuning.onset_least)
        return least if self._peak is None else max(least, self._peak - self._tuning.onset_below_peak)

    def _is_believable(self, run: _Run) -> bool:
        needed = self._tuning.continue_seconds if self._open is not None else self._tuning.onset_seconds
        loud = min(needed, self._tuning.onset_loud_seconds)
        return run.frames * FRAME_SECONDS >= needed - 1e-9 and run.loud * FRAME_SECONDS >= loud - 1e-9

    def _learn_peak(self, level: float, believed: bool) -> None:
        """Rises over a few loud frames, sinks by 0.5 dB for each second of voice, and ten times as fast while voices are refused:
        a bang must not deafen the detector, and the next speaker at this microphone may be quieter."""
        if self._peak is None:
            self._peak = level if believed else None
        elif level > self._peak:
            self._peak += (level - self._peak) * (0.2 if believed else 0.0)
        else:
            self._peak -= (0.5 if believed else 5.0) * FRAME_SECONDS

    def _start(self, run: _Run) -> Event:
        self._count += 1
        self._open = _Segment(run.start, run.last, [run])
        return ("started", self._count, run.start)

    def _end(self, at: float) -> list[Event]:
        segment, self._open = self._open, None
        if segment is None:
            return []
        start = segment.start if self._peak is None else segment.start_of_voice(self._peak - self._tuning.onset_below_peak)
        return [("ended", self._count, min(start, max(segment.start, at)), max(segment.start, at))]

    def _take_back(self, since: float) -> None:
        """What began to look like speech is a steady noise: the segment, if one is open, ends before it."""
        self._run = None
        if self._open is not None:
            self._open.end = max(self._open.start, min(self._open.end, since))

    def _enter_hole(self, level: float, now: float) -> None:
        if self._heard_at is None or now - self._heard_at <= self._tuning.hole_seconds:
            return
        frames = int(min(now - self._heard_at, self._tuning.floor_seconds) / FRAME_SECONDS) - 1
        self._background.add_silence(level, frames)


@dataclass(slots=True)
class _Run:
    start: float
    last: float
    peak: float
    frames: int = 0
    loud: int = 0
    believed: bool = False


@dataclass(slots=True)
class _Segment:
    """`runs`: the first ones, until it is plain that the speaker has begun."""

    start: float
    end: float
    runs: list[_Run]

    def add(self, run: _Run) -> None:
        if run is not self.runs[-1] and len(self.runs) < MOST_RUNS:
            self.runs.append(run)

    def start_of_voice(self, least: float) -> float:
        """Where the first run begins that reaches what this speaker's voice reaches: what came before was a breath or a chair."""
        return next((max(self.start, run.start) for run in self.runs if run.peak >= least), self.start)


class _Background:
    """The noise floor, re-estimated every 100 ms: a sort of 150 levels costs 10 µs, too much for every packet of a large room."""

    _EVERY = 5

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._levels: deque[float] = deque(maxlen=round(tuning.floor_seconds / FRAME_SECONDS))
        self._recent = round(tuning.stationary_seconds / FRAME_SECONDS)
        self._until_next = 1
        # Before anything is known: a first loud frame must pass for voice, so the floor starts no higher than room noise gets.
        self.floor = -60.0

    def add(self, level: float, speaking: bool) -> bool:
        """→ whether the last second was a stationary sound (told when the floor is re-estimated)."""
        self._levels.append(level)
        self._until_next -= 1
        if self._until_next:
            return False
        self._until_next = self._EVERY
        noise = self._stationary_level()
        if noise is not None and noise > self.floor:
            self.floor = noise
            return True
        estimate = self._percentile()
        climb = self._tuning.floor_climb_per_second * self._EVERY * FRAME_SECONDS
        self.floor = min(estimate, self.floor + climb) if speaking else estimate
        return False

    def add_silence(self, level: float, frames: int) -> None:
        """Nothing was sent: an encoder does that only in silence, which is no louder than the refreshing packet around it."""
        self._levels.extend([min(level, self.floor)] * frames)

    def _stationary_level(self) -> float | None:
        """The upper edge of the last second's levels when they keep close together; one frame in twenty may stray on either side."""
        if len(self._levels) < self._recent:
            return None
        recent = sorted(self._levels[index] for index in range(-self._recent, 0))
        stray = len(recent) // 20
        low, high = recent[stray], recent[-1 - stray]
        return high if high - low < self._tuning.stationary_spread else None

    def _percentile(self) -> float:
        ordered = sorted(self._levels)
        estimate = ordered[int(len(ordered) * self._tuning.floor_share)]
        # A detector that starts in the middle of a word has heard no pause yet; −45 leaves room noise below and speech above.
        return estimate if len(ordered) >= self._recent else min(estimate, -45.0)
