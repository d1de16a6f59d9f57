"""Which lead a submission belongs to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Interaction, Role
from forms_intake.admin.checks import doubts_about
from forms_intake.models import AfterClosed, Creates, FormField, Update
from forms_intake.processing import interests
from leads.models import Lead, LeadEvent, LeadMatchKey, Status
from leads.services.closing import close
from leads.services.deleting import delete_leads
from tests.build import a_campaign, a_context, a_form, a_page, a_user
from tests.forms_intake.posting import a_submission, meanwhile, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}


def closed(lead: Lead) -> Lead:
    Lead.objects.filter(pk=lead.pk).update(status=Status.DISQUALIFIED, closed_at=timezone.now())
    LeadMatchKey.objects.filter(lead=lead).delete()
    return lead


def test_through_a_page_the_lead_is_about_the_pages_context() -> None:
    form = a_form()
    page = a_page(form)

    processed(a_submission(form, **NINA), a_submission(form, page, **NINA))

    assert {lead.marketing_context_id for lead in Lead.objects.all()} == {
        form.marketing_context_id,
        page.marketing_context_id,
    }
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("after", list(AfterClosed))
def test_what_a_closed_lead_means_is_the_forms_to_say(after: str) -> None:
    form = a_form(after_closed=after)
    processed(a_submission(form, **NINA))
    lead = closed(Lead.objects.get())

    submissions = processed(
        *[
            a_submission(
                form,
                **NINA,
            )
            for _ in range(10)
        ]
    )

    lead.refresh_from_db()
    assert Interaction.objects.count() == 11
    assert Lead.objects.count() == (2 if after == AfterClosed.NEW else 1)
    assert lead.status == (Status.OPEN if after == AfterClosed.REOPEN else Status.DISQUALIFIED)
    if after == AfterClosed.NEW:
        assert Lead.objects.exclude(pk=lead.pk).get().related_lead == lead
    else:
        assert {submission.lead_id for submission in submissions} == {lead.pk}
    if after == AfterClosed.REOPEN:
        assert LeadEvent.objects.filter(kind=LeadEvent.Kind.REOPENED).count() == 1
        assert LeadMatchKey.objects.filter(lead=lead).exists()
    if after == AfterClosed.IGNORE:
        assert not LeadMatchKey.objects.exists()


def test_a_lead_that_a_submission_opens_again_waits_for_sales_from_now_on() -> None:
    form = a_form(after_closed=AfterClosed.REOPEN)
    processed(a_submission(form, **NINA))
    long_ago = timezone.now() - timedelta(days=90)
    Lead.objects.update(sales_ready=True, sales_ready_at=long_ago, stage="sales_acceptance")
    lead = closed(Lead.objects.get())

    processed(a_submission(form, **NINA))

    lead.refresh_from_db()
    assert lead.is_open
    assert lead.sales_ready_at is not None
    assert lead.sales_ready_at > timezone.now() - timedelta(minutes=1)
    assert set(LeadEvent.objects.values_list("kind", flat=True)) == {"created", "reopened", "sales_ready"}


def test_a_lead_opened_again_by_its_person_comes_back_to_sales_with_what_was_said() -> None:
    fields = {"email": "contact.email", "message": "lead.description"}
    form = a_form(fields=fields, after_closed=AfterClosed.REOPEN)
    processed(a_submission(form, email="nina@nordwind.example"))
    sam, before = a_user(), timezone.now() - timedelta(days=9)
    lead = closed(Lead.objects.get())
    Lead.objects.update(sales_ready=True, sales_ready_at=before, accepted_at=before, accepted_by=sam)

    processed(a_submission(form, email="nina@nordwind.example", message="Now please"), a_submission(form, **NINA))

    lead = Lead.objects.sales_ready().get(pk=lead.pk)
    assert (lead.description, lead.accepted_by) == ("Now please", None)
    assert lead.sales_ready_at and lead.sales_ready_at > before
    assert Interaction.objects.count() == 3


@pytest.mark.parametrize("after", list(AfterClosed))
def test_what_becomes_of_a_lead_while_it_is_matched_is_noticed(after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lead that was found is deleted before anything is written: another one is made."""
    form = a_form(after_closed=after)
    processed(a_submission(form, **NINA))
    lead = Lead.objects.get()
    if after == AfterClosed.REOPEN:
        closed(lead)
    meanwhile(monkeypatch, interests._Round, "_reopen", lambda: delete_leads([lead.pk], by=None))

    (submission,) = processed(a_submission(form, **NINA))

    assert submission.lead == Lead.objects.alive().get()
    assert submission.lead != lead
    assert Interaction.objects.count() == 2


