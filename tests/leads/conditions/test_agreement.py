"""Generated conditions over generated rows: the SQL agrees with the oracle, and x and not x share out everyone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import BooleanField, ExpressionWrapper, Model, Q
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, Interaction
from leads.conditions import (
    InvalidCondition,
    Vocabulary,
    compile_condition,
    contact_vocabulary,
    describe,
    lead_vocabulary,
    never_holds,
    next_change,
    parse,
)
from leads.conditions.nodes import Node, Not, walk
from leads.models import Lead
from tests.leads.conditions.generate import a_tree
from tests.leads.conditions.generate_rows import some_rows
from tests.leads.conditions.oracle import Oracle
from tests.leads.conditions.rows import standing, what_may_be_referred_to
from tests.leads.conditions.spoil import junk, spoilt
from tests.leads.conditions.values import NOW

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"
RANDOM = st.randoms(use_true_random=True)


def examples(number: int) -> settings:
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


SUBJECTS: dict[str, tuple[type[Model], Callable[[], Vocabulary]]] = {
    "lead": (Lead, lead_vocabulary),
    "contact": (Contact, contact_vocabulary),
}


def ids_where(condition: Any, model: type[Model] = Lead) -> set[int]:
    return set(model._default_manager.filter(condition).values_list("pk", flat=True))


def check_agreement(number: int, subject: str) -> None:
    ids = what_may_be_referred_to()
    model, make_vocabulary = SUBJECTS[subject]
    vocabulary = make_vocabulary()
    oracle = Oracle(vocabulary, NOW, ZoneInfo(BERLIN))
    seen = {"holds": 0, "does not": 0}

    @examples(number)
    @given(random=RANDOM)
    def agree(random: Random) -> None:
        several = [a_tree(random, vocabulary, ids) for _ in range(6)]
        descriptions = some_rows(random, ids)
        whole = [parse(tree, vocabulary) for tree in several]
        nodes = {f"x{i}": node for i, node in enumerate(part for node in whole for part in walk(node))}
        with standing(descriptions):
            rows = list(model._default_manager.all())
            asked = model._default_manager.values(
                "pk", **{name: answer_to(node, vocabulary) for name, node in nodes.items()}
            )
            answers = {row.pop("pk"): row for row in asked}
            assert set(answers) == {row.pk for row in rows}
            for row in rows:
                for name, node in nodes.items():
                    expected = oracle.holds(node, row)
                    assert answers[row.pk][name] is expected, describe(node, vocabulary)
                    seen["holds" if expected else "does not"] += 1
            assert not any(
                never_holds(nodes[name], vocabulary) for row in answers.values() for name in row if row[name]
            )
            for node in whole[:2]:
                condition = compile_condition(node, vocabulary, now=NOW)
                matched = {row.pk for row in rows if oracle.holds(node, row)}
                assert ids_where(condition, model) == matched
                rest = ids_where(negated(node, vocabulary), model)
                assert ids_where(~condition, model) == rest == set(answers) - matched

    agree()
    assert min(seen.values()) > number * 5, "the generated trees hardly ever meet the generated rows"


def answer_to(node: Node, vocabulary: Vocabulary) -> ExpressionWrapper:
    """What the SQL says of each row; a NULL is None, which is not the oracle's bool."""
    return ExpressionWrapper(compile_condition(node, vocabulary, now=NOW), output_field=BooleanField())


def negated(node: Node, vocabulary: Vocabulary) -> Q:
    return compile_condition(Not(node), vocabulary, now=NOW)


@pytest.mark.parametrize(("subject", "number"), [("lead", 25), ("contact", 15)])
def test_sql_agrees_with_the_oracle(settings: Any, subject: str, number: int) -> None:
    settings.TIME_ZONE = BERLIN
    check_agreement(number, subject)


@pytest.mark.deep
@pytest.mark.parametrize("subject", SUBJECTS)
def test_sql_agrees_with_the_oracle_at_length(settings: Any, subject: str) -> None:
    settings.TIME_ZONE = BERLIN
    check_agreement(150, subject)


