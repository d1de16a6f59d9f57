"""What contacts, accounts and leads have in common when they are saved, deleted and restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.utils import timezone

from contacts import custom_fields
from contacts.errors import CannotRestore, ChangedMeanwhile, InvalidValues, RecordGone, UnknownField
from contacts.models import Deletable, Record, User

RESTORABLE = timedelta(days=30)

R = TypeVar("R", bound=Record)
D = TypeVar("D", bound=Deletable)


def name_of(model: type[Deletable]) -> str:
    """What people call such a record: contact, account, lead."""
    return str(model._meta.verbose_name)


def living(model: type[R], record_id: int) -> R:
    """The record, unless it is deleted. Raises RecordGone."""
    found: R | None = model._default_manager.filter(deleted_at__isnull=True, pk=record_id).first()
    if found is None:
        raise RecordGone(name_of(model), record_id)
    return found


def only_known(model: type[Record], given: Mapping[str, Any], editable: Sequence[str]) -> None:
    """Raise UnknownField unless all of `given` are `editable`."""
    unknown = sorted(given.keys() - set(editable))
    if unknown:
        raise UnknownField(name_of(model), unknown)


def apply(record: Record, given: Mapping[str, Any]) -> dict[str, Any]:
    """Set `given` on the record in memory and give what differs from before; `custom` must be cleaned already.

    Raises InvalidValues naming each field that does not hold.
    """
    changed = {}
    for name, value in given.items():
        wanted = value
        if name == "custom":
            wanted = custom_fields.merge(record.custom, value)
        elif isinstance(value, str):
            wanted = value.replace("\x00", "").strip()
        if getattr(record, name) != wanted or record._state.adding:
            setattr(record, name, wanted)
            changed[name] = wanted
    check(record, changed)
    return {name: getattr(record, name) for name in changed}  # as cleaning left them


def check(record: Record, names: Mapping[str, Any]) -> None:
    """Raise InvalidValues when one of the named fields does not hold what its column can."""
    wanted = {name.removesuffix("_id") for name in names} - {"custom", "external"} | ({"external_id"} & names.keys())
    others = {field.name for field in record._meta.fields} - wanted
    try:
        record.clean_fields(exclude=others)
    except ValidationError as error:
        errors = {name: " ".join(messages) for name, messages in error.message_dict.items()}
        raise InvalidValues(errors) from None


def save_edited(record: Record, *, version: int, changed: Mapping[str, Any]) -> None:
    """Write only `changed` columns, if the row still has `version`. Raises ChangedMeanwhile, RecordGone."""
    model = type(record)
    saved = model._default_manager.filter(pk=record.pk, version=version, deleted_at__isnull=True).update(
        **changed, version=F("version") + 1, updated_at=timezone.now()
    )
    if not saved:
        current = living(model, record.pk)
        raise ChangedMeanwhile(name_of(model), record.pk, seen=version, current=current.version)
    record.version = version + 1


def must_be(record: Record, version: int) -> None:
    """Raise ChangedMeanwhile unless the record has the version a person saw."""
    if record.version != version:
        raise ChangedMeanwhile(name_of(type(record)), record.pk, seen=version, current=record.version)


def mark_deleted(model: type[Record], ids: Sequence[int], *, by: User | None) -> list[int]:
    """Delete records softly, in id order; the ids that were alive. To be called within a transaction."""
    living_rows = model._default_manager.filter(pk__in=ids, deleted_at__isnull=True)
    locked = living_rows.select_for_update(no_key=True, of=("self",)).order_by("pk")
    gone = list(locked.values_list("pk", flat=True))
    now = timezone.now()
    model._default_manager.filter(pk__in=gone).update(
        deleted_at=now, deleted_by=by, version=F("version") + 1, updated_at=now
    )
    return gone


def restorable(model: type[D], record_id: int) -> D:
    """A deleted record that can still come back. Raises RecordGone or CannotRestore."""
    found: D | None = model._default_manager.filter(deleted_at__isnull=False, pk=record_id).first()
    if found is None or found.deleted_at is None:
        raise RecordGone(name_of(model), record_id)
    if found.deleted_at < timezone.now() - RESTORABLE:
        raise CannotRestore(name_of(model), record_id, "it was deleted more than thirty days ago")
    return found


def still_restorable(model: type[D]) -> QuerySet[D]:
    """The deleted records that can still come back."""
    return model._default_manager.filter(deleted_at__gte=timezone.now() - RESTORABLE)


def mark_restored(record: Record) -> bool:
    """Undo a deletion; False when someone else just did."""
    restored = type(record)._default_manager.filter(pk=record.pk, deleted_at__isnull=False)
    return bool(restored.update(deleted_at=None, deleted_by=None, version=F("version") + 1, updated_at=timezone.now()))
