"""Many new rows in one statement, for who writes thousands a second."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import DatabaseDefault

M = TypeVar("M", bound=Model)


def insert(rows: Iterable[M]) -> list[M]:
    """What bulk_create does, in half the time: columns go as arrays, and no value is asked how it wants to be written.

    The rows are of one model and alike: what the first leaves to the database (its id, columns with a default), all
    do. Not for models that prepare values before saving (`auto_now`) or hold arrays. Ids that the database gave are
    set.
    """
    made = list(rows)
    if not made:
        return made
    meta = made[0]._meta
    fields = [field for field in meta.concrete_fields if not field.generated and _is_given(made[0], field)]
    names = ", ".join(_quoted(field.column) for field in fields)
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    returning = _quoted(meta.pk.column)
    statement = f"INSERT INTO {_quoted(meta.db_table)} ({names}) SELECT * FROM unnest({arrays}) RETURNING {returning}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [_column(made, field) for field in fields])
        for row, (pk,) in zip(made, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias
    return made


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _is_given(row: Model, field: Field[Any, Any]) -> bool:
    value = getattr(row, field.attname)
    return not isinstance(value, DatabaseDefault) and not (field.primary_key and value is None)


def _type(field: Field[Any, Any]) -> str:
    """The column's type without its length: a cast to it would cut off what is too long instead of refusing it."""
    return re.sub(r"\(.*\)", "", field.db_type(connection) or "")


def _column(rows: Sequence[Model], field: Field[Any, Any]) -> list[Any]:
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, JSONField):
        return [None if value is None else json.dumps(value, cls=field.encoder) for value in values]
    return values
