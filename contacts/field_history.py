"""Field history in words: labels instead of columns, choices as people read them, names instead of ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from contacts.models import Contact, CustomField, FieldChange, Record, User
from leadcrm.lib.paging import ID, Column, Sort

NEWEST = Sort("newest", "Newest", (Column("changed_at", datetime), ID), descending=True)
CUSTOM = "custom."
DELETED = "deleted_at"
BY_WHAT = {
    "page": "on a page",
    "submission": "by a submission",
    "import": "by an import",
    "command": "by a command",
    "merge": "by a merge",
}
"""What a cause begins with, and how it is said where nobody was signed in."""


@dataclass(frozen=True)
class Told:
    """One change as people read it; `before` and `after` are "" for nothing, `by` is "" for the system itself."""

    change: FieldChange
    label: str
    before: str
    after: str
    by: str

    @property
    def when(self) -> datetime:
        return self.change.changed_at


def changes_of(subject: str, ids: Iterable[int]) -> QuerySet[FieldChange]:
    """The field history of some records of one kind."""
    return FieldChange.objects.filter(subject=subject, subject_id__in=list(ids))


def fields_changed(model: type[Record], subject: str, record_id: int) -> list[tuple[str, str]]:
    """The fields of a record that ever changed, as (name, label) by label. Two queries at most."""
    names = list(changes_of(subject, [record_id]).order_by().values_list("field", flat=True).distinct())
    customs = _customs(subject, names)
    return sorted(((name, _label(model, name, customs)) for name in names), key=lambda pair: pair[1].casefold())


def tell(changes: Sequence[FieldChange], model: type[Record], user: User) -> list[Told]:
    """Changes of records of one kind, read with their actors, in words. One query for custom fields, and one for each
    kind of record that some changes point to. `user` is not told who is kept for marketing only, unless they may know.
    """
    subject = changes[0].subject if changes else ""
    customs = _customs(subject, {change.field for change in changes})
    names = _names(changes, model, user)
    return [
        Told(
            change,
            _label(model, change.field, customs),
            _words(change.before, change.field, model, names),
            _words(change.after, change.field, model, names),
            who(change),
        )
        for change in changes
    ]


def who(change: FieldChange) -> str:
    """Who did it, or by what it was done."""
    if change.actor is not None:
        return str(change.actor)
    return BY_WHAT.get(change.cause.partition(":")[0], "") if change.actor_id is None else "somebody who left"


def _customs(subject: str, names: Iterable[str]) -> dict[str, str]:
    keys = [name.removeprefix(CUSTOM) for name in names if name.startswith(CUSTOM)]
    found = CustomField.objects.filter(entity=subject, key__in=keys).values_list("key", "label") if keys else ()
    return {f"{CUSTOM}{key}": label for key, label in found}


def _column(model: type[models.Model], name: str) -> models.Field | None:
    """The field behind a column, which may be called as a foreign key is stored: owner_id."""
    for known in (name, name.removesuffix("_id")):
        try:
            field = model._meta.get_field(known)
        except FieldDoesNotExist:
            continue
        if isinstance(field, models.Field) and name in (field.column, field.name):
            return field
    return None


def _label(model: type[Record], name: str, customs: Mapping[str, str]) -> str:
    if name == DELETED:
        return "Deleted"
    if name.startswith(CUSTOM):
        return customs.get(name, name.removeprefix(CUSTOM))
    field = _column(model, name)
    words = str(field.verbose_name) if field is not None else name.replace("_", " ")
    return words[:1].upper() + words[1:]


Names = dict[tuple[type[models.Model], int], str]


def _names(changes: Sequence[FieldChange], model: type[Record], user: User) -> Names:
    """What the records are called that changes point to."""
    wanted: dict[type[models.Model], set[int]] = {}
    for change in changes:
        field = _column(model, change.field)
        if isinstance(field, models.ForeignKey):
            ids = {value for value in (change.before, change.after) if isinstance(value, int)}
            wanted.setdefault(field.related_model, set()).update(ids)
    names: Names = {}
    for related, ids in wanted.items():
        for pk, record in related._default_manager.in_bulk(list(ids)).items():
            hidden = isinstance(record, Contact) and record.marketing_only and not user.sees_marketing_only
            names[related, pk] = "a contact kept for marketing" if hidden else str(record)
    return names


def _words(value: Any, name: str, model: type[Record], names: Names) -> str:
    if name == DELETED:
        return "No" if value is None else "Yes"
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    field = None if name.startswith(CUSTOM) else _column(model, name)
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model, value), f"one that is gone ({value})")
    if isinstance(field, models.DateTimeField):
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "j F Y, H:i")
    if isinstance(field, models.DateField):
        return date_format(datetime.fromisoformat(value), "j F Y")
    if isinstance(field, models.DecimalField) and isinstance(value, int | float):
        return f"{value:,.{field.decimal_places}f}".removesuffix(f".{'0' * field.decimal_places}")
    labels = dict(field.flatchoices) if field is not None else {}
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(labels.get(value, value))
