"""The workspace's days: scores computed by those of one time zone are computed anew when it has another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone

from contacts.models import InteractionType
from scoring import queue
from scoring.models import RescoreRun
from tests.build import a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live, score_of, work

pytestmark = pytest.mark.django_db


def midnight_in_berlin() -> datetime:
    """One of some days ago, as it is in winter: both sides of it are one day in UTC."""
    day = timezone.now() - timedelta(days=10)
    return datetime(day.year, day.month, day.day, 22 if is_summer(day) else 23, tzinfo=UTC)


def is_summer(day: datetime) -> bool:
    offset = day.astimezone(ZoneInfo("Europe/Berlin")).utcoffset()
    return offset == timedelta(hours=2)


def test_another_time_zone_of_the_workspace_gives_every_score_anew_by_its_days() -> None:
    lead = a_lead()
    for minutes in (-30, 20):
        an_interaction(lead.contact, occurred_at=midnight_in_berlin() + timedelta(minutes=minutes))
    model = a_model()
    a_rule(model, 10, interaction_type=InteractionType.PAGE_VISITED, day_cap=10)
    live(model)
    assert score_of(lead) == 10
    runs = RescoreRun.objects.count()

    queue.follow_dates()
    assert RescoreRun.objects.count() == runs

    with override_settings(TIME_ZONE="Europe/Berlin"):
        queue.follow_dates()
        work()
        assert score_of(lead) == 20
        queue.follow_dates()
        assert RescoreRun.objects.count() == runs + 1
