"""What was kept long enough goes, with all that hangs on it; the rest stays."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from contacts.models import Account, ConsentAsked, Contact, Interaction, InteractionKey, OutboxEvent
from contacts.services.forgetting import forget
from leads.models import Lead
from tests.build import a_contact, a_lead, a_purpose, an_account, an_interaction
from tests.threads import at_once, until_somebody_waits


@pytest.mark.django_db
def test_records_go_thirty_days_after_they_were_deleted():
    now = timezone.now()
    old, recent, living = a_contact(), a_contact(), a_contact()
    for contact in (old, recent, living):
        an_interaction(contact)
        a_lead(contact)
    deleted_lead = a_lead(living, deleted_at=now - timedelta(days=31))
    an_account(deleted_at=now - timedelta(days=31))
    Contact.objects.filter(pk=old.pk).update(deleted_at=now - timedelta(days=31))
    Contact.objects.filter(pk=recent.pk).update(deleted_at=now - timedelta(days=29))

    forgotten = forget()

    assert set(Contact.objects.all()) == {recent, living}
    assert set(Interaction.objects.values_list("contact", flat=True)) == {recent.pk, living.pk}
    assert not Lead.objects.filter(pk=deleted_lead.pk).exists()
    assert Lead.objects.count() == 2
    assert not Account.objects.exists()
    assert (forgotten["contacts"], forgotten["accounts"]) == (1, 1)


@pytest.mark.django_db
def test_old_keys_and_delivered_events_go_and_undelivered_ones_stay():
    now = timezone.now()
    InteractionKey.objects.create(key="old", interaction_id=1)
    InteractionKey.objects.create(key="import:old", interaction_id=3)
    InteractionKey.objects.update(created_at=now - timedelta(days=181))
    InteractionKey.objects.create(key="new", interaction_id=2)
    OutboxEvent.objects.create(kind="old", payload={}, delivered_at=now - timedelta(days=31))
    OutboxEvent.objects.create(kind="waiting", payload={})
    OutboxEvent.objects.filter(kind="waiting").update(created_at=now - timedelta(days=90))

    forget()

    # What an import made is found again however late its file comes again.
    assert set(InteractionKey.objects.values_list("key", flat=True)) == {"new", "import:old"}
    assert OutboxEvent.objects.get().kind == "waiting"


@pytest.mark.django_db
def test_mails_that_were_given_up_go_after_sixty_days_as_the_consents_do_that_nobody_confirmed():
    now, nina = timezone.now(), a_contact(email="nina@nordwind.org")
    for days in (61, 59):
        OutboxEvent.objects.create(kind="mail", payload={"days": days}, given_up_at=now - timedelta(days=days))
        ConsentAsked.objects.create(
            contact=nina, purpose=a_purpose(f"News {days}"), email=nina.email, asked_at=now - timedelta(days=days)
        )

    forgotten = forget()

    assert OutboxEvent.objects.get().payload == {"days": 59}
    assert ConsentAsked.objects.get().purpose.name == "News 59"
    assert (forgotten["outbox events"], forgotten["consents nobody confirmed"]) == (1, 1)


@pytest.mark.django_db
def test_sessions_go_when_they_have_expired():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))

    forget()

    assert Session.objects.get().session_key == "new"


@pytest.mark.django_db(transaction=True)
def test_who_is_restored_in_the_moment_they_would_go_stays():
    contact = a_contact(deleted_at=timezone.now() - timedelta(days=31))

    def restore() -> None:
        with transaction.atomic():
            Contact.objects.filter(pk=contact.pk).update(deleted_at=None)
            until_somebody_waits()

    def sweep() -> int:
        while not somebody_holds(contact):
            time.sleep(0.01)
        return forget()["contacts"]

    _, forgotten = at_once(restore, sweep)

    assert Contact.objects.get().deleted_at is None
    assert forgotten == 0


def somebody_holds(contact: Contact) -> bool:
    with transaction.atomic():
        return not Contact.objects.select_for_update(skip_locked=True).filter(pk=contact.pk).exists()
