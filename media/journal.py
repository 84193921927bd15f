"""What the media plane tells its log: stable names of events with ids and figures, never an address or a name of somebody.

It decides how a line looks in a process of its own (`python -m media.worker`); in the web process its records are taken up by the log
there, which finds the event's fields under `fields`.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

logger = logging.getLogger("media")
FORMATS: Final = ("json", "console")


def tell(level: int, event: str, **fields: Any) -> None:
    logger.log(level, event, extra={"fields": fields})


class JsonLines(logging.Formatter):
    """One object a line. Libraries' own messages are told by their template: what is filled into it may be somebody's address."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"event": "", "level": record.levelname.lower(), "timestamp": at.replace("+00:00", "Z")} | spoken(record)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Words(logging.Formatter):
    """For a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        told = spoken(record)
        words = " ".join((f"media.worker {record.levelname} {told.pop('event')}", *(f"{name}={value}" for name, value in told.items())))
        return f"{words}\n{self.formatException(record.exc_info)}" if record.exc_info else words


def spoken(record: logging.LogRecord) -> dict[str, Any]:
    """Event and fields of a record; what was not told by `tell` is a message of some library, or a bug's."""
    fields = getattr(record, "fields", None)
    if fields is None:
        return {"event": "message", "logger": record.name, "message": str(record.msg)}
    return {"event": str(record.msg), **fields}


def configure(level: str, form: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Words())
    logging.basicConfig(level=level, handlers=[handler])
