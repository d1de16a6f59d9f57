"""Related records and what behaviours were about: same record or any, how many, and what an app above may add."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F, OuterRef

from contacts.models import Consent, Contact, InteractionType
from forms_intake.models import Submission
from leads.conditions import (
    InvalidCondition,
    behaviours_in,
    compile_condition,
    contact_vocabulary,
    describe,
    fields_in,
    lead_vocabulary,
    next_change,
    parse,
    relations_in,
)
from leads.conditions.nodes import Compare, Did, Related
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Field, Offer, Relation, Vocabulary
from leads.models import Lead, Rating
from tests.build import a_campaign, a_contact, a_form, a_lead, a_page, a_product, an_account, an_interaction

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
HOT = {"field": "rating", "op": "is", "value": "hot"}
BIG = {"field": "topic", "op": "contains", "value": "big"}


def topics(tree: Any) -> set[str]:
    vocabulary = lead_vocabulary()
    node = parse(tree, vocabulary)
    matched = Lead.objects.filter(compile_condition(node, vocabulary, now=NOW)).values_list("topic", flat=True)
    rest = Lead.objects.filter(~compile_condition(node, vocabulary, now=NOW)).values_list("topic", flat=True)
    assert sorted([*matched, *rest]) == sorted(Lead.objects.values_list("topic", flat=True))
    return set(matched)


def names(tree: Any) -> set[str]:
    vocabulary = contact_vocabulary()
    rows = Contact.objects.filter(compile_condition(parse(tree, vocabulary), vocabulary, now=NOW))
    return set(rows.values_list("first_name", flat=True))


def test_what_stands_in_one_where_is_asked_of_the_same_record() -> None:
    both, either = a_contact("Both"), a_contact("Either")
    a_lead(both, "big one", rating=Rating.HOT)
    a_lead(either, "big", rating=Rating.COLD)
    a_lead(either, "small", rating=Rating.HOT)

    assert names({"related": "leads", "where": {"all": [HOT, BIG]}}) == {"Both"}
    assert names({"all": [{"related": "leads", "where": HOT}, {"related": "leads", "where": BIG}]}) == {
        "Both",
        "Either",
    }


def test_related_records_are_counted() -> None:
    for number in range(4):
        contact = a_contact(f"{number}")
        for _ in range(number):
            a_lead(contact, "big")
        a_lead(contact, "deleted big", deleted_at=NOW)

    assert names({"related": "leads"}) == {"1", "2", "3"}
    assert names({"related": "leads", "at_least": 2, "where": BIG}) == {"2", "3"}
    assert names({"related": "leads", "at_most": 2, "where": BIG}) == {"0", "1", "2"}
    assert names({"related": "leads", "exactly": 2, "where": BIG}) == {"2"}
    assert names({"related": "leads", "at_least": 1, "at_most": 2}) == {"1", "2"}
    assert names({"related": "leads", "none": True, "where": BIG}) == {"0"}
    assert names({"not": {"related": "leads", "where": BIG}}) == {"0"}


def test_the_other_leads_of_the_contact_are_not_the_lead_itself() -> None:
    contact = a_contact()
    a_lead(contact, "first", rating=Rating.HOT)
    a_lead(contact, "second")
    a_lead(None, "of a company", account=an_account())

    assert topics({"related": "other_leads", "where": HOT}) == {"second"}
    assert topics({"related": "other_leads", "none": True}) == {"of a company"}


def test_the_contacts_of_an_account_are_asked_what_they_did() -> None:
    campaign = a_campaign("Spring")
    account, closed = an_account("Nord"), an_account("Closed", deleted_at=NOW)
    colleague = a_contact("Colleague", account=account)
    a_contact("Gone", account=account, deleted_at=NOW)
    an_interaction(colleague, InteractionType.CALL, occurred_at=NOW - timedelta(days=1), campaign=campaign)
    a_lead(a_contact(account=account), "through its contact")
    a_lead(None, "its own", account=account)
    a_lead(a_contact(account=account), "closed account first", account=closed)
    a_lead(a_contact(account=closed), "closed")
    called = {"did": "call", "within_days": 3, "where": {"field": "campaign", "op": "is", "value": campaign.pk}}

    theirs = {"through its contact", "its own", "closed account first"}
    assert topics({"related": "account.contacts", "where": called}) == theirs
    assert topics({"related": "account.contacts", "exactly": 3}) == theirs
    assert topics({"related": "account.contacts", "none": True}) == {"closed"}
    lead = {"related": "leads", "where": BIG}
    assert topics({"related": "account.contacts", "where": lead}) == set()


def test_behaviours_are_asked_what_they_were_about() -> None:
    spring, router = a_campaign("Spring"), a_product("Router")
    anna, ben = a_contact("Anna"), a_contact("Ben")
    an_interaction(anna, subject="/pricing/", campaign=spring, occurred_at=NOW)
    an_interaction(anna, subject="/", product=router, occurred_at=NOW)
    an_interaction(ben, subject="/pricing/", campaign=spring, product=router, occurred_at=NOW)
    by_name = {"field": "campaign.name", "op": "is", "value": "spring"}
    of_router = {"field": "product", "op": "is", "value": router.pk}

    assert names({"did": "page_visited", "where": by_name}) == {"Anna", "Ben"}
    assert names({"did": "page_visited", "where": {"all": [by_name, of_router]}}) == {"Ben"}
    assert names({"did": "page_visited", "at_least": 2, "where": by_name}) == set()
    assert names({"did": "page_visited", "none": True, "where": {"all": [by_name, of_router]}}) == {"Anna"}


def test_campaigns_and_products_that_reached_a_contact_came_by_interaction_or_lead() -> None:
    spring, autumn, router = a_campaign("Spring"), a_campaign("Autumn"), a_product("Router")
    anna, ben = a_contact("Anna"), a_contact("Ben")
    an_interaction(anna, campaign=spring)
    a_lead(anna, campaign=autumn)
    a_lead(ben, campaign=autumn, product=router)

    def reached(name: str) -> dict:
        return {"related": "campaigns", "where": {"field": "campaign.name", "op": "is", "value": name}}

    assert names(reached("spring")) == {"Anna"}
    assert names(reached("autumn")) == {"Anna", "Ben"}
    assert names({"related": "campaigns", "at_least": 2}) == {"Anna"}
    assert names({"related": "products"}) == {"Ben"}


def test_consents_are_asked_one_by_one() -> None:
    anna, ben = a_contact("Anna"), a_contact("Ben")
    Consent.objects.create(contact=anna, level=4, given=True, source="form")
    Consent.objects.create(contact=ben, level=4, given=False)
    given = {"field": "given", "op": "is", "value": True}
    marketing = {"field": "level", "op": "greater_or_equal", "value": 4}

    assert names({"related": "contact.consents", "where": {"all": [given, marketing]}}) == {"Anna"}


def test_submissions_are_offered_by_the_forms_above() -> None:
    form = a_form()
    anna = a_contact("Anna")
    a_lead(anna, "Anna")
    a_lead(a_contact("Ben"), "Ben")
    Submission.objects.create(public_id=uuid4(), form=form, page=a_page(form), contact=anna, payload={}, state="done")
    tree = {"related": "submissions", "where": {"field": "form", "op": "is", "value": form.pk}}

    assert topics(tree) == {"Anna"}
    assert names(tree) == {"Anna"}
    vocabulary = lead_vocabulary()
    words = f"there is a submission of the contact where (form is {form.name})"
    assert describe(parse(tree, vocabulary), vocabulary) == words


def test_which_form_was_submitted_is_asked_of_the_interaction() -> None:
    form, other = a_form("Contact us"), a_form("Newsletter")
    anna, ben = a_contact("Anna"), a_contact("Ben")
    for contact, theirs in ((anna, form), (ben, other)):
        did = an_interaction(contact, InteractionType.FORM_SUBMITTED, occurred_at=NOW)
        Submission.objects.create(public_id=uuid4(), form=theirs, contact=contact, interaction=did, payload={})
        an_interaction(contact, InteractionType.FORM_SUBMITTED, occurred_at=NOW)
    which = {"field": "form", "op": "is", "value": form.pk}

    assert names({"did": "form_submitted", "where": which}) == {"Anna"}
    assert names({"did": "form_submitted", "at_least": 2, "where": {"not": which}}) == {"Ben"}


def an_offer(subject: str) -> Offer:
    """As an app above would: what it computed about a row, and records it keeps."""
    leads = Relation(
        "same_topic",
        "lead of this topic",
        "leads of this topic",
        lambda: Lead.objects.filter(topic=OuterRef("topic")),
        Vocabulary("lead", {}),
    )
    length = Field("version", "version", FieldType.NUMBER, F("version"))
    return Offer((length,), (leads,) if subject == "lead" else ())


def test_any_app_may_offer_fields_and_relations_by_the_settings(settings: Any) -> None:
    settings.CONDITION_OFFERS = [f"{__name__}.an_offer"]
    a_lead(topic="twice")
    a_lead(topic="twice")
    a_lead(topic="once", version=7)

    assert topics({"related": "same_topic", "at_least": 2}) == {"twice"}
    assert topics({"field": "version", "op": "is", "value": 7}) == {"once"}
    assert "same_topic" not in contact_vocabulary().relations
    with pytest.raises(InvalidCondition, match="submissions"):
        parse({"related": "submissions"}, lead_vocabulary())


@pytest.mark.parametrize(
    ("tree", "path", "problem", "expected"),
    [
        ({"related": "leads"}, "", "this is not a condition", "all, any, not, field, did"),
        ({"did": "call", "where": BIG}, "where", "cannot be asked of a behaviour here", "nothing"),
        ({"field": "campaign.name", "op": "is", "value": "x"}, "field", "there is no field", "campaign"),
    ],
)
def test_scores_depend_on_nothing_whose_changes_go_unnoticed(tree: Any, path: str, problem: str, expected: str) -> None:
    with pytest.raises(InvalidCondition) as caught:
        parse(tree, lead_vocabulary(scoring=True))

    assert caught.value.path == path
    assert problem in caught.value.problem
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("tree", "path", "problem", "expected"),
    [
        ({"related": "lead"}, "related", "no related records 'lead'", "one of other_leads"),
        ({"related": ["leads"]}, "related", "no related records a list", "one of other_leads"),
        ({"related": "other_leads", "within_days": 3}, "", "the key 'within_days' is unknown", "at_least"),
        ({"related": "other_leads", "where": []}, "where", "a list is not a condition", "all, any, not, field"),
        ({"related": "other_leads", "where": {"did": "call"}}, "where", "this is not a condition", "all, any, not"),
        (
            {"related": "account.contacts", "where": {"did": "call", "where": {"all": [HOT]}}},
            "where.where.all.0.field",
            "there is no field 'rating'",
            "subject",
        ),
        ({"did": "call", "where": {"field": "subject", "op": "greater", "value": 1}}, "where.op", "subject", "is"),
        ({"any": [{"related": "other_leads", "at_least": 0}]}, "any.0.at_least", "0 will not do", "from 1"),
    ],
)
def test_a_bad_question_about_related_records_is_refused_where_it_is_bad(
    tree: Any, path: str, problem: str, expected: str
) -> None:
    with pytest.raises(InvalidCondition) as caught:
        parse(tree, lead_vocabulary())

    assert caught.value.path == path
    assert problem in caught.value.problem
    assert expected in caught.value.expected


def test_what_is_nested_counts_against_the_limits() -> None:
    calls = {"did": "call", "where": {"any": [{"field": "subject", "op": "is", "value": "x"}] * 100}}

    with pytest.raises(InvalidCondition, match="too many conditions"):
        parse({"all": [calls, calls]}, lead_vocabulary())


def test_nodes_are_found_however_deep_they_stand() -> None:
    recent = {"field": "occurred_at", "op": "in_this", "value": "week"}
    tree = {"not": {"related": "account.contacts", "at_most": 2, "where": {"did": "call", "where": recent}}}
    vocabulary = lead_vocabulary()
    node = parse(tree, vocabulary)

    inside = Did("call", where=Compare("occurred_at", "in_this", "week"))
    assert node.node == Related("account.contacts", 0, 2, inside)  # type: ignore[union-attr]
    assert behaviours_in(node) == {"call"}
    assert relations_in(node) == {"account.contacts"}
    assert fields_in(node) == set()
    assert next_change(node, vocabulary, now=NOW) is not None
    assert parse({"related": "other_leads", "where": {}}, vocabulary) == Related("other_leads")


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"related": "other_leads"}, "there is a further lead of the contact"),
        ({"related": "account.contacts", "none": True}, "there is no contact of the account"),
        (
            {"related": "other_leads", "at_least": 2, "where": {"all": [HOT, BIG]}},
            "there are at least 2 further leads of the contact where (sales rating is Hot and topic contains big)",
        ),
        ({"related": "campaigns", "exactly": 1}, "there is exactly 1 campaign that reached the contact"),
        ({"related": "campaigns", "at_most": 3}, "there are at most 3 campaigns that reached the contact"),
        (
            {"related": "products", "at_least": 2, "at_most": 3},
            "there are 2 to 3 products the contact met",
        ),
        (
            {
                "did": "page_visited",
                "at_least": 2,
                "within_days": 30,
                "subject_contains": "x",
                "where": {"field": "campaign.name", "op": "is", "value": "Spring"},
            },
            "visited a page (about “x”, where campaign's name is Spring) at least 2 times in the last 30 days",
        ),
    ],
)
def test_questions_about_related_records_read_as_sentences(tree: Any, sentence: str) -> None:
    vocabulary = lead_vocabulary()

    assert describe(parse(tree, vocabulary), vocabulary) == sentence
