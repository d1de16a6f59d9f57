"""Erasure: nothing personal is left anywhere, figures stay, and nobody brings the person back but they themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from contacts.errors import AlreadyAnswered, CannotRestore, InvalidValues, WasErased
from contacts.merging.errors import CannotUndoMerge
from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import (
    Contact,
    ContactMatchingStrategy,
    DataRequest,
    InteractionType,
    ListExport,
    MatchKey,
    Merge,
    OutboxEvent,
    Role,
    SavedView,
    Tombstone,
    User,
)
from contacts.privacy import tombstones
from contacts.privacy.erasing import erase
from contacts.privacy.requests import enter
from contacts.services.consents import record_consent
from contacts.services.contacts import create_contact, delete_contacts, restore_contact, update_contact
from contacts.services.forgetting import forget
from contacts.services.interactions import log_interaction
from forms_intake.imports.run import import_leads
from forms_intake.known import word_for
from forms_intake.models import Creates, FieldType, FormField, MailTouch, RawHit, Submission
from forms_intake.processing.values import THEIRS
from forms_intake.services.mending import edit_submission
from forms_intake.tracking.mails import Mail, Token, as_body
from forms_intake.tracking.receiving import store_raw
from leadcrm.api.models import ApiToken, KeptAnswer
from leads.attachments.service import attach
from leads.attachments.store import path_of
from leads.models import Attachment, BulkJob, BulkRefusal, Lead, LeadEvent, Notice, NoticeKind, Task
from leads.services.closing import close
from leads.services.comments import add_comment
from leads.services.records import create_lead
from tests.build import a_form, a_lead, a_purpose, a_reason, a_user, an_opportunity
from tests.forms_intake.files import HEADER, a_file, a_mapping
from tests.forms_intake.posting import a_submission, processed
from tests.tracking.browsing import CHROME, HOME, a_cookie, a_page_rule, a_website, browse, tracked

pytestmark = pytest.mark.django_db

MARK = "Zwetschgenmus"
EMAIL = "zwetschgenmus@nordwind.example"
NINA: dict[str, Any] = {"email": EMAIL, "first_name": MARK, "last_name": f"{MARK}-Lind"}


def asked(contact: Contact | None, kind: str = "erasure", **more: Any) -> DataRequest:
    return enter(kind=kind, contact=contact, words=f"{MARK} called", by=a_user(Role.MARKETER), **more)


def erased(contact: Contact, by: Any = None) -> DataRequest:
    return erase(asked(contact).pk, typed=contact.email, by=by or a_user(Role.ADMINISTRATOR))


def everything_stored() -> dict[str, str]:
    """All text of every row of every table, by table."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.proxy or not model._meta.managed:
                continue
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{model._meta.db_table}" t')
            found[model._meta.label] = str(cursor.fetchone()[0] or "")
    return found


def visits_of(nina: Contact) -> None:
    """They came by a signed link, looked at pages and followed a link in a mail; more of it waits for a worker."""
    website = a_website()
    a_page_rule(website, "/", "Looked around", match="prefix")
    browse(website, a_cookie(), "/", u=f"{HOME}/{MARK}/?who={word_for(nina.pk)}", t=MARK, r=f"https://{MARK}.example/")
    mail = Mail(MARK, MARK, sent_at=None)
    for _ in range(2):
        said = Token(nina.pk, mail.key, mail.subject, None, f"https://www.nordwind.example/{MARK}")
        store_raw(RawHit.Kind.CLICKED, as_body(said), user_agent=CHROME)
        if not MailTouch.objects.exists():
            tracked()


def searched(sam: User) -> None:
    """They looked for them in lists: to export one, to change some of them at once, and to keep it as a view."""
    address = f"q={EMAIL.replace('@', '%40')}"
    ListExport.objects.create(user=sam, entity="contact", query=address)
    job = BulkJob.objects.create(entity="opportunity", what="lose", words="Close 1 as lost", by=sam, query=address)
    chance = an_opportunity(topic=f"Deal with {MARK}", contact=Contact.objects.get(), lead=Lead.objects.get())
    BulkRefusal.objects.create(job=job, record_id=chance.pk, record_words=chance.topic, reason="It is closed.")
    SavedView.objects.create(entity="lead", name=EMAIL.upper(), owner=sam, query={"q": [EMAIL], "stage": ["inquiry"]})


