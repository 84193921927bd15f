"""A way that takes so many more datagrams and refuses the next: a local socket whose reader does not read."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def crowded(room: int) -> Iterator[tuple[bytes, socket.socket, socket.socket]]:
    """→ (the reader's address, the sender, the reader). UDP never says that a reader is full; a datagram socket of one machine does."""
    address = b"\0" + secrets.token_hex(8).encode()
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(address)
        receiver.setblocking(False)
        sender.setblocking(False)
        try:
            while True:
                sender.sendto(bytes(44), address)
        except BlockingIOError:
            for _ in range(room):
                receiver.recv(2048)
        yield address, sender, receiver
