"""An address book is imported as contacts only, unless somebody wants a lead for each row."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Account, Contact, Role
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.mapping import read_mapping
from forms_intake.models import ImportRun, ImportState
from leads.models import Lead
from segments.models import Kind, Subject
from tests.build import a_segment, a_user
from tests.forms_intake.wizard import begun, do, mapped, page_of

pytestmark = pytest.mark.django_db

PEOPLE = b"email,company\nnina@lind.example,Lind\nmo@rot.example,Rot\n"
WITH_LEADS = b"email,topic\nnina@lind.example,Trucks\nmo@rot.example,Vans\n"


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def page(client: Client, run: ImportRun) -> str:
    return client.get(reverse("forms_intake:import", args=[run.pk])).content.decode()


def test_a_file_of_people_makes_contacts_only_unless_a_lead_for_each_row_is_chosen(marketer):
    run = begun(marketer, PEOPLE)
    assert page_of(marketer, run)["creates"] == "contact"
    mapped(marketer, run, creates="contact")
    shown = page(marketer, run)
    assert "Contacts only: no leads would be made." in shown and "new lead" not in shown and "known lead" not in shown

    run = do(marketer, run, "check")
    run = do(marketer, run, "run")

    assert ((run.checked or {})["leads_created"], (run.checked or {})["leads_known"]) == (0, 0)
    assert (run.state, run.contacts_created, run.accounts_created, run.leads_created) == (ImportState.DONE, 2, 2, 0)
    assert not Lead.objects.exists()
    run = do(marketer, run, "undo")
    assert not Contact.objects.alive().exists() and not Account.objects.alive().exists()


def test_a_lead_for_each_row_is_made_of_people_where_that_is_chosen_and_the_page_says_how_many(marketer):
    run = begun(marketer, PEOPLE)
    mapped(marketer, run, creates="both")
    assert "A lead would be made for each row, at most about 2" in page(marketer, run)

    run = do(marketer, run, "run")

    assert (run.contacts_created, run.leads_created) == (2, 2)


def test_a_file_with_a_column_of_leads_makes_leads_and_contacts_only_is_refused_until_it_fills_no_lead(marketer):
    run = begun(marketer, WITH_LEADS)
    assert page_of(marketer, run)["creates"] == "both"

    refused = mapped(marketer, run, creates="contact")
    taken = mapped(marketer, run, creates="contact", **{"to-1": ""})

    assert refused.status_code == 422
    assert "Contacts only, but the column topic fills leads" in refused.content.decode()
    assert taken.status_code == 302


def test_contacts_only_need_no_topic_and_are_put_into_no_list_of_leads(marketer):
    run, hot = begun(marketer, PEOPLE), a_segment("Hot", kind=Kind.STATIC, subject=Subject.LEAD)

    refused = mapped(marketer, run, creates="contact", topic="", segment=hot.pk)

    assert "This list is of leads" in refused.content.decode()
    assert mapped(marketer, run, creates="contact", topic="").status_code == 302
    assert do(marketer, run, "run").contacts_created == 2


def test_a_mapping_that_says_nothing_of_it_makes_leads_and_a_status_of_leads_needs_them():
    raw = {"name": "Old", "contact": {"fields": {"email": "email"}}, "lead": {"topic": "Trucks"}}
    assert read_mapping(raw).creates == "both"
    raw["lead"] = {"status": {"column": "Won"}}

    with pytest.raises(InvalidMapping, match="At creates: the column Won fills leads"):
        read_mapping(raw | {"creates": "contact"})
