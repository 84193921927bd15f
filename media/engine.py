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
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from media import express, journal, library
from media.forwarder import CALM_TICK_SECONDS, CONSENT_SECONDS, FAST_TICK_SECONDS, PUMP_SECONDS, Forwarder
from media.ice import bases
from media.plane import Report
from media.port import UdpPort, tagged
from media.router import Routers
from media.stun import Address
from media.tcp import TcpPort
from media.through import AGAIN, Through

Json = dict[str, Any]

#: Datagrams read, and datagrams made of them, in one turn: about 5 ms of work at most, then the loop may do something else.
MAX_READ: Final = 128
MAX_MADE: Final = 1024
WATCH_SECONDS: Final = 1.0
#: Ticks ride on the turns that packets cause anyway; a timer of its own wakes the process only when none came for so long. At low rates
#: waking up is most of the price of a packet.
LATE_SECONDS: Final = (0.005, 0.02, 0.1, 0.5)
IDLE_TICK_SECONDS: Final = 0.12  # beyond CALM_TICK_SECONDS, or the timer would come before the packet that it waits for
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
        compiled: bool = True,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.tcp = TcpPort(self._framed, self._gone, time.monotonic)
        self._ips = [ip.strip() for ip in listen_ip.split(",")]
        self.port = self._bind(self._ips[0], port, segment)
        self.port.elsewhere = self.tcp.send
        self.port.others = [self._bind(ip, self.port.number, segment) for ip in self._ips[1:]]
        self.forwarder = Forwarder(report, consent_seconds=consent_seconds)
        self.forwarder.drain = self.send
        loaded = library.load() if compiled else None
        if loaded is not None:
            self.forwarder.outputs.express = express.Express(loaded, self.port)
            self.forwarder.through = Through(loaded, self.forwarder, self.port)
        self.routers = Routers(self.forwarder, self._served(announced or default_announced(self._ips)))
        self.routers.port = self.port.number
        self.routers.shell_counters = self._counters
        self._watched_at = 0.0
        self._ticked_at = time.monotonic()
        self._loop.add_reader(self.port.socket.fileno(), self._readable)
        for number, other in enumerate(self.port.others, 1):
            self._loop.add_reader(other.socket.fileno(), self._readable_by, other, -number)
        self._late: Counter[str] = Counter()
        self._due = self._ticked_at + FAST_TICK_SECONDS
        self._timer = self._loop.call_later(FAST_TICK_SECONDS, self._idle)
        self._pumping: asyncio.TimerHandle | None = None
        self._again: asyncio.Handle | None = None

    def _bind(self, ip: str, number: int, segment: bool) -> UdpPort:
        """UDP and TCP on one number; where TCP is taken by somebody else, UDP alone."""
        for attempt in range(1, _ATTEMPTS + 1):
            port = UdpPort(ip, number, segment=segment)
            try:
                self.tcp.listen(ip, port.number)
            except OSError as error:
                if number or attempt == _ATTEMPTS:
                    journal.tell(logging.WARNING, "tcp_unavailable", port=port.number, error=type(error).__name__)
                    return port
                port.close()
            else:
                break
        return port

    def _served(self, announced: Sequence[str]) -> list[str]:
        """What can be reached here, of what the settings announce."""
        six = any(":" in ip for ip in self._ips)
        four = any(ip == "::" or ":" not in ip for ip in self._ips)
        families = [entry for entry in announced if (six if ":" in entry else four)]
        if self.tcp.listening:
            return families
        return [f"{address}/udp" for protocol, address in bases(families) if protocol == "udp"]

    def close(self) -> None:
        self._timer.cancel()
        for handle in (self._pumping, self._again):
            if handle is not None:
                handle.cancel()
        self._settle()
        self.routers.close_all()
        self.send()  # the farewells of DTLS
        self.tcp.close()
        if self.forwarder.through is not None:
            self.forwarder.through.free()
            self.forwarder.through = None
        for port in (self.port, *self.port.others):
            self._loop.remove_reader(port.socket.fileno())
            port.close()

    def call(self, method: Callable[..., Json], *arguments: Any) -> Json:
        """A control call, and at once what it wants to send (a key frame request, a close_notify)."""
        self._settle()
        answer = method(*arguments)
        self.forwarder.calm = False
        self.send()
        return answer

    def _settle(self) -> None:
        """Before anything is done: account for what was sent past the core."""
        if self.forwarder.through is not None:
            self.forwarder.through.tell()

    def send(self) -> None:
        forwarder = self.forwarder
        if forwarder.outlets:
            for leave in forwarder.outlets:
                leave()
            forwarder.outlets.clear()
        outputs = forwarder.outputs
        if outputs:
            self.port.send(outputs)
            outputs.clear()
        if forwarder.waiting and self._pumping is None:
            self._pumping = self._loop.call_later(PUMP_SECONDS, self._pump)

    def _pump(self) -> None:
        self._pumping = None
        self._settle()
        self.forwarder.pump(time.monotonic())
        self.send()

    def _readable(self) -> None:
        now = time.monotonic()
        through = self.forwarder.through
        if through is not None:
            self._drain(through, now)
        else:
            self._read(now)
        if now - self._ticked_at >= (CALM_TICK_SECONDS if self.forwarder.calm else FAST_TICK_SECONDS):
            self._tick(now)
        self.send()

    def _drain(self, through: Through, now: float) -> None:
        """By the library, as long as it has something to tell."""
        handed = 0
        while state := through.drain(now):
            handed += through.tell()
            if not state & AGAIN:
                break
            if handed > MAX_READ:  # the library holds datagrams of which the socket knows no more
                self._again = self._loop.call_soon(self._readable)
                break
        if handed:
            self.forwarder.flush()

    def _read(self, now: float) -> None:
        receive, feed = self.port.receive, self.forwarder.feed
        made = 0
        for _ in range(MAX_READ):
            received = receive()
            if received is None:
                break
            made += feed(received[0], received[1], now)
            if made > MAX_MADE:
                break
        self.forwarder.flush()

    def _readable_by(self, port: UdpPort, number: int) -> None:
        """The same for a further address: the packets of the main socket carry no number and do not ask for one."""
        now = time.monotonic()
        self._settle()
        made = 0
        for _ in range(MAX_READ):
            received = port.receive()
            if received is None:
                break
            made += self.forwarder.feed(received[0], tagged(received[1], number), now)
            if made > MAX_MADE:
                break
        self.forwarder.flush()
        self.send()

    def _framed(self, frames: list[bytes], source: Address) -> None:
        now = time.monotonic()
        self._settle()
        for frame in frames:
            self.forwarder.feed(frame, source, now)
        self.forwarder.flush()
        self.send()

    def _gone(self, address: Address) -> None:
        """A connection ended: whoever was reached by it is reached by the path checked last before it, or not at all."""
        self._settle()
        for transport in self.forwarder.transports.values():
            if address in transport.ice.checked:
                transport.ice.forget(address)
                self.forwarder.rebuild(transport, time.monotonic())

    def _idle(self) -> None:
        now = time.monotonic()
        self._note_late(now - self._due)
        wait = IDLE_TICK_SECONDS - (now - self._ticked_at)
        if wait <= 0.0:
            self._tick(now)
            self.send()
            wait = IDLE_TICK_SECONDS
        self._due = now + wait
        self._timer = self._loop.call_later(wait, self._idle)

    def _note_late(self, seconds: float) -> None:
        """The timer came later than it was set for: packets waited as long."""
        for bound in LATE_SECONDS:
            if seconds > bound:
                self._late[str(bound)] += 1

    def _tick(self, now: float) -> None:
        self._ticked_at = now
        self._settle()
        self.forwarder.tick(now)
        if self.tcp and now - self._watched_at >= WATCH_SECONDS:
            self._watched_at = now
            self.tcp.watch({address for transport in self.forwarder.transports.values() for address in transport.ice.checked}, now)

    def _counters(self) -> Json:
        ports = (self.port, *self.port.others)
        return {
            "packetsOut": sum(port.packets_out for port in ports),
            "bytesOut": sum(port.bytes_out for port in ports),
            "callsOut": sum(port.calls_out for port in ports),
            "segmenting": self.port.segmenting,
            "compiled": self.forwarder.outputs.express is not None,
            "tcpConnections": len(self.tcp),
            "late": dict(self._late),
            "drops": sum((port.drops for port in ports), self.tcp.drops),
        }


def default_announced(ips: Sequence[str]) -> list[str]:
    """The addresses listened on; for all of IPv4 and for loopback also the one this machine uses towards the outside."""
    found: dict[str, None] = {}
    for ip in ips:
        if ip == "::":
            found |= dict.fromkeys(["127.0.0.1", *_outward("192.0.2.1"), "::1", *_outward("2001:db8::1")])
        elif ip in ("0.0.0.0", "127.0.0.1"):
            found |= dict.fromkeys(["127.0.0.1", *_outward("192.0.2.1")])
        else:
            found[ip] = None
    return list(found)


def _outward(towards: str) -> list[str]:
    """TEST-NET-1 and the documentation prefix are routed like any other and owned by nobody; no packet is sent."""
    with socket.socket(socket.AF_INET6 if ":" in towards else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((towards, 9))
            return [str(probe.getsockname()[0])]
        except OSError:
            return []
