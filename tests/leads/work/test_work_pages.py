"""The pages of tasks and notices: whose they show, what they refuse, and what undoes what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Role
from leads.due import due_at, due_on
from leads.models import Mail, Notice, NoticeChoice, NoticeKind, Task, TaskState
from leads.services.closing import close_leads
from leads.services.notices import notify
from leads.services.tasks import complete, create_task, reassign, update_task
from tests.build import a_contact, a_lead, a_reason, a_user

WORK = "/leads/work/"
THURSDAY = datetime(2026, 10, 22, 10, tzinfo=UTC)


def a_task(owner, title="Call", days=0, **more):
    due = due_on(timezone.localdate() + timedelta(days=days))
    return create_task(by=owner, title=title, due=due, owner=None if more.get("queue") else owner, **more)


@pytest.fixture
def sam(client, db):
    user = a_user(Role.SALESPERSON, "sam")
    client.force_login(user)
    return user


def test_tasks_stand_under_when_they_are_due_the_most_pressing_first(client, sam):
    with time_machine.travel(THURSDAY, tick=False):
        for title, days in (("Later", 4), ("Sunday", 3), ("Now", 0), ("Missed", -1)):
            a_task(sam, title, days)
        page = client.get(WORK)

    assert [(group["heading"], group["rows"][0]["task"].title) for group in page.context["groups"]] == [
        ("Overdue", "Missed"),
        ("Today", "Now"),
        ("This week", "Sunday"),
        ("Later", "Later"),
    ]
    assert [fact.value for fact in page.context["facts"]] == ["1", "1", "1", "1"]


@pytest.mark.parametrize("when", ["overdue", "today", "week", "later"])
def test_every_figure_opens_as_many_tasks_as_it_says(client, sam, when):
    with time_machine.travel(THURSDAY, tick=False):
        for days in (-2, -1, 0, 1, 2, 3, 4, 9):
            a_task(sam, days=days)
        facts = {fact.label: fact for fact in client.get(WORK).context["facts"]}
        page = client.get(f"{WORK}?when={when}")

    fact = {"overdue": "Overdue", "today": "Today", "week": "This week", "later": "Later"}[when]
    shown = sum(len(group["rows"]) for group in page.context["groups"])
    assert facts[fact].url == f"?when={when}"
    assert facts[fact].value == str(shown) == str({"overdue": 2, "today": 1, "week": 3, "later": 2}[when])


def test_the_day_in_which_clocks_change_is_one_day(client, sam, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"), time_machine.travel(datetime(2026, 10, 24, 22, 30, tzinfo=UTC)):
        a_task(sam, "On Sunday", 0)
        a_task(sam, "On Monday", 1)
        groups = client.get(WORK).context["groups"]

    assert [(group["heading"], len(group["rows"])) for group in groups] == [("Today", 1), ("This week", 1)]


def test_one_click_does_a_task_and_another_undoes_it(client, sam):
    task = a_task(sam, "Send the offer")

    said = client.post(reverse("leads:task_done", args=[task.pk]), {"next": WORK}, follow=True)
    assert Task.objects.get().state == TaskState.DONE
    assert "Done: Send the offer" in said.content.decode()
    assert reverse("leads:task_undo", args=[task.pk]) in said.content.decode()

    client.post(reverse("leads:task_undo", args=[task.pk]))
    assert Task.objects.get().state == TaskState.OPEN


def test_the_second_who_does_a_task_is_told_who_was_first(client, sam):
    task = a_task(sam)
    complete(task.pk, by=a_user(first_name="Lena", last_name="Hof"))

    answer = client.post(reverse("leads:task_done", args=[task.pk]))

    assert answer.status_code == 409
    assert "Lena Hof has done this task already" in answer.content.decode()


def test_the_queue_shows_tasks_of_ones_role_and_one_takes_them(client, sam):
    ours, theirs = a_task(sam, queue=Role.SALESPERSON), a_task(sam, queue=Role.TELEPROSPECTOR)

    rows = client.get(f"{WORK}?tab=queue").context["groups"][0]["rows"]
    assert [row["task"].pk for row in rows] == [ours.pk]
    client.post(reverse("leads:task_take", args=[ours.pk]))

    assert Task.objects.get(pk=ours.pk).owner == sam
    assert Task.objects.get(pk=theirs.pk).owner is None


@pytest.mark.parametrize("what", ["done", "cancel", "undo", "postpone"])
def test_others_tasks_are_refused_and_stay_as_they_are(client, sam, what):
    lead = a_lead(sales_ready=True)
    task = a_task(a_user(), lead=lead)
    before = Task.objects.values().get()

    assert client.post(reverse(f"leads:task_{what}", args=[task.pk]), {"days": 1}).status_code == 403
    assert client.get(reverse(f"leads:task_{what}", args=[task.pk])).status_code == 405
    assert Task.objects.values().get() == before


def test_a_task_of_a_lead_one_may_not_see_is_not_there(client, sam):
    task = a_task(a_user(), lead=a_lead())

    for name in ("task", "task_done"):
        answer = client.post(reverse(f"leads:{name}", args=[task.pk]), {"title": "Mine"})
        assert answer.status_code == 404
    assert client.get(reverse("leads:tasks_of_lead", args=[task.lead_id])).status_code == 404


def test_a_task_is_added_to_a_lead_from_its_page(client, sam):
    lead = a_lead(owner=sam)
    card = client.get(reverse("leads:tasks_of_lead", args=[lead.pk]))
    assert f"{reverse('leads:task_new')}?lead={lead.pk}" in card.content.decode()

    given = {"title": "Call back", "day": "2031-05-02", "clock": "09:30", "who": str(sam.pk), "note": "He asked"}
    answer = client.post(f"{reverse('leads:task_new')}?lead={lead.pk}", given | {"next": f"/leads/{lead.pk}/"})

    task = Task.objects.get()
    assert answer.url == f"/leads/{lead.pk}/"
    assert (task.title, task.lead, task.contact, task.owner) == ("Call back", lead, lead.contact, sam)
    assert task.due_at == datetime(2031, 5, 2, 9, 30, tzinfo=UTC)


def test_a_refused_task_keeps_what_was_typed(client, sam):
    given = {"title": "Call back", "day": "", "clock": "09:30", "who": str(sam.pk), "note": "He asked"}

    answer = client.post(reverse("leads:task_new"), given)

    assert answer.status_code == 422
    assert "Say on which day" in answer.content.decode()
    assert "He asked" in answer.content.decode()
    assert not Task.objects.exists()


def seen_and(client, task, **edited):
    """What a browser sends when somebody opens a task and edits these fields."""
    form = client.get(reverse("leads:task", args=[task.pk])).context["form"]
    return {**form.flat_initial(), "seen": form.initial["seen"], **edited}


def test_of_two_who_edit_a_task_the_second_is_told_and_loses_nothing(client, sam):
    task, where = a_task(sam, note="Old"), "leads:task"
    lenas = a_user(Role.SALES_MANAGER, first_name="Lena", last_name="Hof")
    given = seen_and(client, task, note="Mine")
    update_task(task.pk, by=lenas, title="Call about the price", due=due_at(timezone.now() + timedelta(days=3)))
    reassign(task.pk, by=sam, owner=lenas)

    told = client.post(reverse(where, args=[task.pk]), given)

    body = told.content.decode()
    assert told.status_code == 409
    assert "from Call to <strong>Call about the price</strong>" in body and "<strong>Lena Hof</strong>" in body
    assert Task.objects.get().note == "Old"
    form = told.context["form"]
    again = {name: form.data[name] for name in form.fields}
    assert client.post(reverse(where, args=[task.pk]), again).status_code == 302
    task.refresh_from_db()
    assert (task.title, task.note, task.owner, task.all_day) == ("Call about the price", "Mine", lenas, False)


def test_an_unedited_due_time_stays_to_the_second(client, sam):
    moment = timezone.now() + timedelta(days=1)
    task = create_task(by=sam, title="Call", due=due_at(moment), owner=sam)

    assert client.post(reverse("leads:task", args=[task.pk]), seen_and(client, task, title="Write")).status_code == 302

    task.refresh_from_db()
    assert (task.title, task.due_at) == ("Write", moment)


def test_what_is_typed_for_a_task_that_somebody_has_done_is_kept_and_saved_with_opening_it_again(client, sam):
    task, lena = a_task(sam), a_user(first_name="Lena", last_name="Hof")
    given = seen_and(client, task, note="He asked twice")
    complete(task.pk, by=lena)

    told = client.post(reverse("leads:task", args=[task.pk]), given)

    assert told.status_code == 409
    assert "Lena Hof has done this task already" in told.content.decode()
    assert "He asked twice" in told.content.decode()
    assert (Task.objects.get().note, Task.objects.get().state) == ("", TaskState.DONE)
    assert client.post(reverse("leads:task", args=[task.pk]), given | {"reopen": "1"}).status_code == 302
    assert (Task.objects.get().note, Task.objects.get().state) == ("He asked twice", TaskState.OPEN)


def test_a_task_is_given_on_and_postponed_by_a_day(client, sam):
    lena, task = a_user(), a_task(sam)
    today = timezone.localdate()

    client.post(reverse("leads:task_postpone", args=[task.pk]), {"days": 1})
    assert Task.objects.get().due_on == today + timedelta(days=1)
    given = {"title": "Call", "day": str(today), "who": str(lena.pk)}
    client.post(reverse("leads:task", args=[task.pk]), given)

    assert Task.objects.get().owner == lena
    assert Notice.objects.get(to=lena).kind == NoticeKind.TASK_GIVEN


def test_readers_have_no_tasks_to_make(client, db):
    client.force_login(a_user(Role.READER))

    assert client.post(reverse("leads:task_new"), {"title": "Call"}).status_code == 403
    assert not Task.objects.exists()


def test_my_work_asks_as_often_for_many_tasks_as_for_few(client, sam):
    counted = []
    for _ in range(2):
        for _ in range(10):
            a_task(sam, lead=a_lead(owner=sam))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(WORK).status_code == 200
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 12


def test_the_bell_counts_what_is_unread_and_opening_reads_it(client, sam):
    lead = a_lead(owner=sam)
    notify(NoticeKind.ASSIGNED, lead_ids=[lead.pk], to=[sam], by=None)
    notify(NoticeKind.RETURNED, lead_ids=[lead.pk], to=[sam, a_user()], by=None, words="No budget")

    assert client.get(reverse("leads:notice_count")).json() == {"count": "2"}
    assert "No budget" in client.get(reverse("leads:notices")).content.decode()
    opened = client.get(reverse("leads:notice", args=[Notice.objects.filter(to=sam).earliest("pk").pk]))

    assert opened.url == reverse("leads:detail", args=[lead.pk])
    assert client.get(reverse("leads:notice_count")).json() == {"count": "1"}
    client.post(reverse("leads:notices_read"))
    assert client.get(reverse("leads:notice_count")).json() == {"count": ""}
    assert Notice.objects.filter(read_at=None).count() == 1  # the other person's


def test_a_notice_of_many_leads_lists_those_one_may_see(client, sam):
    own, hidden = [a_lead(owner=sam), a_lead(owner=sam)], a_lead()
    notify(NoticeKind.ASSIGNED, lead_ids=[one.pk for one in [*own, hidden]], to=[sam], by=None)
    notice = Notice.objects.get()

    opened = client.get(reverse("leads:notice", args=[notice.pk]), follow=True)

    assert {row.pk for row in opened.context["page"].rows} == {one.pk for one in own}
    assert "You have 3 new leads" in opened.content.decode()


def test_a_notice_names_no_lead_that_its_reader_may_not_see(client, sam):
    seen, hidden = a_lead(topic="Ready", sales_ready=True), a_lead(topic="Secret")
    notify(NoticeKind.LATE, lead_ids=[seen.pk, hidden.pk], to=[sam], by=None)

    listed = client.get(reverse("leads:notices")).content.decode()

    assert "2 first responses are late" in listed and "Ready" in listed
    assert "Secret" not in listed


def test_others_notices_are_not_there(client, sam):
    notify(NoticeKind.ASSIGNED, lead_ids=[a_lead().pk, a_lead().pk], to=[a_user()], by=None)
    notice = Notice.objects.get()

    for name in ("notice", "notice_leads"):
        assert client.get(reverse(f"leads:{name}", args=[notice.pk])).status_code == 404
    client.post(reverse("leads:notices_read"), {"ids": notice.pk})
    assert Notice.objects.get().read_at is None


def test_choices_are_kept_for_the_person_who_made_them(client, sam):
    page = client.get(reverse("leads:notice_choices"))
    assert [row["mail"] for row in page.context["rows"] if row["kind"] == "assigned"] == [Mail.ONCE]

    everything = {f"{kind}-mail": "off" for kind in NoticeKind} | {"assigned-app": "on", "assigned-mail": "digest"}
    client.post(reverse("leads:notice_choices"), everything | {"late-mail": "nonsense"})

    chosen = {one.kind: (one.in_app, one.mail) for one in NoticeChoice.objects.filter(user=sam)}
    assert chosen["assigned"] == (True, "digest")
    assert chosen["taken"] == (False, "off")
    assert "late" not in chosen


def test_names_with_braces_are_said_as_they_are(client, sam):
    mona = a_user(Role.SALES_MANAGER, first_name="{count}", last_name="{by}")
    notify(NoticeKind.ASSIGNED, lead_ids=[a_lead(a_contact("{0}", "{x}"), owner=sam).pk], to=[sam], by=mona)

    assert "{count} {by} gave you a lead" in client.get(reverse("leads:notices")).content.decode()


def opened(client, task) -> dict[str, str]:
    """What the form of a task would send."""
    form = client.get(f"/leads/tasks/{task.pk}/").context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_a_task_whose_lead_was_closed_meanwhile_keeps_what_was_typed_and_says_who_closed_it(client, sam):
    lead = a_lead(owner=sam)
    task = a_task(sam, lead=lead)
    seen = opened(client, task)
    mona = a_user(Role.SALES_MANAGER, first_name="Mona", last_name="Mann")
    close_leads([lead.pk], by=mona, status="disqualified", reason=a_reason())

    for more in ({}, {"reopen": "1"}):
        answer = client.post(f"/leads/tasks/{task.pk}/", {**seen, "note": "She calls back on Monday", **more})

        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Mona Mann has closed the lead of this task" in page
        assert "She calls back on Monday" in page
        assert f'href="/leads/{lead.pk}/"' in page
        assert "Open it again and save" not in page
    task.refresh_from_db()
    assert (task.note, task.state) == ("", TaskState.CANCELLED)


def test_who_saves_or_does_a_task_that_was_given_away_meanwhile_is_told_who_has_it_and_keeps_what_they_typed(
    client, sam
):
    mona, lena = a_user(Role.SALES_MANAGER), a_user(first_name="Lena", last_name="Lorenz")
    task = create_task(
        by=mona, title="Call", due=due_on(timezone.localdate()), owner=sam, lead=a_lead(sales_ready=True)
    )
    seen = opened(client, task)
    reassign(task.pk, by=mona, owner=lena)

    saved = client.post(f"/leads/tasks/{task.pk}/", {**seen, "note": "Reached her"})
    assert saved.status_code == 409
    assert "Lena Lorenz has this task now" in saved.content.decode()
    assert "Reached her" in saved.content.decode()
    for what in ("done", "cancel", "postpone"):
        refused = client.post(f"/leads/tasks/{task.pk}/{what}/", {"days": "1"})
        assert refused.status_code == 403
        assert "Lena Lorenz has this task now" in refused.content.decode()

    assert client.post(f"/leads/tasks/{task.pk}/", {**seen, "seen": ""}).status_code == 403
    task.refresh_from_db()
    assert (task.note, task.owner, task.state) == ("", lena, TaskState.OPEN)
