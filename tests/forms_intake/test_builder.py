"""Building a form in the browser: from a starter to live, edited by two, checked, versioned and given out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.building.definition import freeze
from forms_intake.models import Creates, FormField, FormState, FormVersion, IntakeForm, Submission, Update
from forms_intake.spec.remembering import forget_specs
from tests.admin.pages import fields_on
from tests.build import a_custom_field, a_form, a_page, a_purpose, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "mia"))
    return client


def save(client: Client, where: str, **typed: Any) -> Any:
    """Fill in the page's form as a browser would, and send it."""
    return client.post(where, fields_on(client.get(where), **typed))


def go_live(client: Client, form: IntakeForm) -> Any:
    forget_specs()
    return save(client, f"/forms/{form.pk}/live/")


def test_a_form_is_made_from_a_starter_and_takes_posts_once_it_is_live(marketer: Client) -> None:
    made = marketer.post("/forms/new/", {"name": "Ask for a demo", "begin": "demo"})
    form = IntakeForm.objects.get()
    assert made["Location"].startswith(f"/forms/{form.pk}/")
    assert form.state == FormState.DRAFT
    assert Client().get(f"/f/{form.public_id}/").status_code == 410

    assert go_live(marketer, form).status_code == 302

    said = {"email": "nina@nordwind.example", "last_name": "Lind", "utm_source": "mail"}
    assert Client().post(f"/f/{form.public_id}/", said).status_code == 303
    form.refresh_from_db()
    submission = Submission.objects.get()
    assert (submission.version, submission.payload["utm_source"]) == (form.version, "mail")


def test_a_copy_asks_the_same(marketer: Client) -> None:
    first = a_form(creates=Creates.CONTACT, thank_you="Welcome.")

    marketer.post("/forms/new/", {"name": "Second", "begin": f"copy-{first.pk}"})

    second = IntakeForm.objects.get(name="Second")
    assert (second.creates, second.thank_you, second.state) == (Creates.CONTACT, "Welcome.", FormState.DRAFT)
    assert list(second.fields.values_list("key", "fills")) == list(first.fields.values_list("key", "fills"))


def test_a_field_is_added_with_a_key_of_its_label_and_a_condition(marketer: Client) -> None:
    form = a_form()
    FormField.objects.create(form=form, key="country", label="Country", type="choice", choices=["AT", "DE"], position=5)
    where = f"/forms/{form.pk}/fields/new/"
    typed = {"label": "Which Land?", "type": "text", "show_key": "country", "show_op": "is", "show_values": "AT\nDE"}

    assert save(marketer, where, **typed | {"show_values": "CH"}).status_code == 422
    assert save(marketer, where, **typed, pattern="(", max_length="40").status_code == 422
    assert save(marketer, where, **typed, pattern="[A-Z].*", max_length="40").status_code == 302

    field = FormField.objects.get(label="Which Land?")
    assert (field.key, field.pattern, field.max_length, field.position) == ("which_land", "[A-Z].*", 40, 6)
    assert field.show_when == {"key": "country", "op": "is", "values": ["AT", "DE"]}


def test_no_two_fields_fill_the_same(marketer: Client) -> None:
    form = a_form()

    refused = save(marketer, f"/forms/{form.pk}/fields/new/", label="Mail", type="email", fills="contact.email")

    assert refused.status_code == 422
    assert "“Email” fills it already." in refused.content.decode()


def test_fields_are_put_in_order_without_scripts_and_with(marketer: Client) -> None:
    form = a_form()
    last = form.fields.get(key="last_name")
    where = f"/forms/{form.pk}/fields/{last.pk}/move/"

    assert marketer.post(where, {"to": "0"}).status_code == 302
    assert list(form.fields.order_by("position").values_list("key", flat=True)) == ["last_name", "email", "first_name"]
    part = marketer.post(where, {"to": "2"}, headers={"HX-Request": "true"})
    assert b'id="draft"' in part.content
    assert b"<html" not in part.content


def test_whoever_saves_a_field_second_is_told_and_keeps_what_they_typed(marketer: Client) -> None:
    form = a_form()
    field = form.fields.get(key="first_name")
    where = f"/forms/{form.pk}/fields/{field.pk}/"
    seen = fields_on(marketer.get(where), help="As in your passport")
    save(marketer, where, label="Given name")

    told = marketer.post(where, seen)

    assert told.status_code == 422
    page = told.content.decode()
    assert "“First name” to “Given name”" in page
    assert "As in your passport" in page
    marketer.post(where, fields_on(told))
    field.refresh_from_db()
    assert (field.label, field.help) == ("Given name", "As in your passport")


