"""Cut-through: streams in a steady state are received, opened and fanned out by `through.c`, and told of afterwards.

At few packets a second most of a packet's price is Python that is found cold at every wake-up. So a stream whose table does not change is
given away: the library takes what is the very next packet of it, of its usual type, and sends it to the rows of its lanes. Everything else
(what is lost, late, repeated, padded, a key frame, STUN, DTLS, RTCP) is handed on as it came.

`tell` goes through all that was done, in order, by the methods of the forwarder, with the times at which it was done. It must be called
before anything else of the plane is: nothing may be decided, and no number be given, while something that was sent is not accounted for
(numbers are part of an SRTP nonce). The forwarder without this file is the specification (tests/media/test_through.py).

It must never know why a stream is steady: `Fanout.steady` says so, and whatever makes a table stale takes the stream back.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from media.express import Outcome, Port, place_of
from media.packet import Elements, Packet
from media.producer import ABS_SEND_TIME, PASSED, TRANSPORT_CC
from media.redundancy import MAX_BLOCKS
from media.srtp import TAG_LENGTH, GcmInbound, ReplayWindow
from media.stream import Stream
from media.stun import Address

if TYPE_CHECKING:
    from media.forwarder import Forwarder
    from media.lanes import Lane
    from media.transport import Transport

#: A tenth of a second, from one calm tick to the next, of 40 Mb/s that come in; when it is full it is told at once.
LOG_BYTES: Final = 1 << 19
#: Addresses whose readable form is remembered.
MAX_ADDRESSES: Final = 4096
#: What `drain` answers: go through the log now; then call again.
TELL, AGAIN = 1, 2
_HANDED, _TAKEN, _SENT, _HELD = range(4)
_KIND: Final = 9  # its place in an entry
_CODECS: Final = {"audio/opus": 0, "video/vp8": 1, "video/h264": 2}
_NO_TYPE: Final = 0xFF
_MOST_HINT: Final = 16
_UNPACED: Final = (1 << 63) - 1

_spec = struct.Struct("@qPPiiII28s12s16sBBBBBBBx")
_lane = struct.Struct("@PiIii16si4x")
_entry = struct.Struct("@IIqdiiIHHBBBB4x")
_ADDRESS_BYTES: Final = 32  # reserved before a datagram that is handed on
_PLAIN: Final = 0x90  # first byte of a packet with extensions and without padding


class Gate(ctypes.Structure):
    """The first part of `struct gate` in through.c."""

    receive_error: int
    used: int
    captured_used: int
    outcome: Outcome
    _fields_ = (
        ("socket", ctypes.c_int32),
        ("receive_error", ctypes.c_int32),
        ("log", ctypes.c_void_p),
        ("room", ctypes.c_int64),
        ("used", ctypes.c_int64),
        ("captured", ctypes.c_void_p),
        ("captured_room", ctypes.c_int64),
        ("captured_used", ctypes.c_int64),
        ("outcome", Outcome),
    )


class Passage:
    """One stream that is open. `close` whenever its table, keys or addresses change."""

    __slots__ = ("_kept", "_through", "came_from", "number", "stream", "transport", "window")

    def __init__(self, through: Through, number: int, stream: Stream, transport: Transport, window: ReplayWindow, kept: object) -> None:
        self._through = through
        self.number = number
        self.stream = stream
        self.came_from = stream.came_from
        self.transport = transport
        self.window = window
        self._kept = kept  # the library has pointers to it

    def hold(self) -> None:
        """Something of it waits to be flushed by Python: what comes next must not overtake it. `Through.consider` ends it."""
        self._through.expect(self, -1)

    def close(self) -> None:
        self._through.close(self)


class Through:
    def __init__(self, library: Any, forwarder: Forwarder, port: Port) -> None:
        self._library = library
        self._forwarder = forwarder
        self._port = port
        self._family = port.socket.family
        self._log = (ctypes.c_char * LOG_BYTES)()
        self._view = memoryview(self._log).cast("B")
        self._handle: int = library.through_new(port.socket.fileno(), self._log, LOG_BYTES)
        if not self._handle:
            raise MemoryError("through_new")
        self.gate = Gate.from_address(self._handle)
        self.gate.outcome.segmenting = port.segmenting
        self._passages: dict[int, Passage] = {}
        self._addresses: dict[bytes, Address] = {}
        self._drain = library.through_drain

    def free(self) -> None:
        for passage in list(self._passages.values()):
            passage.stream.fanout.close_passage()
        self._library.through_free(self._handle)

    # --- streams ---------------------------------------------------------------------------------------------------------------------

    def consider(self, stream: Stream, transport: Transport | None) -> None:
        """A stream was just flushed by Python: it may be given away from its next packet on, if it is steady."""
        fanout = stream.fanout
        if stream.highest is None or not _is_whole(stream):
            return
        if fanout.passage is not None and fanout.passage.came_from != stream.came_from:
            fanout.passage.close()
            fanout.passage = None
        if fanout.passage is not None:
            self.expect(fanout.passage, stream.highest + 1)
        elif fanout.steady and transport is not None:
            fanout.passage = self._open(stream, transport, stream.highest + 1)

    def _open(self, stream: Stream, transport: Transport, expected: int) -> Passage | None:
        producer, fanout, inbound, source = stream.producer, stream.fanout, transport.inbound, stream.came_from
        codec = _CODECS.get(producer.mime_type)
        lanes = [lane for _, lane in fanout.lanes]
        if not isinstance(inbound, GcmInbound) or source is None or codec is None or producer.paused:
            return None
        place = place_of(source, self._family)
        if place is None or any(len(lane.hint) > _MOST_HINT for lane in lanes):
            return None
        ((sent_type, routed_type),) = producer.payload_types.items()
        red_type = next(iter(producer.redundant), _NO_TYPE)
        passed = bytearray(16)
        for identifier, known in producer.extension_ids.items():
            if identifier < 15 and known in PASSED:
                passed[identifier] = known
        numbered = next((id for id, known in transport.extension_ids.items() if known == TRANSPORT_CC and id < 15), 0)
        packed, kept = _pack_lanes(lanes)
        burst = int(fanout.burst) if fanout.burst < _UNPACED else _UNPACED
        spec = _spec.pack(
            burst, _place(inbound.key), _place(packed), len(inbound.key), len(lanes), stream.ssrc, len(place), place,
            inbound.salt, bytes(passed), ABS_SEND_TIME, codec, sent_type, red_type, routed_type, bool(fanout.sinks), numbered,
        )  # fmt: skip
        number = self._library.through_admit(self._handle, spec, expected)
        if number < 0:
            return None
        passage = self._passages[number] = Passage(
            self, number, stream, transport, inbound.window(stream.ssrc), (inbound.key, packed, kept)
        )
        return passage

    def expect(self, passage: Passage, index: int) -> None:
        """The packet that may be taken next; −1: none."""
        self._library.through_expect(self._handle, passage.number, index)

    def close(self, passage: Passage) -> None:
        del self._passages[passage.number]
        self._library.through_dismiss(self._handle, passage.number)

    # --- packets ---------------------------------------------------------------------------------------------------------------------

    def drain(self, now: float) -> int:
        """Read and send what can be. → TELL: `tell` now; AGAIN: and then drain once more."""
        return int(self._drain(self._handle, now))

    def tell(self) -> int:
        """Go through what was done since the last time. → datagrams that were handed on."""
        gate = self.gate
        used, handed = gate.used, 0
        if used:
            gate.used = 0  # whatever follows here drains nothing
            handed = self._go_through(used)
            gate.outcome.tell(self._port)
        if gate.receive_error:
            self._port.drops[f"receive_{errno.errorcode.get(gate.receive_error, 'unknown')}"] += 1
            gate.receive_error = 0
        return handed

    def _go_through(self, used: int) -> int:
        heard: dict[Transport, float] = {}
        at = handed = 0
        while at < used:
            entry = _entry.unpack_from(self._view, at)
            try:
                self._one(entry, at + _entry.size, heard)
            except Exception as error:  # the rest has happened all the same
                self._forwarder.bug(error)
            at += entry[0]
            handed += entry[_KIND] == _HANDED
        self._forwarder.hear(heard)
        return handed

    def _one(self, entry: tuple[Any, ...], body: int, heard: dict[Transport, float]) -> None:
        _, length, index, now, number, transport_number, timestamp, offset, octets, kind, address_length, marker_and_type, size = entry
        view, forwarder = self._view, self._forwarder
        if kind == _TAKEN:
            passage = self._passages[number]
            heard[passage.transport] = now
            passage.window.accept(index)
            end = body + length
            elements = _elements(bytes(view[end + TAG_LENGTH : end + TAG_LENGTH + size])) if size else ()
            packet = Packet(index, _PLAIN, marker_and_type, timestamp, elements, bytes(view[body + offset : end]))
            forwarder.taken(passage.transport, passage.stream, packet, octets, length + TAG_LENGTH, transport_number, now)
        elif kind == _SENT:
            forwarder.flush_one(self._passages[number].stream, sent=True)
        elif kind == _HELD:
            forwarder.flush_one(self._passages[number].stream)
        else:
            forwarder.hear(heard)  # what is handed on comes last
            source = self._address(bytes(view[body : body + address_length]))
            begin = body + _ADDRESS_BYTES
            forwarder.feed(bytes(view[begin : begin + length]), source, now)

    def _address(self, place: bytes) -> Address:
        """sockaddr_in or sockaddr_in6 as the socket module says it."""
        known = self._addresses.get(place)
        if known is None:
            port = int.from_bytes(place[2:4], "big")
            if self._family == socket.AF_INET:
                known = socket.inet_ntop(socket.AF_INET, place[4:8]), port
            else:
                flow, scope = int.from_bytes(place[4:8], "big"), struct.unpack("=I", place[24:28])[0]
                known = socket.inet_ntop(socket.AF_INET6, place[8:24]), port, flow, scope
            if len(self._addresses) >= MAX_ADDRESSES:
                self._addresses.clear()
            self._addresses[place] = known
        return known


def _elements(block: bytes) -> Elements:
    """Elements of the one-byte form, one behind the other."""
    if len(block) == (block[0] & 15) + 2:  # nearly always
        return ((block[0] >> 4, block),)
    found, at = [], 0
    while at < len(block):
        after = at + (block[at] & 15) + 2
        found.append((block[at] >> 4, block[at:after]))
        at = after
    return tuple(found)


def _is_whole(stream: Stream) -> bool:
    """Nobody begins with the next packet, of a picture with a key frame that is arriving; and nothing that was lost can be inside it."""
    fanout, last = stream.fanout, stream.highest
    recent = fanout.recent
    if fanout.waiting and (recent is not None or fanout.entrance.is_open(fanout.newest_at)):
        return False
    if recent is None or last is None:
        return True
    return not stream.producer.redundant or all(recent.knows(last - n) for n in range(MAX_BLOCKS))


def _pack_lanes(lanes: list[Lane]) -> tuple[bytes, list[bytes]]:
    """→ all lanes as the library reads them, and what they point to."""
    packed, kept = [], []
    for lane in lanes:
        rows = lane.express.packed
        kept.append(rows)
        wanted = sum([1 << identifier for identifier in lane.extension_ids])
        packed.append(_lane.pack(_place(rows), len(lane.express), wanted, lane.picture_shift, lane.tl0_shift, lane.hint, len(lane.hint)))
    return b"".join(packed), kept


def _place(octets: bytes) -> int:
    """Where bytes lie; they must be kept for as long as the place is."""
    return ctypes.cast(ctypes.c_char_p(octets), ctypes.c_void_p).value or 0


def declare(library: Any) -> bool:
    """Types of the library's functions. → whether its tables are packed as here."""
    number, octets, pointer, seconds = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_double
    library.through_new.argtypes, library.through_new.restype = [number, pointer, ctypes.c_int64], pointer
    library.through_free.argtypes, library.through_free.restype = [pointer], None
    library.through_admit.argtypes = [pointer, octets, ctypes.c_int64]
    library.through_dismiss.argtypes, library.through_dismiss.restype = [pointer, number], None
    library.through_expect.argtypes, library.through_expect.restype = [pointer, number, ctypes.c_int64], None
    library.through_drain.argtypes = [pointer, seconds]
    library.through_take.argtypes = [pointer, octets, number, octets, number, seconds]
    library.through_flush.argtypes, library.through_flush.restype = [pointer, seconds], None
    return bool(library.through_sizes() == _spec.size << 20 | _lane.size << 10 | _entry.size)
