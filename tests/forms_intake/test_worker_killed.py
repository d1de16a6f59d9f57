"""kill -9 of a worker amid its work: every submission is processed once, none is lost, none is doubled."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from contacts.models import Contact, Interaction, InteractionKey
from forms_intake.models import Submission, SubmissionState
from forms_intake.services.receiving import PROCESS
from leadcrm.lib import doorbell
from leadcrm.verifying import waiting_submissions
from leads.models import Lead, LeadEvent
from tests.build import a_form
from tests.workers import Worker, empty_broker

ALL = 10_000
PEOPLE = 4_000


def have_done(count: int) -> bool:
    return done() >= count


def done() -> int:
    return Submission.objects.filter(state=SubmissionState.DONE).count()


@pytest.mark.deep
def test_a_worker_killed_amid_ten_thousand_submissions_loses_and_doubles_nothing(worker: Worker) -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    Submission.objects.bulk_create(
        [
            Submission(
                public_id=uuid4(),
                form=form,
                payload={"email": f"n{number % PEOPLE}@d{number % 50}.example", "company": f"Firm {number % 50}"},
            )
            for number in range(ALL)
        ],
        batch_size=1000,
    )
    for share in (1, 2, 3):
        doorbell.answer(PROCESS)
        doorbell.ring(PROCESS)
        worker.wait_until(partial(have_done, share * ALL // 5), seconds=120)
        worker.kill()
        killed_at = done()
        assert killed_at < ALL, "it was too quick to be killed amid its work"
        empty_broker()  # whatever it had taken is lost with it
        worker.start()
    doorbell.ring(PROCESS)
    worker.wait_until(partial(have_done, ALL), seconds=240)

    assert Contact.objects.count() == Lead.objects.count() == PEOPLE
    assert Interaction.objects.count() == InteractionKey.objects.count() == ALL
    assert LeadEvent.objects.count() == PEOPLE
    assert Submission.objects.filter(attempts=1).count() == ALL
    assert waiting_submissions() == []
    assert Submission.objects.exclude(interaction=None).values("interaction").distinct().count() == ALL
