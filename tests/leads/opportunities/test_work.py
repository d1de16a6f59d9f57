"""Tasks of opportunities, and notices that lead to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import OutboxEvent, Role, User
from leads.due import due_on
from leads.models import LostReason, Mail, Notice, NoticeChoice, NoticeKind, Task, TaskState
from leads.opportunities.closing import assign_opportunities, lose, lose_many, reopen, win
from leads.opportunities.records import delete_opportunities
from leads.services.tasks import complete, create_task
from tests.build import a_contact, a_user, an_opportunity

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def price() -> LostReason:
    return LostReason.objects.get_or_create(name="Price")[0]


def a_task(user: User, one: Any, title: str = "Send the offer") -> Task:
    return create_task(by=user, title=title, due=due_on(timezone.localdate()), opportunity=one, owner=user)


def test_an_opportunity_has_tasks_of_its_own_which_stand_on_it_on_my_work_and_in_its_story():
    sam = a_user()
    one = an_opportunity("Forty lorries", owner=sam, contact=a_contact("Nina"))
    client, here = signed_in(sam), f"/opportunities/{one.pk}/"
    assert f'hx-get="/leads/tasks/of/opportunity/{one.pk}/"' in client.get(here).content.decode()
    assert "Nothing is to be done" in client.get(f"/leads/tasks/of/opportunity/{one.pk}/").content.decode()

    new = f"/leads/tasks/new/?opportunity={one.pk}&next={here}"
    data = {"title": "Send the offer", "who": f"{sam.pk}", "day": f"{timezone.localdate()}", "next": here}
    assert client.post(new, data)["Location"] == here

    task = Task.objects.get()
    assert (task.opportunity, task.contact, task.about) == (one, one.contact, one)
    assert "Send the offer" in client.get(f"/leads/tasks/of/opportunity/{one.pk}/").content.decode()
    assert f'href="{here}">Forty lorries' in client.get("/leads/work/").content.decode()
    complete(task.pk, by=sam)
    assert "Done:" in client.get(here).content.decode()
    assert signed_in(a_user()).get(f"/leads/tasks/{task.pk}/").status_code == 404


def test_tasks_are_seen_by_who_sees_the_opportunity_go_to_its_new_owner_and_go_with_it_when_it_is_deleted():
    sam, lena, mary = a_user(), a_user(), a_user(Role.MARKETER)
    one = an_opportunity(owner=sam)
    task, other = a_task(sam, one), a_task(lena, one, "Ask legal")
    assert signed_in(mary).get(f"/leads/tasks/{task.pk}/").status_code == 200

    assign_opportunities([one.pk], to=lena, by=a_user(Role.SALES_MANAGER))

    task.refresh_from_db()
    other.refresh_from_db()
    assert (task.owner, other.owner) == (lena, lena)
    delete_opportunities([one.pk], by=lena)
    assert "Send the offer" not in signed_in(lena).get("/leads/work/").content.decode()
    assert Task.objects.filter(state=TaskState.OPEN).count() == 2  # they come back with it


def test_a_notice_of_one_opportunity_opens_it_and_one_of_several_lists_these():
    mona, sam = a_user(Role.SALES_MANAGER), a_user()
    one, two, three = (an_opportunity(f"Number {number}", owner=sam) for number in range(3))
    NoticeChoice.objects.create(user=sam, kind=NoticeKind.OPPORTUNITY, in_app=True, mail=Mail.ONCE)
    client = signed_in(sam)

    lose(one.pk, by=mona, reason=price(), on=timezone.localdate())
    notice = Notice.objects.get(to=sam)
    assert client.get(f"/leads/notices/{notice.pk}/")["Location"] == f"/opportunities/{one.pk}/"
    assert OutboxEvent.objects.get(kind="mail").payload["opportunity_ids"] == [one.pk]

    lose_many([two.pk, three.pk], by=mona, reason=price(), on=timezone.localdate())
    notice = Notice.objects.filter(to=sam).latest("pk")
    listed = client.get(f"/leads/notices/{notice.pk}/", follow=True)
    assert listed.redirect_chain[0][0] == f"/leads/notices/{notice.pk}/leads/"
    page = listed.content.decode()
    assert f'href="/opportunities/{two.pk}/"' in page
    assert f'href="/opportunities/{one.pk}/"' not in page


def test_who_lost_an_opportunity_to_somebody_else_is_led_to_the_list_because_it_is_no_longer_theirs_to_see():
    sam, lena = a_user(), a_user()
    one = an_opportunity(owner=sam)

    assign_opportunities([one.pk], to=lena, by=a_user(Role.SALES_MANAGER))

    lost, got = Notice.objects.get(to=sam), Notice.objects.get(to=lena)
    assert signed_in(sam).get(f"/leads/notices/{lost.pk}/")["Location"] == "/opportunities/"
    assert signed_in(lena).get(f"/leads/notices/{got.pk}/")["Location"] == f"/opportunities/{one.pk}/"


def test_open_tasks_go_with_an_opportunity_that_is_won_or_lost_and_come_back_when_it_is_opened_again():
    sam = a_user()
    won, lost, open_one = (an_opportunity(owner=sam) for _ in range(3))
    done = a_task(sam, won, "Call legal")
    complete(done.pk, by=sam)
    tasks = [a_task(sam, one) for one in (won, lost, open_one)]

    win(won.pk, by=sam, revenue=Decimal(9), on=timezone.localdate())
    lose_many([lost.pk], by=sam, reason=price(), on=timezone.localdate())

    states = lambda: [Task.objects.get(pk=one.pk).state for one in (*tasks, done)]  # noqa: E731
    assert states() == [TaskState.CANCELLED, TaskState.CANCELLED, TaskState.OPEN, TaskState.DONE]
    assert "with its opportunity" in signed_in(sam).get(f"/leads/tasks/{tasks[0].pk}/").content.decode()
    reopen(won.pk, by=sam, reason="They came back")
    assert states() == [TaskState.OPEN, TaskState.CANCELLED, TaskState.OPEN, TaskState.DONE]
