"""Merging while others merge, write and post: one contact, nothing lost."""

from __future__ import annotations

from functools import partial

import pytest

from contacts.merging.errors import CannotMerge
from contacts.merging.service import merge_contacts, undo_merge
from contacts.merging.stragglers import fetch_stragglers
from contacts.models import Contact, Interaction, Merge
from contacts.services.contacts import create_contact, update_contact
from contacts.services.interactions import log_interaction
from forms_intake.models import Submission, SubmissionState
from forms_intake.processing.work import process_next
from leads.models import Lead
from tests.build import a_form
from tests.forms_intake.posting import a_submission
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def two() -> tuple[Contact, Contact]:
    return create_contact(email="a@x.example"), create_contact(email="b@y.example")


def test_two_who_merge_the_same_pair_in_opposite_directions_at_once_leave_one():
    for _ in range(4):
        one, other = (create_contact(first_name="Twin") for _ in range(2))
        answers = at_once(
            partial(merge_contacts, one.pk, other.pk, take=[], by=None),
            partial(merge_contacts, other.pk, one.pk, take=[], by=None),
        )
        assert {type(answer) for answer in answers} == {Merge, CannotMerge}
        assert Contact.objects.alive().filter(pk__in=[one.pk, other.pk]).count() == 1


def test_posts_of_a_person_who_is_merged_in_the_same_moment_all_end_at_the_one_that_stays():
    form = a_form()
    for number in range(5):
        a, b = create_contact(email=f"a{number}@x.example"), create_contact(email=f"b{number}@y.example")
        for _ in range(3):
            a_submission(form, email=f"a{number}@x.example", first_name="A", last_name="Lind")
            a_submission(form, email=f"b{number}@y.example", first_name="B", last_name="Lind")

        def work() -> int:
            done = 0
            while count := process_next(2):
                done += count
            return done

        answers = at_once(work, work, partial(merge_contacts, a.pk, b.pk, take=[], by=None))

        assert not [answer for answer in answers if isinstance(answer, Exception)]
        assert set(Submission.objects.values_list("state", flat=True)) == {SubmissionState.DONE}
        fetch_stragglers()
        theirs = Submission.objects.order_by("-pk")[:6]
        assert {post.contact_id for post in theirs} == {a.pk}
        assert Interaction.objects.filter(contact=a).count() == 6
        assert not Interaction.objects.filter(contact=b).exists()
        assert {post.lead.contact_id for post in theirs if post.lead} == {a.pk}
    assert Contact.objects.alive().count() == 5
    assert not Lead.objects.filter(contact__deleted_at__isnull=False).exists()


def test_who_edits_or_logs_something_on_the_one_that_goes_is_told_or_followed():
    for _ in range(4):
        a, b = (create_contact(first_name="Twin") for _ in range(2))
        merged, edited, logged = at_once(
            partial(merge_contacts, a.pk, b.pk, take=[], by=None),
            partial(update_contact, b.pk, version=b.version, changes={"city": "Kiel"}),
            partial(log_interaction, contact_id=b.pk, type="note"),
        )
        assert isinstance(merged, Merge)
        fetch_stragglers()
        assert not Interaction.objects.filter(contact=b).exists()
        assert Interaction.objects.filter(contact=a).count() == (0 if isinstance(logged, Exception) else 1)
        assert isinstance(edited, Contact) or "exist" in str(edited) or "changed" in str(edited)


def test_a_merge_is_undone_once_however_many_want_to():
    a, b = two()
    merge = merge_contacts(a.pk, b.pk, take=[], by=None)

    answers = at_once(*[lambda: undo_merge(merge.pk, by=None)] * 3)

    assert sum(isinstance(answer, Merge) for answer in answers) == 1
    assert Contact.objects.alive().count() == 2
