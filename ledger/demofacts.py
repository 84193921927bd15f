"""The facts of the demo's past meeting: an hour of connections, media and speech, as a server would have measured them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .facts import Fact, FactKind, meeting_stream

MINUTE = 60.0
K = FactKind
# place of the member, device, minutes from the opening at which a connection came and went
_CONNECTIONS: tuple[tuple[int, str, float, float], ...] = (
    (1, "desktop", -5, 60.5),
    (2, "desktop", -2, 60),
    (3, "phone", 0.5, 60),
    (3, "desktop", 20, 45),  # a second device: one row, counted once
    (4, "phone", 1, 24),
    (4, "phone", 24.6, 60),  # lost for 36 seconds: bridged
    (5, "phone", 12, 60),  # late
    (6, "desktop", 0, 30),  # left at half time: partly present
    (9, "phone", 2, 60),  # floats elsewhere, took part at home
    (13, "phone", 1.5, 60),  # a guest who floats here
    (14, "desktop", 0, 58),  # an observer
)
# place, minutes at which speech began and ended
_SPEECH: tuple[tuple[int, float, float], ...] = (
    (1, 0.5, 6.0),
    (2, 7.0, 10.5),
    (3, 12.0, 14.25),
    (4, 16.0, 17.5),
    (1, 18.0, 19.0),
    (5, 21.0, 23.0),
    (9, 26.0, 29.0),
    (13, 31.0, 33.5),
    (3, 36.0, 37.0),
    (1, 56.0, 59.5),
)
_FLOOR = ((3, 11.8, 14.4), (5, 20.5, 23.2), (13, 30.6, 33.6))  # given by the secretary, withdrawn


def facts_of_past_meeting(meeting_id: str, member_id: Callable[[int], str], start: float) -> list[Fact]:
    """`member_id`: place → id. In the order of their instants."""
    stream = meeting_stream(meeting_id)
    drafts = [*_session(), *_connections(member_id), *_speeches(member_id), *_floors(member_id)]
    drafts.sort(key=lambda draft: draft[0])
    return [
        Fact(f"{stream}:demo:{place}", stream, kind, start + minute * MINUTE, member, _placed(body, start))
        for place, (minute, kind, member, body) in enumerate(drafts)
    ]


Draft = tuple[float, FactKind, str | None, dict[str, Any]]


def _session() -> Iterator[Draft]:
    yield 0.0, K.MEETING_OPENED, None, {}
    yield 60.0, K.MEETING_ENDED, None, {}


def _connections(member_id: Callable[[int], str]) -> Iterator[Draft]:
    for number, (place, device, came, went) in enumerate(_CONNECTIONS):
        who, connection = member_id(place), f"demo-connection-{number}"
        microphone = {"connectionId": connection, "producerId": f"demo-producer-{number}", "source": "microphone"}
        yield came, K.CONNECTION_JOINED, who, {"connectionId": connection, "deviceId": f"demo-{device}-{place}", "device": device}
        yield came + 0.05, K.MEDIA_STARTED, who, microphone
        yield went - 0.01, K.MEDIA_STOPPED, who, microphone
        yield went, K.CONNECTION_LEFT, who, {"connectionId": connection, "reason": "left"}


def _speeches(member_id: Callable[[int], str]) -> Iterator[Draft]:
    for place, began, ended in _SPEECH:
        number = next(n for n, (who, _, came, went) in enumerate(_CONNECTIONS) if who == place and came <= began < went)
        body = {"connectionId": f"demo-connection-{number}", "producerId": f"demo-producer-{number}"}
        yield began, K.SPEECH_SEGMENT, member_id(place), body | {"startMinute": began, "endMinute": ended}


def _floors(member_id: Callable[[int], str]) -> Iterator[Draft]:
    by = {"by": member_id(1)}
    for place, given, withdrawn in _FLOOR:
        yield given - 0.4, K.HAND_RAISED, member_id(place), {}
        yield given, K.FLOOR_GIVEN, member_id(place), by
        yield given, K.HAND_LOWERED, member_id(place), by
        yield withdrawn, K.FLOOR_WITHDRAWN, member_id(place), by


def _placed(body: dict[str, Any], start: float) -> dict[str, Any]:
    """Minutes of a stretch become instants."""
    if "startMinute" not in body:
        return body
    rest = {key: value for key, value in body.items() if not key.endswith("Minute")}
    return rest | {"start": start + body["startMinute"] * MINUTE, "end": start + body["endMinute"] * MINUTE}
