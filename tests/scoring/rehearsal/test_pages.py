"""The page of a rehearsal in every state, and taking suggested points into the draft."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from leads.models import Lead
from scoring.models import Rule, ScoringModel
from scoring.rehearsal import extra
from scoring.rehearsal.models import Rehearsal, RehearsalState
from scoring.rehearsal.services import rehearse
from tests.build import a_lead, a_model, a_rule, a_user
from tests.scoring.rehearsal.past import OSLO, VISIT, a_closed_lead, a_history, rehearsed

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def read(client: Client, model: ScoringModel, more: str = "") -> str:
    answer = client.get(f"/scoring/{model.pk}/rehearsal/{more}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def a_draft() -> ScoringModel:
    model = a_model(threshold=50)
    a_rule(model, 60, "Oslo", condition=OSLO)
    return model


def taking(**points: int | str) -> dict[str, str]:
    """What the form of suggested points sends when these rules are chosen, by name."""
    rules = {name: Rule.objects.get(name__iexact=name.replace("_", " ")).pk for name in points}
    chosen = {f"take-{pk}": "on" for pk in rules.values()}
    return {**chosen, **{f"points-{rules[name]}": str(value) for name, value in points.items()}}


def test_before_the_first_rehearsal_the_page_says_what_it_would_show(maria: Client) -> None:
    told = read(maria, a_draft())

    assert "Not rehearsed yet" in told
    assert "Rehearse the draft" in told


def test_what_stands_in_the_way_is_said_instead(maria: Client) -> None:
    told = read(maria, a_model())

    assert "cannot be rehearsed yet" in told
    assert "There are none, so nothing would ever give a point." in told


def test_it_is_asked_for_watched_and_cancelled(maria: Client) -> None:
    model = a_draft()

    asked = maria.post(f"/scoring/{model.pk}/rehearsal/ask/")

    running = Rehearsal.objects.get()
    assert (asked.status_code, running.state, str(running.asked_by)) == (302, "running", "maria")
    assert "Rehearsing: open leads" in read(maria, model)
    assert "HX-Refresh" not in maria.get(f"/scoring/{model.pk}/rehearsal/progress/").headers
    maria.post(f"/scoring/{model.pk}/rehearsal/{running.pk}/cancel/")
    running.refresh_from_db()
    assert running.state == RehearsalState.CANCELLED
    assert "The latest one was cancelled" in read(maria, model)
    assert maria.get(f"/scoring/{model.pk}/rehearsal/progress/").headers["HX-Refresh"] == "true"


def test_it_shows_figures_curves_leads_and_points(maria: Client) -> None:
    model = a_history()
    rehearsed(model)

    told = read(maria, model)

    assert "AUC on known outcomes" in told
    assert told.count('class="plot curves"') == 4
    assert "Suggested: <strong" in told
    assert "None of these leads met it" in told
    assert "contact&#x27;s city" in told, "what has no history is named"
    assert "contact&#x27;s e-mail" in told
    (turned,) = Rehearsal.objects.get().leads.all()
    assert not turned.becomes
    assert f"/leads/{turned.lead_id}/" in told
    assert f"/leads/{turned.lead_id}/" in read(maria, model, "leads/?turn=not")
    assert f"/leads/{turned.lead_id}/" not in read(maria, model, "leads/?turn=ready")
    assert "are sales ready and stay so, though scores would no longer say it" in told
    assert "edited since" not in told


def test_few_outcomes_are_not_dressed_up_as_knowledge(maria: Client) -> None:
    model = a_draft()
    for number in range(12):
        a_closed_lead(number % 2 == 0)
    rehearsed(model)

    told = read(maria, model)

    assert "Too few to judge by" in told
    assert "Too few outcomes to learn from" in told
    assert "ROC" not in told


def test_without_the_extra_it_says_how_to_get_it(maria: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda _: None)
    model = a_history(60)
    rehearsed(model)

    told = read(maria, model)

    assert "leadcrm[ml]" in told
    assert "ROC curve" in told


def test_chosen_points_go_into_the_draft_and_nothing_else_changes(maria: Client) -> None:
    model = a_history()
    rehearsed(model)
    scores = list(Lead.objects.order_by("pk").values_list("score", flat=True))

    answer = maria.post(
        f"/scoring/{model.pk}/rehearsal/points/", taking(visits=7, comes_from_oslo=31, comes_from_bergen=0)
    )

    assert answer.status_code == 302
    rules = {rule.name: (rule.points, rule.cap) for rule in model.rules.all()}
    assert rules == {"Visits": (7, 21), "Comes from Oslo": (31, None), "No e-mail": (-5, None)}
    assert list(Lead.objects.order_by("pk").values_list("score", flat=True)) == scores
    told = read(maria, model)
    assert "edited since" in told
    model.refresh_from_db()
    assert str(model.edited_by) == "maria"


def test_a_rule_that_somebody_edited_meanwhile_is_said_and_what_was_typed_is_kept(maria: Client) -> None:
    model = a_history()
    rehearsed(model)
    Rule.objects.filter(name="Visits").update(points=99)

    answer = maria.post(f"/scoring/{model.pk}/rehearsal/points/", taking(visits=7, comes_from_oslo=31))

    told = answer.content.decode()
    assert answer.status_code == 422
    assert "Meanwhile somebody edited: Visits" in told
    assert 'value="31"' in told
    assert set(model.rules.values_list("points", flat=True)) == {99, 5, 15, -5}


@pytest.mark.parametrize("typed", ["", "a lot", "1.5", "99999", "9" * 5000, "<script>"])
def test_points_that_are_no_points_are_refused_and_kept(typed: str, maria: Client) -> None:
    model = a_history()
    rehearsed(model)

    answer = maria.post(f"/scoring/{model.pk}/rehearsal/points/", taking(visits=typed))

    assert answer.status_code == 422
    assert "A whole number from" in answer.content.decode()
    assert "<script>" not in answer.content.decode().split("<main")[1]
    assert Rule.objects.get(name="Visits").points == 14


def test_a_suggested_threshold_is_taken_alone_or_with_the_points_that_it_goes_with(maria: Client) -> None:
    model = a_history()
    rehearsed(model)

    alone = maria.post(f"/scoring/{model.pk}/rehearsal/threshold/", {"threshold": "14"})
    again = maria.post(f"/scoring/{model.pk}/rehearsal/threshold/", {"threshold": "15"})

    model.refresh_from_db()
    assert (alone.status_code, model.threshold) == (302, 14)
    assert again.status_code == 422
    assert "Meanwhile somebody edited: the threshold" in again.content.decode()
    rehearsed(model)
    chosen = {**taking(visits=7), "take-threshold": "on", "new-threshold": "33"}
    assert maria.post(f"/scoring/{model.pk}/rehearsal/points/", chosen).status_code == 302
    model.refresh_from_db()
    assert (model.threshold, Rule.objects.get(name="Visits").points) == (33, 7)


@pytest.mark.parametrize("typed", ["", "600000000", "<script>"])
def test_a_threshold_that_is_none_is_refused_and_kept(typed: str, maria: Client) -> None:
    model = a_history(60)
    rehearsed(model)

    answer = maria.post(f"/scoring/{model.pk}/rehearsal/threshold/", {"threshold": typed})

    model.refresh_from_db()
    assert (answer.status_code, model.threshold) == (422, 40)
    assert "A whole number from" in answer.content.decode()
    assert "<script>" not in answer.content.decode().split("<main")[1]


@pytest.mark.parametrize(("won", "said"), [(True, "All of them were qualified"), (False, "All of them were disq")])
def test_outcomes_of_one_kind_say_that_nothing_can_be_told_apart(won: bool, said: str, maria: Client) -> None:
    model = a_draft()
    for _ in range(3):
        a_closed_lead(won)
    rehearsed(model)

    assert said in read(maria, model)


def test_taking_over_nothing_is_said(maria: Client) -> None:
    model = a_history()
    rehearsed(model)

    assert "Choose the rules" in maria.post(f"/scoring/{model.pk}/rehearsal/points/").content.decode()


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.SALES_MANAGER, Role.TELEPROSPECTOR])
def test_others_are_refused_and_nothing_changes(role: str, client: Client) -> None:
    model = a_draft()
    running = rehearse(model.pk)
    client.force_login(a_user(role))
    pages = ["", "progress/", "leads/"]
    deeds = ["ask/", "points/", "threshold/", f"{running.pk}/cancel/"]

    answers = [client.get(f"/scoring/{model.pk}/rehearsal/{page}").status_code for page in pages]
    answers += [client.post(f"/scoring/{model.pk}/rehearsal/{deed}").status_code for deed in deeds]

    assert answers == [403] * 7
    running.refresh_from_db()
    assert running.is_running


def test_a_rehearsal_of_another_model_cannot_be_cancelled_from_this_one(maria: Client) -> None:
    running, other = rehearse(a_draft().pk), a_model("Other")

    assert maria.post(f"/scoring/{other.pk}/rehearsal/{running.pk}/cancel/").status_code == 404


def test_the_page_asks_as_often_for_many_leads_as_for_few(maria: Client, django_assert_max_num_queries: Any) -> None:
    model = a_model(threshold=5)
    a_rule(model, 10, interaction_type=VISIT, counting="none")
    for _ in range(20):
        a_lead()
    rehearsed(model)

    with django_assert_max_num_queries(24):
        read(maria, model)
    with django_assert_max_num_queries(14):
        read(maria, model, "leads/")
