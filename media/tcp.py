"""TCP connections of clients whose network blocks UDP: passive candidates (RFC 6544), packets framed as RFC 4571 says.

It decides who may hold a connection, for how long, and how much may wait in it: a connection that no transport has checked, one that
sends a frame by the byte, one that does not read, is cut off and counted. It must never know what is in a frame: frames go to the core
as datagrams do, under an address of five whose last is the connection's own number, so a port used again is never taken for the old one.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter, deque
from collections.abc import Callable, Collection
from typing import Final

from media.stun import Address

#: As the largest datagram. What is no client of ours (a web browser's "GET") announces far more in its first two bytes.
MAX_FRAME: Final = 1500
MAX_CONNECTIONS: Final = 900  # below the 1,024 descriptors a process has by default
#: A whole office may come from one address, two transports each.
MAX_CONNECTIONS_OF_ONE: Final = 256
#: Checks come within a second of connecting, so whoever has passed none by now is a stranger.
UNCHECKED_SECONDS: Final = 5.0
FRAME_SECONDS: Final = 5.0
#: Chrome checks every 2.5 s; RFC 7675 gives up after 30.
IDLE_SECONDS: Final = 30.0
#: Waiting for a client that reads slowly: half a second of 1 Mb/s here, as much again in the kernel. Later packets are dropped.
MAX_WAITING: Final = 1 << 16
READER_SECONDS: Final = 5.0
#: A listening socket stays readable while nothing can be accepted; asking it at once again would eat the core.
PAUSE_SECONDS: Final = 1.0
_READ_BYTES: Final = 1 << 14

Feed = Callable[[list[bytes], Address], None]


class FrameTooLong(Exception):
    """A length that no packet has: the other end is no client of ours."""


class Framing:
    """Bytes → packets, each behind its length in two bytes (RFC 4571 §2)."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        data = self.rest + data
        at, frames = 0, []
        while len(data) - at >= 2:
            end = at + 2 + (data[at] << 8 | data[at + 1])
            if end - at - 2 > MAX_FRAME:
                raise FrameTooLong
            if end > len(data):
                break
            if end > at + 2:
                frames.append(data[at + 2 : end])
            at = end
        self.rest = data[at:]
        return frames


def framed(packet: bytes) -> bytes:
    return len(packet).to_bytes(2, "big") + packet


class Connection:
    """One accepted socket and what waits in both directions."""

    def __init__(self, sock: socket.socket, address: Address, now: float) -> None:
        self.socket = sock
        self.address = address
        self.framing = Framing()
        self.waiting: deque[bytes] = deque()
        self.waiting_bytes = 0
        self.held_at = self.heard_at = self.moved_at = now
        self.frame_began = 0.0  # when the unfinished frame began; 0 while there is none

    def verdict(self, now: float) -> str:
        """Why it must go; empty while it may stay."""
        if now - self.held_at > UNCHECKED_SECONDS:
            return "tcp_unchecked"
        if self.frame_began and now - self.frame_began > FRAME_SECONDS:
            return "tcp_slow_sender"
        if self.waiting and now - self.moved_at > READER_SECONDS:
            return "tcp_slow_reader"
        return "tcp_idle" if now - self.heard_at > IDLE_SECONDS else ""

    def write(self) -> None:
        """As much as the kernel takes; raises OSError when the connection is broken."""
        while self.waiting:
            try:
                sent = self.socket.send(self.waiting[0])
            except BlockingIOError:
                return
            self.waiting_bytes -= sent
            rest = self.waiting.popleft()[sent:]
            if rest:
                self.waiting.appendleft(rest)


