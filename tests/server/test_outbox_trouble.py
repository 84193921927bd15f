"""The outbox when the disk is full or broken: nothing acknowledged is lost, nothing half-written is read, and it goes on by itself."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from server.live import outbox as module
from server.live.outbox import ASIDE, Outbox, Unacceptable, unseal
from tests.support.live import until


async def away(facts: Sequence[dict[str, Any]]) -> None:
    raise OSError("database is locked")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def box(folder: Path, deliver: Any = away) -> Outbox:
    return Outbox(folder, deliver, first_pause=0.01, longest_pause=0.02)


def on_disk(folder: Path) -> list[str]:
    return [fact["key"] for path in sorted(folder.glob("*.facts")) for fact in unseal(path)]


class FullDisk:
    """A segment whose disk takes `room` more bytes, then none."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room
        self.closed = False

    def write(self, data: memoryview) -> int:
        if self._room <= 0:
            raise OSError(28, "No space left on device")
        taken = int(self._file.write(data[: self._room]))
        self._room -= taken
        return taken

    def tell(self) -> int:
        return int(self._file.tell())

    def fileno(self) -> int:
        return int(self._file.fileno())

    def close(self) -> None:
        self.closed = True
        self._file.close()


async def test_a_write_cut_short_by_a_full_disk_is_not_acknowledged_and_is_written_again(tmp_path: Path) -> None:
    outbox = box(tmp_path)
    await outbox.start()
    await outbox.append([{"key": "first"}])
    outbox._file = FullDisk(outbox._file, 40)  # less than the two lines to come
    real = outbox._path
    outbox._path = lambda segment: tmp_path / "nowhere" / "x"  # type: ignore[method-assign]
    done = outbox.append([{"key": "second", "text": "x" * 50}, {"key": "third"}])
    await asyncio.sleep(0.2)
    assert (done.done(), on_disk(tmp_path), outbox.depth) == (False, ["first"], 3)
    outbox._path = real  # type: ignore[method-assign]
    await asyncio.wait_for(done, 10)
    assert on_disk(tmp_path) == ["first", "second", "third"]
    await outbox.stop(settle_seconds=0)
    assert on_disk(tmp_path) == ["first", "second", "third"]


async def test_a_segment_that_cannot_be_opened_is_tried_again_until_it_can(tmp_path: Path) -> None:
    taken: list[str] = []

    async def deliver(facts: Sequence[dict[str, Any]]) -> None:
        taken.extend(fact["key"] for fact in facts)

    outbox = box(tmp_path / "box", deliver)
    await outbox.start()
    real, outbox._path = outbox._path, lambda segment: tmp_path / "nowhere" / "x"  # type: ignore[method-assign]
    outbox._file.close()
    done = outbox.append([{"key": "a"}])
    await until(lambda: outbox.failures > 0)
    assert not done.done()
    outbox._path = real  # type: ignore[method-assign]
    await asyncio.wait_for(done, 10)
    assert await outbox.settled(10)
    assert taken == ["a"]
    await outbox.stop()


async def test_setting_aside_where_nothing_can_be_written_still_holds_up_nobody(tmp_path: Path, elsewhere: Path) -> None:
    taken: list[str] = []

    async def deliver(facts: Sequence[dict[str, Any]]) -> None:
        if any(fact["key"] == "bad" for fact in facts):
            raise Unacceptable("schema")
        taken.extend(fact["key"] for fact in facts)

    outbox = box(tmp_path, deliver)
    await outbox.start()
    (tmp_path / "unacceptable.jsonl").mkdir()
    outbox.append([{"key": "bad"}, {"key": "good"}])
    assert await outbox.settled(10)
    assert taken == ["good"]
    assert [orjson.loads(path.read_bytes()) for path in elsewhere.iterdir()] == [{"key": "bad"}]
    await outbox.stop()


async def test_a_fact_that_is_no_json_stops_nothing(tmp_path: Path) -> None:
    taken: list[str] = []

    async def deliver(facts: Sequence[dict[str, Any]]) -> None:
        taken.extend(fact["key"] for fact in facts)

    outbox = box(tmp_path, deliver)
    await outbox.start()
    await asyncio.wait_for(outbox.append([{"key": "a"}, {"key": "b", "body": "\ud800"}, {"key": "c", "body": object()}]), 10)
    await asyncio.wait_for(outbox.append([{"key": "d"}]), 10)
    assert await outbox.settled(10)
    assert taken == ["a", "d"]
    await outbox.stop()
    kept = [orjson.loads(line)["noJson"] for line in (tmp_path / ASIDE).read_bytes().splitlines()]
    assert kept[0] == r"{'key': 'b', 'body': '\ud800'}"
    assert kept[1].startswith("{'key': 'c', 'body': <object")


async def test_many_small_appends_between_flushes_arrive_once_each_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.0005)
    monkeypatch.setattr(module, "SEGMENT_BYTES", 2000)  # many segments
    taken: list[str] = []

    async def deliver(facts: Sequence[dict[str, Any]]) -> None:
        taken.extend(fact["key"] for fact in facts)

    outbox = box(tmp_path, deliver)
    await outbox.start()
    waiting = []
    for number in range(600):
        waiting.append(outbox.append([{"key": f"{number}.{part}"} for part in range(3)]))
        if number % 3 == 0:
            await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*waiting), 20)
    assert await outbox.settled(20)
    assert taken == [f"{number}.{part}" for number in range(600) for part in range(3)]
    await outbox.stop()
    assert on_disk(tmp_path) == []


async def test_stopping_on_a_full_disk_keeps_what_was_not_written_elsewhere_and_the_log_says_only_where(
    tmp_path: Path, elsewhere: Path
) -> None:
    outbox = box(tmp_path)
    await outbox.start()
    outbox._file = FullDisk(outbox._file, 0)
    outbox._path = lambda segment: tmp_path / "nowhere" / "x.facts"  # type: ignore[method-assign]
    (tmp_path / ASIDE).mkdir()
    fact = {"key": "last-words", "stream": "meeting:m1", "kind": "objectionRaised", "memberId": "ann", "body": {"text": "I was there"}}
    outbox.append([fact])
    with capture_logs() as lines:
        await outbox.stop(settle_seconds=0.1)
    (kept,) = elsewhere.iterdir()
    assert orjson.loads(kept.read_bytes()) == fact
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [line for line in lines if line["event"] == "outbox_fact_lost"] == [
        {
            "event": "outbox_fact_lost",
            "kind": "objectionRaised",
            "key": "last-words",
            "stream": "meeting:m1",
            "kept": str(kept),
            "error": "FileNotFoundError",
            "log_level": "error",
        }
    ]


async def test_a_fact_that_can_be_kept_nowhere_is_told_without_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    outbox = box(tmp_path)
    (tmp_path / ASIDE).mkdir()
    with capture_logs() as lines:
        outbox.append([{"key": "k", "kind": object(), "body": "secret"}])
    (line,) = lines
    assert (line["event"], line["key"], line["kept"]) == ("outbox_fact_lost", "k", None)
    assert "secret" not in repr(line)