def test_what_a_form_does_is_edited_with_its_campaign(marketer: Client) -> None:
    form, follower = a_form(), a_user(Role.SALESPERSON, "sam")
    where = f"/forms/{form.pk}/settings/"

    assert save(marketer, where, redirect_url="ftp://example.com/").status_code == 422
    assert save(marketer, where, creates="lead", always_new_lead="on", notify=[str(follower.pk)]).status_code == 302

    form.refresh_from_db()
    assert (form.creates, form.always_new_lead, list(form.notify.all())) == (Creates.LEAD, True, [follower])


def test_an_address_to_go_to_that_is_typed_without_its_beginning_is_a_safe_one(marketer: Client) -> None:
    form = a_form()

    assert save(marketer, f"/forms/{form.pk}/settings/", redirect_url="nordwind.example/thanks").status_code == 302

    form.refresh_from_db()
    assert form.redirect_url == "https://nordwind.example/thanks"


def test_a_live_form_is_edited_beside_what_visitors_see_and_an_older_version_comes_back(marketer: Client) -> None:
    form = a_form()
    form.fields.filter(key="email").update(required=True)
    field = form.fields.get(key="first_name")

    save(marketer, f"/forms/{form.pk}/fields/{field.pk}/", label="Given name")
    forget_specs()
    assert "Given name" not in Client().get(f"/f/{form.public_id}/").content.decode()
    assert "Given name" in marketer.get(f"/forms/{form.pk}/live/").content.decode()
    assert go_live(marketer, form).status_code == 302
    forget_specs()
    assert "Given name" in Client().get(f"/f/{form.public_id}/").content.decode()

    page = marketer.get(f"/forms/{form.pk}/versions/", {"from": "1", "to": "2"}).content.decode()
    assert "First name</del>" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    marketer.post(f"/forms/{form.pk}/versions/1/restore/", {"seen": seen})
    assert form.fields.get(key="first_name").label == "First name"
    assert [one.number for one in form.versions.all()] == [2, 1]


def test_going_live_is_of_what_was_read(marketer: Client) -> None:
    form = a_form(state=FormState.DRAFT)
    form.fields.filter(key="email").update(required=True)
    read = fields_on(marketer.get(f"/forms/{form.pk}/live/"))
    form.fields.filter(key="first_name").update(label="Changed meanwhile")

    refused = marketer.post(f"/forms/{form.pk}/live/", read)

    form.refresh_from_db()
    assert (refused.status_code, form.state) == (409, FormState.DRAFT)


def test_checks_keep_a_form_from_going_live_and_lead_to_the_field(marketer: Client) -> None:
    a_custom_field("size", "contact", "choice", choices=["S", "L"], label="Size")
    form = a_form(state=FormState.DRAFT)
    size = FormField.objects.create(
        form=form, key="size", label="How big?", type="choice", choices=["S", "XL"], fills="contact.custom.size"
    )
    later = FormField.objects.create(
        form=form, key="x", label="X", position=-0, show_when={"key": "gone", "op": "is", "values": ["1"]}
    )
    email = form.fields.get(key="email")

    page = marketer.get(f"/forms/{form.pk}/").content.decode()

    assert "“How big?” offers XL: whoever answers that is refused" in page
    assert "“Email” is not required" in page
    assert "is shown by a field that is gone" in page
    for field in (size, later, email):
        assert f'href="/forms/{form.pk}/fields/{field.pk}/"' in page
    assert go_live(marketer, form).status_code == 422


def test_trying_a_form_says_what_would_be_kept_and_keeps_nothing(marketer: Client) -> None:
    form = a_form()
    FormField.objects.create(
        form=form, key="size", label="Size", position=9, show_when={"key": "first_name", "op": "is", "values": ["Nina"]}
    )

    page = marketer.post(f"/forms/{form.pk}/preview/", {"email": "a@b.example", "size": "12"}).content.decode()

    assert "Contact: email" in page
    assert "Dropped: size." in page
    assert not Submission.objects.exists()


def test_what_agreeing_comes_to_is_told_wherever_what_fields_fill_is(marketer: Client) -> None:
    form = a_form(state=FormState.DRAFT)
    agree = {"form": form, "type": "consent", "required": False}
    FormField.objects.create(**agree, key="agree", label="Write to me", consent_level=4, position=8)
    news = a_purpose("Newsletter")
    FormField.objects.create(**agree, key="news", label="Send me news", purpose=news, position=9)

    share, fields = (marketer.get(f"/forms/{form.pk}/{page}").content.decode() for page in ("share/", ""))
    preview = marketer.post(f"/forms/{form.pk}/preview/", {"email": "a@b.example", "agree": "on"}).content.decode()

    assert all("Consent: Marketing" in page for page in (share, fields, preview))
    assert all("Consent: Newsletter" in page for page in (share, fields))


