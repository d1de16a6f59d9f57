"""The text view: what is written is read back as the same condition, and what cannot be read is told by its place."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from leads.conditions import (
    InvalidCondition,
    InvalidText,
    Vocabulary,
    contact_vocabulary,
    lead_vocabulary,
    parse,
    parse_text,
    to_json,
    to_text,
)
from leads.conditions.nodes import Everything
from leads.conditions.operators import OPERATORS, FieldType
from leads.conditions.phrases import PHRASES
from leads.conditions.vocabulary import Field
from tests.build import a_campaign, a_custom_field, a_product, a_user
from tests.leads.conditions.generate import a_tree
from tests.leads.conditions.rows import what_may_be_referred_to
from tests.leads.conditions.test_agreement import examples

pytestmark = pytest.mark.django_db
RANDOM = st.randoms(use_true_random=True)
TOPIC = Field("topic", "topic", FieldType.TEXT, F("topic"))
HOT = {"field": "rating", "op": "is", "value": "hot"}
BIG = {"field": "topic", "op": "contains", "value": "big"}


def read(text: str) -> Any:
    return parse_text(text, lead_vocabulary())


def check_round_trip(number: int) -> None:
    ids = what_may_be_referred_to()
    a_user(first_name="Twin")
    a_user(first_name="Twin")
    vocabularies = [lead_vocabulary(), contact_vocabulary(), lead_vocabulary(scoring=True)]

    @examples(number)
    @given(random=RANDOM)
    def same(random: Random) -> None:
        vocabulary = random.choice(vocabularies)
        node = parse(a_tree(random, vocabulary, ids), vocabulary)
        text = to_text(node, vocabulary)
        assert parse_text(text, vocabulary) == node, text
        assert parse(json.loads(json.dumps(to_json(node))), vocabulary) == node
        assert "\n" not in text

    same()


def test_what_is_written_is_read_back_as_the_same() -> None:
    check_round_trip(500)


@pytest.mark.deep
def test_what_is_written_is_read_back_as_the_same_at_length() -> None:
    check_round_trip(20_000)


@given(text=st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text))
def test_any_text_survives_its_quotes(text: str) -> None:
    tree = {"field": "topic", "op": "is", "value": text}
    vocabulary = Vocabulary("lead", {"topic": TOPIC})
    try:
        node = parse(tree, vocabulary)
    except InvalidCondition:
        return
    assert parse_text(to_text(node, vocabulary), vocabulary) == node


@pytest.mark.parametrize("number", [0, -1, 2.5, 0.1, 1e15, -0.0, 1e-300, 5e-324, 123456789.123456, 0.30000000000000004])
def test_any_number_survives(number: float) -> None:
    vocabulary = lead_vocabulary()
    node = parse({"field": "score", "op": "greater", "value": number}, vocabulary)

    assert parse_text(to_text(node, vocabulary), vocabulary) == node
    assert parse(to_json(node), vocabulary) == node


def check_robustness(number: int) -> None:
    ids = what_may_be_referred_to()
    vocabulary = lead_vocabulary()
    outcomes = {"read": 0, "refused": 0}

    @examples(number)
    @given(random=RANDOM)
    def survive(random: Random) -> None:
        text = spoilt(random, to_text(parse(a_tree(random, vocabulary, ids, 2), vocabulary), vocabulary))
        try:
            node = parse_text(text, vocabulary)
        except InvalidText as error:
            outcomes["refused"] += 1
            assert error.message.isascii()
            lines = text.split("\n")
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
            return
        outcomes["read"] += 1
        assert parse_text(to_text(node, vocabulary), vocabulary) == node

    survive()
    assert min(outcomes.values()) > number / 30, outcomes


def spoilt(random: Random, text: str) -> str:
    """With pieces left out, doubled, changed or thrown in."""
    pieces = text.split(" ")
    for _ in range(random.randint(1, 2)):
        where = random.randrange(len(pieces) + 1)
        odd = random.choice(
            ["(", ")", '"', "not", "and", "7", "\n", "\0", "\ud800", "#9", "é", "1e999", "2026-02-30", "x"]
        )
        pieces[where : where + random.randint(0, 1)] = random.choice([[], [odd], ["all", "of"], pieces[:1]])
    return random.choice([" ", " ", "\n"]).join(pieces)


def test_only_invalid_text_comes_out_of_any_text() -> None:
    check_robustness(400)


@pytest.mark.deep
def test_only_invalid_text_comes_out_of_twenty_thousand_texts() -> None:
    check_robustness(20_000)


def test_every_operator_has_a_phrase_of_its_own() -> None:
    assert set(PHRASES) == {name for operators in OPERATORS.values() for name in operators}
    assert len(set(PHRASES.values())) == len(PHRASES)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        (" everything\n", {}),
        ('topic contains "big"', BIG),
        ('lead.topic contains "big"', BIG),
        ('(((topic  contains\n"big")))', BIG),
        ('topic contains "big" and rating is "hot"', {"all": [BIG, HOT]}),
        (
            'rating is "hot" or topic contains "big" and not rating is "hot"',
            {"any": [HOT, {"all": [BIG, {"not": HOT}]}]},
        ),
        ('all of (rating is "hot")', {"all": [HOT]}),
        ('any of (rating is "hot" and topic contains "big")', {"any": [{"all": [HOT, BIG]}]}),
        ('topic is "a \\"b\\" \\\\ \\n c"', {"field": "topic", "op": "is", "value": 'a "b" \\ \n c'}),
        ('rating is one of ("hot", "warm")', {"field": "rating", "op": "is_one_of", "value": ["hot", "warm"]}),
        ("score is between -1 and 2.5", {"field": "score", "op": "between", "value": [-1, 2.5]}),
        ("score is at least 5", {"field": "score", "op": "greater_or_equal", "value": 5}),
        ("score is empty", {"field": "score", "op": "is_empty"}),
        ("sales_ready is not no", {"field": "sales_ready", "op": "is_not", "value": False}),
        ("created_at is on or after 2026-03-09", {"field": "created_at", "op": "on_or_after", "value": "2026-03-09"}),
        ("created_at is in last 1 day", {"field": "created_at", "op": "in_last_days", "value": 1}),
        ("created_at is in next 3 days", {"field": "created_at", "op": "in_next_days", "value": 3}),
        ("created_at is in next week", {"field": "created_at", "op": "in_next", "value": "week"}),
        ("created_at is over 3 days ahead", {"field": "created_at", "op": "over_days_ahead", "value": 3}),
        ("created_at is over 3 days ago", {"field": "created_at", "op": "over_days_ago", "value": 3}),
        ("created_at has anniversary today", {"field": "created_at", "op": "anniversary_today"}),
        ("any call", {"did": "call"}),
        ("no call in last 3 days", {"did": "call", "none": True, "within_days": 3}),
        ("2 to 3 call", {"did": "call", "at_least": 2, "at_most": 3}),
        ("any call not in last 3 days", {"did": "call", "not_in_last_days": 3}),
        (
            'at least 2 page_visited where campaign.name is "Spring" in last 30 days',
            None,
        ),
        (
            'at least 2 page_visited in last 30 days about "x" where campaign.name is "Spring" and rating is "hot"',
            {
                "all": [
                    {
                        "did": "page_visited",
                        "at_least": 2,
                        "within_days": 30,
                        "subject_contains": "x",
                        "where": {"field": "campaign.name", "op": "is", "value": "Spring"},
                    },
                    HOT,
                ]
            },
        ),
        (
            "no account.contacts where (contact.city is empty and any call)",
            {
                "related": "account.contacts",
                "none": True,
                "where": {"all": [{"field": "contact.city", "op": "is_empty"}, {"did": "call"}]},
            },
        ),
    ],
)
def test_texts_are_read(text: str, tree: Any) -> None:
    vocabulary = lead_vocabulary()
    if tree is None:
        with pytest.raises(InvalidText):
            parse_text(text, vocabulary)
    else:
        assert parse_text(text, vocabulary) == parse(tree, vocabulary)


def test_records_are_called_by_name_where_only_one_has_it() -> None:
    spring, gone = a_campaign('Spring "26"'), a_product("Gone")
    twins = [a_user(first_name="Twin").pk, a_user(first_name="Twin").pk]
    vocabulary = lead_vocabulary()
    tree = {
        "all": [
            {"field": "campaign", "op": "is", "value": spring.pk},
            {"field": "product", "op": "is_one_of", "value": [gone.pk]},
            {"field": "owner", "op": "is", "value": twins[0]},
        ]
    }
    node, number = parse(tree, vocabulary), gone.pk
    gone.delete()

    text = to_text(node, vocabulary)

    assert text == f'campaign is "Spring \\"26\\"" and product is one of (#{number}) and owner is #{twins[0]}'
    assert parse_text(text, vocabulary, stored=True) == node
    with pytest.raises(InvalidText, match="product does not offer"):
        parse_text(text, vocabulary)


def test_names_are_looked_up_once(django_assert_num_queries: Any) -> None:
    for number in range(5):
        a_product(f"P{number}")
    vocabulary = lead_vocabulary()
    names = ", ".join(f'"P{number}"' for number in range(5))

    with django_assert_num_queries(6):  # and each id is checked, as in a tree
        node = parse_text(f"product is one of ({names})", vocabulary)
    with django_assert_num_queries(1):
        to_text(node, vocabulary)


@pytest.mark.parametrize(
    ("text", "line", "column", "problem", "expected"),
    [
        ("topic", 1, 6, "the text ends", "is one of ..."),
        ("topc is 5", 1, 1, "'topc' is unknown", "topic"),
        ("topic is 5", 1, 10, "'5' will not do", "a text in quotes"),
        ("topic\n  is more than 5", 2, 6, "'more' will not do", "a text in quotes"),
        ("topic has 5", 1, 7, "'has' will not do", "after topic one of"),
        ('topic is "x', 1, 10, "not closed", "a closing"),
        ('topic is "\\x"', 1, 11, "means nothing", "\\\\"),
        ("topic is é", 1, 10, "'\\xe9' will not do", "a word"),
        ('topic is ""', 1, 10, "'' will not do", "a text of 1 to 500"),
        ('topic is "x" rating', 1, 14, "'rating' will not do", '"and", "or"'),
        ('topic is "x" and', 1, 17, "the text ends", "a condition"),
        ('(topic is "x"', 1, 14, "the text ends", ")"),
        ('rating is "Hot"', 1, 11, "does not offer 'Hot'", "hot"),
        ('rating is one of ("hot",\n"tepid")', 2, 1, "does not offer 'tepid'", "hot"),
        ("score is between 5 and 1", 1, 18, "the first value is above", "the lower first"),
        ("score is 1e999", 1, 10, "inf will not do", "a number from"),
        ("score is between 5", 1, 19, "the text ends", '"and"'),
        ("created_at is on 2026-02-30", 1, 18, "no day 2026-02-30", "YYYY-MM-DD"),
        ("created_at is in last 0 days", 1, 23, "0 will not do", "from 1"),
        ("created_at is in this day", 1, 23, "'day' will not do", "week"),
        ("sales_ready is maybe", 1, 16, "'maybe' will not do", "yes or no"),
        ("owner is #999999999", 1, 10, "does not offer 999999999", "nothing yet"),
        ('campaign is "Spring"', 1, 13, "no one campaign is called", "# and its id"),
        ("any sneeze", 1, 5, "'sneeze' is unknown", "page_visited"),
        ("at least 0 call", 1, 10, "0 will not do", "from 1"),
        ("3 to 2 call", 1, 6, "at most 2, but at least 3", "from 3"),
        ("3 call", 1, 3, "'call' will not do", '"to"'),
        ("any call in last 3 days in last 4 days", 1, 25, "said twice", "once"),
        ("any call where rating is empty", 1, 16, "'rating' is unknown", "one of"),
        ("no call not in last 3 days", 1, 9, "has no last time", "at_least"),
        ("not " * 51 + "any call", 1, 201, "nested too deeply", "50"),
        ("not " * 11 + "any call", 1, 41, "nested too deeply", "10"),
        ("score is " + "1" * 500, 1, 10, "a number too long", "400"),
        ("everything and score is 1", 1, 12, "'and' will not do", "end"),
    ],
)
def test_a_text_that_says_nothing_is_refused_where_it_goes_wrong(
    text: str, line: int, column: int, problem: str, expected: str
) -> None:
    with pytest.raises(InvalidText) as caught:
        read(text)

    assert (caught.value.line, caught.value.column) == (line, column)
    assert problem in caught.value.problem
    assert expected in caught.value.expected
    assert caught.value.message.startswith(f"At line {line}, column {column}: ")


@pytest.mark.parametrize(
    "text",
    [
        "created_at is over 1 day ago and created_at is not in last 30 days",
        "no call in last 1 day",
        "exactly 2 call in last 9 days not in last 1 day",
        "score is between -1000000000000000 and 0",
        'stage is "inquiry" and not (contact.city contains "ber" or at least 2 page_visited in last 30 days'
        ' where campaign.name is "Spring")',
        "any account.contacts where (any leads where stage is filled and contact.role is empty)",
        "created_at is in previous quarter or contact.created_at has anniversary in next 7 days",
    ],
)
def test_what_is_written_reads_well(text: str) -> None:
    vocabulary = lead_vocabulary()

    assert to_text(parse_text(text, vocabulary), vocabulary) == text


def test_what_is_left_out_is_everything() -> None:
    vocabulary = lead_vocabulary()

    assert to_text(Everything(), vocabulary) == "everything"
    assert to_json(Everything()) == {"version": 1}
    assert to_json(parse({"did": "call", "at_least": 1}, vocabulary)) == {"version": 1, "did": "call"}


def test_custom_fields_are_written_by_their_keys() -> None:
    a_custom_field("tags", type="multi_choice", choices=["a", 'b "c"'])
    vocabulary = lead_vocabulary()
    text = 'custom.tags has none of ("a", "b \\"c\\"")'

    assert to_text(parse_text(text, vocabulary), vocabulary) == text
