"""Visitors say which product they are interested in: that is what the lead is about, and what it is matched by."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Interaction, Role
from forms_intake.building.checks import findings_of
from forms_intake.models import FieldType, FormField, IntakeForm, Submission
from forms_intake.processing.work import process_next
from forms_intake.spec.reading import draft_spec
from forms_intake.spec.remembering import forget_specs
from leads.models import Lead
from tests.build import a_context, a_form, a_product, a_user

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "last_name": "Lind"}


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget_specs()


def choosing(**more: object) -> IntakeForm:
    """A form that asks which product, its own context being about route planning."""
    context = a_context("Contact", "form", product=a_product("Route planning"))
    form = a_form("Contact", marketing_context=context, **more)  # type: ignore[arg-type]
    form.fields.filter(key="email").update(required=True)
    FormField.objects.create(
        form=form, key="about", label="What about?", type=FieldType.CHOICE, fills="lead.product", position=9
    )
    return form


def sent(client: Client, form: IntakeForm, **said: str) -> Submission:
    answer = client.post(f"/f/{form.public_id}/", NINA | said)
    assert answer.status_code == 303, answer.content.decode()
    while process_next():
        pass
    return Submission.objects.latest("pk")


def test_all_products_that_are_sold_are_offered_and_no_other_is_taken(client: Client) -> None:
    form = choosing()
    a_product("Driver app")
    old = a_product("Telex")
    old.active = False
    old.save()

    page = client.get(f"/f/{form.public_id}/").content.decode()
    plain = client.get(f"/f/{form.public_id}/embed/").json()["html"]
    wrong = client.post(f"/f/{form.public_id}/", NINA | {"about": "Telex"})

    for shown in (page, plain):
        assert '<option value="Driver app">' in shown and '<option value="Route planning">' in shown
        assert "Telex" not in shown
    assert wrong.status_code == 422
    assert not Submission.objects.exists()


def test_the_lead_and_what_happened_are_about_the_product_that_was_chosen(client: Client) -> None:
    form, app = choosing(), a_product("Driver app")

    post = sent(client, form, about="Driver app")

    lead = Lead.objects.get()
    assert (post.state, post.payload["about"], lead.product) == ("done", "Driver app", app)
    assert Interaction.objects.get().product == app
    assert lead.marketing_context == form.marketing_context


def test_who_chooses_nothing_is_interested_in_what_the_form_is_about(client: Client) -> None:
    sent(client, choosing())

    assert str(Lead.objects.get().product) == "Route planning"


def test_one_person_has_a_lead_for_each_product_where_leads_are_matched_by_it(client: Client) -> None:
    form = choosing(lead_attributes=["contact", "product"])
    a_product("Driver app")

    for about in ("Driver app", "Route planning", "Driver app"):
        sent(client, form, about=about)

    assert sorted(str(one.product) for one in Lead.objects.all()) == ["Driver app", "Route planning"]
    assert "match leads by product too" not in " ".join(one.words for one in findings_of(form))


def test_an_open_lead_that_is_matched_keeps_its_product_and_the_marketer_is_told_beforehand(client: Client) -> None:
    form, app = choosing(), a_product("Driver app")
    sent(client, form, about="Driver app")

    again = sent(client, form, about="Route planning")

    assert Lead.objects.get().product == app
    assert again.state == "done"
    assert "match leads by product too" in " ".join(one.words for one in findings_of(form))


def test_a_product_that_is_sold_no_more_leaves_the_post_waiting_with_its_reason(client: Client) -> None:
    form, app = choosing(), a_product("Driver app")
    client.post(f"/f/{form.public_id}/", NINA | {"about": "Driver app"})
    app.active = False
    app.save()
    process_next()

    post = Submission.objects.get()

    assert post.state == "failed"
    assert "There is no product called Driver app that is sold." in post.error
    assert not Lead.objects.exists()


def test_a_marketer_offers_some_of_them_and_is_told_of_names_that_are_none(client: Client) -> None:
    form, app = choosing(), a_product("Driver app")
    field = form.fields.get(key="about")
    client.force_login(a_user(Role.MARKETER))
    said = {
        "label": "What about?", "key": "about", "type": "choice", "fills": "lead.product", "update": "fill",
        "ask": "always",
    }  # fmt: skip
    address = f"/forms/{form.pk}/fields/{field.pk}/"

    wrong = client.post(address, said | {"choices": "Driver app\nTelex"})
    text = client.post(address, said | {"type": "text"})
    right = client.post(address, said | {"choices": "Driver app"})

    assert wrong.status_code == 422 and "No product of ours is called Telex" in wrong.content.decode()
    assert text.status_code == 422 and "make it a choice" in text.content.decode()
    assert right.status_code == 302
    assert "Lead: product" in client.get(address).content.decode()
    assert draft_spec(form.pk).fields[-1].choices == ("Driver app",)
    app.active = False
    app.save()
    assert "offers Driver app, which is not sold" in " ".join(one.words for one in findings_of(form))
