"""Large answers as bytes, under the mark that stands for what is in them: written once, sent to all who may see the same.

A mark never stands for two contents, so that nothing here can be out of date; it only falls out of use, and makes room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

MOST_BYTES: Final = 32 << 20
LEAST_BYTES: Final = 32 << 10  # what is smaller is written as quickly as it is found


class Bodies:
    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._most = most_bytes
        self._bytes = 0

    def all(self) -> Mapping[str, bytes]:
        """As they are now: what makes room meanwhile is still there for who asked."""
        return dict(self._kept)

    def keep(self, mark: str, content: bytes) -> bytes:
        """→ the content. What is kept already counts as used."""
        if mark in self._kept:
            self._kept.move_to_end(mark)
        elif len(content) >= LEAST_BYTES and mark not in self._kept:
            self._kept[mark] = content
            self._bytes += len(content)
            while self._bytes > self._most:
                self._bytes -= len(self._kept.popitem(last=False)[1])
        return content
