"""Saved views: made, saved, deleted for thirty days and restored; what a person chose of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.errors import ChangedMeanwhile, RecordGone
from contacts.models import SavedView, ViewChoice
from contacts.models.user import User
from contacts.services.records import restorable

WHAT = "view"
EDITABLE = frozenset({"name", "sharing", "role", "query", "columns", "sort", "pinned"})


def create_view(*, entity: str, by: User, **values: Any) -> SavedView:
    """A view of theirs. `values`: any of EDITABLE, checked by whoever calls."""
    return SavedView.objects.create(entity=entity, owner=by, saved_by=by, **_only_known(values))


def update_view(view_id: int, *, version: int, changes: Mapping[str, Any], by: User) -> SavedView:
    """Write `changes` to the version a person saw. Raises ChangedMeanwhile, RecordGone; then nothing is saved."""
    known = _only_known(changes)
    saved = SavedView.objects.alive().filter(pk=view_id, version=version)
    if not saved.update(**known, version=F("version") + 1, updated_at=timezone.now(), saved_by=by):
        current = living_view(view_id)
        raise ChangedMeanwhile(WHAT, view_id, seen=version, current=current.version)
    return living_view(view_id)


def delete_view(view_id: int, *, by: User) -> None:
    """Delete it for thirty days; nothing when somebody else just did."""
    now = timezone.now()
    SavedView.objects.alive().filter(pk=view_id).update(deleted_at=now, deleted_by=by, version=F("version") + 1)


def restore_view(view_id: int, *, by: User) -> SavedView:
    """Bring it back. Raises RecordGone, CannotRestore."""
    view = restorable(SavedView, view_id)
    SavedView.objects.filter(pk=view.pk).update(
        deleted_at=None, deleted_by=None, version=F("version") + 1, updated_at=timezone.now(), saved_by=by
    )
    return living_view(view_id)


def pin_view(view: SavedView, *, by: User, pinned: bool) -> None:
    """Make it a tab above this person's list, or none."""
    ViewChoice.objects.update_or_create(view=view, user=by, defaults={"pinned": pinned, "entity": view.entity})


@transaction.atomic
def open_with(view: SavedView, *, by: User, wanted: bool = True) -> None:
    """Have this person's list open with it, and no longer with another; or, not `wanted`, with none."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one after another: there is one default a list
    ViewChoice.objects.filter(user=by, entity=view.entity, is_default=True).update(is_default=False)
    if wanted:
        ViewChoice.objects.update_or_create(view=view, user=by, defaults={"is_default": True, "entity": view.entity})


def living_view(view_id: int) -> SavedView:
    """The view, unless it is deleted. Raises RecordGone."""
    found = SavedView.objects.alive().filter(pk=view_id).select_related("saved_by").first()
    if found is None:
        raise RecordGone(WHAT, view_id)
    return found


def _only_known(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - EDITABLE
    if unknown:
        raise TypeError(f"A view has no {', '.join(sorted(unknown))}.")
    return dict(values)
