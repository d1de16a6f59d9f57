"""Who asked not to be called or written to: in no queue, behind no link, and told wherever they are met."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.acting import acting
from contacts.merging.fields import usually_taken
from contacts.models import FieldChange, Role, User
from contacts.services.contacts import update_contact
from leads.calling.claims import claim, claim_next
from leads.calling.queue import next_leads, waiting_in
from leads.errors import NotToBeCalled
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user, an_opportunity

pytestmark = pytest.mark.django_db
CALLED = Stage.TELEPROSPECTING_QUALIFICATION


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_who_asked_not_to_be_called_is_in_no_queue_and_is_not_taken_in_hand():
    theo = a_user(Role.TELEPROSPECTOR)
    nora = a_contact("Nora", "North", phone="+49 123", phone_e164="+4912345678", do_not_call=True)
    no, yes = a_lead(nora, stage=CALLED), a_lead(a_contact(), stage=CALLED)

    assert next_leads(theo, most=9) == [yes.pk]
    assert str(waiting_in(theo)[1]) == "1"
    with pytest.raises(NotToBeCalled, match="Nora North asked not to be called"):
        claim(no.pk, by=theo)
    assert claim_next(by=theo) == yes.pk
    page = signed_in(theo).get(f"/leads/{no.pk}/call/").content.decode()
    assert "Asked not to be called" in page
    assert "tel:" not in page


def test_no_page_dials_or_writes_to_who_does_not_wish_it_and_each_says_so():
    mona = a_user(Role.SALES_MANAGER)
    reached = {"email": "nora@north.example", "phone": "+49 123", "phone_e164": "+4912345678"}
    nora = a_contact("Nora", **reached, do_not_call=True, do_not_email=True)
    lead, one = a_lead(nora), an_opportunity(contact=nora)

    for path in (f"/contacts/{nora.pk}/", f"/leads/{lead.pk}/", f"/opportunities/{one.pk}/"):
        page = signed_in(mona).get(path).content.decode()
        assert "tel:" not in page, path
        assert "mailto:" not in page, path
        assert "Do not call" in page, path
        assert "Do not e-mail" in page, path
        assert "nora@north.example" in page, path


def test_the_wish_is_said_on_the_form_kept_in_history_and_asked_for_in_conditions():
    mary = a_user(Role.MARKETER)
    nora, otto = a_contact("Nora"), a_contact("Otto")
    client = signed_in(mary)
    assert 'name="do_not_call"' in client.get(f"/contacts/{nora.pk}/edit/").content.decode()

    with acting(mary, cause="page:1"):
        update_contact(nora.pk, version=1, changes={"do_not_call": True}, by=mary)

    assert FieldChange.objects.get(field="do_not_call").actor == mary
    listed = client.get("/contacts/", {"condition": "contact.do_not_call is no"}).context["list"].rows
    assert listed == [otto]


def test_when_two_contacts_become_one_the_wish_of_either_holds():
    nora, other = a_contact("Nora"), a_contact("Nora", "L", do_not_email=True)

    assert "do_not_email" in usually_taken(nora, other)
    assert not {"do_not_call", "do_not_email"} & usually_taken(other, nora)
