"""Whether the log of access and the facts are as they were written: reading both chains from end to end, and anchoring their heads.

An anchor is the head of the log, written down where the database's keeper cannot reach. Before that the log vouches for every stream of
facts that has grown (decision 0003): from then on a stream that is removed whole, or cut, is missed too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..access import OPERATOR, Action, Actor
from ..accesschain import ANCHOR, PURGE, Anchor, ChainReader, Head, LoggedAccess, cut_of, heads_in
from ..facts import RecordedFact
from ..memberfile import changes_digest
from ..model import Access, RoleKind
from ..ports import Store, UnitOfWork
from ..refusals import Forbidden
from .audit import BrokenChain, first_broken

PIECE = 2_000  # lines read at once
STREAMS_IN_A_LINE = 50
MOST_STREAMS = 1_000  # anchored in one transaction


@dataclass(frozen=True, slots=True)
class LogVerification:
    """`broken`: the first line that is not what it was. `anchors`: those that do not fit. `histories`: batches of a member's history that
    are not as they were summed up when written."""

    lines: int
    head: Head
    broken: int | None
    anchors: tuple[Anchor, ...]
    histories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    log: LogVerification
    streams: int
    facts: int
    broken: tuple[BrokenChain, ...]

    @property
    def whole(self) -> bool:
        return self.log.broken is None and not (self.log.anchors or self.log.histories or self.broken)


@dataclass(slots=True)
class _Vouched:
    """What the log vouches for: stream → number → hash; batch → digest; and whose histories retention has removed."""

    heads: dict[str, dict[int, str]] = field(default_factory=dict)
    digests: dict[str, tuple[str, str]] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)

    def read(self, lines: Sequence[LoggedAccess]) -> None:
        for one in lines:
            for stream, (number, digest) in heads_in(one.access):
                self.heads.setdefault(stream, {})[number] = digest
            if "digest" in one.access.detail and "batch" in one.access.detail:
                self.digests[one.access.detail["batch"]] = (one.access.detail["digest"], one.access.subject)
            if one.access.action == "purgeFile":
                self.forgotten.add(one.access.subject)


async def audit(store: Store, anchors: Sequence[Anchor] = ()) -> Audit:
    """Reads everything. No actor: this is for the command line and for `verify`."""
    vouched = _Vouched()
    async with store.reading() as uow:
        log = await _read_log(uow, vouched, anchors)
        streams = await uow.facts.streams()
        facts, broken = 0, []
        for stream in sorted({*streams, *vouched.heads}):
            recorded = await uow.facts.of_stream(stream)
            facts += len(recorded)
            number = first_broken(recorded, await uow.facts.head(stream)) or _missed(recorded, vouched.heads.get(stream, {}))
            broken += [BrokenChain(stream, number)] if number is not None else []
    return Audit(log, len(streams), facts, tuple(broken))


async def verify(store: Store, actor: Actor, anchors: Sequence[Anchor] = ()) -> Audit:
    """The same for an auditor of the whole tree. Refusal: Forbidden to everybody else."""
    if not actor.operator and not any(path.count("/") == 2 for path in actor.granted(RoleKind.AUDITOR)):
        raise Forbidden(action=Action.READ_AUDIT.value)
    return await audit(store, anchors)


async def anchor(store: Store, now: float) -> Anchor:
    """Vouch for the streams of facts that have grown, and say where the log stands."""
    while await _vouch(store, now):
        pass
    async with store.reading() as uow:
        line, digest = await uow.access_log.head()
    return Anchor(now, line, digest)


async def _vouch(store: Store, now: float) -> bool:
    """→ whether there may be more."""
    async with store.writing() as uow:
        heads = list((await uow.facts.unanchored(MOST_STREAMS)).items())
        for start in range(0, len(heads), STREAMS_IN_A_LINE):
            detail = {stream: f"{number}:{digest}" for stream, (number, digest) in heads[start : start + STREAMS_IN_A_LINE]}
            await uow.access_log.append([Access(now, OPERATOR.account_id, ANCHOR, "ledger:facts", "", detail)])
        await uow.facts.mark_anchored(dict(heads))
    return len(heads) == MOST_STREAMS


async def _read_log(uow: UnitOfWork, vouched: _Vouched, anchors: Sequence[Anchor]) -> LogVerification:
    cut = cut_of(await uow.access_log.last_of(PURGE))
    reader = ChainReader(cut)
    wanted = {(one.line, one.hash) for one in anchors}
    fitting = {cut}
    histories: list[str] = []
    while lines := await uow.access_log.after(reader.head[0] if reader.lines else 0, PIECE):
        reader.read(lines)
        vouched.read(lines)
        fitting |= wanted & {(one.line, one.hash) for one in lines}
    for batch, (digest, subject) in vouched.digests.items():
        changes = await uow.files.batch(batch)
        if changes_digest(changes) != digest and not (not changes and subject in vouched.forgotten):
            histories.append(batch)
    broken = reader.ended(await uow.access_log.head())
    unfit = tuple(one for one in anchors if one.line >= cut[0] and (one.line, one.hash) not in fitting)  # older ones: gone by retention
    return LogVerification(reader.lines, reader.head, broken, unfit, tuple(histories))


def _missed(recorded: Sequence[RecordedFact], heads: dict[int, str]) -> int | None:
    """The first number at which the log vouched for another fact, or for one that is gone."""
    hashes = {one.number: one.hash for one in recorded}
    return next((number for number, digest in sorted(heads.items()) if hashes.get(number) != digest), None)
