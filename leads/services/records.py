"""Leads: opened by machines in batches, made and edited by people, with their match keys in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts import custom_fields
from contacts.doorbells import facts_changed
from contacts.models import Contact, Entity, MarketingContext, User
from contacts.services import records
from leadcrm.lib.rows import insert
from leads import match_keys
from leads.errors import InvalidValues
from leads.models import Lead, LeadEvent, Process
from leads.services.events import event, external_id_named, owner_words

EDITABLE = (
    "topic",
    "account_id",
    "product_id",
    "campaign_id",
    "description",
    "rating",
    "process_id",
    "owner_id",
    "external_id",
    "custom",
)
BY_HAND = "By hand"


@dataclass(frozen=True)
class NewLead:
    """What a lead begins with. `custom` is cleaned already; campaign and product default to the context's."""

    topic: str
    contact_id: int | None = None
    account_id: int | None = None
    marketing_context: MarketingContext | None = None
    product_id: int | None = None
    campaign_id: int | None = None
    related_lead_id: int | None = None
    description: str = ""
    rating: str = ""
    owner_id: int | None = None
    process_id: int | None = None
    external_id: str = ""
    created_at: datetime | None = None
    custom: dict[str, Any] = field(default_factory=dict)


def open_leads(
    new: Sequence[NewLead],
    *,
    by: User | None = None,
    detail: str = "",
    ids: Sequence[int] | None = None,
    claim_keys: bool = True,
) -> list[Lead]:
    """Insert leads in Inquiry, in the order given, with a Created event each; a constant number of statements.

    `ids`: allocated ones (leads.match_keys.allocate_lead_ids), for who has claimed the keys for them already and so
    says `claim_keys=False`. Keys that other leads own stay theirs.
    """
    if not new:
        return []
    with transaction.atomic():
        given = list(ids) if ids is not None else match_keys.allocate_lead_ids(len(new))
        process_id = Process.objects.values_list("pk", flat=True).get(is_default=True)
        now = timezone.now()
        leads = [_made(pk, one, process_id, now) for pk, one in zip(given, new, strict=True)]
        if claim_keys:
            match_keys.claim_for(leads)
        insert(leads)
        insert(event(lead.pk, LeadEvent.Kind.CREATED, by, detail, lead.created_at) for lead in leads)
        facts_changed()
    return leads


def _made(pk: int, new: NewLead, default_process_id: int, now: datetime) -> Lead:
    context = new.marketing_context
    moment = new.created_at or now
    lead: Lead = Lead(
        pk=pk,
        topic=new.topic.replace("\x00", "").strip()[:200],
        contact_id=new.contact_id,
        account_id=new.account_id,
        marketing_context=context,
        product_id=new.product_id or (context.product_id if context else None),
        campaign_id=new.campaign_id or (context.campaign_id if context else None),
        related_lead_id=new.related_lead_id,
        description=new.description.replace("\x00", ""),
        rating=new.rating,
        owner_id=new.owner_id,
        process_id=new.process_id or default_process_id,
        external_id=new.external_id,
        custom=new.custom,
        created_at=moment,
        updated_at=now,
        stage_entered_at=moment,
    )
    return lead


def create_lead(*, by: User, contact_id: int | None = None, claim_keys: bool = True, **values: Any) -> Lead:
    """A lead that a person makes, from `values` (any of EDITABLE), in the context "By hand".

    It needs a contact or an account. Raises InvalidValues, UnknownField.
    """
    records.only_known(Lead, values, EDITABLE)
    draft = Lead()
    records.apply(draft, {"topic": "", **_cleaned(values)})
    if contact_id is None and draft.account_id is None:
        raise InvalidValues({"contact": "A lead needs a contact or an account."})
    if contact_id is not None and not Contact.objects.alive().filter(pk=contact_id).exists():
        raise InvalidValues({"contact": "This contact does not exist, or was deleted."})
    attributes = {name: getattr(draft, name) for name in EDITABLE}
    with external_id_named(), transaction.atomic():
        context, _ = MarketingContext.objects.get_or_create(kind=MarketingContext.Kind.MANUAL, name=BY_HAND)
        new = NewLead(contact_id=contact_id, marketing_context=context, **attributes)
        return open_leads([new], by=by, detail=BY_HAND, claim_keys=claim_keys)[0]


def update_lead(lead_id: int, *, version: int, changes: Mapping[str, Any], by: User | None = None) -> Lead:
    """Write the `changes` a person made to the `version` they saw; nothing when all is as it was.

    Raises RecordGone, ChangedMeanwhile, InvalidValues, UnknownField; then nothing is saved.
    """
    records.only_known(Lead, changes, EDITABLE)
    with external_id_named(), transaction.atomic():
        lead: Lead = records.living(Lead, lead_id)
        records.must_be(lead, version)
        previous_owner = lead.owner_id
        changed = records.apply(lead, _cleaned(changes))
        if not changed:
            return lead
        if lead.contact_id is None and lead.account_id is None:
            raise InvalidValues({"account": "A lead needs a contact or an account."})
        if lead.is_open and {"product_id", "campaign_id"} & changed.keys():
            match_keys.claim_for([lead])
        records.save_edited(lead, version=version, changed=changed)
        kinds = match_keys.kinds_in_use()
        match_keys.keep_only(lead_id, match_keys.keys_of(match_keys.values_of(lead), kinds))
        if lead.owner_id != previous_owner:
            event(lead_id, LeadEvent.Kind.ASSIGNED, by, owner_words(lead.owner), timezone.now()).save()
        facts_changed()
    return lead


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(given)
    if "custom" in values:
        values["custom"] = custom_fields.clean_values(custom_fields.fields_of(Entity.LEAD), values["custom"])
    return values
