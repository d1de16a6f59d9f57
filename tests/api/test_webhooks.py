"""Facts are told to other systems, signed, whoever writes them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Account, Contact, OutboxEvent, Role
from contacts.privacy.erasing import erase
from contacts.privacy.requests import enter
from contacts.services.accounts import create_account, delete_accounts, update_account
from contacts.services.contacts import create_contact, delete_contacts, update_contact
from forms_intake.events.acting import cancel, check_in, undo_check_in
from forms_intake.imports import import_leads
from forms_intake.models import EventRegistration, Submission
from forms_intake.processing.record import mark_failed
from leadcrm.webhooks import delivering
from leadcrm.webhooks import subscriptions as services
from leadcrm.webhooks.models import Delivery
from leads.models import Lead
from leads.services.deleting import delete_leads, restore_lead, restore_leads
from leads.services.readiness import accept, set_sales_ready
from tests.api.consumer import Consumer
from tests.api.subscribing import a_subscription, deliver_all
from tests.build import a_contact, a_form, a_lead, a_user
from tests.events.making import an_event, posts, registers
from tests.forms_intake.files import HEADER, a_file, a_mapping
from tests.forms_intake.posting import processed
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db


def test_another_crm_hears_of_a_lead_that_becomes_ready(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer)
    sam = a_user(Role.SALESPERSON)
    lead = a_lead(create_contact(email="nina@example.com"))
    set_sales_ready(lead.pk, by=None, reason="They called")
    accept(lead.pk, by=sam)

    deliver_all()

    facts = consumer.verified(secret)
    assert [fact["type"] for fact in facts] == ["lead.created", "lead.sales_ready", "lead.moved", "lead.accepted"]
    assert facts[1]["data"]["lead"]["contact"]["email"] == "nina@example.com"
    assert facts[1]["data"]["reason"] == "They called"
    assert len(set(consumer.ids)) == 4
    assert not OutboxEvent.objects.filter(delivered_at=None).exclude(kind="mail").exists()


def test_facts_that_nobody_wants_are_not_written(consumer: Consumer) -> None:
    a_lead(create_contact(email="nina@example.com"))
    assert not OutboxEvent.objects.exists()

    one, _ = a_subscription(consumer, "contact.created")
    a_lead(create_contact(email="mara@example.com"))
    assert list(OutboxEvent.objects.values_list("kind", flat=True)) == ["contact.created"]

    services.unsubscribe(one.pk)
    create_contact(email="pia@example.com")
    assert OutboxEvent.objects.count() == 1


def test_contacts_are_told_whoever_writes(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer, "contact.created", "contact.updated", "contact.deleted", "submission.failed")
    nina = create_contact(email="nina@example.com")
    update_contact(nina.pk, version=1, changes={"city": "Kiel"})
    Contact.objects.filter(pk=nina.pk).update(job_title="Planner")
    Contact.objects.filter(pk=nina.pk).update(version=9)  # nothing that anybody outside can see
    delete_contacts([nina.pk], by=None)
    sent = Submission.objects.create(form=a_form(), public_id="0" * 32, payload={"email": "x"})
    mark_failed({sent.pk: "No e-mail address."})

    deliver_all()

    facts = consumer.verified(secret)
    kinds = ["contact.created", "contact.updated", "contact.updated", "contact.deleted", "submission.failed"]
    assert [fact["type"] for fact in facts] == kinds
    assert [fact["data"].get("fields") for fact in facts[1:3]] == [["city"], ["job_title"]]
    assert facts[3]["data"]["contact"] is None
    assert facts[4]["data"]["submission"]["error"] == "No e-mail address."


def test_accounts_are_told_whoever_writes(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer, "account.created", "account.updated", "account.deleted")
    one = create_account(name="Nordwind", domain="nordwind.example")
    update_account(one.pk, version=1, changes={"city": "Kiel"})
    Account.objects.filter(pk=one.pk).update(industry="Logistics", employees=40)
    Account.objects.filter(pk=one.pk).update(version=9)  # nothing that anybody outside can see
    delete_accounts([one.pk], by=None)

    deliver_all()

    facts = consumer.verified(secret)
    assert [fact["type"] for fact in facts] == [
        f"account.{what}" for what in ("created", "updated", "updated", "deleted")
    ]
    assert [fact["data"]["account_id"] for fact in facts] == [one.pk] * 4
    assert [fact["data"].get("fields") for fact in facts[1:3]] == [["city"], ["employees", "industry"]]
    assert facts[0]["data"]["account"] is None, "it is said as it is when it is handed on"
    assert facts[3]["data"]["account"] is None


def test_accounts_of_an_import_are_told_by_one_statement_a_chunk_and_only_if_wanted(
    consumer: Consumer, tmp_path: Path
) -> None:
    def imported(first: int, number: int) -> int:
        """How many statements it took to import so many."""
        lines = [f"p@firm{n}.example,Ann,B,,{n},Firm {n}" for n in range(first, first + number)]
        with CaptureQueriesContext(connection) as asked:
            import_leads(a_file(tmp_path, HEADER, *lines, name=f"{first}.csv"), a_mapping())
        return len(asked)

    few = imported(0, 2)
    assert not OutboxEvent.objects.exists()
    _, secret = a_subscription(consumer, "account.created")

    assert imported(100, 40) <= few
    deliver_all()

    facts = consumer.verified(secret)
    assert [fact["data"]["account"]["name"] for fact in facts] == [f"Firm {n}" for n in range(100, 140)]


def test_what_becomes_of_registrations_for_events_is_told(consumer: Consumer) -> None:
    kinds = [f"registration.{what}" for what in ("registered", "waitlisted", "cancelled", "checked_in")]
    _, secret = a_subscription(consumer, *kinds)
    by, event = a_user(Role.MARKETER), an_event(capacity=1)
    nina, tom = registers(event, "nina"), registers(event, "tom")
    registers(event, "tom", company="Again")
    cancel([nina.pk], by=by)
    check_in([tom.pk], by=by)
    undo_check_in([tom.pk], by=by)

    deliver_all()

    facts = consumer.verified(secret)
    told = [(fact["type"].partition(".")[2], fact["data"]["registration_id"]) for fact in facts]
    n, t = str(nina.public_id), str(tom.public_id)
    assert told[:2] == [("registered", n), ("waitlisted", t)]
    assert sorted(told[2:4]) == sorted([("cancelled", n), ("registered", t)]), "one statement: both at once"
    assert told[4:] == [("checked_in", t)]
    assert (facts[4]["data"]["actor_id"], facts[0]["data"]["actor_id"]) == (by.pk, None)
    assert facts[0]["data"]["event_id"] == event.pk
    assert facts[0]["data"]["registration"]["state"] == "cancelled", "as it is when it is handed on"
    assert Delivery.objects.filter(contact_id=nina.contact_id).count() == 2


def test_who_is_invited_from_a_waiting_list_is_told_with_how_long_their_place_is_held(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer, "registration.invited", "registration.registered")
    event = an_event(capacity=1, waitlist="invite")
    nina, tom = registers(event, "nina"), registers(event, "tom")
    cancel([nina.pk], by=None)

    deliver_all()

    facts = consumer.verified(secret)
    assert [fact["type"] for fact in facts] == ["registration.registered", "registration.invited"]
    told = facts[1]["data"]
    assert (told["registration_id"], told["event_id"]) == (str(tom.public_id), event.pk)
    tom.refresh_from_db()
    assert told["registration"]["state"] == "invited"
    assert datetime.fromisoformat(told["registration"]["invited_until"]) == tom.invited_until


def test_what_is_not_wanted_of_registrations_is_not_written(consumer: Consumer) -> None:
    a_subscription(consumer, "registration.checked_in")
    event = an_event()

    processed(posts(event), walks_in := posts(event, "tom"))
    assert not OutboxEvent.objects.filter(kind__startswith="registration").exists()

    check_in([EventRegistration.objects.get(submission=walks_in).pk], by=a_user())
    assert OutboxEvent.objects.get(kind__startswith="registration").kind == "registration.checked_in"


def test_leads_that_are_deleted_and_come_back_are_told(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer, "lead.deleted", "lead.restored")
    by, one, other = a_user(Role.SALES_MANAGER), a_lead(topic="One"), a_lead(topic="Other")
    delete_leads([one.pk, other.pk], by=by)
    restore_lead(one.pk, by=by)
    restore_leads([other.pk], by=None)

    deliver_all()

    told = [(fact["type"], fact["data"]["lead_id"], fact["data"]["actor_id"]) for fact in consumer.verified(secret)]
    assert told == [
        ("lead.deleted", one.pk, by.pk),
        ("lead.deleted", other.pk, by.pk),
        ("lead.restored", one.pk, by.pk),
        ("lead.restored", other.pk, None),
    ]
    assert consumer.verified(secret)[2]["data"]["lead"]["topic"] == "One"


def test_who_is_erased_is_no_longer_in_the_log_and_that_they_went_is_told(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer, "contact.created", "contact.deleted", "lead.created")
    other = create_contact(email="mara@example.com")
    nina = create_contact(email="nina@example.com")
    a_lead(nina)
    deliver_all()
    request = enter(kind="erasure", contact=nina, words="", by=a_user(Role.MARKETER))
    erase(request.pk, typed="nina@example.com", by=a_user(Role.ADMINISTRATOR))
    deliver_all()

    kept = Delivery.objects.exclude(kind="contact.deleted")
    assert [one.contact_id for one in kept] == [other.pk]
    assert not Delivery.objects.filter(body__contains="nina").exists()
    assert consumer.verified(secret)[0]["data"]["contact"]["email"] == "mara@example.com"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_made_of_what_somebody_was_while_they_are_erased(consumer: Consumer) -> None:
    a_subscription(consumer, "contact.updated")
    nina = create_contact(email="nina@example.com")
    deliver_all()
    update_contact(nina.pk, version=1, changes={"first_name": "Nina"})
    request = enter(kind="erasure", contact=nina, words="", by=a_user(Role.MARKETER))
    ada, erasing = a_user(Role.ADMINISTRATOR), Event()

    def erase_slowly() -> None:
        with transaction.atomic():
            erase(request.pk, typed="nina@example.com", by=ada)
            erasing.set()
            until_somebody_waits()

    def hand_on_meanwhile() -> None:
        erasing.wait(10)
        delivering.hand_on()

    assert at_once(erase_slowly, hand_on_meanwhile) == [None, None]

    assert not Delivery.objects.filter(body__contains="nina").exists()


def test_a_lead_made_in_bulk_is_told_too(consumer: Consumer) -> None:
    _, secret = a_subscription(consumer, "lead.created")
    contact = a_contact()
    Lead.objects.bulk_create([Lead(topic=f"Bulk {number}", contact=contact) for number in range(3)])

    deliver_all()

    topics = [fact["data"]["lead"]["topic"] for fact in consumer.verified(secret)]
    assert topics == ["Bulk 0", "Bulk 1", "Bulk 2"]
