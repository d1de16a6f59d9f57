"""Notices by e-mail: sent once, later when the mail server is down, and nobody waits for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused

import pytest
import time_machine
from django.utils import timezone

from contacts.letters import post_letter
from contacts.models import OutboxEvent, Role
from leads.due import due_at, due_on
from leads.mail import claiming, delivering
from leads.mail.claiming import LEASE, claim
from leads.mail.composing import message_of
from leads.mail.delivering import deliver_some
from leads.mail.due import digest_some, remind_some
from leads.models import Lead, Mail, Notice, NoticeChoice, NoticeKind, Task
from leads.services.closing import assign
from leads.services.notices import notify
from leads.services.tasks import create_task, postpone
from tests.build import a_contact, a_lead, a_user
from tests.leads.work.post_office import PostOffice
from tests.threads import at_once


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Mails go at once; the pause has a test of its own."""
    monkeypatch.setattr(claiming, "PAUSE", timedelta())


@pytest.fixture
def office(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SITE_URL = "https://crm.example.com"
    with PostOffice() as office:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield office


@pytest.fixture
def mona(db):
    return a_user(Role.SALES_MANAGER, first_name="Mona", last_name="Vance", email="mona@example.com")


@pytest.fixture
def sam(db):
    return a_user(email="sam@example.com")


def in_a_while(**length):
    return time_machine.travel(timezone.now() + timedelta(**length), tick=False)


def states():
    rows = OutboxEvent.objects.filter(kind="mail").order_by("pk")
    return ["sent" if row.delivered_at else "given up" if row.given_up_at else "waits" for row in rows]


def test_a_thousand_leads_given_at_once_are_one_mail_that_names_a_few(office, mona, sam):
    contact = a_contact("Nina", "Lind")
    leads = Lead.objects.bulk_create(Lead(contact=contact, topic="Route planning") for _ in range(1000))
    ids = [lead.pk for lead in leads]

    assign(ids, to=sam, by=mona)
    assert deliver_some() == 1
    assert deliver_some() == 0

    (mail,) = office.mails
    assert (mail["To"], mail["Subject"]) == ("sam@example.com", "Mona Vance gave you 1,000 leads")
    body = mail.get_content()
    assert "Nina Lind, Route planning; Nina Lind, Route planning; Nina Lind, Route planning; and 997 more" in body
    assert f"https://crm.example.com/leads/notices/{Notice.objects.get().pk}/leads/" in body
    assert states() == ["sent"]


def test_a_change_made_chunk_by_chunk_is_one_mail_after_a_pause(office, mona, sam, monkeypatch):
    monkeypatch.setattr(claiming, "PAUSE", timedelta(seconds=8))
    contact, began = a_contact(), timezone.now()
    for _ in range(5):
        assign([a_lead(contact).pk for _ in range(20)], to=sam, by=mona)
        assert deliver_some() == 0

    with time_machine.travel(began + timedelta(seconds=30), tick=False):
        assert deliver_some() == 1

    (mail,) = office.mails
    assert mail["Subject"] == "Mona Vance gave you 100 leads"
    assert mail.get_content().count("gave you") == 1


def test_who_is_told_without_a_pause_is_mailed_all_the_same(office, mona, sam, monkeypatch):
    monkeypatch.setattr(claiming, "PAUSE", timedelta(seconds=8))
    assign([a_lead().pk], to=sam, by=mona)
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assign([a_lead().pk], to=sam, by=mona)

    assert deliver_some() == 1


def test_what_gathers_for_a_person_goes_in_one_mail_and_a_machines_news_waits_for_more(office, mona, sam):
    lead = a_lead(owner=sam)
    notify(NoticeKind.LATE, lead_ids=[lead.pk], to=[sam], by=None)
    assert deliver_some() == 0

    notify(NoticeKind.RETURNED, lead_ids=[lead.pk], to=[sam], by=mona, words="No budget")
    assert deliver_some() == 1

    (mail,) = office.mails
    assert mail["Subject"] == "A first response is late, and 1 more"
    assert "No budget" in mail.get_content()


def test_a_dead_mail_server_delays_mails_and_blocks_nobody(office, mona, sam):
    lena = a_user(email="lena@example.com")
    office.close()
    started = time.monotonic()
    assign([a_lead().pk], to=sam, by=mona)
    assign([a_lead().pk], to=lena, by=mona)

    assert deliver_some() == 0

    assert time.monotonic() - started < 3
    assert states() == ["waits", "waits"]
    assert set(OutboxEvent.objects.filter(kind="mail").values_list("attempts", flat=True)) == {1}
    assert all(row.error.startswith("No answer") for row in OutboxEvent.objects.filter(kind="mail"))
    # What comes meanwhile does not knock again at a door that is shut.
    assign([a_lead().pk], to=sam, by=mona)
    assert claim() == []

    office.open()
    with in_a_while(minutes=2):
        while deliver_some():
            pass
    assert sorted(mail["To"] for mail in office.mails) == ["lena@example.com", "sam@example.com", "sam@example.com"]
    assert states() == ["sent"] * 3


def test_waits_grow_and_what_nobody_takes_for_days_is_given_up(office, mona, sam):
    office.close()
    assign([a_lead().pk], to=sam, by=mona)
    waits = []
    began = timezone.now()
    with time_machine.travel(began, tick=False) as clock:
        while states() == ["waits"]:
            deliver_some()
            row = OutboxEvent.objects.get(kind="mail")
            waits.append((row.due_at - timezone.now()) // timedelta(minutes=1))
            clock.move_to(max(row.due_at, timezone.now() + timedelta(minutes=1)))
            if len(waits) == 6:
                clock.shift(timedelta(days=3))
    assert waits[:6] == [1, 2, 4, 8, 15, 15]
    assert states() == ["given up"]


def test_a_mail_that_is_refused_holds_up_no_other(office, mona, sam):
    gone = a_user(email="gone@example.com")
    nowhere = a_user()
    office.refused.add("gone@example.com")
    for user in (gone, nowhere, sam):
        assign([a_lead().pk], to=user, by=mona)

    assert deliver_some() == 1

    assert [mail["To"] for mail in office.mails] == ["sam@example.com"]
    assert states() == ["given up", "given up", "sent"]


REFUSALS = (
    SMTPRecipientsRefused({"nina@nordwind.org": (550, b"5.1.1 <nina@nordwind.org>: unknown user")}),
    SMTPDataError(554, b"5.7.1 Nina@Nordwind.org: unknown user"),
    ValueError("Invalid address, not of an unknown user: nina@nordwind.org"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: type(one).__name__)
def test_what_is_kept_of_a_letter_that_was_refused_names_no_address_that_would_outlive_its_person(monkeypatch, refusal):
    def refuse(message):
        raise refusal

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    post_letter("preferences", contact=a_contact(email="nina@nordwind.org").pk)

    deliver_some()

    row = OutboxEvent.objects.get()
    assert row.given_up_at is not None and "unknown user" in row.error
    assert "nordwind" not in row.error.lower()


def test_an_address_that_none_can_be_sent_to_holds_up_no_other(office, mona, sam):
    for user in (a_user(email="not an address@@\n"), sam):
        assign([a_lead().pk], to=user, by=mona)

    assert deliver_some() == 1

    assert [mail["To"] for mail in office.mails] == ["sam@example.com"]
    assert states() == ["given up", "sent"]


def test_a_mail_that_cannot_be_made_holds_up_no_other_and_is_tried_again(office, mona, sam, monkeypatch):
    first, made = a_user(email="first@example.com"), message_of
    for user in (first, sam):
        assign([a_lead().pk], to=user, by=mona)

    def breaks(batch, user):
        if user == first:
            raise LookupError("no such template")
        return made(batch, user)

    monkeypatch.setattr(delivering, "message_of", breaks)
    assert deliver_some() == 1
    assert states() == ["waits", "sent"]


def test_a_mail_names_no_lead_that_its_reader_may_not_see(office, sam):
    leads = [a_lead(topic="Ready", sales_ready=True), a_lead(topic="Secret")]
    NoticeChoice.objects.create(user=sam, kind=NoticeKind.LATE, mail=Mail.ONCE)
    with in_a_while(minutes=-5):
        notify(NoticeKind.LATE, lead_ids=[one.pk for one in leads], to=[sam], by=None)

    assert deliver_some() == 1

    body = office.mails[0].get_content()
    assert "Ready" in body and "Secret" not in body


def test_who_dies_before_the_mail_server_answers_sends_the_very_same_mail_again(office, mona, sam):
    assign([a_lead().pk], to=sam, by=mona)
    office.hangs_up = True
    assert deliver_some() == 0
    office.hangs_up = False
    assign([a_lead().pk], to=sam, by=mona)

    with in_a_while(minutes=2):
        while deliver_some():
            pass

    first, again, other = office.mails
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first.get_content() == again.get_content()


def test_what_a_dead_worker_had_claimed_is_sent_by_another_once_its_lease_is_over(office, mona, sam):
    assign([a_lead().pk], to=sam, by=mona)
    (claimed,) = claim()

    assert deliver_some() == 0
    with in_a_while(seconds=LEASE.total_seconds() + 1):
        assert deliver_some() == 1

    assert str(claimed.id) in office.mails[0]["Message-ID"]
    assert len(office.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_mail_once(office):
    mona = a_user(Role.SALES_MANAGER)
    people = [a_user(email=f"someone{number}@example.com") for number in range(12)]
    for user in people:
        assign([a_lead().pk], to=user, by=mona)

    def deliver():
        sent = 0
        for _ in range(20):
            sent += deliver_some()
            time.sleep(0.01)
        return sent

    counted: list = at_once(*[deliver] * 4)

    assert sum(counted) == 12
    assert sorted(mail["To"] for mail in office.mails) == sorted(user.email for user in people)


def test_a_name_with_a_line_break_makes_no_header(office, mona, sam):
    mona.first_name = "Mona\r\nBcc: everybody@example.com\r\n"
    mona.save()

    assign([a_lead().pk], to=sam, by=mona)
    deliver_some()

    assert office.mails[0]["Bcc"] is None


def test_due_tasks_are_told_once_before_and_once_after(mona, sam):
    now = datetime(2026, 11, 10, 9, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        lead = a_lead(owner=sam)
        for title in ("Call", "Write"):
            create_task(by=sam, title=title, lead=lead, owner=sam, due=due_at(now + timedelta(hours=1)))
        told = []
        for minutes in (10, 40, 5, 5, 5, 60, 60 * 24):
            clock.shift(timedelta(minutes=minutes))
            remind_some()
            told.append([(n.kind, n.count, n.words) for n in Notice.objects.filter(to=sam).order_by("pk")])

    due, overdue = ("task_due", 2, "Call; Write"), ("task_overdue", 2, "Call; Write")
    assert told == [[], [due], [due], [due, overdue], [due, overdue], [due, overdue], [due, overdue]]


def test_postponing_tells_again_and_what_is_done_is_not_told(mona, sam):
    now = datetime(2026, 11, 10, 9, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        later = create_task(by=sam, title="Call", owner=sam, due=due_on(timezone.localdate()))
        postpone(later.pk, by=sam, due=due_on(timezone.localdate() + timedelta(days=2)))
        clock.shift(timedelta(days=1))
        assert remind_some() == 0
        clock.shift(timedelta(days=1))
        assert remind_some() == 1
        Task.objects.update(state="done")
        clock.shift(timedelta(days=1))
        assert remind_some() == 0


def test_overdue_tasks_of_nobody_and_of_who_left_are_told_to_managers(mona, sam):
    now = datetime(2026, 11, 10, 9, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        create_task(by=None, title="Call", queue=Role.TELEPROSPECTOR, due=due_at(now + timedelta(hours=1)))
        create_task(by=sam, title="Write", owner=sam, due=due_at(now + timedelta(hours=1)))
        sam.is_active = False
        sam.save()
        for _ in range(2):
            clock.shift(timedelta(hours=1))
            remind_some()

    assert [(n.kind, n.count, n.words) for n in Notice.objects.filter(to=mona)] == [("task_overdue", 2, "Call; Write")]


def test_tasks_of_what_is_deleted_remind_nobody_until_it_is_back(sam):
    lead, contact = a_lead(owner=sam), a_contact()
    for more in ({"lead": lead}, {"contact": contact}):
        create_task(by=sam, title="Call", owner=sam, due=due_at(timezone.now() + timedelta(hours=1)), **more)
    Task.objects.update(remind_at=timezone.now())
    for record in (lead, contact):
        record.deleted_at = timezone.now()
        record.save()
    assert remind_some() == 0

    lead.deleted_at = None
    lead.save()
    assert remind_some() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_tell_each_task_once():
    user = a_user(email="sam@example.com")
    create_task(by=user, title="Call", owner=user, due=due_at(timezone.now() + timedelta(hours=1)))
    Task.objects.update(remind_at=timezone.now())

    looked: list = at_once(remind_some, remind_some, remind_some)

    assert sorted(looked) == [0, 0, 1]
    assert Notice.objects.count() == 1


def test_a_digest_goes_once_in_the_morning_with_what_is_unread(office, sam, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    NoticeChoice.objects.create(user=sam, kind=NoticeKind.ASSIGNED, mail=Mail.DIGEST)
    lead = a_lead(owner=sam)
    made = []
    with timezone.override("Europe/Berlin"), time_machine.travel(datetime(2026, 10, 24, 12, tzinfo=UTC)) as clock:
        for number in range(3):
            notify(NoticeKind.ASSIGNED, lead_ids=[lead.pk], to=[sam], by=None, words=f"Number {number}")
        Notice.objects.filter(words="Number 1").update(read_at=timezone.now())
        Notice.objects.update(created_at=timezone.now())
        for hour in (17, 18, 19):  # 6:30, 7:30 and 8:30 on the day that is an hour longer
            clock.move_to(datetime(2026, 10, 24, 12, tzinfo=UTC) + timedelta(hours=hour, minutes=30))
            made.append(digest_some())
            OutboxEvent.objects.update(due_at=timezone.now(), created_at=timezone.now())
            deliver_some()
        clock.shift(timedelta(days=1))
        made.append(digest_some())

    assert made == [0, 0, 1, 0]
    (mail,) = office.mails
    assert mail["Subject"] == "LeadCRM: your day, 25.10.2026"
    assert [f"Number {number}" in mail.get_content() for number in range(3)] == [True, False, True]
