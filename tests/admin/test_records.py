"""Contacts, accounts and leads edited in the admin: the services' rules hold, and are told in the form."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Account, Consent, Contact, Interaction, MatchKey, Role
from contacts.services.contacts import create_contact, update_contact
from leads.models import CampaignProcess, Lead, LeadEvent, Process
from leads.services.records import create_lead
from leads.stages import Stage
from tests.admin.pages import address, fields_on
from tests.build import a_campaign, a_custom_field, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))
    return client


def edit(client: Client, record: Any, **typed: Any) -> Any:
    where = address(type(record), "change", record.pk)
    return client.post(where, fields_on(client.get(where), **typed))


def keys_of(contact: Contact) -> list[str]:
    return sorted(MatchKey.objects.filter(contact=contact).values_list("value", flat=True))


def test_a_contact_made_here_has_its_match_keys(administrator: Client) -> None:
    where = address(Contact, "add")

    answer = administrator.post(
        where, fields_on(administrator.get(where), first_name="Nina", email="Nina@Lind.example")
    )

    assert answer.status_code == 302
    nina = Contact.objects.get()
    assert (nina.first_name, nina.email, nina.version) == ("Nina", "nina@lind.example", 1)
    assert keys_of(nina) == ["nina@lind.example"]


def test_a_new_address_takes_a_new_key_and_gives_up_the_old_one(administrator: Client) -> None:
    nina = create_contact(first_name="Nina", email="old@lind.example")

    assert edit(administrator, nina, email="new@lind.example").status_code == 302

    assert keys_of(nina) == ["new@lind.example"]
    nina.refresh_from_db()
    assert (nina.email, nina.first_name, nina.version) == ("new@lind.example", "Nina", 2)


def test_a_duplicate_is_an_error_of_the_field_with_the_way_to_the_other(administrator: Client) -> None:
    other = create_contact(first_name="Nils", email="nils@lind.example")
    nina = create_contact(first_name="Nina", email="nina@lind.example")

    answer = edit(administrator, nina, email="NILS@lind.example", first_name="Nina B.")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Another contact already has this e-mail address." in page
    assert address(Contact, "change", other.pk) in page
    assert 'value="Nina B."' in page
    nina.refresh_from_db()
    assert (nina.first_name, nina.email, nina.version) == ("Nina", "nina@lind.example", 1)


def test_a_duplicate_account_is_an_error_of_the_field(administrator: Client) -> None:
    Account.objects.create(name="Nordwind", domain="nordwind.example")
    where = address(Account, "add")

    answer = administrator.post(where, fields_on(administrator.get(where), name="Again", domain="www.Nordwind.example"))

    assert "Another account already has this domain." in answer.content.decode()
    assert Account.objects.count() == 1


def test_a_stale_edit_is_told_and_keeps_what_was_typed(administrator: Client) -> None:
    nina = create_contact(first_name="Nina", last_name="Lind", city="Bergen")
    where = address(Contact, "change", nina.pk)
    opened = fields_on(administrator.get(where), first_name="Nine")
    update_contact(nina.pk, version=1, changes={"last_name": "Berg", "first_name": "Ninna"})

    told = administrator.post(where, opened)

    page = told.content.decode()
    assert "Someone else changed this contact while you were editing it." in page
    assert "It has become “Ninna” meanwhile." in page
    again = fields_on(told)
    assert (again["first_name"], again["last_name"], again["seen_version"]) == (["Nine"], ["Berg"], ["2"])
    nina.refresh_from_db()
    assert (nina.first_name, nina.version) == ("Ninna", 2)

    assert administrator.post(where, again).status_code == 302

    nina.refresh_from_db()
    assert (nina.first_name, nina.last_name, nina.city, nina.version) == ("Nine", "Berg", "Bergen", 3)


def test_saving_without_an_edit_changes_nothing(administrator: Client) -> None:
    a_custom_field("size", "contact", "number", label="Size")
    nina = create_contact(first_name="Nina", email="nina@lind.example", custom={"size": 12})

    assert edit(administrator, nina).status_code == 302

    nina.refresh_from_db()
    assert (nina.version, nina.custom) == (1, {"size": 12})


def test_custom_fields_are_fields_and_typed(administrator: Client) -> None:
    a_custom_field("size", "contact", "number", label="Size")
    a_custom_field("likes", "contact", "multi_choice", label="Likes", choices=["Tea", "Coffee"])
    a_custom_field("member", "contact", "yes_no", label="Member")
    nina = create_contact(first_name="Nina", custom={"size": 12})

    assert edit(administrator, nina, custom_likes=["Coffee"], custom_member="true").status_code == 302
    nina.refresh_from_db()
    assert nina.custom == {"size": 12, "likes": ["Coffee"], "member": True}

    assert "Enter a number." in edit(administrator, nina, custom_size="many").content.decode()
    nina.refresh_from_db()
    assert nina.custom["size"] == 12


def test_deleting_hides_and_restoring_brings_back(administrator: Client) -> None:
    nina = create_contact(first_name="Nina", email="nina@lind.example")

    assert "can be restored for thirty days" in administrator.get(address(Contact, "delete", nina.pk)).content.decode()
    administrator.post(address(Contact, "delete", nina.pk), {"post": "yes"})

    nina.refresh_from_db()
    assert nina.deleted_at is not None
    assert keys_of(nina) == []
    row = f'value="{nina.pk}"'
    assert row not in administrator.get(address(Contact, "changelist")).content.decode()
    deleted = address(Contact, "changelist") + "?deleted=yes"
    assert row in administrator.get(deleted).content.decode()
    assert b'name="_save"' not in administrator.get(address(Contact, "change", nina.pk)).content

    administrator.post(deleted, {"action": "restore_records", "_selected_action": nina.pk})

    nina.refresh_from_db()
    assert nina.deleted_at is None
    assert keys_of(nina) == ["nina@lind.example"]


def test_many_are_deleted_by_one_action(administrator: Client) -> None:
    two = [create_contact(first_name=name) for name in ("Nina", "Nils")]
    third = create_contact(first_name="Nora")

    where = address(Contact, "changelist")
    administrator.post(where, {"action": "delete_records", "_selected_action": [each.pk for each in two]})

    assert list(Contact.objects.alive()) == [third]


def test_a_lead_cannot_be_moved_closed_or_scored_here(administrator: Client) -> None:
    ada = a_user(Role.ADMINISTRATOR)
    lead = create_lead(by=ada, contact_id=create_contact(first_name="Nina").pk, topic="Routes")

    edit(administrator, lead, topic="Route planning", stage="sales_acceptance", status="qualified", score="99")

    lead = Lead.objects.get()
    assert (lead.topic, lead.stage, lead.status, lead.score, lead.version) == (
        "Route planning",
        "inquiry",
        "open",
        None,
        2,
    )


def test_a_lead_given_to_somebody_says_so_in_its_history(administrator: Client) -> None:
    ada = a_user(Role.ADMINISTRATOR)
    lead = create_lead(by=ada, contact_id=create_contact(first_name="Nina").pk, topic="Routes")

    edit(administrator, lead, owner=ada.pk)

    assert LeadEvent.objects.filter(lead=lead, kind=LeadEvent.Kind.ASSIGNED).count() == 1


def test_a_lead_is_made_here_in_the_context_by_hand(administrator: Client) -> None:
    nina = create_contact(first_name="Nina")
    where = address(Lead, "add")

    answer = administrator.post(where, fields_on(administrator.get(where), topic="Routes", contact=nina.pk))

    assert answer.status_code == 302
    lead = Lead.objects.select_related("marketing_context").get()
    assert (lead.contact, lead.marketing_context.kind) == (nina, "manual")


def test_a_process_is_given_campaigns(administrator: Client) -> None:
    process, autumn = Process.objects.get(), a_campaign("Autumn")
    row = {"for_campaigns-TOTAL_FORMS": "1", "for_campaigns-0-campaign": autumn.pk}

    answer = edit(administrator, process, **row)

    assert answer.status_code == 302
    assert CampaignProcess.objects.get().campaign == autumn


def test_interactions_and_consent_are_added_and_never_changed(administrator: Client) -> None:
    nina = create_contact(first_name="Nina")
    add = address(Interaction, "add")
    typed = {"contact": nina.pk, "type": "call", "occurred_at_0": "0202-11-01", "occurred_at_1": "12:00:00"}
    assert administrator.post(add, fields_on(administrator.get(add), **typed)).status_code == 200
    typed["occurred_at_0"] = "2026-11-01"
    assert administrator.post(add, fields_on(administrator.get(add), **typed)).status_code == 302
    add = address(Consent, "add")
    typed = {"contact": nina.pk, "level": "4", "given": "on", "wording": "Yes."}
    assert administrator.post(add, fields_on(administrator.get(add), **typed)).status_code == 302

    call, consent = Interaction.objects.get(), Consent.objects.get()
    nina.refresh_from_db()
    assert (call.type, call.payload, nina.consent_level) == ("call", {}, 4)
    assert administrator.post(address(Interaction, "change", call.pk), {"type": "note"}).status_code == 403
    assert administrator.post(address(Consent, "delete", consent.pk), {"post": "yes"}).status_code == 403


def test_no_post_here_makes_a_lead_sales_ready_or_moves_it(administrator: Client) -> None:
    nina = create_contact(first_name="Nina", email="nina@lind.example")
    lead = create_lead(by=a_user(), contact_id=nina.pk, topic="Fleet")

    assert edit(administrator, lead, topic="Fleet 2", sales_ready="on", stage="sales_acceptance").status_code == 302

    lead.refresh_from_db()
    assert (lead.topic, lead.sales_ready, lead.stage) == ("Fleet 2", False, Stage.INQUIRY)
