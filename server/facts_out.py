"""Facts as the outbox keeps them: JSON out, facts in again. A shape of its own, because what is owed must be read by a later version."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ledger.facts import Fact, FactKind
from server.live.outbox import Unacceptable

Json = dict[str, Any]


def to_json(fact: Fact) -> Json:
    return {
        "key": fact.key,
        "stream": fact.stream,
        "kind": fact.kind.value,
        "at": fact.at,
        "memberId": fact.member_id,
        "body": fact.body,
        "author": fact.author,
        "reason": fact.reason,
    }


def from_json(shape: Json) -> Fact:
    """Raises `Unacceptable` for what no version ever wrote."""
    try:
        kind = FactKind(shape["kind"])
        return Fact(shape["key"], shape["stream"], kind, shape["at"], shape["memberId"], shape["body"], shape["author"], shape["reason"])
    except (KeyError, ValueError) as trouble:
        raise Unacceptable(repr(trouble)) from trouble


def known(shapes: Sequence[Json]) -> list[Fact]:
    """Those that some version wrote; the others are set aside when it is their turn."""
    facts: list[Fact] = []
    for shape in shapes:
        with contextlib.suppress(Unacceptable):
            facts.append(from_json(shape))
    return facts


def delivering(deliver: Callable[[Sequence[Fact]], Awaitable[None]]) -> Callable[[Sequence[Json]], Awaitable[None]]:
    async def deliver_json(shapes: Sequence[Json]) -> None:
        await deliver([from_json(shape) for shape in shapes])

    return deliver_json
