"""Tasks: made by hand and by stages, done, undone, given on, and in step with their lead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from contacts.errors import InvalidValues
from contacts.models import Role
from leads.due import due_at, due_on
from leads.errors import LeadIsClosed, TaskClosed, TaskTaken
from leads.models import LeadEvent, Notice, Process, Task, TaskOrigin, TaskState
from leads.process_stages import StageTask
from leads.services.closing import assign, close, reopen
from leads.services.moves import move_leads
from leads.services.readiness import accept, return_to_marketing
from leads.services.tasks import (
    complete,
    create_task,
    generate_for_stage,
    postpone,
    reassign,
    reopen_task,
    take_task,
)
from leads.stages import Stage
from tests.build import a_lead, a_reason, a_recycle_reason, a_user
from tests.threads import at_once

CALL = StageTask("Call them", "", 2)


def a_task(owner=None, **more):
    return create_task(
        by=more.pop("by", owner),
        title=more.pop("title", "Call"),
        due=more.pop("due", None) or due_on(timezone.localdate()),
        owner=owner,
        **more,
    )


@pytest.mark.django_db
def test_a_task_needs_words_and_somebody_to_do_it():
    sam, gone = a_user(), a_user(is_active=False)

    for wrong in ({"title": " \n"}, {"owner": None}, {"owner": gone}, {"owner": None, "queue": "cook"}):
        with pytest.raises(InvalidValues):
            a_task(**{"by": sam, "owner": sam, **wrong})

    assert not Task.objects.exists()


@pytest.mark.django_db
def test_a_task_of_a_lead_knows_its_contact_and_who_gets_it_is_told():
    mona, sam, lead = a_user(Role.SALES_MANAGER), a_user(), a_lead()

    task = a_task(sam, by=mona, lead=lead, title="  Send the\x00 offer ")

    assert (task.title, task.contact_id, task.queue) == ("Send the offer", lead.contact_id, "")
    assert [(n.kind, n.words, n.lead_ids) for n in Notice.objects.filter(to=sam)] == [
        ("task_given", "Send the offer", [lead.pk])
    ]


@pytest.mark.django_db
def test_a_task_is_done_once_and_the_second_is_told_who_was_first():
    sam, lena, lead = a_user(first_name="Sam", last_name="Ode"), a_user(), a_lead()
    task = a_task(sam, lead=lead, title="Send the offer")

    complete(task.pk, by=sam)

    with pytest.raises(TaskClosed, match="Sam Ode has done this task already"):
        complete(task.pk, by=lena)
    said = LeadEvent.objects.get(lead=lead, kind=LeadEvent.Kind.TASK_DONE)
    assert (said.detail, said.actor) == ("Send the offer", sam)


@pytest.mark.django_db
def test_undoing_opens_the_task_again_and_takes_back_what_was_said():
    sam, lead = a_user(), a_lead()
    task = a_task(sam, lead=lead)
    before = Task.objects.values().get()
    complete(task.pk, by=sam)

    reopen_task(task.pk, by=sam)

    after = Task.objects.values().get()
    assert {name for name, value in before.items() if dict(after)[name] != value} <= {"remind_at"}
    assert not LeadEvent.objects.filter(kind=LeadEvent.Kind.TASK_DONE).exists()


@pytest.mark.django_db
def test_a_task_of_a_closed_lead_is_not_opened_again_before_the_lead():
    sam, lead = a_user(), a_lead()
    task = a_task(sam, lead=lead)
    complete(task.pk, by=sam)
    close(lead.pk, by=sam, status="disqualified", reason=a_reason("Lost"))

    with pytest.raises(LeadIsClosed):
        reopen_task(task.pk, by=sam)

    assert not Task.objects.get().is_open


@pytest.mark.django_db(transaction=True)
def test_of_five_who_take_a_task_at_once_one_gets_it_and_the_others_are_told_who():
    task = a_task(queue=Role.TELEPROSPECTOR)
    people = [a_user(Role.TELEPROSPECTOR) for _ in range(5)]

    results = at_once(*[lambda who=who: take_task(task.pk, by=who) for who in people])

    owner = Task.objects.get().owner
    refused = [result for result in results if isinstance(result, TaskTaken)]
    assert len(refused) == 4
    assert {error.owner for error in refused} == {str(owner)}


@pytest.mark.django_db
def test_a_task_is_postponed_and_given_on_and_back_to_a_queue():
    mona, sam, lena = a_user(Role.SALES_MANAGER), a_user(), a_user()
    task = a_task(sam)

    postpone(task.pk, by=sam, due=due_at(datetime(2031, 5, 2, 9, tzinfo=UTC)))
    reassign(task.pk, by=mona, owner=lena)
    moved = Task.objects.get()
    assert (moved.owner, moved.all_day, moved.due_at) == (lena, False, datetime(2031, 5, 2, 9, tzinfo=UTC))
    assert Notice.objects.filter(to=lena, kind="task_given").exists()

    reassign(task.pk, by=mona, owner=None, queue=Role.SALESPERSON)
    assert Task.objects.get().queue == Role.SALESPERSON


@pytest.mark.django_db
def test_a_stage_makes_a_task_for_each_lead_its_owners_or_its_queues(django_assert_num_queries):
    sam = a_user()
    owned, free = a_lead(owner=sam), a_lead()

    assert generate_for_stage([owned.pk, free.pk], stage=Stage.SALES_ACCEPTANCE, task=CALL) == 2
    with django_assert_num_queries(2):  # still open, so nothing is made
        assert generate_for_stage([owned.pk, free.pk], stage=Stage.SALES_ACCEPTANCE, task=CALL) == 0

    tasks = {task.lead_id: task for task in Task.objects.all()}
    assert (tasks[owned.pk].owner, tasks[owned.pk].queue) == (sam, "")
    assert (tasks[free.pk].owner, tasks[free.pk].queue) == (None, "salesperson")
    assert {task.due_on for task in tasks.values()} == {timezone.localdate() + timedelta(days=2)}
    assert {task.origin for task in tasks.values()} == {TaskOrigin.STAGE}


@pytest.mark.django_db
def test_moving_a_lead_makes_the_task_that_its_process_wants():
    process = Process.objects.get(is_default=True)
    process.stages_stored = {"teleprospecting_acceptance": {"task": {"title": "Look at it", "role": "", "days": 1}}}
    process.save()
    theo, lead = a_user(Role.TELEPROSPECTOR), a_lead(stage=Stage.MARKETING_QUALIFICATION)

    move_leads([lead.pk], Stage.TELEPROSPECTING_ACCEPTANCE, cause="ticked")

    task = Task.objects.get()
    assert (task.title, task.queue, task.stage) == ("Look at it", "teleprospector", "teleprospecting_acceptance")
    assert Notice.objects.get(to=theo).words == "Calling queue"


@pytest.mark.django_db
def test_open_tasks_are_closed_with_their_lead_and_come_back_with_it():
    sam, lead = a_user(), a_lead()
    stays = a_task(sam, lead=lead, title="Done before")
    complete(stays.pk, by=sam)
    past = due_on(timezone.localdate() - timedelta(days=3))
    goes, missed = a_task(sam, lead=lead), a_task(sam, lead=lead, due=past)

    close(lead.pk, by=sam, status="disqualified", reason=a_reason())
    assert Task.objects.get(pk=goes.pk).state == TaskState.CANCELLED
    reopen(lead.pk, by=sam, reason="They called")

    assert {task.pk: task.state for task in Task.objects.all()} == {
        stays.pk: "done",
        goes.pk: "open",
        missed.pk: "open",
    }
    assert Task.objects.get(pk=missed.pk).remind_at is None


@pytest.mark.django_db
def test_tasks_go_to_the_leads_new_owner_and_others_keep_theirs():
    mona, sam, lena = a_user(Role.SALES_MANAGER), a_user(), a_user()
    lead = a_lead(owner=sam)
    sams, monas = a_task(sam, lead=lead), a_task(mona, lead=lead)
    elsewhere = a_task(sam)

    assign([lead.pk], to=lena, by=mona)

    owners = {task.pk: task.owner for task in Task.objects.all()}
    assert owners == {sams.pk: lena, monas.pk: mona, elsewhere.pk: sam}


@pytest.mark.django_db
def test_a_returned_leads_tasks_go_to_the_queue_of_who_had_it():
    sam = a_user()
    lead = a_lead(stage=Stage.SALES_ACCEPTANCE, sales_ready=True, sales_ready_at="2026-01-01T00:00Z")
    generate_for_stage([lead.pk], stage=Stage.SALES_ACCEPTANCE, task=CALL)

    accept(lead.pk, by=sam)
    assert Task.objects.get().owner == sam
    return_to_marketing(lead.pk, by=sam, reason=a_recycle_reason())

    assert (Task.objects.get().owner, Task.objects.get().queue) == (None, "salesperson")


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        (date(2026, 3, 28), None, datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (date(2026, 3, 29), None, datetime(2026, 3, 29, 22, tzinfo=UTC)),  # 23 hours long
        (date(2026, 10, 25), None, datetime(2026, 10, 25, 23, tzinfo=UTC)),  # 25 hours long
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # no such hour: an hour later
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
    ],
)
def test_days_end_when_they_end_in_berlin_on_days_too_on_which_clocks_change(day, clock, moment):
    with timezone.override("Europe/Berlin"):
        due = due_on(day, clock)
        assert due.at == moment
        assert Task(due_at=due.at, all_day=due.all_day).due_on == day
