"""Logging as JSON lines, ours and the libraries', with request and task ids where there are any."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

ROWS = re.compile(r"(DETAIL|CONTEXT):(?:(?!\\n)[^\n])*")
"""What PostgreSQL tells of a row beside an error, as it is and in a repr: values of somebody's."""


def without_rows(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Logs are read by others than the database, and kept elsewhere: whose row an error was about stays there."""
    for name, said in line.items():
        if isinstance(said, str) and ("DETAIL:" in said or "CONTEXT:" in said):
            line[name] = ROWS.sub(r"\1: (left out)", said)
    return line


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_rows,
]


def logging_config(*, level: str, lines_for_people: bool) -> dict[str, Any]:
    """A `logging.config` dictionary; also points structlog at it.

    `lines_for_people` gives short readable lines instead of JSON.
    """
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False) if lines_for_people else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": SHARED,
            },
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            "django": {"level": level},
            "django.server": {"handlers": ["out"], "propagate": False},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }
