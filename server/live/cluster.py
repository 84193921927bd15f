"""Which node holds a room: the port, and the twin for one node alone.

A room lives in one process. The directory grants a lease on a meeting to one node; the others send their visitors there. A node that
already holds a room never asks again while it does, so a directory that goes away stops no running meeting – only the opening of rooms
that nobody holds has to wait.
"""

from __future__ import annotations

from typing import Protocol


class DirectoryAway(Exception):
    """The directory cannot be asked now; trying again in a few seconds is of use."""


class RoomDirectory(Protocol):
    """`address` is how browsers reach this node, for example https://node2.example.org."""

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Give every lease back."""

    async def claim(self, meeting_id: str, *, running: bool = False) -> str:
        """→ the address of the node that holds the room: this one's own when it was free. Raises `DirectoryAway`.

        `running`: the meeting is open, so a node may be running its room and have lost the lease with the directory's memory. It is
        given the time to renew it before the room counts as free.
        """

    async def release(self, meeting_id: str) -> None:
        """The room has closed here; no error when the directory is away (the lease runs out by itself)."""

    @property
    def address(self) -> str: ...


class SingleNode:
    """Everything is here."""

    def __init__(self, address: str = "") -> None:
        self._address = address

    @property
    def address(self) -> str:
        return self._address

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def claim(self, meeting_id: str, *, running: bool = False) -> str:
        return self._address

    async def release(self, meeting_id: str) -> None:
        return
