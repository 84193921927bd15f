"""Reads and writes RTCP as bytes (RFC 3550 §6; RFC 4585 NACK, PLI; RFC 5104 FIR; REMB draft; transport-wide congestion control draft).

It decides what a well-formed packet is. It must never know SSRC tables, clocks or keys: packets come decrypted, numbers come as arguments,
and no state is kept. Whatever arrives, `parse_compound` answers with tuples or raises `RtcpError`, which the caller counts and drops.

Reduced-size packets (RFC 5506) are accepted: the first packet need not be a report, which browsers use for feedback.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

SR: Final = 200
RR: Final = 201
SDES: Final = 202
BYE: Final = 203
RTPFB: Final = 205
PSFB: Final = 206
XR: Final = 207
_RRTR, _DLRR = 4, 5  # report blocks of XR, RFC 3611 §4.4 and §4.5

#: More feedback than any real packet carries; a lying count field must not buy more work than its bytes.
MAX_NACK_SEQS: Final = 4096
MAX_TRANSPORT_STATUSES: Final = 8192
_REMB_MARK: Final = b"REMB"
_REMB_MANTISSA_BITS: Final = 18
_DELTA_UNIT: Final = 0.00025  # seconds; transport-cc draft §3.1
_U32: Final = 0xFFFF_FFFF


class RtcpError(Exception):
    """Bytes that are not RTCP; drop and count."""


class ReportBlock(NamedTuple):
    ssrc: int
    fraction_lost: int  # 0..255, of 256
    cumulative_lost: int  # signed 24 bit
    highest_seq: int  # extended: cycles << 16 | seq
    jitter: int  # RTP clock units
    last_sr: int  # middle 32 bits of the NTP time of the last sender report
    delay_since_last_sr: int  # 1/65536 s


class SenderReport(NamedTuple):
    ssrc: int
    ntp: int  # 64 bit, seconds since 1900 in 32.32
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...]


class ReceiverReport(NamedTuple):
    ssrc: int
    blocks: tuple[ReportBlock, ...]


class Nack(NamedTuple):
    sender_ssrc: int
    media_ssrc: int
    seqs: tuple[int, ...]


class Pli(NamedTuple):
    sender_ssrc: int
    media_ssrc: int


class Fir(NamedTuple):
    sender_ssrc: int
    entries: tuple[tuple[int, int], ...]  # (media ssrc, command sequence number)


class Remb(NamedTuple):
    sender_ssrc: int
    bitrate: int  # bit/s
    ssrcs: tuple[int, ...]


class TransportFeedback(NamedTuple):
    sender_ssrc: int
    media_ssrc: int
    feedback_count: int  # of the receiver that reports, 0..255: tells lost feedback
    base_seq: int
    reference_time: int  # signed 24 bit, multiples of 64 ms
    deltas: tuple[float | None, ...]  # per packet from base_seq: seconds since the previous arrival, None when it did not arrive


class Delays(NamedTuple):
    """What a client says of reference times it was sent (RFC 3611 §4.5): with them a receiver of media measures the round trip."""

    ssrc: int
    entries: tuple[tuple[int, int, int], ...]  # (ssrc of who sent it, middle 32 bits of it, delay since in 1/65536 s)


class Bye(NamedTuple):
    ssrcs: tuple[int, ...]


Packet = SenderReport | ReceiverReport | Nack | Pli | Fir | Remb | TransportFeedback | Delays | Bye


def parse_compound(data: bytes) -> list[Packet]:
    """All packets of one datagram in their order; kinds not listed above (SDES, APP, …) are passed over."""
    packets: list[Packet] = []
    try:
        for packet_type, count, body in _split(data):
            packet = _parse_one(packet_type, count, body)
            if packet is not None:
                packets.append(packet)
    except struct.error as error:
        raise RtcpError(f"truncated: {error}") from error
    return packets


def _split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    if len(data) < 4:
        raise RtcpError("shorter than a header")
    at = 0
    while at < len(data):
        first, packet_type, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            raise RtcpError("wrong version or length")
        body = data[at + 4 : end]
        if first & 0x20:  # padding: the last byte counts itself, RFC 3550 §6.4.1
            if not body or not 0 < body[-1] <= len(body):
                raise RtcpError("wrong padding")
            body = body[: -body[-1]]
        yield packet_type, first & 0x1F, body
        at = end


def _parse_one(packet_type: int, count: int, body: bytes) -> Packet | None:
    if packet_type == SR:
        ssrc, ntp, rtp_timestamp, packets, octets = struct.unpack_from("!IQIII", body)
        return SenderReport(ssrc, ntp, rtp_timestamp, packets, octets, _blocks(body, 24, count))
    if packet_type == RR:
        (ssrc,) = struct.unpack_from("!I", body)
        return ReceiverReport(ssrc, _blocks(body, 4, count))
    if packet_type == BYE:
        return Bye(struct.unpack_from(f"!{count}I", body))
    if packet_type == RTPFB:
        return _parse_transport_layer(count, body)
    if packet_type == PSFB:
        return _parse_payload_specific(count, body)
    if packet_type == XR:
        return _parse_extended(body)
    return None


def _parse_extended(body: bytes) -> Packet | None:
    """Of the report blocks the delays alone."""
    (ssrc,) = struct.unpack_from("!I", body)
    at, entries = 4, []
    while at < len(body):
        kind, words = struct.unpack_from("!BxH", body, at)
        end = at + 4 + 4 * words
        if end > len(body):
            raise RtcpError("XR block length")
        if kind == _DLRR and not words % 3:
            entries += list(struct.iter_unpack("!III", body[at + 4 : end]))
        at = end
    return Delays(ssrc, tuple(entries)) if entries else None


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for start in range(at, at + 24 * count, 24):
        ssrc, lost, highest, jitter, last_sr, delay = struct.unpack_from("!6I", body, start)
        cumulative = lost & 0xFF_FFFF
        if cumulative & 0x80_0000:  # more duplicates than losses, RFC 3550 §6.4.1
            cumulative -= 0x100_0000
        blocks.append(ReportBlock(ssrc, lost >> 24, cumulative, highest, jitter, last_sr, delay))
    return tuple(blocks)


def _parse_transport_layer(fmt: int, body: bytes) -> Packet | None:
    sender, media = struct.unpack_from("!II", body)
    if fmt == 1:
        return Nack(sender, media, tuple(_nack_seqs(body[8:])))
    if fmt == 15:
        return _parse_transport_feedback(sender, media, body)
    return None


def _nack_seqs(fci: bytes) -> list[int]:
    if not fci or len(fci) % 4:
        raise RtcpError("NACK length")
    seqs: list[int] = []
    for pid, mask in struct.iter_unpack("!HH", fci):
        seqs.append(pid)
        seqs.extend((pid + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
        if len(seqs) > MAX_NACK_SEQS:
            raise RtcpError("NACK too long")
    return seqs


def _parse_payload_specific(fmt: int, body: bytes) -> Packet | None:
    sender, media = struct.unpack_from("!II", body)
    if fmt == 1:
        return Pli(sender, media)
    if fmt == 4:
        if len(body) % 8 or len(body) < 16:
            raise RtcpError("FIR length")
        return Fir(sender, tuple((ssrc, word >> 24) for ssrc, word in struct.iter_unpack("!II", body[8:])))
    if fmt == 15 and body[8:12] == _REMB_MARK:
        (word,) = struct.unpack_from("!I", body, 12)
        ssrcs = struct.unpack_from(f"!{word >> 24}I", body, 16)
        return Remb(sender, (word & 0x3FFFF) << (word >> 18 & 0x3F), ssrcs)
    return None


def _parse_transport_feedback(sender: int, media: int, body: bytes) -> TransportFeedback:
    base, status_count, word = struct.unpack_from("!HHI", body, 8)
    if status_count > MAX_TRANSPORT_STATUSES:
        raise RtcpError("transport feedback too long")
    reference = word >> 8
    if reference & 0x80_0000:
        reference -= 0x100_0000
    symbols, at = _status_symbols(body, 16, status_count)
    deltas: list[float | None] = []
    for symbol in symbols:
        if symbol == 0:
            deltas.append(None)
        elif symbol == 1:
            deltas.append(struct.unpack_from("!B", body, at)[0] * _DELTA_UNIT)
            at += 1
        elif symbol == 2:
            deltas.append(struct.unpack_from("!h", body, at)[0] * _DELTA_UNIT)
            at += 2
        else:
            raise RtcpError("reserved packet status")
    return TransportFeedback(sender, media, word & 0xFF, base, reference, tuple(deltas))


def _status_symbols(body: bytes, at: int, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    while len(symbols) < count:
        (chunk,) = struct.unpack_from("!H", body, at)
        at += 2
        if not chunk & 0x8000:  # run length: 2 bits symbol, 13 bits length
            symbols.extend([chunk >> 13 & 3] * min(chunk & 0x1FFF, count - len(symbols)))
        elif chunk & 0x4000:  # vector of 7 two-bit symbols
            symbols.extend(chunk >> shift & 3 for shift in range(12, -2, -2))
        else:  # vector of 14 one-bit symbols
            symbols.extend(chunk >> shift & 1 for shift in range(13, -1, -1))
    return symbols[:count], at


def _packet(count: int, packet_type: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, packet_type, len(body) // 4) + body


def build_sender_report(ssrc: int, ntp: int, rtp_timestamp: int, packets: int, octets: int, blocks: Sequence[ReportBlock] = ()) -> bytes:
    """`ntp` is the 64-bit NTP time; counters wrap at 32 bits as RFC 3550 has them."""
    head = struct.pack("!IQIII", ssrc, ntp, rtp_timestamp & _U32, packets & _U32, octets & _U32)
    return _packet(len(blocks), SR, head + b"".join(map(_pack_block, blocks)))


def build_receiver_report(ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """At most 31 blocks fit (5-bit count)."""
    return _packet(len(blocks), RR, struct.pack("!I", ssrc) + b"".join(map(_pack_block, blocks)))


def _pack_block(block: ReportBlock) -> bytes:
    lost = block.fraction_lost << 24 | max(-0x80_0000, min(0x7F_FFFF, block.cumulative_lost)) & 0xFF_FFFF
    return struct.pack(
        "!6I", block.ssrc, lost, block.highest_seq & _U32, block.jitter & _U32, block.last_sr, min(block.delay_since_last_sr, _U32)
    )


def build_reference_time(ssrc: int, ntp: int) -> bytes:
    """An extended report whose receiver answers with `Delays`."""
    return _packet(0, XR, struct.pack("!IBxHQ", ssrc, _RRTR, 2, ntp & 0xFFFF_FFFF_FFFF_FFFF))


def build_delays(delays: Delays) -> bytes:
    entries = b"".join(struct.pack("!III", *entry) for entry in delays.entries)
    return _packet(0, XR, struct.pack("!IBxH", delays.ssrc, _DLRR, len(entries) // 4) + entries)


def build_sdes(ssrc: int, cname: str) -> bytes:
    """One chunk with a CNAME, closed by at least one zero octet and padded to 32 bits (RFC 3550 §6.5)."""
    text = cname.encode()[:255]
    chunk = struct.pack("!IBB", ssrc, 1, len(text)) + text
    return _packet(1, SDES, chunk + bytes(4 - len(chunk) % 4))


def build_bye(ssrcs: Sequence[int]) -> bytes:
    return _packet(len(ssrcs), BYE, struct.pack(f"!{len(ssrcs)}I", *ssrcs))


def build_pli(sender_ssrc: int, media_ssrc: int) -> bytes:
    return _packet(1, PSFB, struct.pack("!II", sender_ssrc, media_ssrc))


def build_fir(sender_ssrc: int, media_ssrc: int, command_seq: int) -> bytes:
    """`command_seq` must change for every new request (RFC 5104 §4.3.1); the common media SSRC field is zero there."""
    return _packet(4, PSFB, struct.pack("!IIIB3x", sender_ssrc, 0, media_ssrc, command_seq & 0xFF))


def build_nack(sender_ssrc: int, media_ssrc: int, seqs: Iterable[int]) -> bytes:
    """Sequence numbers in ascending order of loss (wrapping allowed); neighbours share one entry (RFC 4585 §6.2.1)."""
    entries: list[list[int]] = []
    for seq in seqs:
        distance = (seq - entries[-1][0]) & 0xFFFF if entries else 0
        if entries and 1 <= distance <= 16:
            entries[-1][1] |= 1 << (distance - 1)
        else:
            entries.append([seq, 0])
    fci = b"".join(struct.pack("!HH", *entry) for entry in entries)
    return _packet(1, RTPFB, struct.pack("!II", sender_ssrc, media_ssrc) + fci)


def build_remb(sender_ssrc: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """The bitrate is rounded down to an 18-bit mantissa (error below 0.001 %)."""
    exponent = max(0, bitrate.bit_length() - _REMB_MANTISSA_BITS)
    word = len(ssrcs) << 24 | exponent << _REMB_MANTISSA_BITS | bitrate >> exponent
    return _packet(15, PSFB, struct.pack("!II4sI", sender_ssrc, 0, _REMB_MARK, word) + struct.pack(f"!{len(ssrcs)}I", *ssrcs))


def build_transport_feedback(feedback: TransportFeedback) -> bytes:
    """Deltas are rounded to 250 µs; beyond ±8.19 s they do not fit and `ValueError` tells the caller to begin a new packet."""
    symbols, packed = [], b""
    for delta in feedback.deltas:
        units = None if delta is None else round(delta / _DELTA_UNIT)
        if units is None:
            symbols.append(0)
        elif 0 <= units <= 0xFF:
            symbols.append(1)
            packed += struct.pack("!B", units)
        elif -0x8000 <= units <= 0x7FFF:
            symbols.append(2)
            packed += struct.pack("!h", units)
        else:
            raise ValueError(f"arrival delta {delta} s does not fit")
    word = (feedback.reference_time & 0xFF_FFFF) << 8 | feedback.feedback_count & 0xFF
    head = struct.pack("!IIHHI", feedback.sender_ssrc, feedback.media_ssrc, feedback.base_seq, len(symbols), word)
    body = head + _pack_symbols(symbols) + packed
    return _packet(15, RTPFB, body + bytes(-len(body) % 4))


def _pack_symbols(symbols: list[int]) -> bytes:
    """Runs of 7 or more as one run-length chunk, everything else as two-bit vectors."""
    chunks, at = [], 0
    while at < len(symbols):
        run = 1
        while at + run < len(symbols) and symbols[at + run] == symbols[at] and run < 0x1FFF:
            run += 1
        if run >= 7 or at + run == len(symbols):
            chunks.append(symbols[at] << 13 | run)
            at += run
        else:
            vector = (symbols[at : at + 7] + [0] * 7)[:7]
            chunks.append(0xC000 | sum(symbol << shift for symbol, shift in zip(vector, range(12, -2, -2), strict=True)))
            at += 7
    return struct.pack(f"!{len(chunks)}H", *chunks)
