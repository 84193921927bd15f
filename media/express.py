"""The compiled twin of `media.lanes`: whole tables of consumers, sealed and sent by one call into `express.c`.

`media.lanes` is the specification and goes on without it: where nothing was compiled (no compiler, no libcrypto) `load` gives None, and
`--no-express` switches it off. What it pays for is in docs/performance.md. Only receivers with AES-GCM behind the main socket are served;
the rest stays in the tables of Python. It must never know why a consumer is in a table.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Protocol

from media.packet import Line, Output, Row
from media.srtp import GcmOutbound, Outbound
from media.stun import Address
from media.transportcc import SendLog

_line = struct.Struct("=QIHHBB6x")
_row = struct.Struct("@qQPPII12sI28s4x")
_four = struct.Struct("!H4s8x")
_six = struct.Struct("!HI16s")
MOST_REFUSALS: Final = 8
_U32: Final = 0xFFFF_FFFF


class Port(Protocol):
    """What is asked of the socket's owner: to count what was sent, and what the kernel would not take."""

    socket: socket.socket
    segmenting: bool
    drops: Counter[str]

    def sent(self, packets: int, octets: int, calls: int) -> None: ...
    def lost(self, number: int, packets: int) -> None: ...
    def unsegmented(self) -> None: ...
    def send(self, outputs: Sequence[Output]) -> None: ...


class _Refused(ctypes.Structure):
    _fields_ = (("number", ctypes.c_int32), ("packets", ctypes.c_int32))


class Outcome(ctypes.Structure):
    """`struct outcome` in express.h."""

    packets: int
    octets: int
    calls: int
    segmenting: int  # cleared when the kernel does not
    refusals: int
    refused: ctypes.Array[_Refused]
    _fields_ = (
        ("packets", ctypes.c_int64),
        ("octets", ctypes.c_int64),
        ("calls", ctypes.c_int64),
        ("segmenting", ctypes.c_int32),
        ("refusals", ctypes.c_int32),
        ("refused", _Refused * MOST_REFUSALS),
    )

    def tell(self, port: Port) -> None:
        """Give the port what was counted, and begin anew."""
        if self.packets:
            port.sent(self.packets, self.octets, self.calls)
            self.packets = self.octets = self.calls = 0
        if self.segmenting != port.segmenting:
            if port.segmenting:
                port.unsegmented()
            self.segmenting = port.segmenting
        for refused in self.refused[: self.refusals]:
            port.lost(refused.number, refused.packets)
        self.refusals = 0


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
    """Rows of one lane."""

    __slots__ = ("_kept", "_packed", "_rows")

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._kept: list[tuple[KeySchedule, SendLog | None]] = []  # for as long as a row points to them
        self._packed: bytes | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: bytes, cipher: KeySchedule, log: SendLog | None) -> None:
        self._rows.append(row)
        self._kept.append((cipher, log))
        self._packed = None

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
        self._outcome = Outcome(segmenting=port.segmenting)
        self._at_outcome = ctypes.byref(self._outcome)

    def admit(self, table: Table, row: Row, outbound: Outbound, log: SendLog | None) -> bool:
        """Put a consumer's row into the table; False: it is none of ours."""
        base, salt, prefix, ssrc, _, address, stamp = row
        if not isinstance(outbound, GcmOutbound) or (place := self._place(address)) is None:
            return False
        if outbound.cipher is None:
            outbound.cipher = KeySchedule(self._library, outbound.key)
        if outbound.cipher.handle is None:
            return False
        place_of_log = log.address if log is not None else 0
        shift, nonce = base - (ssrc << 48), salt.to_bytes(12, "big")
        packed = _row.pack(shift, prefix, outbound.cipher.handle, place_of_log, ssrc, stamp & _U32, nonce, len(place), place)
        table.add(packed, outbound.cipher, log)
        return True

    def _place(self, address: Address) -> bytes | None:
        return place_of(address, self._family)

    def send(self, lines: Sequence[Line], table: Table, outputs: list[Output], now: float) -> None:
        """All lines to all rows. What waits in `outputs` leaves first, so that nothing is overtaken. What is too large for the library
        (2,048 bytes) is refused there with EMSGSIZE, and counted like everything that is refused.
        """
        if outputs:
            self._port.send(outputs)
            outputs.clear()
        packed = pack_lines(lines)
        self._library.express_send(self._port.socket.fileno(), packed, len(lines), table.packed, len(table), now, self._at_outcome)
        self._outcome.tell(self._port)


def place_of(address: Address, family: int) -> bytes | None:
    """The address as the kernel has it (sockaddr_in, sockaddr_in6), if it is reached by a socket of that family."""
    head = struct.pack("=H", family)
    if family == socket.AF_INET and len(address) == 2:
        return head + _four.pack(address[1], socket.inet_aton(address[0]))
    if family == socket.AF_INET6 and len(address) == 4:
        place = _six.pack(address[1], address[2], socket.inet_pton(socket.AF_INET6, address[0].partition("%")[0]))
        return head + place + struct.pack("=I", address[3])
    return None


def pack_lines(lines: Sequence[Line]) -> bytes:
    parts = []
    for ordinal, first_byte, marker_and_type, timestamp, _, extension, payload in lines:
        parts += [_line.pack(ordinal, timestamp, len(extension), len(payload), first_byte, marker_and_type), extension, payload]
    return b"".join(parts)


def declare(library: Any) -> bool:
    """Types of the library's functions. → whether its tables are packed as here."""
    number, octets, pointer = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
    library.express_open.argtypes = [octets]
    library.express_cipher.argtypes, library.express_cipher.restype = [octets, number], pointer
    library.express_forget.argtypes, library.express_forget.restype = [pointer], None
    library.express_send.argtypes = [number, octets, number, octets, number, ctypes.c_double, pointer]
    library.express_seal.argtypes = [octets, number, octets, ctypes.c_int32, octets, number, pointer]
    return bool(library.express_sizes() == _line.size << 16 | _row.size)
