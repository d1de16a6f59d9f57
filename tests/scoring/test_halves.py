"""Groups, fit and engagement, and the matrix, from a model as people edit it to the explanation of a score."""

from __future__ import annotations

import pytest

from contacts.models import Interaction, InteractionType
from leads.models import Lead
from scoring.explain import explain, top_reasons
from scoring.models import Axis, Category, Grade, LeadScore, ModelVersion, RuleGroup, ScoreChange, ScoringModel
from scoring.steps import score_steps
from scoring.verify import verify
from tests.build import a_contact, a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live, row_of, work

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED
NORWAY = {"field": "contact.country", "op": "is", "value": "Norway"}


def a_visitor(visits: int, country: str = "Norway") -> Lead:
    lead = a_lead(a_contact(country=country))
    for _ in range(visits):
        an_interaction(lead.contact, VISIT)
    return lead


def a_capped_model() -> ScoringModel:
    model = a_model(threshold=1000)
    web = RuleGroup.objects.create(model=model, name="Web", category=Category.ENGAGEMENT, cap=25)
    a_rule(model, 10, "Visits", interaction_type=VISIT, group=web, cap=30)
    a_rule(model, 40, "From Norway", condition=NORWAY)
    return model


def test_each_cap_is_a_line_of_the_explanation_and_the_lines_add_up() -> None:
    lead = a_visitor(5)
    live(a_capped_model())

    [told] = explain(lead.pk)

    assert [(part.name, part.points, part.is_cut) for part in told.parts] == [
        ("From Norway", 40, False),
        ("Visits", 50, False),
        ("Visits: at most 30", -20, True),
        ("Web: at most 25", -5, True),
    ]
    assert (told.score, told.fit, told.engagement) == (65, 40, 25)
    assert [(part.name, part.points) for part in top_reasons([lead.pk])[lead.pk]] == [
        ("From Norway", 40),
        ("Visits", 30),
    ]


def test_below_a_cap_more_of_the_same_leaves_no_history_and_each_step_adds_up() -> None:
    lead = a_visitor(2)
    live(a_capped_model())
    for _ in range(3):
        an_interaction(lead.contact, VISIT)
        work()
    Interaction.objects.filter(contact=lead.contact).delete()
    work()

    assert list(ScoreChange.objects.order_by("id").values_list("previous", "score")) == [(None, 60), (60, 65), (65, 40)]
    for step in score_steps(lead):
        assert sum(part.points for part in step.parts) == step.score - (step.previous or 0)


def test_a_step_to_a_version_without_a_rule_tells_what_that_rule_no_longer_gives() -> None:
    lead = a_visitor(1)
    model = live(a_capped_model())
    model.rules.get(name="From Norway").delete()
    live(model)

    step = score_steps(lead)[0]

    assert [(part.name, part.points) for part in step.parts] == [("From Norway", -40)]


@pytest.mark.parametrize(
    ("visits", "country", "matrix"),
    [(0, "Norway", "A3"), (1, "Norway", "A2"), (9, "Norway", "A1"), (9, "Chile", "C1"), (0, "Chile", "C3")],
)
def test_the_matrix_says_fit_and_engagement(visits: int, country: str, matrix: str) -> None:
    lead = a_visitor(visits, country)
    model = a_capped_model()
    for name, from_score in {"A": 30, "B": 10, "C": 0}.items():
        Grade.objects.create(model=model, axis=Axis.FIT, name=name, from_score=from_score)
    for name, from_score in {"1": 20, "2": 5, "3": 0}.items():
        Grade.objects.create(model=model, axis=Axis.ENGAGEMENT, name=name, from_score=from_score)

    live(model)

    assert row_of(lead, model).matrix == matrix
    assert explain(lead.pk)[0].matrix == matrix
    assert row_of(lead, model).grade in {"Cold", "Warm", "Hot"}


@pytest.mark.django_db(transaction=True)
def test_verify_finds_halves_and_cuts_that_do_not_add_up() -> None:
    lead, other = a_visitor(5), a_visitor(5)
    live(a_capped_model())
    assert verify() == []

    LeadScore.objects.filter(lead=lead).update(fit=41)
    LeadScore.objects.filter(lead=other).update(cuts=[-20, -4])

    assert {(problem.lead_id, problem.what) for problem in verify()} >= {
        (lead.pk, "score is not the sum of its explanation"),
        (other.pk, "score is not the sum of its explanation"),
    }


def test_a_version_of_before_groups_and_cuts_still_scores_and_explains() -> None:
    lead = a_visitor(5)
    model = live(a_capped_model())
    version = ModelVersion.objects.get()
    for key in ("fit_grades", "engagement_grades", "groups"):
        del version.definition[key]
    for rule in version.definition["rules"]:
        del rule["day_cap"], rule["group"]
    version.save()
    LeadScore.objects.update(cuts=[], fit=None, engagement=None, points=[30, 40], score=70)

    assert [(part.name, part.points) for part in explain(lead.pk)[0].parts][:2] == [("From Norway", 40), ("Visits", 30)]

    an_interaction(lead.contact, VISIT)
    work()
    assert (row_of(lead, model).score, row_of(lead, model).cuts) == (70, [-30])
