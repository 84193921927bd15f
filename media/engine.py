"""The asyncio shell around the core: a reader for datagrams, one for each TCP connection, one timer. It gives the core its clock and
takes its outputs to the port.

It decides how much is done in one turn of the loop, so that a flood of datagrams cannot keep the control channel waiting. It must never
look into a packet, and nothing here awaits.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from media.forwarder import CONSENT_SECONDS, FAST_TICK_SECONDS, Forwarder
from media.ice import bases
from media.plane import Report
from media.port import UdpPort
from media.router import Routers
from media.stun import Address
from media.tcp import TcpPort

Json = dict[str, Any]
logger = logging.getLogger("media")

#: Datagrams read, and datagrams made of them, in one turn: about 5 ms of work at most, then the loop may do something else.
MAX_READ: Final = 128
MAX_MADE: Final = 1024
WATCH_SECONDS: Final = 1.0
#: With port 0 the kernel chooses the UDP number; somebody may hold the same TCP number.
_ATTEMPTS: Final = 16


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
        self._loop = asyncio.get_running_loop()
        self.tcp = TcpPort(self._framed, self._gone, time.monotonic)
        self.port = self._bind(listen_ip, port, segment)
        self.port.elsewhere = self.tcp.send
        self.forwarder = Forwarder(report, consent_seconds=consent_seconds)
        self.routers = Routers(self.forwarder, self._served(announced or default_announced()))
        self.routers.port = self.port.number
        self.routers.shell_counters = self._counters
        self._watched_at = 0.0
        self._loop.add_reader(self.port.socket.fileno(), self._readable)
        self._timer = self._loop.call_later(FAST_TICK_SECONDS, self._tick)

    def _bind(self, ip: str, number: int, segment: bool) -> UdpPort:
        """UDP and TCP on one number; where TCP is taken by somebody else, UDP alone."""
        for attempt in range(1, _ATTEMPTS + 1):
            port = UdpPort(ip, number, segment=segment)
            try:
                self.tcp.listen(ip, port.number)
            except OSError as error:
                if number or attempt == _ATTEMPTS:
                    logger.warning("no media over TCP: port %s: %s", port.number, error)
                    return port
                port.close()
            else:
                break
        return port

    def _served(self, announced: Sequence[str]) -> list[str]:
        """What can be reached here, of what the settings announce."""
        if self.tcp.listening:
            return list(announced)
        return [f"{address}/udp" for protocol, address in bases(announced) if protocol == "udp"]

    def close(self) -> None:
        self._timer.cancel()
        self.routers.close_all()
        self.send()  # the farewells of DTLS
        self.tcp.close()
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

    def _framed(self, frames: list[bytes], source: Address) -> None:
        now = time.monotonic()
        for frame in frames:
            self.forwarder.feed(frame, source, now)
        self.forwarder.flush()
        self.send()

    def _gone(self, address: Address) -> None:
        """A connection ended: whoever was reached by it is reached by the path checked last before it, or not at all."""
        for transport in self.forwarder.transports.values():
            if address in transport.ice.checked:
                transport.ice.forget(address)
                self.forwarder.rebuild(transport, time.monotonic())

    def _tick(self) -> None:
        self._timer = self._loop.call_later(FAST_TICK_SECONDS, self._tick)
        now = time.monotonic()
        self.forwarder.tick(now)
        if self.tcp and now - self._watched_at >= WATCH_SECONDS:
            self._watched_at = now
            self.tcp.watch({address for transport in self.forwarder.transports.values() for address in transport.ice.checked}, now)
        self.send()

    def _counters(self) -> Json:
        return {
            "packetsOut": self.port.packets_out,
            "bytesOut": self.port.bytes_out,
            "callsOut": self.port.calls_out,
            "segmenting": self.port.segmenting,
            "tcpConnections": len(self.tcp),
            "drops": self.port.drops + self.tcp.drops,
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
