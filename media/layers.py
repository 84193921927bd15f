"""Which simulcast layer each consumer of one peer gets, within what reaches that peer; and which layers of a producer anybody wants.

Wanted (the tile's size, whether it is on the page, who is shown), available (layers seen alive with their measured bit rates), allowed (the
estimate): voices first, then the lowest layer of every visible picture by importance, then steps upwards by importance. What does not fit
is paused, pictures before voices. Upwards only with room to spare and some time after a step down; downwards at once.

It must never know packets, estimators or people; ids are opaque. `allocate` is a pure function, `LayerChoice` adds the memory of a peer,
`SenderWishes` that of a producer. Layers are numbered from 0, the smallest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

PAUSED: Final = -1
#: A layer will do for a tile up to a third larger; the eye does not see it, the path does.
ENOUGH: Final = 0.75
#: A step up must fit with so much room, staying may exceed by as little: rates of cameras move by some per cent all the time.
UP_MARGIN: Final = 1.15
STAY_MARGIN: Final = 0.95
#: One queue that grew makes 85 % of what arrived of an estimate; when that was the smallest picture alone, it would be paused each time. It
#: may exceed the estimate by two fifths for so long: a path that really is so narrow says it again within this time.
SQUEEZE_MARGIN: Final = 0.7
SQUEEZE_SECONDS: Final = 1.5
#: After a step down the same consumer waits so long before it goes up: each switch costs a key frame.
UP_WAIT_SECONDS: Final = 3.0
#: A layer that nobody wants is stopped after so long: someone may scroll back, and starting it costs a key frame.
STOP_SECONDS: Final = 5.0
#: Without a packet for so long a layer is not there (the browser lacks the capacity, or was told to stop it).
ALIVE_SECONDS: Final = 1.0
#: The same while the smallest layer of the same camera goes on, for so many of its pictures: the browser has stopped it, and each tenth of
#: a second until that is noticed is one of a picture that stands still.
STOPPED_SECONDS: Final = 0.15
MISSED: Final = 3
_RATE_SECONDS: Final = 1.0
#: A layer that falls silent from time to time is not dead before so many of its silences, each at most so long (a stop is no silence).
_GAPS: Final = 2.5
_LONGEST_GAP: Final = 3.0
_GAP_FADES: Final = 0.98
#: A stop costs its viewers four tenths of a second of a picture that stands still, whatever is done about it: so seldom that they are two
#: hundredths of the time.
_TRIAL_SECONDS: Final = 20.0
_LONGEST_TRIAL: Final = 60.0
_LASTED_SECONDS: Final = 30.0
#: Pictures a second, as a share of those of a smaller layer: below it is not worth its bits, from there on it is again.
_STARVED: Final = 0.4
_RECOVERED: Final = 0.6
#: Of fewer pictures a second (a screen, a dark room) no layer is starved.
_LEAST_CADENCE: Final = 5.0
_EVERYTHING: Final = 1 << 30  # what a producer sends before it is told anything


class Layer(NamedTuple):
    bitrate: int  # measured bit/s; 0: not alive
    height: int  # of the picture in pixels


class Wish(NamedTuple):
    """What one consumer wants. `tile`: height of its tile in device pixels; `rank`: order among pictures alike, the loudest 0."""

    consumer_id: str
    kind: str  # audio, video
    layers: Sequence[Layer]
    tile: int = 0
    visible: bool = True
    pinned: bool = False
    screen: bool = False
    moderator: bool = False
    floor: bool = False
    rank: int = 1 << 30


class Allocation(NamedTuple):
    chosen: dict[str, int]  # consumer id → layer, PAUSED
    bitrate: int  # of what was chosen
    wanted: int  # of everything that would be chosen if the path allowed it: what to probe for
    squeezed: frozenset[str]  # smallest pictures that stay although they do not fit, for a moment


def target(wish: Wish) -> int:
    """The layer the tile asks for, whatever the path: the smallest that is enough, else the largest alive."""
    if wish.kind == "audio":
        return 0
    best = PAUSED
    if wish.visible:
        for number, layer in enumerate(wish.layers):
            if layer.bitrate:
                best = number
                if layer.height >= wish.tile * ENOUGH:
                    break
    return best


def ideal(wish: Wish) -> int:
    """The layer the sender should produce for this tile, whether it does or not."""
    if not wish.layers or (wish.kind != "audio" and not wish.visible):
        return PAUSED
    return next((n for n, layer in enumerate(wish.layers) if layer.height >= wish.tile * ENOUGH), len(wish.layers) - 1)


def allocate(
    allowed: int,
    wishes: Iterable[Wish],
    current: Mapping[str, int],
    held: frozenset[str] = frozenset(),
    tired: frozenset[str] = frozenset(),
) -> Allocation:
    """`current`: what each has now (absent: PAUSED); `held`: those that may not go up yet; `tired`: those that were squeezed in for long
    enough.
    """
    ordered = sorted(wishes, key=_importance)
    chosen = {wish.consumer_id: PAUSED for wish in ordered}
    targets = {wish.consumer_id: target(wish) for wish in ordered}
    spent = 0
    for wish in ordered:
        if wish.kind == "audio":  # always: there is nothing left to save a path that does not carry voices
            chosen[wish.consumer_id] = 0
            spent += _cost(wish, 0)
    pictures = [wish for wish in ordered if wish.kind != "audio"]
    squeezed: set[str] = set()
    moved = True
    while moved:  # one round per layer: everybody's first, then everybody's second, …
        moved = False
        for wish in pictures:
            id, before = wish.consumer_id, chosen[wish.consumer_id]
            after = _next(wish, before, targets[id])
            if after == before or (id in held and after > current.get(id, PAUSED)):
                continue
            more = _cost(wish, after) - _cost(wish, before)
            stays = after <= current.get(id, PAUSED)
            squeezes = stays and before == PAUSED and id not in tired
            margin = UP_MARGIN if not stays else SQUEEZE_MARGIN if squeezes else STAY_MARGIN
            if spent + more <= allowed / margin:
                chosen[id] = after
                spent += more
                moved = True
                if spent > allowed / STAY_MARGIN:
                    squeezed.add(id)
    wanted = sum(_cost(wish, targets[wish.consumer_id]) for wish in ordered)
    return Allocation(chosen, spent, int(wanted * UP_MARGIN), frozenset(squeezed))


def _next(wish: Wish, layer: int, upto: int) -> int:
    """The next layer above that is alive; the same when there is none up to the target."""
    return next((n for n in range(layer + 1, upto + 1) if wish.layers[n].bitrate), layer)


def _cost(wish: Wish, layer: int) -> int:
    return wish.layers[layer].bitrate if 0 <= layer < len(wish.layers) else 0


def _importance(wish: Wish) -> tuple[bool, bool, bool, bool, int, int, str]:
    return not wish.pinned, not wish.screen, not wish.moderator, not wish.floor, wish.rank, -wish.tile, wish.consumer_id


class LayerChoice:
    """One receiving peer: `choose` on every tick of the estimate and on every change of a wish."""

    __slots__ = ("_lowered", "_squeezed", "chosen", "spent", "wanted")

    def __init__(self) -> None:
        self.chosen: dict[str, int] = {}
        self.wanted = 0
        self.spent = 0  # bit/s of what was chosen
        self._lowered: dict[str, float] = {}
        self._squeezed: dict[str, float] = {}  # since when

    @property
    def holds(self) -> bool:
        """Whether time alone will change the choice: after a step down, or with a picture squeezed in."""
        return bool(self._lowered or self._squeezed)

    def choose(self, allowed: int, wishes: Sequence[Wish], now: float) -> dict[str, int]:
        """→ only what changed: consumer id → layer, PAUSED."""
        self._lowered = {id: at for id, at in self._lowered.items() if now - at < UP_WAIT_SECONDS}
        tired = frozenset([id for id, since in self._squeezed.items() if now - since >= SQUEEZE_SECONDS])
        allocation = allocate(allowed, wishes, self.chosen, frozenset(self._lowered), tired)
        self._squeezed = {id: self._squeezed.get(id, now) for id in allocation.squeezed}
        changed = {id: layer for id, layer in allocation.chosen.items() if layer != self.chosen.get(id)}
        for wish in wishes:
            layer, before = allocation.chosen[wish.consumer_id], self.chosen.get(wish.consumer_id, PAUSED)
            if layer < min(before, target(wish)):  # the path forced it, not the page
                self._lowered[wish.consumer_id] = now
        self.chosen, self.spent, self.wanted = allocation.chosen, allocation.bitrate, allocation.wanted
        return changed


class LayerMeter:
    """Whether one layer is alive and how much it is, from its counter of octets; no work per packet."""

    __slots__ = ("_alive_at", "_alive_seconds", "_at", "_gap", "bitrate", "octets")

    def __init__(self, alive_seconds: float = ALIVE_SECONDS) -> None:
        """A screen that does not change sends a picture a second or fewer: what was silent and came back is waited for longer."""
        self.bitrate = 0
        self._alive_seconds = alive_seconds
        self._gap = 0.0  # silence before the latest packets, fading
        self.octets: int | None = None  # at the last sample
        self._at = self._alive_at = 0.0

    def sample(self, octets: int, now: float, *, stopped: bool = False) -> int:
        """The stream's counter, a few times a second; `stopped`: its silence is no picture that does not change. → bit/s, 0 while it is
        not alive.
        """
        passed = now - self._at
        if self.octets is None or octets < self.octets:
            self.octets, self._at, self._alive_at = octets, now, now
            return self.bitrate
        if passed <= 0.0:
            return self.bitrate
        if stopped:
            self.bitrate = 0
        elif octets > self.octets:
            rate = (octets - self.octets) * 8 / passed
            share = min(1.0, passed / _RATE_SECONDS) if self.bitrate else 1.0
            self.bitrate = max(1, round(self.bitrate + share * (rate - self.bitrate)))
            self._gap = max(min(now - self._alive_at, _LONGEST_GAP), self._gap * _GAP_FADES)
            self._alive_at = now
        elif now - self._alive_at >= max(self._alive_seconds, self._gap * _GAPS):
            self.bitrate = 0
        self.octets, self._at = octets, now
        return self.bitrate


class Trial:
    """A layer that its sender stopped although it was wanted is believed again once it has lasted, each time longer: an encoder at the
    edge of what its path carries starts and stops it, and each change costs its viewers a key frame.
    """

    __slots__ = ("_alive", "_began", "_seconds", "passed")

    def __init__(self) -> None:
        self._alive = False
        self._began = 0.0
        self._seconds = 0.0
        self.passed = True

    def watch(self, alive: bool, stopped: bool, now: float) -> None:
        """`stopped`: silent by the sender's own will, should it be silent."""
        if alive and not self._alive:
            self._began = now
        elif self._alive and not alive:
            again = self._seconds if now - self._began < _LASTED_SECONDS else 0.0
            self._seconds = min(max(2 * again, _TRIAL_SECONDS), _LONGEST_TRIAL) if stopped else 0.0
        self._alive = alive
        self.passed = now - self._began >= self._seconds


