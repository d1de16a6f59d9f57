"""Archived pages are deleted like records: restored within thirty days, and what came through them stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, MarketingContext, Role
from contacts.services.forgetting import forget
from forms_intake.landing.counting import count
from forms_intake.landing.lifecycle import archive
from forms_intake.models import LandingPage, PageTest, PageVisits, Submission
from leads.models import Lead
from tests.build import a_form, a_page, a_user
from tests.forms_intake.posting import processed
from tests.landing.test_variants import under_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def test_an_archived_page_is_deleted_and_restored(marketer: Client) -> None:
    page = a_page(a_form())
    assert marketer.post(f"/pages/{page.pk}/delete/").status_code >= 400
    archive(page_id=page.pk)

    asked = marketer.get(f"/pages/{page.pk}/delete/").content.decode()
    marketer.post(f"/pages/{page.pk}/delete/")
    gone = [marketer.get(f"/pages/{page.pk}/").status_code, Client().get("/p/demo/").status_code]
    lists = [marketer.get(f"/pages/?state={state}").content.decode() for state in ("", "archived", "deleted")]
    marketer.post(f"/pages/{page.pk}/undelete/")

    assert "30 days" in asked
    assert gone == [404, 410]
    assert [f'id="page-{page.pk}"' in one for one in lists] == [False, False, True]
    page.refresh_from_db()
    assert page.deleted_at is None and page.archived_at is not None
    assert f'id="page-{page.pk}"' in marketer.get("/pages/?state=archived").content.decode()


def test_after_thirty_days_it_goes_and_submissions_leads_and_where_they_came_from_stay(marketer: Client) -> None:
    form = a_form()
    page = a_page(form)
    count(page_id=page.pk, form_id=form.pk)
    Client().post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", "_page": "demo"})
    processed()
    archive(page_id=page.pk)
    marketer.post(f"/pages/{page.pk}/delete/")
    LandingPage.objects.update(deleted_at=timezone.now() - timedelta(days=31))

    assert marketer.post(f"/pages/{page.pk}/undelete/").status_code == 404
    forget()

    assert not LandingPage.objects.exists() and not PageVisits.objects.exists()
    submission = Submission.objects.get()
    assert submission.page is None
    assert marketer.get(f"/submissions/{submission.pk}/").status_code == 200
    assert Contact.objects.count() == Lead.objects.count() == 1
    assert Lead.objects.get().marketing_context == MarketingContext.objects.get(pk=page.marketing_context_id)


def test_a_submission_leads_to_its_page_and_to_the_test_of_its_variant(marketer: Client) -> None:
    form = a_form()
    page = under_test(form)
    Client().post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", "_page": "plan", "_variant": "B"})
    address = f"/submissions/{Submission.objects.get().pk}/"

    shown = marketer.get(address).content.decode()
    assert f'<a href="/pages/{page.pk}/">the landing page' in shown
    assert f'<a href="/pages/{page.pk}/results/?test=1">variant B' in shown and "of test 1</a>" in shown

    PageTest.objects.update(started_at=timezone.now())
    assert "variant B" in marketer.get(address).content.decode()
    LandingPage.objects.update(archived_at=timezone.now(), deleted_at=timezone.now())
    assert "the deleted landing page" in marketer.get(address).content.decode()
