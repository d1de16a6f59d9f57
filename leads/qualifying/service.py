"""Qualifying one lead: the records it becomes, and its end, in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import Account, Contact, OutboxEvent, User
from contacts.services.accounts import create_account
from contacts.services.contacts import create_contact
from leads.errors import InvalidValues, LeadIsClosed, RecordGone
from leads.models import Lead, Opportunity, ProcessState, Qualification, Status
from leads.opportunities.records import create_opportunity
from leads.qualifying.errors import AlreadyQualified
from leads.qualifying.wishes import How, Wish
from leads.services.closing import close
from leads.services.readiness import locked_lead

ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtext('leadcrm.qualify'), %s)"
"""Before any other lock: whoever clicks twice, or second, waits here, and then sees what the first one made."""


def qualify(
    lead_id: int, *, by: User | None, account: Wish, contact: Wish, opportunity: Wish, note: str = ""
) -> Qualification:
    """Qualify an open lead into an account, a contact and an opportunity, each used, made or left be.

    A contact that is used or made stands on the lead from then on; one without an account joins the account. It is no
    longer for marketing only, nor is the lead's own when an opportunity is made for it. The lead is closed as
    qualified, its process finished, its match keys free.

    Raises AlreadyQualified naming who was first, LeadIsClosed, RecordGone, DuplicateContact, DuplicateAccount,
    InvalidValues; then nothing is made.
    """
    with transaction.atomic():
        wait_for_turn(lead_id)
        lead = _open_lead(lead_id)
        done = Qualification(
            lead=lead, actor=by, qualified_at=timezone.now(), before_contact=lead.contact, before_account=lead.account
        )
        # In the order of locks: contact keys, accounts, contacts, lead keys, leads.
        person = _made_contact(contact, done, by) if contact.how == How.CREATE else None
        company = _account(account, done, by)
        if person is None and contact.how == How.USE:
            person = _used_contact(contact.id)
        if person is not None:
            _take_in(person, company, done)
        elif opportunity.how == How.CREATE and lead.contact is not None:
            _release(lead.contact, done)
        locked_lead(lead_id)
        _point_to(lead, person, company)
        done.contact, done.account = person, company
        _make_opportunity(opportunity, lead, done, by)
        close(lead_id, by=by, status=Status.QUALIFIED, note=note)
        _finish(lead_id, done.qualified_at)
        done.save()
        OutboxEvent.objects.create(kind="lead.qualified", payload=_payload(done))
        facts_changed()
    return done


def wait_for_turn(lead_id: int) -> None:
    """Go one after the other with whoever qualifies this lead, or takes that back, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_BY_ONE, [lead_id % 2**31])


def _open_lead(lead_id: int) -> Lead:
    lead: Lead | None = Lead.objects.alive().filter(pk=lead_id).select_related("contact", "account").first()
    if lead is None:
        raise RecordGone("lead", lead_id)
    if lead.status == Status.QUALIFIED:
        last = Qualification.objects.filter(lead=lead, undone_at=None).order_by("-qualified_at", "-pk").first()
        actor = last.actor if last else None
        raise AlreadyQualified(lead_id, str(actor or ""), actor.pk if actor else None)
    if not lead.is_open:
        raise LeadIsClosed(lead_id)
    return lead


def _made_contact(wish: Wish, done: Qualification, by: User | None) -> Contact:
    """Its account follows when that is known: contact keys are claimed first."""
    made = create_contact(by=by, **wish.values)
    done.made_contact = True
    return made


def _account(wish: Wish, done: Qualification, by: User | None) -> Account | None:
    if wish.how == How.CREATE:
        made = create_account(by=by, **wish.values)
        done.made_account, done.account_version = True, made.version
        return made
    if wish.how == How.SKIP:
        return None
    found = Account.objects.alive().filter(pk=wish.id or 0).select_for_update(no_key=True).first()
    if found is None:
        raise RecordGone("account", wish.id or 0)
    return found


def _used_contact(contact_id: int | None) -> Contact:
    found = Contact.objects.alive().filter(pk=contact_id or 0).select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        raise RecordGone("contact", contact_id or 0)
    return found


def _take_in(person: Contact, company: Account | None, done: Qualification) -> None:
    """The contact is sales' from now on, and works at the account if it worked nowhere."""
    changes: dict[str, object] = {}
    if person.marketing_only:
        done.was_marketing_only = True
        changes["marketing_only"] = False
    if company is not None and person.account_id is None:
        done.joined_account = True
        changes["account"] = company
    if changes:
        Contact.objects.filter(pk=person.pk).update(**changes, version=F("version") + 1, updated_at=timezone.now())
        person.refresh_from_db()
    if done.made_contact:
        done.contact_version = person.version


def _release(person: Contact, done: Qualification) -> None:
    """Whom an opportunity is made for is sales' from now on, also where the qualifying leaves the contact be."""
    kept = Contact.objects.filter(pk=person.pk, marketing_only=True)
    if kept.update(marketing_only=False, version=F("version") + 1, updated_at=timezone.now()):
        done.was_marketing_only = True


def _point_to(lead: Lead, person: Contact | None, company: Account | None) -> None:
    changes: dict[str, object] = {}
    if person is not None and lead.contact_id != person.pk:
        changes["contact"] = person
    if person is None and lead.contact_id is None and company is not None and lead.account_id != company.pk:
        changes["account"] = company
    if changes:
        Lead.objects.filter(pk=lead.pk).update(**changes)


def _make_opportunity(wish: Wish, lead: Lead, done: Qualification, by: User | None) -> None:
    if wish.how == How.SKIP:
        return
    if wish.how == How.USE:
        still_open = Opportunity.objects.alive().open().filter(pk=wish.id or 0)
        found = still_open.select_for_update(no_key=True, of=("self",)).first()
        if found is None:
            raise RecordGone("opportunity", wish.id or 0)
        if found.lead_id is None:
            Opportunity.objects.filter(pk=found.pk).update(lead=lead)
            done.linked_opportunity = True
        done.opportunity = found
        return
    contact = done.contact or done.before_contact
    account = done.account or (contact.account if contact else done.before_account)
    if contact is None and account is None:
        raise InvalidValues({"opportunity": "An opportunity needs an account or a contact."})
    made = create_opportunity(
        by=by,
        lead=lead,
        contact_id=contact.pk if contact else None,
        account_id=account.pk if account and account.deleted_at is None else None,
        **wish.values,
    )
    done.opportunity, done.made_opportunity, done.opportunity_version = made, True, made.version


def _finish(lead_id: int, moment: datetime) -> None:
    """A lead that is qualified is through with its process, unless that had ended before."""
    running = Lead.objects.filter(pk=lead_id, process_state=ProcessState.ACTIVE)
    running.update(process_state=ProcessState.FINISHED, process_ended_at=moment)


def _payload(done: Qualification) -> dict[str, object]:
    return {
        "lead_id": done.lead_id,
        "account_id": done.account_id,
        "contact_id": done.contact_id,
        "opportunity_id": done.opportunity_id,
        "actor_id": done.actor_id,
        "qualified_at": done.qualified_at.isoformat(),
    }
