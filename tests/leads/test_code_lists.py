"""Marketers keep the lists that leads choose from, on pages of their own."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from leads.models import LeadSource, RecycleReason, StatusReason
from tests.build import a_closed_lead, a_lead, a_reason, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def post(client: Client, slug: str, do: str, **data: Any) -> Any:
    return client.post(f"/leads/lists/{slug}/", {"do": do, **data})


def names(status: str) -> list[str]:
    return list(StatusReason.objects.offered().filter(status=status).values_list("name", flat=True))


def test_an_entry_is_added_renamed_ordered_archived_and_brought_back(maria: Client) -> None:
    cancelled = a_reason("Cancelled")

    post(maria, "status-reasons", "add", name=" Competitor  won ", status="disqualified", note_required="on")
    new = a_reason("Competitor won")
    post(maria, "status-reasons", "change", id=cancelled.pk, seen="Cancelled", name="Withdrawn")
    post(maria, "status-reasons", "up", id=new.pk)
    assert names("disqualified") == ["Lost", "Cannot contact", "No longer interested", "Competitor won", "Withdrawn"]
    assert names("open") == ["New", "Contacted"]
    assert new.note_required

    post(maria, "status-reasons", "archive", id=new.pk)
    assert "Competitor won" not in names("disqualified")
    post(maria, "status-reasons", "restore", id=new.pk)
    assert "Competitor won" in names("disqualified")


@pytest.mark.parametrize(
    ("do", "data", "words"),
    [
        ("add", {"name": "Lost", "status": "disqualified"}, "“Lost” is in the list already."),
        ("add", {"name": " "}, "Say what it is called."),
        ("archive", {"id": 1}, "Leads become “New” by themselves; rename it instead."),
        ("change", {"id": 4, "seen": "Gone", "name": "Mine"}, "Somebody else renamed this entry meanwhile"),
        ("change", {"id": 999, "seen": "Gone", "name": "Mine"}, "This entry is gone."),
        ("burn", {"id": 4}, "Say what to do."),
    ],
)
def test_a_refusal_changes_nothing_and_names_the_cause(maria: Client, do: str, data: Any, words: str) -> None:
    before = list(StatusReason.objects.values())

    answer = post(maria, "status-reasons", do, **data)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert list(StatusReason.objects.values()) == before


@pytest.mark.parametrize("slug", ["status-reasons", "sources", "recycle-reasons"])
def test_each_list_has_a_page_that_only_marketing_opens(maria: Client, slug: str) -> None:
    RecycleReason.objects.update(archived=True)
    LeadSource.objects.create(name="<b>Roadshow</b>")

    page = maria.get(f"/leads/lists/{slug}/")
    assert page.status_code == 200
    assert "<b>Roadshow" not in page.content.decode()

    maria.force_login(a_user(Role.SALES_MANAGER))
    assert maria.get(f"/leads/lists/{slug}/").status_code == 403
    assert post(maria, slug, "add", name="Mine").status_code == 403
    assert not StatusReason.objects.filter(name="Mine").exists()
    assert maria.get("/leads/lists/nothing/").status_code == 404


def test_the_rail_leads_to_a_page_of_its_own_name_whichever_list_it_shows(maria: Client) -> None:
    for where, title in (
        ("/leads/lists/", "Status reasons"),
        ("/leads/lists/sources/", "Lead sources"),
        ("/leads/lists/recycle-reasons/", "Reasons to return"),
    ):
        page = maria.get(where)
        [here] = [link.label for section in page.context["rail"]() for link in section.links if link.current]
        assert here == "Lists"
        assert f"<h1>{here}</h1>" in page.content.decode()
        assert f"<title>{title} · {here} · " in page.content.decode()


def test_renaming_a_reason_renames_it_on_old_leads(maria: Client) -> None:
    lead = a_closed_lead()

    post(maria, "status-reasons", "change", id=a_reason("Lost").pk, seen="Lost", name="Lost to nobody")

    assert "Lost to nobody" in maria.get(f"/leads/{lead.pk}/").content.decode()
    assert a_lead().status_words == "New"
