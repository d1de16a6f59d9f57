"""A submission is mended in place, where it wrote, or run as new; two people at once are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Account, Consent, Contact, CustomFieldType, Entity, Interaction, InteractionKey, Role
from contacts.services.contacts import delete_contacts
from forms_intake.errors import CannotOverwrite, NotRetriable
from forms_intake.models import (
    Creates,
    Deed,
    FieldType,
    FormField,
    Submission,
    SubmissionEvent,
    SubmissionState,
    Update,
)
from forms_intake.services.mending import edit_submission
from forms_intake.services.submissions import do
from leads.models import Lead
from tests.build import a_custom_field, a_form, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lnd", "company": "Nordwnd"}
FIELDS = {
    "email": "contact.email",
    "first_name": "contact.first_name",
    "last_name": "contact.last_name",
    "phone": "contact.phone",
    "company": "account.name",
    "budget": "lead.custom.budget",
}


def a_done_one(**more: str) -> Submission:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER)
    return processed(a_submission(a_form(fields=FIELDS), **NINA | {"budget": "12"} | more))[0]


def mended(submission: Submission, *, anew: bool = False, **values: str) -> Submission:
    submission.refresh_from_db()
    done = edit_submission(
        submission_id=submission.pk,
        values={key: [value] for key, value in values.items()},
        attempts=submission.attempts,
        edition=submission.edition,
        anew=anew,
        by=a_user(Role.MARKETER),
    )
    return processed(done)[0]


def test_in_place_the_values_it_wrote_are_corrected_and_nothing_is_made_anew() -> None:
    submission = a_done_one()

    done = mended(submission, last_name="Lind", company="Nordwind", budget="120")

    assert done.pk == submission.pk
    assert done.payload["last_name"] == "Lind"
    contact, lead = Contact.objects.get(), Lead.objects.get()
    assert (contact.last_name, str(contact.account), lead.custom) == ("Lind", "Nordwind", {"budget": 120})
    assert Interaction.objects.count() == Account.objects.count() == Submission.objects.count() == 1
    changes = SubmissionEvent.objects.get(deed=Deed.OVERWROTE).changes
    assert {(one["label"], one["before"], one["after"], one["did"]) for one in changes} == {
        ("Last name", "Lnd", "Lind", "corrected"),
        ("Company", "Nordwnd", "Nordwind", "corrected"),
        ("Budget", "12", "120", "corrected"),
    }


def test_in_place_whom_a_lead_without_a_contact_is_about_is_corrected_too() -> None:
    form = a_form(fields={"email": "contact.email", "last_name": "contact.last_name"}, creates=Creates.LEAD)
    submission = processed(a_submission(form, email="nina@nordwind.example", last_name="Lnd"))[0]

    mended(submission, last_name="Lind")

    assert Lead.objects.get().person_last_name == "Lind"
    assert not Contact.objects.exists()


def test_in_place_what_somebody_changed_since_stays() -> None:
    submission = a_done_one()
    Contact.objects.update(first_name="Antonina")

    mended(submission, first_name="Nina-Maria")

    assert Contact.objects.get().first_name == "Antonina"
    assert SubmissionEvent.objects.get(deed=Deed.OVERWROTE).changes[0]["did"] == "changed_since"


def test_in_place_a_field_that_overwrites_does_so_again() -> None:
    submission = a_done_one()
    FormField.objects.filter(key="first_name").update(update=Update.OVERWRITE)
    Contact.objects.update(first_name="Antonina")

    mended(submission, first_name="Nina-Maria")

    assert Contact.objects.get().first_name == "Nina-Maria"


def test_in_place_an_emptied_value_is_taken_back() -> None:
    submission = a_done_one(phone="+49 30 1234567")

    mended(submission, phone="")

    assert Contact.objects.get().phone == ""


def test_in_place_an_address_of_somebody_else_is_refused_and_nothing_is_saved(client: Client) -> None:
    other = processed(a_submission(a_form("Other"), email="otto@nordwind.example"))[0]
    submission = a_done_one()
    client.force_login(a_user(Role.MARKETER))

    answer = client.post(
        f"/submissions/{submission.pk}/",
        NINA | {"email": "otto@nordwind.example", "last_name": "Lind", "attempts": 1, "edition": 0},
    )

    assert answer.status_code == 409
    assert "Another contact already has this" in answer.content.decode()
    submission.refresh_from_db()
    assert submission.payload["last_name"] == "Lnd"
    assert Contact.objects.exclude(pk=other.contact_id or 0).get().last_name == "Lnd"


def test_in_place_is_refused_when_what_it_wrote_to_was_deleted_and_as_new_is_not() -> None:
    submission = a_done_one()
    delete_contacts([submission.contact_id or 0], by=None)

    with pytest.raises(CannotOverwrite):
        mended(submission, last_name="Lind")

    again = mended(submission, anew=True, last_name="Lind")
    assert again.state == SubmissionState.DONE
    assert again.contact_id not in (None, submission.contact_id)


def test_as_new_it_is_matched_anew_with_an_interaction_of_its_own_and_the_first_stays() -> None:
    submission = a_done_one()

    again = mended(submission, anew=True, email="otto@nordwind.example", first_name="Otto")

    assert again.pk != submission.pk
    assert again.run_anew == submission
    assert again.state == SubmissionState.DONE
    assert Contact.objects.count() == Interaction.objects.count() == Lead.objects.count() == 2
    submission.refresh_from_db()
    assert (submission.state, submission.payload["first_name"]) == (SubmissionState.DONE, "Nina")
    assert again.received_at > submission.received_at


def test_as_new_a_failed_one_is_deleted_for_the_new_one() -> None:
    submission = processed(a_submission(first_name="Nina"))[0]
    assert submission.state == SubmissionState.FAILED

    again = mended(submission, anew=True, email="nina@nordwind.example")

    submission.refresh_from_db()
    assert again.state == SubmissionState.DONE
    assert (submission.state, submission.was) == (SubmissionState.DELETED, SubmissionState.FAILED)


def test_as_new_a_consent_keeps_the_time_at_which_it_was_given() -> None:
    form = a_form()
    FormField.objects.create(form=form, key="news", label="News", type=FieldType.CONSENT, consent_level=4)
    submission = processed(a_submission(form, email="nina@nordwind.example", news=True))[0]
    Submission.objects.update(received_at=timezone.now() - timedelta(days=90))
    submission.refresh_from_db()

    mended(submission, anew=True, email="nora@nordwind.example")

    assert Consent.objects.latest("pk").recorded_at == submission.received_at


def test_of_two_at_once_the_second_is_told_who_did_what() -> None:
    submission = a_done_one()
    mended(submission, last_name="Lind")

    with pytest.raises(NotRetriable, match="Edited in place by"):
        edit_submission(
            submission_id=submission.pk,
            values={"last_name": ["Lund"]},
            attempts=1,
            edition=0,
            by=a_user(Role.MARKETER, "other"),
        )
    assert Contact.objects.get().last_name == "Lind"


def test_spam_of_a_form_that_asks_first_waits_for_the_click_once_it_is_none() -> None:
    form = a_form(double_opt_in=True)
    submission = a_submission(form, email="nina@nordwind.example")
    Submission.objects.update(state=SubmissionState.SPAM)

    do(Deed.NOT_SPAM, [submission.pk], by=None)

    assert processed(submission)[0].state == SubmissionState.UNCONFIRMED
    assert not Contact.objects.exists()


def test_no_spam_is_processed_with_its_own_time() -> None:
    submission = a_submission(email="nina@nordwind.example")
    came = timezone.now() - timedelta(days=3)
    Submission.objects.update(state=SubmissionState.SPAM, received_at=came)

    do(Deed.NOT_SPAM, [submission.pk], by=None)
    processed(submission)

    assert Interaction.objects.get().occurred_at == came


def test_what_is_deleted_comes_back_as_it_was_for_thirty_days() -> None:
    one, old = processed(a_submission(first_name="Nina"), a_submission(a_form("Other"), first_name="Otto"))
    do(Deed.DELETED, [one.pk, old.pk], by=None)
    Submission.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - timedelta(days=31))

    outcome = do(Deed.RESTORED, [one.pk, old.pk], by=None)

    assert outcome.ids == [one.pk]
    assert outcome.refused == [(old.pk, "It was deleted more than thirty days ago.")]
    one.refresh_from_db()
    assert (one.state, one.was, one.deleted_at) == (SubmissionState.FAILED, "", None)


def test_what_was_agreed_to_is_written_down_once_however_often_it_is_processed() -> None:
    form = a_form()
    FormField.objects.create(form=form, key="agree", label="I agree", type=FieldType.CONSENT, consent_level=3)
    submission = a_submission(form, email="nina@nordwind.example", agree=True)
    for _ in range(2):
        Submission.objects.update(state=SubmissionState.PENDING)
        InteractionKey.objects.all().delete()  # as after half a year
        processed(submission)

    assert Interaction.objects.get() == submission.interaction
    assert Consent.objects.get().contact == submission.contact
