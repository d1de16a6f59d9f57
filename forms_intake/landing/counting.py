"""Counting who saw a page: one statement after the answer has gone out, so that nobody waits for it.

A visit is a page that was sent to a browser of somebody outside: no robot, no program that fetches ahead, nobody who is
signed in here. Within a test a browser is also counted once, when it is given its variant; that is what conversion is
a share of. Counts of a day are spread over several rows, so that visitors do not wait for each other's row, and their
transaction does not wait for the disk: a crash may lose the visits of its last moment, never a submission.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from contacts.robots import is_robot

log = structlog.get_logger("forms_intake.landing")
SLOTS = 8
COUNT = """
WITH quickly AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO forms_intake_pagevisits AS known (page_id, form_id, day, test, variant, slot, visits, visitors)
SELECT %(page)s, %(form)s::bigint, %(day)s, %(test)s, %(variant)s, %(slot)s, 1, %(visitor)s FROM quickly
ON CONFLICT (page_id, day, test, variant, slot, form_id)
    DO UPDATE SET visits = known.visits + 1, visitors = known.visitors + excluded.visitors
"""
GATHER = """
WITH gone AS (
    DELETE FROM forms_intake_pagevisits WHERE day < %(before)s AND slot > 0
    RETURNING page_id, form_id, day, test, variant, visits, visitors
)
INSERT INTO forms_intake_pagevisits AS known (page_id, form_id, day, test, variant, slot, visits, visitors)
SELECT page_id, form_id, day, test, variant, 0, sum(visits), sum(visitors)
FROM gone GROUP BY page_id, form_id, day, test, variant
ON CONFLICT (page_id, day, test, variant, slot, form_id)
    DO UPDATE SET visits = known.visits + excluded.visits, visitors = known.visitors + excluded.visitors
"""


def gather() -> int:
    """Make one row of each past day's; nobody counts in them any more. How many it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(GATHER, {"before": timezone.localdate() - timedelta(days=1)})
        return int(cursor.rowcount)


def counts(request: HttpRequest) -> bool:
    """Whether this is a visit of somebody outside."""
    meta = request.META
    agent = meta.get("HTTP_USER_AGENT", "")
    ahead = "".join(meta.get(name, "") for name in ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ")).lower()
    return (
        request.method == "GET"
        and bool(agent.strip())
        and not is_robot(agent)
        and not any(word in ahead for word in ("prefetch", "preview", "prerender"))
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


def count_afterwards(
    response: HttpResponse,
    *,
    page_id: int,
    form_id: int | None = None,
    test: int = 0,
    variant: str = "",
    new_visitor: bool = False,
) -> None:
    """Have the visit counted once the answer is with the visitor."""
    afterwards(
        response,
        lambda: count(page_id=page_id, form_id=form_id, test=test, variant=variant, new_visitor=new_visitor),
    )


def afterwards(response: HttpResponse, do: Callable[[], None]) -> None:
    """Do something once the answer is with the visitor. It must raise nothing."""
    response._resource_closers.append(do)  # type: ignore[attr-defined]


def count(
    *, page_id: int, form_id: int | None = None, test: int = 0, variant: str = "", new_visitor: bool = False
) -> None:
    """Count one visit, of the page and of the form it shows; a database that is down loses it, and nothing else."""
    values: dict[str, Any] = {
        "page": page_id,
        "form": form_id,
        "day": timezone.localdate(),
        "test": test,
        "variant": variant,
        "slot": random.randrange(SLOTS),  # noqa: S311
        "visitor": int(new_visitor),
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, values)
    except Error as error:
        log.warning("visit not counted", page_id=page_id, error=str(error))
