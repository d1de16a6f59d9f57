"""The demo workspace: believable, scored by the engine, made once."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db.models import Count, F, Q
from django.test import Client
from django.utils import timezone

from contacts.models import Account, Change, Contact, FieldChange, Interaction, MatchKey, Role, User
from forms_intake.models import LandingPage, PageForm, Submission, SubmissionState
from forms_intake.processing.work import process_next
from leadcrm.demo import PEOPLE, make_demo
from leadcrm.demo.ads import PEOPLE as OF_ADS
from leadcrm.demo.captures import MET
from leadcrm.demo.consents import FAMILY
from leadcrm.demo.duplicates import TWICE
from leadcrm.demo.people import make_people
from leadcrm.embedded.errors import CannotRun
from leadcrm.preparing import prepare_people
from leads.models import Lead, LeadEvent, LeadMatchKey, StageChange, Status
from leads.stages import Stage
from scoring.models import LeadScore, ScoreChange, ScoringModel
from scoring.queue import score_changes
from scoring.verify import verify
from segments.models import Segment
from tests.build import a_user
from tests.segments.members import ids_in, ids_wanted

MODELS: list[Any] = [Account, Contact, Interaction, MatchKey, Lead, LeadEvent, StageChange, Submission, ScoreChange]


@pytest.mark.django_db(transaction=True)
def test_the_demo_is_a_whole_workspace_and_a_second_call_changes_nothing():
    make_demo()

    assert list(verify()) == []
    assert not Change.objects.exists()
    now = timezone.now()
    waiting = Lead.objects.sales_ready()
    ages = [now - lead.sales_ready_at for lead in waiting if lead.sales_ready_at]
    assert 15 <= len(ages) <= 45
    assert min(ages) < timedelta(minutes=15) and max(ages) > timedelta(days=2)
    assert {lead.owner is None for lead in waiting.select_related("owner")} == {True, False}
    assert Contact.objects.count() == 3000 + TWICE + len(OF_ADS) + 1 + len(MET) + len(FAMILY)
    assert LandingPage.objects.filter(slug="demo", state="live").exists()
    assert ScoringModel.objects.live().count() == 2
    for segment in Segment.objects.all():
        assert segment.is_live and segment.members_count > 0 and segment.error == "", segment
        assert ids_in(segment) == ids_wanted(segment)
    in_inquiry = Lead.objects.filter(stage=Stage.INQUIRY)
    assert set(Lead.objects.values_list("stage", flat=True)) == set(Stage.values)
    assert set(in_inquiry.values_list("contact", flat=True)) == {None}  # which scores leave where they are
    assert set(Lead.objects.values_list("status", flat=True)) == set(Status.values)
    assert set(Submission.objects.values_list("state", flat=True)) == set(SubmissionState.values) - {"pending"}
    assert Lead.objects.filter(accepted_by__username__in=PEOPLE).exists()
    _its_times_agree(now)

    before = [model.objects.count() for model in MODELS]
    make_demo()
    assert [model.objects.count() for model in MODELS] == before
    _a_newcomer_who_posts_the_demo_page_is_sales_ready_at_once()


def _a_newcomer_who_posts_the_demo_page_is_sales_ready_at_once() -> None:
    """What the README lets a new user try, with as little filled in as the form allows."""
    form = PageForm.objects.get(page__slug="demo").form
    Client().post(f"/f/{form.public_id}/", {"last_name": "Newcomer", "email": "new.comer@gmail.com"})
    process_next(10)
    score_changes()

    assert Lead.objects.get(contact__email="new.comer@gmail.com").sales_ready


def _its_times_agree(now: Any) -> None:
    """Nothing happens before its cause, or after now."""
    assert not Interaction.objects.filter(occurred_at__gt=now).exists()
    assert FieldChange.objects.filter(subject="contact").count() > 40
    assert not FieldChange.objects.filter(changed_at__gt=now).exists()
    assert not StageChange.objects.filter(Q(moved_at__gt=now) | Q(moved_at__lt=F("entered_at"))).exists()
    assert not LeadEvent.objects.filter(Q(happened_at__gt=now) | Q(happened_at__lt=F("lead__created_at"))).exists()
    assert not ScoreChange.objects.filter(Q(changed_at__gt=now) | Q(changed_at__lt=F("lead__created_at"))).exists()
    assert not Lead.objects.filter(closed_at__lt=F("sales_ready_at")).exists()
    assert not Lead.objects.filter(accepted_at__lt=F("sales_ready_at")).exists()
    assert not LeadMatchKey.objects.exclude(lead__status=Status.OPEN).exists()
    histories = dict(ScoreChange.objects.values_list("lead").annotate(rows=Count("id")))
    assert max(histories.values()) > 6
    assert not LeadScore.objects.exclude(lead__in=list(histories)).exists()
    for lead in Lead.objects.order_by("pk")[:400]:
        moves = list(lead.stage_changes.order_by("moved_at", "pk"))
        assert moves[-1].to_stage == lead.stage
        assert all(earlier.to_stage == later.from_stage for earlier, later in pairwise(moves))


@pytest.mark.django_db
@pytest.mark.parametrize("sure", [False, True])
def test_people_with_a_published_password_are_not_let_in_where_others_work(monkeypatch, sure):
    a_user(Role.ADMINISTRATOR, "grace")
    monkeypatch.setattr("leadcrm.demo.make_demo", make_people)

    with nullcontext() if sure else pytest.raises(CannotRun, match="--yes"):
        prepare_people(print, demo=True, sure=sure)

    assert User.objects.filter(username="ada").exists() == sure


@pytest.mark.django_db
def test_a_demo_in_which_others_work_starts_again(monkeypatch):
    monkeypatch.setattr("leadcrm.demo.make_demo", make_people)
    prepare_people(print, demo=True)
    a_user(username="grace")

    lines = prepare_people(print, demo=True)

    assert any("Sign in as ada" in line for line in lines)
