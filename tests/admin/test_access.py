"""Who may do what in the admin follows from the role alone."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import (
    Account,
    Campaign,
    Change,
    Contact,
    CustomField,
    Interaction,
    OutboxEvent,
    Product,
    Role,
    User,
)
from forms_intake.models import IntakeForm, LandingPage, Submission
from leads.models import Lead, Process
from scoring.models import LeadScore, ScoringModel
from segments.models import Segment
from tests.admin.pages import address, fields_on
from tests.admin.world import one_of_everything
from tests.build import a_user

pytestmark = pytest.mark.django_db

ALL, READ, NONE = "list add change", "list change", ""
MARKETER = {
    Account: ALL,
    Campaign: ALL,
    Contact: ALL,
    CustomField: ALL,
    Interaction: ALL,
    IntakeForm: ALL,
    Product: ALL,
    ScoringModel: ALL,
    LandingPage: READ,
    Lead: READ,
    LeadScore: READ,
    Process: READ,
    Segment: READ,
    Submission: READ,
    Change: NONE,
    OutboxEvent: NONE,
    User: NONE,
}


def test_a_marketer_reaches_marketing_and_nothing_of_the_house(client: Client) -> None:
    one_of_everything()
    client.force_login(a_user(Role.MARKETER, "mia"))

    reached = {}
    for model in MARKETER:
        row = model._default_manager.order_by("pk").last()
        assert row is not None
        pages = {
            "list": address(model, "changelist"),
            "add": address(model, "add"),
            "change": address(model, "change", row.pk),
        }
        reached[model] = " ".join(name for name, where in pages.items() if client.get(where).status_code == 200)

    assert reached == MARKETER


def test_a_marketer_changes_no_process_and_deletes_no_lead(client: Client) -> None:
    one_of_everything()
    client.force_login(a_user(Role.MARKETER, "mia"))
    process, lead = Process.objects.get(), Lead.objects.get()

    assert client.post(address(Process, "change", process.pk), {"name": "Mine"}).status_code == 403
    assert client.post(address(Lead, "delete", lead.pk), {"post": "yes"}).status_code == 403

    process.refresh_from_db()
    assert process.name != "Mine"
    assert Lead.objects.alive().count() == 1


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.SALES_MANAGER])
def test_other_roles_do_not_enter(role: str, client: Client) -> None:
    client.force_login(a_user(role))

    assert client.get("/admin/").status_code == 302
    assert client.get(address(Contact, "changelist")).status_code == 302


def test_flags_follow_the_role_whoever_saves() -> None:
    user = a_user(Role.SALESPERSON, "sam", is_staff=True, is_superuser=False)
    assert (user.is_staff, user.is_superuser) == (False, False)

    user.role = Role.ADMINISTRATOR
    user.save(update_fields=["role"])
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, True)

    user.role = Role.MARKETER
    user.save()
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, False)


def test_a_superuser_made_on_the_command_line_is_an_administrator() -> None:
    user = User.objects.create_superuser("root", "root@example.com", "correct horse battery")

    assert (user.role, user.is_staff) == (Role.ADMINISTRATOR, True)


def test_an_inactive_marketer_may_nothing() -> None:
    user = a_user(Role.MARKETER, "mia", is_active=False)

    assert not user.has_perm("contacts.view_contact")


def test_the_last_administrator_cannot_be_taken_away(client: Client) -> None:
    ada = a_user(Role.ADMINISTRATOR, "ada")
    client.force_login(ada)
    where = address(User, "change", ada.pk)

    answer = client.post(where, fields_on(client.get(where), role=Role.MARKETER))

    assert "This is the last administrator" in answer.content.decode()
    ada.refresh_from_db()
    assert ada.role == Role.ADMINISTRATOR


def test_an_administrator_gives_a_role_and_with_it_what_goes_with_it(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))
    sam = a_user(Role.SALESPERSON, "sam")
    where = address(User, "change", sam.pk)

    assert client.post(where, fields_on(client.get(where), role=Role.MARKETER)).status_code == 302

    sam.refresh_from_db()
    assert (sam.role, sam.is_staff, sam.is_superuser) == (Role.MARKETER, True, False)
