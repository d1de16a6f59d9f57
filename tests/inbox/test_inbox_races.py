"""Two people, or a person and a worker, at the same submission at the same moment."""

from __future__ import annotations

from threading import Event as Signal

import pytest
from django.db import transaction

from contacts.models import Contact, Interaction, Role
from forms_intake.errors import NotRetriable
from forms_intake.models import Creates, Deed, Submission, SubmissionEvent, SubmissionState
from forms_intake.processing.work import process_next
from forms_intake.services.mending import edit_submission
from forms_intake.services.submissions import Outcome, do
from leads.models import Lead
from tests.build import a_form, a_user
from tests.forms_intake.posting import a_submission, processed
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_correct_in_place_at_once_one_is_told_and_the_other_stands() -> None:
    submission = processed(a_submission(email="nina@nordwind.example", last_name="Lnd"))[0]
    people = [a_user(Role.MARKETER, name) for name in ("mia", "max")]
    told: list[NotRetriable] = []

    def edit(number: int) -> None:
        try:
            edit_submission(
                submission_id=submission.pk,
                values={"last_name": [f"Lind {number}"]},
                attempts=1,
                edition=0,
                by=people[number],
            )
        except NotRetriable as problem:
            told.append(problem)

    at_once(lambda: edit(0), lambda: edit(1))

    assert len(told) == 1
    event = SubmissionEvent.objects.get(deed=Deed.OVERWROTE)
    assert str(event.by) in told[0].message
    assert Contact.objects.get().last_name == event.changes[0]["after"]


def test_spam_that_two_let_through_while_workers_are_at_it_is_one_person() -> None:
    form = a_form()
    spam = [a_submission(form, email=f"n{number}@nordwind.example") for number in range(20)]
    ids = [one.pk for one in spam]
    Submission.objects.filter(pk__in=ids).update(state=SubmissionState.SPAM)

    def work() -> None:
        for _ in range(5):
            process_next()

    at_once(lambda: do(Deed.NOT_SPAM, ids, by=None), lambda: do(Deed.NOT_SPAM, ids, by=None), work, work)
    processed()

    assert Contact.objects.count() == Interaction.objects.count() == 20
    assert SubmissionEvent.objects.filter(deed=Deed.NOT_SPAM).count() == 20


def test_what_is_marked_as_spam_while_a_worker_takes_it_is_either_and_never_both() -> None:
    form = a_form()
    posts = [a_submission(form, email=f"n{number}@nordwind.example") for number in range(20)]
    ids = [one.pk for one in posts]

    at_once(lambda: do(Deed.SPAM, ids, by=None), process_next)
    processed()

    alive = Contact.objects.alive().count()
    done = Submission.objects.filter(state=SubmissionState.DONE).count()
    assert alive == done
    assert done + Submission.objects.filter(state=SubmissionState.SPAM).count() == 20


@pytest.mark.parametrize("first", [Deed.NOT_SPAM, Deed.SPAM])
@pytest.mark.parametrize("creates", [Creates.BOTH, Creates.LEAD])
def test_one_post_that_is_no_spam_while_another_is_marked_keeps_what_both_made(creates: Creates, first: Deed) -> None:
    form = a_form(creates=creates)
    maker, other = processed(*(a_submission(form, email="nina@x.example", first_name=mark) for mark in "ab"))
    assert (maker.contact_id, maker.lead_id) == (other.contact_id, other.lead_id)
    do(Deed.SPAM, [maker.pk], by=None)
    deeds = [(Deed.NOT_SPAM, maker.pk), (Deed.SPAM, other.pk)]
    (begins, one), (follows, two) = deeds if first == Deed.NOT_SPAM else deeds[::-1]
    is_done = Signal()

    def begin() -> Outcome:
        with transaction.atomic():
            outcome = do(begins, [one], by=None)
            is_done.set()
            until_somebody_waits(2)
        return outcome

    def follow() -> Outcome:
        is_done.wait(20)
        return do(follows, [two], by=None)

    assert [outcome.ids for outcome in at_once(begin, follow)] == [[one], [two]]  # type: ignore[attr-defined]
    processed(maker, other)
    assert (maker.state, other.state) == (SubmissionState.DONE, SubmissionState.SPAM)
    assert Lead.objects.alive().count() == 1
    assert Contact.objects.alive().count() == (creates != Creates.LEAD)
