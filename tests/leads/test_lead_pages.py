"""Pages of leads as records: the list, making, editing, deleting, many at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, User
from contacts.services.contacts import create_contact, delete_contacts
from leads.models import Lead, Process, Status
from leads.services.deleting import delete_leads
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_product, a_user, an_account


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields_of(page: Any) -> dict[str, Any]:
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def topics(page: Any) -> list[str]:
    return [lead.topic for lead in page.context["list"].rows]


@pytest.mark.django_db
def test_the_list_shows_open_leads_the_highest_score_first():
    nina = a_contact()
    a_lead(nina, "No score"), a_lead(nina, "Low", score=3), a_lead(nina, "High", score=70, grade="Hot")
    a_lead(nina, "Closed", status=Status.QUALIFIED)
    client = signed_in(a_user(Role.TELEPROSPECTOR))

    assert topics(client.get("/leads/")) == ["High", "Low", "No score"]
    assert topics(client.get("/leads/?status=qualified")) == ["Closed"]
    assert topics(client.get("/leads/?status=any&sort=oldest")) == ["No score", "Low", "High", "Closed"]
    assert topics(client.get("/leads/?status=nonsense")) == ["High", "Low", "No score"]


@pytest.mark.django_db
def test_filters_narrow_the_list():
    anna, nina, product = (
        a_user(Role.TELEPROSPECTOR),
        a_contact("Nina", "Lind", email="n@nordwind.example"),
        a_product(),
    )
    a_lead(nina, "Mine", owner=anna)
    a_lead(a_contact("Ole", account=an_account("Südwind")), "Late", stage=Stage.SALES_ACCEPTANCE, sales_ready=True)
    a_lead(None, "Firm", account=an_account("Westwind"), product=product, rating="hot")
    client = signed_in(anna)

    for query, expected in {
        "owner=me": ["Mine"],
        "owner=nobody&sort=oldest": ["Late", "Firm"],
        "stage=sales_acceptance": ["Late"],
        "sales_ready=yes": ["Late"],
        f"product={product.pk}": ["Firm"],
        "rating=hot": ["Firm"],
        "q=nordwind": ["Mine"],
        "q=sÜdwind": ["Late"],
        "q=westw": ["Firm"],
        "q=nobodyhere": [],
        "owner=9999999&product=x": ["Firm", "Late", "Mine"],
    }.items():
        assert topics(client.get(f"/leads/?{query}")) == expected, query


@pytest.mark.django_db
def test_salespeople_see_ready_and_own_leads_only_and_read_contacts_kept_for_marketing_through_them():
    anna = a_user()
    hidden = a_contact("Mara", marketing_only=True)
    own, other = a_lead(hidden, "Own", owner=anna), a_lead(hidden, "Other")
    a_lead(hidden, "Ready", sales_ready=True)
    client = signed_in(anna)

    assert topics(client.get("/leads/")) == ["Ready", "Own"]
    assert topics(client.get("/leads/?q=mara")) == ["Ready", "Own"]
    assert client.get(f"/leads/{other.pk}/").status_code == 404
    assert client.get(f"/contacts/{hidden.pk}/").status_code == 404
    assert client.get(f"/leads/{other.pk}/edit/").status_code == 404
    assert client.get(f"/leads/{other.pk}/contact/").status_code == 404
    page = client.get(f"/leads/{own.pk}/contact/")
    assert page.status_code == 200
    assert "Mara" in page.content.decode()
    assert f"/contacts/{hidden.pk}/edit/" not in page.content.decode()


@pytest.mark.django_db
def test_the_list_costs_the_same_at_sixty_and_at_a_thousand_rows():
    client, owner, nina = signed_in(a_user(Role.TELEPROSPECTOR)), a_user(), a_contact(account=an_account())
    process = Process.objects.get(is_default=True)
    costs = []
    for number in (60, 1000):
        Lead.objects.bulk_create(
            [Lead(topic=f"{one}", contact=nina, owner=owner, process=process, score=one) for one in range(number)]
        )
        with CaptureQueriesContext(connection) as queries:
            client.get("/leads/")
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 20


@pytest.mark.django_db
def test_a_search_that_finds_very_many_finds_the_same(monkeypatch):
    a_lead(a_contact("Nina", email="n@nordwind.example"), "By contact")
    a_lead(a_contact("Ole", account=an_account("Nordwind Süd")), "By employer")
    a_lead(None, "By account", account=an_account("Nordwind West"))
    a_lead(a_contact("Peter"), "Other")
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    few = topics(client.get("/leads/?q=nordwind"))

    monkeypatch.setattr("leads.filters.MOST_FOUND", 0)

    assert topics(client.get("/leads/?q=nordwind")) == few == ["By account", "By employer", "By contact"]


@pytest.mark.django_db
def test_making_a_lead_for_a_contact_that_has_an_open_one_asks_first():
    nina = create_contact(first_name="Nina", email="nina@nordwind.example")
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    first = client.post("/leads/new/", {"topic": "Route planning", "contact": "nina@nordwind.example"})
    assert first["Location"] == f"/leads/{Lead.objects.get().pk}/"

    asked = client.post("/leads/new/", {"topic": "Fleet", "contact": f"Nina (#{nina.pk})"})
    assert asked.status_code == 409
    assert "Open lead of the same contact" in asked.content.decode()
    client.post("/leads/new/", {"topic": "Fleet", "contact": f"Nina (#{nina.pk})", "anyway": "1"})

    assert set(Lead.objects.values_list("topic", "contact")) == {("Route planning", nina.pk), ("Fleet", nina.pk)}


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_a_new_lead_is_given_to_somebody_else_only_by_who_may_assign(role):
    nina, ben, anna = a_contact(), a_user(username="ben"), a_user(role, "anna")
    client = signed_in(anna)
    may = role in {Role.MARKETER, Role.SALES_MANAGER, Role.ADMINISTRATOR}

    if role == Role.READER:
        assert client.get("/leads/new/").status_code == 403
        assert client.post("/leads/new/", {"topic": "Fleet", "contact": f"(#{nina.pk})"}).status_code == 403
        assert not Lead.objects.exists()
        return
    assert ("owner" in client.get("/leads/new/").context["form"].fields) is may
    client.post("/leads/new/", {"topic": "Fleet", "contact": f"(#{nina.pk})", "owner": ben.pk})

    assert Lead.objects.get().owner == (ben if may else anna)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [{"topic": "Fleet"}, {"topic": "Fleet", "contact": "Nobody known"}, {"contact": "x"}])
def test_a_lead_of_nobody_is_not_made(typed):
    assert signed_in(a_user()).post("/leads/new/", typed).status_code == 422
    assert not Lead.objects.exists()


@pytest.mark.django_db
def test_a_post_cannot_set_what_is_not_on_the_form():
    nina, client = a_contact(), signed_in(a_user())

    client.post("/leads/new/", {"topic": "F", "contact": f"(#{nina.pk})", "score": "99", "stage": "sales_acceptance"})

    lead = Lead.objects.get()
    assert (lead.score, lead.stage_changes.get().cause) == (None, "sales_ready_hand")  # entered by sales, no more


@pytest.mark.django_db
def test_editing_keeps_stage_and_score_and_tells_of_conflicts():
    lead = a_lead(topic="Fleet", stage=Stage.SALES_ACCEPTANCE, sales_ready=True, score=5)
    client = signed_in(a_user())
    sent = fields_of(client.get(f"/leads/{lead.pk}/edit/")) | {"topic": "Fleet 2"}

    assert client.post(f"/leads/{lead.pk}/edit/", sent).status_code == 302
    told = client.post(f"/leads/{lead.pk}/edit/", sent | {"topic": "Fleet 3"})

    assert told.status_code == 409
    assert "Topic: from Fleet to <strong>Fleet 2</strong>" in told.content.decode()
    stored = Lead.objects.get()
    assert (stored.topic, stored.stage, stored.score) == ("Fleet 2", Stage.SALES_ACCEPTANCE, 5)


@pytest.mark.django_db
def test_leads_are_given_to_those_who_may_have_some_and_stay_with_whom_they_are():
    rita, sam = a_user(Role.READER, "rita"), a_user(Role.SALESPERSON, "sam")
    free, held = a_lead(topic="Trucks"), a_lead(topic="Vans", owner=rita)
    client = signed_in(a_user(Role.MARKETER))

    offered = client.get(f"/leads/{free.pk}/edit/").context["form"].fields["owner"].queryset
    typed = fields_of(client.get(f"/leads/{held.pk}/edit/"))
    saved = client.post(f"/leads/{held.pk}/edit/", typed | {"topic": "Buses"})

    assert sam in offered and rita not in offered
    assert (typed["owner"], saved.status_code) == (rita.pk, 302)
    held.refresh_from_db()
    assert (held.owner, held.topic) == (rita, "Buses")


@pytest.mark.django_db
def test_a_lead_comes_back_only_after_its_contact():
    boss, nina = a_user(Role.SALES_MANAGER), create_contact(first_name="<b>Nina", last_name="Lind")
    lead, client = a_lead(nina), signed_in(boss)
    delete_leads([lead.pk], by=boss)
    delete_contacts([nina.pk], by=boss)

    page = client.post(f"/leads/{lead.pk}/restore/", follow=True).content.decode()
    assert "its contact, &lt;b&gt;Nina Lind, is deleted; restore the contact first." in page
    assert 'href="/contacts/deleted/"' in page
    assert "is back" not in page
    assert not Lead.objects.filter(deleted_at=None).exists()

    client.post(f"/contacts/{nina.pk}/restore/")
    back = client.post(f"/leads/{lead.pk}/restore/", follow=True)
    assert (back.status_code, Lead.objects.alive().get()) == (200, lead)


@pytest.mark.django_db
def test_contact_and_account_pages_show_their_leads():
    account = an_account()
    nina = a_contact(account=account)
    a_lead(nina, "Route planning"), a_lead(None, "Fleet", account=account)
    client = signed_in(a_user(Role.TELEPROSPECTOR))

    assert f"/leads/of/contact/{nina.pk}/" in client.get(f"/contacts/{nina.pk}/").content.decode()
    assert f"/leads/of/account/{account.pk}/" in client.get(f"/accounts/{account.pk}/").content.decode()
    assert "Route planning" in client.get(f"/leads/of/contact/{nina.pk}/").content.decode()
    both = client.get(f"/leads/of/account/{account.pk}/").content.decode()
    assert "Route planning" in both
    assert "Fleet" in both


@pytest.mark.django_db
def test_what_is_ready_is_asked_for_once_whoever_asks():
    sam = a_user(Role.SALESPERSON)
    client, ready = signed_in(sam), a_lead(a_contact(), sales_ready=True, sales_ready_at=timezone.now())
    a_lead(a_contact("Otto"), owner=sam)

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/leads/?sales_ready=yes")

    assert [row.pk for row in page.context["list"].rows] == [ready.pk]
    leads = 'SELECT "leads_lead"."id", "leads_lead"."deleted_at"'
    read = next(one["sql"] for one in queries if one["sql"].startswith(leads))
    assert read.partition(" WHERE ")[2].count('"sales_ready"') == 1