class Cadence:
    """Whether one layer keeps up with a smaller one: an encoder short of bits lets most pictures of a large layer out, and six a second
    of 360 lines are worse than twenty of 180. Judged over whole seconds, all layers of a producer at the same instants.
    """

    __slots__ = ("_frames", "per_second", "starved")

    def __init__(self) -> None:
        self._frames: int | None = None
        self.per_second = 0.0
        self.starved = False

    def judge(self, frames: int, seconds: float, smaller: float) -> float:
        """`frames`: counter of pictures; `smaller`: the best of the smaller layers, a second. → the better of this one and those."""
        whole = self._frames is not None and self.per_second > 0.0  # of its first second only a part is known
        self.per_second = (frames - self._frames) / seconds if self._frames is not None else 0.0
        self._frames = frames
        share = _RECOVERED if self.starved else _STARVED
        self.starved = whole and smaller >= _LEAST_CADENCE and 0.0 < self.per_second < share * smaller
        return max(self.per_second, smaller)


class SenderWishes:
    """What to tell the producers: the highest layer anybody's tile wants, up at once, down after a while."""

    __slots__ = ("_told", "_unwanted_since")

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._unwanted_since: dict[str, float] = {}

    def update(self, wishes: Mapping[str, Iterable[int]], now: float) -> dict[str, int]:
        """`wishes`: producer id → `ideal` of each of its consumers. → what to tell: producer id → highest layer wanted, PAUSED for none."""
        changed: dict[str, int] = {}
        for id in [id for id in self._told if id not in wishes]:
            del self._told[id]
            self._unwanted_since.pop(id, None)
        for id, layers in wishes.items():
            highest = max(layers, default=PAUSED)
            told = self._told.setdefault(id, _EVERYTHING)
            if highest > told:
                self._unwanted_since.pop(id, None)
                changed[id] = self._told[id] = highest
            elif highest == told:
                self._unwanted_since.pop(id, None)
            elif now - self._unwanted_since.setdefault(id, now) >= STOP_SECONDS:
                del self._unwanted_since[id]
                changed[id] = self._told[id] = highest
        return changed
