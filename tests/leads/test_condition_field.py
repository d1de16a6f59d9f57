"""Conditions in forms: typed as text or JSON, cleaned to the tree, refused by position, read back as text."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from leads.condition_field import ConditionField
from tests.build import a_custom_field, a_product

pytestmark = pytest.mark.django_db

HOT = {"field": "rating", "op": "is", "value": "hot"}


class RuleForm(forms.Form):
    condition = ConditionField(subject="lead", label="Who")


class NeededForm(forms.Form):
    condition = ConditionField(subject="contact", required=True)


def cleaned(typed: Any, form: type[forms.Form] = RuleForm, **more: Any) -> Any:
    """The tree, or what the form says is wrong."""
    bound = form({"condition": typed}, **more)
    return bound.cleaned_data["condition"] if bound.is_valid() else bound.errors["condition"][0]


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", {}),
        ("everything", {}),
        ("{}", {}),
        ('rating is "hot"', HOT),
        ('{"version": 1, "field": "rating", "op": "is", "value": "hot"}', HOT),
        ('  {"all": [{"field": "rating", "op": "is", "value": "hot"}]}', {"all": [HOT]}),
        ("any call in last 7 days", {"did": "call", "within_days": 7}),
    ],
)
def test_text_and_json_become_the_tree(typed: str, tree: dict[str, Any]) -> None:
    assert cleaned(typed) == tree


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ('rating is "lukewarm"', "At line 1, column 11"),
        ('rating is "hot" and\nstage', "At line 2, column 6"),
        ('{"all": [{"field": "nonsense", "op": "is"}]}', "At all.0.field"),
        ('{"all": [}', "At line 1, column 10"),
        ('{"all": []}', "At all"),
        ("[1, 2]", "In this condition"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 30_000, "nested too deeply"),
        ("1" * 5000, "line 1, column 1"),
        ('{"a": ' + "1" * 5000 + "}", "line 1, column 1"),
        ("x" * 200_001, "200,001 characters"),
        ('contact.city is "\0"', "cannot be stored"),
        ('contact.city is "\ud800"', "cannot be stored"),
        ('{"field": "100%s %d %", "op": "is"}', "At field"),
        ("topic is 5%", "At line 1, column 11"),
        ("created_at is before 0000-01-01", "At line 1"),
        ('{"field": "created_at", "op": "on", "value": "99999-01-01"}', "At value"),
        ("score is 1e999", "At line 1, column 10"),
        ('rating matches "(a+)+$"', "At line 1, column 8"),
        ('{"field": "topic", "op": "regex", "value": "(a+)+$"}', "has no operator"),
    ],
)
def test_what_is_no_condition_is_refused_by_its_place(typed: str, position: str) -> None:
    assert position in cleaned(typed)


def test_an_empty_one_may_be_refused() -> None:
    assert cleaned("", NeededForm) == "This field is required."
    assert cleaned("any call", NeededForm) == {"did": "call"}


def test_a_stored_one_is_shown_as_text_with_its_sentence() -> None:
    product = a_product("Routers")
    tree = {"any": [HOT, {"field": "product", "op": "is", "value": product.pk}]}
    page = str(RuleForm(initial={"condition": tree})["condition"])

    assert "rating is &quot;hot&quot; or product is &quot;Routers&quot;" in page
    assert "Sales rating is Hot or product is Routers." in page


def test_what_was_typed_comes_back_as_it_was_typed() -> None:
    page = str(RuleForm({"condition": 'rating is </textarea><script>"hot"'})["condition"])

    assert "rating is &lt;/textarea&gt;&lt;script&gt;&quot;hot&quot;" in page
    assert "<script>" not in page


def test_what_was_stored_goes_on_being_accepted_but_not_in_another_condition() -> None:
    a_custom_field("budget", archived=True)
    stored = {"field": "custom.budget", "op": "is", "value": "high"}

    assert cleaned('custom.budget is "high"', initial={"condition": stored}) == stored
    assert "archived" in cleaned('custom.budget is "low"', initial={"condition": stored})
    assert "archived" in cleaned('custom.budget is "high"')


def test_what_cannot_be_read_any_more_is_shown_as_json() -> None:
    form = RuleForm(initial={"condition": {"field": "custom.gone", "op": "is_filled"}})

    assert "custom.gone" in form["condition"].value()
    assert "Left empty" in str(form["condition"])


def test_the_same_condition_in_other_words_is_no_change() -> None:
    form = RuleForm(
        {"condition": '{"all": [{"did": "call", "at_least": 1}]}'}, initial={"condition": {"all": [{"did": "call"}]}}
    )

    assert not form.has_changed()
    assert RuleForm({"condition": "any call"}, initial={"condition": {}}).has_changed()
    assert not RuleForm({"condition": ""}, initial={"condition": {}}).has_changed()


def test_each_form_asks_once_for_what_may_be_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        form = RuleForm({"condition": 'rating is "hot"'}, initial={"condition": HOT})
        assert form.is_valid()
        assert form.has_changed() is False
        assert str(form["condition"])
