"""What a visitor is asked: everything, or, whom a signed link identifies, what we do not know yet.

Anonymous visitors are asked the same whoever they are: nothing that is shown tells them what we know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
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


def asked_of(form: FormSpec, known: Known | None, also: Collection[str] = ()) -> list[FieldSpec]:
    """The fields that are shown, in their order. Of those that are not for everybody `asks_at_most` at once; and with
    a field that is shown only when another one says something, that one, whatever we know: what we know is not shown,
    and whether a field is asked would tell it.

    Keys in `also` are shown in any case: nobody can mend what is wrong with a field that they do not see.
    """
    if known is None:
        return [one for one in form.fields if one.ask != Ask.KNOWN or one.key in also]
    asked, further = set(also), 0
    for one in form.fields:
        if one.ask != Ask.ALWAYS and one.type not in (FieldType.HIDDEN, FieldType.CONSENT):
            if one.key in known.filled or (form.asks_at_most and further >= form.asks_at_most):
                continue
            further += 1
        asked.add(one.key)
    asked |= _needed(form, known, asked)
    for one in reversed(form.fields):  # a field depends on one before it
        if one.key in asked and one.shown:
            asked.add(one.shown.key)
    return [one for one in form.fields if one.key in asked]


def asks_address_of_all(form: FormSpec) -> bool:
    """Whether no link spares anybody the e-mail: the letter to confirm goes there, and whoever types what else they are
    known by is who that says, of whom the link knows nothing.
    """
    if not form.double_opt_in or not form.email_key:
        return False
    return any(form.email_key not in keys for keys in form.identifying)


def _needed(form: FormSpec, known: Known, asked: Set[str]) -> Set[str]:
    """Keys without which they could not send it, whatever they fill in: what is `asked` and what the link says would
    not say who they are, or where the letter to confirm goes.
    """
    needed: set[str] = set()
    if asks_address_of_all(form) or (form.double_opt_in and form.email_key not in known.identity):
        needed |= {form.email_key} - {""}
    hidden = {one.key for one in form.fields if one.type == FieldType.HIDDEN}
    sayable = (asked | needed | known.identity.keys()) - hidden
    if not any(keys <= sayable for keys in form.identifying):
        needed |= next((keys for keys in form.identifying if not keys & hidden), frozenset())
    return needed
