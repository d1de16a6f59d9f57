"""Opportunities made, edited, deleted for thirty days and restored by people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import Account, Contact, User
from contacts.services import records
from leads.errors import InvalidValues
from leads.models import Lead, Opportunity, OpportunityEvent
from leads.opportunities import telling
from leads.opportunities.errors import OpportunityIsClosed
from leads.opportunities.moves import event, who_closed

EDITABLE = (
    *("topic", "contact_id", "account_id", "product_id", "campaign_id", "owner_id", "value", "probability"),
    *("forecast", "expected_close", "competitor_id", "description", "external_id", "custom"),
)


def create_opportunity(*, by: User | None, lead: Lead | None = None, **values: Any) -> Opportunity:
    """A new opportunity in Qualify from `values` (any of EDITABLE); `lead` is where it comes from.

    It needs a contact or an account. Raises InvalidValues, UnknownField.
    """
    records.only_known(Opportunity, values, EDITABLE)
    made: Opportunity = Opportunity(lead=lead)
    records.apply(made, {"topic": "", **values})
    _must_have_somebody(made)
    _must_be_there(values)
    now = timezone.now()
    with _external_id_named(), transaction.atomic():
        made.created_at = made.updated_at = made.stage_entered_at = now
        made.save(force_insert=True)
        words = f"From the lead {lead}" if lead else "By hand"
        event(made, OpportunityEvent.Kind.CREATED, by, words, now, target=made.stage).save()
    return made


def update_opportunity(
    opportunity_id: int, *, version: int, changes: Mapping[str, Any], by: User | None = None
) -> Opportunity:
    """Write the `changes` a person made to the `version` they saw; nothing when all is as it was.

    Raises RecordGone, ChangedMeanwhile, OpportunityIsClosed, InvalidValues, UnknownField; then nothing is saved.
    """
    records.only_known(Opportunity, changes, EDITABLE)
    with _external_id_named(), transaction.atomic():
        one: Opportunity = records.living(Opportunity, opportunity_id)
        if not one.is_open:
            raise OpportunityIsClosed(one.pk, one.status, who_closed(one.pk))
        records.must_be(one, version)
        previous = one.owner_id
        changed = records.apply(one, changes)
        if not changed:
            return one
        _must_have_somebody(one)
        _must_be_there(changed)
        records.save_edited(one, version=version, changed=changed)
        if one.owner_id != previous:
            words = f"To {one.owner}" if one.owner else "To nobody"
            event(one, OpportunityEvent.Kind.ASSIGNED, by, words, timezone.now()).save()
            telling.changed_hands([(one, previous)], to=one.owner, by=by)
    return one


def delete_opportunities(ids: Sequence[int], *, by: User | None) -> list[int]:
    """Delete opportunities for thirty days; the ids that were alive."""
    with transaction.atomic():
        gone = records.mark_deleted(Opportunity, ids, by=by)
        _note(gone, OpportunityEvent.Kind.DELETED, by)
    return gone


def restore_opportunity(opportunity_id: int, *, by: User | None) -> Opportunity:
    """Bring a deleted opportunity back. Raises RecordGone, CannotRestore, InvalidValues."""
    with _external_id_named(), transaction.atomic():
        one: Opportunity = records.restorable(Opportunity, opportunity_id)
        if records.mark_restored(one):
            _note([one.pk], OpportunityEvent.Kind.RESTORED, by)
    restored: Opportunity = records.living(Opportunity, opportunity_id)
    return restored


def _note(ids: Sequence[int], kind: str, by: User | None) -> None:
    now = timezone.now()
    rows = Opportunity.objects.filter(pk__in=ids)
    OpportunityEvent.objects.bulk_create([event(one, kind, by, "", now) for one in rows])


def _must_have_somebody(one: Opportunity) -> None:
    if one.contact_id is None and one.account_id is None:
        raise InvalidValues({"account": "An opportunity needs an account or a contact."})


def _must_be_there(changed: Mapping[str, Any]) -> None:
    """What is newly linked is neither deleted nor unknown."""
    errors = {}
    contact_id, account_id = changed.get("contact_id"), changed.get("account_id")
    if contact_id and not Contact.objects.alive().filter(pk=contact_id).exists():
        errors["contact"] = "This contact does not exist, or was deleted."
    if account_id and not Account.objects.alive().filter(pk=account_id).exists():
        errors["account"] = "This account does not exist, or was deleted."
    if errors:
        raise InvalidValues(errors)


@contextmanager
def _external_id_named() -> Iterator[None]:
    """The database decides whose an external id is; say so in words."""
    try:
        yield
    except IntegrityError as error:
        if "one_opportunity_an_external_id" not in str(error):
            raise
        raise InvalidValues({"external_id": "Another opportunity already has this external id."}) from None