def a_whole_story() -> Contact:
    """Somebody of whom every part of the system knows something, each with the mark in it."""
    form, sam = a_form(), a_user()
    [submission] = processed(a_submission(form, **NINA))
    Submission.objects.filter(pk=submission.pk).update(origin={"ip": "192.0.2.1", "referrer": f"https://x/?q={MARK}"})
    nina = Contact.objects.get()
    update_contact(nina.pk, version=nina.version, changes={"job_title": MARK, "phone": "+49 30 1234567"}, by=sam)
    lead = Lead.objects.get()
    Lead.objects.filter(pk=lead.pk).update(topic=f"Demo for {MARK}", description=MARK, owner=sam, custom={"k": MARK})
    log_interaction(contact_id=nina.pk, type=InteractionType.CALL, subject=MARK, payload={"details": MARK}, by=sam)
    record_consent(contact_id=nina.pk, purpose=a_purpose(), wording=f"I, {MARK}, agree", source=MARK)
    add_comment(lead.pk, by=sam, body=f"{MARK} likes it")
    attach(lead.pk, by=sam, file=ContentFile(MARK.encode()), name=f"{MARK}.txt")
    Task.objects.create(title=f"Call {MARK}", note=MARK, lead=lead, contact=nina, owner=sam, created_by=sam)
    an_opportunity(topic=f"Another deal with {MARK}", contact=nina, lead=lead, description=MARK)
    Notice.objects.create(to=sam, kind=NoticeKind.ASSIGNED, words=MARK, lead_ids=[lead.pk])
    OutboxEvent.objects.create(kind="mail", payload={"to": sam.pk, "lead_ids": [lead.pk], "words": MARK})
    OutboxEvent.objects.create(kind="lead.closed", payload={"lead_id": lead.pk, "note": MARK})
    searched(sam)
    content = ContentType.objects.get_for_model(Contact)
    token = ApiToken.objects.create(name="Shop", prefix="abc", digest=b"0" * 32, scopes=[], role=Role.READER)
    KeptAnswer.objects.create(token=token, key="1", asked=b"0" * 32, body=f'{{"email": "{EMAIL}"}}'.encode())
    LogEntry.objects.create(user=sam, content_type=content, object_id=str(nina.pk), object_repr=MARK, action_flag=2)
    visits_of(nina)
    a_submission(form, **NINA | {"first_name": "Failed"})
    Submission.objects.filter(state="pending").update(state="failed", error=f"{MARK} does not fit")
    return nina


def test_nothing_personal_is_left_in_any_table_or_file_and_figures_stay() -> None:
    nina = a_whole_story()
    assert sum(MARK.lower() in text.lower() for text in everything_stored().values()) > 10
    lead = Lead.objects.get()

    request = erased(nina)

    left = {table: text for table, text in everything_stored().items() if MARK.lower() in text.lower()}
    assert left == {}
    assert "1234567" not in "".join(everything_stored().values())
    assert not Contact.objects.exists()
    again = Lead.objects.get()
    assert (again.pk, again.marketing_context_id, again.created_at) == (
        lead.pk,
        lead.marketing_context_id,
        lead.created_at,
    )
    assert again.status == "qualified"  # an opportunity of it is open
    assert Submission.objects.filter(state="done", payload={}).count() == 1
    assert not Submission.objects.filter(state="failed").exists()
    assert not KeptAnswer.objects.exists()
    assert LeadEvent.objects.filter(kind="erased").count() == 1
    assert request.outcome["leads made anonymous"] == 1
    assert request.outcome["posts deleted"] == 1
    assert SavedView.objects.get(entity="lead", version=2).query == {"q": ["erased"], "stage": ["inquiry"]}
    assert not BulkJob.objects.exclude(query="q=erased").exists()
    assert (request.outcome["exports"], request.outcome["bulk changes"], request.outcome["saved views"]) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_attached_files_are_gone_from_the_disk_once_it_is_committed() -> None:
    nina = create_contact(email=EMAIL)
    attach(a_lead(nina).pk, by=a_user(), file=ContentFile(b"secret"), name="a.txt")
    file = path_of(Attachment.objects.get().key)
    assert file.exists()

    erased(nina)

    assert not file.exists()


