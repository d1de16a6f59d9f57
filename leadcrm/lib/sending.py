"""Long answers. A web server ends a worker that has not come back for a minute; one that still sends says so."""

from __future__ import annotations

from collections.abc import Callable


def _nobody() -> None:
    pass


_listener: Callable[[], None] = _nobody


def listens(to: Callable[[], None]) -> None:
    """Who is to be told, in this process, that an answer is still being sent."""
    global _listener
    _listener = to


def still_sending() -> None:
    """To be said between parts of an answer that may take long."""
    _listener()
