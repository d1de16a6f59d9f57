"""What stands in a field before anybody types: of the campaign that led here, of a signed link, of the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from forms_intake.asking import Known
from forms_intake.models import FieldType, Prefill
from forms_intake.spec.shape import FieldSpec
from forms_intake.validation import check_field

MOST_PREFILLED = 1_000


def tagged(field: FieldSpec, tags: dict[str, str]) -> FieldSpec:
    """The field, if it is hidden, with what the tag of its name says."""
    if field.type != FieldType.HIDDEN or not tags.get(field.key):
        return field
    return replace(field, default=tags[field.key])


def filled_in(field: FieldSpec, said: Mapping[str, str], known: Known | None) -> FieldSpec:
    """The field with what may fill it in before anybody types: what we know of whom a signed link identifies, else what
    the page's address says. Only what the field would take; never a consent, and nothing that is hidden.
    """
    if not field.prefill or field.type in (FieldType.HIDDEN, FieldType.CONSENT, FieldType.MULTI_CHOICE):
        return field
    texts = []
    if known and field.prefill in (Prefill.LINK, Prefill.BOTH):
        texts.append(known.values.get(field.key, ""))
    if field.prefill in (Prefill.ADDRESS, Prefill.BOTH):
        texts.append(said.get(field.key, ""))
    for text in texts:
        value, problem = check_field(replace(field, required=False), [text[:MOST_PREFILLED]])
        if text and not problem and value != "":
            return replace(field, default=text.strip() if isinstance(value, bool) else str(value))
    return field