def test_a_closed_lead_of_theirs_is_made_anonymous_too_and_stays_closed_as_it_was() -> None:
    nina = create_contact(email=EMAIL)
    lead = a_lead(nina, topic=MARK)
    close(lead.pk, by=None, status="disqualified", reason=a_reason("Lost"), note=MARK)

    erased(nina)

    lead.refresh_from_db()
    assert (lead.topic, lead.close_reason, lead.contact) == ("Erased on request", "", None)
    assert (lead.status, str(lead.status_reason)) == ("disqualified", "Lost")


def test_who_was_deleted_is_erased_all_the_same_and_their_leads_do_not_come_up() -> None:
    nina = create_contact(**NINA)
    lead = a_lead(nina, topic=MARK)
    delete_contacts([nina.pk], by=None)

    erase(asked(None, email=EMAIL).pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))

    assert not Contact.objects.exists()
    assert not Lead.objects.alive().exists()
    lead.refresh_from_db()
    assert lead.topic == "Erased on request"


def test_it_is_written_down_who_erased_and_what_and_of_whom_only_a_hash_is_left() -> None:
    nina, ada = create_contact(email=EMAIL), a_user(Role.ADMINISTRATOR)
    copy = asked(nina, "export")

    request = erased(nina, by=ada)

    assert (request.state, request.done_by, request.contact, request.email) == ("done", ada, None, "")
    assert list(request.steps.values_list("what", flat=True)) == ["Entered", "Erased"]
    copy.refresh_from_db()
    assert (copy.state, copy.name, copy.email) == ("done", "", "")
    assert DataRequest.objects.filter(digest=tombstones.email_digest(EMAIL)).count() == 2


def test_whom_they_were_merged_with_is_erased_with_them() -> None:
    nina, double = create_contact(email="nina@nordwind.example"), create_contact(**NINA)
    merge_contacts(nina.pk, double.pk, take=["first_name"], by=None)

    erased(nina)

    assert {table for table, text in everything_stored().items() if MARK.lower() in text.lower()} == set()
    with pytest.raises(WasErased):
        create_contact(email=EMAIL)


def test_whoever_was_merged_again_and_again_is_erased_whole_and_no_merge_can_be_undone() -> None:
    double, nina, third = (
        create_contact(**NINA),
        create_contact(email="n@nordwind.example"),
        create_contact(email="x@y.z"),
    )
    first = merge_contacts(nina.pk, double.pk, take=[], by=None)
    last = merge_contacts(third.pk, nina.pk, take=[], by=None)

    erased(third)

    assert not Contact.objects.exists()
    assert {table for table, text in everything_stored().items() if MARK.lower() in text.lower()} == set()
    for merge in (last, first):
        with pytest.raises(CannotUndoMerge, match="no longer kept"):
            undo_merge(merge.pk, by=None)


@pytest.mark.parametrize("days", [0, 31])
def test_who_asks_by_an_address_that_was_merged_away_is_erased_as_whom_they_became(days: int) -> None:
    nina, double = create_contact(**{**NINA, "email": "n@nordwind.example"}), create_contact(email=EMAIL)
    somebody = create_contact(email="otto@nordwind.example")
    merge_contacts(nina.pk, double.pk, take=[], by=None)
    log_interaction(contact_id=nina.pk, type=InteractionType.CALL, subject=f"{MARK} called")
    if days:
        long_ago = timezone.now() - timedelta(days=days)
        Contact.objects.filter(pk=double.pk).update(deleted_at=long_ago)
        Merge.objects.update(merged_at=long_ago)
        forget()
        assert not Contact.objects.filter(pk=double.pk).exists()

    erase(asked(None, email=EMAIL).pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))

    assert list(Contact.objects.all()) == [somebody]
    assert {table for table, text in everything_stored().items() if MARK.lower() in text.lower()} == set()
    with pytest.raises(WasErased):
        create_contact(email="n@nordwind.example")


def test_two_who_were_two_again_are_not_erased_together() -> None:
    nina, other = create_contact(**NINA), create_contact(email="other@nordwind.example")
    undo_merge(merge_contacts(nina.pk, other.pk, take=[], by=None).pk, by=None)

    erased(nina)

    assert list(Contact.objects.all()) == [other]


