"""A request as a handler sees it, and the row of the table it was found by.

A handler is given a `Call` (and the parsed body or query, if its route has one) and gives a shape or a file. It knows neither headers nor
cookies nor JSON; those are the door's (`door.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from ledger.access import Action, Actor
from ledger.ports import Store
from ledger.refusals import Refusal, Unauthenticated
from server.house import House
from server.schemas.base import Shape

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
#: Who may call: anyone; whoever is logged in; or whoever may do this along the tree.
Who = Literal["anyone", "loggedIn"] | Action
#: Instants outside these years are mistakes, and some of them cannot be reckoned with.
EARLIEST, LATEST = 1990, 2100


class BadRequest(Refusal):
    """params: field, problem. What was sent is not echoed."""

    code = "badRequest"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field=field, problem=problem)


@dataclass(frozen=True, slots=True)
class Upload:
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class File:
    """An answer to be saved. `name` may be Chinese."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reel:
    """An answer on the disk, of which a player asks for pieces (RFC 9110 §14). `save`: to be saved, else to be played."""

    name: str
    media_type: str
    path: Path
    save: bool


@dataclass(frozen=True, slots=True)
class Relay:
    """The answer is at the node of this address, which is asked in the name of who asks here."""

    node: str


@dataclass(frozen=True, slots=True)
class Marked:
    """An answer in JSON that is the same as long as its mark is. `content` None: the asker has it (RFC 9110 §13.1.2)."""

    mark: str
    content: bytes | None


@dataclass(slots=True)
class Call:
    """`token`: of the session in the cookie; a handler that sets `new_token` logs the browser in ("" logs it out). `has`: marks of
    answers that the asker still holds."""

    house: House
    now: float
    ids: Mapping[str, str]
    base_url: str
    address: str
    token: str = ""
    who: Actor | None = None
    upload: Upload | None = None
    new_token: str | None = None
    has: frozenset[str] = frozenset()

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def actor(self) -> Actor:
        if self.who is None:
            raise Unauthenticated
        return self.who


Answer = Shape | File | Reel | Relay | Marked
Handler = Callable[..., Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` below /api. `files`: media types of a file answer. `refuses`: codes besides those every such route may give.

    `half_open`: also for those who have yet to change a one-time password.
    """

    method: Method
    path: str
    handler: Handler
    summary: str
    who: Who = "loggedIn"
    body: type[Shape] | None = None
    query: type[Shape] | None = None
    answer: type[Shape] | None = None
    files: tuple[str, ...] = ()
    upload: bool = False
    half_open: bool = False
    refuses: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The operation's id: file and function of the handler."""
        return f"{self.handler.__module__.rsplit('.', 1)[-1]}.{self.handler.__name__}"

    @property
    def changes(self) -> bool:
        return self.method != "GET"


def instant(field: str, text: str) -> float:
    """ISO 8601 with a zone → epoch seconds."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(field, "instant") from None
    if moment.tzinfo is None:
        raise BadRequest(field, "zone_missing")
    if not EARLIEST <= moment.year <= LATEST:
        raise BadRequest(field, "out_of_range")
    return moment.timestamp()


def day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(field, "day") from None


def given(body: Shape, read: Mapping[str, Callable[[Any], Any]], clears: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Field → value of what a request really names; `read` says how some of them are read from their spelling.

    null stands for "not given", but for fields in `clears`, which it empties.
    """
    named = {name: getattr(body, name) for name in body.model_fields_set - {"revision"}}
    values = {name: value for name, value in named.items() if value is not None or name in clears}
    return {name: read[name](value) if name in read and value is not None else value for name, value in values.items()}
