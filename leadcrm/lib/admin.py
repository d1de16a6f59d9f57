"""The base of every admin class: quick at a million rows, honest about what it did not count."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Upper
from django.http import HttpRequest
from django.utils.html import format_html

from leadcrm.lib.edited_together import with_seen

MOST_COUNTED = 10_000
"""Rows are counted up to here, one more says that there are more; nobody pages further."""
SHORTEST_WORD = 3
"""Trigrams cannot help with shorter words: looking for them would read the whole table."""
MOST_WORDS = 6
MOST_AT_ONCE = 1000
"""How many records one action in the admin may change; more is work for the background."""


class BoundedPaginator(Paginator):
    """Counts no further than `MOST_COUNTED`; `more` says that there is more than it counted."""

    @cached_property
    def _seen(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[: MOST_COUNTED + 1].count()
        return len(rows)

    @cached_property
    def count(self) -> int:
        return min(self._seen, MOST_COUNTED)

    @property
    def more(self) -> bool:
        return self._seen > MOST_COUNTED


class QuickChangeList(ChangeList):
    """Sorts by one chosen column, its ties in the same direction, so that one index serves both."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        ordering = list(super().get_ordering(request, queryset))
        first = ordering[0] if ORDER_VAR in self.params and ordering else None
        if not isinstance(first, str):
            return ordering
        return [first, "-pk" if first.startswith("-") else "pk"]


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 40})

    def __init__(self, *, base_field: forms.Field | None = None, max_length: int | None = None, **more: Any) -> None:
        self.base_field = base_field
        more["help_text"] = " ".join(filter(None, [more.get("help_text"), "One on each line."]))
        super().__init__(**more)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = "\n".join(value) if isinstance(value, list) else value or ""
        lines = [line.strip() for line in text.splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def run_validators(self, value: Any) -> None:
        for line in value:
            if self.base_field is not None:
                self.base_field.run_validators(line)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class JsonField(forms.JSONField):
    """JSON as people write it: left empty it is {}, never null."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 80, "spellcheck": "false", "class": "json"})

    def prepare_value(self, value: Any) -> Any:
        return "" if value == {} else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return {} if found is None else found


class Choosers:
    """Foreign keys to big tables are found by typing; those to people and small tables are chosen from a list.

    A table is big when its admin can be searched.
    """

    admin_site: admin.AdminSite
    model: type[models.Model]

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        registry = self.admin_site._registry
        found = []
        for field in self.model._meta.fields:
            target = field.related_model if isinstance(field, models.ForeignKey) else None
            if target is None or target is get_user_model() or target not in registry:
                continue
            if registry[target].get_search_fields(request):
                found.append(field.name)
        return found


FIELDS: dict[type[models.Field], dict[str, Any]] = {
    models.JSONField: {"form_class": JsonField},
    models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})},
    ArrayField: {"form_class": LinesField},
    models.URLField: {"assume_scheme": "https"},
}


class QuickInline(Choosers, admin.StackedInline):
    """A part edited together with its whole."""

    extra = 0
    formfield_overrides = FIELDS

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return with_seen(shown, self.form) if self.has_change_permission(request, obj) else shown


class QuickAdmin(Choosers, admin.ModelAdmin):
    """Lists without counting everything, sorted and searched by index only.

    `searched` is the expression behind a trigram index (it holds capitals); `exact` names indexed text columns, and
    `numbers` indexed number columns, that must equal what was typed.
    """

    searched: Combinable | None = None
    exact: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each facet would count the whole table
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 50
    ordering: ClassVar[Any] = ("-id",)
    sortable_by: ClassVar[Any] = ()
    formfield_overrides = FIELDS

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return with_seen(shown, self.form) if self.has_change_permission(request, obj) else shown

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QuickChangeList

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return (*(["text"] if self.searched is not None else []), *self.exact, *self.numbers)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Narrow to what was typed. Nothing is found by words too short for the index."""
        term = search_term.replace("\x00", " ").strip()
        if not term:
            return queryset, False
        if self.searched is not None:
            queryset = queryset.alias(searched=self.searched)
        return queryset.filter(self.found_by(term)), False

    def found_by(self, term: str) -> Q:
        """What finds `term`: all of its words, or the whole of it where only equality is quick."""
        condition = Q(pk__in=[])
        words = [word for word in term.split()[:MOST_WORDS] if len(word) >= SHORTEST_WORD]
        if words and self.searched is not None:
            every = Q()
            for word in words:
                every &= Q(searched__contains=Upper(Value(word)))
            condition |= every
        for name in self.exact:
            condition |= Q(**{name: term})
        if term.isascii() and term.isdigit() and len(term) <= 18:
            for name in self.numbers:
                condition |= Q(**{name: int(term)})
        return condition


class LookOnly(QuickAdmin):
    """What the machine writes: shown, never edited by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def as_json(name: str) -> Callable[[Any, Any], str]:
    """A method for an admin class that shows the JSON field `name`, indented."""

    @admin.display(description=name.replace("_", " "))
    def shown(model_admin: Any, record: Any) -> str:
        text = json.dumps(getattr(record, name), indent=2, ensure_ascii=False, sort_keys=False)
        return format_html('<pre class="json">{}</pre>', text)

    return shown


def shortened(text: str, most: int = 80) -> str:
    """The beginning of a long text, for a column of a list."""
    return text if len(text) <= most else text[: most - 1] + "…"


def fits_at_once(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> list[Any]:
    """The keys an action was asked to change; none, and the person is told, when there are too many."""
    keys = list(queryset.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(keys) > MOST_AT_ONCE:
        model_admin.message_user(request, f"Select at most {MOST_AT_ONCE:,} at a time.", messages.ERROR)
        return []
    return sorted(keys)
