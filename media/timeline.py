"""From RTP timestamps to the one clock of a recording, so that the files of a meeting lie side by side.

A stream's first packet says roughly when it was; its sender reports say how voice and picture of one client belong together, and keep a
sender's clock that runs fast or slow from running away. It must never know files or packets. RFC 3550 §6.4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from media.rtcp import SenderReport

#: Corrections smaller than this would only make the picture tremble; lip-sync asks for 45 ms.
UNFELT_SECONDS: Final = 0.015
_HALF: Final = 1 << 31


@dataclass
class SenderClock:
    """One client's NTP clock against ours: the least delay with which a report came is nearest to the truth.

    The least of the last minutes, not of all times: clocks drift by seconds in a day.
    """

    _delays: list[float] = field(default_factory=list)

    def heard(self, ntp: int, at: float) -> float:
        """→ what has to be added to the sender's NTP seconds."""
        self._delays = [*self._delays[-63:], at - ntp / 4294967296]
        return min(self._delays)


class Timeline:
    def __init__(self, clock: SenderClock, rate: int) -> None:
        self._clock = clock
        self._rate = rate
        self._anchor: tuple[float, int] | None = None  # (seconds, unwrapped RTP timestamp)
        self._newest = 0
        self._report: SenderReport | None = None
        self._offset = 0.0

    def _unwrapped(self, timestamp: int) -> int:
        step = timestamp - self._newest & 0xFFFFFFFF
        return self._newest + (step - (1 << 32) if step >= _HALF else step)

    def at(self, timestamp: int, now: float, report: SenderReport | None, report_at: float) -> float:
        """When the media of this timestamp was, in our seconds. `report`: the stream's newest."""
        if self._anchor is None:
            self._newest = timestamp
            self._anchor = (now, timestamp)
        stamp = self._newest = self._unwrapped(timestamp)
        if report is not None and report is not self._report:
            self._report = report
            self._align(report, report_at)
        seconds, anchor = self._anchor
        return seconds + (stamp - anchor) / self._rate

    def _align(self, report: SenderReport, at: float) -> None:
        """The report says both clocks of one instant."""
        true = report.ntp / 4294967296 + self._clock.heard(report.ntp, at)
        stamp = self._unwrapped(report.rtp_timestamp)
        seconds, anchor = self._anchor or (true, stamp)
        if abs(true - (seconds + (stamp - anchor) / self._rate)) > UNFELT_SECONDS:
            self._anchor = (true, stamp)
