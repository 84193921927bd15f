"""Cut-through at work beside the Python it repeats: whatever it would have sent, Python sends, and both must be the same datagrams."""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Callable
from typing import Any

from media.express import place_of
from media.forwarder import Forwarder
from media.rtp import is_rtcp
from media.stream import Stream
from media.stun import Address
from media.through import Through
from tests.media.shadow import Shadow

ROOM = 8 << 20


class Twin(Through):
    """Attached to a forwarder in memory: `feed` offers each datagram to the library first, which writes down what it would have sent."""

    def __init__(self, library: Any, forwarder: Forwarder) -> None:
        self.shadow = Shadow(library)
        super().__init__(library, forwarder, self.shadow.port)
        self._captured = ctypes.create_string_buffer(ROOM)
        self.gate.captured, self.gate.captured_room = ctypes.addressof(self._captured), ROOM
        self.taken = self.compared = 0
        self._now, self._read = 0.0, 0
        self._feed, self._flush, self._tick, self._pump = forwarder.feed, forwarder.flush, forwarder.tick, forwarder.pump
        self._flush_one = forwarder.flush_one
        for name in ("feed", "flush", "tick", "pump", "flush_one"):
            setattr(forwarder, name, getattr(self, name))
        forwarder.outputs.express = self.shadow
        forwarder.through = self

    def feed(self, data: bytes, source: Address, now: float) -> int:
        self._now = now
        place = place_of(source, socket.AF_INET)
        if place is not None and self._kept_numbers(lambda: self._library.through_take(self._handle, data, len(data), place, 16, now)):
            self.taken += 1
            return 0
        self.settle()
        return self._feed(data, source, now)

    def flush(self) -> None:
        self.settle()
        self._flush()

    def tick(self, now: float) -> None:
        self.settle()
        self._tick(now)

    def pump(self, now: float) -> None:
        self.settle()
        self._pump(now)

    def settle(self) -> None:
        self._kept_numbers(lambda: self._library.through_flush(self._handle, self._now))
        self.tell()

    def _kept_numbers(self, act: Callable[[], Any]) -> Any:
        """Python is going to give the same transport-wide numbers again."""
        logs = [transport.path.log for transport in self._forwarder.transports.values() if transport.path.log is not None]
        before = [log.next_number for log in logs]
        answer = act()
        for log, number in zip(logs, before, strict=True):
            log.next_number = number
        return answer

    def flush_one(self, stream: Stream, *, sent: bool = False) -> None:
        if not sent:
            self._flush_one(stream)
            return
        outputs = self._forwarder.outputs
        before = len(outputs)
        self._flush_one(stream)
        made = [data for data, _, _ in outputs[before:] if isinstance(data, bytes) and not is_rtcp(data)]
        assert self._written(len(made)) == made
        self.compared += len(made)

    def _written(self, count: int) -> list[bytes]:
        """The next datagrams that the library wrote down."""
        found: list[bytes] = []
        at = self._read
        for _ in range(count):
            (length,) = struct.unpack_from("!H", self._captured, at + 2)
            found.append(bytes(memoryview(self._captured)[at + 4 : at + 4 + length]))
            at += 4 + length
        self._read = at
        return found

    def _go_through(self, used: int) -> int:
        self._read = 0
        bugs = self._bugs()
        handed = super()._go_through(used)
        assert self._bugs() == bugs
        assert self._read == self.gate.captured_used, "more was sent than Python would have"
        self.gate.captured_used = 0
        return handed

    def _bugs(self) -> dict[str, int]:
        return {reason: count for reason, count in self._forwarder.drops.items() if reason.startswith("bug_")}
