"""Facts are told to other systems: signed, in order, again until they are taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

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
from leadcrm.webhooks.delivering import PATIENCE, deliver
from leadcrm.webhooks.models import Attempt, Delivery, DeliveryState, Subscription
from leadcrm.webhooks.tasks import forget
from leads.models import Lead, Notice
from leads.services.deleting import delete_leads, restore_lead, restore_leads
from leads.services.moves import move_leads
from leads.services.readiness import accept, set_sales_ready
from tests.api.consumer import Consumer, a_consumer
from tests.build import a_contact, a_form, a_lead, a_user
from tests.events.making import an_event, posts, registers
from tests.forms_intake.files import HEADER, a_file, a_mapping
from tests.forms_intake.posting import processed
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db

LEADS = ("lead.created", "lead.sales_ready", "lead.moved", "lead.accepted", "lead.closed")


@pytest.fixture(autouse=True)
def private(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True


@pytest.fixture
def consumer() -> Iterator[Consumer]:
    with a_consumer() as one:
        yield one


def a_subscription(consumer: Consumer, *kinds: str) -> tuple[Subscription, str]:
    ada = a_user(Role.ADMINISTRATOR)
    return services.subscribe(name="Other CRM", url=consumer.url, kinds=kinds or LEADS, by=ada)


def deliver_all() -> None:
    while deliver(5):
        pass


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


def test_a_signature_of_another_secret_does_not_hold(consumer: Consumer) -> None:
    one, old = a_subscription(consumer)
    services.send_test(one, by=a_user())
    deliver_all()
    _, fresh = services.rotate(one.pk)
    services.send_test(one, by=a_user())
    deliver_all()
    Subscription.objects.update(previous_until=timezone.now())
    services.send_test(one, by=a_user())
    deliver_all()

    def holds(secret: str) -> list[bool]:
        found = []
        for got in consumer.got:
            one_of = Consumer(got=[got])
            try:
                one_of.verified(secret)
            except Exception:
                found.append(False)
            else:
                found.append(True)
        return found

    assert holds(old) == [True, True, False]
    assert holds(fresh) == [False, True, True]
    row = Subscription.objects.values_list("salt", flat=True).get()
    assert bytes(row).hex() not in fresh


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


def test_what_fails_is_tried_again_in_order_with_the_same_id_and_words(consumer: Consumer) -> None:
    one, secret = a_subscription(consumer, "lead.moved")
    leads = [a_lead(topic=f"Lead {number}") for number in range(3)]
    consumer.answers = [500, 429, 204]
    consumer.headers = {"Retry-After": "120"}
    for lead in leads:
        move_leads([lead.pk], "marketing_qualification", cause="person")

    with time_machine.travel(timezone.now(), tick=False) as clock:
        deliver_all()
        one.refresh_from_db()
        assert (one.failures, len(consumer.got)) == (1, 1)
        assert one.retry_at is not None and one.retry_at - timezone.now() > timedelta(seconds=100)
        clock.shift(135)
        deliver_all()
        assert len(consumer.got) == 2
        clock.shift(135)
        deliver_all()

        told = [fact["data"]["lead_id"] for fact in consumer.verified(secret)]
    assert told == [leads[0].pk] * 3 + [leads[1].pk, leads[2].pk]
    assert len(set(consumer.ids[:3])) == 1 and len({body for _, body in consumer.got[:3]}) == 1
    assert Subscription.objects.filter(failures=0, failing_since=None, retry_at=None).exists()
    assert sorted(each.status or 0 for each in Attempt.objects.all()) == [204, 204, 204, 429, 500]


def test_one_that_fails_holds_up_no_other_subscription(consumer: Consumer) -> None:
    with a_consumer() as broken:
        broken.answers = [500] * 10
        a_subscription(broken, "lead.moved")
        a_subscription(consumer, "lead.moved")
        for _ in range(2):
            move_leads([a_lead().pk], "marketing_qualification", cause="person")
        deliver_all()

        assert (len(broken.got), len(consumer.got)) == (1, 2)


def test_what_has_failed_for_a_day_is_paused_and_administrators_are_told(consumer: Consumer) -> None:
    ada = a_user(Role.ADMINISTRATOR, "ada")
    one, _ = a_subscription(consumer)
    consumer.answers = [500, 500]
    services.send_test(one, by=ada)
    deliver_all()
    Subscription.objects.update(failing_since=timezone.now() - PATIENCE, retry_at=None)
    deliver_all()

    one.refresh_from_db()
    assert one.state == "paused"
    assert "taken nothing for a day" in Notice.objects.filter(to=ada, kind="workspace").get().words
    a_lead()
    deliver_all()
    assert len(consumer.got) == 2
    services.resume(one.pk)
    deliver_all()
    assert len(consumer.got) == 4
    assert len(set(consumer.ids)) == 2


def test_who_answers_gone_is_paused_at_once(consumer: Consumer) -> None:
    one, _ = a_subscription(consumer)
    consumer.answers = [410]
    services.send_test(one, by=a_user())
    deliver_all()

    one.refresh_from_db()
    assert one.state == "paused"


def test_a_redirect_is_not_followed_and_an_answer_is_kept_as_text(consumer: Consumer) -> None:
    one, _ = a_subscription(consumer)
    consumer.answers = [302]
    consumer.headers = {"Location": consumer.url}
    services.send_test(one, by=a_user())
    deliver_all()

    assert len(consumer.got) == 1
    tried = Attempt.objects.get()
    assert (tried.status, "redirects are not followed" in tried.error, len(tried.answer)) == (302, True, 2000)


def test_a_delivery_is_sent_again_or_skipped_by_click(consumer: Consumer, client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    made = client.post("/integrations/webhooks/new/", {"name": "CRM", "url": consumer.url, "kinds": ["lead.moved"]})
    secret = made.context["secret"]
    assert made["Cache-Control"] == "no-store" and secret.encode() in made.content
    move_leads([a_lead(a_contact("Nina", "Lind"), "Fleet").pk], "marketing_qualification", cause="person")
    deliver_all()
    first = Delivery.objects.get()
    log = client.get(f"/integrations/webhooks/{first.subscription_id}/").content.decode()
    assert "<bdi>Nina Lind, Fleet</bdi>" in log
    client.post(f"/integrations/deliveries/{first.pk}/again/")
    deliver_all()
    assert consumer.ids == [first.webhook_id] * 2
    assert len(consumer.verified(secret)) == 2

    consumer.answers = [400]
    for _ in range(2):
        move_leads([a_lead().pk], "marketing_qualification", cause="person")
    deliver_all()
    stuck = Delivery.objects.get(state="waiting", attempts=1)
    page = client.get(f"/integrations/deliveries/{stuck.pk}/")
    assert b"&lt;script&gt;alert(1)" in page.content and b"<script>alert" not in page.content
    client.post(f"/integrations/deliveries/{stuck.pk}/skip/")
    deliver_all()
    states = list(Delivery.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["delivered", "skipped", "delivered"]
    assert secret.encode() not in client.get(f"/integrations/webhooks/{first.subscription_id}/").content


def test_a_receiver_that_lost_an_evening_is_told_it_again_in_order_and_until_it_takes_it(
    consumer: Consumer, client: Client
) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    one, secret = a_subscription(consumer, "lead.moved")
    leads = [a_lead(topic=f"Lead {number}") for number in range(4)]
    for lead in leads:
        move_leads([lead.pk], "marketing_qualification", cause="person")
    deliver_all()
    before, skipped, *_ = Delivery.objects.order_by("pk")
    evening = timezone.localtime() + timedelta(hours=1)
    Delivery.objects.exclude(pk=before.pk).update(created_at=evening)
    Delivery.objects.filter(pk=skipped.pk).update(state="skipped")
    others = a_subscription(consumer, "lead.closed")[0]
    of_others = Delivery.objects.create(subscription=others, kind="lead.closed", body="{}", state="delivered")
    where = f"/integrations/webhooks/{one.pk}/tell-again/"
    consumer.got.clear()

    since = f"{evening:%Y-%m-%dT%H:%M}"
    said = client.post(where, {"since": since, "only_skipped": "on"}, follow=True).content.decode()
    assert "1 fact is told again" in said
    deliver_all()
    assert consumer.ids == [skipped.webhook_id]

    consumer.got.clear()
    consumer.answers = [503]
    client.post(where, {"since": since})
    deliver_all()
    assert len(consumer.got) == 1 and Delivery.objects.filter(state="waiting").count() == 3
    Subscription.objects.update(retry_at=None)
    deliver_all()
    told = [fact["data"]["lead_id"] for fact in consumer.verified(secret)]
    assert told == [leads[1].pk, leads[1].pk, leads[2].pk, leads[3].pk]
    assert before.webhook_id not in consumer.ids and of_others.webhook_id not in consumer.ids
    assert not Delivery.objects.filter(state="waiting").exists()

    assert "Nothing is told again" in client.post(where, {"since": "yesterday"}, follow=True).content.decode()
    assert Delivery.objects.filter(state="waiting").count() == 0


def test_two_who_edit_a_subscription_are_told(consumer: Consumer, client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    one, _ = a_subscription(consumer)
    sent = {"name": "Mine", "url": consumer.url, "kinds": ["lead.moved"], "version": "1"}
    first = client.post(f"/integrations/webhooks/{one.pk}/edit/", sent)
    second = client.post(f"/integrations/webhooks/{one.pk}/edit/", sent | {"name": "Theirs"})

    assert first.status_code == 302
    assert second.status_code == 422 and b"Theirs" in second.content
    one.refresh_from_db()
    assert (one.name, one.kinds) == ("Mine", ["lead.moved"])


def test_what_was_told_long_ago_is_forgotten(consumer: Consumer) -> None:
    one, _ = a_subscription(consumer)
    services.send_test(one, by=a_user())
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    kept = services.send_test(one, by=a_user())

    forget()

    assert list(Delivery.objects.all()) == [kept]


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
def test_what_is_erased_while_it_is_on_its_way_holds_up_nothing_else_of_the_round(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        a_subscription(consumer, "contact.created")
    create_contact(email="nina@example.com")
    original = delivering._note

    def note_late(one: Any, sent: Any, now: Any) -> None:
        Delivery.objects.order_by("pk")[:1].get().delete() if Delivery.objects.count() == 2 else None
        original(one, sent, now)

    monkeypatch.setattr(delivering, "_note", note_late)

    deliver_all()

    stays = Delivery.objects.get()
    assert (stays.state, stays.attempts) == (DeliveryState.DELIVERED, 1)
    assert Attempt.objects.get().delivery == stays


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
