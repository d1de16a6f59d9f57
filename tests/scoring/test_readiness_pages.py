"""Administrators say over models when leads of a process are sales ready, in words, on a page of the process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Role
from leads.models import Process
from scoring.errors import InvalidExpression
from scoring.readiness_text import parse, to_text
from tests.build import a_model, a_user

NAMES = {1: "Demand", 2: "Fit of company", 3: "Salt and pepper", 4: 'Odd "one" (or two)'}
TREES = st.recursive(
    st.sampled_from([1, 2, 3]).map(lambda pk: {"model": pk}),
    lambda inner: st.one_of(
        inner.map(lambda one: {"not": one}),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: {"all": some}),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: {"any": some}),
    ),
    max_leaves=8,
)


@given(TREES)
def test_what_is_written_is_read_as_the_same(tree) -> None:
    assert parse(to_text(tree, NAMES), NAMES) == tree


def test_and_binds_tighter_than_or_and_case_does_not_matter() -> None:
    read = parse('demand AND not "salt and pepper" or fit of  COMPANY', NAMES)
    assert read == {"any": [{"all": [{"model": 1}, {"not": {"model": 3}}]}, {"model": 2}]}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "character 1: expected the name of a model"),
        ("Demand or", "character 10: expected the name of a model"),
        ("Demand (Fit of company)", "character 8: “(” is too many"),
        ("(Demand", "character 8: a parenthesis is not closed"),
        ("Demand and Nobody", "character 12: there is no scoring model “Nobody”"),
        ('Demand and "Fit', "character 11: a quotation mark has no other one"),
        ("not " * 30 + "Demand", "levels are the most"),
        ("(" * 3000 + "Demand", "levels are the most"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(text, where) -> None:
    with pytest.raises(InvalidExpression) as refused:
        parse(text, NAMES)
    assert where in refused.value.message


def test_it_is_saved_read_back_and_refused_on_its_page_and_who_saves_second_is_told(db, client) -> None:
    demand, fit = a_model("Demand"), a_model("Fit")
    process = Process.objects.create(name="Partners")
    path = f"/leads/processes/{process.pk}/readiness/"
    ada = a_user(Role.ADMINISTRATOR)
    client.force_login(ada)
    seen = client.get(path).context["form"].initial["seen"]

    typed = {"readiness_policy": "expression", "expression": "Demand and not Fat", "seen": seen}
    refused = client.post(path, typed)
    assert (refused.status_code, "no scoring model “Fat”" in refused.content.decode()) == (422, True)
    assert "Demand and not Fat" in refused.content.decode()
    always = client.post(path, typed | {"expression": "not Fit"})
    assert "it holds for a lead that has reached no threshold" in always.content.decode()
    client.post(path, typed | {"expression": "Demand and not Fit"})
    second = client.post(path, typed | {"expression": "Demand or Fit"})

    process.refresh_from_db()
    assert process.readiness_policy == "expression"
    assert process.readiness_expression == {"all": [{"model": demand.pk}, {"not": {"model": fit.pk}}]}
    assert process.edited_by == ada
    assert (second.status_code, "Demand or Fit" in second.content.decode()) == (409, True)
    assert "Demand and not Fit" in client.get(path).content.decode()
