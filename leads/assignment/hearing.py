"""Edits of contacts and accounts, heard through the change queue: rules that ask for what was edited are asked again.

Whoever edits, a person, an import, the API or a merge, the triggers of the change queue say whose record changed, and
the field history (contacts/models/field_change.py) which fields of it. There is a consumer only while an active rule
that is asked again asks for something of a contact or an account; otherwise nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from contacts.models import Change, ChangeConsumer, Entity, FieldChange, Further
from leads.assignment.changed import askable, names_in
from leads.assignment.occasions import queue
from leads.models import CHANGED, AssignmentRule, Lead

CONSUMER = "assignment"
MOST = 1000
"""Edited records in one short transaction."""
COLUMNS = {"email_domain": "email"}
"""The columns of fields that are called otherwise."""
NOT_TOLD = frozenset({"consent_level"})
"""Columns that have no field history: any edit of a record may have changed them."""


def wanted() -> dict[str, set[str]]:
    """Which columns of contacts and accounts the rules that are asked again ask for. One query."""
    conditions = AssignmentRule.objects.filter(active=True, asks_again=True).values_list("condition", flat=True)
    found: dict[str, set[str]] = {Entity.CONTACT: set(), Entity.ACCOUNT: set()}
    for name in {name for condition in conditions for name in names_in(condition)}:
        record, _, field = name.partition(".")
        if record in found and field:
            found[record].add(COLUMNS.get(field, field)[:60])
    if found[Entity.ACCOUNT]:
        found[Entity.ACCOUNT].add("deleted_at")
        found[Entity.CONTACT].add("account_id")  # whose account it is
    return found


def hear() -> None:
    """Ask for edits as long as a rule depends on them, and for none otherwise; what waits for nobody goes."""
    if any(wanted().values()):
        told = {"further": [Further.EDITS], "facts": False}
        ChangeConsumer.objects.update_or_create(name=CONSUMER, defaults=told)
    else:
        ChangeConsumer.objects.filter(name=CONSUMER).delete()
        Change.objects.filter(consumer=CONSUMER).delete()


def hear_some() -> int:
    """Queue the leads that the oldest edits say something new about, and forget those edits; how many there were.

    A constant number of statements. What another worker has taken up is passed by.
    """
    with transaction.atomic():
        waiting = Change.objects.filter(consumer=CONSUMER).select_for_update(skip_locked=True)
        claimed = list(waiting.order_by("bulk", "id").values_list("id", "subject", "subject_id", "queued_at")[:MOST])
        if not claimed:
            return 0
        since = min(at for *_, at in claimed)
        edited: dict[str, set[int]] = {Entity.CONTACT: set(), Entity.ACCOUNT: set()}
        for _, subject, subject_id, _ in claimed:
            edited[subject].add(subject_id)
        columns = wanted()
        told = {subject: _with(subject, ids, columns[subject], since) for subject, ids in edited.items()}
        again = sorted(askable(leads_of(told)).values_list("pk", flat=True))
        if again:
            queue(again, CHANGED)
        Change.objects.filter(id__any_of=[pk for pk, *_ in claimed]).delete()
    return len(claimed)


def _with(subject: str, ids: Collection[int], columns: Collection[str], since: datetime) -> list[int]:
    """Those of these records of which one of the columns was edited since."""
    if not ids or not columns:
        return []
    if not NOT_TOLD.isdisjoint(columns):
        return sorted(ids)
    edits = FieldChange.objects.filter(subject=subject, subject_id__any_of=sorted(ids), field__in=columns)
    return sorted(set(edits.filter(changed_at__gte=since).values_list("subject_id", flat=True)))


def leads_of(told: Mapping[str, Collection[int]]) -> list[int]:
    """The open leads of these contacts, and of these accounts, their own or their contact's."""
    contacts, accounts = (list(told[entity]) for entity in (Entity.CONTACT, Entity.ACCOUNT))
    leads: Any = Lead.objects.alive().open().order_by()
    ids: set[int] = set()
    if contacts:
        ids.update(leads.filter(contact__id__any_of=contacts).values_list("id", flat=True))
    if accounts:
        ids.update(leads.filter(contact__account__id__any_of=accounts).values_list("id", flat=True))
        ids.update(leads.filter(Q(account__id__any_of=accounts)).values_list("id", flat=True))
    return sorted(ids)
