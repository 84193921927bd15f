"""Who is heard and who is seen when there are more than can be: the loudest voices, and the last N pictures.

`Loudness` ranks audio producers with hysteresis, so that a cough takes nobody's place and a word is not cut; each peer hears the first
three that are not its own. `LastN` belongs to one receiving peer and chooses the pictures: those somebody chose (pinned, screen, moderator,
floor), then who spoke last. It must never know packets, layers or rooms. Levels are dBov (RFC 6464): 0 loudest, −127 silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

#: Three voices at once are more than a listener can follow; a fourth is noise.
HEARD: Final = 3
#: By how much a voice must be louder than the next above to take its place.
MARGIN_DB: Final = 6.0
#: A voice keeps its level through breaths: it falls by 20 dB in a second.
FALL_DB_PER_SECOND: Final = 20.0
SILENCE: Final = -127.0
#: Below this nobody speaks; room noise moves nobody.
AUDIBLE: Final = -60.0
#: A picture stays so long before another speaker may take its place: tiles that jump cannot be looked at.
MIN_SHOWN_SECONDS: Final = 3.0


class Loudness:
    """`feed` with every audio packet's level, `tick` some ten times a second."""

    __slots__ = ("_order", "_peaks", "_scores", "_ticked_at")

    def __init__(self) -> None:
        self._order: list[str] = []
        self._peaks: dict[str, float] = {}  # loudest since the last tick
        self._scores: dict[str, float] = {}
        self._ticked_at = 0.0

    def add(self, producer_id: str) -> None:
        if producer_id not in self._scores:
            self._order.append(producer_id)
            self._scores[producer_id] = self._peaks[producer_id] = SILENCE

    def remove(self, producer_id: str) -> None:
        if self._scores.pop(producer_id, None) is not None:
            self._order.remove(producer_id)
            del self._peaks[producer_id]

    def feed(self, producer_id: str, dbov: float) -> None:
        """Per packet; a producer that was not added is not ranked."""
        if dbov > self._peaks.get(producer_id, 0.0):
            self._peaks[producer_id] = dbov

    def mute(self, producer_id: str) -> None:
        """Silent from now on, and behind everybody who is not."""
        if producer_id in self._scores:
            self._scores[producer_id] = self._peaks[producer_id] = SILENCE
            self._order.remove(producer_id)
            self._order.append(producer_id)

    def tick(self, now: float) -> bool:
        """→ whether the order changed."""
        fall = max(0.0, now - self._ticked_at) * FALL_DB_PER_SECOND
        self._ticked_at = now
        for id, peak in self._peaks.items():
            self._scores[id] = max(peak, self._scores[id] - fall, SILENCE)
            self._peaks[id] = SILENCE
        return self._sort()

    def _sort(self) -> bool:
        """Insertion sort in which nobody passes who is not clearly louder: equal voices keep their places."""
        changed = False
        order, scores = self._order, self._scores
        for start in range(1, len(order)):
            at, score = start, scores[order[start]]
            if score < AUDIBLE:
                continue
            while at and score >= max(scores[order[at - 1]], AUDIBLE - MARGIN_DB) + MARGIN_DB:
                order[at - 1], order[at] = order[at], order[at - 1]
                at -= 1
                changed = True
        return changed

    @property
    def order(self) -> list[str]:
        """Producer ids, loudest first; silent ones by when they last spoke."""
        return list(self._order)

    def heard(self, own: Collection[str] = (), limit: int = HEARD) -> list[str]:
        """What a peer with these own producers is sent."""
        found = []
        for id in self._order:
            if id not in own:
                found.append(id)
                if len(found) == limit:
                    break
        return found


class Candidate(NamedTuple):
    """One picture a peer could be sent. `loudness`: place of its peer's voice in `Loudness.order`, any large number without one."""

    producer_id: str
    pinned: bool = False
    screen: bool = False
    moderator: bool = False
    floor: bool = False
    loudness: int = 1 << 30


class LastN:
    """The pictures of one receiving peer. `choose` whenever something changed."""

    __slots__ = ("_shown", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._shown: dict[str, float] = {}  # id → since when

    def choose(self, candidates: Iterable[Candidate], now: float) -> list[str]:
        """Ids to forward, at most `limit`, the most important first."""
        ranked = sorted(candidates, key=_importance)
        chosen = [entry for entry in ranked if _chosen(entry)][: self.limit]
        places = self.limit - len(chosen)
        others = [entry for entry in ranked if not _chosen(entry)]
        kept = [entry for entry in others if entry.producer_id in self._shown][:places]
        fresh = [entry for entry in others if entry.producer_id not in self._shown]
        free = places - len(kept)
        kept += fresh[:free]
        for entry in fresh[free:]:
            if not self._displace(kept, entry, now):
                break
        found = [entry.producer_id for entry in chosen + sorted(kept, key=_importance)]
        self._shown = {id: self._shown.get(id, now) for id in found}
        return found

    def _displace(self, kept: list[Candidate], entry: Candidate, now: float) -> bool:
        """A louder one takes the place of the quietest, if that was shown for long enough."""
        old = [one for one in kept if now - self._shown.get(one.producer_id, now) >= MIN_SHOWN_SECONDS]
        quietest = max(old, key=_importance, default=None)
        if quietest is None or entry.loudness >= min(quietest.loudness, HEARD):
            return False
        kept.remove(quietest)
        kept.append(entry)
        return True


def _chosen(entry: Candidate) -> bool:
    return entry.pinned or entry.screen or entry.moderator or entry.floor


def _importance(entry: Candidate) -> tuple[bool, bool, bool, bool, int, str]:
    return not entry.pinned, not entry.screen, not entry.moderator, not entry.floor, entry.loudness, entry.producer_id
