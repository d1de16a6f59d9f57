"""The lists that leads choose from are kept by people: entries added, renamed, ordered, archived and brought back."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django.db import IntegrityError, transaction

from leads.errors import ChangedMeanwhile, InvalidValues, RecordGone
from leads.models import CodeList, StatusReason
from leads.models.code_lists import BY_THEMSELVES

E = TypeVar("E", bound=CodeList)


def add_entry(model: type[E], *, name: str, **more: Any) -> E:
    """A new entry at the end of its list; `more` are its other columns. Raises InvalidValues."""
    with transaction.atomic():
        last = model._default_manager.select_for_update().order_by("-position").first()
        entry = model(name=_said(name), position=last.position + 1 if last else 1, **more)
        return _saved(entry)


def change_entry(model: type[E], entry_id: int, *, seen: str, name: str, **more: Any) -> E:
    """Rename an entry that was called `seen`, and set its other columns. Raises RecordGone, ChangedMeanwhile (somebody
    else renamed it), InvalidValues.
    """
    with transaction.atomic():
        entry = _locked(model, entry_id)
        if entry.name != seen:
            raise ChangedMeanwhile("entry", entry_id, seen=0, current=0)
        entry.name = _said(name)
        for column, value in more.items():
            setattr(entry, column, value)
        return _saved(entry)


def move_entry(model: type[CodeList], entry_id: int, *, up: bool) -> None:
    """Put an entry before or after its neighbour; the first stays first. Raises RecordGone."""
    with transaction.atomic():
        entries = list(model._default_manager.select_for_update().order_by("position", "name", "pk"))
        entry = next((one for one in entries if one.pk == entry_id), None)
        if entry is None:
            raise RecordGone("entry", entry_id)
        group = [one for one in entries if _group_of(one) == _group_of(entry)]
        place = group.index(entry)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(group):
            return
        group[place], group[other] = group[other], group[place]
        # Numbered anew: entries may have come to share a place.
        turn = iter(group)
        ordered = [next(turn) if _group_of(one) == _group_of(entry) else one for one in entries]
        for position, one in enumerate(ordered, 1):
            one.position = position
        model._default_manager.bulk_update(ordered, ["position"])


def archive_entry(model: type[CodeList], entry_id: int, *, archived: bool = True) -> CodeList:
    """Offer an entry no longer, or again; leads keep it either way. Raises RecordGone, InvalidValues for what leads get
    by themselves: every status keeps one reason so.
    """
    with transaction.atomic():
        entry = _locked(model, entry_id)
        if archived and isinstance(entry, StatusReason) and entry.pk in BY_THEMSELVES:
            raise InvalidValues({"archived": f"Leads become “{entry}” by themselves; rename it instead."})
        entry.archived = archived
        entry.save()
        return entry


def _said(name: str) -> str:
    words = " ".join(name.replace("\x00", "").split())
    if not words:
        raise InvalidValues({"name": "Say what it is called."})
    if len(words) > 100:
        raise InvalidValues({"name": "At most 100 characters."})
    return words


def _saved(entry: E) -> E:
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raise InvalidValues({"name": f"“{entry.name}” is in the list already."}) from None
    return entry


def _locked(model: type[E], entry_id: int) -> E:
    entry: Any = model._default_manager.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise RecordGone("entry", entry_id)
    return cast(E, entry)


def _group_of(entry: CodeList) -> str:
    return entry.status if isinstance(entry, StatusReason) else ""
