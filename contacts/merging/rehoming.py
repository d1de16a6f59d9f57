"""Whatever points to a contact, of whatever app, goes from one contact to another."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts.merging.seam import Ids, Moved, movers
from contacts.models import Contact, Record

OWN = frozenset({"contacts.MatchKey", "contacts.DuplicatePair"})
"""What the service deals with itself."""


def pointing_at(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    """Every foreign key to `model`, of all apps, those of links between many and many too."""
    relations: list[Any] = model._meta.get_fields(include_hidden=True)
    for relation in relations:
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation.field


def name_of(field: models.ForeignKey) -> str:
    """What a key is called in a merge's record: "leads.Lead.contact"."""
    return f"{field.model._meta.label}.{field.name}"


def moved_as_is() -> list[models.ForeignKey]:
    """The keys to contacts that need nothing but another id."""
    others: set[str] = {label for mover in movers() for label in mover.models} | OWN
    return sorted((one for one in pointing_at(Contact) if one.model._meta.label not in others), key=name_of)


def move_all(*, source: int, target: int, only: Moved | None = None) -> dict[str, Ids]:
    """Give everything of contact `source` to `target`, or `only` these rows; the primary keys of what was moved."""
    moved: dict[str, Ids] = {}
    for mover in movers():
        moved |= mover.move(source=source, target=target, only=only)
    for field in moved_as_is():
        if only is None or name_of(field) in only:
            moved[name_of(field)] = move_rows(
                field, source, target, only=None if only is None else only[name_of(field)]
            )
    return {what: ids for what, ids in moved.items() if ids}


def move_rows(field: models.ForeignKey, source: int, target: int, *, only: Ids | None = None) -> list[Any]:
    """Set one key of the rows of `source` to `target`; the primary keys of those that were moved.

    Where a unique constraint allows `target` one row and there is one, the other stays where it was.
    """
    model: Any = field.model
    rows = model._base_manager.filter(**{field.name: source})
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    rows = _without_taken(rows, field, target)
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    if ids:
        changes: dict[str, Any] = {field.attname: target}
        if issubclass(model, Record):
            changes |= {"version": F("version") + 1, "updated_at": timezone.now()}
        model._base_manager.filter(pk__any_of=ids).update(**changes)
    return ids


def _without_taken(rows: QuerySet, field: models.ForeignKey, target: int) -> QuerySet:
    """The rows that can be `target`'s as far as unique constraints go."""
    model: Any = field.model
    for others, condition in _unique_with(field):
        same = model._base_manager.filter(**{field.name: target}, **{name: OuterRef(name) for name in others})
        if condition is not None:
            same = same.filter(condition)
        taken = Q(Exists(same)) if condition is None else Q(Exists(same)) & condition
        rows = rows.exclude(taken)
    return rows


def _unique_with(field: models.ForeignKey) -> Iterator[tuple[Collection[str], Q | None]]:
    """The constraints that name this key: the other fields of each, and when it holds."""
    meta = field.model._meta
    if field.unique:
        yield (), None
    for together in meta.unique_together:
        if field.name in together:
            yield [name for name in together if name != field.name], None
    for one in meta.constraints:
        if isinstance(one, models.UniqueConstraint) and field.name in one.fields:
            yield [name for name in one.fields if name != field.name], one.condition
