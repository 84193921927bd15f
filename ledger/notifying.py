"""Telling a member that something concerns them: one frozen record, and the kinds of it.

A kind has a stable code, a sentence in both languages and the page it leads to. It decides nothing: who is told, and when, is said by the
action that happened; by which ways it reaches them is decided at delivery. A notification names as little as possible – the sentence may
leave the installation by e-mail, the matter itself never does.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PARTS = string.Formatter()


@dataclass(frozen=True, slots=True)
class Notification:
    """`about`: "meeting:<id>", "report:<id>" …; `key`: the same key to the same member is the same notification, told once."""

    recipient_member_id: str
    kind: str
    params: Mapping[str, Any]
    about: str
    at: float
    key: str

    @property
    def notification_id(self) -> str:
        return hashlib.sha256(f"{self.recipient_member_id}\n{self.key}".encode()).hexdigest()[:32]

    @property
    def about_id(self) -> str:
        return self.about.partition(":")[2]


@dataclass(frozen=True, slots=True)
class KeptNotification:
    """As it stands in the store. `routed_at`: when its ways out were decided; None while that is owed."""

    notification: Notification
    read_at: float | None = None
    routed_at: float | None = None

    @property
    def notification_id(self) -> str:
        return self.notification.notification_id


@dataclass(frozen=True, slots=True)
class Kind:
    """`zh`, `en`: a sentence with {blanks} for the params; `path`: the page, with {id} for what it is about.

    `urgent`: quiet hours and the digest do not hold it back, because it cannot wait until the morning.
    """

    code: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    path: str
    urgent: bool = False
    blanks: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blanks", frozenset(name for _, name, _, _ in _PARTS.parse(self.zh) if name))

    def to(self, member_id: str, about: str, at: float, key: str, **params: Any) -> Notification:
        """A notification of this kind; every blank of the sentence must be filled, and nothing else may be told along."""
        if params.keys() != self.blanks:
            raise ValueError(f"{self.code} takes {sorted(self.blanks)}, not {sorted(params)}")
        return Notification(member_id, self.code, params, about, at, key)

    def sentence(self, locale: str, params: Mapping[str, Any]) -> str:
        return (self.zh if locale == "zh" else self.en).format_map(_Dashes(params))

    def page(self, about_id: str) -> str:
        return self.path.format(id=about_id)


class _Dashes(dict[str, Any]):
    """What an older version did not tell along reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