def test_a_lead_closed_while_it_is_matched_is_continued_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    form = a_form()
    processed(a_submission(form, **NINA))
    lead = Lead.objects.get()
    meanwhile(
        monkeypatch, interests._Round, "_reopen", lambda: close(lead.pk, by=None, status="qualified", note="Bought")
    )

    (submission,) = processed(a_submission(form, **NINA))

    assert submission.lead == Lead.objects.open().get()
    assert submission.lead and submission.lead.related_lead == lead


def test_a_closed_lead_that_kept_its_keys_is_closed_all_the_same() -> None:
    form = a_form()
    processed(a_submission(form, **NINA))
    Lead.objects.update(status=Status.QUALIFIED)

    processed(a_submission(form, **NINA))

    assert Lead.objects.open().count() == 1
    assert LeadMatchKey.objects.get(kind="contact+marketing_context").lead == Lead.objects.open().get()


@pytest.mark.parametrize(
    ("attributes", "expected"), [(["contact", "marketing_context"], 2), (["contact", "campaign"], 1), ([], 3)]
)
def test_the_forms_lead_strategy_says_what_one_interest_is(attributes: list[str], expected: int) -> None:
    campaign = a_campaign()
    one = a_form("One", lead_attributes=attributes, marketing_context=a_context("One", "form", campaign=campaign))
    two = a_form("Two", lead_attributes=attributes, marketing_context=a_context("Two", "form", campaign=campaign))

    processed(a_submission(one, **NINA), a_submission(two, **NINA), a_submission(two, **NINA))

    assert Lead.objects.count() == expected
    assert Contact.objects.count() == 1


def test_without_a_campaign_the_context_tells_interests_apart() -> None:
    one = a_form("One", lead_attributes=["contact", "campaign"])
    two = a_form("Two", lead_attributes=["contact", "campaign"])

    processed(a_submission(one, **NINA), a_submission(two, **NINA), a_submission(two, **NINA))

    assert Lead.objects.count() == 2


def test_topic_is_said_once_and_the_description_filled_when_empty() -> None:
    form = a_form(fields={"email": "contact.email", "about": "lead.topic", "message": "lead.description"})
    FormField.objects.filter(key="about").update(update=Update.OVERWRITE)
    processed(a_submission(form, email="nina@nordwind.example", about="Trucks"))
    processed(a_submission(form, email="nina@nordwind.example", about="Ships", message="Please call"))

    lead = Lead.objects.get()
    assert (lead.topic, lead.description, lead.version) == ("Trucks", "Please call", 2)


def test_a_form_may_make_contacts_only() -> None:
    (submission,) = processed(a_submission(a_form(creates=Creates.CONTACT), **NINA))

    assert submission.contact == Contact.objects.get()
    assert submission.lead is None
    assert Interaction.objects.count() == 1


def test_leads_are_not_given_to_somebody_who_works_here_no_more(client: Client) -> None:
    form = a_form(lead_owner=a_user(username="ole", is_active=False))

    processed(a_submission(form, **NINA))

    assert Lead.objects.get().owner is None
    assert "ole does not work here any more: its leads are nobody's." in doubts_about(form)
    client.force_login(a_user(Role.MARKETER))
    assert "ole does not work here any more" in client.get("/forms/").content.decode()
