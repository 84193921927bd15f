"""The heartbeat: what was open, written down every few seconds, so that a crash can be closed at the last beat.

A beat is one small file, replaced atomically. After a crash the next start reads it once and turns everything it names as open into
facts with `inferred: true` at the instant of that beat: a connection left, media stopped, a speech segment ended. The keys are the ones
the scribe would have used, so a fact that did reach the outbox before the crash wins and nothing is said twice. A meeting that was open
stays open: people come back to it. This file knows open things as plain values; it never knows rooms, sockets or SQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from ledger.facts import Fact, FactKind, meeting_stream

BEAT_SECONDS = 2.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenProducer:
    """`flowing`: its packets are arriving; `speaking`: (number of the segment, epoch seconds it began) or None."""

    producer_id: str
    source: str
    flowing: bool
    speaking: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class OpenConnection:
    meeting_id: str
    member_id: str
    connection_id: str
    at: float  # epoch seconds of this beat by the meeting's own clock
    producers: tuple[OpenProducer, ...] = ()


def connection_left_key(connection_id: str) -> str:
    return f"{connection_id}:left"


def media_stopped_key(producer_id: str, number: int) -> str:
    """`number`: how often the producer's media has started, from 1; a crash closes the last of them (number 0 stands for it)."""
    return f"{producer_id}:stopped:{number}"


def speech_key(producer_id: str, segment: str) -> str:
    return f"{producer_id}:speech:{segment}"


def recording_stopped_key(recording_id: str) -> str:
    return f"recording:{recording_id}:stopped"


class Heartbeat:
    """Ask `open_connections` every `seconds` and write the answer down; `stop` after an orderly end leaves an empty beat."""

    def __init__(self, path: Path, open_connections: Callable[[], Sequence[OpenConnection]], seconds: float = BEAT_SECONDS) -> None:
        self._path = path
        self._open_connections = open_connections
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._beat_forever())

    async def stop(self) -> None:
        if self._task is None:
            return  # the beat that is there is a crash's, and perhaps not recovered
        self._stopping.set()
        await self._task  # a beat that is being written ends first: it must not come after the empty one
        try:
            write_beat(self._path, [])
        except OSError as trouble:
            log.warning("heartbeat_not_written", error=str(trouble))

    async def _beat_forever(self) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(write_beat, self._path, self._open_connections())
            except OSError as trouble:  # a full disk must not end the heart: the last beat stays readable
                log.warning("heartbeat_not_written", error=str(trouble))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._seconds)


def write_beat(path: Path, connections: Iterable[OpenConnection]) -> None:
    """Replace the beat at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(orjson.dumps({"wall": time.time(), "connections": [asdict(connection) for connection in connections]}))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_beat(path: Path) -> list[OpenConnection]:
    """What was open at the last beat; nothing when there was none or it cannot be read."""
    try:
        beat = orjson.loads(path.read_bytes())
        return [_connection(shape) for shape in beat["connections"]]
    except FileNotFoundError:
        return []
    except (orjson.JSONDecodeError, KeyError, TypeError) as trouble:
        log.error("heartbeat_unreadable", error=str(trouble))
        return []


def beat_at(path: Path) -> float | None:
    """When the last beat was written, by the wall clock; None when nobody knows."""
    try:
        return float(orjson.loads(path.read_bytes())["wall"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _connection(shape: dict[str, Any]) -> OpenConnection:
    producers = (
        OpenProducer(p["producer_id"], p["source"], p["flowing"], (p["speaking"][0], p["speaking"][1]) if p["speaking"] else None)
        for p in shape["producers"]
    )
    return OpenConnection(shape["meeting_id"], shape["member_id"], shape["connection_id"], shape["at"], tuple(producers))


def closing_facts(connections: Iterable[OpenConnection]) -> list[Fact]:
    """The facts that close what a crash left open, innermost first."""
    facts: list[Fact] = []
    for connection in connections:
        facts.extend(fact for producer in connection.producers for fact in _producer_facts(connection, producer))
        facts.append(
            _fact(
                connection,
                connection_left_key(connection.connection_id),
                FactKind.CONNECTION_LEFT,
                connection.at,
                connectionId=connection.connection_id,
                reason="serverCrash",
                inferred=True,
            )
        )
    return facts


def _producer_facts(connection: OpenConnection, producer: OpenProducer) -> Iterable[Fact]:
    ids = {"connectionId": connection.connection_id, "producerId": producer.producer_id}
    if producer.speaking is not None:
        segment, start = producer.speaking
        key = speech_key(producer.producer_id, segment)
        yield _fact(connection, key, FactKind.SPEECH_SEGMENT, start, **ids, start=start, end=max(start, connection.at), inferred=True)
    if producer.flowing:
        key = media_stopped_key(producer.producer_id, 0)
        yield _fact(connection, key, FactKind.MEDIA_STOPPED, connection.at, **ids, source=producer.source, inferred=True)


def _fact(connection: OpenConnection, key: str, kind: FactKind, at: float, **body: Any) -> Fact:
    return Fact(
        key=f"{connection.meeting_id}:{key}",
        stream=meeting_stream(connection.meeting_id),
        kind=kind,
        at=at,
        member_id=connection.member_id,
        body=body,
    )
