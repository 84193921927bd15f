"""A recording is kept for its days, watched by those on the list, deleted with a reason; the record of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.actions import recordings
from ledger.actions.organisations import ChangeOrganisation, change_organisation
from ledger.actions.recordings import COMPOSED, FilmElsewhere, RecordingNotThere, RecordingRuns
from ledger.facts import Fact, FactKind, meeting_stream
from ledger.model import RecordingRule
from ledger.ports import AccessQuery, Reach, Store
from ledger.recordings import MeetingRecording, RecordingFile, RecordingState
from ledger.refusals import Forbidden, NotFound, ReasonMissing
from ledger.rulebook import DEFAULT
from tests.ledger.conftest import Who
from tests.ledger.records import DAY, NOON, meeting

FILE = RecordingFile("r1", "camera-aa-m-a4.webm", "m-a4", "camera", 3, "0" * 64, 0.0, 50.0)


@pytest.fixture
async def begun(store: Store) -> Store:
    async with store.writing() as uow:
        await uow.meetings.add(meeting("M"))
    await recordings.begun(store, "r1", "M", NOON + 10, "m-a1")
    return store


async def now(store: Store) -> MeetingRecording:
    async with store.reading() as uow:
        found = await uow.recordings.get("r1")
    assert found is not None
    return found


async def ready(store: Store, folder: Path) -> None:
    await recordings.stopped(store, DEFAULT, "r1", NOON + 70, "stopped")
    assert await recordings.composing(store, "r1", 0.5)
    await recordings.composed(store, "r1", 60.0, 4, "1" * 64, [FILE])
    (folder / "r1").mkdir()
    (folder / "r1" / COMPOSED).write_bytes(b"film")


async def logged(store: Store) -> list[str]:
    async with store.reading() as uow:
        return [one.action for one in reversed((await uow.access_log.search(AccessQuery(Reach(everywhere=True))))[0])]


async def test_its_days_are_counted_from_its_end_by_the_organisation_or_the_rulebook(begun: Store, who: Who) -> None:
    assert (await now(begun)).keep_until is None
    await recordings.stopped(begun, DEFAULT, "r1", NOON + 70, "objection")
    await recordings.stopped(begun, DEFAULT, "r1", NOON + 99, "stopped")
    assert await now(begun) == MeetingRecording(
        "r1", "M", RecordingState.WAITING, NOON + 10, "m-a1", NOON + 70, "objection", NOON + 70 + 30 * DAY
    )
    change = ChangeOrganisation("A", recording_rule=RecordingRule.UNTIL_OBJECTION, recording_days=7)
    await change_organisation(begun, await who("a1"), change, NOON)
    await recordings.begun(begun, "r2", "M", NOON, "m-a1")
    await recordings.stopped(begun, DEFAULT, "r2", NOON, "stopped")
    async with begun.reading() as uow:
        second = await uow.recordings.get("r2")
    assert second is not None
    assert second.keep_until == NOON + 7 * DAY


async def test_a_recording_of_no_meeting_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await recordings.begun(store, "r1", "nowhere", NOON, "m-a1")


async def test_whoever_is_on_the_list_watches_and_each_viewing_is_logged(begun: Store, who: Who, tmp_path: Path) -> None:
    assert (await recordings.view(begun, await who("a4"), "r1", NOON + 20)).recording.state is RecordingState.RUNNING
    await ready(begun, tmp_path)
    for name in ("a4", "a1", "admin"):
        shown = await recordings.view(begun, await who(name), "r1", NOON + 100)
        assert (shown.recording.seconds, [file.member_id for file in shown.files]) == (60.0, ["m-a4"])
        assert shown.names["m-a4"] == "党员a4"
    member = await who("a4")
    for save in (False, True):
        assert (await recordings.fetch(begun, member, tmp_path, "r1", NOON + 101, save=save)).read_bytes() == b"film"
    assert await logged(begun) == ["viewRecording"] * 3 + ["saveRecording"]
    for name, refusal in (("auditor", Forbidden), ("b1", NotFound), ("system", NotFound)):
        actor = await who(name)
        with pytest.raises(refusal):
            await recordings.view(begun, actor, "r1", NOON + 100)
        with pytest.raises(refusal):
            await recordings.fetch(begun, actor, tmp_path, "r1", NOON + 100, save=False)
        with pytest.raises(refusal):
            await recordings.of_meeting(begun, actor, "M")


async def test_another_node_is_named_to_who_may_watch_and_nothing_is_logged_there(begun: Store, who: Who, tmp_path: Path) -> None:
    await recordings.stopped(begun, DEFAULT, "r1", NOON + 70, "stopped")
    await recordings.composing(begun, "r1", 0.5)
    await recordings.composed(begun, "r1", 60.0, 4, "1" * 64, [FILE], "https://two")
    member, stranger = await who("a4"), await who("b1")
    with pytest.raises(FilmElsewhere, match="https://two"):
        await recordings.fetch(begun, member, tmp_path, "r1", NOON + 100, save=True, node="https://one")
    with pytest.raises(RecordingNotThere):  # this is the node, and the file is gone
        await recordings.fetch(begun, member, tmp_path, "r1", NOON + 100, save=True, node="https://two")
    with pytest.raises(NotFound):
        await recordings.fetch(begun, stranger, tmp_path, "r1", NOON + 100, save=True, node="https://one")
    assert await logged(begun) == []


async def test_the_film_names_who_is_in_it_and_marks_what_was_said_while_it_ran(begun: Store) -> None:
    said = [(NOON + 5, NOON + 12, "m-a4"), (NOON + 20, NOON + 21, "m-a4"), (NOON + 90, NOON + 95, "m-a4"), (NOON + 69, NOON + 99, "m-a1")]
    stream = meeting_stream("M")
    facts = [
        Fact(f"s{number}", stream, FactKind.SPEECH_SEGMENT, start, member_id, {"start": start, "end": end})
        for number, (start, end, member_id) in enumerate(said)
    ]
    async with begun.writing() as uow:
        await uow.facts.append(facts, NOON + 99)
    await recordings.stopped(begun, DEFAULT, "r1", NOON + 70, "stopped")
    recording = await now(begun)
    assert await recordings.speech_of(begun, recording) == [("m-a4", 0.0, 2.0), ("m-a4", 10.0, 11.0), ("m-a1", 59.0, 60.0)]
    told = await recordings.billing(begun, recording, ["m-a4", "nobody"])
    assert told.names == {"m-a4": "党员a4"}
    assert told.title
    assert told.organisation


async def test_the_secretary_deletes_it_with_a_reason_and_the_record_stays(begun: Store, who: Who, tmp_path: Path) -> None:
    secretary, member = await who("a1"), await who("a4")
    with pytest.raises(RecordingRuns):
        await recordings.delete(begun, secretary, tmp_path, "r1", "误录", NOON + 50)
    await ready(begun, tmp_path)
    with pytest.raises(Forbidden):
        await recordings.delete(begun, member, tmp_path, "r1", "误录", NOON + 100)
    with pytest.raises(ReasonMissing):
        await recordings.delete(begun, secretary, tmp_path, "r1", "  ", NOON + 100)
    await recordings.delete(begun, secretary, tmp_path, "r1", "误录", NOON + 100)
    gone = await now(begun)
    assert (gone.state, gone.deleted_by, gone.deletion_reason) == (RecordingState.DELETED, "acc-a1", "误录")
    assert not (tmp_path / "r1").exists()
    with pytest.raises(RecordingNotThere):
        await recordings.fetch(begun, member, tmp_path, "r1", NOON + 101, save=False)
    assert (await logged(begun))[-1] == "deleteRecording"


async def test_what_is_past_its_day_goes_by_itself(begun: Store, tmp_path: Path) -> None:
    await ready(begun, tmp_path)
    assert await recordings.purge(begun, tmp_path, NOON + 70 + 30 * DAY - 1) == 0
    assert await recordings.purge(begun, tmp_path, NOON + 70 + 30 * DAY) == 1
    assert await recordings.purge(begun, tmp_path, NOON + 70 + 31 * DAY) == 0
    assert (await now(begun)).deletion_reason == "retention"
    assert not (tmp_path / "r1").exists()
    (tmp_path / "r1").mkdir()  # as on a node that did not delete it itself
    (tmp_path / "somebody-elses").mkdir()
    await recordings.purge(begun, tmp_path, NOON + 99 * DAY)
    assert [place.name for place in tmp_path.iterdir()] == ["somebody-elses"]


async def test_what_was_deleted_while_it_was_put_together_stays_deleted(begun: Store, who: Who, tmp_path: Path) -> None:
    await recordings.stopped(begun, DEFAULT, "r1", NOON + 70, "stopped")
    await recordings.composing(begun, "r1", 0.1)
    await recordings.delete(begun, await who("a1"), tmp_path, "r1", "误录", NOON + 71)
    assert not await recordings.composing(begun, "r1", 0.2)
    await recordings.composed(begun, "r1", 60.0, 4, "1" * 64, [FILE])
    await recordings.failed(begun, "r1", "status 1")
    assert (await now(begun)).state is RecordingState.DELETED
