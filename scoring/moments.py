"""As of when scores are computed: of one moment for every lead, or for each as it stood before it was closed.

What is known of the past: interactions are dated, so those from the moment on do not count, and windows, fading and
days in conditions are measured back from it. What is not: fields of leads, contacts and accounts, consent included,
have no history and are read as they are today; nor is it known when an interaction came to be known, when that was
later than it happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet

from leads.conditions import Vocabulary
from leads.models import Lead, Status
from scoring.sql import Sql


@dataclass(frozen=True)
class At:
    """One moment for every lead; a parameter of the query. `latest` is that moment."""

    latest: datetime

    @property
    def sql(self) -> Sql:
        """The moment, beside a lead `f`."""
        return Sql("%s", [self.latest])

    def days_before(self, days: int) -> Sql:
        """So many days of 24 hours before it."""
        return Sql("%s", [self.latest - timedelta(days=days)])

    @property
    def of_lead(self) -> tuple[str, ...]:
        """What `sql` reads of a lead."""
        return ()

    def scored(self, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        """Those of `leads` that were open."""
        return leads.filter(status=Status.OPEN)

    def known(self, vocabulary: Vocabulary) -> Vocabulary:
        """The vocabulary as it answers at that moment, for conditions compiled with `now=latest`."""
        return vocabulary


@dataclass(frozen=True)
class BeforeClosing:
    """For each closed lead the moment before it was closed: what happened at that time or later is not seen.

    The days in conditions are those of `latest`: take only leads that were closed on one day of the workspace
    together, and none of them later than `latest`, when `compute.condition_change` says that days matter.
    """

    latest: datetime

    @property
    def sql(self) -> Sql:
        # "Up to a microsecond earlier" is "before": PostgreSQL's moments have no finer parts.
        return Sql("(f.closed_at - interval '1 microsecond')", [])

    def days_before(self, days: int) -> Sql:
        return self.sql + Sql(" - %s", [timedelta(days=days)])

    @property
    def of_lead(self) -> tuple[str, ...]:
        return ("closed_at",)

    def scored(self, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        return leads.exclude(status=Status.OPEN).filter(closed_at__isnull=False)

    def known(self, vocabulary: Vocabulary) -> Vocabulary:
        interactions = vocabulary.interactions
        assert interactions is not None
        return replace(vocabulary, interactions=lambda: interactions().filter(occurred_at__lt=OuterRef("closed_at")))


Moment = At | BeforeClosing
