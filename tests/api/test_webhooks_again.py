"""What fails is told again, in order, until it is taken; what a receiver lost can be had again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from contacts.services.contacts import create_contact
from leadcrm.webhooks import delivering
from leadcrm.webhooks import subscriptions as services
from leadcrm.webhooks.delivering import PATIENCE
from leadcrm.webhooks.models import Attempt, Delivery, DeliveryState, Subscription
from leadcrm.webhooks.tasks import forget
from leads.models import Notice
from leads.services.moves import move_leads
from tests.api.consumer import Consumer, a_consumer
from tests.api.subscribing import a_subscription, deliver_all
from tests.build import a_contact, a_lead, a_user

pytestmark = pytest.mark.django_db


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
