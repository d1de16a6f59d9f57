"""Whatever is sent to the API and to the public endpoints, the answer is never an error of ours."""

from __future__ import annotations

import pytest

from tests.api.fuzzing import ask

pytestmark = pytest.mark.django_db


def test_a_few_cases_of_some_operations_are_answered() -> None:
    """Making an operation's cases takes longer than asking them: all of them are for the deep tests."""
    found = ask(examples=10, every=8)

    assert found.wrong == []
    assert found.calls > 30
    assert found.statuses[200] and found.statuses[422]


@pytest.mark.deep
def test_no_operation_answers_with_an_error_of_ours() -> None:
    found = ask(examples=25)

    print(f"{found.calls} calls: {dict(found.statuses)}")
    assert found.wrong == []
    assert found.calls >= 500
