"""What each role sees first, the rail, and search."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Change, Role, User
from leads.models import Lead
from leads.services.deleting import delete_leads
from leads.services.readiness import return_to_marketing, set_sales_ready
from leads.stages import Stage
from tests.build import (
    a_contact,
    a_context,
    a_form,
    a_lead,
    a_model,
    a_page,
    a_recycle_reason,
    a_rule,
    a_user,
    an_account,
)
from tests.scoring.helpers import live

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_ready_lead(first_name: str, **more: Any) -> Lead:
    return a_lead(
        contact=a_contact(first_name),
        sales_ready=True,
        sales_ready_at=timezone.now(),
        stage=Stage.SALES_ACCEPTANCE,
        **more,
    )


def test_a_salesperson_begins_with_the_dashboard() -> None:
    assert signed_in(a_user(Role.SALESPERSON)).get("/")["Location"] == "/leads/ready/"


def test_a_marketer_sees_stages_and_sources() -> None:
    a_lead(marketing_context=a_context("Cold chain guide"))
    a_lead(status="disqualified")

    page = signed_in(a_user(Role.MARKETER)).get("/").content.decode()

    assert "Cold chain guide" in page
    assert 'href="/leads/?stage=inquiry">Inquiry</a></span><b>1</b>' in page
    assert "2 in all" in page


def test_sources_count_what_was_returned_and_nothing_that_was_deleted() -> None:
    guide, maria = a_context("Cold chain guide"), a_user(Role.MARKETER)
    returned, gone, _ = (a_lead(marketing_context=guide) for _ in range(3))
    a_lead(a_contact(deleted_at=timezone.now()), marketing_context=guide)
    for lead in (returned, gone):
        set_sales_ready(lead.pk, by=maria, reason="Asked for an offer")
    return_to_marketing(returned.pk, by=maria, reason=a_recycle_reason())
    delete_leads([gone.pk], by=maria)

    home = signed_in(maria).get("/").context

    assert [(row["context"], row["number"], row["ready"]) for row in home["sources"]] == [(guide, 2, 1)]
    assert sum(number for _, number in home["created"]) == 2


def test_a_new_workspace_says_what_it_still_needs() -> None:
    maria = signed_in(a_user(Role.MARKETER, is_staff=True))
    assert "Make a form" in maria.get("/").content.decode()

    a_page(a_form())
    model = a_model()
    a_rule(model, 40, interaction_type="form_submitted")
    live(model)

    assert "Make a form" not in maria.get("/").content.decode()


def test_a_teleprospector_sees_who_to_call() -> None:
    calla = a_contact("Calla", phone="+49 30 1234567", phone_e164="+49301234567")
    a_lead(contact=calla, stage=Stage.TELEPROSPECTING_ACCEPTANCE)
    a_lead(contact=a_contact("Otherstage"))
    a_lead(contact=a_contact("Colleagues"), stage=Stage.TELEPROSPECTING_ACCEPTANCE, owner=a_user())

    page = signed_in(a_user(Role.TELEPROSPECTOR)).get("/").content.decode()

    assert "Calla" in page
    assert 'href="tel:+49301234567"' in page
    assert "Take it" in page
    assert "Otherstage" not in page
    assert "Colleagues" not in page


def test_a_manager_sees_who_has_how_much() -> None:
    otto = a_user(first_name="Otto", last_name="Berg")
    a_ready_lead("Waits", owner=otto)
    a_ready_lead("Nobodys")

    page = signed_in(a_user(Role.SALES_MANAGER)).get("/").content.decode()

    assert "Otto Berg" in page
    assert "Nobodys" in page


def test_an_administrator_sees_queues() -> None:
    Change.objects.all().delete()
    Change.objects.create(consumer="scoring", subject="lead", subject_id=1)

    page = signed_in(a_user(Role.ADMINISTRATOR)).get("/").content.decode()

    assert "oldest just now" in page
    assert "nothing waits" in page


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SALESPERSON])
def test_homes_ask_as_much_for_many_as_for_few(role: str) -> None:
    client = signed_in(a_user(role))
    context = a_context()

    def many(number: int) -> None:
        for stage in (Stage.SALES_ACCEPTANCE, Stage.TELEPROSPECTING_ACCEPTANCE):
            for _ in range(number):
                a_lead(sales_ready=True, sales_ready_at=timezone.now(), stage=stage, marketing_context=context)

    many(2)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    many(30)
    with CaptureQueriesContext(connection) as lots:
        assert client.get("/").status_code == 200

    assert len(few) == len(lots) <= 20


def test_the_rail_leads_only_to_pages_one_may_open() -> None:
    for role in Role:
        client = signed_in(a_user(role))
        page = client.get("/search/")
        for section in page.context["rail"]():
            for link in section.links:
                assert client.get(link.url).status_code in {200, 302}, (role, link.label)


@pytest.mark.parametrize(
    ("path", "label"),
    [("/leads/", "Leads"), ("/leads/ready/", "Sales-ready"), ("/leads/by-condition/contact/", "Contacts")],
)
def test_the_rail_marks_the_one_place_where_a_page_belongs(path: str, label: str) -> None:
    page = signed_in(a_user(Role.MARKETER)).get(path)

    links = [link for section in page.context["rail"]() for link in section.links]
    assert [link.label for link in links if link.current] == [label]


def test_search_finds_by_part_of_a_name_in_any_order() -> None:
    a_lead(contact=a_contact("Henrik", "Weber"))
    a_lead(contact=a_contact("Henrik", "Sommer"))

    page = signed_in(a_user()).get("/search/", {"q": "weber hen"}).content.decode()

    assert "Henrik Weber" in page
    assert "Henrik Sommer" not in page


def test_search_does_not_show_sales_what_is_for_marketing_only() -> None:
    a_lead(contact=a_contact("Secretia", "Weber", marketing_only=True))

    assert "Secretia" not in signed_in(a_user(Role.SALESPERSON)).get("/search/?q=weber").content.decode()
    assert "Secretia" in signed_in(a_user(Role.MARKETER)).get("/search/?q=weber").content.decode()


def test_the_palette_gets_a_part_and_the_page_is_whole() -> None:
    an_account("Nordwind")
    client = signed_in(a_user())

    part = client.get("/search/?q=sales", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert 'role="option"' in part
    assert "<html" in client.get("/search/?q=sales").content.decode()


@pytest.mark.parametrize("words", ["%", "_", "'", "\\", "a" * 500, "\x00abc", "  "])
def test_odd_words_find_nothing_and_break_nothing(words: str) -> None:
    a_contact()

    assert signed_in(a_user()).get("/search/", {"q": words}).status_code == 200
