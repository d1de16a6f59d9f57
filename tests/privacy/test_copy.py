"""A copy of all that is known, requested, made, answered; and what everybody may do about it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.consent.links import token_of
from contacts.models import Contact, DataRequest, Role
from contacts.privacy.holding import holders
from contacts.privacy.requests import enter
from contacts.services.consents import record_consent
from contacts.services.contacts import create_contact
from leads.services.comments import add_comment
from tests.build import a_contact, a_form, a_lead, a_purpose, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "<script>alert(1)</script>"}


def test_the_copy_holds_what_every_room_knows_of_them_and_nobody_elses(client: Client) -> None:
    form, maria = a_form(), a_user(Role.MARKETER)
    processed(a_submission(form, **NINA), a_submission(form, email="otto@nordwind.example", first_name="Otto"))
    nina = Contact.objects.get(first_name="Nina")
    record_consent(contact_id=nina.pk, purpose=a_purpose("News"), wording="Write to me")
    lead = a_lead(nina, topic="Route planning")
    add_comment(lead.pk, by=maria, body="Call after noon")
    request = enter(kind="export", contact=nina, by=maria)
    client.force_login(maria)

    answer = client.post(f"/privacy/{request.pk}/copy.json")

    assert answer["Content-Disposition"] == f'attachment; filename="personal-data-{request.pk}.json"'
    data = json.loads(answer.content)["data"]
    assert data["Contact"][0]["First name"] == "Nina"
    assert data["Consents"][0]["Wording"] == "Write to me"
    assert {row["Topic"] for row in data["Leads"]} == {"Ask for a demo", "Route planning"}
    assert data["Comments"][0]["Body"] == "Call after noon"
    assert data["What they posted to forms"][0]["Payload"]["email"] == "nina@nordwind.example"
    assert data["Interactions"][0]["Type"] == "Submitted a form"
    assert "Otto" not in answer.content.decode()
    assert request.steps.latest("pk").what == "Copy made as JSON"

    page = client.post(f"/privacy/{request.pk}/copy.html").content.decode()
    assert "<script>" not in page
    assert "Call after noon" in page


def test_every_room_that_holds_people_is_asked() -> None:
    assert list(dict.fromkeys(type(one).__module__.split(".")[0] for one in holders())) == [
        "leadcrm",
        "forms_intake",
        "scoring",
        "segments",
        "leads",
        "contacts",
    ]


def test_a_person_asks_on_their_own_page_and_asked_twice_it_is_one_request(client: Client) -> None:
    nina = create_contact(email="nina@nordwind.example")
    address = f"/preferences/{token_of(nina)}/request/"

    client.get(address)
    assert not DataRequest.objects.exists()
    for _ in range(2):
        assert "we answer by" in client.post(address, {"kind": "erasure"}).content.decode()

    request = DataRequest.objects.get()
    assert (request.by_themselves, request.kind) == (True, "erasure")
    assert request.due_on == timezone.localdate() + timedelta(days=30)
    assert client.post(f"/preferences/{token_of(nina)[:-2]}/request/", {"kind": "erasure"}).status_code == 404


def test_requests_are_listed_by_urgency_and_the_late_ones_stand_out(client: Client) -> None:
    maria = a_user(Role.MARKETER)
    late, soon = (enter(kind="export", contact=create_contact(first_name=name), by=maria) for name in ("Late", "Soon"))
    DataRequest.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    client.force_login(maria)

    page = client.get("/privacy/").content.decode()

    assert page.index("Late") < page.index("Soon")
    assert page.count(", late") == 1
    client.post(f"/privacy/{soon.pk}/answer/", {"words": "Sent by mail"})
    assert "Sent by mail" in client.get(f"/privacy/{soon.pk}/").content.decode()
    again = client.post(f"/privacy/{soon.pk}/answer/", {"words": "Again"}, follow=True).content.decode()
    assert "has answered this request meanwhile" in again


def test_a_refusal_needs_a_reason_and_keeps_what_was_typed_out(client: Client) -> None:
    maria = a_user(Role.MARKETER)
    request = enter(kind="erasure", contact=create_contact(first_name="Nina"), by=maria)
    client.force_login(maria)

    assert client.post(f"/privacy/{request.pk}/answer/", {"words": "", "refuse": "yes"}).status_code == 422
    assert client.post(f"/privacy/{request.pk}/answer/", {"words": "Done"}).status_code == 403
    client.post(f"/privacy/{request.pk}/answer/", {"words": "Who asks is not she", "refuse": "yes"})

    request.refresh_from_db()
    assert request.state == "refused"


def test_only_administrators_erase_and_what_was_typed_wrong_is_said(client: Client) -> None:
    nina = create_contact(email="nina@nordwind.example")
    request = enter(kind="erasure", contact=nina, by=None)
    client.force_login(a_user(Role.MARKETER))
    assert client.post(f"/privacy/{request.pk}/erase/", {"typed": nina.email}).status_code == 403
    assert "An administrator erases them" in client.get(f"/privacy/{request.pk}/").content.decode()

    client.force_login(a_user(Role.ADMINISTRATOR))
    slip = client.post(f"/privacy/{request.pk}/erase/", {"typed": "nina"})
    assert slip.status_code == 422
    assert "Please type nina@nordwind.example exactly" in slip.content.decode()
    client.post(f"/privacy/{request.pk}/erase/", {"typed": "Nina@nordwind.example"})

    assert not Contact.objects.exists()
    assert "Whose it was is erased" in client.get(f"/privacy/{request.pk}/").content.decode()


def test_who_may_not_see_a_contact_takes_down_no_request_about_it(client: Client) -> None:
    hidden = a_contact("Hidden", marketing_only=True)
    client.force_login(a_user(Role.SALESPERSON))

    assert client.get(f"/privacy/new/?contact={hidden.pk}").status_code == 403
