"""Structured logs: one event per line, machine-readable or for a terminal. No names, no addresses, no bodies – ids of requests only."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TextIO

import structlog


class CalmLogger(structlog.PrintLogger):
    """A log on a disk that is full must not end what it tells about: a line that cannot be written is dropped."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


class CalmLoggers:
    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, *_: object) -> CalmLogger:
        return CalmLogger(self._file)


def configure(level: str, form: str) -> None:
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
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
