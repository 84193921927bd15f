"""Which packets of one received stream are missing, when to ask for them again, and what a receiver report says of the stream.

It decides when a hole is worth a NACK (RFC 4585 §6.2.1) and when to give up, and keeps the statistics of RFC 3550 (§6.4.1, A.1, A.3, A.8).
It must never know sockets, SSRCs or codecs, and it reads no clock. One tracker per received SSRC; repaired packets (RTX) are fed with
their original sequence number and no timestamp, because their delay is not the network's jitter.

Every bound is against a sender that lies: at most `WINDOW` holes are remembered, at most `MAX_PER_REQUEST` asked for at once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

#: Packets behind the newest that can still be of use: 1 s of a 2.5 Mb/s video in packets of 1,200 bytes is 260; four times that.
WINDOW: Final = 1024
#: A jump of more is another numbering, not a loss (RFC 3550 A.1, MAX_DROPOUT), once a second packet confirms it.
MAX_DROPOUT: Final = 3000
MAX_PER_REQUEST: Final = 64
MAX_TRIES: Final = 10
#: Reordering on real paths stays within a few milliseconds; asking at once would fetch packets that are on their way.
REORDER_SECONDS: Final = 0.01
MIN_RETRY_SECONDS: Final = 0.02
#: Until the sender's way is measured.
DEFAULT_RTT: Final = 0.1
#: On a way so long a lost request costs a picture: each is told twice, `ECHO_SECONDS` apart. Senders answer the second of two that both
#: arrive with nothing, as the first answer is younger than their round trip (libwebrtc's RtpPacketHistory).
LONG_RTT: Final = 0.08
ECHO_SECONDS: Final = 0.03
#: For the same reason the next pair waits a little longer than a round trip, whose measure lags behind.
_MARGIN_SECONDS: Final = 0.015
#: Beyond this a repaired packet comes too late for any jitter buffer that a live conversation tolerates.
GIVE_UP_SECONDS: Final = 1.0
#: A step of the timestamp line by more is a new line (source replaced), not jitter.
_MAX_JITTER_STEP_SECONDS: Final = 5.0


class Reception(NamedTuple):
    """The stream's part of a report block (`media.rtcp.ReportBlock` has the same names)."""

    highest_seq: int  # extended, 32 bit
    fraction_lost: int  # since the last call, of 256
    cumulative_lost: int  # may be negative in theory; here never, duplicates are not counted as received
    jitter: int  # RTP clock units


class _Hole:
    __slots__ = ("next_at", "since", "tries")

    def __init__(self, now: float) -> None:
        self.since = now
        self.next_at = now + REORDER_SECONDS
        self.tries = 0


