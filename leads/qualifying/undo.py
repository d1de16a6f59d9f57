"""Taking back an accidental qualifying, as long as nothing was built on what it made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import Account, Contact, Deletable, MatchKey, User
from contacts.models.base import Record
from contacts.services.accounts import delete_accounts
from contacts.services.contacts import delete_contacts
from leads import match_keys
from leads.errors import RecordGone
from leads.models import Lead, LeadEvent, Opportunity, OpportunityEvent, Qualification, Status
from leads.opportunities.records import delete_opportunities
from leads.qualifying.errors import CannotUndo
from leads.qualifying.service import wait_for_turn
from leads.services.closing import open_again
from leads.services.readiness import locked_lead

OF_IT = ("account", "contact", "opportunity")
MADE_BY_PEOPLE = frozenset({"contacts", "leads"})
"""The apps whose records count as built on something; scores and segments follow by themselves."""
FOLLOWS = (MatchKey, OpportunityEvent)
"""What comes with a record when it is made; an event that matters changes its version, too."""


def last_of(lead_id: int) -> Qualification | None:
    """How a lead was qualified last, unless that was taken back."""
    found = Qualification.objects.filter(lead=lead_id, undone_at=None).order_by("-qualified_at", "-pk")
    return found.select_related("actor", *OF_IT).first()


def what_prevents(done: Qualification) -> list[str]:
    """Why it cannot be undone as things stand now, a sentence each; nothing when it can."""
    done = Qualification.objects.select_related(*OF_IT, "before_contact").get(pk=done.pk)
    lead = Lead.objects.filter(pk=done.lead_id).select_related("contact").get()
    if lead.status != Status.QUALIFIED or lead.deleted_at is not None:
        return ["The lead is no longer qualified."]
    opened = LeadEvent.objects.filter(lead=lead, kind=LeadEvent.Kind.REOPENED, happened_at__gt=done.qualified_at)
    if opened.exists():
        return ["The lead was opened and closed again since."]
    problems = []
    before = done.before_contact
    if before is not None and before.deleted_at is not None:
        problems.append(f"Its contact before, {before}, is deleted.")
    for record, version in _made(done):
        name = f"The {record._meta.verbose_name} {record}"
        if record.version != version:
            problems.append(f"{name} was changed since.")
        problems += [f"{name} has {what} by now." for what in _built_on(record, done)]
    return problems


def _made(done: Qualification) -> Iterator[tuple[Record, int | None]]:
    """What was made and is still there, with the version it had."""
    made: list[tuple[bool, Record | None, int | None]] = [
        (done.made_opportunity, done.opportunity, done.opportunity_version),
        (done.made_contact, done.contact, done.contact_version),
        (done.made_account, done.account, done.account_version),
    ]
    for is_new, record, version in made:
        if is_new and record is not None and record.deleted_at is None:
            yield record, version


def _built_on(record: Record, done: Qualification) -> Iterator[str]:
    """What points to a new record and did not come with it: "2 tasks"."""
    own = {Lead: done.lead_id, Qualification: done.pk, Opportunity: done.opportunity_id, Contact: done.contact_id}
    relations: list[Any] = record._meta.get_fields(include_hidden=True)
    for relation in relations:
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        model: Any = relation.related_model
        if model in FOLLOWS or model._meta.app_label not in MADE_BY_PEOPLE:
            continue
        rows = model._base_manager.filter(**{relation.field.name: record})
        rows = rows.exclude(pk=own[model]) if own.get(model) else rows
        if issubclass(model, Deletable):
            rows = rows.filter(deleted_at=None)
        if number := rows.count():
            yield f"{number} {_named(model, number)}"


def _named(model: type[models.Model], number: int) -> str:
    return str(model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural)


def undo_qualify(lead_id: int, *, by: User) -> Lead:
    """Take back how a lead was qualified last: what it made goes, the lead is open again in its stage with the
    contact it had, which is for marketing only again if it was.

    Raises RecordGone, CannotUndo with all that prevents it; then nothing changes.
    """
    with transaction.atomic():
        wait_for_turn(lead_id)
        done = last_of(lead_id)
        if done is None:
            raise CannotUndo(lead_id, ["Somebody has taken it back already, or it was never qualified here."])
        # In the order of locks: accounts, contacts, lead keys, leads, opportunities; then it is as it is.
        _lock(Account, [done.account_id])
        _lock(Contact, [done.contact_id, done.before_contact_id])
        lead = Lead.objects.alive().filter(pk=lead_id).select_related("contact").first()
        if lead is None:
            raise RecordGone("lead", lead_id)
        lead.contact, lead.account = done.before_contact, done.before_account
        match_keys.claim_for([lead])
        locked_lead(lead_id)
        _lock(Opportunity, [done.opportunity_id])
        done.refresh_from_db()  # somebody else's undoing may have handed over what this one has to put back
        if problems := what_prevents(done):
            raise CannotUndo(lead_id, problems)
        Lead.objects.filter(pk=lead_id).update(contact=done.before_contact, account=done.before_account)
        open_again([lead_id], by=by, reason="Qualifying was undone", as_it_was=True)
        _put_back(done)
        _take_back(done, by)
        Qualification.objects.filter(pk=done.pk).update(undone_at=timezone.now(), undone_by=by)
        facts_changed()
    reopened: Lead = Lead.objects.get(pk=lead_id)
    return reopened


def _lock(model: type[models.Model], ids: list[int | None]) -> None:
    wanted = [pk for pk in ids if pk is not None]
    list(model._default_manager.filter(pk__in=wanted).select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _put_back(done: Qualification) -> None:
    """What was changed on a contact that had been there before, unless somebody relies on it by now: then the latest
    who was qualified with that contact puts it back when that is undone, too.
    """
    person = done.contact or done.before_contact
    if done.made_contact or person is None:
        return
    theirs = Q(contact=person) | Q(contact=None, before_contact=person, made_opportunity=True)
    others = Qualification.objects.filter(theirs, undone_at=None).exclude(pk=done.pk)
    begun = Opportunity.objects.alive().open().filter(contact=person)
    if done.made_opportunity:
        begun = begun.exclude(pk=done.opportunity_id)
    relied_on = others.exists() or begun.exists()
    changes: dict[str, object] = {}
    if done.was_marketing_only and relied_on:
        _hand_over(others, "was_marketing_only")
    elif done.was_marketing_only:
        changes["marketing_only"] = True
    if done.joined_account and person.account_id == done.account_id:
        # An account that was made goes: what_prevents has seen that nobody relies on that one.
        if relied_on and not done.made_account:
            _hand_over(others.filter(account=done.account), "joined_account")
        else:
            changes["account"] = None
    if changes:
        now = timezone.now()
        Contact.objects.filter(pk=person.pk).update(**changes, version=F("version") + 1, updated_at=now)


def _hand_over(others: QuerySet[Qualification], what: str) -> None:
    latest = others.order_by("-qualified_at", "-pk").values("pk")[:1]
    Qualification.objects.filter(pk__in=latest).update(**{what: True})


def _detach(done: Qualification) -> None:
    """An opportunity that had no originating lead before has the next one that was qualified with it, or none again."""
    if not done.linked_opportunity:
        return
    others = Qualification.objects.filter(opportunity=done.opportunity, undone_at=None).exclude(pk=done.pk)
    following = others.order_by("qualified_at", "pk").first()
    attached = Opportunity.objects.filter(pk=done.opportunity_id, lead=done.lead_id)
    if attached.update(lead=following.lead_id if following else None) and following:
        Qualification.objects.filter(pk=following.pk).update(linked_opportunity=True)


def _take_back(done: Qualification, by: User) -> None:
    _detach(done)
    if done.made_opportunity and done.opportunity_id:
        delete_opportunities([done.opportunity_id], by=by)
    if done.made_contact and done.contact_id:
        delete_contacts([done.contact_id], by=by)
    if done.made_account and done.account_id:
        delete_accounts([done.account_id], by=by)
