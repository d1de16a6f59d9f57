"""Strategies are made, edited, copied, retired and made the default on pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts import match_keys
from contacts.models import Contact, ContactMatchingStrategy, DuplicatePair, MatchKey, Role
from contacts.services.contacts import create_contact
from contacts.services.strategies import backfill_some, claim_chunk, create_strategy
from forms_intake.building.checks import findings_of
from forms_intake.building.editing import add_version
from forms_intake.building.settings_form import SettingsForm
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.mapping import read_mapping
from forms_intake.imports.preparing import prepare
from forms_intake.models import Submission
from forms_intake.processing.work import process_next
from leads.models import LeadMatchingStrategy
from tests.build import a_form, a_user
from tests.forms_intake.files import HEADER, a_mapping
from tests.forms_intake.posting import a_submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, first_name="Maria", last_name="Maas"))
    return client


def page(strategy: Any = None, kind: str = "contact") -> str:
    if strategy is None:
        return reverse("forms_intake:new_strategy", args=[kind])
    return reverse("forms_intake:strategy", args=[kind, strategy.pk])


def act(client: Client, strategy: Any, what: str, kind: str = "contact") -> str:
    url = reverse("forms_intake:strategy_act", args=[kind, strategy.pk, what])
    return client.post(url, follow=True).content.decode()


def test_a_strategy_is_made_and_everybody_who_was_there_gets_its_keys(maria: Client):
    nina = create_contact(first_name="Nina", last_name="Lind", phone="+49 30 12345678")

    said = maria.post(page(), {"name": "Name, as typed", "last_name": "exact", "phone": "normalised"}, follow=True)

    assert "same phone number and same last name, as typed" in said.content.decode()
    strategy = ContactMatchingStrategy.objects.get(name="Name, as typed")
    assert strategy.attributes == ["phone", "last_name:exact"]
    ContactMatchingStrategy.objects.filter(pk=strategy.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    backfill_some(ContactMatchingStrategy, claim_chunk, seconds=1)
    assert MatchKey.objects.get(contact=nina).value == "+493012345678\nLind"


def test_what_is_compared_as_typed_tells_apart_what_is_normalised_does_not(maria: Client):
    for attributes, known in ((["phone", "last_name"], 1), (["phone", "last_name:exact"], 2)):
        Contact.objects.all().delete()
        strategy = create_strategy(name=str(attributes), attributes=attributes)
        fields = {"phone": "contact.phone", "last_name": "contact.last_name"}
        form = a_form(str(attributes), fields=fields, contact_strategy=strategy)
        for name in ("LIND", "Lind"):
            a_submission(form, phone="+49 30 12345678", last_name=name)
        process_next()
        assert Contact.objects.count() == known


def test_who_saves_second_is_told_by_whom_and_keeps_what_they_chose(maria: Client):
    strategy = create_strategy(name="By phone", attributes=["phone"])
    sent = {"name": "By phone", "version": strategy.version, "phone": "normalised", "first_name": "normalised"}
    maria.post(page(strategy), sent | {"last_name": "normalised"})
    mona = Client()
    mona.force_login(a_user(Role.ADMINISTRATOR))

    late = mona.post(page(strategy), sent)

    shown = late.content.decode()
    assert late.status_code == 409 and "Maria Maas saved this strategy while you were editing it" in shown
    assert "same first name and same last name and same phone number" in shown
    again = sent | {"version": late.context["strategy"].version}
    assert mona.post(page(strategy), again).status_code == 302
    assert ContactMatchingStrategy.objects.get(pk=strategy.pk).attributes == ["first_name", "phone"]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": "Nothing"}, "at least one thing"),
        ({"name": "", "email": "normalised"}, "This field is required"),
        ({"name": "By phone", "email": "normalised"}, "of this name already"),
        ({"name": "Loose", "first_name": "fuzzy"}, "at least one thing"),
        ({"name": "Loose", "email": "normalised", "first_name": "fuzzy"}, "phone number or the last name"),
        ({"name": "Odd", "email": "exact"}, "Select a valid choice"),
    ],
)
def test_what_cannot_hold_is_refused_by_name(maria: Client, sent: dict[str, str], words: str):
    create_strategy(name="By phone", attributes=["phone"])

    answer = maria.post(page(), sent)

    assert answer.status_code == 422 and words in answer.content.decode()
    assert ContactMatchingStrategy.objects.count() == 2


def test_a_strategy_that_forms_use_is_not_retired_and_a_retired_one_makes_no_keys(maria: Client):
    strategy = create_strategy(name="By phone", attributes=["phone"])
    form = a_form("Ask for a call", contact_strategy=strategy)
    assert "It is used by Ask for a call" in act(maria, strategy, "retire")
    assert "Used by <bdi>Ask for a call</bdi>" in maria.get(reverse("forms_intake:strategies")).content.decode()
    form.contact_strategy = None
    form.save()

    assert "is retired" in act(maria, strategy, "retire")

    assert ("phone",) not in match_keys.kinds_in_use()
    assert "It is retired" in act(maria, strategy, "default")
    assert "offered again" in act(maria, strategy, "bring-back")
    assert ("phone",) in match_keys.kinds_in_use()


def test_what_visitors_see_uses_a_strategy_too_and_a_retired_one_is_not_offered(maria: Client):
    strategy = create_strategy(name="By phone", attributes=["phone"])
    form = a_form("Ask for a call", contact_strategy=strategy)
    author = a_user(Role.ADMINISTRATOR)
    with transaction.atomic():
        add_version(form, by=author)
    form.contact_strategy = None
    form.save()

    assert "It is used by Ask for a call" in act(maria, strategy, "retire")

    with transaction.atomic():
        add_version(form, by=author)
    assert "is retired" in act(maria, strategy, "retire")
    fields: Any = SettingsForm(instance=form).fields
    assert strategy not in fields["contact_strategy"].queryset
    mapping = a_mapping()
    mapping["contact"]["strategy"] = "By phone"
    with pytest.raises(InvalidMapping, match="'By phone' is retired"):
        prepare(read_mapping(mapping), HEADER.split(","), by=None)
    form.contact_strategy = ContactMatchingStrategy.objects.get(pk=strategy.pk)
    assert any(one.stops and "“By phone” is retired" in one.words for one in findings_of(form))


def test_another_default_and_a_copy(maria: Client):
    strategy = create_strategy(name="By phone", attributes=["phone"])
    first = ContactMatchingStrategy.objects.get(is_default=True)
    assert "It is the default" in act(maria, first, "retire")

    assert "is the default now" in act(maria, strategy, "default")
    maria.post(reverse("forms_intake:copy_strategy", args=["contact", strategy.pk]))
    maria.post(reverse("forms_intake:copy_strategy", args=["contact", strategy.pk]))

    assert ContactMatchingStrategy.objects.get(is_default=True) == strategy
    assert {"By phone (copy)", "By phone (copy 2)"} <= set(
        ContactMatchingStrategy.objects.values_list("name", flat=True)
    )


def test_strategies_of_leads_are_kept_likewise(maria: Client):
    maria.post(page(kind="lead"), {"name": "By product", "product": "on"})
    maria.post(page(kind="lead"), {"name": "Each one", "always_new": "on", "product": "on"})

    kept = dict(LeadMatchingStrategy.objects.values_list("name", "attributes"))
    assert (kept["By product"], kept["Each one"]) == (["contact", "product"], [])
    shown = maria.get(reverse("forms_intake:strategies")).content.decode()
    assert "same contact and same product" in shown and "always a new lead" in shown
    assert maria.get("/matching/nobody/new/").status_code == 404


def test_likeness_suggests_and_never_decides(maria: Client):
    maria.post(page(), {"name": "Alike", "last_name": "normalised", "first_name": "fuzzy"})
    strategy = ContactMatchingStrategy.objects.get(name="Alike")
    assert "the default must decide" in act(maria, strategy, "default")
    katherine = create_contact(first_name="Katherine", last_name="Lind", email="k@x.example")
    create_contact(first_name="Otto", last_name="Lind")
    a_submission(a_form(contact_strategy=strategy), email="kk@y.example", first_name="Katherin", last_name="LIND")

    process_next()

    post = Submission.objects.get()
    assert post.contact is not None and post.contact != katherine and post.decision is not None
    assert post.decision["contact"]["suggested"] == [katherine.pk]
    pair = DuplicatePair.objects.get()
    assert {pair.first, pair.second} == {katherine, post.contact} and pair.reasons == ["strategy"]
    assert match_keys.kinds_in_use() == [("email",), ("external_id",)]
