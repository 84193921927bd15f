"""The log of access as one chain over the whole installation: numbering, hashing, and finding where it was tampered with. Pure.

Each line's hash covers the hash before it, so that a line changed, taken out, put in or moved breaks every line after it. Lines cut off at
the end are missed by comparing with the head kept apart, and, where somebody cut that too, with an anchor written down elsewhere. Old lines
may go by retention: the purge leaves a line that names the last one removed and its hash, and the chain is read from there on. Lines of
`ANCHOR` carry heads of streams of facts (decision 0003), lines with a digest what was written into a member's history.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .facts import GENESIS
from .model import Access

Head = tuple[int, str]
EMPTY: Head = (0, GENESIS)
#: Detail {upTo, hash, removed}: everything up to this line was removed by retention.
PURGE = "purgeAccess"
#: Detail {stream: "number:hash"}: heads of streams of facts as they stood.
ANCHOR = "anchorFacts"


@dataclass(frozen=True, slots=True)
class LoggedAccess:
    """A line as it stands in the log, with the chain's hash up to and including it."""

    line: int
    access: Access
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head written down outside the database."""

    at: float
    line: int
    hash: str


def line_hash(previous: str, line: int, access: Access) -> str:
    shape = {
        "line": line,
        "at": access.at,
        "accountId": access.account_id,
        "action": access.action,
        "subject": access.subject,
        "path": access.path,
        "detail": access.detail,
    }
    text = json.dumps(shape, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous.encode() + b"\n" + text.encode()).hexdigest()


def chained_lines(head: Head, entries: Iterable[Access]) -> list[LoggedAccess]:
    """New lines after the head. Instants become floats, as a column gives them back."""
    line, previous = head
    chained: list[LoggedAccess] = []
    for entry in entries:
        access = replace(entry, at=float(entry.at))
        line, previous = line + 1, line_hash(previous, line + 1, access)
        chained.append(LoggedAccess(line, access, previous))
    return chained


def cut_of(purge: LoggedAccess | None) -> Head:
    """Where the chain is read from: after the last line removed by retention, or from the beginning."""
    return (int(purge.access.detail["upTo"]), purge.access.detail["hash"]) if purge else EMPTY


@dataclass(slots=True)
class ChainReader:
    """Reads a chain piece by piece. `broken`: the first line whose hash or number is not what the lines before make it."""

    head: Head = EMPTY
    broken: int | None = None
    lines: int = 0

    def read(self, lines: Sequence[LoggedAccess]) -> None:
        for one in lines:
            self.lines += 1
            number, previous = self.head
            if self.broken is None and (one.line != number + 1 or one.hash != line_hash(previous, one.line, one.access)):
                self.broken = one.line
            self.head = (one.line, one.hash)

    def ended(self, kept_head: Head) -> int | None:
        """After the last piece: the first broken line, also where the end was cut off."""
        return self.broken if self.broken is not None or self.head == kept_head else self.head[0] + 1


def heads_in(access: Access) -> Iterator[tuple[str, Head]]:
    """Stream → head, of an anchor line."""
    for stream, head in access.detail.items() if access.action == ANCHOR else ():
        number, _, digest = head.partition(":")
        yield stream, (int(number), digest)
