"""Speaking time: the union over devices, silence while muted, the floor beside it."""

import pytest

from ledger.facts import FactKind
from ledger.rules.speech import Speech
from tests.ledger.story import HOUR, Story, T


def talk(story: Story) -> Speech:
    return story.record("li").speech


def started() -> Story:
    return Story().opened().joined("li", 0)


def mic(story: Story, muted: bool, at: float, producer: str = "mic") -> Story:
    kind = FactKind.MIC_MUTED if muted else FactKind.MIC_UNMUTED
    return story.fact(kind, at, "li", connectionId="c-li", producerId=producer)


def test_segments_add_up() -> None:
    speech = talk(started().spoke("li", 100, 130).spoke("li", 200, 215).left("li", HOUR).ended())
    assert (speech.speaking_seconds, speech.speeches) == (45, 2)


def test_the_same_words_on_two_devices_count_once() -> None:
    story = started().joined("li", 0, "c2", "phone").spoke("li", 100, 130).spoke("li", 110, 140, "c2", "mic2")
    speech = talk(story.left("li", HOUR).left("li", HOUR, "c2").ended())
    assert (speech.speaking_seconds, speech.speeches) == (40, 1)


def test_nothing_counts_while_muted() -> None:
    story = mic(mic(started(), True, 110), False, 120).spoke("li", 100, 130)
    assert talk(story.left("li", HOUR).ended()).speaking_seconds == 20


def test_a_mute_without_an_unmute_lasts() -> None:
    assert talk(mic(started(), True, 110).spoke("li", 100, 130).spoke("li", 200, 230).left("li", HOUR).ended()).speaking_seconds == 10


def test_muting_one_track_does_not_silence_the_other() -> None:
    story = mic(started(), True, 50, "other").spoke("li", 100, 130)
    assert talk(story.left("li", HOUR).ended()).speaking_seconds == 30


def test_muting_a_muted_track_is_no_complaint() -> None:
    story = mic(mic(mic(started(), True, 110), True, 115), False, 120).spoke("li", 100, 130).left("li", HOUR).ended()
    assert (talk(story).speaking_seconds, story.codes()) == (20, [])


@pytest.mark.parametrize(("start", "end", "counted"), [(-20, 10, 10), (HOUR - 5, HOUR + 20, 5), (-20, -10, 0)])
def test_speech_outside_the_session_does_not_count(start: float, end: float, counted: float) -> None:
    story = Story().joined("li", -60).opened().spoke("li", start, end).left("li", HOUR + 60).ended()
    assert talk(story).speaking_seconds == counted


def test_speech_after_the_connection_ended_does_not_count() -> None:
    assert talk(started().left("li", 110).spoke("li", 100, 130).ended()).speaking_seconds == 10


@pytest.mark.parametrize(
    ("story", "code"),
    [
        (started().left("li", HOUR).spoke("li", 100, 130, "ghost").ended(), "speechWithoutConnection"),
        (started().left("li", HOUR).spoke("li", 130, 100).ended(), "speechMalformed"),
        (started().left("li", HOUR).fact(FactKind.SPEECH_SEGMENT, 5, "li", start=T, end=T + 9).ended(), "speechMalformed"),
    ],
)
def test_odd_segments_are_complained_of_and_not_counted(story: Story, code: str) -> None:
    assert (talk(story).speaking_seconds, story.codes()) == (0, [code])


def test_floor_time_stands_beside_speaking_time() -> None:
    story = started().fact(FactKind.FLOOR_GIVEN, 100, "li", by="chair").fact(FactKind.FLOOR_WITHDRAWN, 160, "li", by="chair")
    speech = talk(story.spoke("li", 150, 180).left("li", HOUR).ended())
    assert (speech.floor_seconds, speech.speaking_seconds, speech.with_floor_seconds) == (60, 30, 10)


def test_the_floor_is_held_only_while_there() -> None:
    speech = talk(started().fact(FactKind.FLOOR_GIVEN, 100, "li", by="chair").left("li", 130).ended())
    assert speech.floor_seconds == 30


def test_silence_is_not_absence() -> None:
    record = started().left("li", HOUR).ended().record("li")
    assert (record.speech, record.grade) == (Speech(), "present")
