"""Forms and landing pages in the admin: their contexts come with them, and mistakes are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from contacts.models import CustomField, CustomFieldType, Entity, MarketingContext, Role
from forms_intake.models import Event, FieldType, FormField, IntakeForm, LandingPage
from tests.admin.pages import address, fields_on
from tests.build import a_campaign, a_custom_field, a_form, a_page, a_product, a_user
from tests.events.making import an_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "mia"))
    return client


def edit(client: Client, record: Any, **typed: Any) -> Any:
    where = address(type(record), "change", record.pk)
    return client.post(where, fields_on(client.get(where), **typed))


def a_field(number: int, **typed: Any) -> dict[str, Any]:
    values = {
        "label": "E-mail",
        "key": "email",
        "type": "email",
        "fills": "contact.email",
        "update": "fill",
        "max_length": 1000,
        "position": number,
        **typed,
    }
    return {f"fields-{number}-{name}": value for name, value in values.items()}


def test_a_form_makes_its_marketing_context(marketer: Client) -> None:
    campaign, product = a_campaign("Autumn"), a_product("Routes")
    where = address(IntakeForm, "add")
    typed = {"name": "Ask for a demo", "campaign": campaign.pk, "product": product.pk, "fields-TOTAL_FORMS": "1"}

    answer = marketer.post(where, fields_on(marketer.get(where), **typed, **a_field(0, required="on")))

    assert answer.status_code == 302
    form = IntakeForm.objects.select_related("marketing_context").get()
    context = form.marketing_context
    assert (context.kind, context.name, context.campaign, context.product) == (
        "form",
        "Ask for a demo",
        campaign,
        product,
    )
    field = FormField.objects.get()
    assert (field.form, field.key, field.fills, field.required, field.choices) == (
        form,
        "email",
        "contact.email",
        True,
        [],
    )
    assert f"/f/{form.public_id}/" in marketer.get(address(IntakeForm, "change", form.pk)).content.decode()


def test_another_campaign_is_kept_on_the_same_context(marketer: Client) -> None:
    form, spring = a_form(), a_campaign("Spring")

    assert edit(marketer, form, campaign=spring.pk, name="Ask again").status_code == 302

    assert MarketingContext.objects.values_list("pk", "name", "campaign").get() == (
        form.marketing_context_id,
        "Ask again",
        spring.pk,
    )


def test_a_page_keeps_its_marketing_context_and_shows_where_it_is(marketer: Client) -> None:
    form, product = a_form(), a_product("Routes")
    page = a_page(form, slug="plan")
    where = address(LandingPage, "change", page.pk)

    assert marketer.post(where, fields_on(marketer.get(where), title="Plan", product=product.pk)).status_code == 302

    page = LandingPage.objects.select_related("marketing_context").get()
    assert (page.title, page.marketing_context.kind, page.marketing_context.product) == ("Plan", "page", product)
    assert 'href="/p/plan/"' in marketer.get(address(LandingPage, "change", page.pk)).content.decode()
    assert 'href="/p/plan/"' in marketer.get(address(IntakeForm, "change", form.pk)).content.decode()


def test_two_fields_never_fill_one_attribute(marketer: Client) -> None:
    form = a_form(fields={"email": "contact.email", "mail": ""})

    answer = edit(marketer, form, **{"fields-1-fills": "contact.email"})

    assert answer.content.decode().count("Another field of this form fills it too.") == 2
    assert FormField.objects.filter(fills="contact.email").count() == 1


def test_two_fields_never_have_one_key(marketer: Client) -> None:
    form = a_form(fields={"email": "contact.email", "mail": ""})

    answer = edit(marketer, form, **{"fields-1-key": "email"})

    assert answer.status_code == 200
    assert sorted(FormField.objects.values_list("key", flat=True)) == ["email", "mail"]


def test_a_form_that_knows_nobody_may_be_a_draft_but_does_not_go_live(marketer: Client) -> None:
    form = a_form(fields={"first_name": "contact.first_name"}, state="draft")

    assert edit(marketer, form, topic="Demo").status_code == 302
    refused = edit(marketer, form, state="live")

    assert "Nothing that it asks says who somebody is" in refused.content.decode()
    form.refresh_from_db()
    assert (form.topic, form.state) == ("Demo", "draft")


def test_a_form_that_cannot_match_is_saved_and_its_editor_warned(marketer: Client) -> None:
    fields = {"email": "contact.email", "first_name": "contact.first_name"}
    form = a_form(fields=fields, contact_attributes=["phone"], lead_attributes=["contact", "campaign"])

    page = marketer.get(edit(marketer, form, topic="Demo", _continue="1")["Location"]).content.decode()

    assert "Contacts are matched by phone, but no field fills it: they are known by email." in page
    assert "Leads are matched by campaign, but this form has none" in page
    assert "It asks for no consent" in page
    form.refresh_from_db()
    assert form.topic == "Demo"


def test_a_choice_needs_choices_and_consent_its_level(marketer: Client) -> None:
    form = a_form(fields={"size": "", "agree": ""})

    page = edit(marketer, form, **{"fields-0-type": "choice", "fields-1-type": "consent"}).content.decode()

    assert "Give at least one choice." in page
    assert "Say what ticking it agrees to, or choose a purpose." in page


def test_choices_are_lines_and_may_hold_commas(marketer: Client) -> None:
    form = a_form(fields={"size": "", "email": "contact.email"})

    edit(marketer, form, **{"fields-0-type": "choice", "fields-0-choices": "Up to 1,000\r\n\r\n More \r\nMore"})

    assert FormField.objects.get(key="size").choices == ["Up to 1,000", "More"]


def test_custom_fields_can_be_filled_and_nothing_else(marketer: Client) -> None:
    a_custom_field("budget", "lead", label="Budget")
    form = a_form(fields={"money": "", "email": "contact.email"})

    assert edit(marketer, form, **{"fields-0-fills": "lead.custom.budget"}).status_code == 302
    assert FormField.objects.get(key="money").fills == "lead.custom.budget"

    assert edit(marketer, form, **{"fields-0-fills": "lead.owner"}).status_code == 200
    assert FormField.objects.get(key="money").fills == "lead.custom.budget"


def test_forms_and_pages_are_closed_not_deleted(marketer: Client) -> None:
    page = a_page(a_form())

    assert marketer.post(address(LandingPage, "delete", page.pk), {"post": "yes"}).status_code == 403
    assert marketer.post(address(IntakeForm, "delete", page.uses.get().form_id), {"post": "yes"}).status_code == 403
    assert LandingPage.objects.exists()


def test_key_and_type_of_a_custom_field_stay_and_it_is_archived_not_deleted(marketer: Client) -> None:
    field = a_custom_field("budget", "lead", "number", label="Budget")

    edit(marketer, field, label="Yearly budget", key="money", type="text")
    assert marketer.post(address(CustomField, "delete", field.pk), {"post": "yes"}).status_code == 403
    marketer.post(address(CustomField, "changelist"), {"action": "archive", "_selected_action": field.pk})

    field.refresh_from_db()
    assert (field.label, field.key, field.type, field.archived) == ("Yearly budget", "budget", "number", True)


def test_a_field_that_cannot_fill_its_custom_field_is_told(marketer: Client) -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER, archived=True)
    a_custom_field("size", Entity.LEAD, CustomFieldType.NUMBER)
    a_custom_field("course", Entity.LEAD, CustomFieldType.CHOICE, choices=["Law", "Art"])
    form = a_form(fields={"email": "contact.email", "budget": "lead.custom.budget", "size": "lead.custom.size"})
    FormField.objects.create(
        form=form,
        key="course",
        label="Course",
        type=FieldType.CHOICE,
        fills="lead.custom.course",
        choices=["Law", "Tax"],
    )

    answer = edit(marketer, form)

    told = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    assert answer.status_code == 302
    assert "“Budget” fills an archived custom field" in told
    assert "“Size” fills the number of “Size”" in told
    assert "“Course” offers Tax" in told


def test_the_admin_calls_fields_what_their_pages_call_them(marketer: Client) -> None:
    form, event = a_form(), an_event()

    page = marketer.get(address(IntakeForm, "change", form.pk)).content.decode()
    assert "Address to go to afterwards" in page
    assert "Visitors go there instead of reading that it was sent." in page
    page = marketer.get(address(Event, "change", event.pk)).content.decode()
    assert "Empty: online only, at the online address." in page
