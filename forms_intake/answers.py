"""What a timeline tells of a submission: the answers that fill no field, and so can be read nowhere else by sales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from contacts.models import Interaction
from contacts.timeline import Answer
from forms_intake.building.definition import thaw_fields
from forms_intake.fed_fields import fields_of_fed
from forms_intake.fitting import as_text
from forms_intake.models import FieldType, FormField, Submission, SubmissionState

UNTOLD = (FieldType.CONSENT, FieldType.HIDDEN)
"""Consent has entries of its own, with its proof; what is hidden nobody has answered."""


def answers_in(interactions: Sequence[Interaction]) -> dict[int, tuple[Answer, ...]]:
    """The answers of the submissions behind these interactions, by the interaction's id, in the order of the form as it
    was posted: read where they are kept, so that they go when the submission does. Three queries at most.
    """
    ids = [one.pk for one in interactions if isinstance(one.payload, dict) and "submission" in one.payload]
    if not ids:
        return {}
    rows = Submission.objects.filter(interaction__in=ids, state=SubmissionState.DONE)
    found = list(rows.select_related("form", "version").order_by("pk"))
    fields = _fields_now([one for one in found if one.version is None])
    told: dict[int, tuple[Answer, ...]] = {}
    for one in found:
        asked = (
            fields[one.form_id] if one.version is None else thaw_fields(one.form_id, one.version.definition["fields"])
        )
        if one.interaction_id and (answers := tuple(_told(asked, one))):
            told[one.interaction_id] = answers
    return told


def _fields_now(submissions: Iterable[Submission]) -> dict[int, list[FormField]]:
    """The fields of forms that have no version, or are fed by something that asks its own questions."""
    forms = {one.form_id: one.form for one in submissions}
    fields: dict[int, list[FormField]] = {pk: [] for pk in forms}
    for one in FormField.objects.filter(form__in=forms).order_by("position", "pk") if forms else ():
        fields[one.form_id].append(one)
    return fields | fields_of_fed(forms.values())


def _told(fields: Iterable[FormField], submission: Submission) -> Iterable[Answer]:
    for one in fields:
        said = submission.payload.get(one.key)
        if not one.fills and one.type not in UNTOLD and said not in (None, "", []):
            yield one.label, as_text(said)
