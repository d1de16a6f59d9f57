"""The pages on which marketers write scoring models: seen and used by them, refused to others."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Role
from scoring.checks import findings_of
from scoring.models import ModelVersion, RescoreRun, Rule, ScoringModel, State, Switches
from tests.admin.pages import fields_on
from tests.build import a_lead, a_model, a_rule, a_user, an_interaction
from tests.scoring.helpers import live, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def typed(client: Client, path: str, **values: str) -> dict[str, Any]:
    """What a browser would send from the form on this page, with some fields typed anew."""
    return fields_on(client.get(path), **values)


def test_a_model_is_made_from_a_starter(maria: Client) -> None:
    answer = maria.post("/scoring/new/", {"name": "Interest", "begin": "demand"})

    model = ScoringModel.objects.get()
    assert (answer.status_code, model.name, model.state, model.threshold) == (302, "Interest", State.DRAFT, 60)
    assert model.rules.count() == 6
    told = page(maria, answer["Location"])
    assert "+10 points each time the contact visited a page “pricing” in the last 14 days, 30 points at most." in told
    assert "findings" not in told


@pytest.mark.parametrize("key", ["demand", "fit", "account"])
def test_every_starter_could_go_live_as_it_is(key: str, maria: Client) -> None:
    maria.post("/scoring/new/", {"name": "Interest", "begin": key})

    model = ScoringModel.objects.get()
    assert findings_of(model) == []
    live(model)

    assert ModelVersion.objects.count() == 1


def test_a_copy_has_the_rules_of_the_other_and_a_name_is_never_given_twice(maria: Client) -> None:
    model = a_model("Demand")
    a_rule(model, 10, "Calls", interaction_type="call")

    maria.post("/scoring/new/", {"name": "Demand North", "begin": f"copy-{model.pk}"})
    again = maria.post("/scoring/new/", {"name": "Demand", "begin": "nothing"})

    assert [rule.name for rule in ScoringModel.objects.get(name="Demand North").rules.all()] == ["Calls"]
    assert again.status_code == 422
    assert ScoringModel.objects.count() == 2


def test_a_rule_is_added_edited_copied_moved_and_removed(maria: Client) -> None:
    model = a_model()
    first = a_rule(model, 10, "Calls", interaction_type="call")
    at = f"/scoring/{model.pk}/rules"

    maria.post(
        f"{at}/new/", typed(maria, f"{at}/new/", name="Norway", points="5", condition='contact.country is "Norway"')
    )
    maria.post(f"{at}/{first.pk}/", typed(maria, f"{at}/{first.pk}/", points="12"))
    maria.post(f"{at}/{first.pk}/copy/")
    norway = Rule.objects.get(name="Norway")
    maria.post(f"{at}/{norway.pk}/move/", {"to": "0"})
    maria.post(f"{at}/{first.pk}/remove/", typed(maria, f"{at}/{first.pk}/remove/"))

    assert [(rule.name, rule.points, rule.position) for rule in model.rules.all()] == [
        ("Norway", 5, 0),
        ("Calls (copy)", 12, 2),
    ]
    assert norway.condition == {"field": "contact.country", "op": "is", "value": "Norway"}
    model.refresh_from_db()
    assert str(model.edited_by) == "maria"


def test_what_is_wrong_with_a_rule_is_told_at_its_field_and_nothing_is_saved(maria: Client) -> None:
    model = a_model()
    at = f"/scoring/{model.pk}/rules/new/"

    answer = maria.post(at, typed(maria, at, name="Norway", points="0", condition="contact.county is 1"))

    assert answer.status_code == 422
    told = answer.content.decode()
    assert "A rule gives or takes at least one point." in told
    assert "At line 1, column 1" in told
    assert not model.rules.exists()


def test_who_saves_a_rule_second_is_told_and_keeps_what_they_typed(maria: Client) -> None:
    model = a_model()
    rule = a_rule(model, 10, "Calls", interaction_type="call")
    at = f"/scoring/{model.pk}/rules/{rule.pk}/"
    mine = typed(maria, at, points="12")
    Rule.objects.filter(pk=rule.pk).update(name="Phone calls", points=11)

    told = maria.post(at, mine)

    assert told.status_code == 409
    assert "Points: from 10 to <strong>11</strong>" in told.content.decode()
    rule.refresh_from_db()
    assert (rule.name, rule.points) == ("Phone calls", 11)
    maria.post(at, fields_on(told))
    rule.refresh_from_db()
    assert (rule.name, rule.points) == ("Phone calls", 12)


def test_a_rule_that_somebody_removed_meanwhile_can_be_added_again(maria: Client) -> None:
    model = a_model()
    rule = a_rule(model, 10, "Calls", interaction_type="call")
    at = f"/scoring/{model.pk}/rules/{rule.pk}/"
    mine = typed(maria, at, points="12")
    rule.delete()

    told = maria.post(at, mine)
    assert told.status_code == 409
    assert "Somebody removed this rule" in told.content.decode()
    maria.post(f"/scoring/{model.pk}/rules/new/", fields_on(told))

    assert [(rule.name, rule.points) for rule in model.rules.all()] == [("Calls", 12)]


def test_a_rule_that_somebody_changed_is_not_removed(maria: Client) -> None:
    model = a_model()
    rule = a_rule(model, 10, "Calls", interaction_type="call")
    at = f"/scoring/{model.pk}/rules/{rule.pk}/remove/"
    seen = typed(maria, at)
    Rule.objects.filter(pk=rule.pk).update(points=40)

    assert maria.post(at, seen).status_code == 409
    assert model.rules.exists()


def test_threshold_and_grades_are_saved_together_and_a_second_editor_is_told(maria: Client) -> None:
    model = a_model(grades={"Cold": 0, "Hot": 60})
    at = f"/scoring/{model.pk}/draft/around/"
    late = typed(maria, at, description="Who calls us")

    assert maria.post(at, typed(maria, at, threshold="70", grade_2="Warm", from_2="30")).status_code == 302
    told = maria.post(at, late)

    model.refresh_from_db()
    assert (model.threshold, [grade.name for grade in model.grades.all()]) == (70, ["Cold", "Warm", "Hot"])
    assert told.status_code == 409
    assert "Sales ready from: from 50 to <strong>70</strong>" in told.content.decode()
    maria.post(at, fields_on(told))
    model.refresh_from_db()
    assert (model.description, model.threshold, model.grades.count()) == ("Who calls us", 70, 3)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"grade_2": "Hot", "from_2": "90"}, "Two grades have this name."),
        ({"grade_2": "Hotter", "from_2": "60"}, "Two grades begin at this score."),
        ({"grade_2": "Hotter"}, "From which score on?"),
        ({"from_2": "90"}, "A name is needed."),
    ],
)
def test_grades_that_make_no_sense_are_told_at_their_row(row: dict[str, str], told: str, maria: Client) -> None:
    model = a_model(grades={"Cold": 0, "Hot": 60})
    at = f"/scoring/{model.pk}/draft/around/"

    answer = maria.post(at, typed(maria, at, **row))

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert model.grades.count() == 2


def test_going_live_says_first_how_many_leads_it_scores(maria: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    a_lead()
    a_lead()
    a_lead(status="qualified")
    at = f"/scoring/{model.pk}/live/"

    assert "2 leads</strong> are in its audience now" in page(maria, at)
    assert not RescoreRun.objects.exists()
    answer = maria.post(at, typed(maria, at))

    assert answer.status_code == 302
    model.refresh_from_db()
    assert (model.state, str(ModelVersion.objects.get().created_by)) == (State.LIVE, "maria")


def test_a_draft_that_changed_since_it_was_read_does_not_go_live(maria: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    at = f"/scoring/{model.pk}/live/"
    read = typed(maria, at)
    a_rule(model, 90, "Anything", interaction_type="page_visited")

    answer = maria.post(at, read)

    assert answer.status_code == 409
    assert "since you looked" in answer.content.decode()
    assert not ModelVersion.objects.exists()


def test_what_keeps_it_from_going_live_leads_to_the_rule(maria: Client) -> None:
    model = a_model()
    rule = a_rule(model, 10, "County", condition={"field": "contact.county", "op": "is", "value": "Kent"})

    told = page(maria, f"/scoring/{model.pk}/draft/")

    assert f'href="/scoring/{model.pk}/draft/#rule-{rule.pk}"><bdi>County</bdi></a>' in told
    assert f'href="/scoring/{model.pk}/rules/{rule.pk}/">Edit its condition' in told
    assert maria.post(f"/scoring/{model.pk}/live/", {"seen": ""}).status_code == 409
    assert not ModelVersion.objects.exists()


def test_the_draft_says_in_words_what_it_changes(maria: Client) -> None:
    model = a_model()
    calls = a_rule(model, 10, "Calls", interaction_type="call")
    a_rule(model, 5, "Visits", interaction_type="page_visited")
    live(model)

    Rule.objects.filter(pk=calls.pk).update(points=12)
    Rule.objects.filter(name="Visits").delete()
    told = page(maria, f"/scoring/{model.pk}/draft/")

    assert "<del>Calls: +10 points each time the contact had a call</del>" in told
    assert "<ins>Calls: +12 points each time the contact had a call</ins>" in told
    assert re.search(r"Rule Visits</bdi></strong> <span class=\"tag bad\">removed", told)
    assert "draft beside it" in page(maria, "/scoring/")


def test_stopping_says_first_how_many_scores_go(maria: Client) -> None:
    lead = a_lead()
    an_interaction(lead.contact, "call")
    model = a_model(threshold=5)
    a_rule(model, 10, "Calls", interaction_type="call")
    live(model)

    told = page(maria, f"/scoring/{model.pk}/stop/")
    assert "1 open lead</strong> loses its score" in told
    assert maria.post(f"/scoring/{model.pk}/stop/").status_code == 302

    work()
    model.refresh_from_db()
    assert model.state == State.STOPPED


def test_only_a_draft_that_never_was_live_is_deleted(maria: Client) -> None:
    draft, model = a_model("Draft"), a_model("Demand")
    a_rule(model, 10, "Calls", interaction_type="call")
    live(model)

    assert maria.post(f"/scoring/{draft.pk}/delete/").status_code == 302
    assert maria.post(f"/scoring/{model.pk}/delete/").status_code == 409
    assert [model.name for model in ScoringModel.objects.all()] == ["Demand"]


def test_the_text_view_goes_both_ways(maria: Client) -> None:
    model, other = a_model("Demand"), a_model("Other")
    a_rule(model, 10, "Calls", interaction_type="call")
    at = f"/scoring/{other.pk}/draft/text/"
    told = maria.get(f"/scoring/{model.pk}/draft/text/").context["json"]

    assert maria.post(at, typed(maria, at, definition=told)).status_code == 302
    wrong = maria.post(at, typed(maria, at, definition=json.dumps({"rules": [{"points": "many"}]})))

    assert [(model.name, model.rules.count()) for model in ScoringModel.objects.all()] == [("Demand", 1), ("Other", 1)]
    assert wrong.status_code == 422
    assert "At rules.0" in wrong.content.decode()


PAGES = [
    "",
    "draft/",
    "draft/around/",
    "draft/groups/",
    "draft/text/",
    "draft/run/",
    "drift/",
    "leads/",
    "leads.csv",
    "live/",
    "stop/",
    "delete/",
    "rules/new/",
]


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.SALES_MANAGER, Role.TELEPROSPECTOR])
def test_others_are_refused_and_nothing_is_changed(role: str, client: Client) -> None:
    model = a_model()
    rule = a_rule(model, 10, "Calls", interaction_type="call")
    client.force_login(a_user(role))
    own = [f"rules/{rule.pk}/{name}" for name in ("", "copy/", "move/", "remove/")]

    for path in [
        "/scoring/",
        "/scoring/new/",
        "/scoring/switches/",
        *(f"/scoring/{model.pk}/{name}" for name in [*PAGES, *own]),
    ]:
        assert client.get(path).status_code in {403, 405}, path
        assert client.post(path, {"name": "Mine", "to": "0"}).status_code in {403, 405}, path

    model.refresh_from_db()
    assert (model.state, model.name, model.rules.count(), ScoringModel.objects.count()) == (State.DRAFT, "Demand", 1, 1)
    client.logout()
    assert client.get("/scoring/")["Location"].startswith("/sign-in/")


def test_hostile_words_are_inert_on_every_page(maria: Client) -> None:
    hostile = "<script>alert(1)</script>\"'"
    model = a_model(hostile, description=hostile, grades={hostile: 0})
    a_rule(model, 10, hostile, interaction_type="call", subject_contains=hostile)
    live(model)

    for name in [*PAGES[:5], "leads/", "live/", "rules/new/"]:
        assert "<script>alert" not in page(maria, f"/scoring/{model.pk}/{name}")
    assert "<script>alert" not in page(maria, "/scoring/")


def test_as_many_queries_with_many_models_as_with_few(maria: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            maria.get("/scoring/")
        return len(asked)

    def some(number: int) -> None:
        for one in range(number):
            model = a_model(f"Model {number} {one}")
            a_rule(model, 10, "Calls", interaction_type="call")
            live(model)

    some(2)
    few = queries()
    some(5)

    assert queries() == few <= 16


def test_groups_and_the_grades_of_the_halves_are_written_and_renamed(maria: Client) -> None:
    model = a_model(grades={"Hot": 60})
    at = f"/scoring/{model.pk}/draft/groups/"

    maria.post(
        at,
        typed(maria, at, group_0="Visits", most_0="40", group_1="Title", category_1="fit", fit_0="A", fit_from_0="20"),
    )
    rule = a_rule(model, 5, "Visits", interaction_type="page_visited", group=model.groups.get(name="Visits"))
    maria.post(at, typed(maria, at, group_0="Title", group_1="Visits"))
    late = typed(maria, at)
    maria.post(at, typed(maria, at, group_1=""))
    told = maria.post(at, {**late, "most_0": "50"})

    assert [(group.name, group.category, group.cap) for group in model.groups.all()] == [("Title", "engagement", 40)]
    assert [(grade.axis, grade.name) for grade in model.grades.all()] == [("fit", "A"), ("score", "Hot")]
    rule.refresh_from_db()
    assert str(rule.group) == "Title"
    assert told.status_code == 409
    assert "Group 2, name: from Visits to <strong>nothing</strong>" in told.content.decode()


def test_switches_are_turned_and_a_second_person_is_told(maria: Client) -> None:
    at = "/scoring/switches/"
    late = typed(maria, at)
    mine = {name: value for name, value in typed(maria, at).items() if name != "clean_up"}

    assert maria.post(at, mine).status_code == 302
    told = maria.post(at, {name: value for name, value in late.items() if name != "qualification"})

    assert (Switches.now().clean_up, Switches.now().qualification) == (False, True)
    assert told.status_code == 409
    assert "Automatic clean-up" in told.content.decode()
    maria.post(at, fields_on(told))
    assert (Switches.now().clean_up, Switches.now().qualification) == (False, False)
    assert ">Off</span>" in page(maria, "/scoring/")


def test_stopping_says_that_scores_stay_when_nobody_cleans_up(maria: Client) -> None:
    Switches.objects.update_or_create(pk=1, defaults={"clean_up": False})
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    a_lead()
    live(model)

    assert "keeps its score in this model as it is now" in page(maria, f"/scoring/{model.pk}/stop/")


def test_a_condition_that_asks_for_a_contact_is_refused_where_it_is_edited(maria: Client) -> None:
    model = a_model(target="account")
    a_rule(model, 10, "Forms", interaction_type="form_submitted")
    at, around = f"/scoring/{model.pk}/rules/new/", f"/scoring/{model.pk}/draft/around/"

    rule = maria.post(at, typed(maria, at, name="Norway", points="5", condition='contact.country is "Norway"'))
    audience = maria.post(around, typed(maria, around, audience='contact.country is "Norway"', minimum_consent="3"))

    assert "is unknown here; expected account.country" in rule.content.decode()
    assert "At field: a lead of an account alone has no contact to ask this of." in audience.content.decode()
    assert "has no contact who could give it" in audience.content.decode()
    model.refresh_from_db()
    assert (model.rules.count(), model.audience, model.minimum_consent) == (1, {}, 0)


def test_a_model_whose_rules_ask_for_a_contact_does_not_become_one_for_accounts(maria: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Norway", condition={"field": "contact.country", "op": "is", "value": "Norway"})
    around = f"/scoring/{model.pk}/draft/around/"

    answer = maria.post(around, typed(maria, around, target="account"))

    assert "these rules ask for one in their condition: Norway." in answer.content.decode()
    model.refresh_from_db()
    assert model.target == "contact"


def test_doubts_are_shown_before_going_live_and_do_not_keep_it_from_it(maria: Client) -> None:
    model = a_model(threshold=200)
    a_rule(model, 60, "Has a topic", condition={"field": "topic", "op": "is_filled"})
    at = f"/scoring/{model.pk}/live/"

    told = page(maria, at)

    assert "<dd>from 0 to 60</dd>" in page(maria, f"/scoring/{model.pk}/draft/")
    assert "No lead can ever reach 200: the rules give 60 points at most." in told
    assert f'href="/scoring/{model.pk}/draft/around/">Lower the threshold to 60' in told
    maria.post(at, typed(maria, at))
    assert ModelVersion.objects.count() == 1
