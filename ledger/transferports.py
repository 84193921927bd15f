"""The door of the ledger to transfers: each with its letters and its receipt, its history, and the letterheads of committees.

Plain records in and out, no rights, no clock. Twins over memory, SQLite and PostgreSQL pass one contract suite.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

from .mobility import Newcomer, OrgRelationTransfer, Side, TransferState
from .rules.transfer import TransferChange

if TYPE_CHECKING:
    from .ports import Reach


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A line of a transfer's history and who took the step: an account id, or "system" for the clock."""

    change: TransferChange
    author: str


@dataclass(frozen=True, slots=True)
class Part:
    """Transfers whose organisation on this side lies within reach, in one of these states.

    `side`: HOME matches the branch left, HOST the branch assigned, the committees themselves. `lettered`: only once there was a letter.
    """

    side: Side
    reach: Reach
    states: frozenset[TransferState] = frozenset(TransferState)
    lettered: bool = False


@dataclass(frozen=True, slots=True)
class TransferQuery:
    """A transfer counts if any of the parts matches, and everything else does.

    `waiting_since`: in its state since before that instant. `letter_until`: the letter in force ends on that day or before. `text`: part
    of the person's name or the beginning of the number, part of the name of the organisation outside, or of a letter's number. Latest step
    first, or oldest; pages count from 1.
    """

    parts: tuple[Part, ...]
    text: str = ""
    waiting_since: float | None = None
    letter_until: date | None = None
    oldest_first: bool = False
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class Letterhead:
    """How a committee is reached, as its letters say."""

    org_id: str
    address: str = ""
    phone: str = ""
    fax: str = ""
    post_code: str = ""


class Transfers(Protocol):
    async def get(self, transfer_id: str) -> OrgRelationTransfer | None: ...

    async def add(self, transfer: OrgRelationTransfer, lines: Sequence[TransferLine]) -> None:
        """Conflict if the member has an open one, or a letter's number or code is used."""
        ...

    async def save(self, transfer: OrgRelationTransfer, seen_revision: int, line: TransferLine) -> bool:
        """False, and nothing changed, if the stored revision is not the one seen. Conflict as for `add`."""
        ...

    async def save_newcomer(self, transfer_id: str, newcomer: Newcomer) -> None:
        """The same particulars under another key: no step, and no line of the history."""
        ...

    async def of_member(self, member_id: str) -> list[OrgRelationTransfer]:
        """Oldest first."""
        ...

    async def open_of(self, member_ids: Collection[str]) -> dict[str, OrgRelationTransfer]:
        """Member id → the open transfer."""
        ...

    async def by_code(self, verification_code: str) -> OrgRelationTransfer | None: ...

    async def numbers_of(self, committee_id: str, starting: str = "") -> list[str]:
        """Numbers of the letters the committee has issued that begin so, sorted."""
        ...

    async def numbers_from(self, outside: str) -> list[str]:
        """Numbers of the letters of a committee outside that have been taken in here, sorted."""
        ...

    async def history(self, transfer_id: str) -> list[TransferLine]:
        """Oldest first."""
        ...

    async def search(self, query: TransferQuery) -> tuple[list[OrgRelationTransfer], int]: ...

    async def counts(self, queries: Sequence[TransferQuery]) -> list[int]:
        """How many each of them would find, in one pass."""
        ...

    async def in_states(self, states: Collection[TransferState], after: str = "", limit: int = 500) -> list[OrgRelationTransfer]:
        """The next ones by id, for whoever goes through all of them."""
        ...

    async def letterhead(self, org_id: str) -> Letterhead | None: ...

    async def save_letterhead(self, letterhead: Letterhead) -> None: ...


class TransferRepositories(Protocol):
    """What a unit of work holds of transfers."""

    @property
    def transfers(self) -> Transfers: ...
