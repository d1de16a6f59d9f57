"""A lead of an ad goes from the notification to a lead, once, by the connector's one strategy."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Consent, Contact, Interaction, InteractionKey, MarketingContext, Role
from contacts.services.contacts import create_contact
from forms_intake.ads import fetching, linkedin, replaying
from forms_intake.ads.access import access_of
from forms_intake.ads.setting_up import save_settings
from forms_intake.models import (
    AdLead,
    AdLeadState,
    AdQuestion,
    AdSync,
    Connector,
    FieldType,
    Strategy,
    Submission,
    SubmissionState,
)
from forms_intake.spec.reading import specs_of
from leads.models import Lead, LeadMatchingStrategy
from tests.ads.network import (
    NINA,
    QUESTIONS,
    SECRET,
    TOKEN,
    Network,
    a_connector,
    notification,
    signed,
    tell,
    with_strategy,
    worked,
)
from tests.build import a_product, a_user

pytestmark = pytest.mark.django_db


def test_a_notification_becomes_a_lead_that_names_its_ad(network: Network) -> None:
    owner, product = a_user(), a_product()
    connector = a_connector(owner=owner, product=product)
    network.has("a-1")

    answer = tell(connector, notification("a-1"))

    assert (answer.status_code, answer.json()) == (200, {"new": 1, "known": 0})
    assert network.seen == []  # answered before anything was asked for
    (submission,) = worked()
    lead = Lead.objects.get()
    contact = Contact.objects.get()
    assert (contact.name, contact.email, getattr(contact.account, "name", "")) == (
        "Nina Lind",
        "nina@nordwind.example",
        "Nordwind",
    )
    assert (lead.contact, lead.owner, lead.topic, lead.product) == (contact, owner, "Ask for a demo", product)
    context = lead.marketing_context
    assert (context.kind, context.advertisement, context.medium.name) == ("advertisement", context, "LinkedIn")
    assert context.name == "LinkedIn: Ask for a demo, Autumn routes, ad 9001"
    assert lead.campaign.name == "Autumn routes"
    interaction = Interaction.objects.get()
    assert interaction.occurred_at == min(datetime.fromtimestamp(1_795_000_000, UTC), submission.received_at)
    assert interaction.subject == context.name
    assert submission.origin["campaign"] == "Autumn routes"
    known = AdLead.objects.get()
    assert (known.state, known.submission, getattr(known.source, "form_name", "")) == (
        "kept",
        submission,
        "Ask for a demo",
    )
    told, fetched = AdSync.objects.order_by("pk")
    assert (told.how, told.new, fetched.how, fetched.new) == ("webhook", 1, "fetch", 1)
    assert Connector.objects.get().last_lead_at is not None


def test_however_often_it_is_told_it_is_one_lead(network: Network) -> None:
    connector = with_strategy(a_connector(), strategy=Strategy.ALWAYS)
    network.has("a-1")

    for _ in range(2):
        tell(connector, notification("a-1"))
        worked()
    fetching.pull(connector, by=None)
    replaying.reset(connector, by=a_user())
    fetching.pull(Connector.objects.get(), by=None)
    replaying.replay(connector, by=a_user())
    worked()

    assert Lead.objects.count() == Contact.objects.count() == Interaction.objects.count() == 1
    assert Submission.objects.get().state == SubmissionState.DONE
    assert [sync.new for sync in AdSync.objects.filter(how__in=["webhook", "pull"]).order_by("pk")] == [1, 0, 0, 0]


def test_more_than_is_listed_at_once_is_asked_for_part_by_part(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linkedin, "A_PAGE", 2)
    monkeypatch.setattr(linkedin, "MOST_PAGES", 2)
    network.by_time = True
    now = timezone.now()
    for number in range(9):  # the newest first
        network.has(f"a-{number}", at=int((now - timedelta(days=8 * number + 1)).timestamp() * 1000))
    connector = a_connector()

    first = fetching.pull(connector, by=None)
    after_first = Connector.objects.get()

    assert 0 < first.new <= 4
    assert not AdLead.objects.filter(external_id="a-0").exists()
    assert after_first.pulled_to is not None
    assert after_first.pulled_to < now - timedelta(days=1), "not beyond what was listed"
    assert after_first.pull_at is not None
    assert after_first.pull_at <= timezone.now(), "it goes on at once"
    written = AdSync.objects.get(pk=first.pk)
    assert " until " in written.what
    assert "the rest is asked for next" in written.note

    for _ in range(6):
        fetching.pull_due(5)

    assert AdLead.objects.count() == 9
    assert AdSync.objects.order_by("-pk")[0].note == ""
    assert Connector.objects.filter(pulled_to__gt=now - timedelta(hours=2)).exists()


def test_a_challenge_is_answered_with_the_client_secret() -> None:
    connector = a_connector(on=False)
    address = reverse("forms_intake:ads_hook", args=[connector.address])

    answer = Client().get(address, {"challengeCode": "890e4665-4dfe"})

    right = hmac.new(SECRET.encode(), b"890e4665-4dfe", hashlib.sha256).hexdigest()
    assert answer.json() == {"challengeCode": "890e4665-4dfe", "challengeResponse": right}
    assert Client().get(address).status_code == 400
    assert Client().get(reverse("forms_intake:ads_hook", args=["somewhere"])).status_code == 404


@pytest.mark.parametrize("signature", ["", "hmacsha256=", "0" * 64, "\udcff", signed(b"{}"), signed(b"[]", "other")])
def test_a_notification_that_the_network_did_not_sign_is_refused(signature: str) -> None:
    connector = a_connector()

    answer = tell(connector, b"[]", signature=signature.encode("utf-8", "replace").decode() or "none")

    assert answer.status_code == 401
    assert not AdLead.objects.exists()
    assert not AdSync.objects.exists()
    assert "wrong signature" in Connector.objects.get().last_error


def test_a_connector_without_a_secret_takes_nothing() -> None:
    connector = a_connector(on=False, secrets={})
    Connector.objects.update(state="on")

    assert tell(connector, b"[]", signature=signed(b"[]", "")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"), [(b"nonsense", 400), (b"[1, null]", 200), (b'{"type": "LEAD_ACTION"}', 400), (b"[" * 9999, 400)]
)
def test_what_makes_no_sense_is_refused_and_never_breaks(body: bytes, status: int) -> None:
    assert tell(a_connector(), body).status_code == status
    assert not AdLead.objects.exists()


def test_the_lead_of_another_account_is_not_ours(network: Network) -> None:
    other = notification("x", owner={"sponsoredAccount": "urn:li:sponsoredAccount:1"})

    assert tell(a_connector(), other).json() == {"new": 0, "known": 0}


def test_one_that_is_off_is_not_there() -> None:
    connector = a_connector()
    Connector.objects.update(state="off")

    assert tell(connector, notification("a-1")).status_code == 404


def test_a_refused_token_holds_everything_up_and_loses_nothing(network: Network) -> None:
    connector = a_connector(secrets={"client_secret": SECRET, "token": "an old one"})
    for name in ("a-1", "a-2", "a-3"):
        network.has(name, {**NINA, 3: f"{name}@nordwind.example"})
        tell(connector, notification(name))

    worked()

    assert len(network.seen) == 1
    assert "token is refused" in Connector.objects.get().last_error
    assert set(AdLead.objects.values_list("state", "attempts")) == {("waiting", 0)}
    now = Connector.objects.get()
    save_settings(
        now.pk,
        version=now.version,
        name=now.name,
        account_id=now.account_id,
        product=None,
        owner=None,
        token_until=None,
        secrets={"token": TOKEN},
        by=a_user(),
    )
    assert len(worked()) == 3
    assert Connector.objects.get().last_error == ""


def test_what_may_pass_is_tried_again_and_what_is_gone_is_told(network: Network) -> None:
    connector = a_connector()
    tell(connector, notification("gone"))
    worked()
    network.refuses = 503
    tell(connector, notification("later"))
    worked()

    gone, later = AdLead.objects.order_by("pk")
    assert (gone.state, gone.error) == (AdLeadState.FAILED, "Answered 404. It is not there any more.")
    assert (later.state, later.attempts) == (AdLeadState.WAITING, 1)
    assert later.retry_at is not None

    network.refuses = 0
    network.has("later")
    network.has("gone", {**NINA, 3: "other@nordwind.example"})
    AdLead.objects.filter(pk=later.pk).update(retry_at=None)
    replaying.replay(connector, by=a_user(), leads=[gone.pk])
    assert len(worked()) == 2


def test_a_private_address_is_not_asked(network: Network, settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    settings.LINKEDIN_API = network.address.replace("http://", "https://")
    network.has("a-1")
    tell(a_connector(), notification("a-1"))

    worked()

    assert network.seen == []
    assert AdLead.objects.get().error == "Its address is private, or reserved."


def test_a_test_lead_makes_nothing(network: Network) -> None:
    network.has("t", test=True)
    tell(a_connector(), notification("t"))

    assert worked() == []
    assert AdLead.objects.get().state == AdLeadState.TEST


def test_a_withdrawn_lead_is_not_fetched_any_more(network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    tell(connector, notification("a-1", leadAction="DELETED"))

    assert worked() == []
    assert AdLead.objects.get().state == AdLeadState.WITHDRAWN


# --- Strategies ---------------------------------------------------------------------------------------------------


def two_answers(network: Network, connector: Connector, **of_second: Any) -> list[Submission]:
    """Nina hands in the same form twice."""
    network.has("a-1")
    network.has("a-2", at=1_795_000_900_000, **of_second)
    for name in ("a-1", "a-2"):
        tell(connector, notification(name))
        worked()
    return list(Submission.objects.order_by("pk"))


def test_by_contact_two_answers_about_one_ad_are_one_lead(network: Network) -> None:
    two_answers(network, a_connector())

    assert (Contact.objects.count(), Lead.objects.count(), Interaction.objects.count()) == (1, 1, 2)


def test_always_a_new_lead_is_one_for_each_answer_and_stays_so(network: Network) -> None:
    connector = with_strategy(a_connector(), strategy=Strategy.ALWAYS)
    two_answers(network, connector)
    replaying.replay(connector, by=a_user())
    worked()

    assert (Contact.objects.count(), Lead.objects.count(), Interaction.objects.count()) == (1, 2, 2)


def test_by_lead_fields_all_must_be_the_same(network: Network) -> None:
    by_campaign = LeadMatchingStrategy.objects.create(name="Same campaign", attributes=["contact", "campaign"])
    connector = with_strategy(a_connector(), strategy=Strategy.FIELDS, lead_strategy=by_campaign)
    two_answers(network, connector, form=4000, form_name="Another form")
    assert Lead.objects.count() == 1

    network.has("a-3", form=4001, campaign={"id": "urn:li:sponsoredCampaign:1", "name": "Winter"})
    tell(connector, notification("a-3"))
    worked()
    assert Lead.objects.count() == 2


def test_without_contacts_the_unknown_stay_leads_and_the_known_are_linked(network: Network) -> None:
    known = create_contact(first_name="Eva", last_name="Blau", email="eva@blau.example")
    connector = with_strategy(a_connector(), makes_contacts=False)
    two_answers(network, connector)
    lead = Lead.objects.get()
    assert (Contact.objects.count(), lead.contact, lead.person_email) == (1, None, "nina@nordwind.example")

    network.has("a-3", {**NINA, 3: "eva@blau.example"})
    tell(connector, notification("a-3"))
    worked()
    assert Lead.objects.get(contact=known).marketing_context == lead.marketing_context
    assert Contact.objects.get().first_name == "Eva"


# --- Questions ----------------------------------------------------------------------------------------------------


def test_what_is_mapped_later_and_replayed_is_filled_without_a_double(network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    (submission,) = worked()
    question = AdQuestion.objects.get(name="How many lorries?")
    assert (question.fills, submission.payload[question.key]) == ("", "12")

    AdQuestion.objects.filter(pk=question.pk).update(fills="lead.description")
    replaying.replay(connector, by=a_user())
    (again,) = worked()

    assert Lead.objects.get().description == "12"
    assert (again.lead_id, again.interaction_id) == (submission.lead_id, submission.interaction_id)
    assert (again.decision or {})["lead"]["new"] is True
    assert (again.decision or {})["lead"]["reason"] == "It was this lead already when it was processed before."


def test_what_is_replayed_after_its_keys_were_forgotten_is_not_doubled(network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    (submission,) = worked()
    InteractionKey.objects.all().delete()

    replaying.replay(connector, by=a_user())
    (again,) = worked()

    assert Interaction.objects.get().pk == again.interaction_id == submission.interaction_id


def test_answers_that_failed_for_want_of_a_mapping_are_filled_by_replaying(network: Network) -> None:
    connector = a_connector()
    network.has("a-1", {1: "Nina", 3: "nina@nordwind.example"}, questions={1: "Vorname", 3: "Ihre Adresse"})
    tell(connector, notification("a-1"))
    (failed,) = worked()
    assert (failed.state, Contact.objects.count()) == (SubmissionState.FAILED, 0)

    AdQuestion.objects.filter(name="Ihre Adresse").update(fills="contact.email")
    replaying.replay(connector, by=a_user())

    (done,) = worked()
    assert (done.state, Contact.objects.get().email) == (SubmissionState.DONE, "nina@nordwind.example")


def test_two_forms_may_ask_for_the_same_in_other_words(network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    network.has("a-2", {1: "eva@blau.example"}, form=99, questions={1: "Work email"})
    for name in ("a-1", "a-2"):
        tell(connector, notification(name))
    worked()

    assert set(Contact.objects.values_list("email", flat=True)) == {"nina@nordwind.example", "eva@blau.example"}


def test_a_ticked_statement_is_consent_in_the_words_people_saw(network: Network) -> None:
    connector = a_connector()
    network.has("a-1", consents={4: ("You may write to me.", True), 5: ("You may call me.", False)})
    tell(connector, notification("a-1"))
    worked()
    assert not Consent.objects.exists()

    AdQuestion.objects.filter(is_consent=True).update(consent_level=3)
    replaying.replay(connector, by=a_user())
    worked()

    consent = Consent.objects.get()
    assert (consent.level, consent.wording) == (3, "You may write to me.")


def test_the_fields_of_a_connector_are_its_questions(network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    worked()

    fields = {field.label: field for field in specs_of([connector.form_id])[connector.form_id].fields}
    assert fields.keys() == set(QUESTIONS.values())
    assert fields["Email address"].type == FieldType.EMAIL


# --- What nobody may see or do ------------------------------------------------------------------------------------


def test_secrets_are_sealed_and_stand_on_no_page(network: Network, client: Client) -> None:
    connector = a_connector()
    sealed = bytes(Connector.objects.get().sealed or b"")
    assert SECRET.encode() not in sealed
    assert TOKEN.encode() not in sealed
    assert SECRET not in repr(access_of(connector))
    client.force_login(a_user(Role.ADMINISTRATOR, is_staff=True, is_superuser=True))
    for name in ("ads_connector", "ads_settings", "ads_log", "ads_leads", "ads_questions", "ads_strategy"):
        page = client.get(reverse(f"forms_intake:{name}", args=[connector.pk])).content.decode()
        assert SECRET not in page
        assert TOKEN not in page
    shown = client.get(reverse("admin:forms_intake_connector_change", args=[connector.pk])).content.decode()
    assert SECRET not in shown
    assert "sealed" not in shown.replace("Sealed at", "").replace("sealed_at", "")


def test_its_form_is_nobodys_to_post_to_or_to_build(client: Client) -> None:
    connector = a_connector()
    client.force_login(a_user(Role.MARKETER))

    assert client.post(f"/f/{connector.form.public_id}/", {"email": "x@y.example"}).status_code == 404
    assert client.get(reverse("forms_intake:builder", args=[connector.form_id])).status_code == 404
    assert connector.form.name not in client.get(reverse("forms_intake:forms")).content.decode()
    assert not Submission.objects.exists()


def test_what_is_said_in_an_ad_is_never_markup(network: Network, client: Client) -> None:
    evil = "<script>alert(1)</script>"
    connector = a_connector(name="N")
    network.has(
        "a-1",
        {**NINA, 1: evil, 5: evil},
        questions={**QUESTIONS, 5: evil},
        form_name=evil,
        campaign={"id": "1", "name": evil},
    )
    tell(connector, notification("a-1"))
    worked()
    client.force_login(a_user(Role.MARKETER))
    for name in ("ads_connector", "ads_log", "ads_leads", "ads_questions"):
        assert evil not in client.get(reverse(f"forms_intake:{name}", args=[connector.pk])).content.decode()
    lead = Lead.objects.get()
    assert evil not in client.get(reverse("leads:detail", args=[lead.pk])).content.decode()
    assert MarketingContext.objects.filter(name__contains=evil).exists()
