"""On a history where what happened after the closing gives the outcome away, a rehearsal sees nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from contacts.models import Interaction
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.compute import scores_of
from scoring.models import ScoringModel
from scoring.moments import At
from scoring.rehearsal.curves import auc
from scoring.rehearsal.run import specs_of
from scoring.rehearsal.tally import Tally
from tests.build import a_model, a_rule, an_interaction
from tests.scoring.rehearsal.past import CLOSED, VISIT, a_closed_lead, rehearsed

pytestmark = pytest.mark.django_db

LEADS = 40


def a_treacherous_history() -> None:
    """Before they were closed, won and lost leads did the same; afterwards only the won ones came back, at once."""
    for number in range(LEADS):
        won = number % 2 == 0
        closed_at = CLOSED - timedelta(days=7 * number)
        lead = a_closed_lead(won, closed_at=closed_at, visits=(number // 2) % 3)
        if won:
            for later in (timedelta(0), timedelta(microseconds=1), timedelta(days=3), timedelta(days=30)):
                an_interaction(lead.contact, VISIT, occurred_at=closed_at + later)


def a_model_that_would_peek() -> ScoringModel:
    """It counts visits in every way a model can."""
    model = a_model()
    a_rule(model, 5, "Each visit", interaction_type=VISIT)
    a_rule(model, 7, "Lately", interaction_type=VISIT, window_days=14)
    a_rule(model, 9, "Fading", interaction_type=VISIT, window_days=60, decay="linear")
    a_rule(model, -11, "Never", interaction_type=VISIT, counting="none")
    a_rule(model, 13, "In a condition", condition={"did": VISIT.value})
    a_rule(model, 15, "In a condition of days", condition={"did": VISIT.value, "within_days": 10})
    return model


def test_as_of_the_closing_such_outcomes_are_chance() -> None:
    a_treacherous_history()

    found = rehearsed(a_model_that_would_peek()).result

    known = Tally.from_json(found["known"])
    assert (known.total(0), known.total(1)) == (LEADS // 2, LEADS // 2)
    assert auc(known.rows()) == 0.5


def test_whoever_peeked_would_know_everything() -> None:
    a_treacherous_history()
    rehearsal = rehearsed(a_model_that_would_peek())
    won = dict(Lead.objects.values_list("pk", "status"))
    # The same leads and the same model, as they look today.
    Interaction.objects.filter(occurred_at__lt=CLOSED - timedelta(days=10_000)).delete()
    Lead.objects.update(status="open")
    today = At(CLOSED + timedelta(days=31))
    wanted = scores_of(specs_of(rehearsal)[0], Lead.objects.all(), lead_vocabulary(scoring=True), now=today)
    peeked = Tally(kinds=2)
    with connection.cursor() as cursor:
        cursor.execute(wanted.text, wanted.params)
        for lead_id, _, _, score, *_ in cursor.fetchall():
            peeked.add(score, int(won[lead_id] == "qualified"))

    area = auc(peeked.rows())
    assert area is not None
    assert area == 1.0
