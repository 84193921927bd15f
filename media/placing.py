"""Which worker takes a room, and which one a receiver of a room: choices made of figures, without a clock or a channel.

A room lives on one worker, its home: everybody who sends is there, and so is what hears them. Receivers are there too, as long as it
has room for them; the rest of a lecture's audience is spread over few further workers, because each of them costs a copy of what is
sent. It must never know processes, sockets or people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

#: Receivers of one room on one worker before a further worker is asked: with a lecturer's voice and picture about a tenth of a core.
SPREAD_RECEIVERS: Final = 150
#: A worker so busy (share of one core) takes no more of a room while another has more to spare.
BUSY_SHARE: Final = 0.6
#: What one receiver and one room are taken to cost before their packets show in the CPU figure.
RECEIVER_SHARE: Final = 0.0005
ROOM_SHARE: Final = 0.001


@dataclass(frozen=True)
class Load:
    """One worker as it was read last. `share` of one core; `receivers` and `rooms` are what the pool itself has placed there."""

    share: float = 0.0
    receivers: int = 0
    rooms: int = 0

    @property
    def weight(self) -> float:
        """Whichever is more: what it was seen to use, or what was promised since and does not show yet."""
        return max(self.share, self.receivers * RECEIVER_SHARE) + self.rooms * ROOM_SHARE


def place_room(loads: Mapping[int, Load]) -> int | None:
    """The worker with the least to do; None when there is none."""
    return min(loads, key=lambda number: (loads[number].weight, number), default=None)


def place_receiver(loads: Mapping[int, Load], members: Sequence[int], receivers: Mapping[int, int], spread: int) -> int | None:
    """The worker for one more receiver of a room. `members`: workers that have the room, home first; `receivers`: of this room on each.

    `spread`: how many a worker takes before a further one is asked.
    """
    present = [number for number in members if number in loads]
    for number in present:
        if receivers.get(number, 0) < spread and loads[number].share < BUSY_SHARE:
            return number
    further = {number: load for number, load in loads.items() if number not in present}
    best = place_room(further)
    among = [*present, *([] if best is None else [best])]
    return min(among, key=lambda number: loads[number].weight, default=None)
