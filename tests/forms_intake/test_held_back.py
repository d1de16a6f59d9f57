"""Letters that were held back go by themselves: after a day, within the limit, and where their post was set aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts.models import OutboxEvent
from forms_intake import held_back, tasks
from forms_intake.confirming import HELD_BACK
from forms_intake.held_back import send_held_back
from forms_intake.inbox.story import history_of
from forms_intake.models import Deed, FieldType, FormField, IntakeForm, Submission
from forms_intake.processing import work
from forms_intake.processing.batch import process
from forms_intake.processing.work import process_next
from forms_intake.services.submissions import do
from forms_intake.spec.remembering import forget_specs
from leads.mail.delivering import deliver_some
from tests.build import a_form, a_purpose
from tests.forms_intake.letters import count_letters
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}
TO_NINA = "confirm-to:nina@nordwind.example"


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    forget_specs()
    return count_letters(monkeypatch)


def a_form_that_asks_for_a_purpose() -> IntakeForm:
    """One that counts only once it was confirmed by mail."""
    form, purpose = a_form(), a_purpose(confirm=True)
    FormField.objects.create(form=form, key="agree", label="Agree", type=FieldType.CONSENT, purpose=purpose, position=9)
    return form


def held_for(hours: int, *, posts: int = 1) -> None:
    """Posts of the same person whose letters were held back so long ago; so many went that day."""
    form = a_form(double_opt_in=True)
    for nth in range(posts):
        Client().post(f"/f/{form.public_id}/", NINA | {"first_name": f"Nina {nth}"})
    held_at = (timezone.now() - timedelta(hours=hours)).isoformat()
    for one in Submission.objects.filter(origin__has_key="unmailed_at"):
        one.origin["unmailed_at"] = held_at
        one.save(update_fields=["origin"])


def waiting(client: Client) -> Submission:
    client.post(f"/f/{a_form(double_opt_in=True).public_id}/", NINA)
    return Submission.objects.get()


def is_confirmed_by_its_letter(client: Client) -> bool:
    deliver_some()
    found = re.search(r"http://[^/]+(/f/confirm/\S+)", str(mail.outbox[-1].body)) if mail.outbox else None
    return found is not None and client.post(found[1]).status_code == 200 and process_next() == 1


def test_a_letter_that_was_held_back_goes_by_itself_a_day_later(client: Client, letters: Counter[str]) -> None:
    letters[TO_NINA] = 5
    held_for(25)
    letters.clear()

    tasks.forget()
    tasks.forget()

    assert OutboxEvent.objects.count() == 1
    assert is_confirmed_by_its_letter(client)


def test_none_goes_within_the_day(letters: Counter[str]) -> None:
    letters[TO_NINA] = 5
    held_for(23)
    letters.clear()

    assert send_held_back() == 0
    assert not letters


def test_letters_that_were_held_back_keep_to_the_limit_and_are_not_kept_longer_for_it(
    monkeypatch: pytest.MonkeyPatch, letters: Counter[str]
) -> None:
    monkeypatch.setattr(held_back, "BATCH", 2)
    letters[TO_NINA] = 5
    held_for(25, posts=7)
    letters.clear()
    before = dict(Submission.objects.values_list("pk", "origin__unmailed_at"))

    assert (send_held_back(), send_held_back()) == (5, 0)

    assert OutboxEvent.objects.count() == 5
    assert dict(Submission.objects.values_list("pk", "origin__unmailed_at")) == before


def test_a_letter_that_could_not_be_sent_before_its_post_was_set_aside_goes_once_it_is_no_spam(client: Client) -> None:
    one = waiting(client)
    do(Deed.SPAM, [one.pk], by=None)
    deliver_some()
    assert not mail.outbox

    do(Deed.NOT_SPAM, [one.pk], by=None)

    assert is_confirmed_by_its_letter(client)


def test_a_letter_that_is_still_to_be_sent_when_its_post_is_no_spam_after_all_goes_once(client: Client) -> None:
    one = waiting(client)

    for deed in (Deed.SPAM, Deed.NOT_SPAM):
        do(deed, [one.pk], by=None)

    assert OutboxEvent.objects.count() == 1
    assert is_confirmed_by_its_letter(client)


def test_a_letter_that_could_not_be_sent_before_its_post_was_deleted_goes_once_it_is_back(client: Client) -> None:
    one = waiting(client)
    do(Deed.DELETED, [one.pk], by=None)
    deliver_some()
    do(Deed.RESTORED, [one.pk], by=None)
    assert not mail.outbox

    assert (send_held_back(), send_held_back()) == (1, 0)

    assert is_confirmed_by_its_letter(client)


def test_whose_link_ran_out_while_it_was_set_aside_is_asked_anew(client: Client) -> None:
    one = waiting(client)
    deliver_some()
    Submission.objects.update(received_at=timezone.now() - timedelta(days=31))
    do(Deed.SPAM, [one.pk], by=None)

    do(Deed.NOT_SPAM, [one.pk], by=None)

    assert OutboxEvent.objects.count() == 2


def test_a_letter_of_a_set_that_is_processed_again_one_by_one_is_counted_once(
    monkeypatch: pytest.MonkeyPatch, letters: Counter[str]
) -> None:
    form = a_form_that_asks_for_a_purpose()
    made = [a_submission(form, **NINA | {"email": f"n{nth}@nordwind.example", "agree": True}) for nth in range(2)]

    def surprised(submissions: Sequence[Submission]) -> None:
        process(submissions)
        if len(submissions) > 1:
            raise ZeroDivisionError

    monkeypatch.setattr(work, "process", surprised)
    processed(*made)

    assert letters == {f"confirm-to:n{nth}@nordwind.example": 1 for nth in range(2)}
    assert OutboxEvent.objects.filter(payload__letter="consent").count() == 2


def test_a_purpose_whose_letter_was_held_back_is_said_in_the_history_of_its_post(letters: Counter[str]) -> None:
    letters[TO_NINA] = 5

    one = processed(a_submission(a_form_that_asks_for_a_purpose(), **NINA, agree=True))[0]

    assert one.state == "done"
    assert HELD_BACK in [told.words for told in history_of(one)]
