"""The one refusal of a room: a stable code and what fills its sentence. A refused command has changed nothing."""

from __future__ import annotations

CODES = frozenset(
    {
        "not_invited",
        "meeting_ended",
        "meeting_not_open",
        "meeting_already_open",
        "too_many_devices",
        "peer_exists",
        "not_in_room",
        "not_moderator",
        "member_not_in_room",
        "nobody_waiting",
        "moderator_protected",
        "duplicate_producer",
        "unknown_producer",
        "not_your_producer",
        "source_in_use",
        "share_in_use",
        "hand_already_raised",
        "hand_not_raised",
        "floor_not_given",
        "chat_empty",
        "chat_too_long",
    }
)


class Refused(Exception):
    """`code` is one of CODES, `params` plain values."""

    def __init__(self, code: str, **params: str | int) -> None:
        assert code in CODES, code
        super().__init__(code)
        self.code = code
        self.params = params
