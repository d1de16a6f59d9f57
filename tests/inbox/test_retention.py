"""What was posted goes when it has been kept long enough; what became of it never does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Interaction, Role
from forms_intake.inbox import retention
from forms_intake.models import Deed, Retention, Submission, SubmissionState
from forms_intake.services.mending import edit_submission
from forms_intake.services.submissions import do
from leads.models import Lead
from tests.build import a_form, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db
DAYS = {"processed_days": 30, "spam_days": 10, "failed_days": 20}


@pytest.fixture
def kept() -> Retention:
    return retention.set_retention(days=dict(DAYS), edition=0, by=a_user(Role.MARKETER))


def aged(submission: Submission, days: int) -> Submission:
    Submission.objects.filter(pk=submission.pk).update(received_at=timezone.now() - timedelta(days=days))
    submission.refresh_from_db()
    return submission


def test_the_words_of_processed_ones_go_and_what_they_became_stays(kept: Retention) -> None:
    old, young = processed(a_submission(email="nina@nordwind.example"), a_submission(a_form("B"), email="o@x.example"))
    Submission.objects.filter(pk=old.pk).update(origin={"ip": "192.0.2.1", "utm_source": "fair"})
    aged(old, 31)
    aged(young, 29)

    assert retention.sweep()["emptied"] == 1

    for one in (old, young):
        one.refresh_from_db()
    assert (old.payload, old.email, old.origin) == ({}, "", {"utm_source": "fair"})
    assert "nina" not in str(old.decision)
    assert (old.decision or {})["contact"]["winner"] == old.contact_id
    assert old.emptied_at is not None
    assert young.payload == {"email": "o@x.example"}
    assert Contact.objects.count() == Interaction.objects.count() == Lead.objects.count() == 2


def test_spam_failed_and_deleted_ones_go_whole_each_in_its_time(kept: Retention) -> None:
    form = a_form()
    spam, failed, deleted, fresh = (a_submission(form, first_name=name) for name in "abcd")
    Submission.objects.filter(pk=spam.pk).update(state="spam")
    Submission.objects.filter(pk=failed.pk).update(state="failed")
    Submission.objects.filter(pk=fresh.pk).update(state="spam")
    do(Deed.DELETED, [deleted.pk], by=None)
    aged(spam, 11)
    aged(failed, 21)
    Submission.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now() - timedelta(days=31))

    removed = retention.sweep()

    assert removed == {"deleted": 1, "spam": 1, "failed": 1, "emptied": 0}
    assert list(Submission.objects.all()) == [fresh]


def test_without_a_word_nothing_goes() -> None:
    done = aged(processed(a_submission(email="nina@nordwind.example"))[0], 4000)

    retention.sweep()

    done.refresh_from_db()
    assert done.payload


def test_what_is_processed_late_goes_at_the_next_sweep(kept: Retention) -> None:
    failed = aged(processed(a_submission(first_name="Nina"))[0], 15)
    Retention.objects.update(processed_days=10)
    aged(processed(a_submission(a_form("B"), email="o@x.example"))[0], 40)
    retention.sweep()
    edit_submission(
        submission_id=failed.pk, values={"email": ["nina@nordwind.example"]}, attempts=1, by=a_user(Role.MARKETER, "m")
    )

    assert retention.sweep()["emptied"] == 0, "it waits, and nothing that waits is passed by"
    assert processed(failed)[0].state == SubmissionState.DONE
    assert retention.sweep()["emptied"] == 1


def test_chunks_go_on_where_the_last_one_ended(kept: Retention, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CHUNK", 2)
    form = a_form()
    for one in processed(*(a_submission(form, email=f"a{number}@x.example") for number in range(5))):
        aged(one, 40)

    assert retention.sweep()["emptied"] == 5
    assert retention.sweep()["emptied"] == 0


def test_the_page_sets_it_and_of_two_at_once_tells_the_second(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER, "mia"))
    said = {"processed_days": "90", "spam_days": "", "failed_days": "", "edition": "0"}

    first = client.post("/submissions/kept/", said)
    second = client.post("/submissions/kept/", said | {"processed_days": "5"})
    wrong = client.post("/submissions/kept/", said | {"processed_days": "0", "edition": "1"})

    assert (first.status_code, second.status_code, wrong.status_code) == (302, 409, 422)
    assert "mia changed how long" in second.content.decode()
    assert Retention.objects.get().processed_days == 90