def test_a_slip_of_the_pen_erases_nobody() -> None:
    nina = create_contact(email=EMAIL)

    with pytest.raises(InvalidValues, match="exactly"):
        erase(asked(nina).pk, typed="zwetschgenmus", by=a_user(Role.ADMINISTRATOR))
    with pytest.raises(InvalidValues, match="no request to be erased"):
        erase(asked(nina, "export").pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))

    assert Contact.objects.count() == 1


def test_where_four_eyes_are_asked_for_who_entered_it_cannot_erase(settings: Any) -> None:
    settings.ERASURE_FOUR_EYES = True
    nina, ada = create_contact(email=EMAIL), a_user(Role.ADMINISTRATOR)
    request = enter(kind="erasure", contact=nina, by=ada)

    with pytest.raises(InvalidValues, match="somebody else"):
        erase(request.pk, typed=EMAIL, by=ada)
    erase(request.pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))

    assert not Contact.objects.exists()


def test_the_second_to_erase_is_told_who_was_first() -> None:
    nina, ada = create_contact(email=EMAIL), a_user(Role.ADMINISTRATOR, username="ada")
    request = erased(nina, by=ada)

    with pytest.raises(AlreadyAnswered, match="ada has answered"):
        erase(request.pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))


class TestComingBack:
    def test_a_person_or_program_that_types_them_in_is_refused_with_the_day(self) -> None:
        erased(create_contact(email=EMAIL))
        otto = create_contact(email="otto@nordwind.example")

        with pytest.raises(WasErased, match="at their own request"):
            create_contact(email=EMAIL.upper())
        with pytest.raises(WasErased):
            update_contact(otto.pk, version=1, changes={"email": EMAIL})
        update_contact(otto.pk, version=1, changes={"job_title": "Head"})

        assert not MatchKey.objects.filter(value=EMAIL).exists()

    def test_a_row_of_a_file_is_refused_with_the_reason_and_the_others_are_taken(self, tmp_path: Path) -> None:
        erased(create_contact(email=EMAIL))
        errors = tmp_path / "errors.csv"
        rows = [f"{EMAIL},Nina,Lind,+49 30 1234567,,Lind", "otto@nordwind.example,Otto,Berg,+49 30 7654321,,Berg"]

        run = import_leads(a_file(tmp_path, HEADER, *rows), a_mapping(), errors=errors)

        assert (run.contacts_created, run.errors) == (1, 1)
        assert "erased at their own request" in errors.read_text()
        assert Contact.objects.get().email == "otto@nordwind.example"

    def test_a_form_with_a_fresh_consent_takes_them_back_and_it_is_on_record(self) -> None:
        erased(create_contact(email=EMAIL))
        form = a_form()
        FormField.objects.create(form=form, key="agree", label="I agree", type=FieldType.CONSENT, consent_level=3)

        [silent] = processed(a_submission(form, **NINA))
        assert silent.state == "failed"
        assert "agrees to nothing here" in silent.error
        assert not Contact.objects.exists()

        [willing] = processed(a_submission(form, **NINA | {"agree": True}))
        assert willing.state == "done"
        assert "came back by themselves" in (willing.decision or {})["erased"]
        stone = Tombstone.objects.get(digest=tombstones.digest(("email", EMAIL)))
        assert stone.lifted_how == "By themselves: form Ask for a demo"

    def test_who_comes_back_with_two_posts_at_once_is_the_same_person_in_both(self) -> None:
        erased(create_contact(email=EMAIL))
        form = a_form()
        FormField.objects.create(form=form, key="agree", label="I agree", type=FieldType.CONSENT, consent_level=3)

        _, second = processed(*(a_submission(form, **NINA | {"agree": True}) for _ in range(2)))

        assert second.contact == Contact.objects.get()
        assert THEIRS not in {line["did"] for line in (second.decision or {})["contact"]["wrote"]}

    def test_one_who_comes_back_stands_in_nobodys_way(self) -> None:
        erased(create_contact(email=EMAIL))
        form = a_form()

        done = processed(a_submission(form, **NINA), a_submission(form, email="otto@nordwind.example"))

        assert [one.state for one in done] == ["failed", "done"]

    def test_an_administrator_lets_them_back_on_their_word(self, client: Client) -> None:
        request = erased(create_contact(email=EMAIL))
        client.force_login(a_user(Role.ADMINISTRATOR))
        assert "Yes, on" in client.get(f"/privacy/?email={EMAIL}").content.decode()

        client.post("/privacy/come-back/", {"email": EMAIL, "words": "On the phone"})

        assert create_contact(email=EMAIL)
        assert request.steps.latest("pk").what == "May come back"

    def test_nothing_in_the_table_says_who_it_was(self, settings: Any) -> None:
        erased(create_contact(email=EMAIL, phone="+49 30 1234567"))

        [stone] = Tombstone.objects.all()
        before = tombstones.digest(("email", EMAIL))
        assert stone.digest == before
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        assert tombstones.digest(("email", EMAIL)) != before
        assert ("email", EMAIL) in tombstones.standing_over([("email", EMAIL)])


