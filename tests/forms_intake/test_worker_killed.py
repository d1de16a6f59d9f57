"""kill -9 of a worker amid its work: every submission is processed once, none lost, none doubled, all leads scored."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from contacts.doorbells import SCORE_CHANGES
from contacts.models import Change, Contact, Interaction, InteractionKey, InteractionType
from forms_intake.models import Submission, SubmissionState
from forms_intake.services.receiving import PROCESS
from leadcrm.lib import doorbell
from leadcrm.verifying import problems
from leads.models import Lead, LeadEvent
from scoring.models import LeadScore
from tests.build import a_form, a_model, a_rule
from tests.scoring.helpers import live
from tests.workers import Worker, empty_broker

ALL = 10_000
PEOPLE = 4_000


def have_done(count: int) -> bool:
    return done() >= count


def done() -> int:
    return Submission.objects.filter(state=SubmissionState.DONE).count()


def all_is_scored() -> bool:
    doorbell.ring(SCORE_CHANGES)
    return not Change.objects.exists()


@pytest.mark.deep
def test_a_worker_killed_amid_ten_thousand_submissions_loses_and_doubles_nothing(worker: Worker) -> None:
    model = a_model(threshold=1000)
    a_rule(model, 10, interaction_type=InteractionType.FORM_SUBMITTED)
    live(model)
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
    worker.wait_until(all_is_scored, seconds=240)

    assert Contact.objects.count() == Lead.objects.count() == PEOPLE
    assert Interaction.objects.count() == InteractionKey.objects.count() == ALL
    assert LeadEvent.objects.filter(kind=LeadEvent.Kind.CREATED).count() == PEOPLE
    assert LeadScore.objects.filter(model=model).count() == PEOPLE
    assert Submission.objects.filter(attempts=1).count() == ALL
    assert problems() == []
    assert Submission.objects.exclude(interaction=None).values("interaction").distinct().count() == ALL
