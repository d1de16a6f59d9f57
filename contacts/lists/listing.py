"""What a list of records is: its rows, filters, orders and columns. The roof names them in LISTINGS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.module_loading import import_string
from django_filters import FilterSet

from contacts import custom_fields
from contacts.forms import CUSTOM
from contacts.models import CustomField, User
from contacts.views.editing import Editor
from leadcrm.lib.columns import ListColumn, by_key, chosen
from leadcrm.lib.paging import Sort

CUSTOM_COLUMN = "custom."
OF_ANOTHER = "{}.custom."


@dataclass(frozen=True)
class Listing:
    """One list. `entity` is the kind of its records (contacts.models.Entity).

    `sorts`: the orders that are offered for what the address asks, the first one the usual. `implied`: filters that
    hold unless the address says otherwise, which `completed` writes into it. `also_custom`: entities whose custom
    fields are columns too, and how a row leads to the record that has them. `plain_rows`: said more
    plainly, what `rows` are where the address asks for a part of them that this person may see whatever else; None for
    other addresses. The database plans better without what goes without saying.
    """

    entity: str
    everything: str
    """What the list is called when no view is chosen."""
    editor: Editor
    filters: type[FilterSet]
    rows: Callable[[User], QuerySet]
    sorts: Callable[[QueryDict], Sequence[Sort]]
    columns: tuple[ListColumn, ...]
    standard: tuple[str, ...]
    implied: Mapping[str, str] = field(default_factory=dict)
    completed: Callable[[QueryDict], QueryDict] = lambda query: query
    also_custom: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    plain_rows: Callable[[User, QueryDict], QuerySet | None] = lambda user, query: None
    begin: str = (
        "Make the first by hand, or bring a list along under Imports. What is posted to your forms arrives by itself."
    )
    """How the first ones come: said where there is none."""

    def rows_for(self, user: User, query: QueryDict) -> QuerySet:
        """What the filters of this address narrow: rows that this person may see."""
        plain = self.plain_rows(user, query)
        return self.rows(user) if plain is None else plain

    @property
    def place(self) -> str:
        """The namespace of its pages."""
        return self.editor.place

    @cached_property
    def fixed(self) -> dict[str, ListColumn]:
        """The columns that there are without custom fields."""
        return by_key(self.columns)

    def catalogue(self) -> dict[str, ListColumn]:
        """Every column there is. A query for each kind of custom fields."""
        return self.fixed | by_key(self._custom())

    def shown(self, wanted: Sequence[str]) -> list[ListColumn]:
        """The columns the address asks for; no query unless it names a custom field."""
        needs_custom = any("custom." in key for key in wanted)
        return chosen(self.catalogue() if needs_custom else self.fixed, wanted, self.standard)

    def _custom(self) -> list[ListColumn]:
        own = [_custom_column(one, CUSTOM_COLUMN, lambda row: row) for one in custom_fields.fields_of(self.entity)]
        others = [
            _custom_column(one, OF_ANOTHER.format(entity), reach)
            for entity, reach in self.also_custom.items()
            for one in custom_fields.fields_of(entity)
        ]
        return own + others


def _custom_column(one: CustomField, prefix: str, reach: Callable[[Any], Any]) -> ListColumn:
    def value(row: Any) -> Any:
        record = reach(row)
        return None if record is None else record.custom.get(one.key)

    own = prefix == CUSTOM_COLUMN
    label = one.label if own else f"{one.get_entity_display()}: {one.label}"
    return ListColumn(prefix + one.key, label, value, edit=CUSTOM + one.key if own else "", cut=True)


def listing_of(entity: str) -> Listing:
    """The list of a kind of records. 404 when there is none."""
    if entity not in settings.LISTINGS:
        raise Http404
    found: Listing = import_string(settings.LISTINGS[entity])
    return found
