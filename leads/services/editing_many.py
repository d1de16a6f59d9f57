"""One field of many leads, written in a handful of statements whatever their number, with match keys in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Func, JSONField, TextField, Value
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.services import records
from leads import match_keys
from leads.assignment.changed import fields_changed
from leads.models import Lead

SETTABLE = frozenset(
    {"rating", "priority", "product_id", "campaign_id", "team_id", "territory_id", "source_id", "source_type", "custom"}
)
"""What many leads may be given at once: what nothing else follows from but match keys."""
IN_KEYS = frozenset({"product_id", "campaign_id"})


def claim_keys_for(leads: Sequence[Lead], changes: Mapping[str, Any]) -> None:
    """Put the match keys of these leads in step with `changes`, before their rows are locked: keys come first."""
    ours = [lead for lead in leads if lead.is_open]
    if not IN_KEYS & changes.keys() or not ours:
        return
    match_keys.release([lead.pk for lead in ours])
    for lead in ours:
        for name in IN_KEYS & changes.keys():
            setattr(lead, name, changes[name])
    match_keys.claim_for(ours)


def edit_leads(leads: Sequence[Lead], *, changes: Mapping[str, Any]) -> list[int]:
    """Write `changes` (some of SETTABLE; `custom` cleaned, None takes a value away) to leads whose rows the caller has
    locked, and whose keys are in step; the ids that differed. Raises UnknownField.
    """
    records.only_known(Lead, changes, tuple(SETTABLE))
    differ = [lead.pk for lead in leads if _differs(lead, changes)]
    columns = {name: value for name, value in changes.items() if name != "custom"}
    if "custom" in changes:
        columns["custom"] = _merged(changes["custom"])
    with transaction.atomic():
        Lead.objects.filter(pk__in=differ).update(**columns, version=F("version") + 1, updated_at=timezone.now())
        fields_changed(differ, changes.keys())
        facts_changed()
    return differ


def _differs(lead: Lead, changes: Mapping[str, Any]) -> bool:
    return any(
        any(lead.custom.get(key) != one for key, one in value.items())
        if name == "custom"
        else getattr(lead, name) != value
        for name, value in changes.items()
    )


def _merged(values: Mapping[str, Any]) -> Any:
    """`custom` with these values: written where there is one, taken away where there is none."""
    result: Any = F("custom")
    given = {key: value for key, value in values.items() if value is not None}
    if given:
        result = Func(
            result, Value(given, JSONField()), template="(%(expressions)s)", arg_joiner=" || ", output_field=JSONField()
        )
    for key in values.keys() - given.keys():
        result = Func(
            result,
            Value(key, TextField()),
            template="(%(expressions)s::text)",
            arg_joiner=" - ",
            output_field=JSONField(),
        )
    return result
