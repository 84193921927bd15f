"""The heartbeat: a crash closes what was open at the last beat, marked as inferred, with the keys the scribe would have used."""

from __future__ import annotations

from pathlib import Path

from ledger.facts import FactKind
from server.live.heartbeat import Heartbeat, OpenConnection, OpenProducer, closing_facts, read_beat, write_beat
from tests.support.live import until

TALKING = OpenProducer("p1", "microphone", flowing=True, speaking=("3", 95.0))
PHONE = OpenConnection("m1", "anna", "c1", 100.0, (TALKING,))
LAPTOP = OpenConnection("m1", "anna", "c2", 100.0)


def test_a_beat_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_beat(tmp_path / "beat", [PHONE, LAPTOP])
    assert read_beat(tmp_path / "beat") == [PHONE, LAPTOP]


def test_no_beat_and_a_damaged_beat_mean_that_nothing_is_known_to_be_open(tmp_path: Path) -> None:
    assert read_beat(tmp_path / "beat") == []
    (tmp_path / "beat").write_bytes(b'{"connections": [{"meeting_id"')
    assert read_beat(tmp_path / "beat") == []


def test_a_crash_ends_speech_media_and_connection_at_the_last_beat() -> None:
    speech, media, left = closing_facts([PHONE])
    assert [(fact.kind, fact.key, fact.at) for fact in (speech, media, left)] == [
        (FactKind.SPEECH_SEGMENT, "m1:p1:speech:3", 95.0),
        (FactKind.MEDIA_STOPPED, "m1:p1:stopped:0", 100.0),
        (FactKind.CONNECTION_LEFT, "m1:c1:left", 100.0),
    ]
    assert speech.body["end"] == 100.0
    assert all(fact.body["inferred"] for fact in (speech, media, left))


async def test_an_orderly_stop_leaves_nothing_to_recover(tmp_path: Path) -> None:
    heart = Heartbeat(tmp_path / "beat", lambda: [PHONE], seconds=0.01)
    heart.start()
    await until(lambda: read_beat(tmp_path / "beat") == [PHONE])
    await heart.stop()
    assert read_beat(tmp_path / "beat") == []
