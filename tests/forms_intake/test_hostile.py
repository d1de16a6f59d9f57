"""Hostile strings in every public field come out inert on our pages."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.models import FieldType, FormField, Submission
from tests.build import a_form, a_page, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7|add:7 }}{% debug %}",
    "</textarea><script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "‮‏rtl",
]
LIVE = ("<script>alert", "<img src=x", "<svg/onload", "</textarea><script")


def is_inert(page: str) -> bool:
    return not any(text in page for text in LIVE) and "SettingsWrapper" not in page and 'href="javascript:' not in page


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_values_keys_and_headers_are_inert_wherever_they_show(client: Client, hostile: str) -> None:
    form = a_form(
        fields={
            "email": "contact.email",
            "first_name": "contact.first_name",
            "company": "account.name",
            "message": "lead.description",
            "about": "lead.topic",
            "extra": "",
        }
    )
    FormField.objects.filter(key="message").update(type=FieldType.LONG_TEXT)
    a_page(form)
    values = dict.fromkeys(("first_name", "company", "message", "about", "extra"), hostile)
    again = client.post(f"/f/{form.public_id}/", {**values, "email": hostile, "utm_source": hostile, "_page": "demo"})
    landing = client.get("/p/demo/", {"utm_source": hostile})
    sent = client.post(
        f"/f/{form.public_id}/",
        {**values, "email": "nina@nordwind.example", hostile: hostile, "_token": hostile, "_page": hostile},
        HTTP_USER_AGENT=hostile.encode("ascii", "ignore").decode(),
        HTTP_REFERER=hostile.encode("ascii", "ignore").decode(),
    )
    processed()
    client.force_login(a_user(Role.MARKETER))
    submission = Submission.objects.get()
    pages = [again, landing, client.get("/submissions/"), client.get(f"/submissions/{submission.pk}/")]

    assert [again.status_code, sent.status_code] == [422, 303]
    assert submission.state == "done"
    assert submission.payload["first_name"] == hostile
    for page in pages:
        assert is_inert(page.content.decode())
        assert "'unsafe" not in page["Content-Security-Policy"]


def test_a_failed_submission_with_hostile_values_can_be_looked_at_and_mended(client: Client) -> None:
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name"})
    processed(a_submission(form, first_name=HOSTILE[0]))
    client.force_login(a_user(Role.MARKETER))

    page = client.get(f"/submissions/{Submission.objects.get().pk}/").content.decode()

    assert is_inert(page)
    assert "&lt;script&gt;alert(1)" in page
