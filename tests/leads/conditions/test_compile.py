"""Every operator of every type, on real rows: what it matches, and that its negation matches all the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import BooleanField, Case, Value, When

from contacts.models import ConsentLevel, ContactRole, CustomFieldType, Entity
from leads.conditions import compile_condition, lead_vocabulary, parse
from leads.conditions.operators import Takes
from leads.models import Lead, Rating
from tests.build import a_contact, a_custom_field, a_lead, a_product, an_account, an_interaction

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
EVERYONE = {"Anna", "Ben", "Nobody"}


def three_leads() -> None:
    """Anna has everything; Ben has no account and little else; the third lead has no contact but an account."""
    a_custom_field("colour", type=CustomFieldType.TEXT)
    a_custom_field("budget", type=CustomFieldType.NUMBER)
    a_custom_field("due", type=CustomFieldType.DATE)
    a_custom_field("size", type=CustomFieldType.CHOICE, choices=["small", "large"])
    a_custom_field("tags", type=CustomFieldType.MULTI_CHOICE, choices=["a", "b", "c"])
    a_custom_field("vip", type=CustomFieldType.YES_NO)
    a_custom_field("vip", Entity.CONTACT, CustomFieldType.YES_NO)
    a_custom_field("budget", Entity.ACCOUNT, CustomFieldType.NUMBER)
    product = a_product("Router")
    account = an_account("Nordwind", country="NO", employees=120, custom={"budget": 7})
    anna = a_contact(
        "Anna",
        email="anna@Nordwind.example",
        country="Norway",
        role=ContactRole.DECISION_MAKER,
        consent_level=ConsentLevel.MARKETING,
        marketing_only=True,
        account=account,
        custom={"vip": True},
        created_at=NOW - timedelta(days=5),
    )
    full = {"colour": "Red_50%", "budget": 10, "due": "2026-03-10", "size": "large", "tags": ["a", "b"], "vip": True}
    a_lead(anna, "Anna", rating=Rating.HOT, product=product, score=40, created_at=NOW - timedelta(days=2), custom=full)
    part = {"colour": "", "budget": 2.5, "due": "2026-04-01", "size": "small", "tags": ["b"], "vip": False}
    ben = a_contact("Ben", country="Sweden", created_at=NOW + timedelta(days=3))
    a_lead(ben, "Ben", rating=Rating.COLD, created_at=NOW - timedelta(days=30), custom=part)
    a_lead(None, "Nobody", account=an_account("Own", country="SE"), created_at=NOW - timedelta(days=400))


def the_product(value: Any) -> Any:
    return (
        {"<router>": Lead.objects.get(topic="Anna").product_id}.get(value, value) if isinstance(value, str) else value
    )


@pytest.mark.parametrize(
    ("field", "op", "value", "matched"),
    [
        ("topic", "is", "aNNA", {"Anna"}),
        ("topic", "is_not", "anna", {"Ben", "Nobody"}),
        ("topic", "is_one_of", ["ANNA", "ben"], {"Anna", "Ben"}),
        ("topic", "is_none_of", ["ANNA", "ben"], {"Nobody"}),
        ("topic", "contains", "N", {"Anna", "Ben", "Nobody"}),
        ("topic", "contains", "nn", {"Anna"}),
        ("topic", "contains", "%", set()),
        ("topic", "begins_with", "b", {"Ben"}),
        ("topic", "begins_with", "_nna", set()),
        ("topic", "ends_with", "DY", {"Nobody"}),
        ("topic", "not_contains", "nn", {"Ben", "Nobody"}),
        ("topic", "not_begins_with", "B", {"Anna", "Nobody"}),
        ("topic", "not_ends_with", "dy", {"Anna", "Ben"}),
        ("contact.city", "not_contains", "x", EVERYONE),
        ("contact.country", "is", "norway", {"Anna"}),
        ("contact.country", "is_not", "norway", {"Ben", "Nobody"}),
        ("contact.country", "is_filled", None, {"Anna", "Ben"}),
        ("contact.city", "is_empty", None, EVERYONE),
        ("contact.email_domain", "is", "nordwind.example", {"Anna"}),
        ("contact.email_domain", "is_empty", None, {"Ben", "Nobody"}),
        ("account.country", "is", "no", {"Anna"}),
        ("account.country", "is_one_of", ["no", "se"], {"Anna", "Nobody"}),
        ("account.country", "is_not", "NO", {"Ben", "Nobody"}),
        ("rating", "is", "hot", {"Anna"}),
        ("rating", "is_not", "hot", {"Ben", "Nobody"}),
        ("rating", "is_one_of", ["hot", "cold"], {"Anna", "Ben"}),
        ("rating", "is_none_of", ["hot", "warm"], {"Ben", "Nobody"}),
        ("rating", "is_empty", None, {"Nobody"}),
        ("rating", "is_filled", None, {"Anna", "Ben"}),
        ("contact.role", "is", "decision_maker", {"Anna"}),
        ("product", "is", "<router>", {"Anna"}),
        ("product", "is_not", "<router>", {"Ben", "Nobody"}),
        ("product", "is_one_of", ["<router>"], {"Anna"}),
        ("product", "is_none_of", ["<router>"], {"Ben", "Nobody"}),
        ("product", "is_empty", None, {"Ben", "Nobody"}),
        ("product", "is_filled", None, {"Anna"}),
        ("score", "is", 40, {"Anna"}),
        ("score", "is", 40.5, set()),
        ("score", "is_not", 40, {"Ben", "Nobody"}),
        ("score", "greater", 39.5, {"Anna"}),
        ("score", "greater", 40, set()),
        ("score", "greater_or_equal", 40, {"Anna"}),
        ("score", "less", 40, set()),
        ("score", "less_or_equal", 40, {"Anna"}),
        ("score", "less", 10**15, {"Anna"}),
        ("score", "between", [40, 41], {"Anna"}),
        ("score", "not_between", [40, 41], {"Ben", "Nobody"}),
        ("score", "is_empty", None, {"Ben", "Nobody"}),
        ("score", "is_filled", None, {"Anna"}),
        ("contact.consent_level", "greater_or_equal", 3, {"Anna"}),
        ("contact.consent_level", "less", 3, {"Ben"}),
        ("contact.marketing_only", "is", True, {"Anna"}),
        ("contact.marketing_only", "is", False, {"Ben"}),
        ("account.employees", "greater", 100, {"Anna"}),
        ("created_at", "on", "2026-03-18", {"Anna"}),
        ("created_at", "before", "2026-03-18", {"Ben", "Nobody"}),
        ("created_at", "after", "2026-03-17", {"Anna"}),
        ("created_at", "after", "2026-03-18", set()),
        ("created_at", "between", ["2026-02-18", "2026-03-18"], {"Anna", "Ben"}),
        ("created_at", "not_on", "2026-03-18", {"Ben", "Nobody"}),
        ("created_at", "on_or_before", "2026-03-18", EVERYONE),
        ("created_at", "on_or_before", "2026-03-17", {"Ben", "Nobody"}),
        ("created_at", "on_or_after", "2026-03-18", {"Anna"}),
        ("created_at", "not_between", ["2026-02-18", "2026-03-18"], {"Nobody"}),
        ("created_at", "in_this", "week", {"Anna"}),
        ("created_at", "in_this", "month", {"Anna"}),
        ("created_at", "in_this", "quarter", {"Anna", "Ben"}),
        ("created_at", "in_this", "year", {"Anna", "Ben"}),
        ("created_at", "in_previous", "month", {"Ben"}),
        ("created_at", "in_previous", "year", {"Nobody"}),
        ("created_at", "over_days_ago", 29, {"Ben", "Nobody"}),
        ("created_at", "over_days_ago", 30, {"Nobody"}),
        ("created_at", "anniversary_in_last_days", 2, {"Anna"}),
        ("created_at", "anniversary_in_last_days", 35, {"Anna", "Ben", "Nobody"}),
        ("created_at", "in_last_days", 1, set()),
        ("created_at", "in_last_days", 2, {"Anna"}),
        ("created_at", "not_in_last_days", 2, {"Ben", "Nobody"}),
        ("contact.created_at", "in_next_days", 2, set()),
        ("contact.created_at", "in_next_days", 3, {"Ben"}),
        ("contact.created_at", "not_in_next_days", 3, {"Anna", "Nobody"}),
        ("contact.created_at", "over_days_ahead", 2, {"Ben"}),
        ("contact.created_at", "over_days_ahead", 3, set()),
        ("contact.created_at", "in_next", "week", {"Ben"}),
        ("contact.created_at", "not_in_last_days", 5, {"Ben", "Nobody"}),
        ("contact.created_at", "is_empty", None, {"Nobody"}),
        ("contact.created_at", "is_filled", None, {"Anna", "Ben"}),
        ("custom.colour", "is", "rED_50%", {"Anna"}),
        ("custom.colour", "contains", "d_5", {"Anna"}),
        ("custom.colour", "contains", "d%", set()),
        ("custom.colour", "is_empty", None, {"Ben", "Nobody"}),
        ("custom.budget", "is", 2.5, {"Ben"}),
        ("custom.budget", "greater", 2.5, {"Anna"}),
        ("custom.budget", "between", [2.5, 10], {"Anna", "Ben"}),
        ("custom.budget", "is_not", 10, {"Ben", "Nobody"}),
        ("custom.budget", "is_empty", None, {"Nobody"}),
        ("account.custom.budget", "less_or_equal", 7, {"Anna"}),
        ("custom.due", "on", "2026-03-10", {"Anna"}),
        ("custom.due", "before", "2026-04-01", {"Anna"}),
        ("custom.due", "after", "2026-03-10", {"Ben"}),
        ("custom.due", "between", ["2026-03-10", "2026-04-01"], {"Anna", "Ben"}),
        ("custom.due", "in_last_days", 9, set()),
        ("custom.due", "in_last_days", 10, {"Anna"}),
        ("custom.due", "not_in_last_days", 10, {"Ben", "Nobody"}),
        ("custom.due", "in_next_days", 11, set()),
        ("custom.due", "in_next_days", 12, {"Ben"}),
        ("custom.due", "over_days_ago", 9, {"Anna"}),
        ("custom.due", "in_next", "month", {"Ben"}),
        ("custom.due", "in_next", "quarter", {"Ben"}),
        ("custom.due", "in_this", "quarter", {"Anna"}),
        ("custom.due", "anniversary_in_next_days", 12, {"Ben"}),
        ("custom.due", "is_filled", None, {"Anna", "Ben"}),
        ("custom.size", "is", "large", {"Anna"}),
        ("custom.size", "is_one_of", ["large", "small"], {"Anna", "Ben"}),
        ("custom.size", "is_none_of", ["large"], {"Ben", "Nobody"}),
        ("custom.tags", "contains_any", ["a", "c"], {"Anna"}),
        ("custom.tags", "contains_any", ["b"], {"Anna", "Ben"}),
        ("custom.tags", "contains_all", ["a", "b"], {"Anna"}),
        ("custom.tags", "contains_none", ["a", "c"], {"Ben", "Nobody"}),
        ("custom.tags", "is_empty", None, {"Nobody"}),
        ("custom.tags", "is_filled", None, {"Anna", "Ben"}),
        ("custom.vip", "is", True, {"Anna"}),
        ("custom.vip", "is", False, {"Ben"}),
        ("custom.vip", "is_not", True, {"Ben", "Nobody"}),
        ("custom.vip", "is_empty", None, {"Nobody"}),
        ("contact.custom.vip", "is", True, {"Anna"}),
    ],
)
def test_each_operator_of_each_type(field: str, op: str, value: Any, matched: set[str]) -> None:
    three_leads()
    value = [the_product(each) for each in value] if isinstance(value, list) else the_product(value)

    assert who({"field": field, "op": op, "value": value}) == matched
    assert who({"not": {"field": field, "op": op, "value": value}}) == EVERYONE - matched


def who(tree: dict) -> set[str]:
    """The topics a condition matches, asked as a filter and as an expression, which must agree."""
    vocabulary = lead_vocabulary()
    condition = compile_condition(parse(tree, vocabulary), vocabulary, now=NOW)
    filtered = list(Lead.objects.filter(condition).values_list("topic", flat=True))
    answer = Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
    annotated = dict(Lead.objects.annotate(answer=answer).values_list("topic", "answer"))
    assert len(filtered) == len(set(filtered))
    assert {topic for topic, holds in annotated.items() if holds} == set(filtered)
    assert set(annotated) == set(Lead.objects.values_list("topic", flat=True))
    return set(filtered)


def test_everything_matches_everyone_also_inside_an_expression() -> None:
    three_leads()

    assert who({}) == EVERYONE


def test_all_any_and_not_nest() -> None:
    three_leads()
    norwegian = {"field": "account.country", "op": "is", "value": "NO"}
    cold = {"field": "rating", "op": "is", "value": "cold"}

    assert who({"any": [norwegian, cold]}) == {"Anna", "Ben"}
    assert who({"all": [norwegian, cold]}) == set()
    assert who({"not": {"any": [norwegian, cold]}}) == {"Nobody"}
    assert who({"all": [{"not": norwegian}, {"not": {"not": cold}}]}) == {"Ben"}


def test_a_missing_account_makes_a_comparison_false_and_its_negation_true() -> None:
    a_lead(a_contact(), "Alone")
    tree = {"field": "account.country", "op": "is", "value": "NO"}

    assert who(tree) == set()
    assert who({"not": tree}) == {"Alone"}


def test_the_account_is_the_leads_own_or_else_its_contacts_and_never_a_deleted_one() -> None:
    gone = an_account("Gone", country="NO", deleted_at=NOW)
    norwegian, swedish = an_account("N", country="NO"), an_account("S", country="SE")
    a_lead(a_contact(account=norwegian), "by contact")
    a_lead(a_contact(account=norwegian), "own wins", account=swedish)
    a_lead(a_contact(account=norwegian), "own deleted", account=gone)
    a_lead(a_contact(account=gone), "deleted")

    assert who({"field": "account.country", "op": "is", "value": "NO"}) == {"by contact", "own deleted"}
    assert who({"field": "account.country", "op": "is_empty"}) == {"deleted"}


def test_behaviours_count_the_contacts_interactions_of_that_type_window_and_subject() -> None:
    anna, ben = a_contact("Anna"), a_contact("Ben")
    a_lead(anna, "Anna")
    a_lead(anna, "Anna again")
    a_lead(ben, "Ben")
    a_lead(None, "Nobody", account=an_account())
    for days_ago in (0, 3, 14):
        an_interaction(anna, "page_visited", occurred_at=NOW - timedelta(days=days_ago), subject="/Pricing_1")
    an_interaction(anna, "page_visited", occurred_at=NOW + timedelta(hours=1), subject="/pricing_1")
    an_interaction(ben, "page_visited", occurred_at=NOW - timedelta(days=15), subject="/about")
    an_interaction(ben, "email_opened", occurred_at=NOW)

    assert who({"did": "page_visited"}) == {"Anna", "Anna again", "Ben"}
    assert who({"did": "page_visited", "at_least": 3}) == {"Anna", "Anna again"}
    assert who({"did": "page_visited", "at_least": 4}) == set()
    assert who({"did": "page_visited", "at_least": 3, "within_days": 14}) == {"Anna", "Anna again"}
    assert who({"did": "page_visited", "at_least": 3, "within_days": 13}) == set()
    assert who({"did": "page_visited", "within_days": 14}) == {"Anna", "Anna again"}
    assert who({"did": "page_visited", "subject_contains": "PRICING_"}) == {"Anna", "Anna again"}
    assert who({"did": "page_visited", "subject_contains": "_about"}) == set()
    assert who({"did": "email_opened", "none": True}) == {"Anna", "Anna again", "Nobody"}
    assert who({"not": {"did": "email_opened", "none": True}}) == {"Ben"}
    assert who({"did": "page_visited", "none": True, "within_days": 14}) == {"Ben", "Nobody"}


BAD_VALUES = [
    5,
    "5",
    "2026-99-99",
    "2026-03-10\n",
    " ",
    True,
    None,
    [],
    ["a", 1, None],
    {"a": 1},
    1e308,
    "\u00e9",
    -0.0,
]


@pytest.mark.parametrize("type", CustomFieldType.values)
def test_a_stored_value_of_the_wrong_type_reads_as_nothing_and_aborts_no_query(type: str) -> None:
    a_custom_field("odd", Entity.ACCOUNT, type, choices=["a", "b"])
    vocabulary = lead_vocabulary()
    operand = {"text": "5", "number": 5, "date": "2026-03-10", "choice": "a", "multi_choice": ["a"], "yes_no": True}[
        type
    ]
    for number, value in enumerate(BAD_VALUES):
        a_lead(None, f"{number}", account=an_account(custom={"odd": value}))
    right = {
        "text": {"1", "2", "3", "4", "11"},
        "choice": {"1", "2", "3", "4", "11"},
        "number": {"0", "10", "12"},
        "date": {"2"},
        "multi_choice": {"8"},
        "yes_no": {"5"},
    }[type]

    assert who({"field": "account.custom.odd", "op": "is_filled"}) == right
    for name, operator in vocabulary.fields["account.custom.odd"].operators.items():
        several = operand if isinstance(operand, list) else [operand, operand]
        takes: dict[Takes, Any] = {Takes.ONE: operand, Takes.DAYS: 3, Takes.NOTHING: None}
        takes |= {Takes.YEAR_DAYS: 3, Takes.PERIOD: "month"}
        who({"field": "account.custom.odd", "op": name, "value": takes.get(operator.takes, several)})


def test_a_condition_costs_no_subquery_per_field_and_no_query_beyond_the_one(django_assert_num_queries: Any) -> None:
    three_leads()
    vocabulary = lead_vocabulary()
    fields = ["contact.country", "contact.city", "account.country", "account.city", "account.name"]
    tree = {"all": [{"field": field, "op": "is_not", "value": "x"} for field in fields]}

    with django_assert_num_queries(1):
        rows = Lead.objects.filter(compile_condition(parse(tree, vocabulary), vocabulary, now=NOW))
        assert len(rows) == 3
    assert str(rows.query).count(" JOIN ") == 3
    assert str(rows.query).count("SELECT") == 1