class GapTracker:
    """`seen` for every packet, `due` on every tick, `reception` for every report."""

    __slots__ = (
        "_base",
        "_clock_rate",
        "_doubtful",
        "_expected_before",
        "_highest",
        "_holes",
        "_jitter",
        "_received_before",
        "_transit",
        "abandoned",
        "duplicate",
        "received",
        "reordered",
        "repair_seconds",
        "repaired_at",
        "resets",
    )

    def __init__(self, clock_rate: int = 90_000) -> None:
        self.received = 0  # different packets
        self.duplicate = 0
        self.reordered = 0
        self.abandoned = 0  # holes no longer asked for: a video decoder now needs a key frame
        self.resets = 0
        self.repair_seconds = 0.0  # that a repair takes from the noticing on, nearly the longest of the last ones
        self.repaired_at = -GIVE_UP_SECONDS * 6
        self._clock_rate = clock_rate
        self._base = 0  # extended number of the first packet, moved on by resets
        self._highest = -1
        self._doubtful: int | None = None  # the number that would confirm a jump
        self._holes: dict[int, _Hole | None] = {}  # ascending; None: not received and given up
        self._transit: float | None = None
        self._jitter = 0.0
        self._expected_before = 0
        self._received_before = 0

    @property
    def expected(self) -> int:
        return self._highest - self._base + 1 if self._highest >= 0 else 0

    @property
    def lost(self) -> int:
        return self.expected - self.received

    @property
    def waits(self) -> bool:
        """Whether something missing is still asked for."""
        return any(hole is not None for hole in self._holes.values())

    def seen(self, seq: int, now: float, timestamp: int | None = None) -> None:
        """One packet with its 16-bit sequence number and, if it took the normal path, its RTP timestamp."""
        if seq == (self._highest + 1) & 0xFFFF and self._highest >= 0:  # nearly always
            self._highest += 1
            self.received += 1
            self._doubtful = None
        elif not self._irregular(seq, now):
            return
        if timestamp is not None:
            self._measure_jitter(timestamp, now)

    def _irregular(self, seq: int, now: float) -> bool:
        if self._highest < 0:
            self._base = self._highest = seq
            self.received = 1
            return True
        ahead = (seq - self._highest) & 0xFFFF
        if ahead < MAX_DROPOUT and ahead != 0:
            self._advance(ahead, now)
            return True
        behind = -ahead & 0xFFFF
        if behind < WINDOW:
            return self._late(self._highest - behind, now)
        if seq != self._doubtful:
            self._doubtful = (seq + 1) & 0xFFFF
            return False
        self._reset(ahead)
        return True

    def _advance(self, ahead: int, now: float) -> None:
        first = max(self._highest + 1, self._highest + ahead - WINDOW + 1)
        self.abandoned += first - self._highest - 1
        for number in range(first, self._highest + ahead):
            self._holes[number] = _Hole(now)
        self._highest += ahead
        self.received += 1
        self._doubtful = None
        self._forget_old()

    def _forget_old(self) -> None:
        while self._holes and (oldest := next(iter(self._holes))) <= self._highest - WINDOW:
            if self._holes.pop(oldest) is not None:
                self.abandoned += 1

    def _late(self, number: int, now: float) -> bool:
        if number not in self._holes:
            self.duplicate += 1
            return False
        hole = self._holes.pop(number)
        if hole is not None and hole.tries:
            taken = now - hole.since
            self.repair_seconds = taken if now - self.repaired_at > GIVE_UP_SECONDS * 5 else max(taken, self.repair_seconds * 0.95)
            self.repaired_at = now
        self.received += 1
        self.reordered += 1
        return True

    def _reset(self, ahead: int) -> None:
        """Go on at the new number without calling the jump a loss. The first packet after the jump was held in doubt: count it now."""
        self._base += ahead - 2
        self._highest += ahead
        self.received += 2
        self.resets += 1
        self._holes.clear()
        self._doubtful = None
        self._transit = None

    def due(self, now: float, rtt: float = DEFAULT_RTT) -> list[int]:
        """16-bit numbers to ask for now, oldest first; each at most `MAX_TRIES` times. `rtt`: seconds to the sender and back."""
        if not self._holes:
            return []
        self._forget_old()
        wanted: list[int] = []
        for number, hole in self._holes.items():
            if hole is None or hole.next_at > now:
                continue
            if hole.tries >= MAX_TRIES or now - hole.since > GIVE_UP_SECONDS:
                self._holes[number] = None
                self.abandoned += 1
            elif len(wanted) < MAX_PER_REQUEST:
                hole.next_at = now + _until_next(hole.tries, rtt)
                hole.tries += 1
                wanted.append(number & 0xFFFF)
        return wanted

    def reception(self) -> Reception:
        """Figures for a report; the fraction covers the time since the previous call (RFC 3550 A.3)."""
        expected = self.expected - self._expected_before
        received = self.received - self._received_before
        self._expected_before, self._received_before = self.expected, self.received
        fraction = ((expected - received) << 8) // expected if expected > received > -1 and expected > 0 else 0
        return Reception(max(self._highest, 0) & 0xFFFF_FFFF, min(fraction, 255), self.lost, int(self._jitter))

    def _measure_jitter(self, timestamp: int, now: float) -> None:
        arrival = now * self._clock_rate
        transit = arrival - timestamp
        if self._transit is not None:
            step = (transit - self._transit + 2**31) % 2**32 - 2**31  # timestamps wrap at 32 bits
            if abs(step) < _MAX_JITTER_STEP_SECONDS * self._clock_rate:
                self._jitter += (abs(step) - self._jitter) / 16
        self._transit = transit


def _until_next(tries: int, rtt: float) -> float:
    """Seconds from the request number `tries` to the next one of the same packet."""
    if rtt < LONG_RTT:
        return max(rtt, MIN_RETRY_SECONDS)
    return rtt + _MARGIN_SECONDS - ECHO_SECONDS if tries & 1 else ECHO_SECONDS
