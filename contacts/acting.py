"""Who is at work, for the triggers that write field history (leadcrm/lib/audit.py).

The person goes to the database in front of each statement that may change rows, as a setting of its transaction: no
statement is added, reading costs nothing, and nothing is left on the connection for whoever has it next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

from contacts.models import User

CHANGES = re.compile(r"\s*(UPDATE|INSERT|WITH|MERGE)\b", re.IGNORECASE)
MOST_CHARACTERS = 100
NOT_PLAIN = re.compile(r"[^A-Za-z0-9:_. -]")
SPEAK = "SELECT set_config('leadcrm.actor', '{actor}', true), set_config('leadcrm.cause', '{cause}', true); "
NOBODY = "SELECT set_config('leadcrm.actor', '', true), set_config('leadcrm.cause', '', true)"

_innermost: ContextVar[object] = ContextVar("acting", default=None)


@contextmanager
def acting(user: User | None, *, cause: str = "") -> Iterator[None]:
    """What is written inside, on this thread's connection, is told as done by `user`; None is the system itself.

    `cause` says by what in a plain word and what it points to, "import:7": letters, digits and `:_. -`, up to 100.
    Inner ones win. COPY adds rows and changes none, so it needs no telling.
    """
    me = object()
    said = False
    plain = NOT_PLAIN.sub("", cause)[:MOST_CHARACTERS]
    words = SPEAK.format(actor=user.pk if user is not None else "", cause=plain)

    def speak(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal said
        if _innermost.get() is me and isinstance(sql, str) and CHANGES.match(sql):
            said = True
            sql = words + sql
        return execute(sql, params, many, context)

    token = _innermost.set(me)
    try:
        with connection.execute_wrapper(speak):
            yield
    finally:
        _innermost.reset(token)
        # A transaction that goes on, as around a test or a nested one, goes on as whoever it was before.
        if said and connection.in_atomic_block and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(NOBODY)
