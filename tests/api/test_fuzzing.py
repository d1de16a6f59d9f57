"""Whatever is sent to the API and to the public endpoints, the answer is never an error of ours."""

from __future__ import annotations

import pytest

from tests.api.fuzzing import ask

pytestmark = pytest.mark.django_db
CASES = 20_000


def test_a_few_cases_of_some_operations_are_answered() -> None:
    """The first cases of an operation take longest: many of all of them are for the deep tests."""
    found = ask(cases=60, every=16)

    assert found.wrong == []
    assert found.calls >= 60
    assert found.statuses[200] and found.statuses[422]


@pytest.mark.deep
def test_no_operation_answers_with_an_error_of_ours() -> None:
    found = ask(cases=CASES)

    print(f"{found.calls} calls of {len(found.operations)} operations in {found.seconds:.0f} s: {found.statuses}")
    assert found.wrong == []
    assert found.calls >= CASES
    assert found.never_reached == []
