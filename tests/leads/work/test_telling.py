"""Who is told what: once a batch, never who did it, and nothing when the transaction fails."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from contacts.models import OutboxEvent, Role
from leads.due import due_on
from leads.models import Cause, Lead, Mail, Notice, NoticeChoice, NoticeKind
from leads.services.closing import assign, close, reopen, take
from leads.services.notices import mark_read, mark_unread, notify
from leads.services.readiness import accept, mark_sales_ready, return_to_marketing
from leads.services.records import create_lead, update_lead
from leads.services.tasks import create_task
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_reason, a_recycle_reason, a_user
from tests.threads import at_once


def told(user, kind=None):
    notices = Notice.objects.filter(to=user).order_by("pk")
    return [(one.kind, one.count, one.words) for one in notices if kind in {None, one.kind}]


@pytest.mark.django_db
def test_a_thousand_leads_given_at_once_are_one_notice_and_one_mail(django_assert_max_num_queries):
    contact, mona, sam = a_contact(), a_user(Role.SALES_MANAGER), a_user()
    leads = Lead.objects.bulk_create(Lead(contact=contact, topic="Route planning") for _ in range(1000))
    ids = [lead.pk for lead in leads]

    with django_assert_max_num_queries(20):
        assign(ids, to=sam, by=mona)

    assert told(sam) == [("assigned", 1000, "")]
    assert Notice.objects.get(to=sam).lead_ids == ids
    mail = OutboxEvent.objects.get(kind="mail")
    assert (mail.payload["to"], mail.payload["count"], mail.payload["by"]) == (sam.pk, 1000, str(mona))


@pytest.mark.django_db
def test_previous_owners_are_told_each_of_their_own_and_who_did_it_is_not():
    mona, sam, lena = a_user(Role.SALES_MANAGER), a_user(), a_user(first_name="Lena", last_name="Hof")
    sams, monas, free = a_lead(owner=sam), a_lead(owner=mona), a_lead()

    assign([sams.pk, monas.pk, free.pk], to=lena, by=mona)

    assert told(lena) == [("assigned", 3, "")]
    assert told(sam) == [("taken", 1, "Now with Lena Hof")]
    assert told(mona) == []
    assert Notice.objects.get(to=sam).lead_ids == [sams.pk]


@pytest.mark.django_db
def test_a_new_owner_by_an_edit_is_told_as_one_who_is_assigned_and_gets_the_tasks():
    mona, sam, lena = a_user(Role.SALES_MANAGER), a_user(), a_user(first_name="Lena", last_name="Hof")
    lead = a_lead(owner=sam)
    task = create_task(by=sam, title="Call", due=due_on(timezone.localdate()), lead=lead, owner=sam)

    update_lead(lead.pk, version=lead.version, changes={"owner_id": lena.pk}, by=mona)

    task.refresh_from_db()
    assert task.owner == lena
    assert told(sam) == [("taken", 1, "Now with Lena Hof")]
    assert told(lena) == [("assigned", 1, "")]


@pytest.mark.django_db
def test_whoever_a_lead_is_made_for_is_told_and_who_makes_their_own_is_not():
    mona, sam = a_user(Role.SALES_MANAGER), a_user()

    for owner in (sam, mona):
        create_lead(by=mona, contact_id=a_contact().pk, topic="Routes", owner_id=owner.pk)

    assert told(sam) == [("assigned", 1, "")]
    assert told(mona) == []


@pytest.mark.django_db
def test_who_takes_a_lead_is_told_nothing_and_who_left_hears_nothing():
    sam, gone = a_user(), a_user(is_active=False)
    mine, theirs = a_lead(), a_lead(owner=gone)

    take(mine.pk, by=sam)
    assign([theirs.pk], to=sam, by=a_user(Role.SALES_MANAGER))

    assert told(sam) == [("assigned", 1, "")]
    assert told(gone) == []


@pytest.mark.django_db
def test_news_is_added_to_what_is_unread_and_new_once_it_was_read():
    mona, sam = a_user(Role.SALES_MANAGER), a_user()
    one, two, three = a_lead(), a_lead(), a_lead()

    assign([one.pk], to=sam, by=mona)
    assign([two.pk], to=sam, by=mona)
    assert [(n.count, n.lead_ids) for n in Notice.objects.filter(to=sam)] == [(2, [one.pk, two.pk])]

    assert mark_read(sam) == 1
    assign([three.pk], to=sam, by=mona)
    assert [n.count for n in Notice.objects.filter(to=sam).order_by("pk")] == [2, 1]
    assert OutboxEvent.objects.filter(kind="mail").count() == 3


@pytest.mark.django_db
def test_a_cause_with_a_key_is_told_once():
    lead, sam, lena = a_lead(), a_user(), a_user()

    assert notify(NoticeKind.LATE, lead_ids=[lead.pk], to=[sam], by=None, key="late:1") == [sam.pk]
    assert notify(NoticeKind.LATE, lead_ids=[lead.pk], to=[sam, lena], by=None, key="late:1") == [lena.pk]

    assert told(sam) == [("late", 1, "")]
    assert OutboxEvent.objects.filter(kind="mail", payload__to=sam.pk).count() == 1


@pytest.mark.django_db
def test_each_person_chooses_how_to_hear_of_each_kind():
    lead, off, mail_only, digest = a_lead(), a_user(), a_user(), a_user()
    chosen = [(off, False, Mail.OFF), (mail_only, False, Mail.ONCE), (digest, True, Mail.DIGEST)]
    for user, in_app, mail in chosen:
        NoticeChoice.objects.create(user=user, kind=NoticeKind.ASSIGNED, in_app=in_app, mail=mail)

    reached = notify(NoticeKind.ASSIGNED, lead_ids=[lead.pk], to=[off, mail_only, digest], by=None)

    assert reached == [mail_only.pk, digest.pk]
    assert not Notice.objects.get(to=mail_only).shown
    assert Notice.objects.get(to=digest).mail == Mail.DIGEST
    assert [event.payload["to"] for event in OutboxEvent.objects.filter(kind="mail")] == [mail_only.pk]


@pytest.mark.django_db
def test_who_rolls_back_has_told_nobody():
    lead, sam = a_lead(), a_user()

    with pytest.raises(RuntimeError), transaction.atomic():
        notify(NoticeKind.ASSIGNED, lead_ids=[lead.pk], to=[sam], by=None)
        raise RuntimeError

    assert not Notice.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_nobodys_ready_leads_are_told_to_sales_and_owned_ones_to_their_owner():
    sam, lena, mona = a_user(), a_user(), a_user(Role.SALES_MANAGER)
    owned, free = a_lead(owner=lena), a_lead()

    mark_sales_ready([owned.pk, free.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand")

    assert sorted(told(lena)) == [("in_queue", 1, "Sales-ready"), ("ready", 1, "")]
    assert told(sam) == told(mona) == [("in_queue", 1, "Sales-ready")]
    assert Notice.objects.get(to=sam).lead_ids == [free.pk]


@pytest.mark.django_db
def test_a_returned_lead_is_told_to_marketing_and_managers_with_the_reason():
    sam, maria, mona = a_user(), a_user(Role.MARKETER), a_user(Role.SALES_MANAGER)
    lead = a_lead(stage=Stage.SALES_ACCEPTANCE, sales_ready=True, sales_ready_at="2026-01-01T00:00Z")
    accept(lead.pk, by=sam)

    return_to_marketing(lead.pk, by=sam, reason=a_recycle_reason(), note="Before summer")

    assert told(maria) == told(mona) == [("returned", 1, "No budget: Before summer")]
    assert told(sam) == []


@pytest.mark.django_db
def test_an_owner_is_told_who_closed_and_opened_the_lead():
    sam, mona = a_user(), a_user(Role.SALES_MANAGER)
    lead = a_lead(owner=sam)

    close(lead.pk, by=mona, status="disqualified", reason=a_reason("Lost"), note="Went bankrupt")
    reopen(lead.pk, by=mona, reason="It was another company")

    assert told(sam) == [
        ("status", 1, "Disqualified: Lost: Went bankrupt"),
        ("status", 1, "Open again: It was another company"),
    ]


@pytest.mark.django_db
def test_reading_is_ones_own_and_can_be_undone():
    lead, sam, lena = a_lead(), a_user(), a_user()
    notify(NoticeKind.ASSIGNED, lead_ids=[lead.pk], to=[sam, lena], by=None)
    lenas = Notice.objects.get(to=lena)

    assert mark_read(sam, [lenas.pk]) == 0
    assert mark_read(lena, [lenas.pk]) == 1
    assert mark_unread(sam, [lenas.pk]) == 0
    assert mark_unread(lena, [lenas.pk]) == 1


@pytest.mark.django_db(transaction=True)
def test_ten_who_tell_one_person_at_once_wait_for_nobody_and_lose_nothing():
    lead, sam = a_lead(), a_user()

    def tell():
        return notify(NoticeKind.ASSIGNED, lead_ids=[lead.pk], to=[sam], by=None)

    assert at_once(*[tell] * 10) == [[sam.pk]] * 10
    assert sum(notice.count for notice in Notice.objects.filter(to=sam)) == 10
    assert OutboxEvent.objects.filter(kind="mail").count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_cause_met_by_two_at_once_is_told_once():
    lead, sam = a_lead(), a_user()

    def tell():
        return notify(NoticeKind.LATE, lead_ids=[lead.pk], to=[sam], by=None, key="late:7")

    told_by: list = at_once(tell, tell, tell)
    assert sorted(told_by) == [[], [], [sam.pk]]
    assert Notice.objects.count() == OutboxEvent.objects.filter(kind="mail").count() == 1
