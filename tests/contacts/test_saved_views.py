"""Saved views: what a list shows, kept under a name, shared, opened with, changed and saved again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Entity, Role, SavedView, Sharing, User, ViewChoice
from contacts.services.views import create_view, open_with
from leads.views.records import LISTING
from tests.build import a_campaign, a_contact, a_context, a_custom_field, a_lead, a_product, a_user, an_account

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_view(owner: User | None = None, **more: Any) -> SavedView:
    values = {"name": "Hot ones", "query": {"rating": ["hot"]}, **more}
    return SavedView.objects.create(entity=values.pop("entity", Entity.LEAD), owner=owner, **values)


def topics(page: Any) -> list[str]:
    return [lead.topic for lead in page.context["list"].rows]


def text(page: Any) -> str:
    found: str = page.content.decode()
    return found


def test_what_a_list_shows_is_saved_and_opens_again():
    anna = a_user(Role.TELEPROSPECTOR)
    a_lead(topic="Hot", rating="hot"), a_lead(topic="Cold", rating="cold")
    client = signed_in(anna)
    state = "rating=hot&q=&sort=newest&column=contact&column=campaign&at=xyz"

    saved = client.post("/views/lead/new/", {"name": " Hot  ones ", "shared": "private", "state": state})

    view = SavedView.objects.get(owner=anna)
    assert (view.name, view.query, view.columns, view.sort) == (
        "Hot ones",
        {"rating": ["hot"]},
        ["contact", "campaign"],
        "newest",
    )
    assert saved["Location"] == f"/leads/?view={view.pk}"
    page = client.get(f"/leads/?view={view.pk}")
    assert topics(page) == ["Hot"]
    assert [column.key for column in page.context["columns"]] == ["contact", "campaign"]
    assert "Unsaved changes" not in text(page)


def test_what_differs_from_a_view_is_unsaved_until_it_is_saved_or_reset():
    anna = a_user(Role.TELEPROSPECTOR)
    view = a_view(anna)
    a_lead(topic="Hot", rating="hot"), a_lead(topic="Cold", rating="cold")
    client = signed_in(anna)

    changed = client.get(f"/leads/?view={view.pk}~&rating=cold&sort=oldest")
    assert topics(changed) == ["Cold"]
    assert "Unsaved changes" in text(changed)
    assert f'href="/leads/?view={view.pk}">Reset' in text(changed)
    state = changed.context["views"].state
    client.post(f"/views/{view.pk}/save/", {"state": state, "version": "1"})

    view.refresh_from_db()
    assert (view.query, view.sort, view.version) == ({"rating": ["cold"]}, "oldest", 2)
    assert topics(client.get(f"/leads/?view={view.pk}")) == ["Cold"]


def test_links_made_within_a_view_keep_all_of_it():
    anna = a_user(Role.TELEPROSPECTOR)
    view = a_view(anna, columns=["contact", "score"])
    for number in range(60):
        a_lead(topic=f"{number}", rating="hot", score=number)
    client = signed_in(anna)

    second = client.get("/leads/" + client.get(f"/leads/?view={view.pk}").context["list"].next_url)

    assert topics(second) == [f"{number}" for number in range(9, -1, -1)]
    assert not second.context["views"].is_changed
    assert [column.key for column in second.context["columns"]] == ["contact", "score"]
    cleared = client.get("/leads/" + next(one.url for one in second.context["list"].sorts if one.label == "Newest"))
    assert cleared.context["views"].is_changed


def test_the_second_of_two_who_save_a_view_is_told_and_keeps_what_they_chose():
    boss, ada = a_user(Role.SALES_MANAGER), a_user(Role.ADMINISTRATOR, "ada", first_name="Ada")
    view = a_view(boss, sharing=Sharing.EVERYBODY)
    signed_in(ada).post(f"/views/{view.pk}/save/", {"state": "rating=warm", "version": "1"})
    state = f"view={view.pk}~&rating=cold"

    told = signed_in(boss).post(f"/views/{view.pk}/save/", {"state": state, "version": "1"}, follow=True)

    view.refresh_from_db()
    assert view.query == {"rating": ["warm"]}
    assert "Nothing is saved: Ada saved the view" in text(told)
    assert told.context["views"].is_changed
    assert told.wsgi_request.GET["rating"] == "cold"
    signed_in(boss).post(f"/views/{view.pk}/save/", {"state": state, "version": "2"})
    view.refresh_from_db()
    assert view.query == {"rating": ["cold"]}


def test_who_renames_second_is_told_what_was_saved_and_keeps_what_they_typed():
    boss = a_user(Role.SALES_MANAGER)
    view = a_view(boss)
    client = signed_in(boss)
    seen = client.get(f"/views/{view.pk}/edit/").context["form"]["seen"].value()
    sent = {"shared": "private", "seen": seen}
    client.post(f"/views/{view.pk}/edit/", {**sent, "name": "Theirs"})

    told = client.post(f"/views/{view.pk}/edit/", {**sent, "name": "Mine"})

    assert told.status_code == 409
    assert "Name: from Hot ones to <strong>Theirs</strong>" in text(told)
    assert told.context["form"]["name"].value() == "Mine"
    assert SavedView.objects.get(pk=view.pk).name == "Theirs"


@pytest.mark.parametrize("sharing", [Sharing.PRIVATE, Sharing.ROLE, Sharing.EVERYBODY])
def test_a_view_is_seen_by_whom_it_is_shared_with_and_changed_only_by_its_owner_or_an_administrator(sharing: str):
    owner, peer, other = a_user(), a_user(), a_user(Role.MARKETER)
    ada = a_user(Role.ADMINISTRATOR, "ada")
    view = a_view(owner, sharing=sharing, role=Role.SALESPERSON if sharing == Sharing.ROLE else "")
    sees = {Sharing.PRIVATE: [], Sharing.ROLE: [peer, ada], Sharing.EVERYBODY: [peer, other, ada]}[Sharing(sharing)]

    for user in (owner, peer, other, ada):
        page = signed_in(user).get(f"/leads/?view={view.pk}")
        assert (page.context["views"].current == view) is (user == owner or user in sees), user.role
        assert ("The view in the address is gone" in text(page)) is not (user == owner or user in sees)
    may = {owner, ada} if sharing != Sharing.PRIVATE else {owner}
    for user in (peer, other, ada, owner):
        client = signed_in(user)
        version = str(SavedView.objects.get(pk=view.pk).version)
        answers = [
            client.get(f"/views/{view.pk}/edit/").status_code,
            client.post(f"/views/{view.pk}/save/", {"state": "", "version": version}).status_code,
        ]
        assert answers == ([200, 302] if user in may else [403, 403])
        if user not in may:
            assert client.post(f"/views/{view.pk}/delete/").status_code == 403
            assert SavedView.objects.alive().filter(pk=view.pk, version=1).exists()


def test_only_who_manages_shares_with_others():
    anna, boss = a_user(Role.TELEPROSPECTOR), a_user(Role.SALES_MANAGER)
    sent = {"name": "For all", "shared": "everybody", "state": ""}

    assert signed_in(anna).post("/views/lead/new/", sent).status_code == 422
    assert signed_in(boss).post("/views/lead/new/", sent).status_code == 302
    assert list(SavedView.objects.filter(name="For all").values_list("owner", "sharing")) == [(boss.pk, "everybody")]


def test_a_deleted_view_comes_back_with_one_click_for_thirty_days():
    anna = a_user(Role.TELEPROSPECTOR)
    view, client = a_view(anna), signed_in(anna)

    told = client.post(f"/views/{view.pk}/delete/", follow=True)
    assert f'action="/views/{view.pk}/restore/"' in text(told)
    assert "The view in the address is gone" in text(client.get(f"/leads/?view={view.pk}"))
    assert f'action="/views/{view.pk}/restore/"' in text(client.get("/views/lead/"))
    assert signed_in(a_user(Role.TELEPROSPECTOR)).post(f"/views/{view.pk}/restore/").status_code == 403
    client.post(f"/views/{view.pk}/restore/")

    assert list(SavedView.objects.alive().filter(owner=anna)) == [view]


def test_a_list_opens_with_the_view_a_person_chose_and_not_when_the_address_says_more():
    anna = a_user(Role.TELEPROSPECTOR)
    first, second = a_view(anna), a_view(anna, name="Cold ones", query={"rating": ["cold"]})
    a_lead(topic="Hot", rating="hot"), a_lead(topic="Cold", rating="cold")
    client = signed_in(anna)

    client.post(f"/views/{first.pk}/choose/", {"do": "open"})
    client.post(f"/views/{second.pk}/choose/", {"do": "open"})

    assert topics(client.get("/leads/")) == ["Cold"]
    assert sorted(topics(client.get("/leads/?view=all"))) == ["Cold", "Hot"]
    assert topics(client.get("/leads/?rating=hot")) == ["Hot"]
    assert ViewChoice.objects.filter(user=anna, is_default=True).count() == 1
    client.post(f"/views/{second.pk}/choose/", {"do": "none"})
    assert len(topics(client.get("/leads/"))) == 2


def test_a_person_unpins_a_view_for_themselves_alone():
    anna, ben = a_user(), a_user()
    view = a_view(a_user(Role.SALES_MANAGER), sharing=Sharing.EVERYBODY, pinned=True)

    signed_in(anna).post(f"/views/{view.pk}/choose/", {"do": "unpin"})

    tabs = [[tab.label for tab in signed_in(user).get("/leads/").context["views"].tabs] for user in (anna, ben)]
    assert ["Hot ones" in labels for labels in tabs] == [False, True]


@pytest.mark.parametrize("query", [{"rating": ["hot"], "colour": ["red"]}, {"campaign": ["99999"]}])
def test_a_view_that_asks_for_what_the_list_no_longer_has_shows_nothing_and_says_so(query: dict[str, list[str]]):
    anna = a_user(Role.TELEPROSPECTOR)
    view = a_view(anna, query=query)
    a_lead(topic="Hot", rating="hot")

    page = signed_in(anna).get(f"/leads/?view={view.pk}")

    assert topics(page) == []
    said = "narrows by “colour”, which this list no longer has" if "colour" in query else "that is no longer there"
    assert said in text(page)


def test_every_role_has_views_that_open():
    for role in Role:
        client = signed_in(a_user(role))
        for place in ("leads", "contacts", "accounts"):
            for tab in client.get(f"/{place}/").context["views"].tabs:
                page = client.get(tab.url)
                assert page.status_code == 200
                assert not [one.problem for one in page.context["narrowed"].by if one.problem]
                assert not page.context["views"].is_changed, tab.label


def test_columns_are_taken_from_the_catalogue_alone_and_custom_fields_stand_in_it():
    a_custom_field("fleet", label="Fleet size"), a_custom_field("dog", entity=Entity.CONTACT, label="Dog")
    a_lead(a_contact(custom={"dog": "<Rex>"}), "One", custom={"fleet": "40"})
    client = signed_in(a_user(Role.TELEPROSPECTOR))

    page = client.get("/leads/?column=custom.fleet&column=contact.custom.dog&column=owner__password&column=custom.no")

    assert [column.key for column in page.context["columns"]] == ["contact", "custom.fleet", "contact.custom.dog"]
    assert ">40<" in text(page)
    assert "&lt;Rex&gt;" in text(page)
    chooser = text(client.get("/views/lead/columns/?column=custom.fleet&rating=hot"))
    assert 'value="custom.fleet" checked' in chooser
    assert 'name="rating" value="hot"' in chooser


def test_every_column_costs_no_query_a_row():
    anna, boss, custom = a_user(), a_user(Role.SALES_MANAGER), a_custom_field("fleet")
    about = {"product": a_product(), "campaign": a_campaign(), "marketing_context": a_context()}
    keys = [*LISTING.fixed, f"custom.{custom.key}"]
    url = "/leads/?" + "&".join(f"column={key}" for key in keys)
    client = signed_in(boss)
    counts = []
    for rows in (1, 30):
        for number in range(rows):
            a_lead(a_contact(account=an_account()), f"{number}", owner=anna, **about)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_two_choose_a_default_at_once_and_one_is_left():
    anna = a_user(Role.TELEPROSPECTOR)
    views = [create_view(entity=Entity.LEAD, by=anna, name=name) for name in ("One", "Two")]
    for view in views:
        open_with(view, by=anna)

    assert list(ViewChoice.objects.filter(is_default=True).values_list("view__name", flat=True)) == ["Two"]
