"""Spam that got through takes along what it alone made, and brings it back."""

from __future__ import annotations

import pytest

from contacts.models import Contact, Interaction
from forms_intake.models import Deed, SubmissionState
from forms_intake.services.submissions import do
from leads.models import Lead
from tests.build import a_form, an_interaction
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


def test_what_spam_alone_made_goes_with_it_and_comes_back_when_it_was_none() -> None:
    submission = processed(a_submission(email="win@spam.example"))[0]

    assert do(Deed.SPAM, [submission.pk], by=None).ids == [submission.pk]

    submission.refresh_from_db()
    assert (submission.state, submission.was) == (SubmissionState.SPAM, SubmissionState.DONE)
    assert not Contact.objects.alive().exists()

    do(Deed.NOT_SPAM, [submission.pk], by=None)

    processed(submission)
    assert submission.state == SubmissionState.DONE
    assert Contact.objects.alive().count() == Lead.objects.alive().count() == Interaction.objects.count() == 1


def test_of_somebody_who_was_known_or_of_whom_more_is_known_since_nothing_goes() -> None:
    first, second = processed(*(a_submission(a_form(name), email="nina@x.example") for name in ("One", "Two")))
    other = processed(a_submission(a_form("Three"), email="otto@x.example"))[0]
    an_interaction(other.contact)

    outcome = do(Deed.SPAM, [first.pk, second.pk, other.pk], by=None)

    assert outcome.ids == []
    assert {pk: why.partition(":")[0] for pk, why in outcome.refused} == {
        first.pk: "It was processed, and more has come of it since",
        second.pk: "It was processed for somebody who was known before",
        other.pk: "It was processed, and more has come of it since",
    }
    assert Contact.objects.alive().count() == 2
