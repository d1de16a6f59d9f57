"""The filters above a list, calm: a few in one row, the others folded away, and what is on as chips to take off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.forms import BoundField, ChoiceField, Form
from django.http import QueryDict
from django_filters.fields import ModelChoiceField, ModelChoiceIterator

from leadcrm.lib.paging import url_with


class ReadAtOnce(ModelChoiceIterator):
    """The choices of a filter by one query. They are few; Django's own would open, read and close a cursor for them."""

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        if self.field.null_label is not None:
            yield self.field.null_value, self.field.null_label
        for record in self.queryset.all():
            yield self.choice(record)


class MainFilters:
    """For a filter set with many filters: `main` names those that stand in the row; the others are folded away."""

    main: ClassVar[tuple[str, ...]] = ()

    @property
    def form(self) -> Any:
        is_new = not hasattr(self, "_form")
        form = super().form  # type: ignore[misc]
        if is_new:
            form.main = self.main
            for field in form.fields.values():
                if isinstance(field, ModelChoiceField):
                    field.iterator = ReadAtOnce
                    field.queryset = field.queryset  # its widget asks the new iterator from now on
        return form


@dataclass(frozen=True)
class Chip:
    """One filter that is on: what it asks for in words, and the address without it."""

    label: str
    words: str
    url: str


@dataclass(frozen=True)
class Bar:
    """The bar as drawn. `on`: how many of the folded ones are on."""

    first: list[BoundField]
    folded: list[BoundField]
    chips: list[Chip]
    on: int


def bar_of(form: Form, query: QueryDict, more: Iterable[BoundField] = ()) -> Bar:
    """The bar of `form` (a filter set's) at the address `query`; `more` are fields of others."""
    main = getattr(form, "main", ())
    fields = [*form.visible_fields(), *more]
    folded = [field for field in fields if main and field.name not in main]
    first = [field for field in fields if field not in folded]
    on = [field for field in fields if _is_on(field, query)]
    chips = [chip for field in on if (chip := _chip(field, query)) is not None]
    return Bar(first, folded, chips, sum(field in folded for field in on))


def _is_on(field: BoundField, query: QueryDict) -> bool:
    value = query.get(field.name, "").strip()
    return bool(value) and value != _implied(field)


def _implied(field: BoundField) -> str:
    """What a choice without an empty one means when nothing is said: its first."""
    choices = list(getattr(field.field, "choices", ())) if isinstance(field.field, ChoiceField) else []
    static = choices and not hasattr(field.field, "queryset")
    return str(choices[0][0]) if static and choices[0][0] not in ("", None) else ""


def _chip(field: BoundField, query: QueryDict) -> Chip | None:
    """None for what cannot be read, which is said at its field, and for what is said above the rows anyhow."""
    if field.form.errors.get(field.name) or not hasattr(field.form, "cleaned_data"):
        return None
    value = field.form.cleaned_data.get(field.name)
    if value in (None, ""):
        return None
    choices = getattr(field.field, "choices", ()) if not hasattr(field.field, "queryset") else ()
    words = next((str(label) for key, label in choices if str(key) == str(value)), str(value))
    label = "Search" if field.name == "q" else str(field.label)
    return Chip(label, words, url_with(query, at="", **{field.name: ""}))