@pytest.mark.parametrize("before", [False, True])
def test_an_address_that_was_typed_with_capitals_is_found_with_the_lead_that_has_no_contact(before: bool) -> None:
    """Stored in its one form; what was stored before it was, as it was typed."""
    form = a_form(creates=Creates.LEAD)
    processed(a_submission(form, **NINA | {"email": EMAIL.title()}))
    lead = Lead.objects.get()
    assert lead.person_email == EMAIL
    if before:
        Lead.objects.update(person_email=EMAIL.title())

    erase(asked(None, email=EMAIL).pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))

    assert {table for table, text in everything_stored().items() if MARK.lower() in text.lower()} == set()


def test_who_was_deleted_with_capitals_is_erased_and_a_restored_one_is_refused() -> None:
    nina = create_contact(**NINA)
    Contact.objects.update(email=EMAIL.title())
    double = create_contact(email="other@nordwind.example")
    delete_contacts([nina.pk, double.pk], by=None)

    erase(asked(None, email=EMAIL).pk, typed=EMAIL, by=a_user(Role.ADMINISTRATOR))

    assert list(Contact.objects.all()) == [double]
    Contact.objects.update(email=EMAIL)
    with pytest.raises(CannotRestore, match="erased at their own request"):
        restore_contact(double.pk, by=None)
    assert not MatchKey.objects.exists()


class TestNotComingBack:
    def test_as_a_lead_without_a_contact(self) -> None:
        erased(create_contact(email=EMAIL))
        form = a_form(creates=Creates.LEAD)
        FormField.objects.create(form=form, key="agree", label="I agree", type=FieldType.CONSENT, consent_level=3)

        [silent] = processed(a_submission(form, **NINA))
        with pytest.raises(WasErased):
            create_lead(topic="Routes", person_email=EMAIL.upper(), by=None)

        assert "erased at their own request" in silent.error
        assert not Lead.objects.exists()
        [willing] = processed(a_submission(form, **NINA | {"agree": True}))
        assert Lead.objects.get() == willing.lead

    def test_as_the_address_of_somebody_with_the_same_telephone(self) -> None:
        erased(create_contact(email=EMAIL))
        strategy = ContactMatchingStrategy.objects.create(name="By telephone", attributes=["phone"])
        bob = create_contact(first_name="Bob", phone="+49 30 1234567")
        fields = {"email": "contact.email", "phone": "contact.phone"}
        form = a_form(fields=fields, contact_strategy=strategy)

        [done] = processed(a_submission(form, email=EMAIL, phone="+49 30 1234567"))

        bob.refresh_from_db()
        assert (done.contact, bob.email) == (bob, "")
        assert (done.decision or {})["contact"]["wrote"][0]["did"] == THEIRS
        assert not MatchKey.objects.filter(value=EMAIL).exclude(contact=bob).exists()

    def test_because_somebody_here_typed_their_address_into_a_post_of_another(self) -> None:
        erased(create_contact(email=EMAIL))
        form = a_form()
        FormField.objects.create(form=form, key="agree", label="I agree", type=FieldType.CONSENT, consent_level=3)
        [failed] = processed(a_submission(form, **NINA | {"email": "nobody", "agree": True}))

        again = edit_submission(
            submission_id=failed.pk, values={"email": [EMAIL]}, attempts=failed.attempts, by=a_user(Role.MARKETER)
        )

        [still] = processed(again)
        assert (still.state, "brings nobody back" in still.error) == ("failed", True)
        assert not Contact.objects.exists()
