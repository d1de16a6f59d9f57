"""Who saw a form: counted without a name by day, and an interaction of those whom a signed link or the cookie of a
website identifies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import randrange

import structlog
from django.db import DatabaseError, connection
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from contacts.errors import RecordGone
from contacts.models import InteractionType, MarketingContext
from contacts.robots import is_robot
from contacts.services.interactions import log_interaction
from forms_intake.known import known_by
from forms_intake.models import FormDay, PageVisits
from forms_intake.spec.shape import ContextSpec, FormSpec
from forms_intake.tracking.stitching import user_of
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of
from leadcrm.lib.charts import every_day

log = structlog.get_logger("forms_intake.visits")

SOURCE = "form"
DAYS = 30
SHARDS = 16
VISITS_PER_MINUTE = 20
"""Of one form from one address: who reloads all day is no crowd."""
COUNT = """
INSERT INTO forms_intake_formday AS known (form_id, day, shard, visits, submissions)
SELECT form, day, %(shard)s, visits, submissions
FROM unnest(%(forms)s::bigint[], %(days)s::date[], %(visits)s::int[], %(submissions)s::int[])
    AS seen (form, day, visits, submissions)
WHERE EXISTS (SELECT 1 FROM forms_intake_intakeform WHERE id = form)
ORDER BY form, day
ON CONFLICT (form_id, day, shard) DO UPDATE
SET visits = known.visits + excluded.visits, submissions = known.submissions + excluded.submissions
"""


@dataclass(frozen=True)
class Seen:
    """Visits and submissions of a form in the last thirty days."""

    visits: int = 0
    submissions: int = 0

    @property
    def conversion(self) -> float | None:
        """Submissions a hundred visits; None where nobody came. At most 100: programs post without a visit."""
        return min(100.0, 100 * self.submissions / self.visits) if self.visits else None


def note_visit(request: HttpRequest, form: FormSpec, *, who: str = "", visitor: str = "") -> None:
    """Count that a person is shown the form, and note it of the contact whom `who` or the key of a `visitor`
    identifies, once a day. Robots, and browsers that fetch ahead of a person, do not count. Never in the way: it raises
    nothing.

    On landing pages the page counts (landing/counting.py), and says with which form.
    """
    if request.method == "GET":
        _note(request, form, who=who, visitor=visitor, counts=True)


def note_seen(request: HttpRequest, form: FormSpec, *, visitor: str, counts: bool) -> None:
    """The same, as a script tells it by a post; `counts` where nothing else does. It raises nothing."""
    if visitor or counts:
        _note(request, form, who="", visitor=visitor, counts=counts)


def _note(request: HttpRequest, form: FormSpec, *, who: str, visitor: str, counts: bool) -> None:
    agent = request.META.get("HTTP_USER_AGENT", "")
    ahead = request.META.get("HTTP_SEC_PURPOSE", "") or request.META.get("HTTP_PURPOSE", "")
    if is_robot(agent) or "prefetch" in ahead:
        return
    sender = network_of(client_address(request))
    told = "visit" if counts else "seen"
    if not ratelimit.allow(f"{told}:{form.id}:{sender}", limit=VISITS_PER_MINUTE, seconds=60).allowed:
        return
    today = timezone.localdate()
    try:
        if counts:
            _count([(form.id, today)], visits=True)
        _note_contact(form, who, visitor, form.context, today, agent)
    except DatabaseError as error:
        log.warning("a visit was not counted", error=repr(error))


def note_known(
    request: HttpRequest, form: FormSpec, *, who: str, visitor: str, context: ContextSpec | None = None
) -> None:
    """Note of the contact whom `who` or a `visitor` identifies that they saw the form on a page, once a day. It raises
    nothing.
    """
    agent = request.META.get("HTTP_USER_AGENT", "")
    try:
        _note_contact(form, who, visitor, context or form.context, timezone.localdate(), agent)
    except DatabaseError as error:
        log.warning("a visit was not noted", error=repr(error))


def count_submissions(processed: Iterable[tuple[int, date]]) -> None:
    """Count submissions that were processed, each by form and the day it came."""
    _count(list(processed), visits=False)


def _count(seen: list[tuple[int, date]], *, visits: bool) -> None:
    counted = Counter(seen)
    if not counted:
        return
    numbers, none = list(counted.values()), [0] * len(counted)
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT,
            {
                "shard": randrange(SHARDS),  # noqa: S311  (spreads, hides nothing)
                "forms": [form for form, _ in counted],
                "days": [day for _, day in counted],
                "visits": numbers if visits else none,
                "submissions": none if visits else numbers,
            },
        )


def _note_contact(form: FormSpec, who: str, visitor: str, context: ContextSpec, today: date, agent: str) -> None:
    known = known_by(who, form) if who else None
    contact_id = known.contact_id if known else user_of(visitor) if visitor else None
    if contact_id is None:
        return
    try:
        log_interaction(
            contact_id=contact_id,
            type=InteractionType.FORM_VISITED,
            subject=form.name,
            source=SOURCE,
            marketing_context=MarketingContext(
                pk=context.id, campaign_id=context.campaign_id, product_id=context.product_id
            ),
            payload={"form": form.public_id},
            dedupe_key=f"form-visited:{form.id}:{contact_id}:{today}",
            user_agent=agent,
        )
    except RecordGone:
        log.info("a visitor was erased meanwhile", form=form.id)


def days_of(form_id: int) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """Visits and submissions of one form, each by day for the last thirty days. Two queries."""
    today = timezone.localdate()
    since = today - timedelta(days=DAYS - 1)
    found = FormDay.objects.filter(form=form_id, day__gte=since).order_by().values_list("day")
    by_day = {day: (visits, sent) for day, visits, sent in found.annotate(Sum("visits"), Sum("submissions"))}
    seen = Counter({day: one[0] for day, one in by_day.items()})
    on_pages = PageVisits.objects.filter(form=form_id, day__gte=since).order_by().values_list("day")
    seen.update(dict(on_pages.annotate(Sum("visits"))))
    visits = every_day(dict(seen), days=DAYS, until=today)
    return visits, every_day({day: one[1] for day, one in by_day.items()}, days=DAYS, until=today)


def seen_lately(form_ids: Collection[int]) -> Mapping[int, Seen]:
    """Visits and submissions of each form in the last thirty days, on landing pages and elsewhere. Two queries."""
    since = timezone.localdate() - timedelta(days=DAYS - 1)
    found = (
        FormDay.objects.filter(form__in=form_ids, day__gte=since)
        .order_by()
        .values_list("form")
        .annotate(Sum("visits"), Sum("submissions"))
    )
    seen = {form: Seen(visits, submissions) for form, visits, submissions in found}
    on_pages = PageVisits.objects.filter(form__in=form_ids, day__gte=since).order_by().values_list("form")
    for form, visits in on_pages.annotate(Sum("visits")):
        known = seen.get(form, Seen())
        seen[form] = Seen(known.visits + visits, known.submissions)
    return seen
