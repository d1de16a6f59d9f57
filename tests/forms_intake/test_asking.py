"""What a form asks, of whom and when: conditions, patterns, what is known already, and which version was posted to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts import match_keys
from contacts.merging.service import merge_contacts
from contacts.models import Contact, ContactMatchingStrategy, Interaction
from contacts.services.contacts import create_contact, delete_contacts
from forms_intake.building.checks import findings_of
from forms_intake.building.definition import freeze
from forms_intake.known import word_for
from forms_intake.models import Ask, Creates, FieldType, FormField, FormState, FormVersion, IntakeForm, Submission
from forms_intake.processing.work import process_next
from forms_intake.spec.remembering import forget_specs
from leads.models import Lead, Notice, NoticeKind
from tests.build import a_contact, a_form, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


def door(form: IntakeForm) -> str:
    forget_specs()
    return f"/f/{form.public_id}/"


def post(client: Client, form: IntakeForm, **said: Any) -> Any:
    return client.post(door(form), said, content_type="application/json")


def a_form_with(key: str = "size", /, **field: Any) -> IntakeForm:
    """A form of an e-mail, a yes or no called `fleet`, and one more field."""
    form = a_form(fields={"email": "contact.email"})
    FormField.objects.create(form=form, key="fleet", label="Do you run vehicles?", type="yes_no", position=1)
    FormField.objects.create(form=form, key=key, label="How many?", position=2, **field)
    return form


ONLY_WITH_FLEET = {"key": "fleet", "op": "is", "values": ["yes"]}


def test_what_is_said_in_a_field_that_was_not_shown_is_dropped_and_listed(client: Client) -> None:
    form = a_form_with(show_when=ONLY_WITH_FLEET, required=True)

    assert post(client, form, email="a@b.example", fleet="no", size="12").status_code == 202
    submission = Submission.objects.get()
    assert (submission.payload, submission.dropped) == ({"email": "a@b.example", "fleet": False}, ["size"])


def test_a_required_field_is_required_only_while_it_is_shown(client: Client) -> None:
    form = a_form_with(show_when=ONLY_WITH_FLEET, required=True, message="How many are they?")

    assert post(client, form, email="a@b.example").status_code == 202
    refused = post(client, form, email="a@b.example", fleet="yes")
    assert (refused.status_code, refused.json()) == (422, {"errors": {"size": ["How many are they?"]}})


def test_without_scripts_a_conditional_field_says_when_it_counts(client: Client) -> None:
    page = client.get(door(a_form_with(show_when=ONLY_WITH_FLEET))).content.decode()

    assert "Only if “Do you run vehicles?” is yes." in page
    assert 'data-shown="fleet" data-op="is" data-values="[&quot;yes&quot;]"' in page
    assert "js/shown" in page


def test_a_pattern_holds_for_the_whole_value_in_linear_time(client: Client) -> None:
    form = a_form_with(pattern="(a|aa)+[0-9]{5}", pattern_message="Five digits, please.")

    assert post(client, form, email="a@b.example", size="a12345").status_code == 202
    refused = post(client, form, email="a@b.example", size="a" * 900 + "!")
    assert refused.json() == {"errors": {"size": ["Five digits, please."]}}


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        (FieldType.WHOLE, "-12", "1.5"),
        (FieldType.URL, "example.com/a?b", "javascript://example.com"),
        (FieldType.DATE_TIME, "2026-03-31T14:30", "2026-03-31"),
    ],
)
def test_types_are_written_as_they_say(client: Client, type: str, good: str, bad: str) -> None:
    form = a_form_with(type=type)

    assert post(client, form, email="a@b.example", size=good).status_code == 202
    assert post(client, form, email="a@b.example", size=bad).status_code == 422


def a_known_contact(**said: str) -> Contact:
    contact = a_contact(**said)
    match_keys.claim_for(contact)
    return contact


def known_and_form() -> tuple[Contact, IntakeForm]:
    contact = a_known_contact(email="nina@nordwind.example", first_name="Nina", job_title="")
    form = a_form(
        fields={"email": "contact.email", "first_name": "contact.first_name", "job_title": "contact.job_title"}
    )
    form.fields.filter(key__in=["email", "first_name"]).update(ask=Ask.UNKNOWN, required=True)
    form.fields.filter(key="job_title").update(ask=Ask.KNOWN, required=True)
    return contact, form


def test_who_came_by_a_signed_link_is_asked_what_we_do_not_know_and_is_known_without_saying_it(client: Client) -> None:
    contact, form = known_and_form()
    word = word_for(contact.pk)

    page = client.get(door(form), {"who": word})
    assert 'name="job_title"' in page.content.decode()
    assert 'name="email"' not in page.content.decode()
    assert "nordwind" not in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert post(client, form, job_title="Planner", _who=word).status_code == 202
    process_next()

    contact.refresh_from_db()
    assert (Contact.objects.count(), contact.job_title) == (1, "Planner")


def test_a_link_in_an_old_mail_still_knows_who_was_merged_since_and_no_longer_who_was_deleted(client: Client) -> None:
    contact, form = known_and_form()
    word, survivor = word_for(contact.pk), create_contact(first_name="Nina", email="nina@home.example")
    merge_contacts(survivor.pk, contact.pk, take=[], by=None)

    assert 'name="email"' not in client.get(door(form), {"who": word}).content.decode()
    assert post(client, form, job_title="Planner", _who=word).status_code == 202
    process_next()

    survivor.refresh_from_db()
    assert (Contact.objects.alive().count(), survivor.job_title) == (1, "Planner")
    delete_contacts([survivor.pk], by=None)
    assert 'name="email"' in client.get(door(form), {"who": word}).content.decode()


def test_nobody_else_learns_or_is_spared_anything(client: Client) -> None:
    contact, form = known_and_form()
    forged = word_for(contact.pk).replace(str(contact.pk), str(contact.pk + 1), 1)

    for query in ({}, {"who": forged}, {"who": str(contact.pk)}):
        page = client.get(door(form), query).content.decode()
        assert 'name="email"' in page
        assert 'name="job_title"' not in page
        assert "Nina" not in page
    assert set(post(client, form, first_name="Eve", _who=forged).json()["errors"]) == {"email"}


def test_whom_we_know_is_asked_again_what_decides_about_a_question_and_nothing_else(client: Client) -> None:
    contact = a_known_contact(email="nina@nordwind.example", first_name="Nina", country="DE")
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "country": "contact.country"})
    form.fields.update(ask=Ask.UNKNOWN, required=True)
    FormField.objects.create(
        form=form, key="state", label="State", position=9, show_when={"key": "country", "op": "is", "values": ["DE"]}
    )
    form.fields.filter(key="state").update(required=True)
    word = word_for(contact.pk)

    page = client.get(door(form), {"who": word}).content.decode()

    assert 'name="country"' in page and 'name="state"' in page
    assert 'name="first_name"' not in page and "DE" not in page.split('name="country"')[1].split(">")[0]
    assert post(client, form, country="DE", _who=word).json() == {"errors": {"state": ["Please fill this in."]}}
    assert post(client, form, country="DE", state="Hamburg", _who=word).status_code == 202
    assert post(client, form, country="FR", _who=word).status_code == 202
    form.fields.filter(key="state").delete()
    assert 'name="country"' not in client.get(door(form), {"who": word}).content.decode()


def test_what_is_typed_outranks_the_link(client: Client) -> None:
    contact, form = known_and_form()

    said = {"email": "eve@other.example", "first_name": "Eve", "job_title": "Spy", "_who": word_for(contact.pk)}
    assert post(client, form, **said).status_code == 202
    process_next()

    contact.refresh_from_db()
    assert (contact.first_name, contact.job_title) == ("Nina", "")
    assert Contact.objects.get(email="eve@other.example").job_title == "Spy"


def test_a_form_that_makes_only_leads_links_who_is_known_and_changes_nobody() -> None:
    contact = a_known_contact(email="nina@nordwind.example", first_name="")
    form = a_form(creates=Creates.LEAD)

    known, unknown, again = processed(
        a_submission(form, email="NINA@nordwind.example", first_name="N"),
        a_submission(form, email="otto@other.example", first_name="Otto"),
        a_submission(form, email="Otto@other.example"),
    )

    contact.refresh_from_db()
    assert (Contact.objects.count(), contact.first_name) == (1, "")
    assert known.lead and known.lead.contact == contact and known.interaction
    assert unknown.lead and unknown.lead.contact is None and unknown.lead == again.lead
    assert (unknown.lead.person_first_name, unknown.lead.person_email) == ("Otto", "otto@other.example")
    (later,) = processed(a_submission(form, email="otto@other.example"))
    assert later.lead == unknown.lead
    assert Lead.objects.count() == 2


def test_who_is_known_only_by_the_default_strategy_has_one_lead_of_a_form_that_makes_only_leads() -> None:
    """Its lead is linked by that strategy when it is opened: so it is matched, and the interaction is theirs."""
    ContactMatchingStrategy.objects.filter(is_default=True).update(name="By phone", attributes=["phone"])
    by_email = ContactMatchingStrategy.objects.create(name="By address", attributes=["email"])
    contact = create_contact(first_name="Nina", phone="+49 30 1234567")
    fields = {"email": "contact.email", "phone": "contact.phone"}
    form = a_form(creates=Creates.LEAD, fields=fields, contact_strategy=by_email)
    said = {"email": "nina@new.example", "phone": "+49 30 1234567"}

    first, second = (processed(a_submission(form, **said))[0] for _ in range(2))

    lead = Lead.objects.get()
    assert (lead.contact, first.lead, second.lead) == (contact, lead, lead)
    assert (first.contact, second.contact) == (contact, contact)
    assert Interaction.objects.filter(contact=contact).count() == 2
    contact.refresh_from_db()
    assert contact.email == ""


def test_a_form_that_updates_nothing_keeps_the_submission() -> None:
    (kept,) = processed(a_submission(a_form(creates=Creates.NOTHING), first_name="Otto"))

    assert (kept.state, kept.contact, kept.lead, kept.interaction) == ("done", None, None, None)
    assert "updates nothing" in (kept.decision or {})["contact"]["reason"]


def test_a_form_may_make_a_lead_of_every_post() -> None:
    form = a_form(always_new_lead=True)

    first, second = processed(a_submission(form, email="a@b.example"), a_submission(form, email="a@b.example"))

    assert first.contact == second.contact
    assert first.lead != second.lead


def test_followers_are_told_once_of_what_came_together() -> None:
    form, follower = a_form(), a_user()
    form.notify.add(follower)

    processed(a_submission(form, email="a@b.example"), a_submission(form, email="c@d.example"))

    notice = Notice.objects.get(to=follower)
    assert (notice.kind, notice.count, notice.words) == (NoticeKind.SUBMITTED, 2, form.name)


def live(form: IntakeForm) -> FormVersion:
    version = FormVersion.objects.create(form=form, number=form.versions.count() + 1, definition=freeze(form))
    IntakeForm.objects.filter(pk=form.pk).update(version=version)
    return version


def test_visitors_see_the_live_version_and_a_submission_knows_it(client: Client) -> None:
    form = a_form()
    version = live(form)
    form.fields.filter(key="first_name").update(label="Changed in the draft", required=True)

    assert "Changed in the draft" not in client.get(door(form)).content.decode()
    assert post(client, form, email="a@b.example").status_code == 202
    assert Submission.objects.get().version == version


def test_what_an_older_version_asked_still_goes_where_it_put_it(client: Client) -> None:
    form = a_form()
    live(form)
    post(client, form, email="a@b.example", first_name="Nina")
    form.fields.filter(key="first_name").delete()
    live(form)

    process_next()

    assert Contact.objects.get().first_name == "Nina"


def test_a_closed_form_says_its_own_words(client: Client) -> None:
    form = a_form(state=FormState.CLOSED, closed_message="The draw is over.")

    answer = client.get(door(form))
    assert (answer.status_code, "The draw is over." in answer.content.decode()) == (410, True)


def test_whom_contacts_are_matched_by_is_said_once_in_each_sentence_about_its_field() -> None:
    form = a_form_with(show_when=ONLY_WITH_FLEET)
    form.fields.filter(key="email").update(show_when=ONLY_WITH_FLEET)

    told = [one.words for one in findings_of(form) if one.field == "Email" and "matched" in one.words]

    assert told == [
        f"Contacts are matched by email, but “Email” is not {what}." for what in ("required", "always shown")
    ]


def test_a_form_says_before_it_goes_live_whom_a_condition_leaves_out_and_whom_it_asks_again() -> None:
    form = a_form_with(show_when=ONLY_WITH_FLEET)

    def said(ask: Ask) -> list[str]:
        form.fields.filter(key="fleet").update(ask=ask)
        return [one.words for one in findings_of(form) if "fleet" in one.words or "vehicles" in one.words]

    assert said(Ask.ALWAYS) == []
    assert "strangers are never" in said(Ask.KNOWN)[0]
    assert "asked it again" in said(Ask.UNKNOWN)[0]
