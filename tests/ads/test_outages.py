"""Connectors and mailboxes that bring nothing in any more are told, once, to who can mend them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import OutboxEvent, Role, User
from forms_intake import outages
from forms_intake.ads import fetching, setting_up
from forms_intake.mailbox import reading
from forms_intake.models import AdLead, AdLeadState, Connector, Mailbox
from leadcrm.doctor import inflow_comes
from leadcrm.embedded.errors import CannotRun
from leads.models import Notice
from tests.ads.network import SECRET, Network, a_connector, notification, tell, worked
from tests.build import a_user
from tests.mailbox.servers import a_mailbox
from tests.threads import at_once

pytestmark = pytest.mark.django_db
OLD = {"client_secret": SECRET, "token": "an old one"}


def pull() -> None:
    fetching.pull(Connector.objects.get(), by=None)


def passes(**time: int) -> None:
    """So much time goes by for what fails."""
    ago = timedelta(**time)
    for rows in (Connector.objects, Mailbox.objects):
        rows.update(failing_since=F("failing_since") - ago, last_error_at=F("last_error_at") - ago)


def told() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("to__username", "words"))


@pytest.fixture
def maria() -> User:
    a_user(Role.SALESPERSON, "sam")
    return a_user(Role.MARKETER, "maria")


@pytest.mark.django_db(transaction=True)
def test_of_each_outage_everybody_who_keeps_connectors_is_told_once(network: Network, maria: User) -> None:
    a_user(Role.ADMINISTRATOR, "ada")
    a_connector(secrets=OLD, by=maria)
    pull()
    pull()
    assert outages.tell() == 0, "a hiccup is nobody's news"
    passes(hours=1)
    assert outages.tell() == 0, "it has not failed again"

    pull()
    assert sorted(at_once(outages.tell, outages.tell), key=str) in ([0, 2], [1, 1])
    pull()

    assert outages.tell() == 0
    assert {name for name, _ in told()} == {"maria", "ada"}
    assert all("No leads of ads have come in from Northwind since " in words for _, words in told())
    assert all("The token is refused (401)" in words for _, words in told())
    assert OutboxEvent.objects.filter(kind="mail").count() == 2


def test_an_outage_that_lasts_is_told_again_and_so_is_the_next(network: Network, maria: User) -> None:
    a_connector(by=maria)
    network.refuses = 500
    pull()
    passes(hours=1)
    pull()
    assert outages.tell() == 1

    passes(days=8)
    assert (outages.tell(), outages.tell()) == (1, 0)

    network.refuses = 0
    pull()
    now = Connector.objects.get()
    assert (now.failing_since, now.last_error) == (None, "")
    network.refuses = 500
    pull()
    assert outages.tell() == 0
    passes(hours=2)
    pull()
    assert outages.tell() == 1


def test_a_token_that_may_list_and_not_fetch_does_not_work(network: Network, maria: User) -> None:
    connector = a_connector(by=maria)
    tell(connector, notification(network.has("a-1")))
    network.refuses = 403
    worked()
    passes(hours=1)
    network.refuses = 0

    pull()
    assert Connector.objects.get().failing_since is not None
    fetching.let_go_on(connector.pk)
    worked()

    assert Connector.objects.get().failing_since is None


def test_a_connector_that_cannot_list_what_was_missed_is_told_though_leads_come_in(
    network: Network, maria: User
) -> None:
    connector = a_connector(by=maria)
    network.refuses, network.refuses_to = 404, "list"
    for lead in ("a-1", "a-2"):
        pull()
        tell(connector, notification(network.has(lead)))
        worked()
        passes(hours=1)
    assert AdLead.objects.filter(state=AdLeadState.KEPT).count() == 2
    pull()

    assert outages.tell() == 1
    assert told()[0][1].startswith("Not all leads of ads have come in from Northwind since ")
    network.refuses = 0
    pull()
    assert Connector.objects.get().failing_since is None


def test_an_account_that_is_not_listed_any_more_fails_to_list_no_longer(network: Network, maria: User) -> None:
    connector = a_connector(by=maria)
    network.refuses, network.refuses_to = 404, "list"
    pull()

    said: dict[str, Any] = {"name": "Northwind", "product": None, "owner": None, "token_until": None, "secrets": {}}
    version = Connector.objects.get().version
    setting_up.save_settings(connector.pk, version=version, account_id="", by=maria, **said)

    assert Connector.objects.get().failing_since is None


def test_a_token_that_may_not_fetch_any_more_does_not_work_though_the_first_lead_failed_before(
    network: Network, maria: User
) -> None:
    connector = a_connector(by=maria)
    tell(connector, notification(network.has("a-1")))
    tell(connector, notification(network.has("a-2")))
    network.refuses, network.refuses_to = 500, "fetch"
    worked()
    network.refuses = 403
    for _ in range(2):
        fetching.let_go_on(connector.pk)
        worked()
        pull()
        passes(hours=1)

    assert Connector.objects.get().failing_since is not None
    fetching.let_go_on(connector.pk)
    worked()
    assert outages.tell() == 1


def test_that_a_lead_is_gone_says_that_leads_may_be_fetched_again(network: Network, maria: User) -> None:
    connector = a_connector(by=maria)
    tell(connector, notification("gone"))
    network.refuses = 403
    worked()
    assert Connector.objects.get().failing_since is not None

    network.refuses = 0
    fetching.let_go_on(connector.pk)
    worked()

    now = Connector.objects.get()
    assert now.failing_since is None
    assert "It is not there any more." in now.last_error


def test_a_lead_that_is_gone_and_a_strangers_post_are_no_outage(network: Network, maria: User) -> None:
    connector = a_connector(by=maria)
    tell(connector, notification("gone"))
    worked()
    tell(connector, b"[]", signature="0" * 64)

    assert Connector.objects.get().last_error
    assert Connector.objects.get().failing_since is None


def test_what_a_stranger_posts_does_not_hide_why_it_fails(network: Network, maria: User) -> None:
    connector = a_connector(secrets=OLD, by=maria)
    pull()
    Connector.objects.update(last_error_at=timezone.now() - timedelta(hours=1))

    assert tell(connector, b"[]", signature="0" * 64).status_code == 401

    assert Connector.objects.get().last_error.startswith("The token is refused (401)")


def test_a_mailbox_that_cannot_be_read_is_told_once(settings: Any, maria: User) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    mailbox = a_mailbox(port=1, by=maria)
    reading.read(mailbox)
    assert outages.tell() == 0
    passes(hours=1)
    reading.read(Mailbox.objects.get())

    assert (outages.tell(), outages.tell()) == (1, 0)
    ((name, words),) = told()
    assert name == "maria"
    assert words.startswith("The mailbox Sales inbox has not been readable since ")
    assert "cannot be reached" in words
    Mailbox.objects.update(active=False)
    passes(days=8)
    assert outages.tell() == 0, "who switched it off knows"


def test_a_token_is_told_of_ten_days_before_it_ends_and_once(maria: User) -> None:
    today = timezone.localdate()
    a_connector(by=maria, token_until=today + timedelta(days=11))
    assert outages.tell() == 0

    Connector.objects.update(token_until=today + timedelta(days=10))
    assert (outages.tell(), outages.tell()) == (1, 0)
    Connector.objects.update(token_until=today - timedelta(days=1))
    assert outages.tell() == 1, "another date is another token"
    Connector.objects.update(token_until=today + timedelta(days=60))
    assert outages.tell() == 0
    assert "(ads) ends on" in told()[0][1]


def test_pages_health_and_doctor_say_what_fails_since_when_and_why(
    network: Network, client: Client, maria: User
) -> None:
    a_connector(secrets=OLD, by=maria, token_until=timezone.localdate() + timedelta(days=3))
    a_mailbox(port=1, by=maria)
    client.force_login(maria)
    assert inflow_comes() == "no mailbox and no connector fails"
    assert "Connectors failing" not in client.get("/").content.decode()
    for _ in range(2):
        pull()
        reading.read(Mailbox.objects.get())
        passes(hours=1)
    pull()
    reading.read(Mailbox.objects.get())

    ads = client.get(reverse("forms_intake:ads")).content.decode()
    assert '<span class="tag bad">Failing</span> <span class="small">since ' in ads
    assert "The token is refused (401)" in ads
    assert "Its token ends in 3 days." in ads
    assert '<span class="tag good">' not in ads
    mailboxes = client.get(reverse("forms_intake:mailboxes")).content.decode()
    assert '<span class="tag bad">Failing</span> <span class="small">since ' in mailboxes
    assert "cannot be reached" in mailboxes
    home = client.get("/").content.decode()
    assert "Connectors failing" in home
    assert "Mailboxes failing" in home
    said = client.get("/readyz").json()
    assert (said["failing_mailboxes"], said["failing_connectors"]) == (1, 1)
    assert {"1 mailbox cannot be read", "1 connector of ads fails"} <= set(said["degraded"])
    with pytest.raises(
        CannotRun, match=r"from Northwind since .*refused \(401\).*The mailbox Sales inbox has not been"
    ):
        inflow_comes()
