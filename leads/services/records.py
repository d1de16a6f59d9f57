"""Leads: opened by machines in batches, made and edited by people, with their match keys in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts import custom_fields
from contacts.doorbells import facts_changed
from contacts.models import Contact, Entity, MarketingContext, User
from contacts.services import records
from leadcrm.lib.rows import insert
from leads import match_keys
from leads.assignment.changed import fields_changed
from leads.assignment.occasions import offer
from leads.errors import InvalidValues, LeadIsClosed, StageIsFull
from leads.models import Lead, LeadEvent, Occasion, Priority, Process, SourceType
from leads.orphans.person import COLUMNS, checked, is_about_somebody, with_known_contacts
from leads.services import telling
from leads.services.events import event, external_id_named, owner_words
from leads.services.giving import waiting_again
from leads.services.going_on import TICKS, go_on_where_ticked

FOUND_OUT = (
    *("purchase_timeframe", "budget_amount", "budget_status", "need", "purchase_need", "purchase_process"),
    *("decision_maker", "follow_up_on"),
    *("teleprospecting_ready", "teleprospecting_accepted"),
)
"""What people find out on the way; a lead begins without it."""
PERSON = tuple(COLUMNS.values())
EDITABLE = (
    "topic",
    "account_id",
    "product_id",
    "campaign_id",
    "description",
    "rating",
    "estimated_value",
    "source_id",
    "source_type",
    "team_id",
    "territory_id",
    "priority",
    "process_id",
    "owner_id",
    "external_id",
    "custom",
    *PERSON,
    *FOUND_OUT,
)
BEGINS_WITH = tuple(name for name in EDITABLE if name not in FOUND_OUT)
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
    estimated_value: Decimal | None = None
    source_id: int | None = None
    team_id: int | None = None
    territory_id: int | None = None
    priority: str = Priority.NORMAL
    owner_id: int | None = None
    process_id: int | None = None
    external_id: str = ""
    source_type: str = SourceType.MARKETING
    person_first_name: str = ""
    person_last_name: str = ""
    person_email: str = ""
    person_phone: str = ""
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
        beginning = _processes_for(new)
        new = with_known_contacts([replace(one, process_id=_process_of(one, beginning)) for one in new])
        now = timezone.now()
        leads = [_made(pk, one, now) for pk, one in zip(given, new, strict=True)]
        if claim_keys:
            match_keys.claim_for(leads)
        insert(leads)
        insert(event(lead.pk, LeadEvent.Kind.CREATED, by, detail, lead.created_at) for lead in leads)
        offer(given, Occasion.CREATED)
        facts_changed()
    return leads


def contacts_known_to(new: Sequence[NewLead]) -> list[int | None]:
    """Whom each of these leads would be linked to if it were opened now, locked. A constant number of queries."""
    beginning = _processes_for(new)
    known = with_known_contacts([replace(one, process_id=_process_of(one, beginning)) for one in new])
    return [one.contact_id for one in known]


def _processes_for(new: Sequence[NewLead]) -> dict[int | None, int]:
    """The process that leads of a campaign begin in, and the default one for None. One query."""
    campaigns = {_campaign_of(one) for one in new} - {None}
    found = Process.objects.filter(Q(is_default=True) | Q(for_campaigns__campaign__in=campaigns), retired_at=None)
    beginning: dict[int | None, int] = {}
    for pk, is_default, campaign_id in found.values_list("pk", "is_default", "for_campaigns__campaign_id"):
        beginning[campaign_id] = pk
        if is_default:
            beginning[None] = pk
    return beginning


def _process_of(new: NewLead, beginning: Mapping[int | None, int]) -> int:
    return new.process_id or beginning.get(_campaign_of(new), beginning[None])


def _campaign_of(new: NewLead) -> int | None:
    return new.campaign_id or (new.marketing_context.campaign_id if new.marketing_context else None)


def _made(pk: int, new: NewLead, now: datetime) -> Lead:
    context = new.marketing_context
    campaign_id = _campaign_of(new)
    moment = new.created_at or now
    lead: Lead = Lead(
        pk=pk,
        topic=new.topic.replace("\x00", "").strip()[:200],
        contact_id=new.contact_id,
        account_id=new.account_id,
        marketing_context=context,
        product_id=new.product_id or (context.product_id if context else None),
        campaign_id=campaign_id,
        related_lead_id=new.related_lead_id,
        description=new.description.replace("\x00", ""),
        rating=new.rating,
        estimated_value=new.estimated_value,
        source_id=new.source_id,
        source_type=new.source_type,
        team_id=new.team_id,
        territory_id=new.territory_id,
        priority=new.priority,
        owner_id=new.owner_id,
        process_id=new.process_id,
        external_id=new.external_id,
        person_first_name=new.person_first_name,
        person_last_name=new.person_last_name,
        person_email=new.person_email,
        person_phone=new.person_phone,
        custom=new.custom,
        created_at=moment,
        updated_at=now,
        stage_entered_at=moment,
    )
    return lead


def create_lead(
    *,
    by: User | None,
    contact_id: int | None = None,
    marketing_context_id: int | None = None,
    related_lead_id: int | None = None,
    claim_keys: bool = True,
    source_type: str = SourceType.MARKETING,
    **values: Any,
) -> Lead:
    """A lead that a person makes (None: another system), from `values` (any of BEGINS_WITH), in a context; "By hand"
    unless one is given.

    It needs a contact, an account, or something that says whom it is about. Who gets it from
    somebody else is told. Raises InvalidValues, UnknownField.
    """
    records.only_known(Lead, values, BEGINS_WITH)
    draft = Lead(source_type=source_type)
    _process_takes_leads(draft, records.apply(draft, {"topic": "", **_cleaned(values)}))
    if contact_id is None and _is_about_nobody(draft):
        raise InvalidValues({"contact": "A lead needs a contact or an account, or say whom it is about."})
    if contact_id is not None and not Contact.objects.alive().filter(pk=contact_id).exists():
        raise InvalidValues({"contact": "This contact does not exist, or was deleted."})
    attributes = {name: getattr(draft, name) for name in BEGINS_WITH}
    with external_id_named(), transaction.atomic():
        context = _context(marketing_context_id)
        new = NewLead(contact_id=contact_id, marketing_context=context, related_lead_id=related_lead_id, **attributes)
        detail = BY_HAND if by is not None else f"By {context.name}"
        made = open_leads([new], by=by, detail=detail, claim_keys=claim_keys)[0]
        if made.owner is not None and made.owner != by:
            telling.changed_hands({made.pk: None}, to=made.owner, by=by)
    return made


def _context(context_id: int | None) -> MarketingContext:
    if context_id is None:
        return MarketingContext.objects.get_or_create(kind=MarketingContext.Kind.MANUAL, name=BY_HAND)[0]
    context = MarketingContext.objects.filter(pk=context_id).first()
    if context is None:
        raise InvalidValues({"marketing_context": "This marketing context does not exist."})
    return context


def update_lead(lead_id: int, *, version: int, changes: Mapping[str, Any], by: User | None = None) -> Lead:
    """Write the `changes` a person made to the `version` they saw; nothing when all is as it was. A new owner and the
    one before are told, and open tasks go along, as when it is assigned.

    Raises RecordGone, LeadIsClosed, ChangedMeanwhile, InvalidValues, UnknownField; then nothing is saved.
    """
    records.only_known(Lead, changes, EDITABLE)
    with external_id_named(), transaction.atomic():
        lead: Lead = records.living(Lead, lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        records.must_be(lead, version)
        previous_owner, previous_process = lead.owner_id, lead.process
        changed = records.apply(lead, _cleaned(changes))
        if not changed:
            return lead
        _process_takes_leads(lead, changed)
        if lead.contact_id is None and _is_about_nobody(lead):
            raise InvalidValues({"account": "A lead needs a contact or an account, or say whom it is about."})
        if {"product_id", "campaign_id"} & changed.keys():
            match_keys.claim_for([lead])
        nobodys = "owner_id" in changed and lead.owner_id is None and lead.accepted_at is not None
        records.save_edited(lead, version=version, changed=changed | (waiting_again(timezone.now()) if nobodys else {}))
        if nobodys:
            lead.refresh_from_db()
        kinds = match_keys.kinds_in_use()
        match_keys.keep_only(lead_id, match_keys.keys_of(match_keys.values_of(lead), kinds))
        if lead.owner_id != previous_owner:
            event(lead_id, LeadEvent.Kind.ASSIGNED, by, owner_words(lead.owner), timezone.now()).save()
            telling.changed_hands({lead_id: previous_owner}, to=lead.owner, by=by)
        if "process_id" in changed:
            event(lead_id, LeadEvent.Kind.SWITCHED, by, f"{previous_process} to {lead.process}", timezone.now()).save()
        fields_changed([lead_id], changed.keys())
        if any(getattr(lead, tick) for tick in TICKS) and _went_on(
            lead_id, by, ticked=bool(TICKS.keys() & changed.keys())
        ):
            lead.refresh_from_db()
        facts_changed()
    return lead


def _went_on(lead_id: int, by: User | None, *, ticked: bool) -> bool:
    """Whether a tick moved the lead on. A stage that is full refuses the tick, but no other edit of what is ticked."""
    try:
        return bool(go_on_where_ticked([lead_id], actor=by))
    except StageIsFull:
        if ticked:
            raise
        return False


def _process_takes_leads(lead: Lead, changed: Mapping[str, Any]) -> None:
    if lead.process and "process_id" in changed and lead.process.retired_at is not None:
        raise InvalidValues({"process": f"{lead.process} is retired: it takes no new leads."})


def _is_about_nobody(lead: Lead) -> bool:
    return lead.account_id is None and not is_about_somebody(lead)


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = checked(given)
    if "custom" in values:
        values["custom"] = custom_fields.clean_values(custom_fields.fields_of(Entity.LEAD), values["custom"])
    return values
