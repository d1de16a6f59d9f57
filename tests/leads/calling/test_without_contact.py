"""A lead without a contact is called from the queue like any other; the call says whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, Interaction
from contacts.services.contacts import create_contact
from leads.calling.claims import claim, claim_next
from leads.calling.queue import next_leads, waiting_in, without_contact
from leads.calling.recording import record_call
from leads.calling.undoing import undo_call
from leads.errors import InvalidValues, NotToBeCalled
from leads.models import Lead
from leads.stages import Stage
from tests.build import an_account
from tests.leads.calling.test_recording import a_caller, said, to_call
from tests.leads.test_orphans import an_orphan

pytestmark = pytest.mark.django_db
CALLED = Stage.TELEPROSPECTING_ACCEPTANCE
NUMBER = "+49 30 1234567"


def test_what_says_a_number_stands_in_the_queue_and_what_says_none_apart():
    theo = a_caller()
    rings, silent = an_orphan(phone=NUMBER, stage=CALLED), an_orphan(stage=CALLED)

    assert next_leads(theo, most=9) == [rings.pk]
    assert without_contact(theo, most=9) == [silent]
    assert str(waiting_in(theo)[1]) == "1"
    assert (claim_next(by=theo), claim_next(by=theo)) == (rings.pk, rings.pk)


def test_what_came_of_the_call_makes_the_contact_of_what_is_known_and_taking_it_back_leaves_that():
    theo, account = a_caller(), an_account()
    lead = an_orphan("Nina", "Lind", "nina@nordwind.example", NUMBER, account=account, stage=CALLED)

    record_call(lead.pk, by=theo, said=said("reached"), version=lead.version, changes={"need": "must"})

    made = Contact.objects.get()
    assert (str(made), made.email, made.phone_e164, made.account) == (
        "Nina Lind",
        "nina@nordwind.example",
        "+49301234567",
        account,
    )
    assert Interaction.objects.get().contact == made
    assert (Lead.objects.get().contact, Lead.objects.get().need) == (made, "must")
    undo_call(lead.pk, by=theo)
    assert (Lead.objects.get().contact, Lead.objects.get().owner) == (made, None)


def test_who_is_known_by_what_the_lead_says_is_who_was_called():
    theo = a_caller()
    nina = create_contact(first_name="Nina", last_name="Lind-Ek", email="nina@nordwind.example")
    lead = an_orphan("N.", "Lind", "nina@nordwind.example", NUMBER, stage=CALLED)

    record_call(lead.pk, by=theo, said=said("voicemail"))

    assert (Lead.objects.get().contact, Contact.objects.count()) == (nina, 1)


def test_a_lead_that_says_of_nobody_is_first_to_be_linked():
    theo, lead = a_caller(), an_orphan("", "", stage=CALLED, account=an_account())
    with pytest.raises(InvalidValues, match="whom this lead is about"):
        record_call(lead.pk, by=theo, said=said("voicemail"))


@pytest.mark.parametrize("known_by", [{"email": "nina@nordwind.example"}, {"phone": NUMBER}])
def test_who_asked_not_to_be_called_is_not_called_as_a_lead_without_a_contact_either(known_by: dict[str, Any]):
    theo, other = a_caller(), to_call()
    nina = create_contact(last_name="Lind", **known_by)
    Contact.objects.filter(pk=nina.pk).update(do_not_call=True)
    lead = an_orphan("Nina", "Lind", "nina@nordwind.example", NUMBER, stage=CALLED)
    Lead.objects.filter(pk=lead.pk).update(score=99)

    assert claim_next(by=theo) == other.pk
    with pytest.raises(NotToBeCalled, match="Nina Lind"):
        claim(lead.pk, by=theo)


def test_queue_and_call_page_say_who_it_is_and_link_them_and_come_back(client: Client):
    theo = a_caller()
    nina = create_contact(first_name="Nina", last_name="Lind", email="other@nordwind.example")
    lead, silent = an_orphan("Nina", "Lind", phone=NUMBER, stage=CALLED), an_orphan("Al", "Ek", stage=CALLED)
    client.force_login(theo)

    queue = client.get("/leads/queue/").content.decode()
    assert NUMBER in queue and f"/leads/{silent.pk}/contact/?next=/leads/{silent.pk}/call/" in queue
    page = client.post(f"/leads/{lead.pk}/call/claim/", follow=True).content.decode()
    assert "tel:+49301234567" in page and "Same name" in page
    chosen = {"do": "choose", "contact": f"(#{nina.pk})", "next": f"/leads/{lead.pk}/call/"}
    answer = client.post(f"/leads/{lead.pk}/contact/", chosen)

    assert (answer.status_code, answer["Location"]) == (302, f"/leads/{lead.pk}/call/")
    assert Lead.objects.get(pk=lead.pk).contact == nina
