"""The compiled twin of `media.lanes`: whole tables of consumers, sealed and sent by one call into `express.c`.

`media.lanes` is the specification and goes on without it: where nothing was compiled (no compiler, no libcrypto) `load` gives None, and
`--no-express` switches it off. What it pays for is in docs/performance.md. Only receivers with AES-GCM behind the main socket are served;
the rest stays in the tables of Python. It must never know why a consumer is in a table.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from media.packet import Line, Output, Row
from media.srtp import GcmOutbound, Outbound
from media.stun import Address
from media.transportcc import SendLog

logger = logging.getLogger("media")

LIBRARY: Final = Path(__file__).with_name("libexpress.so")
#: Of OpenSSL 3 and 1.1; both have all that is asked for.
LIBCRYPTOS: Final = ("libcrypto.so.3", "libcrypto.so.1.1")
VERSION: Final = 2
_line = struct.Struct("=QIHHBB6x")
_row = struct.Struct("@qQPII12sI28s4x")
_four = struct.Struct("!H4s8x")
_six = struct.Struct("!HI16s")
_U32: Final = 0xFFFF_FFFF


class Port(Protocol):
    """What is asked of the socket's owner: to count what was sent, and to say what is done about what the kernel would not take."""

    socket: socket.socket
    segmenting: bool

    def sent(self, packets: int, octets: int, calls: int) -> None: ...
    def refused(self, number: int, packets: int) -> bool: ...
    def send(self, outputs: Sequence[Output]) -> None: ...


class KeySchedule:
    """The key schedule of one receiver; freed with its last table."""

    __slots__ = ("_library", "handle")

    def __init__(self, library: Any, key: bytes) -> None:
        self._library = library
        self.handle: int | None = library.express_cipher(key, len(key))

    def __del__(self) -> None:
        if self.handle:
            self._library.express_forget(self.handle)


class Table:
    """Rows of one lane. `logs`: of peers that report arrivals, one for each row, else empty."""

    __slots__ = ("_kept", "_packed", "_rows", "logs")

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._kept: list[KeySchedule] = []  # for as long as a row points to it
        self._packed: bytes | None = None
        self.logs: list[SendLog] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: bytes, cipher: KeySchedule, log: SendLog | None) -> None:
        self._rows.append(row)
        self._kept.append(cipher)
        self._packed = None
        if log is not None:
            self.logs.append(log)

    @property
    def packed(self) -> bytes:
        if self._packed is None:
            self._packed = b"".join(self._rows)
        return self._packed


class Express:
    def __init__(self, library: Any, port: Port) -> None:
        self._library = library
        self._port = port
        self._family = port.socket.family
        self._refused = ctypes.c_int()
        self._at_refused = ctypes.byref(self._refused)
        self._gone = ctypes.c_int()
        self._at_gone = ctypes.byref(self._gone)

    def admit(self, table: Table, row: Row, outbound: Outbound, log: SendLog | None) -> bool:
        """Put a consumer's row into the table; False: it is none of ours."""
        base, salt, prefix, ssrc, _, address, stamp = row
        if not isinstance(outbound, GcmOutbound) or (place := self._place(address)) is None:
            return False
        if outbound.cipher is None:
            outbound.cipher = KeySchedule(self._library, outbound.key)
        if outbound.cipher.handle is None:
            return False
        packed = _row.pack(
            base - (ssrc << 48), prefix, outbound.cipher.handle, ssrc, stamp & _U32, salt.to_bytes(12, "big"), len(place), place
        )
        table.add(packed, outbound.cipher, log)
        return True

    def _place(self, address: Address) -> bytes | None:
        """The address as the kernel has it (sockaddr_in, sockaddr_in6), if it is reached by this socket."""
        family = struct.pack("=H", self._family)
        if self._family == socket.AF_INET and len(address) == 2:
            return family + _four.pack(address[1], socket.inet_aton(address[0]))
        if self._family == socket.AF_INET6 and len(address) == 4:
            place = _six.pack(address[1], address[2], socket.inet_pton(socket.AF_INET6, address[0].partition("%")[0]))
            return family + place + struct.pack("=I", address[3])
        return None

    def send(self, lines: Sequence[Line], table: Table, size: int, outputs: list[Output], now: float) -> None:
        """All lines to all rows. `size`: bytes of the first datagram. What waits in `outputs` leaves first, so that nothing is overtaken.
        What is too large for the library (2,048 bytes) is refused there with EMSGSIZE, and counted like everything that is refused.
        """
        if outputs:
            self._port.send(outputs)
            outputs.clear()
        count, packets = len(table), len(lines)
        numbers = None
        if table.logs:
            firsts = (
                [log.sent(size, now) for log in table.logs] if packets == 1 else [log.sent_run(packets, size, now) for log in table.logs]
            )
            numbers = struct.pack(f"={count}H", *firsts)
        self._leave(pack_lines(lines), packets, table.packed, count, size, numbers)

    def _leave(self, lines: bytes, packets: int, rows: bytes, count: int, size: int, numbers: bytes | None) -> None:
        port, send, number = self._port, self._library.express_send, self._port.socket.fileno()
        done = left = 0  # rows; datagrams
        while True:
            after = send(number, lines, packets, rows, done, count, numbers, port.segmenting, self._at_refused, self._at_gone)
            left += (after - done) * packets
            done = after
            if done == count:
                break
            gone = self._gone.value
            if not port.refused(self._refused.value, packets - gone):  # told again in another way, or lost
                left += gone
                done += 1
        port.sent(left, left * size, -(-left // packets) if port.segmenting else left)


def pack_lines(lines: Sequence[Line]) -> bytes:
    parts = []
    for ordinal, first_byte, marker_and_type, timestamp, _, extension, payload in lines:
        parts += [_line.pack(ordinal, timestamp, len(extension), len(payload), first_byte, marker_and_type), extension, payload]
    return b"".join(parts)


def load(path: Path = LIBRARY) -> Any | None:
    """The library, ready; None where there is none that fits."""
    if not path.exists():
        return None
    try:
        library = ctypes.CDLL(str(path))
        _declare(library)
    except (OSError, AttributeError) as error:
        logger.warning("%s is not used: %s", path.name, error)
        return None
    fits = library.express_sizes() == _line.size << 16 | _row.size
    if not fits or not any(library.express_open(name.encode()) == VERSION for name in LIBCRYPTOS):
        logger.warning("%s is not used: %s", path.name, "no libcrypto" if fits else "compiled for another version")
        return None
    return library


def _declare(library: Any) -> None:
    number, octets, pointer = ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)
    library.express_open.argtypes = [octets]
    library.express_cipher.argtypes, library.express_cipher.restype = [octets, number], ctypes.c_void_p
    library.express_forget.argtypes, library.express_forget.restype = [ctypes.c_void_p], None
    library.express_send.argtypes = [number, octets, number, octets, number, number, octets, number, pointer, pointer]
    library.express_seal.argtypes = [octets, number, octets, ctypes.c_int32, ctypes.c_char_p, number, pointer]
