"""Indexes of custom fields marked searchable, on the very expressions that conditions compare.

They are built and removed without locking the table, which PostgreSQL does only outside a transaction.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import connection
from django.db.models import Index, Model
from django.db.models.functions import Upper

from contacts.models import Account, Contact, CustomField, Entity
from leads.conditions.custom import custom_value
from leads.conditions.operators import FieldType
from leads.models import Lead

PREFIX = "searchable_field_"
MODELS: dict[str, type[Model]] = {Entity.CONTACT: Contact, Entity.ACCOUNT: Account, Entity.LEAD: Lead}
PRESENT = """SELECT relation.relname, place.indisvalid FROM pg_index place
    JOIN pg_class relation ON relation.oid = place.indexrelid
    WHERE starts_with(relation.relname, %s) AND pg_table_is_visible(relation.oid)"""
TURN = "hashtextextended('leadcrm.searchable', 0)"


def keep_indexes() -> None:
    """Have exactly the indexes of the fields that are searchable; what was left half built is built anew.

    Whoever comes while another is at it leaves: the other will look again.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({TURN})")
        if not cursor.fetchone()[0]:
            return
        try:
            _keep()
        finally:
            cursor.execute(f"SELECT pg_advisory_unlock({TURN})")


def _keep() -> None:
    wanted = {f"{PREFIX}{field.pk}": field for field in CustomField.objects.filter(searchable=True)}
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, [PREFIX])
        present = dict(cursor.fetchall())
        for name, valid in present.items():
            if not valid or name not in wanted:
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {connection.ops.quote_name(name)}")
    with connection.schema_editor(atomic=False) as editor:
        for name, field in wanted.items():
            if not present.get(name):
                editor.add_index(MODELS[field.entity], index_of(field, name), concurrently=True)  # type: ignore[call-arg]


def index_of(field: CustomField, name: str) -> Index:
    """The index that serves the operators of the field's type."""
    type = FieldType(field.type)
    value = custom_value("custom", field.key, type)
    if type is FieldType.TEXT:
        return GinIndex(OpClass(Upper(value), "gin_trgm_ops"), name=name)
    if type is FieldType.MULTI_CHOICE:
        return GinIndex(value, name=name)
    return Index(value, name=name)
