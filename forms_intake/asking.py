"""What a visitor is asked: everything, or, whom a signed link identifies, what we do not know yet.

Anonymous visitors are asked the same whoever they are: nothing that is shown tells them what we know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forms_intake.models import Ask, FieldType
from forms_intake.spec.shape import FieldSpec, FormSpec


@dataclass(frozen=True)
class Known:
    """A contact whom a signed link identifies.

    `filled`: keys of the form's fields whose attributes we know. `identity`: by key, what we know them by. `values`:
    by key, what we know, of fields alone that a signed link may fill in.
    """

    contact_id: int
    filled: frozenset[str] = frozenset()
    identity: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def asked_of(form: FormSpec, known: Known | None) -> list[FieldSpec]:
    """The fields that are shown, in their order. Of those that are not for everybody `asks_at_most` at once; and with
    a field that is shown only when another one says something, that one, whatever we know: what we know is not shown,
    and whether a field is asked would tell it.
    """
    if known is None:
        return [one for one in form.fields if one.ask != Ask.KNOWN]
    asked, further = set(), 0
    for one in form.fields:
        if one.ask != Ask.ALWAYS and one.type not in (FieldType.HIDDEN, FieldType.CONSENT):
            if one.key in known.filled or (form.asks_at_most and further >= form.asks_at_most):
                continue
            further += 1
        asked.add(one.key)
    for one in reversed(form.fields):  # a field depends on one before it
        if one.key in asked and one.shown:
            asked.add(one.shown.key)
    return [one for one in form.fields if one.key in asked]


def unasked(form: FormSpec, known: Known) -> set[str]:
    """Keys of the fields that are not shown to them."""
    return {one.key for one in form.fields} - {one.key for one in asked_of(form, known)}
