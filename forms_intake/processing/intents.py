"""What a submission says, told apart by the record it is about. Reads definitions, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from forms_intake.errors import CannotProcess
from forms_intake.fitting import DoesNotFit, fitted, keeps
from forms_intake.models import FieldType, Submission
from forms_intake.spec import ContextSpec, FormSpec, specs_of
from forms_intake.targets import Target
from leadcrm.lib.claims import Key


@dataclass(frozen=True)
class Said:
    """One value for one attribute, and what it may do to a value that is there already."""

    target: Target
    value: Any
    update: str


@dataclass(frozen=True)
class Agreed:
    """A consent that was ticked, in the words the person saw."""

    level: int
    wording: str


@dataclass
class Intent:
    """One submission on its way. The steps fill in `keys`, `contact_id`, `lead_id` and `decision`."""

    submission: Submission
    form: FormSpec
    context: ContextSpec
    said: list[Said]
    agreed: list[Agreed]
    keys: list[Key] = field(default_factory=list)
    contact_id: int = 0
    contact_is_new: bool = False
    lead_id: int | None = None
    decision: dict[str, Any] = field(default_factory=dict)

    def about(self, record: str) -> list[Said]:
        return [said for said in self.said if said.target.record == record]

    def values(self, record: str) -> dict[str, Any]:
        """The plain attributes said of `record`, by name."""
        return {said.target.name: said.value for said in self.about(record) if not said.target.custom}

    def custom(self, record: str) -> dict[str, Any]:
        """The custom values said of `record`, by key."""
        return {said.target.name: said.value for said in self.about(record) if said.target.custom}


def intents_of(submissions: Iterable[Submission]) -> tuple[list[Intent], dict[int, str]]:
    """Read submissions against their forms as they are now: intents, and reasons by id of those that make no sense.

    A submission through a hosted page is about the page's marketing context, any other about its form's.
    """
    submissions = list(submissions)
    specs = specs_of({submission.form_id for submission in submissions})
    intents, problems = [], {}
    for submission in submissions:
        form = specs[submission.form_id]
        page = form.page_with_id(submission.page_id)
        try:
            said = _said(form, submission.payload)
        except CannotProcess as problem:
            problems[submission.pk] = problem.message
            continue
        context = page.context if page else form.context
        intents.append(Intent(submission, form, context, said, _agreed(form, submission.payload)))
    return intents, problems


def _said(form: FormSpec, payload: dict[str, Any]) -> list[Said]:
    said = []
    for wanted in form.fields:
        value = payload.get(wanted.key)
        if wanted.target is None or value is None or value in ("", []) or not keeps(wanted):
            continue  # blanks never erase
        try:
            said.append(Said(wanted.target, fitted(wanted, value), wanted.update))
        except DoesNotFit as problem:
            if wanted.type != FieldType.HIDDEN:  # which nobody sees: it stays on the submission only
                raise CannotProcess(f"{wanted.label}: {problem}") from problem
    return said


def _agreed(form: FormSpec, payload: dict[str, Any]) -> list[Agreed]:
    return [
        Agreed(wanted.consent_level, wanted.label)
        for wanted in form.fields
        if wanted.type == FieldType.CONSENT and wanted.consent_level and payload.get(wanted.key) is True
    ]
