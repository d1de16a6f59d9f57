"""What failed is kept, listed, mended and retried; what was taken for spam can be let through."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Contact, CustomFieldType, Entity, Interaction, Role
from forms_intake.errors import NotRetriable
from forms_intake.models import FieldType, FormField, Submission, SubmissionState
from forms_intake.services.mending import edit_submission
from forms_intake.services.submissions import retry
from leads.bulk.jobs import advance
from leads.models import Lead
from tests.build import a_custom_field, a_form, a_page, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


def a_failed_submission(**payload: str) -> Submission:
    return processed(a_submission(**(payload or {"first_name": "Nina"})))[0]


def signed_in(client: Client, role: str = Role.MARKETER) -> Client:
    client.force_login(a_user(role))
    return client


def test_mending_the_values_makes_the_lead(client: Client) -> None:
    submission = a_failed_submission()

    answer = signed_in(client).post(
        f"/submissions/{submission.pk}/",
        {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind", "attempts": "1"},
    )
    processed(submission)

    assert answer.status_code == 302
    assert submission.state == SubmissionState.DONE
    assert submission.attempts == 2
    assert Contact.objects.get().email == "nina@nordwind.example"
    assert Interaction.objects.count() == Lead.objects.count() == 1


def test_a_value_that_cannot_be_kept_is_told_and_nothing_is_saved(client: Client) -> None:
    submission = a_failed_submission()

    answer = signed_in(client).post(
        f"/submissions/{submission.pk}/", {"email": "nina", "first_name": "Nina", "attempts": "1"}
    )

    submission.refresh_from_db()
    assert answer.status_code == 422
    assert 'value="nina"' in answer.content.decode()
    assert submission.payload == {"first_name": "Nina"}
    assert submission.state == SubmissionState.FAILED


def test_of_two_who_mend_at_once_the_second_is_told() -> None:
    submission, marketer = a_failed_submission(), a_user(Role.MARKETER)
    edit_submission(submission_id=submission.pk, values={"email": ["n@nordwind.example"]}, attempts=1, by=marketer)

    with pytest.raises(NotRetriable):
        edit_submission(submission_id=submission.pk, values={"email": ["o@nordwind.example"]}, attempts=1, by=marketer)

    submission.refresh_from_db()
    assert submission.payload["email"] == "n@nordwind.example"


def test_the_second_keeps_what_they_typed(client: Client) -> None:
    submission = a_failed_submission()
    first = {"email": ["n@nordwind.example"]}
    edit_submission(submission_id=submission.pk, values=first, attempts=1, by=a_user(Role.MARKETER))

    answer = signed_in(client).post(f"/submissions/{submission.pk}/", {"email": "o@nordwind.example", "attempts": "1"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Not saved." in page
    assert 'value="o@nordwind.example"' in page
    submission.refresh_from_db()
    assert submission.payload["email"] == "n@nordwind.example"


@pytest.mark.parametrize(("said", "shown"), [(True, ">Given<"), (False, ">Not given<")])
def test_a_consent_that_was_refused_is_not_shown_as_given(client: Client, said: bool, shown: str) -> None:
    form = a_form()
    FormField.objects.create(form=form, key="news", label="News", type=FieldType.CONSENT, consent_level=1)
    submission = a_submission(form, email="nina@nordwind.example", news=said)

    assert f"{shown}/span> <q>News</q>" in signed_in(client).get(f"/submissions/{submission.pk}/").content.decode()


def test_a_retry_after_the_cause_is_gone_succeeds(client: Client) -> None:
    form = a_form(fields={"email": "contact.email", "budget": "lead.custom.budget"})
    (submission,) = processed(a_submission(form, email="nina@nordwind.example", budget="12"))
    assert "budget" in submission.error
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER)

    signed_in(client).post("/submissions/do/", {"do": "retry", "scope": "all", "query": "state=failed"})
    while advance():
        pass
    processed(submission)

    assert submission.state == SubmissionState.DONE
    assert Lead.objects.get().custom == {"budget": 12}


def test_what_is_done_cannot_be_retried() -> None:
    done = a_failed_submission(email="nina@nordwind.example")

    assert retry([done.pk], by=a_user()) == []
    done.refresh_from_db()
    assert done.state == SubmissionState.DONE


def test_what_was_no_spam_can_be_let_through(client: Client) -> None:
    form = a_form()
    client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", "your-website": "x"})
    submission = Submission.objects.get()
    processed()
    assert not Contact.objects.exists()

    signed_in(client).post(f"/submissions/{submission.pk}/do/", {"do": "not-spam"})
    processed(submission)

    assert submission.state == SubmissionState.DONE


def test_the_list_shows_the_state_that_is_asked_for_page_by_page(client: Client) -> None:
    form = a_form()
    failed = [a_submission(form, first_name=str(number)) for number in range(60)]
    processed(a_submission(form, email="nina@nordwind.example"))
    signed_in(client)

    first = client.get("/submissions/?state=failed").context
    second = client.get("/submissions/" + first["next_url"]).context
    back = client.get("/submissions/" + second["previous_url"]).context

    assert [row.pk for row in [*first["submissions"], *second["submissions"]]] == [s.pk for s in reversed(failed)]
    assert [row.pk for row in back["submissions"]] == [row.pk for row in first["submissions"]]
    assert second["next_url"] == ""
    assert first["said"] == "60"
    assert len(client.get("/submissions/?state=done").context["submissions"]) == 1


def test_the_forms_page_says_what_came_in_and_how_to_embed_it(client: Client) -> None:
    form = a_form("Ask for a demo")
    a_page(form, slug="demo")
    processed(a_submission(form, email="nina@nordwind.example"), a_submission(form, first_name="Nina"))

    page = signed_in(client).get("/forms/").content.decode()
    share = client.get(f"/forms/{form.pk}/share/").content.decode()

    assert "Ask for a demo" in page
    assert f"/forms/{form.pk}/" in page
    assert f"http://testserver/f/{form.public_id}/" in share
    assert "&lt;form action=" in share
    assert "/p/demo/" in share


@pytest.mark.parametrize("path", ["/submissions/", "/submissions/1/", "/forms/"])
def test_only_those_who_look_after_forms_see_them(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    assert signed_in(client, Role.SALESPERSON).get(path).status_code == 403


@pytest.mark.parametrize("query", ["before=x", "before=99999999999999999999", "form=-1", "state=no", "after=%00"])
def test_nonsense_in_the_address_is_no_error(client: Client, query: str) -> None:
    assert signed_in(client).get(f"/submissions/?{query}").status_code == 200
