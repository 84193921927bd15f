"""Structured logs: one event a line, as JSON or for a terminal. Stable names of events, ids and figures; no names, addresses or bodies of
people. docs/operations.md has the table of events.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TextIO

import structlog

LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})


class CalmLogger(structlog.PrintLogger):
    """A log on a disk that is full must not end what it tells about: a line that cannot be written is dropped."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


class Libraries(logging.Handler):
    """What is told through the standard library: the media plane's own events with their fields, of others the template of a message –
    what is filled into it may be somebody's address."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", None)
        event = "message" if fields is None else str(record.msg)
        told = {"logger": record.name, "message": str(record.msg)} if fields is None else fields
        told = told | ({"exc_info": record.exc_info} if record.exc_info else {})
        level = record.levelname.lower()
        getattr(structlog.get_logger(record.name), level if level in LEVELS else "info")(event, **told)


class CalmLoggers:
    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, *_: object) -> CalmLogger:
        return CalmLogger(self._file)


def configure(level: str, form: str) -> None:
    """`form`: json or console."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if form == "console":
        # Plain tracebacks: the pretty ones show the values of variables, which are people's data.
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        shared = shared[:-1]  # the console spells exceptions itself
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=CalmLoggers(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[Libraries()], force=True)
    logging.getLogger("media").setLevel(number)
