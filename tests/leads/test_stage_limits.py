"""A lead that stays longer in a stage than its process allows is told of, once a visit, to who has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Role, User
from leads import stage_limits
from leads.models import Cause, Lead, LeadEvent, Notice, Process, ProcessState
from leads.services.closing import close
from leads.services.moves import move_leads
from leads.stage_limits import tell_of_overstayed
from leads.stages import Stage
from tests.build import a_lead, a_reason, a_user
from tests.threads import at_once


def a_process() -> Process:
    """At most a day in marketing qualification, two in teleprospecting; elsewhere as long as it takes."""
    stages = {str(Stage.MARKETING_QUALIFICATION): {"hours": 24}, str(Stage.TELEPROSPECTING_ACCEPTANCE): {"hours": 48}}
    return Process.objects.create(name="Quick", stages_stored=stages)


def since(hours: int, stage: str = Stage.MARKETING_QUALIFICATION, **more: Any) -> Lead:
    lead = a_lead(**more)
    entered = timezone.now() - timedelta(hours=hours)
    Lead.objects.filter(pk=lead.pk).update(stage=stage, stage_entered_at=entered)
    return lead


def told(user: User) -> list[int]:
    notices = Notice.objects.filter(to=user, kind="overstayed")
    return sorted(pk for notice in notices for pk in notice.lead_ids)


@pytest.mark.django_db
def test_the_owner_is_told_once_a_visit_and_managers_of_what_nobody_has(monkeypatch) -> None:
    monkeypatch.setattr(stage_limits, "CHUNK", 2)
    quick, sam, mona = a_process(), a_user(), a_user(Role.SALES_MANAGER)
    gone = a_user(is_active=False)
    late = [since(25, process=quick, owner=sam) for _ in range(3)]
    nobodys = [since(25, process=quick), since(49, Stage.TELEPROSPECTING_ACCEPTANCE, process=quick, owner=gone)]
    since(23, process=quick, owner=sam)
    since(25, Stage.TELEPROSPECTING_ACCEPTANCE, process=quick, owner=sam)
    since(900, Stage.INQUIRY, process=quick, owner=sam)
    since(900, owner=sam)

    assert [tell_of_overstayed(), tell_of_overstayed()] == [5, 0]

    assert told(sam) == [lead.pk for lead in late]
    assert told(mona) == [lead.pk for lead in nobodys]
    assert [one.detail for one in LeadEvent.objects.filter(lead=late[0], kind="overstayed")] == [
        Stage.MARKETING_QUALIFICATION.label
    ]

    move_leads([late[0].pk], Stage.TELEPROSPECTING_ACCEPTANCE, actor=sam, cause=Cause.PERSON)
    assert tell_of_overstayed() == 0
    LeadEvent.objects.filter(lead=late[0]).update(happened_at=timezone.now() - timedelta(hours=60))
    Lead.objects.filter(pk=late[0].pk).update(stage_entered_at=timezone.now() - timedelta(hours=50))
    assert tell_of_overstayed() == 1


@pytest.mark.django_db
def test_what_is_closed_deleted_or_through_with_its_process_waits_for_nobody() -> None:
    quick, sam = a_process(), a_user()
    closed, paused, deleted = (since(25, process=quick, owner=sam) for _ in range(3))
    close(closed.pk, by=sam, status="disqualified", reason=a_reason())
    Lead.objects.filter(pk=paused.pk).update(process_state=ProcessState.ABANDONED, process_ended_at=timezone.now())
    Lead.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())

    assert tell_of_overstayed() == 0
    assert told(sam) == []


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_tell_each_lead_once() -> None:
    quick, sam = a_process(), a_user()
    lead = since(25, process=quick, owner=sam)

    swept: list[Any] = at_once(tell_of_overstayed, tell_of_overstayed, tell_of_overstayed)

    assert sorted(swept) == [0, 0, 1]
    assert told(sam) == [lead.pk]
    assert LeadEvent.objects.filter(kind="overstayed").count() == 1


@pytest.mark.django_db
def test_what_is_still_there_after_twice_the_time_is_told_to_who_leads_once() -> None:
    quick, sam, mona = a_process(), a_user(), a_user(Role.SALES_MANAGER)
    longer, new = since(49, process=quick, owner=sam), since(25, process=quick, owner=sam)
    assert tell_of_overstayed() == 2
    assert (told(sam), told(mona)) == ([longer.pk, new.pk], [])
    assert tell_of_overstayed() == 0  # Sam has as long again, from when he heard of it
    LeadEvent.objects.filter(kind="overstayed").update(happened_at=timezone.now() - timedelta(hours=24, minutes=1))

    assert [tell_of_overstayed(), tell_of_overstayed()] == [1, 0]
    assert (told(sam), told(mona)) == ([longer.pk, new.pk], [longer.pk])
    details = LeadEvent.objects.filter(lead=longer, kind="overstayed").order_by("pk").values_list("detail", flat=True)
    assert [detail.endswith("told to those who lead") for detail in details] == [False, True]


@pytest.mark.django_db
def test_leads_that_were_there_before_there_was_a_limit_are_found_once_and_told_in_one_notice(monkeypatch) -> None:
    monkeypatch.setattr(stage_limits, "CHUNK", 2)
    monkeypatch.setattr("leads.services.notices.FOLDED", timedelta())
    plain, sam, mona = Process.objects.create(name="Plain"), a_user(), a_user(Role.SALES_MANAGER)
    for _ in range(5):
        since(9000, process=plain, owner=sam)
    since(9000, process=plain)
    assert tell_of_overstayed() == 0
    Process.objects.filter(pk=plain.pk).update(stages_stored=a_process().stages_stored)

    assert [tell_of_overstayed(), tell_of_overstayed()] == [6, 0]

    assert [(notice.to, notice.count) for notice in Notice.objects.order_by("pk")] == [(sam, 5), (mona, 1)]
