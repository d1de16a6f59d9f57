"""Many leads at once: given only to whom somebody chose, deleted only by who was asked, and brought back together."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User
from leads.models import Lead, LeadEvent
from leads.services.deleting import delete_leads, restore_leads
from tests.build import a_contact, a_lead, a_user

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>"


def post(user: User, *leads: Lead, **wanted: str) -> Any:
    """What the page answers to a press on one of the buttons under a list with these leads ticked, and what follows."""
    client = Client()
    client.force_login(user)
    return client.post("/leads/bulk/", {"ids": [lead.pk for lead in leads], **wanted}, follow=True)


def owners() -> list[User | None]:
    return [lead.owner for lead in Lead.objects.order_by("pk").select_related("owner")]


def test_many_are_taken_and_assigned_by_who_may() -> None:
    anna, ben, boss = a_user(Role.TELEPROSPECTOR), a_user(), a_user(Role.SALES_MANAGER)
    free, bens = a_lead(), a_lead(owner=ben)

    post(anna, free, bens, do="take")
    assert owners() == [anna, ben]
    assert post(anna, free, bens, do="assign", owner=str(anna.pk)).status_code == 403
    post(boss, free, bens, do="assign", owner=str(boss.pk))
    assert owners() == [boss, boss]


@pytest.mark.parametrize("owner", ["", "0", "99999999", "x"])
def test_nobody_is_assigned_unless_somebody_is_chosen(owner: str) -> None:
    ben = a_user()
    lead = a_lead(owner=ben)

    page = post(a_user(Role.SALES_MANAGER), lead, do="assign", owner=owner).content.decode()

    assert owners() == [ben]
    assert "Nothing was done. Choose whom to assign them to." in page


def test_nobody_can_be_chosen() -> None:
    lead = a_lead(owner=a_user())

    page = post(a_user(Role.SALES_MANAGER), lead, do="assign", owner="nobody").content.decode()

    assert owners() == [None]
    assert "1 lead assigned to nobody." in page


def test_deleting_asks_first_and_names_what_goes() -> None:
    boss, leads = a_user(Role.SALES_MANAGER), [a_lead(a_contact(HOSTILE), HOSTILE) for _ in range(12)]

    asked = post(boss, *leads, do="delete", next="/leads/?status=any").content.decode()

    assert Lead.objects.alive().count() == 12
    assert "Delete 12 leads?" in asked
    assert "and 2 more" in asked
    assert 'name="next" value="/leads/?status=any"' in asked
    assert asked.count("&lt;img src=x onerror") == 20
    assert "<img src=x" not in asked


def test_a_batch_that_was_deleted_comes_back_with_one_click() -> None:
    boss, one, two, kept = a_user(Role.SALES_MANAGER), a_lead(), a_lead(), a_lead()

    told = post(boss, one, two, do="delete", sure="1").content.decode()
    assert list(Lead.objects.alive()) == [kept]
    assert "2 leads deleted." in told
    undo = told[told.index("2 leads deleted.") : told.index("Undo")]
    assert re.findall(r'name="ids" value="(\d+)"', undo) == [str(one.pk), str(two.pk)]

    back = post(boss, one, two, kept, do="restore").content.decode()
    assert Lead.objects.alive().count() == 3
    assert "2 leads back." in back
    assert LeadEvent.objects.filter(kind="restored").count() == 2


@pytest.mark.parametrize("wanted", [{"do": "delete", "sure": "1"}, {"do": "delete"}, {"do": "restore"}])
def test_who_does_not_manage_neither_deletes_nor_restores_many(wanted: dict[str, str]) -> None:
    lead, gone = a_lead(), a_lead()
    delete_leads([gone.pk], by=None)

    assert post(a_user(), lead, gone, **wanted).status_code == 403
    assert list(Lead.objects.alive()) == [lead]


def test_what_cannot_come_back_stays_and_does_not_keep_the_others() -> None:
    long_ago = timezone.now() - timedelta(days=31)
    taken, old, orphan, good = a_lead(external_id="7"), a_lead(), a_lead(a_contact(deleted_at=long_ago)), a_lead()
    ids = [taken.pk, old.pk, orphan.pk, good.pk]
    delete_leads(ids, by=None)
    Lead.objects.filter(pk=old.pk).update(deleted_at=long_ago)
    a_lead(external_id="7")

    assert restore_leads(ids, by=None) == [good.pk]
    assert set(Lead.objects.deleted()) == {taken, old, orphan}


def test_without_ticks_nothing_is_done() -> None:
    assert "Nothing was done" in post(a_user(Role.SALES_MANAGER), do="delete").content.decode()
