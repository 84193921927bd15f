"""One end's connected unix socket: frames out, bounded; frames in, as many as one turn of the loop can take.

A reader that is too slow costs packets, never memory: what is late is worth less than what comes next. It must never know what a frame
is about.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Callable
from typing import Final

from media import journal
from media.pipeframes import Frame, PipeError, Splitter

#: What may wait in our memory for the other end: a second of eight good cameras.
MAX_WAITING: Final = 1 << 20
READ_BYTES: Final = 1 << 16
#: Datagrams made of what was read, in one turn of the loop; as in `media.engine`.
MAX_MADE: Final = 1024


class PipeSocket:
    """A connected socket: frames out, bounded; frames in, as many as one turn can take."""

    def __init__(
        self, connected: socket.socket, take: Callable[[Frame], int], settled: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._take = take
        self._settled = settled
        self._lost = lost
        self._splitter = Splitter()
        self._out: list[bytes] = []
        self._waiting = 0
        self._blocked = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(connected.fileno(), self._readable)
        self.open = True

    def write(self, frame: bytes) -> bool:
        """Take a frame along with the next `leave`; False when too much waits already."""
        if self._waiting > MAX_WAITING or not self.open:
            return False
        self._out.append(frame)
        self._waiting += len(frame)
        return True

    def leave(self) -> None:
        """All that was written, in one system call where the socket takes it."""
        if self._blocked or not self.open or not self._out:
            return
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            self._lost()
            return
        self._out = [data[sent:]] if sent < len(data) else []
        self._waiting = len(data) - sent
        if self._out:
            self._blocked = True
            self._loop.add_writer(self._socket.fileno(), self._writable)

    def _writable(self) -> None:
        self._loop.remove_writer(self._socket.fileno())
        self._blocked = False
        self.leave()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._lost()
            return
        self._splitter.feed(data)
        self._work()

    def _work(self) -> None:
        """A burst for a thousand consumers must not keep the rest of the worker waiting: go on in the next turn, and read nothing until
        then.
        """
        made = 0
        try:
            for frame in self._splitter.frames():
                made += self._take(frame)
                if made > MAX_MADE:
                    self._loop.remove_reader(self._socket.fileno())
                    self._loop.call_soon(self._go_on)
                    break
        except PipeError as error:
            journal.tell(logging.ERROR, "pipe_broken", error=type(error).__name__)
            self.close()
            self._lost()
        self._settled()

    def _go_on(self) -> None:
        if self.open:
            self._loop.add_reader(self._socket.fileno(), self._readable)
            self._work()

    def close(self) -> None:
        if self.open:
            self.open = False
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()


def is_ours(connected: socket.socket) -> bool:
    """Whether the same user is at the other end: SO_PEERCRED, the kernel's word for (pid, uid, gid) of whoever connected."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    user: int = struct.unpack("3i", credentials)[1]
    return user == os.geteuid()
