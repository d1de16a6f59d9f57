"""Signed links are made by who may see the contact, on the form's page and by the API, and do what is said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from contacts.models import Contact, Role
from contacts.pickers import shown
from contacts.services.accounts import delete_accounts
from contacts.services.contacts import create_contact, delete_contacts
from forms_intake.building.definition import freeze
from forms_intake.known import known_by
from forms_intake.models import Ask, FormState, FormVersion, IntakeForm, Prefill
from forms_intake.processing.work import process_next
from forms_intake.spec.reading import draft_spec
from forms_intake.spec.remembering import forget_specs
from tests.api.calling import ALL, Api, an_api, problem_of
from tests.build import a_contact, a_form, a_page, a_user, an_account

pytestmark = pytest.mark.django_db
FIELDS = {
    "email": "contact.email",
    "first_name": "contact.first_name",
    "job_title": "contact.job_title",
    "company": "account.name",
}


@pytest.fixture
def form() -> IntakeForm:
    """It shows the e-mail by a link, leaves out a first name that is known, and asks the job title of who is known."""
    made = a_form("Fleet check", fields=FIELDS)
    made.fields.filter(key="email").update(prefill=Prefill.LINK)
    made.fields.filter(key="first_name").update(ask=Ask.UNKNOWN)
    made.fields.filter(key="job_title").update(ask=Ask.KNOWN)
    forget_specs()
    return made


@pytest.fixture
def nina() -> Contact:
    return create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def make(client: Client, form: IntakeForm, contact: str) -> Any:
    return client.post(f"/forms/{form.pk}/link/", {"contact": contact})


def copied(answer: Any, id: str) -> str:
    """What stands in a field to be copied."""
    found = re.search(rf'<textarea id="{id}"[^>]*>([^<]*)</textarea>', answer.content.decode())
    return unescape(found[1]) if found else ""


def path(url: str) -> str:
    """An address without the site it is on."""
    return "/" + url.split("/", 3)[3]


def test_a_marketer_types_an_address_and_the_link_knows_who_comes(
    marketer: Client, form: IntakeForm, nina: Contact
) -> None:
    answer = make(marketer, form, "NINA@nordwind.example")

    url = copied(answer, "link-form")
    assert (answer.status_code, url.startswith(f"http://127.0.0.1:8000/f/{form.public_id}/?who=")) == (200, True)
    assert "no-store" in answer["Cache-Control"]
    visitor = Client()
    page = visitor.get(path(url)).content.decode()
    assert 'value="nina@nordwind.example"' in page and 'name="job_title"' in page
    assert 'name="first_name"' not in page
    word = url.partition("who=")[2]
    sent = {"email": "nina@nordwind.example", "job_title": "Planner", "_who": word}
    assert visitor.post(f"/f/{form.public_id}/", sent).status_code == 303
    process_next()
    nina.refresh_from_db()
    assert (nina.job_title, nina.first_name, Contact.objects.count()) == ("Planner", "Nina", 1)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        assert "nordwind" not in visitor.get(path(url)).content.decode()


def test_the_page_says_what_a_link_does_and_what_this_one_does(
    marketer: Client, form: IntakeForm, nina: Contact
) -> None:
    before = marketer.get(f"/forms/{form.pk}/share/").content.decode()
    made = make(marketer, form, shown(nina)).content.decode()

    assert "fills in what we know of them: email" in before.lower()
    assert "asks only people we know: job title" in before.lower()
    assert "whoever opens it is taken for them, and reads email" in made.lower()
    assert "left out, as we know it: first name" in made.lower()


def test_an_address_that_a_form_asks_of_all_is_not_said_to_be_left_out(marketer: Client, form: IntakeForm) -> None:
    form.fields.filter(key="email").update(ask=Ask.UNKNOWN)
    form.fields.filter(key="job_title").update(fills="contact.external_id")

    def said() -> str:
        return marketer.get(f"/forms/{form.pk}/share/").content.decode().lower()

    assert "leaves out what we know already: email, first name." in said()
    IntakeForm.objects.filter(pk=form.pk).update(double_opt_in=True)
    assert "leaves out what we know already: first name." in said()


def test_what_a_link_shows_is_told_of_what_is_live_and_not_of_the_draft(
    marketer: Client, form: IntakeForm, nina: Contact
) -> None:
    version = FormVersion.objects.create(form=form, number=1, definition=freeze(form))
    IntakeForm.objects.filter(pk=form.pk).update(version=version)
    form.fields.filter(key="email").update(prefill="")
    form.fields.filter(key="first_name").update(prefill=Prefill.LINK, ask=Ask.ALWAYS)

    before = marketer.get(f"/forms/{form.pk}/share/").content.decode().lower()
    made = make(marketer, form, shown(nina))

    words = made.content.decode().lower()
    assert "fills in what we know of them: email." in before
    assert "whoever opens it is taken for them, and reads email." in words
    assert "left out, as we know it: first name" in words
    assert 'value="nina@nordwind.example"' in Client().get(path(copied(made, "link-form"))).content.decode()


def test_a_link_leads_to_each_live_landing_page_that_shows_the_form(
    marketer: Client, form: IntakeForm, nina: Contact
) -> None:
    a_page(form)

    answer = make(marketer, form, shown(nina))

    url = copied(answer, "link-page-demo")
    assert url.startswith("http://127.0.0.1:8000/p/demo/?who=")
    assert 'value="nina@nordwind.example"' in Client().get(path(url)).content.decode()
    assert url.endswith(copied(answer, "link-query"))


def test_who_is_not_there_is_said_beside_what_was_typed(marketer: Client, form: IntakeForm, nina: Contact) -> None:
    delete_contacts([nina.pk], by=None)

    for typed in ("nobody@nordwind.example", "nina@nordwind.example", shown(nina), "Nina (#99999999)"):
        answer = make(marketer, form, typed)
        page = unescape(answer.content.decode())
        assert answer.status_code == 422
        assert "No contact of this name or e-mail" in page and f'value="{typed}"' in page
        assert "who=" not in copied(answer, "link-form") + copied(answer, "link-query")
    assert make(marketer, form, "").status_code == 422


def test_several_of_a_name_are_for_the_marketer_to_choose_from(marketer: Client, form: IntakeForm) -> None:
    a_contact("Otto"), a_contact("Otto")

    answer = make(marketer, form, "Otto")

    assert answer.status_code == 422 and b"Several contacts of this name or e-mail" in answer.content


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.SALES_MANAGER, Role.READER])
def test_no_other_role_makes_a_link_or_is_led_to_one(
    client: Client, form: IntakeForm, nina: Contact, role: Role
) -> None:
    client.force_login(a_user(role))

    assert make(client, form, shown(nina)).status_code == 403
    assert client.get(f"/forms/for/{nina.pk}/").status_code == 403
    assert b"Link to a form" not in client.get(f"/contacts/{nina.pk}/").content


def test_a_contacts_page_leads_to_the_live_forms_and_there_the_contact_is_chosen(
    marketer: Client, form: IntakeForm, nina: Contact
) -> None:
    draft = a_form("Not yet", state=FormState.DRAFT)

    assert f'href="/forms/for/{nina.pk}/"' in marketer.get(f"/contacts/{nina.pk}/").content.decode()
    forms = marketer.get(f"/forms/for/{nina.pk}/").content.decode()
    there = f"/forms/{form.pk}/share/?contact={nina.pk}"
    assert f'href="{there}#one-person"' in forms and draft.name not in forms
    assert f'value="{shown(nina)}"' in marketer.get(there).content.decode()
    delete_contacts([nina.pk], by=None)
    assert marketer.get(f"/forms/for/{nina.pk}/").status_code == 404
    assert "Nina" not in marketer.get(there).content.decode()


def test_of_a_deleted_account_a_link_shows_and_knows_nothing(form: IntakeForm) -> None:
    account = an_account("Nordwind Logistik")
    form.fields.filter(key="company").update(prefill=Prefill.LINK)
    link = an_api().post(f"/forms/{form.public_id}/links", {"contact_ids": [a_contact(account=account).pk]}).json()
    word = link["items"][0]["who"]
    before = known_by(word, draft_spec(form.pk))

    delete_accounts([account.pk], by=None)

    known = known_by(word, draft_spec(form.pk))
    assert before and before.values["company"] == "Nordwind Logistik"
    assert known and "company" not in known.values and "company" not in known.filled


def asked(api: Api, form: IntakeForm, *contacts: int) -> Any:
    return api.post(f"/forms/{form.public_id}/links", {"contact_ids": list(contacts)})


def test_a_system_gets_a_link_for_each_contact_and_is_told_who_is_not_there(form: IntakeForm, nina: Contact) -> None:
    otto, gone = a_contact("Otto", marketing_only=True), a_contact("Gone")
    delete_contacts([gone.pk], by=None)

    answer = asked(an_api(Role.MARKETER), form, otto.pk, nina.pk, gone.pk, 10**9, nina.pk)

    said = answer.json()
    assert (answer.status_code, said["unknown"]) == (200, [gone.pk, 10**9])
    assert [one["contact_id"] for one in said["items"]] == [otto.pk, nina.pk]
    hers = said["items"][1]
    assert hers["url"].endswith(f"/f/{form.public_id}/?who={hers['who']}")
    ends = datetime.fromisoformat(hers["expires_at"])
    assert timedelta(days=29, hours=23) < ends - datetime.now(UTC) <= timedelta(days=30)
    assert 'value="nina@nordwind.example"' in Client().get(path(hers["url"])).content.decode()


def test_a_link_works_until_the_moment_that_was_said(form: IntakeForm, nina: Contact) -> None:
    hers = asked(an_api(), form, nina.pk).json()["items"][0]
    ends = datetime.fromisoformat(hers["expires_at"])

    for moment, knows in ((ends - timedelta(seconds=2), True), (ends + timedelta(seconds=2), False)):
        with time_machine.travel(moment, tick=False):
            assert ("nordwind" in Client().get(path(hers["url"])).content.decode()) is knows


def test_whoever_reads_no_contacts_or_accounts_or_is_not_of_marketing_gets_none(
    form: IntakeForm, nina: Contact
) -> None:
    for left_out in ("contacts:read", "accounts:read"):
        answer = asked(an_api(scopes=tuple(one for one in ALL if one != left_out)), form, nina.pk)
        assert problem_of(answer)[:2] == (403, "insufficient_scope") and answer.json()["scope"] == left_out
    for role in (Role.SALESPERSON, Role.TELEPROSPECTOR, Role.SALES_MANAGER, Role.READER):
        assert problem_of(asked(an_api(role), form, nina.pk))[:2] == (403, "forbidden")
    assert asked(an_api(scopes=("contacts:read", "accounts:read")), form, nina.pk).status_code == 200


def test_links_lead_only_to_forms_that_visitors_meet(form: IntakeForm, nina: Contact) -> None:
    closed, fed = a_form("Closed", state=FormState.CLOSED), a_form("Fed", fed_by="ads")
    api = an_api()

    assert problem_of(asked(api, closed, nina.pk))[:2] == (410, "closed")
    assert problem_of(asked(api, fed, nina.pk))[:2] == (404, "unknown_form")
    assert problem_of(api.post("/forms/nothing/links", {"contact_ids": [nina.pk]}))[0] == 404
    assert problem_of(asked(api, form, *range(1, 502)))[0] == 422
    assert problem_of(asked(api, form))[0] == 422


def test_the_description_of_the_api_says_how(form: IntakeForm) -> None:
    described = Api("").get("/openapi.json").json()["paths"]["/api/v1/forms/{public_id}/links"]["post"]

    assert (described["operationId"], described["x-scope"]) == ("makeLinks", "contacts:read")
    assert "accounts:read" in described["description"]
