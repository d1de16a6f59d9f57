"""What would make a lead sales ready is worked out rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contacts.models import InteractionType
from leads.conditions import Vocabulary, lead_vocabulary
from scoring.definition import ModelSpec, RuleSpec
from scoring.missing import falls_short_at, ways_to_ready
from scoring.models import Counting, Scope

pytestmark = pytest.mark.django_db
VISIT = RuleSpec(1, "Visits", 8, {}, InteractionType.PAGE_VISITED, "pricing", Counting.EACH, 1, None, Scope.ANY, None)
EVENT = replace(VISIT, name="Event", points=40, subject_contains="", interaction_type="event_checked_in")


Told = tuple[str, int, int, bool]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return lead_vocabulary(scoring=True)


def ways(vocabulary: Vocabulary, *rules: tuple[RuleSpec, int, int], threshold: int = 50) -> list[Told]:
    """(name, points, times, enough) for rules with the points they gave and how often."""
    spec = ModelSpec(1, 1, "M", "contact", {}, 0, threshold, (), tuple(rule for rule, _, _ in rules))
    found = ways_to_ready(spec, [given for _, given, _ in rules], [count for _, _, count in rules], vocabulary)
    return [(way.name, way.points, way.times, way.is_enough) for way in found]


def test_what_is_reached_lacks_nothing(vocabulary: Vocabulary) -> None:
    assert ways(vocabulary, (VISIT, 56, 7)) == []


def test_each_time_says_how_often_more(vocabulary: Vocabulary) -> None:
    assert ways(vocabulary, (VISIT, 16, 2)) == [("Visits", 40, 5, True)]


def test_a_cap_bounds_what_each_time_can_add(vocabulary: Vocabulary) -> None:
    assert ways(vocabulary, (replace(VISIT, cap=30), 16, 2)) == [("Visits", 14, 2, False)]
    assert ways(vocabulary, (replace(VISIT, cap=16), 16, 2)) == []


def test_at_least_n_says_how_many_are_missing(vocabulary: Vocabulary) -> None:
    three = replace(EVENT, counting=Counting.AT_LEAST, at_least=3, points=60)

    assert ways(vocabulary, (three, 0, 1)) == [("Event", 60, 2, True)]


def test_what_costs_points_as_long_as_it_never_happened_is_a_way_too(vocabulary: Vocabulary) -> None:
    silent = replace(VISIT, name="Silent", counting=Counting.NONE, points=-12)

    once = replace(EVENT, cap=40)

    assert ways(vocabulary, (silent, -12, 0), (once, 40, 1), threshold=40) == [("Silent", 12, 1, True)]


def test_a_profile_is_told_in_words(vocabulary: Vocabulary) -> None:
    country = {"field": "contact.country", "op": "is", "value": "Norway"}
    norway = replace(VISIT, name="From Norway", points=50, interaction_type="", condition=country)
    spec = ModelSpec(1, 1, "M", "contact", {}, 0, 50, (), (norway,))

    [way] = ways_to_ready(spec, [0], [0], vocabulary)

    assert (way.words, way.times, way.is_enough) == ("contact's country is Norway", 0, True)


def test_rules_that_only_take_points_are_no_way(vocabulary: Vocabulary) -> None:
    assert ways(vocabulary, (replace(VISIT, points=-5), 0, 0)) == []


def test_what_is_enough_alone_comes_first_then_what_must_happen_least_often(vocabulary: Vocabulary) -> None:
    little = replace(VISIT, name="Little", points=1, cap=5)

    names = [name for name, *_ in ways(vocabulary, (little, 0, 0), (VISIT, 0, 0), (EVENT, 0, 0))]

    assert names == ["Event", "Visits", "Little"]


LASTING = replace(VISIT, name="Unsubscribed", counting=Counting.AT_LEAST, points=-40)
NEVER = replace(VISIT, name="Never called", counting=Counting.NONE, points=45)


@pytest.mark.parametrize(
    ("rules", "given", "most"),
    [
        ([EVENT, replace(VISIT, cap=30)], [0, 0], None),
        ([replace(EVENT, cap=40)], [40], 40),
        ([replace(EVENT, cap=60), LASTING], [0, -40], 20),
        ([replace(EVENT, cap=60), replace(LASTING, window_days=30)], [0, -40], None),
        ([NEVER, replace(VISIT, cap=10)], [45, 0], None),
        ([NEVER, replace(VISIT, cap=10)], [0, 0], 10),
        ([NEVER, replace(VISIT, cap=10, window_days=9)], [0, 0], 10),
    ],
)
def test_it_is_known_when_the_threshold_can_no_longer_be_reached(
    rules: list[RuleSpec], given: list[int], most: int | None
) -> None:
    spec = ModelSpec(1, 1, "M", "contact", {}, 0, 50, (), tuple(rules))
    counts = [0 if rule is NEVER and points else 1 for rule, points in zip(rules, given, strict=True)]

    assert falls_short_at(spec, given, counts) == most
