"""The door to kept files: what they are called, and what is in them, apart, so that a list of files moves none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from .attachments import Attachment


class Attachments(Protocol):
    async def add(self, attachment: Attachment, content: bytes) -> None: ...

    async def get(self, attachment_id: str) -> Attachment | None: ...

    async def content(self, attachment_id: str) -> bytes | None: ...

    async def of_owner(self, owner: str) -> list[Attachment]:
        """In the order in which they were added."""
        ...

    async def of_owners(self, owners: Collection[str]) -> dict[str, list[Attachment]]:
        """Owner → its files; owners without one are left out."""
        ...

    async def remove(self, attachment_ids: Collection[str]) -> None: ...
