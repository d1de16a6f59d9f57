"""What the scores of a model say, and that every figure leads to the leads it counts."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role
from leadcrm.lib.paging import page_of
from leads.models import Lead, Status
from scoring import insight, model_leads
from scoring.definition import spec_of
from scoring.drift import drift_of
from scoring.insight import Spread, bands_of, bins_of, spread_of
from scoring.models import ScoreChange, ScoringModel
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_interaction
from tests.scoring.helpers import live, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def a_lead_with(calls: int, name: str = "Nina") -> Lead:
    lead = a_lead(a_contact(name))
    for _ in range(calls):
        an_interaction(lead.contact, "call")
    return lead


def a_live_model(name: str = "Demand", threshold: int = 20) -> ScoringModel:
    """Ten points a call; graded Cold from 0, Hot from 20."""
    model = a_model(name, threshold=threshold, grades={"Cold": 0, "Hot": 20})
    a_rule(model, 10, "Calls", interaction_type="call")
    return live(model)


def closed(lead: Lead, status: str, **more: Any) -> None:
    Lead.objects.filter(pk=lead.pk).update(status=status, closed_at=timezone.now(), **more)


def spec_for(model: ScoringModel) -> Any:
    assert model.version is not None
    return spec_of(model.version)


def test_open_leads_are_counted_by_score_and_closed_ones_by_what_became_of_them() -> None:
    leads = [a_lead_with(calls) for calls in (0, 1, 1, 2, 3, 3)]
    model = a_live_model()
    closed(leads[2], Status.DISQUALIFIED)
    closed(leads[4], Status.QUALIFIED)
    closed(leads[5], Status.DISQUALIFIED, accepted_at=timezone.now())

    spread = spread_of(model.pk)
    hot, cold = bands_of(spread, spec_for(model))

    assert {score: count for score, count in spread.open.items() if count} == {0: 1, 10: 1, 20: 1}
    assert (spread.leads, spread.median, spread.ready(20), round(spread.mean, 1)) == (3, 10, 1, 10.0)
    assert (hot.name, hot.open, hot.won, hot.lost, hot.share) == ("Hot", 1, 1, 1, 50)
    assert (cold.name, cold.open, cold.won, cold.lost, cold.share) == ("Cold", 2, 0, 1, 0)


@pytest.mark.parametrize("scores", [{0: 1}, {-500_000: 1, 500_000: 2}, {59: 3, 60: 1}, {7: 1, 8: 1, 1_000: 1}])
def test_every_score_is_in_one_bin_and_one_bin_begins_at_the_threshold(scores: dict[int, int]) -> None:
    bins = bins_of(Spread(scores, {}, {}), 60)

    assert sum(one.count for one in bins) == sum(scores.values())
    assert 1 <= len(bins) <= insight.BINS
    assert all(one.ready == (one.low >= 60) for one in bins)
    assert any(one.low == 60 for one in bins)
    assert [one.high + 1 for one in bins[:-1]] == [one.low for one in bins[1:]]


def test_figures_lead_to_the_leads_they_count(maria: Client) -> None:
    for calls in (0, 1, 2):
        a_lead_with(calls, f"Caller{calls}")
    model = a_live_model()

    page = maria.get(f"/scoring/{model.pk}/").content.decode()
    hot = maria.get(f"/scoring/{model.pk}/leads/?from=20&outcome=open").content.decode()

    assert f'href="/scoring/{model.pk}/leads/?from=20&amp;outcome=open"' in page
    assert "Caller2" in hot
    assert "Caller1" not in hot and "Caller0" not in hot


def test_what_takes_a_moment_to_count_comes_after_the_page(maria: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    a_lead_with(2)
    model = a_live_model()
    monkeypatch.setattr(insight, "QUICK", -10)

    first = maria.get(f"/scoring/{model.pk}/").content.decode()
    then = maria.get(f"/scoring/{model.pk}/", headers={"HX-Request": "true"}).content.decode()

    assert "Counting the scores" in first and "By grade" not in first
    assert "By grade" in then and "<html" not in then
    assert "…" in maria.get("/scoring/").content.decode()
    assert "By grade" in maria.get(f"/scoring/{model.pk}/?figures=1").content.decode()


@pytest.mark.parametrize("others", [0, 1])
def test_pages_of_leads_have_each_once(others: int, maria: Client) -> None:
    for number in range(7):
        a_lead_with(number % 3)
    model = a_live_model()
    for number in range(others):
        a_live_model(f"Other {number}")
    spec, wanted = spec_for(model), model_leads.Wanted(None, None, "open")

    seen: list[int] = []
    at = ""
    while not seen or at:
        found = page_of(*_rows_and_sort(spec, wanted), at, size=3)
        seen += [getattr(row, "lead_id", row.pk) for row in found.rows]
        at = found.next

    assert len(seen) == len(set(seen)) == 7


def _rows_and_sort(spec: Any, wanted: model_leads.Wanted) -> tuple[Any, Any]:
    if model_leads.is_alone(spec):
        return Lead.objects.filter(score__isnull=False), model_leads.HIGHEST
    return model_leads.scores_of(spec, wanted), model_leads.NEWEST


def test_the_list_of_a_model_that_is_live_alone_begins_with_the_highest(maria: Client) -> None:
    for calls in (1, 3, 0, 2):
        a_lead_with(calls, f"Caller{calls}")
    model = a_live_model()

    page = maria.get(f"/scoring/{model.pk}/leads/").content.decode()

    assert [page.index(f"Caller{calls}") for calls in (3, 2, 1, 0)] == sorted(
        page.index(f"Caller{n}") for n in range(4)
    )


def test_as_many_queries_for_many_leads_as_for_few(maria: Client) -> None:
    model = a_live_model()

    def queries() -> int:
        work()
        with CaptureQueriesContext(connection) as asked:
            maria.get(f"/scoring/{model.pk}/leads/")
        return len(asked)

    for _ in range(2):
        a_lead_with(1)
    few = queries()
    for _ in range(12):
        a_lead_with(1)

    assert queries() == few <= 20


@pytest.mark.parametrize("query", ["from=x", "to=999999999999999", "outcome=nobody", "at=garbage", "from=-5&to=-9"])
def test_odd_addresses_are_no_errors(query: str, maria: Client) -> None:
    model = a_live_model()

    assert maria.get(f"/scoring/{model.pk}/leads/?{query}").status_code == 200
    assert maria.get(f"/scoring/{model.pk}/leads.csv?{query}").status_code == 200


def test_the_file_has_every_rules_points_and_no_formula(maria: Client) -> None:
    lead = a_lead_with(2, '=HYPERLINK("http://evil")')
    Lead.objects.filter(pk=lead.pk).update(topic="@SUM(1)")
    a_lead_with(0)
    model = a_live_model()
    Lead.objects.filter(pk=lead.pk).update(topic="\t+1")

    answer = maria.get(f"/scoring/{model.pk}/leads.csv?from=10")
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))

    assert answer["Content-Disposition"] == 'attachment; filename="demand-leads.csv"'
    [row] = rows
    assert (row["lead"], row["score"], row["grade"], row["Calls"]) == (str(lead.pk), "20", "Hot", "20")
    assert row["contact"].startswith("'=")
    assert row["topic"] == "'\t'+1"


def test_negative_points_stay_numbers_in_the_file(maria: Client) -> None:
    a_lead_with(1)
    model = a_model()
    a_rule(model, -7, "Calls", interaction_type="call")
    live(model)

    answer = maria.get(f"/scoring/{model.pk}/leads.csv")
    [row] = csv.DictReader(StringIO(answer.getvalue().decode()))

    assert (row["score"], row["Calls"]) == ("-7", "-7")


def test_drift_reads_what_scores_were_at_the_end_of_each_month() -> None:
    lead = a_lead_with(1)
    model = a_live_model()
    now = timezone.now()
    Lead.objects.filter(pk=lead.pk).update(created_at=now - timedelta(days=80))
    ScoreChange.objects.filter(lead=lead).update(changed_at=now - timedelta(days=75), score=10)
    change = ScoreChange.objects.get(lead=lead)
    change.pk, change.previous, change.score, change.changed_at = None, 10, 40, now - timedelta(minutes=1)
    change.save()

    months = drift_of(model.pk).months

    assert [(month.mean, month.ready) for month in months[-2:]] == [(10.0, 0), (40.0, 1)]
    assert all(month.leads == 1 for month in months)


def test_closed_leads_leave_the_drift_when_they_close() -> None:
    gone, here = a_lead_with(1), a_lead_with(2)
    model = a_live_model()
    closed(gone, Status.DISQUALIFIED)

    [now] = drift_of(model.pk).months

    assert (now.leads, now.median) == (1, 20.0)
    assert here.pk != gone.pk
