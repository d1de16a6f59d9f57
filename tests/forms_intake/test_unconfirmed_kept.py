"""How long what waits for its person's click is kept: as long after a late letter as after the first one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Role
from forms_intake.confirming import ask_again, never_confirmed
from forms_intake.models import Deed, Submission, SubmissionEvent
from forms_intake.services.mending import edit_submission
from forms_intake.services.submissions import do
from leadcrm.lib import ratelimit
from tests.build import a_form, a_user
from tests.forms_intake.posting import a_submission

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwnd.example", "first_name": "Nina", "last_name": "Lind"}
CORRECTED = {"email": ["nina@nordwind.example"]}


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.ALLOWED)


def an_old_one(state: str, **said: Any) -> Submission:
    """A post of sixty-one days ago to a form with double opt-in."""
    one = a_submission(a_form(double_opt_in=True), **NINA)
    Submission.objects.update(state=state, received_at=timezone.now() - timedelta(days=61), **said)
    one.refresh_from_db()
    return one


def is_kept_for_sixty_days(one: Submission) -> bool:
    """From now on, and no longer."""
    one.refresh_from_db()
    assert one.state == "asked"
    kept = not never_confirmed().exists()
    long_ago = timezone.now() - timedelta(days=61)
    SubmissionEvent.objects.update(at=long_ago)
    moments = {key: long_ago.isoformat() for key in ("asked_at", "unmailed_at") if key in one.origin}
    Submission.objects.update(origin=one.origin | moments)
    return kept and never_confirmed().count() == 1


def test_who_is_asked_only_once_it_is_no_spam_has_as_long_to_click_as_anybody() -> None:
    one = an_old_one("spam")

    do(Deed.NOT_SPAM, [one.pk], by=None)

    assert is_kept_for_sixty_days(one)


@pytest.mark.parametrize("limited", [False, True])
def test_a_letter_sent_again_or_held_back_in_the_last_days_keeps_what_it_is_about(
    monkeypatch: pytest.MonkeyPatch, limited: bool
) -> None:
    one = an_old_one("asked")
    assert never_confirmed().exists()
    if limited:
        monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.Decision(False, 60))

    assert ask_again(one) is not limited

    assert is_kept_for_sixty_days(one)


@pytest.mark.parametrize("state", ["asked", "failed"])
def test_an_address_that_is_corrected_or_found_late_is_asked_and_waited_for(state: str) -> None:
    one = an_old_one(state)

    edit_submission(submission_id=one.pk, values=CORRECTED, attempts=0, by=a_user(Role.MARKETER))

    assert is_kept_for_sixty_days(one)


@pytest.mark.parametrize(("deed", "state"), [(Deed.RESTORED, "deleted"), (Deed.NOT_SPAM, "spam")])
def test_what_waited_and_is_brought_back_after_sixty_days_is_not_gone_within_the_hour(deed: Deed, state: str) -> None:
    one = an_old_one(state, was="asked", deleted_at=timezone.now() - timedelta(days=25) if state == "deleted" else None)

    do(deed, [one.pk], by=None)

    assert is_kept_for_sixty_days(one)


@pytest.mark.parametrize("odd", [None, 7, {"at": "never"}, "yesterday", ""])
def test_a_moment_that_cannot_be_read_stops_no_sweep(odd: Any) -> None:
    strange = an_old_one("asked", origin={"asked_at": odd})
    plain = a_submission(strange.form, **NINA)
    Submission.objects.filter(pk=plain.pk).update(state="asked", received_at=strange.received_at)

    assert plain in never_confirmed()
