"""Values of custom fields as typed SQL. A value of another type than its field's reads as nothing: no error."""

from __future__ import annotations

from django.db.models import BooleanField, Case, CharField, DecimalField, F, Func, JSONField, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Collate
from django.db.models.lookups import Exact, Regex

from leads.conditions.operators import FieldType

JSON_TYPE = {
    FieldType.TEXT: "string",
    FieldType.CHOICE: "string",
    FieldType.DATE: "string",
    FieldType.NUMBER: "number",
    FieldType.YES_NO: "boolean",
    FieldType.MULTI_CHOICE: "array",
}


def custom_value(column: str, key: str, type: FieldType) -> Combinable:
    """The value under `key` of the JSON object in `column`, of the SQL type that suits the field's; else NULL.

    CASE decides before it casts, so that no stored value can abort a query. Days are text, year first, compared
    byte by byte: that orders them as a calendar does.
    """
    found = KeyTransform(key, F(column))
    as_text = KeyTextTransform(key, F(column))
    is_typed = Q(Exact(Func(found, function="jsonb_typeof", output_field=CharField()), Value(JSON_TYPE[type])))
    if type is FieldType.NUMBER:
        number = Func(as_text, template="(%(expressions)s)::numeric", output_field=DecimalField())
        return Case(When(is_typed, then=number))
    if type is FieldType.YES_NO:
        return Case(When(is_typed, then=Cast(as_text, BooleanField())))
    if type is FieldType.MULTI_CHOICE:
        return Case(When(is_typed, then=found), output_field=JSONField())
    if type is FieldType.DATE:
        looks_like_a_day = Q(Regex(as_text, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
        return Collate(Case(When(is_typed & looks_like_a_day, then=as_text), output_field=TextField()), "C")
    return Case(When(is_typed, then=as_text), output_field=TextField())