class TcpPort:
    """The listening sockets and their connections. `feed` takes what came, `gone` an address that is no more."""

    def __init__(self, feed: Feed, gone: Callable[[Address], None], clock: Callable[[], float]) -> None:
        self._feed = feed
        self._gone = gone
        self.drops: Counter[str] = Counter()
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._listening: list[socket.socket] = []
        self._connections: dict[int, Connection] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def listening(self) -> bool:
        return bool(self._listening)

    def listen(self, ip: str, port: int) -> None:
        """Raises OSError when the number is taken."""
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a worker that starts again; TCP still has one listener
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_WAITING)  # inherited by what is accepted
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(ip != "::"))
            listening.bind((ip, port))
            listening.listen(128)
        except OSError:
            listening.close()
            raise
        self._listening.append(listening)
        self._loop.add_reader(listening.fileno(), self._accept, listening)

    def close(self) -> None:
        for listening in self._listening:
            self._loop.remove_reader(listening.fileno())
            listening.close()
        self._listening.clear()
        for number in list(self._connections):
            self._cut(number, "")

    def send(self, packets: list[bytes], number: int) -> int:
        """→ how many were taken; the others are dropped and counted."""
        connection = self._connections.get(number)
        if connection is None:
            self.drops["tcp_gone"] += len(packets)
            return 0
        if connection.waiting_bytes > MAX_WAITING:
            self.drops["tcp_send_buffer_full"] += len(packets)
            return 0
        if not connection.waiting:
            connection.moved_at = self._clock()
            self._loop.add_writer(connection.socket.fileno(), self._writable, number)
        data = b"".join(map(framed, packets))
        connection.waiting.append(data)
        connection.waiting_bytes += len(data)
        self._writable(number)
        return len(packets)

    def watch(self, held: Collection[Address], now: float) -> None:
        """Once a second: `held` are the addresses that transports have checked. Cut off whoever may not stay."""
        for number, connection in list(self._connections.items()):
            if connection.address in held:
                connection.held_at = now
            reason = connection.verdict(now)
            if reason:
                self._cut(number, reason)

    def _accept(self, listening: socket.socket) -> None:
        try:
            sock, peer = listening.accept()
        except OSError:  # gone again, or no descriptor left
            self.drops["tcp_accept"] += 1
            self._loop.remove_reader(listening.fileno())
            self._loop.call_later(PAUSE_SECONDS, self._resume, listening)
            return
        of_one = sum(connection.address[0] == peer[0] for connection in self._connections.values())
        if len(self._connections) >= MAX_CONNECTIONS or of_one >= MAX_CONNECTIONS_OF_ONE:
            self.drops["tcp_connections"] += 1
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._number += 1
        self._connections[self._number] = Connection(sock, (peer[0], peer[1], 0, 0, self._number), self._clock())
        self._loop.add_reader(sock.fileno(), self._readable, self._number)

    def _resume(self, listening: socket.socket) -> None:
        if listening in self._listening:
            self._loop.add_reader(listening.fileno(), self._accept, listening)

    def _readable(self, number: int) -> None:
        connection = self._connections[number]
        try:
            data = connection.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._cut(number, "")
            return
        try:
            frames = connection.framing.feed(data)
        except FrameTooLong:
            self._cut(number, "tcp_frame_length")
            return
        now = self._clock()
        if frames or not connection.frame_began:
            connection.frame_began = now if connection.framing.rest else 0.0
        if frames:
            connection.heard_at = now
            self._feed(frames, connection.address)

    def _writable(self, number: int) -> None:
        connection = self._connections[number]
        before = connection.waiting_bytes
        try:
            connection.write()
        except OSError:  # in the next turn: this may be in the middle of a fan-out, whose tables a lost address changes
            self._loop.call_soon(self._cut, number, "")
            return
        if connection.waiting_bytes < before:
            connection.moved_at = self._clock()
        if not connection.waiting:
            self._loop.remove_writer(connection.socket.fileno())

    def _cut(self, number: int, reason: str) -> None:
        connection = self._connections.pop(number, None)
        if connection is None:
            return
        self._loop.remove_reader(connection.socket.fileno())
        self._loop.remove_writer(connection.socket.fileno())
        connection.socket.close()
        if reason:
            self.drops[reason] += 1
        self._gone(connection.address)
