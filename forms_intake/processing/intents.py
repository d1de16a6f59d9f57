"""What a submission says, told apart by the record it is about. Reads definitions, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contacts import normalise
from contacts.custom_fields import InvalidCustomValue, clean_value
from contacts.models import ContactRole, CustomField
from contacts.models.custom_field import Entity
from forms_intake.errors import CannotProcess
from forms_intake.models import FieldType, Submission
from forms_intake.spec import ContextSpec, FieldSpec, FormSpec, specs_of
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
    custom = {(str(one.entity), one.key): one for one in CustomField.objects.all()}
    intents, problems = [], {}
    for submission in submissions:
        form = specs[submission.form_id]
        page = form.page_with_id(submission.page_id)
        try:
            said = _said(form, submission.payload, custom)
        except CannotProcess as problem:
            problems[submission.pk] = problem.message
            continue
        context = page.context if page else form.context
        intents.append(Intent(submission, form, context, said, _agreed(form, submission.payload)))
    return intents, problems


def _said(form: FormSpec, payload: dict[str, Any], custom: dict[tuple[str, str], CustomField]) -> list[Said]:
    said = []
    for wanted in form.fields:
        value = payload.get(wanted.key)
        if wanted.target is None or value is None or value in ("", []):
            continue  # blanks never erase
        if _is_archived(wanted.target, custom):
            continue  # kept on the submission only
        said.append(Said(wanted.target, _typed(wanted, wanted.target, value, custom), wanted.update))
    return said


def _is_archived(target: Target, custom: dict[tuple[str, str], CustomField]) -> bool:
    definition = custom.get((Entity(target.record).value, target.name)) if target.custom else None
    return definition is not None and definition.archived


def _typed(wanted: FieldSpec, target: Target, value: Any, custom: dict[tuple[str, str], CustomField]) -> Any:
    if target.custom:
        definition = custom.get((Entity(target.record).value, target.name))
        if definition is None:
            raise CannotProcess(f"{wanted.label}: it fills the custom field {target.name}, which does not exist.")
        try:
            return clean_value(definition, value)
        except InvalidCustomValue as error:
            raise CannotProcess(f"{wanted.label}: {error}") from error
    text = (
        ", ".join(value) if isinstance(value, list) else ("Yes" if value else "No") if value in (True, False) else value
    )
    if target.record == "account" and target.name == "employees":
        return _whole(wanted, text)
    if target.record == "account" and target.name == "domain":
        return _domain(wanted, text)
    if target.name == "role":
        return _role(wanted, text)
    if len(text) > target.longest:
        raise CannotProcess(f"{wanted.label}: at most {target.longest} characters can be kept.")
    return text


def _whole(wanted: FieldSpec, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise CannotProcess(f"{wanted.label}: {text[:50]} is not a whole number.")
    return int(text)


def _domain(wanted: FieldSpec, text: str) -> str:
    domain = normalise.domain(text)
    if not domain:
        raise CannotProcess(f"{wanted.label}: {text[:50]} is not a web domain such as example.com.")
    return domain


def _role(wanted: FieldSpec, text: str) -> str:
    for role in ContactRole:
        if text.casefold() in (role.value, role.label.casefold()):
            return role.value
    raise CannotProcess(f"{wanted.label}: {text[:50]} is not one of {', '.join(ContactRole.labels)}.")


def _agreed(form: FormSpec, payload: dict[str, Any]) -> list[Agreed]:
    return [
        Agreed(wanted.consent_level, wanted.label)
        for wanted in form.fields
        if wanted.type == FieldType.CONSENT and wanted.consent_level and payload.get(wanted.key) is True
    ]
