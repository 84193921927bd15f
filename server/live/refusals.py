"""Refusals of the shell itself: typed, with a stable code; server/answers.py has the sentence and the status of each."""

from __future__ import annotations

from typing import Any

CODES = frozenset(
    {
        "badRequest",
        "notLoggedIn",
        "notJoined",
        "noSuchMeeting",
        "meetingCancelled",
        "meetingEnded",
        "notInvited",
        "noticeOutdated",
        "tooManyRequests",
        "unknownMessage",
        "mediaRefused",
        "mediaAway",
        "notTesting",
        "testsBusy",
        "directoryAway",
        "overloaded",
        "internalError",
    }
)


class ShellRefused(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        assert code in CODES, code
        super().__init__(code)
        self.code = code
        self.params = params
