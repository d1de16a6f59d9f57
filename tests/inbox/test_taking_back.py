"""Spam that got through takes along what it alone made, and brings it back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from contacts.merging.service import merge_contacts
from contacts.models import Contact, Interaction, Role
from contacts.services.contacts import create_contact
from forms_intake.inbox import retention
from forms_intake.inbox.taking_back import KNOWN_BEFORE, UNKNOWN_WHETHER
from forms_intake.models import Creates, Deed, Submission, SubmissionState
from forms_intake.services.submissions import Outcome, do
from leads.models import Lead
from tests.build import a_contact, a_form, a_lead, a_user, an_interaction
from tests.forms_intake.posting import a_submission, processed
from tests.threads import at_once

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


def two_posts() -> list[Submission]:
    return processed(*(a_submission(a_form(name), email="win@spam.example") for name in ("One", "Two")))


def test_all_that_one_address_sent_goes_together_and_comes_back_with_the_first_that_was_none() -> None:
    first, second = two_posts()

    outcome = do(Deed.SPAM, [first.pk, second.pk], by=None)

    assert (outcome.ids, outcome.refused) == ([first.pk, second.pk], [])
    assert not Contact.objects.alive().exists() and not Lead.objects.alive().exists()

    do(Deed.NOT_SPAM, [second.pk], by=None)

    processed(first, second)
    assert (first.state, second.state) == (SubmissionState.SPAM, SubmissionState.DONE)
    assert Contact.objects.alive().count() == 1 and Lead.objects.alive().count() == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_at_a_time_the_last_takes_the_contact_along(order: tuple[int, int]) -> None:
    posts = two_posts()
    one, last = (posts[place] for place in order)

    assert do(Deed.SPAM, [one.pk], by=None).ids == [one.pk]

    assert Contact.objects.alive().count() == 1 and Lead.objects.alive().count() == 2
    assert "stays" in one.events.latest("pk").reason

    assert do(Deed.SPAM, [last.pk], by=None).ids == [last.pk]

    assert not Contact.objects.alive().exists() and not Lead.objects.alive().exists()


def gone_by_retention(*posts: Submission) -> None:
    retention.set_retention(
        days={"processed_days": 9, "spam_days": 9, "failed_days": 9}, edition=0, by=a_user(Role.MARKETER)
    )
    Submission.objects.filter(pk__in=[one.pk for one in posts]).update(received_at=timezone.now() - timedelta(days=10))
    retention.sweep()


def test_the_last_takes_the_contact_along_also_when_the_spam_that_made_it_has_been_kept_long_enough() -> None:
    first, last = two_posts()
    do(Deed.SPAM, [first.pk], by=None)
    gone_by_retention(first)
    first.refresh_from_db()
    assert (first.payload, first.email, first.state) == ({}, "", "spam")

    assert do(Deed.SPAM, [last.pk], by=None).ids == [last.pk]

    assert not Contact.objects.alive().exists() and not Lead.objects.alive().exists()
    assert retention.sweep()["spam"] == 1, "whom it made is gone"
    assert list(Submission.objects.all()) == [last]


def test_what_was_no_spam_counts_again_and_brings_back_whom_it_made_also_when_its_words_are_gone() -> None:
    first, last = two_posts()
    do(Deed.SPAM, [first.pk], by=None)
    gone_by_retention(first)
    do(Deed.SPAM, [last.pk], by=None)

    assert do(Deed.NOT_SPAM, [first.pk], by=None).refused == []

    processed(first, last)
    assert (first.state, last.state) == (SubmissionState.DONE, SubmissionState.SPAM)
    assert Contact.objects.alive().count() == 1


def test_whether_they_came_by_spam_alone_is_not_guessed_when_what_made_them_is_gone() -> None:
    first, last = two_posts()
    do(Deed.SPAM, [first.pk], by=None)
    Submission.objects.filter(pk=first.pk).delete()

    assert do(Deed.SPAM, [last.pk], by=None).refused == [(last.pk, UNKNOWN_WHETHER)]

    assert Contact.objects.alive().count() == 1


def test_who_came_otherwise_too_stays_when_all_their_spam_has_been_kept_long_enough() -> None:
    known = create_contact(last_name="Lind", email="win@spam.example")
    first, last = two_posts()
    real = processed(a_submission(a_form("Three"), email="otto@x.example"))[0]
    do(Deed.DELETED, [real.pk], by=None)
    spam = processed(a_submission(a_form("Four"), email="otto@x.example"))[0]
    Submission.objects.filter(pk=first.pk).update(state="spam", was="done")
    Submission.objects.filter(pk=real.pk).update(deleted_at=timezone.now() - timedelta(days=31))
    gone_by_retention(first)

    outcome = do(Deed.SPAM, [last.pk, spam.pk], by=None)

    assert outcome.refused == [(last.pk, KNOWN_BEFORE), (spam.pk, UNKNOWN_WHETHER)]
    assert Contact.objects.alive().filter(pk__in=[known.pk, spam.contact_id]).count() == 2


def test_a_lead_that_two_posts_share_goes_once_both_are_spam() -> None:
    form = a_form(creates=Creates.LEAD)
    first, second = processed(*(a_submission(form, email="win@spam.example", first_name=mark) for mark in "ab"))
    assert first.lead_id == second.lead_id and not Contact.objects.exists()

    do(Deed.SPAM, [first.pk], by=None)
    assert Lead.objects.alive().exists()

    do(Deed.SPAM, [second.pk], by=None)
    assert not Lead.objects.alive().exists()


def test_of_somebody_of_whom_anything_else_is_known_nothing_goes_and_the_posts_stay_as_they_are() -> None:
    known = create_contact(last_name="Lind", email="nina@x.example")
    by_hand = processed(*(a_submission(a_form(name), email=known.email) for name in ("One", "Two")))
    called = processed(a_submission(a_form("Three"), email="otto@x.example"))[0]
    an_interaction(called.contact)
    led = processed(a_submission(a_form("Four"), email="ada@x.example"))[0]
    a_lead(led.contact)
    matched = processed(*(a_submission(a_form(name), email="uma@x.example") for name in ("Five", "Six")))
    an_interaction(matched[1].contact)

    outcome = do(Deed.SPAM, [one.pk for one in (*by_hand, called, led, *matched)], by=None)

    assert outcome.ids == []
    assert {pk: why.partition(":")[0] for pk, why in outcome.refused} == {
        **{one.pk: "It was processed for somebody who was known before" for one in by_hand},
        **{one.pk: "It was processed, and more has come of it since" for one in (called, led, *matched)},
    }
    assert Contact.objects.alive().count() == 4


def test_a_post_that_was_merged_into_somebody_else_takes_nobody_along() -> None:
    post = processed(a_submission(email="win@spam.example"))[0]
    kept = a_contact(email="nina@x.example")
    assert post.contact_id
    merge_contacts(kept.pk, post.contact_id, take=(), by=a_user())

    assert do(Deed.SPAM, [post.pk], by=None).ids == []

    assert Contact.objects.alive().filter(pk=kept.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_marked_at_once_one_takes_the_contact_along() -> None:
    first, second = two_posts()

    done = at_once(*(partial(do, Deed.SPAM, [one.pk], by=None) for one in (first, second)))

    assert all(isinstance(one, Outcome) and one.refused == [] for one in done)
    assert not Contact.objects.alive().exists()
