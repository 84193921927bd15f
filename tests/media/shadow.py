"""The compiled twin at work beside the Python it repeats: both seal every datagram of a story, and each pair must be equal."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any

from media import lanes
from media.express import Express, Table, pack_lines
from media.packet import Line, Output, Row
from media.port import UdpPort
from media.srtp import TAG_LENGTH, Outbound
from media.transportcc import SendLog

ROW_BYTES = 88
ROOM = 64 * 2048


class Shadow(Express):
    """Put into `Outputs.express` of a forwarder in memory: everything leaves by the list, as Python made it."""

    def __init__(self, library: Any) -> None:
        self.port = UdpPort("127.0.0.1", 0)
        super().__init__(library, self.port)
        self.compared = 0
        self._rows: dict[int, list[tuple[Row, SendLog | None]]] = {}

    def admit(self, table: Table, row: Row, outbound: Outbound, log: SendLog | None) -> bool:
        if not super().admit(table, row, outbound, log):
            return False
        self._rows.setdefault(id(table), []).append((row, log))
        return True

    def send(self, lines: Sequence[Line], table: Table, outputs: list[Output], now: float) -> None:
        rows = self._rows[id(table)][-len(table) :]
        packed, blob = table.packed, pack_lines(lines)
        size = (lanes.NUMBERED_BYTES if rows[0][1] is not None else lanes.HEADER_BYTES) + len(lines[0][5]) + len(lines[0][6]) + TAG_LENGTH
        for place, (row, log) in enumerate(rows):
            made = python(lines, row, log, size, now)
            number = struct.unpack_from("!H", made[0], 21)[0] if log is not None else -1
            one = packed[place * ROW_BYTES : (place + 1) * ROW_BYTES]
            assert compiled(self._library, blob, len(lines), one, number) == made
            self.compared += len(made)
            outputs.extend((datagram, 0, row[5]) for datagram in made)


def python(lines: Sequence[Line], row: Row, log: SendLog | None, size: int, now: float) -> list[bytes]:
    outputs: list[Output] = []
    if log is not None:
        send = lanes._send_numbered_run if len(lines) > 1 else lanes._send_numbered
        send(lines, [(*row, log)], size, outputs, now)
    elif len(lines) > 1:
        lanes._send_run(lines, [row], size, outputs)
    else:
        lanes._send_one(lines[0], [row], outputs)
    ((data, _, _),) = outputs
    return [data[at] + data[at + 1] for at in range(0, len(data), 2)] if isinstance(data, list) else [data]


def compiled(library: Any, lines: bytes, count: int, row: bytes, number: int) -> list[bytes]:
    room, lengths = ctypes.create_string_buffer(ROOM), (ctypes.c_int * 64)()
    total = library.express_seal(lines, count, row, number, room, ROOM, lengths)
    found, at = [], 0
    for length in lengths[:count]:
        found.append(room.raw[at : at + length])
        at += length
    assert at == total
    return found
