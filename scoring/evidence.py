"""The interactions behind the points of each rule, and when they will stop to count.

Asked with the engine's own conditions as of the moment the score was computed, so that what is shown is what counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from contacts.models import Interaction
from leadcrm.lib.links import url_of
from leadcrm.lib.paging import Cursor
from leads.models import Lead
from leads.story import Rank
from scoring.definition import ModelSpec, RuleSpec, spec_of
from scoring.facts import INTERACTIONS, counts_for
from scoring.models import Counting, Decay, LeadScore, Target
from scoring.moments import At
from scoring.sql import Sql, joined
from scoring.words import did

SHOWN = 3
"""How many interactions of a rule are named; the others are counted."""


@dataclass(frozen=True)
class Seen:
    """One interaction that counts: what it was, when, where it is told, and until when it counts (None: always)."""

    words: str
    subject: str
    when: datetime
    url: str
    until: datetime | None = None

    def __str__(self) -> str:
        about = f" “{self.subject}”" if self.subject else ""
        return f"{self.words[:1].upper()}{self.words[1:]}{about}"


@dataclass(frozen=True)
class Evidence:
    """What is behind a rule: the latest interactions, how many more, and when time alone will change its points.

    `next_words` says what happens at `next_at`, such as "the oldest of them stops counting".
    """

    latest: list[Seen] = field(default_factory=list)
    more: int = 0
    next_at: datetime | None = None
    next_words: str = ""


Key = tuple[int, int]
"""The ids of a model and of a rule of it."""


def evidence_of(lead: Lead) -> dict[Key, Evidence]:
    """For each behaviour rule that counted something what it counted; two queries for all models and rules."""
    scores = LeadScore.objects.filter(lead=lead).select_related("version")
    wanted = [
        (score, spec, rule)
        for score, spec in [(score, spec_of(score.version)) for score in scores]
        for rule, count in zip(spec.rules, score.counts, strict=True)
        if rule.is_behaviour and count
    ]
    if not wanted:
        return {}
    query = joined(
        [_latest(place, lead, spec, rule, score) for place, (score, spec, rule) in enumerate(wanted)], " UNION ALL "
    )
    rows: dict[int, list[tuple[int, int, str, str, datetime, datetime | None, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        for place, *row in cursor.fetchall():
            rows.setdefault(place, []).append(tuple(row))
    found: dict[Key, Evidence] = {}
    for place, (_, spec, rule) in enumerate(wanted):
        if place in rows:
            found[spec.model_id, rule.id] = _evidence(lead, rule, rows[place])
    return found


def _latest(place: int, lead: Lead, spec: ModelSpec, rule: RuleSpec, score: LeadScore) -> Sql:
    """The latest interactions that count for the rule, each with the moment that decides and how many there are."""
    decides = rule.at_least if rule.counting == Counting.AT_LEAST else 0
    nth = Sql("nth_value(i.occurred_at, %s) OVER w", [decides]) if decides else Sql("min(i.occurred_at) OVER w", [])
    return (
        Sql(
            "(SELECT %s, one.* FROM leads_lead f CROSS JOIN LATERAL (SELECT i.id, i.contact_id, i.type, i.subject,"
            " i.occurred_at, ",
            [place],
        )
        + nth
        + Sql(", count(*) OVER w" + INTERACTIONS[Target(spec.target)] + " AND ", [])
        + counts_for(rule, now=At(score.computed_at))
        + Sql(
            " WINDOW w AS (ORDER BY i.occurred_at DESC, i.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED"
            " FOLLOWING) ORDER BY i.occurred_at DESC, i.id DESC LIMIT %s) one WHERE f.id = %s)",
            [SHOWN, lead.pk],
        )
    )


def _evidence(
    lead: Lead, rule: RuleSpec, rows: Sequence[tuple[int, int, str, str, datetime, datetime | None, int]]
) -> Evidence:
    window = timedelta(days=rule.window_days) if rule.window_days else None
    latest = [
        Seen(did(kind), subject, when, _url(lead, pk, contact_id, when), when + window if window else None)
        for pk, contact_id, kind, subject, when, _, _ in rows
    ]
    decides, count = rows[0][5], rows[0][6]
    # A closed lead keeps the score it closed with, whatever time does.
    next_at, words = _next(rule, latest, decides, window) if lead.is_open else (None, "")
    return Evidence(latest, count - len(latest), next_at, words)


def _next(
    rule: RuleSpec, latest: Sequence[Seen], decides: datetime | None, window: timedelta | None
) -> tuple[datetime | None, str]:
    """When the rule's points change unless something new happens, and how."""
    now = timezone.now()
    if rule.decay != Decay.NONE:
        day = timedelta(hours=24)
        steps = [seen.when + ((now - seen.when) // day + 1) * day for seen in latest]
        return min(steps), "they fade further"
    if window is None or decides is None:
        return None, ""
    if rule.counting == Counting.AT_LEAST:
        return decides + window, "it is too long ago to count" if rule.at_least == 1 else "too few of them are left"
    return decides + window, "the oldest of them stops counting" if len(latest) > 1 else "it stops counting"


def seen_of(lead: Lead, one: Interaction) -> Seen:
    """An interaction as an explanation of this lead names it."""
    return Seen(did(one.type), one.subject, one.occurred_at, _url(lead, one.pk, one.contact_id, one.occurred_at))


def _url(lead: Lead, pk: int, contact_id: int, when: datetime) -> str:
    """Where the interaction is told: the story of the lead from there on; of a colleague of the account the contact."""
    if contact_id != lead.contact_id:
        return url_of("contacts:detail", contact_id)
    just_before = Cursor([when, Rank.INTERACTION.value, pk + 1])
    return f"{reverse('leads:detail', args=[lead.pk])}?{urlencode({'before': str(just_before)})}#story"
