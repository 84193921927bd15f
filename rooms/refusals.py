"""The one refusal of a room: a stable code and what fills its sentence. A refused command has changed nothing."""

from __future__ import annotations

CODES = frozenset(
    {
        "notInvited",
        "meetingEnded",
        "meetingNotOpen",
        "meetingAlreadyOpen",
        "tooManyDevices",
        "peerExists",
        "notInRoom",
        "notModerator",
        "memberNotInRoom",
        "nobodyWaiting",
        "moderatorProtected",
        "duplicateProducer",
        "unknownProducer",
        "notYourProducer",
        "sourceInUse",
        "shareInUse",
        "handAlreadyRaised",
        "handNotRaised",
        "floorNotGiven",
        "chatEmpty",
        "chatTooLong",
        "recordingNotAllowed",
        "recordingOn",
        "recordingOff",
    }
)


class Refused(Exception):
    """`code` is one of CODES, `params` plain values."""

    def __init__(self, code: str, **params: str | int) -> None:
        assert code in CODES, code
        super().__init__(code)
        self.code = code
        self.params = params
