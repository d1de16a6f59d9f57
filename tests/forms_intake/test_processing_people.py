"""Whose submission it is, and what it may change of what is known about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import (
    Consent,
    ConsentLevel,
    Contact,
    Interaction,
    MatchKey,
)
from contacts.services.consents import record_consent
from contacts.services.contacts import delete_contacts
from forms_intake.models import FieldType, FormField, IntakeForm, Submission, Update
from forms_intake.processing import people
from leads.models import Lead
from tests.build import a_contact, a_form
from tests.forms_intake.posting import a_submission, meanwhile, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}
PHONE_AND_EMAIL = {"email": "contact.email", "phone": "contact.phone", "first_name": "contact.first_name"}


def decided(submission: Submission) -> dict[str, Any]:
    decision: dict[str, Any] = submission.decision or {}
    return decision


def test_by_default_only_what_is_empty_is_filled_and_blanks_erase_nothing() -> None:
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "city": "contact.city"})
    processed(a_submission(form, email="nina@nordwind.example", first_name="Nina"))
    before = Contact.objects.get()

    processed(a_submission(form, email="nina@nordwind.example", first_name="Somebody", city="Bergen"))
    processed(a_submission(form, email="nina@nordwind.example", first_name="", city=""))

    contact = Contact.objects.get()
    assert (contact.first_name, contact.city) == ("Nina", "Bergen")
    assert contact.version == before.version + 1


@pytest.mark.parametrize(
    ("update", "name", "city"),
    [(Update.OVERWRITE, "New", "New"), (Update.FILL, "Old", "New"), (Update.NEVER, "Old", "")],
)
def test_each_field_says_what_it_may_do_to_what_is_known(update: str, name: str, city: str) -> None:
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "city": "contact.city"})
    processed(a_submission(form, email="nina@nordwind.example", first_name="Old"))
    FormField.objects.filter(form=form).update(update=update)

    processed(a_submission(form, email="nina@nordwind.example", first_name="New", city="New"))

    contact = Contact.objects.get()
    assert (contact.first_name, contact.city) == (name, city)


def test_an_overwritten_phone_gives_up_its_key() -> None:
    form = a_form(fields=PHONE_AND_EMAIL, contact_attributes=["email"])
    a_form("By phone", contact_attributes=["phone"])
    FormField.objects.filter(form=form).update(update=Update.OVERWRITE)
    processed(a_submission(form, email="nina@nordwind.example", phone="+49 30 1234567"))
    processed(a_submission(form, email="nina@nordwind.example", phone="+49 30 7654321"))

    assert Contact.objects.get().phone_e164 == "+49307654321"
    assert set(MatchKey.objects.values_list("kind", "value")) == {
        ("email", "nina@nordwind.example"),
        ("phone", "+49307654321"),
    }


def test_a_new_phone_with_a_known_email_is_the_one_who_is_known() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    processed(a_submission(by_email, email="nina@nordwind.example"))

    (submission,) = processed(a_submission(by_phone, email="nina@nordwind.example", phone="+49 30 1234567"))

    contact = Contact.objects.get()
    assert contact.phone_e164 == "+49301234567"
    assert decided(submission)["contact"]["reason"] == "New by the form's matching strategy, but the e-mail is known."
    (again,) = processed(a_submission(by_phone, phone="+49301234567"))
    assert again.contact == contact


def test_two_people_who_share_a_phone_stay_two_where_the_form_matches_by_email() -> None:
    form = a_form(fields=PHONE_AND_EMAIL)
    a_form("By phone", contact_attributes=["phone"])

    processed(
        a_submission(form, email="nina@nordwind.example", phone="+49 30 1234567"),
        a_submission(form, email="ole@nordwind.example", phone="+49 30 1234567"),
    )

    assert Contact.objects.count() == 2
    assert MatchKey.objects.get(kind="phone").contact.email == "nina@nordwind.example"


def test_a_known_phone_with_somebody_elses_email_takes_nothing_from_either() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    FormField.objects.filter(form=by_phone).update(update=Update.OVERWRITE)
    processed(a_submission(by_phone, phone="+49 30 1234567", first_name="Ole"))
    processed(a_submission(by_email, email="nina@nordwind.example", first_name="Nina"))

    (submission,) = processed(a_submission(by_phone, email="nina@nordwind.example", phone="+49 30 1234567"))

    ole, nina = Contact.objects.order_by("pk")
    assert submission.contact == ole
    assert (ole.email, nina.email) == ("", "nina@nordwind.example")
    assert decided(submission)["contact"]["candidates"] == [ole.pk, nina.pk]


def test_many_of_one_batch_who_turn_out_to_be_someone_known_are_that_one() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    processed(a_submission(by_email, email="nina@nordwind.example"))

    submissions = [
        a_submission(by_phone, email="nina@nordwind.example", phone="+49 30 1234567", first_name=str(number))
        for number in range(20)
    ]
    submissions.append(a_submission(by_phone, phone="+49 30 1234567"))
    processed(*submissions)

    assert Contact.objects.count() == 1
    assert {submission.contact_id for submission in submissions} == {Contact.objects.get().pk}
    assert Interaction.objects.count() == 22


def test_a_deleted_contact_is_not_found_again() -> None:
    form = a_form()
    processed(a_submission(form, **NINA))
    Contact.objects.update(deleted_at=timezone.now())

    (submission,) = processed(a_submission(form, **NINA))

    assert submission.contact == Contact.objects.alive().get()
    assert submission.lead == Lead.objects.alive().get()


def test_a_contact_added_by_hand_is_found_by_its_key() -> None:
    contact = a_contact(email="nina@nordwind.example")
    MatchKey.objects.create(kind="email", value="nina@nordwind.example", contact=contact)

    (submission,) = processed(a_submission(**NINA))

    assert submission.contact == contact
    assert Contact.objects.count() == 1


def test_consents_are_kept_in_the_words_that_were_seen() -> None:
    form = a_form()
    words = "Yes, send me news."
    FormField.objects.create(
        form=form, key="news", label=words, type=FieldType.CONSENT, consent_level=ConsentLevel.MARKETING, position=9
    )
    submission = a_submission(form, **NINA, news=True)
    submission.origin = {"ip": "198.51.100.7"}
    submission.save()
    processed(submission, a_submission(form, **NINA, news=False))

    consent = Consent.objects.get()
    assert (consent.level, consent.wording, consent.ip, consent.given) == (4, words, "198.51.100.7", True)
    assert Contact.objects.get().consent_level == ConsentLevel.MARKETING


def asking_for_news() -> IntakeForm:
    form = a_form()
    FormField.objects.create(
        form=form, key="news", label="News?", type=FieldType.CONSENT, consent_level=ConsentLevel.MARKETING, position=9
    )
    return form


@pytest.mark.parametrize(("hours_ago", "level"), [(2, ConsentLevel.CONSENT), (0, ConsentLevel.MARKETING)])
def test_what_was_withdrawn_after_a_submission_came_stays_withdrawn(hours_ago: int, level: int) -> None:
    form = asking_for_news()
    processed(a_submission(form, **NINA))
    contact = Contact.objects.get()
    withdrawn = record_consent(contact_id=contact.pk, level=ConsentLevel.CONSENT, given=False)
    Consent.objects.filter(pk=withdrawn.pk).update(recorded_at=timezone.now() - timedelta(hours=1))
    Contact.objects.update(consent_level=ConsentLevel.CONSENT)
    waited = a_submission(form, **NINA, news=True)
    waited.received_at = timezone.now() - timedelta(hours=hours_ago)
    waited.save()

    processed(waited)

    contact.refresh_from_db()
    assert contact.consent_level == level
    assert Consent.objects.get(given=True).recorded_at == waited.received_at


@pytest.mark.parametrize("city", ["", "Bergen"])
def test_a_contact_deleted_while_it_is_matched_gets_nothing_more(city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form = a_form(fields={"email": "contact.email", "city": "contact.city"})
    processed(a_submission(form, email="nina@nordwind.example"))
    gone = Contact.objects.get()
    meanwhile(monkeypatch, people._Round, "_fill_known", lambda: delete_contacts([gone.pk], by=None))

    (submission,) = processed(a_submission(form, email="nina@nordwind.example", city=city))

    assert submission.contact == Contact.objects.alive().get()
    assert submission.lead == Lead.objects.alive().get()
    gone.refresh_from_db()
    assert gone.city == ""
    assert Interaction.objects.filter(contact=gone).count() == 1
