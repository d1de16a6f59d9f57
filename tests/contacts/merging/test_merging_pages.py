"""Merging on pages: side by side, chosen field by field, undone where it was done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.merging.service import merge_contacts
from contacts.models import Contact, CustomFieldType, Entity, Merge, Role
from contacts.services.contacts import create_contact, update_contact
from tests.build import a_contact, a_custom_field, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rita(client: Client) -> Client:
    client.force_login(a_user(Role.SALES_MANAGER, first_name="Rita", last_name="Roth"))
    return client


def two() -> tuple[Contact, Contact]:
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")
    return nina, create_contact(first_name="N.", last_name="Lind", email="n.lind@home.example", city="<b>Kiel</b>")


def address(nina: Contact, other: Contact) -> str:
    return f"{reverse('contacts:merge', args=[nina.pk])}?with={other.pk}"


def posted(nina: Contact, other: Contact, **more: Any) -> dict[str, Any]:
    return {"with": other.pk, "version": nina.version, "version_with": other.version, **more}


def test_both_stand_side_by_side_and_what_is_missing_is_taken_from_the_other(rita: Client):
    nina, other = two()

    shown = rita.get(address(nina, other)).content.decode()

    assert 'name="take.first_name" value="ours" checked' in shown
    assert 'name="take.city" value="theirs" checked' in shown
    assert "&lt;b&gt;Kiel&lt;/b&gt;" in shown and "<b>Kiel</b>" not in shown


def test_what_was_chosen_is_merged_shown_and_undone(rita: Client):
    nina, other = two()
    url = address(nina, other)

    done = rita.post(url, posted(nina, other, **{"take.email": "theirs", "take.city": "ours"}), follow=True)

    shown = done.content.decode()
    assert done.redirect_chain[-1][0] == reverse("contacts:detail", args=[nina.pk])
    assert "<bdi>N. Lind</bdi></strong> was merged into this contact just now by Rita Roth" in shown
    assert "are one contact now. On that page it can be undone for thirty days." in shown
    nina.refresh_from_db()
    assert (nina.email, nina.city) == ("n.lind@home.example", "")
    assert "Also known by" in shown and "nina@nordwind.example" in shown

    back = rita.post(reverse("contacts:undo_merge", args=[Merge.objects.get().pk]), follow=True)

    assert back.redirect_chain[-1][0] == reverse("contacts:detail", args=[other.pk])
    assert "N. Lind is back" in back.content.decode()
    assert "A merge was undone" in back.content.decode()


def test_what_was_changed_since_is_named_before_and_after_undoing_and_stays(rita: Client):
    nina, other = two()
    a_custom_field("fleet", Entity.CONTACT, CustomFieldType.NUMBER, label="Vehicles")
    Contact.objects.filter(pk=other.pk).update(custom={"fleet": 7}, job_title="Head")
    taken = {"take.city": "theirs", "take.custom.fleet": "theirs", "take.job_title": "theirs"}
    other.refresh_from_db()
    rita.post(address(nina, other), posted(nina, other, **taken))
    nina.refresh_from_db()
    before = rita.get(reverse("contacts:detail", args=[nina.pk])).content.decode()
    assert "they can be two again." in before
    update_contact(nina.pk, version=nina.version, changes={"city": "Bremen", "custom": {"fleet": 9}})

    shown = rita.get(reverse("contacts:detail", args=[nina.pk])).content.decode()
    undone = rita.post(reverse("contacts:undo_merge", args=[Merge.objects.get().pk]), follow=True).content.decode()

    assert "they can be two again; what was changed since stays here: City, Vehicles." in shown
    assert "kept what came since, and what was changed since: City, Vehicles." in undone
    nina.refresh_from_db()
    assert (nina.city, nina.custom, nina.job_title) == ("Bremen", {"fleet": 9}, "")


def test_the_page_of_a_merged_contact_leads_to_the_one_it_became(rita: Client):
    nina, other = two()
    third = create_contact(email="third@x.example")
    merge_contacts(nina.pk, other.pk, take=[], by=None)
    merge_contacts(third.pk, nina.pk, take=[], by=None)

    answer = rita.get(reverse("contacts:detail", args=[other.pk]), follow=True)

    assert answer.redirect_chain == [(reverse("contacts:detail", args=[third.pk]), 302)]
    assert "was merged: this is third@x.example now" in answer.content.decode()
    again = rita.get(address(nina, other), follow=True)
    assert again.redirect_chain == [(reverse("contacts:detail", args=[third.pk]), 302)]


def test_who_comes_second_is_told_and_keeps_what_they_chose(rita: Client):
    nina, other = two()
    sent = posted(nina, other, **{"take.email": "theirs"})
    update_contact(other.pk, version=other.version, changes={"city": "Bonn"})

    late = rita.post(address(nina, other), sent)

    shown = late.content.decode()
    assert late.status_code == 409 and "Nothing is merged yet" in shown and "Bonn" in shown
    assert 'name="take.email" value="theirs" checked' in shown
    assert not Merge.objects.exists()


def test_without_another_the_page_says_who_it_may_be(rita: Client):
    nina, other = two()
    twin = create_contact(first_name="Nina", last_name="Lind")
    url = reverse("contacts:merge", args=[nina.pk])

    shown = rita.get(url).content.decode()

    assert "Same name" in shown and f"?with={twin.pk}" in shown
    assert rita.get(url, {"contact": f"(#{other.pk})"})["Location"] == f"{url}?with={other.pk}"


def test_who_sales_may_not_see_is_neither_merged_nor_led_to(rita: Client):
    nina, _ = two()
    hidden = a_contact("Hidden", marketing_only=True)

    assert rita.get(address(nina, hidden)).status_code == 404
    assert rita.post(address(nina, hidden), posted(nina, hidden)).status_code == 404
    done = merge_contacts(hidden.pk, nina.pk, take=[], by=None)
    assert rita.get(reverse("contacts:detail", args=[nina.pk])).status_code == 404
    assert rita.post(reverse("contacts:undo_merge", args=[done.pk])).status_code == 404
    assert Merge.objects.get().undone_at is None
