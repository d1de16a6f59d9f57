"""The demo's forms on sites of others: who may show them, and who asked without being allowed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.db.models import Count
from django.utils import timezone

from forms_intake.anywhere.visits import DAYS
from forms_intake.models import DroppedName, FormCapture, FormDay, IntakeForm, RefusedOrigin, Submission
from leadcrm.demo.catalogue import Catalogue

SITES = ["https://*.kestrane.example", "https://kestrane.example"]
PARTNER = "https://www.fleet-weekly.example"


def make_elsewhere(random: Random, now: datetime, catalogue: Catalogue) -> None:
    """Kestrane's own site may show every form; a magazine that wrote about it tries, and is not on the list yet."""
    IntakeForm.objects.filter(pk__in=[form.pk for form in catalogue.forms.values()]).update(origins=SITES)
    form = catalogue.forms["demo"]
    shop = FormCapture.objects.create(
        form=form,
        name="Contact page of the old site",
        selector="#kontakt",
        names={"mail": "email", "vorname": "first_name", "nachname": "last_name", "firma": "company"},
        heard_at=now - timedelta(hours=5),
    )
    DroppedName.objects.create(capture=shop, name="telefon", last_at=now - timedelta(hours=5))
    RefusedOrigin.objects.create(
        form=form, origin=PARTNER, times=14, first_at=now - timedelta(days=3), last_at=now - timedelta(hours=2)
    )
    _visits(random, now)


def _visits(random: Random, now: datetime) -> None:
    """What people saw of each form, day by day: some ten to thirty times as often as they sent it."""
    since = timezone.localdate(now) - timedelta(days=DAYS - 1)
    sent = (
        Submission.objects.filter(state="done", received_at__date__gte=since)
        .order_by("form", "received_at__date")
        .values_list("form", "received_at__date")
        .annotate(Count("pk"))
    )
    by_day = {(form, day): number for form, day, number in sent}
    days = [since + timedelta(days=number) for number in range(DAYS)]
    FormDay.objects.bulk_create(
        FormDay(
            form_id=form,
            day=day,
            shard=0,
            visits=random.randint(4, 14) * (2 if day.weekday() < 5 else 1) + 9 * by_day.get((form, day), 0),
            submissions=by_day.get((form, day), 0),
        )
        for form in IntakeForm.objects.order_by("pk").values_list("pk", flat=True)
        for day in days
    )
