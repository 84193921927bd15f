"""The asyncio shell around the core: one reader callback, one timer. It gives the core its clock and takes its outputs to the port.

It decides how much is done in one turn of the loop, so that a flood of datagrams cannot keep the control channel waiting. It must never
look into a packet, and nothing here awaits.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from media.forwarder import CONSENT_SECONDS, FAST_TICK_SECONDS, Forwarder
from media.plane import Report
from media.port import UdpPort
from media.router import Routers

Json = dict[str, Any]

#: Datagrams read, and datagrams made of them, in one turn: about 5 ms of work at most, then the loop may do something else.
MAX_READ: Final = 128
MAX_MADE: Final = 1024


class Engine:
    def __init__(
        self,
        report: Report,
        *,
        listen_ip: str,
        port: int,
        announced: Sequence[str] = (),
        segment: bool = True,
        consent_seconds: float = CONSENT_SECONDS,
    ) -> None:
        self.port = UdpPort(listen_ip, port, segment=segment)
        self.forwarder = Forwarder(report, consent_seconds=consent_seconds)
        self.routers = Routers(self.forwarder, announced or default_announced())
        self.routers.port = self.port.number
        self.routers.shell_counters = self._counters
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.port.socket.fileno(), self._readable)
        self._timer = self._loop.call_later(FAST_TICK_SECONDS, self._tick)

    def close(self) -> None:
        self._timer.cancel()
        self.routers.close_all()
        self.send()  # the farewells of DTLS
        self._loop.remove_reader(self.port.socket.fileno())
        self.port.close()

    def call(self, method: Callable[..., Json], *arguments: Any) -> Json:
        """A control call, and at once what it wants to send (a key frame request, a close_notify)."""
        answer = method(*arguments)
        self.send()
        return answer

    def send(self) -> None:
        outputs = self.forwarder.outputs
        if outputs:
            self.port.send(outputs)
            outputs.clear()

    def _readable(self) -> None:
        receive, feed = self.port.receive, self.forwarder.feed
        now = time.monotonic()
        made = 0
        for _ in range(MAX_READ):
            received = receive()
            if received is None:
                break
            made += feed(received[0], received[1], now)
            if made > MAX_MADE:
                break
        self.forwarder.flush()
        self.send()

    def _tick(self) -> None:
        self._timer = self._loop.call_later(FAST_TICK_SECONDS, self._tick)
        self.forwarder.tick(time.monotonic())
        self.send()

    def _counters(self) -> Json:
        return {
            "packetsOut": self.port.packets_out,
            "bytesOut": self.port.bytes_out,
            "callsOut": self.port.calls_out,
            "segmenting": self.port.segmenting,
            "drops": self.port.drops,
        }


def default_announced() -> list[str]:
    """127.0.0.1 and the address this machine uses towards the outside (no packet is sent to find it)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1: routed like any other, owned by nobody
            outward = str(probe.getsockname()[0])
        except OSError:
            return ["127.0.0.1"]
    return ["127.0.0.1"] if outward.startswith("127.") else ["127.0.0.1", outward]