def test_nothing_changes_before_the_next_change(settings: Any) -> None:
    settings.TIME_ZONE = BERLIN
    ids = what_may_be_referred_to()
    vocabulary = lead_vocabulary()

    @examples(50)
    @given(random=RANDOM)
    def unchanged(random: Random) -> None:
        several = [a_tree(random, vocabulary, ids, depth=1) for _ in range(8)]
        later = random.randint(0, 20 * 86400)
        with standing(some_rows(random, ids)):
            # What is dated in the future is the caller's to watch.
            Interaction.objects.filter(occurred_at__gt=NOW).delete()
            for node in (parse(tree, vocabulary) for tree in several):
                change = next_change(node, vocabulary, now=NOW)
                assert change is None or change > NOW
                moment = NOW + timedelta(seconds=later)
                if change is not None:
                    moment = min(moment, change - timedelta(microseconds=1))
                before = ids_where(compile_condition(node, vocabulary, now=NOW))
                assert ids_where(compile_condition(node, vocabulary, now=moment)) == before

    unchanged()


TOGETHER = 20


def check_robustness(number: int) -> None:
    """So many trees, valid, spoilt and junk, go through parse; those let through go to PostgreSQL, 20 in a query."""
    ids = what_may_be_referred_to()
    vocabulary = lead_vocabulary()
    outcomes = {"parsed": 0, "refused": 0}

    @examples(number // TOGETHER)
    @given(random=RANDOM)
    def survive(random: Random) -> None:
        nodes = [node for node in (parsed(random) for _ in range(TOGETHER)) if node is not None]
        outcomes["parsed"] += len(nodes)
        outcomes["refused"] += TOGETHER - len(nodes)
        asked = {f"x{i}": answer_to(node, vocabulary) for i, node in enumerate(nodes)}
        # The key stands in front because values() of nothing, when every tree was refused, means every column.
        for _, *answers in Lead.objects.values_list("pk", *asked.values()):
            assert set(answers) <= {True, False}

    def parsed(random: Random) -> Node | None:
        tree = a_tree(random, vocabulary, ids)
        tree = random.choice([lambda: tree, lambda: spoilt(random, tree), lambda: junk(random)])()
        try:
            node = parse(tree, vocabulary)
        except InvalidCondition as error:
            assert error.message.isascii()
            assert error.problem
            assert error.expected
            return None
        assert describe(node, vocabulary).encode()
        return node

    with standing(four_leads(ids)):
        survive()
    assert min(outcomes.values()) > number / 10, outcomes


def four_leads(ids: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Four leads: with everything, with odd values, without contact, without anything."""
    right: dict[str, Any] = {
        "c_text": "no",
        "c_number": 10,
        "c_date": "2026-03-29",
        "c_choice": "a",
        "c_multi_choice": ["a"],
        "c_yes_no": True,
    }
    odd = {"c_text": 5, "c_number": "5", "c_date": "x", "c_choice": [], "c_multi_choice": "a", "c_yes_no": {}}
    account = {"name": "no", "country": "NO", "employees": 10, "custom": right}
    contact = {"first_name": "no", "email": "a@no", "custom": right}
    calls = [{"type": "call", "occurred_at": NOW - timedelta(days=day), "subject": "no"} for day in range(3)]
    nothing: dict[str, Any] = {"contact": None, "own_account": None, "contacts_account": None, "interactions": []}
    return [
        {
            "lead": {"topic": "no", "custom": right, "product_id": ids["product"][0], "created_at": NOW},
            "contact": contact,
            "own_account": None,
            "contacts_account": account,
            "interactions": calls,
        },
        {
            **nothing,
            "lead": {"topic": "odd", "custom": odd},
            "contact": {"custom": odd},
            "own_account": {"name": "x", "custom": odd},
        },
        {**nothing, "lead": {"topic": "", "custom": []}, "own_account": account},
        {**nothing, "lead": {"topic": "%"}},
    ]


def test_only_invalid_condition_comes_out_of_any_tree() -> None:
    check_robustness(400)


@pytest.mark.deep
def test_only_invalid_condition_comes_out_of_a_hundred_thousand_trees() -> None:
    check_robustness(100_000)
