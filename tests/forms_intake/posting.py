"""Posting and processing in tests, as visitors and workers do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from forms_intake.models import Submission
from forms_intake.processing.work import process_next
from tests.build import a_form


def a_submission(form: Any = None, page: Any = None, /, **payload: Any) -> Submission:
    """A raw submission, as the door stores it, to `form` (an IntakeForm) through `page` (a LandingPage)."""
    form = form or a_form()
    return Submission.objects.create(public_id=uuid4(), form=form, page=page, payload=payload)


def meanwhile(monkeypatch: pytest.MonkeyPatch, where: type, step: str, happens: Callable[[], object]) -> None:
    """Let something happen once, just before a step: what somebody else would have committed by then."""
    todo, original = [happens], getattr(where, step)

    def stepped(*given: Any) -> Any:
        while todo:
            todo.pop()()
        return original(*given)

    monkeypatch.setattr(where, step, stepped)


def processed(*submissions: Submission) -> list[Submission]:
    """Process everything that waits; the given submissions as they are afterwards."""
    while process_next():
        pass
    for submission in submissions:
        submission.refresh_from_db()
    return list(submissions)
