"""Many submissions at once: chunk by chunk, stopped, taken back, and only those that somebody meant."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from contacts.models import Contact, Role, User
from forms_intake.inbox import finding
from forms_intake.models import IntakeForm, Submission, SubmissionState
from leads.bulk import jobs
from leads.bulk.jobs import LEFT, NO_LONGER, advance, begin_job, cancel_job
from leads.models import BulkJob
from tests.build import a_form, a_user
from tests.contacts.test_editing_browser import sign_in
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db
S = SubmissionState


@pytest.fixture
def maria(client: Client) -> User:
    person = a_user(Role.MARKETER, "maria")
    client.force_login(person)
    return person


def some_failed(number: int, form: IntakeForm | None = None) -> list[Submission]:
    """Submissions that nobody can be made of."""
    form = form or a_form(fields={"first_name": "contact.first_name", "email": "contact.email"})
    return processed(*(a_submission(form, first_name=f"Nina {one}") for one in range(number)))


def mend(*submissions: Submission) -> None:
    for one in submissions:
        Submission.objects.filter(pk=one.pk).update(payload={"email": f"n{one.pk}@nordwind.example"})


def ask(client: Client, do: str, query: str = "state=failed") -> BulkJob:
    """All that the inbox shows under an address."""
    client.post("/submissions/do/", {"do": do, "scope": "all", "query": query})
    return BulkJob.objects.latest("pk")


def states(*submissions: Submission) -> list[str]:
    found = dict(Submission.objects.filter(pk__in=[one.pk for one in submissions]).values_list("pk", "state"))
    return [found[one.pk] for one in submissions]


def work_it_off() -> None:
    while advance():
        pass


def reasons(job: BulkJob) -> list[tuple[int, str]]:
    return list(job.refusals.order_by("record_id").values_list("record_id", "reason"))


def test_a_deed_with_all_of_a_list_is_done_chunk_by_chunk_and_stopped_between_two(
    client: Client, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)
    failed = some_failed(5)

    job = ask(client, "spam")
    assert states(*failed) == [S.FAILED] * 5
    assert advance(), "they are found"
    assert advance(), "the first two are done"
    assert states(*failed) == [S.SPAM, S.SPAM, S.FAILED, S.FAILED, S.FAILED]
    page = client.get(f"/leads/bulk/jobs/{job.pk}/").content.decode()
    assert "2 of 5" in re.sub(r"<[^>]+>", "", page)

    client.post(f"/leads/bulk/jobs/{job.pk}/cancel/")
    work_it_off()

    assert states(*failed) == [S.SPAM, S.SPAM, S.FAILED, S.FAILED, S.FAILED]
    job.refresh_from_db()
    assert (job.changed, job.cancelled_by) == (2, maria)


def test_pages_of_jobs_about_submissions_stand_below_submissions(client: Client, maria: User) -> None:
    some_failed(1)
    job = ask(client, "spam")
    other = begin_job(what="delete", by=maria, words="Leads deleted", wanted={}, ids=[])

    for path in (f"/leads/bulk/jobs/{job.pk}/", "/leads/bulk/jobs/?of=submission"):
        page = client.get(path)
        links = [link for section in page.context["rail"]() for link in section.links]
        assert [link.label for link in links if link.current] == ["Submissions"]
        assert "Leads deleted" not in page.content.decode()
    page = client.get(f"/leads/bulk/jobs/{other.pk}/")
    assert [one.label for part in page.context["rail"]() for one in part.links if one.current] == ["Leads"]
    both = client.get("/leads/bulk/jobs/").content.decode()
    assert "Leads deleted" in both
    assert "Submissions marked as spam" in both


def test_the_admin_says_of_a_job_about_submissions_what_it_does_in_words(client: Client, maria: User) -> None:
    some_failed(1)
    job = ask(client, "retry")
    client.force_login(a_user(Role.ADMINISTRATOR, "ada", is_staff=True))

    for path in ("/admin/leads/bulkjob/", f"/admin/leads/bulkjob/{job.pk}/change/"):
        page = re.sub(r"<[^>]+>", " ", client.get(path).content.decode())
        assert re.search(r"\bSubmissions\b(?! processed)", page)
        assert re.search(r"\bRetried\b", page)


def test_the_page_of_a_retry_says_what_came_of_those_that_were_processed(client: Client, maria: User) -> None:
    failed = some_failed(3)
    mend(failed[0])

    job = ask(client, "retry")
    work_it_off()
    before = client.get(f"/leads/bulk/jobs/{job.pk}/").context
    processed()
    after = client.get(f"/leads/bulk/jobs/{job.pk}/").context

    assert (before["told"]["waiting"], before["goes_on"]) == (3, True)
    told = after["told"]
    assert (told["waiting"], told["done"], told["failed"], after["goes_on"]) == (0, 1, 2, False)
    assert [one.pk for one in told["failed_again"]] == [failed[1].pk, failed[2].pk]
    assert Contact.objects.get().email == f"n{failed[0].pk}@nordwind.example"


def test_retrying_all_states_at_once_asks_only_those_that_failed(client: Client, maria: User) -> None:
    [done] = processed(a_submission(a_form("First"), email="otto@nordwind.example"))
    [failed] = some_failed(1)

    job = ask(client, "retry", "")
    work_it_off()

    assert states(done, failed) == [S.DONE, S.PENDING]
    job.refresh_from_db()
    assert (job.total, job.refused) == (1, 0)


def test_what_left_the_list_before_its_turn_stays_as_it_is(client: Client, maria: User) -> None:
    first, second = some_failed(2)
    job = ask(client, "spam")
    assert advance()
    mend(first)
    Submission.objects.filter(pk=first.pk).update(state=S.PENDING)
    processed(first)

    work_it_off()

    assert states(first, second) == [S.DONE, S.SPAM]
    assert Contact.objects.alive().count() == 1, "whom it made meanwhile is there"
    assert reasons(job) == [(first.pk, LEFT)]


def test_who_was_found_by_a_search_is_meant_though_a_later_search_would_look_at_others(
    client: Client, maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = some_failed(3)
    [other] = processed(a_submission(found[0].form, first_name="Otto"))
    job = ask(client, "spam", "state=failed&q=nina")
    assert advance()
    monkeypatch.setattr(finding, "MOST", 1)

    work_it_off()

    assert states(*found, other) == [S.SPAM, S.SPAM, S.SPAM, S.FAILED]
    assert reasons(job) == []


def test_a_filter_that_cannot_be_read_is_refused_and_does_not_mean_all(client: Client, maria: User) -> None:
    form = a_form("Demo")
    failed = some_failed(2, form)
    said = client.post(
        "/submissions/do/", {"do": "delete", "scope": "all", "query": "state=failed&form=999999"}, follow=True
    )
    assert "Nothing was done. “Form” asks for something that is not there to choose." in said.content.decode()
    assert not BulkJob.objects.exists()

    job = ask(client, "delete", f"state=failed&since=2020-01-01&form={form.pk}")
    BulkJob.objects.filter(pk=job.pk).update(query="state=failed&form=999999")  # as if the form went meanwhile
    work_it_off()

    assert states(*failed) == [S.FAILED, S.FAILED]
    job.refresh_from_db()
    assert job.problem == "“Form” asks for something that is not there to choose."


def test_what_many_were_deleted_at_once_comes_back_at_once(client: Client, maria: User) -> None:
    failed, [done] = some_failed(2), processed(a_submission(a_form("First"), email="otto@nordwind.example"))
    job = ask(client, "delete", "")
    work_it_off()
    assert states(*failed, done) == [S.DELETED] * 3

    client.post(f"/leads/bulk/jobs/{job.pk}/undo/")
    work_it_off()

    assert states(*failed, done) == [S.FAILED, S.FAILED, S.DONE]
    assert BulkJob.objects.latest("pk").words == "Undo: Submissions deleted"


def test_who_may_no_longer_change_submissions_changes_none(client: Client, maria: User) -> None:
    failed = some_failed(2)
    job = ask(client, "delete")
    User.objects.filter(pk=maria.pk).update(role=Role.READER)

    work_it_off()

    assert states(*failed) == [S.FAILED, S.FAILED]
    job.refresh_from_db()
    assert job.changed == 0
    assert {why for _, why in reasons(job)} <= {NO_LONGER}


def test_a_job_that_was_stopped_says_so_to_whoever_stops_it_again(maria: User, client: Client) -> None:
    some_failed(1)
    job = ask(client, "retry")

    assert cancel_job(job.pk, by=maria)
    assert not cancel_job(job.pk, by=maria)


@pytest.mark.django_db(transaction=True)
@pytest.mark.browser
def test_all_that_failed_are_retried_from_the_list_and_looked_after_in_a_browser(page: Page, live_server) -> None:
    a_user(Role.MARKETER, "maria")
    failed = some_failed(3)
    mend(failed[0])
    sign_in(page, live_server.url, "maria")

    page.goto(f"{live_server.url}/submissions/?state=failed")
    page.get_by_label("With", exact=True).select_option("all")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("h1")).to_have_text("Submissions processed again")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()

    work_it_off()
    expect(page.get_by_role("heading", name="What came of them")).to_be_visible()
    expect(page.get_by_text("Being processed")).to_be_visible()
    processed()
    expect(page.get_by_text("Being processed")).to_have_count(0)
    expect(page.locator("#bulk-job").get_by_text(failed[1].error)).to_have_count(2)
    page.get_by_role("link", name="To the list").click()
    expect(page).to_have_url(re.compile(r"/submissions/\?state=failed"))