def test_a_name_that_turns_its_line_turns_nothing_that_is_said_of_it(marketer: Client) -> None:
    page = marketer.post("/forms/new/", {"name": "Guide \u202efdp", "begin": "contact"}, follow=True)

    assert ">Guide fdp is made, as a draft. Nobody can post to it until it goes live.<" in page.content.decode()
    assert "<bdi>Guide \u202efdp</bdi>" in page.content.decode()


def test_how_to_use_it_is_told_and_a_closed_form_says_so(marketer: Client) -> None:
    form = a_form(closed_message="It is over.")
    form.fields.filter(key="email").update(required=True)
    a_page(form)

    page = marketer.get(f"/forms/{form.pk}/share/").content.decode()
    assert f"http://testserver/f/{form.public_id}/" in page
    assert "/p/demo/" in page
    marketer.post(f"/forms/{form.pk}/close/")
    forget_specs()
    gone = Client().get(f"/f/{form.public_id}/")
    assert (gone.status_code, b"It is over." in gone.content) == (410, True)


def test_how_to_use_it_is_told_of_what_is_live_and_not_of_the_draft(marketer: Client) -> None:
    form = a_form(fields={"email": "contact.email", "job": "contact.job_title"}, button="Ask us")
    version = FormVersion.objects.create(form=form, number=1, definition=freeze(form))
    IntakeForm.objects.filter(pk=form.pk).update(version=version, button="Write to us")
    form.fields.filter(key="job").delete()
    FormField.objects.create(form=form, key="town", label="Town", fills="contact.city", position=9)

    page = marketer.get(f"/forms/{form.pk}/share/").content.decode()

    assert "<code>job</code>" in page and "<code>town</code>" not in page
    assert "&quot;job&quot;" in page and "&quot;town&quot;" not in page
    assert "name=&quot;job&quot;" in page and "Ask us" in page and "Write to us" not in page
    assert "What is below is of version 1" in page


def test_a_form_that_is_live_as_it_stands_is_not_asked_to_go_live_for_a_first_version(marketer: Client) -> None:
    live, draft = a_form("Live"), a_form("Draft", state=FormState.DRAFT)

    of_live, of_draft = (marketer.get(f"/forms/{form.pk}/versions/").content.decode() for form in (live, draft))

    assert "It is live as it stands" in of_live
    assert f"/forms/{live.pk}/live/" not in of_live
    assert "No version yet" in of_draft
    assert f"/forms/{draft.pk}/live/" in of_draft


def test_hostile_words_in_a_form_are_only_words(marketer: Client) -> None:
    bad = "<script>alert(1)</script>\"'"
    form = a_form(name=bad, thank_you=bad, intro=bad)
    form.fields.update(help=bad, placeholder=bad, show_when={"key": bad, "op": "is", "values": [bad]}, label=bad)

    for where in ("", "settings/", "preview/", "live/", "close/", "share/", "versions/"):
        assert b"<script>alert" not in marketer.get(f"/forms/{form.pk}/{where}").content
    forget_specs()
    assert b"<script>alert" not in Client().get(f"/f/{form.public_id}/").content


def test_the_list_shows_how_each_form_stands(marketer: Client) -> None:
    first, _ = a_form("First"), a_form("Second", state=FormState.DRAFT)
    Submission.objects.create(public_id="00000000-0000-4000-8000-000000000000", form=first, payload={})

    page = marketer.get("/forms/").content.decode()
    assert f'href="/submissions/?form={first.pk}">1</a>' in page
    assert "Second" not in marketer.get("/forms/?state=live").content.decode()
    assert Update.FILL in {field.update for field in first.fields.all()}


def test_leads_go_to_those_who_may_have_some_and_stay_with_whom_they_were_for(marketer: Client) -> None:
    sam, rita = a_user(Role.SALESPERSON, "sam"), a_user(Role.READER, "rita")
    where = f"/forms/{a_form().pk}/settings/"

    page = marketer.get(where)
    offered = page.context["edit"].fields["lead_owner"].queryset
    assert sam in offered and rita not in offered
    assert "Address to go to afterwards" in page.content.decode()
    assert save(marketer, where, lead_owner=str(rita.pk)).status_code == 422

    IntakeForm.objects.update(lead_owner=rita)
    assert save(marketer, where, topic="Trucks").status_code == 302
    assert IntakeForm.objects.get().lead_owner == rita
