"""The inbox on pages: tabs, filters, search, one submission's whole story, many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.match_keys import claim_for
from contacts.models import Contact, Role
from contacts.services.contacts import create_contact, delete_contacts
from forms_intake.building.definition import freeze
from forms_intake.inbox import finding
from forms_intake.inbox.finding import found_by
from forms_intake.inbox.taking_back import KNOWN_BEFORE
from forms_intake.models import (
    FieldType,
    FormField,
    FormVersion,
    Submission,
    SubmissionState,
    Update,
)
from leads.models import BulkJob
from tests.build import a_contact, a_form, a_page, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def shown(client: Client, query: str) -> list[int]:
    return [one.pk for one in client.get(f"/submissions/?{query}").context["submissions"]]


def test_tabs_count_each_state_under_the_filters_that_are_on(marketer: Client) -> None:
    form, other = a_form("Demo"), a_form("Prices")
    processed(a_submission(form, email="nina@nordwind.example"), a_submission(form, first_name="Nina"))
    processed(a_submission(other, first_name="Otto"))
    a_submission(form, email="late@nordwind.example")

    tabs = marketer.get(f"/submissions/?form={form.pk}&state=failed").context["inbox"].tabs

    said = {tab.label: str(tab.count) for tab in tabs}
    assert said["All"] == "3"
    assert (said["Waiting"], said["Processed"], said["Failed"], said["Spam"]) == ("1", "1", "1", "0")
    assert [tab.label for tab in tabs if tab.current] == ["Failed"]


def test_an_address_in_letters_of_several_alphabets_is_shown_as_the_network_has_it(marketer: Client) -> None:
    form = a_form("Demo")
    odd, plain = processed(
        a_submission(form, email="nina@\u0430pple.com"), a_submission(form, email="tom@b\u00fccher.example")
    )

    assert "<code>xn--pple-43d.com</code>" in marketer.get(f"/submissions/{odd.pk}/").content.decode()
    assert "<code>xn--pple-43d.com</code>" in marketer.get(f"/contacts/{odd.contact_id}/").content.decode()
    for path in (f"/submissions/{plain.pk}/", f"/contacts/{plain.contact_id}/"):
        page = marketer.get(path).content.decode()
        assert "b\u00fccher.example" in page
        assert "several alphabets" not in page


def test_filters_narrow_by_form_page_version_source_day_and_reason(marketer: Client) -> None:
    form = a_form("Demo")
    page = a_page(form)
    version = FormVersion.objects.create(form=form, number=1, definition=freeze(form))
    wanted = a_submission(form, page, first_name="Nina")
    Submission.objects.filter(pk=wanted.pk).update(version=version, origin={"utm_source": "fair"}, state="failed")
    Submission.objects.filter(pk=wanted.pk).update(
        error="No e-mail that can be read.", received_at=timezone.now() - timedelta(days=9)
    )
    a_submission(a_form("Prices"), first_name="Otto")
    day = f"{timezone.localdate() - timedelta(days=9)}"

    for query in (
        f"form={form.pk}",
        f"page={page.pk}",
        f"form={form.pk}&version={version.pk}",
        "source=fair",
        f"since={day}&until={day}",
        "reason=no+e-mail",
    ):
        assert shown(marketer, query) == [wanted.pk], query


def test_a_search_finds_by_address_name_number_and_any_word_of_what_nobody_was_made_of(marketer: Client) -> None:
    form = a_form("Demo")
    done = processed(a_submission(form, email="Nina@Nordwind.example", first_name="Nina", last_name="Lind"))[0]
    failed = processed(a_submission(form, first_name="Ottokar"))[0]
    waiting = a_submission(form, email="wanda@nordwind.example")

    assert shown(marketer, "q=nina@nordwind.example") == [done.pk]
    assert shown(marketer, "q=lind") == [done.pk]
    assert shown(marketer, "q=ottokar") == [failed.pk]
    assert shown(marketer, "q=wanda@nordwind.example") == [waiting.pk]
    assert shown(marketer, f"q=%23{failed.pk}") == shown(marketer, f"q={failed.public_id}") == [failed.pk]


def test_a_search_that_may_have_missed_some_says_what_it_looked_at(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = a_form("Demo")
    first, *_ = [a_submission(form, first_name=name) for name in ("Ottokar", "Wanda", "Wilma", "Wolfram")]
    monkeypatch.setattr(finding, "MOST", 3)

    page = marketer.get("/submissions/?q=ottokar").content.decode()

    assert "There may be others among those that still wait" in page
    assert shown(marketer, f"q={first.pk}") == [first.pk]
    monkeypatch.setattr(finding, "MOST", 5)
    assert shown(marketer, "q=ottokar") == [first.pk]
    assert "There may be others" not in marketer.get("/submissions/?q=ottokar").content.decode()


@pytest.mark.parametrize("by_id", [2, 100])
def test_who_is_found_very_often_is_found_in_full_and_only_the_tab_that_is_open_is_counted(
    marketer: Client, monkeypatch: pytest.MonkeyPatch, by_id: int
) -> None:
    form = a_form(fields={"email": "contact.email", "last_name": "contact.last_name"})
    posts = [a_submission(form, email=f"n{number}@x.example", last_name="Lindqvist") for number in range(5)]
    posts += [a_submission(form, last_name=f"Lindqvist {number}") for number in range(4)]
    other = a_submission(form, email="otto@x.example", last_name="Roth")
    processed(*posts, other)
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "MOST_BY_ID", by_id)

    page = marketer.get("/submissions/?q=lindqvist")

    assert {one.pk for one in page.context["submissions"]} == {one.pk for one in posts}
    assert "There may be others" not in page.content.decode()
    assert [(tab.label, str(tab.count)) for tab in page.context["inbox"].tabs if tab.count.number] == [("All", "9")]
    assert len(shown(marketer, "q=lindqvist&state=failed")) == 4
    assert shown(marketer, "q=roth") == [other.pk]
    delete_contacts([Contact.objects.get(email="n0@x.example").pk], by=None)
    assert posts[0].pk not in shown(marketer, "q=lindqvist")


def test_the_address_it_was_processed_with_finds_it_after_the_contact_has_another(marketer: Client) -> None:
    done = processed(a_submission(email="nina@nordwind.example"))[0]
    Contact.objects.update(email="nina@else.example")

    assert shown(marketer, "q=nina@nordwind.example") == [done.pk]


def test_a_search_reads_indexes_and_no_table_from_end_to_end() -> None:
    form = a_form()
    Submission.objects.bulk_create(
        Submission(public_id=f"{number:032x}", form=form, payload={"first_name": f"Nina {number}"}, state="failed")
        for number in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE forms_intake_submission")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        list(found_by(Submission.objects.all(), "Nina 2999").rows)
        list(found_by(Submission.objects.all(), "nina2999@nordwind.example").rows)

    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL enable_seqscan = off; EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan on forms_intake_submission" not in plan, plan


def test_the_list_costs_as_many_queries_for_many_rows_as_for_few(marketer: Client) -> None:
    form = a_form()

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            marketer.get("/submissions/")
        return len(seen)

    processed(a_submission(form, email="a0@nordwind.example"))
    few = queries()
    processed(*(a_submission(form, email=f"a{number}@nordwind.example") for number in range(1, 8)))
    assert queries() == few


def test_one_submission_tells_field_by_field_what_it_wrote_and_what_it_kept(marketer: Client) -> None:
    a_contact("Nina", "Lind", email="nina@nordwind.example", phone="")
    fields = {"email": "contact.email", "first_name": "contact.first_name", "last_name": "contact.last_name"}
    form = a_form(fields=fields | {"phone": "contact.phone"})
    FormField.objects.filter(key="last_name").update(update=Update.OVERWRITE)
    said = {"email": "nina@nordwind.example", "first_name": "Antonina", "last_name": "Lindt", "phone": "030 1234567"}
    claim_for(Contact.objects.get())
    done = processed(a_submission(form, **said))[0]

    answers = {one.label: one for one in marketer.get(f"/submissions/{done.pk}/").context["answers"]}

    assert (answers["First name"].did, answers["First name"].before) == ("Kept what was known", "Nina")
    assert (answers["Last name"].did, answers["Last name"].before) == ("Overwritten", "Lind")
    assert answers["Phone"].did == "Filled"
    assert answers["Email"].did == "Known already"


def test_one_submission_tells_its_version_its_candidates_and_its_history(marketer: Client) -> None:
    form = a_form("Demo")
    version = FormVersion.objects.create(form=form, number=3, definition=freeze(form))
    submission = a_submission(form, first_name="Nina")
    Submission.objects.update(version=version)
    processed(submission)
    marketer.post(
        f"/submissions/{submission.pk}/",
        {"email": "nina@nordwind.example", "first_name": "Nina", "attempts": 1, "edition": 0},
    )
    processed(submission)

    page = marketer.get(f"/submissions/{submission.pk}/").content.decode()

    for words in (
        "version 3 of the form",
        "Could not be processed",
        "Retried",
        "Processed, at the second try",
        "<bdi>nina@nordwind.example</bdi>",
        "Nobody was known by this.",
        "made",
    ):
        assert words in page


def test_when_a_letter_was_held_back_is_told_in_words_of_the_workspaces_day(marketer: Client) -> None:
    held = a_submission(a_form("Demo"), email="nina@nordwind.example")
    Submission.objects.update(origin={"unmailed_at": "2026-11-30T09:01:39.610778+00:00"})

    origin = marketer.get(f"/submissions/{held.pk}/").context["origin"]

    assert dict(origin)["Letter held back"] == "30 November 2026, 09:01"


def test_of_the_ticked_each_that_is_refused_says_why(marketer: Client) -> None:
    create_contact(last_name="Lind", email="nina@nordwind.example")
    done = processed(a_submission(a_form("First"), email="nina@nordwind.example"))[0]
    failed = processed(a_submission(a_form("Other"), first_name="Nina"))[0]

    marketer.post("/submissions/do/", {"do": "spam", "ids": [done.pk, failed.pk]})

    job = BulkJob.objects.get()
    assert [pk for ids in job.chunks.values_list("changed", flat=True) for pk in ids] == [failed.pk]
    assert list(job.refusals.values_list("record_id", "reason")) == [(done.pk, KNOWN_BEFORE)]
    failed.refresh_from_db()
    assert failed.state == SubmissionState.SPAM


def test_the_words_of_a_consent_are_told_as_they_were_given(marketer: Client) -> None:
    form = a_form()
    FormField.objects.create(form=form, key="news", label="Write to me", type=FieldType.CONSENT, consent_level=4)
    done = processed(a_submission(form, email="nina@nordwind.example", news=True))[0]
    FormField.objects.filter(key="news").update(label="Other words")

    assert "<q>Write to me</q>" in marketer.get(f"/submissions/{done.pk}/").content.decode()


def test_the_forms_list_leads_to_what_failed_and_to_spam(marketer: Client) -> None:
    form = a_form("Demo")
    processed(a_submission(form, first_name="Nina"))
    Submission.objects.filter(pk=a_submission(form).pk).update(state="spam")

    page = marketer.get("/forms/").content.decode()

    assert f"/submissions/?form={form.pk}&amp;state=failed" in page
    assert f"/submissions/?form={form.pk}&amp;state=spam" in page


def test_a_deed_nobody_knows_does_nothing_and_says_so(marketer: Client) -> None:
    answer = marketer.post("/submissions/do/", {"do": "burn", "scope": "all"}, follow=True)

    assert "Nothing was done" in answer.content.decode()
    assert not BulkJob.objects.exists()
