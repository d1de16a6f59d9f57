"""People comment on leads: who is named hears of it, an author mends it for a while, and deleting leaves a trace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User
from leads.errors import CommentRefused, LeadIsClosed, RecordGone
from leads.models import LeadComment, Notice
from leads.services.closing import close
from leads.services.comments import add_comment, delete_comment, edit_comment
from tests.build import a_closed_lead, a_contact, a_lead, a_reason, a_user

pytestmark = pytest.mark.django_db


def told(user: User) -> list[str]:
    return list(Notice.objects.filter(to=user).order_by("pk").values_list("kind", flat=True))


def test_the_owner_and_who_is_named_are_told_and_who_may_not_see_the_lead_is_not() -> None:
    sam, mona, theo, ben = (
        a_user(username="sam"),
        a_user(Role.SALES_MANAGER, "mona"),
        a_user(Role.TELEPROSPECTOR, "theo"),
        a_user(username="ben"),
    )
    lead = a_lead(a_contact(), owner=sam)

    add_comment(lead.pk, by=mona, body="@theo and @ben, see this; write to x@theo.example, @nobody")

    assert told(sam) == ["commented"]
    assert told(theo) == ["mentioned"]
    assert told(ben) == told(mona) == []


def test_an_author_mends_it_for_a_while_and_only_who_is_named_anew_is_told() -> None:
    mona, theo = a_user(Role.SALES_MANAGER, "mona"), a_user(Role.TELEPROSPECTOR, "theo")
    lead = a_lead()
    comment = add_comment(lead.pk, by=mona, body="Call")

    edit_comment(comment.pk, by=mona, body="Call, @theo")
    edit_comment(comment.pk, by=mona, body="Call today, @theo")
    with pytest.raises(CommentRefused):
        edit_comment(comment.pk, by=theo, body="Mine")
    LeadComment.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    with pytest.raises(CommentRefused):
        edit_comment(comment.pk, by=mona, body="Too late")

    assert told(theo) == ["mentioned"]
    assert LeadComment.objects.get().body == "Call today, @theo"


def test_deleting_takes_the_words_and_leaves_a_trace() -> None:
    theo, mona, lead = a_user(Role.TELEPROSPECTOR), a_user(Role.SALES_MANAGER, first_name="Mona"), a_lead()
    comment = add_comment(lead.pk, by=theo, body="Wrong lead, sorry")
    with pytest.raises(CommentRefused):
        delete_comment(comment.pk, by=a_user(Role.TELEPROSPECTOR))

    delete_comment(comment.pk, by=mona)

    client = Client()
    client.force_login(theo)
    page = client.get(f"/leads/{lead.pk}/comments/").content.decode()
    assert LeadComment.objects.get().body == ""
    assert "Mona deleted a comment of" in page
    assert "Wrong lead" not in page
    with pytest.raises(RecordGone):
        delete_comment(comment.pk, by=mona)


def test_comments_of_a_closed_lead_stay_as_they_are() -> None:
    mona, lead = a_user(Role.SALES_MANAGER), a_lead()
    comment = add_comment(lead.pk, by=mona, body="Call")
    close(lead.pk, by=mona, status="disqualified", reason=a_reason("Lost"))

    with pytest.raises(LeadIsClosed):
        edit_comment(comment.pk, by=mona, body="Called")
    with pytest.raises(LeadIsClosed):
        delete_comment(comment.pk, by=mona)

    client = Client()
    client.force_login(mona)
    assert LeadComment.objects.get().body == "Call"
    assert f"/comments/{comment.pk}/" not in client.get(f"/leads/{lead.pk}/comments/").content.decode()
    refused = client.post(f"/leads/{lead.pk}/comments/{comment.pk}/edit/", {"body": "Called them"})
    assert refused.status_code == 422
    assert "Called them" in refused.content.decode()


def test_a_closed_lead_takes_no_comments_and_what_was_typed_stays() -> None:
    lead, client = a_closed_lead(), Client()
    client.force_login(a_user(Role.MARKETER))
    with pytest.raises(LeadIsClosed):
        add_comment(lead.pk, by=a_user(), body="Late")

    answer = client.post(f"/leads/{lead.pk}/comments/", {"body": "Late"})

    assert answer.status_code == 422
    assert not LeadComment.objects.exists()


def test_hostile_words_are_words() -> None:
    lead, client = a_lead(), Client()
    client.force_login(a_user(Role.MARKETER))

    client.post(f"/leads/{lead.pk}/comments/", {"body": "<script>alert(1)</script> @@@ @"})
    page = client.get(f"/leads/{lead.pk}/comments/", headers={"HX-Request": "true"}).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert client.post(f"/leads/{lead.pk}/comments/", {"body": " "}).status_code == 422
    assert client.post(f"/leads/{lead.pk}/comments/", {"body": "x" * 5001}).status_code == 422
