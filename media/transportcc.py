"""What was sent to one transport under which transport-wide number, and when it arrived (transport-wide congestion control draft -01).

The sending side of what `media.arrivals` is for the receiving one. `SendLog.sent` gives the number for the header extension of each
packet; `acknowledge` turns parsed feedback into (sent, arrived, size) triples for `media.bandwidth`. It must never know streams,
consumers or what the figures are used for. The receiver's clock is its own: only differences of arrivals mean something.
"""

from __future__ import annotations

from array import array
from typing import Final, NamedTuple

from media.rtcp import TransportFeedback

#: Packets remembered: 2 s at 4,000 packets/s, the most one browser can be thought to take. A power of two.
CAPACITY: Final = 8192
_MASK: Final = CAPACITY - 1
_REFERENCE_SECONDS: Final = 0.064
_REFERENCES: Final = 1 << 24

#: (time of sending, time of arrival on the receiver's clock, bytes, probe cluster or 0)
Arrival = tuple[float, float, int, int]


class Acknowledged(NamedTuple):
    """One feedback packet. `lost` counts each missing packet once; `recovered` those that were called lost before and came after all."""

    arrivals: list[Arrival]
    lost: int
    recovered: int
    rtt: float  # feedback − sending of the newest packet acknowledged; 0.0 when there is none


class SendLog:
    """Three columns written in a circle; `sent` makes no object but the number.

    All of it lies in arrays whose place the compiled twin knows (`address`), so that whoever sends, here or there, counts on in the same
    log: `struct send_log` in express.h.
    """

    __slots__ = ("_clusters", "_head", "_reference", "_sizes", "_times", "address")

    def __init__(self, first_number: int = 0x10000) -> None:
        self._times = array("d", bytes(8 * CAPACITY))
        self._sizes = array("i", bytes(4 * CAPACITY))  # > 0 under way, < 0 told lost, 0 acknowledged or never sent
        self._clusters = array("i", bytes(4 * CAPACITY))
        columns = (self._times, self._sizes, self._clusters)
        self._head = array("q", [first_number, 0, 0, *[column.buffer_info()[0] for column in columns], _MASK])
        self.address = self._head.buffer_info()[0]
        self._reference: int | None = None  # newest reference time, unwrapped

    @property
    def next_number(self) -> int:
        """Extended; begins one cycle up, so that nothing is negative."""
        return self._head[0]

    @next_number.setter
    def next_number(self, number: int) -> None:
        self._head[0] = number

    @property
    def bytes(self) -> int:
        """All that was ever sent: a rate is a difference of two readings."""
        return self._head[1]

    @property
    def cluster(self) -> int:
        """What is sent now belongs to this probe, 0 to none."""
        return self._head[2]

    @cluster.setter
    def cluster(self, cluster: int) -> None:
        self._head[2] = cluster

    def sent(self, size: int, now: float) -> int:
        """→ the 16-bit number this packet carries. `size`: bytes on the wire, as UDP carries them."""
        head = self._head
        number = head[0]
        head[0] = number + 1
        slot = number & _MASK
        self._times[slot] = now
        self._sizes[slot] = size
        self._clusters[slot] = head[2]
        head[1] += size
        return number & 0xFFFF

    def sent_run(self, count: int, size: int, now: float) -> int:
        """Numbers for `count` packets of equal size that leave in one call. → the first of them."""
        first = self.next_number & 0xFFFF
        for _ in range(count):
            self.sent(size, now)
        return first

    def acknowledge(self, feedback: TransportFeedback, now: float) -> Acknowledged:
        """Feedback on packets that are not remembered, or twice on the same, changes nothing."""
        next_number, sizes, times = self.next_number, self._sizes, self._times
        number = next_number + ((feedback.base_seq - next_number + 0x8000) & 0xFFFF) - 0x8000
        arrived = self._unwrapped(feedback.reference_time) * _REFERENCE_SECONDS
        oldest = next_number - CAPACITY
        arrivals: list[Arrival] = []
        lost = recovered = 0
        newest = 0.0
        for delta in feedback.deltas:
            slot, known = number & _MASK, oldest <= number < next_number
            number += 1
            if delta is None:
                if known and sizes[slot] > 0:
                    sizes[slot] = -sizes[slot]
                    lost += 1
                continue
            arrived += delta
            if known and sizes[slot]:
                recovered += sizes[slot] < 0
                arrivals.append((times[slot], arrived, abs(sizes[slot]), self._clusters[slot]))
                newest = max(newest, times[slot])
                sizes[slot] = 0
        return Acknowledged(arrivals, lost, recovered, max(0.0, now - newest) if arrivals else 0.0)

    def _unwrapped(self, reference: int) -> int:
        """24 bits wrap every 12.4 days, a reordered feedback packet goes back a little."""
        if self._reference is None:
            self._reference = reference % _REFERENCES
        near = self._reference
        found = near + ((reference - near + _REFERENCES // 2) % _REFERENCES) - _REFERENCES // 2
        self._reference = max(near, found)
        return found
