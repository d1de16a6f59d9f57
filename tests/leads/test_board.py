"""The board of leads: columns with totals and limits, cards that know where they may go, at any size."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Role, User
from leadcrm.lib import boards
from leadcrm.lib.boards import CARDS
from leads.board import cards_of, places_of
from leads.models import Lead, Process, ProcessState, Status
from leads.services.ending import abandon
from leads.stages import ORDER
from tests.build import a_contact, a_lead, a_product, a_user

INQUIRY, MARKETING, ACCEPTANCE, CALLING, SALES = ORDER
pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def manager() -> Client:
    return signed_in(a_user(Role.SALES_MANAGER))


def columns_in(answer: Any) -> dict[str, list[int]]:
    return {column.place.key: [card.lead.pk for card in column.cards] for column in answer.context["columns"]}


def test_leads_stand_in_the_column_of_their_stage_with_count_and_worth() -> None:
    contact = a_contact()
    low, high = (a_lead(contact, score=score, estimated_value=100) for score in (5, 50))
    called = a_lead(contact, stage=CALLING)
    a_lead(contact, status=Status.QUALIFIED)
    gone = a_lead(contact, stage=SALES)
    abandon(gone.pk, by=a_user(), reason="No")

    answer = manager().get("/leads/board/")

    expected = {INQUIRY: [high.pk, low.pk], MARKETING: [], ACCEPTANCE: [], CALLING: [called.pk], SALES: []}
    assert columns_in(answer) == expected
    first = answer.context["columns"][0]
    assert (str(first.count), first.value) == ("2", 200)


def test_a_column_goes_on_where_it_ended_and_the_others_stay() -> None:
    contact = a_contact()
    leads = [a_lead(contact, score=score) for score in range(CARDS + 3)]
    client = manager()
    first = client.get("/leads/board/")
    more = first.context["columns"][0].next_url

    rest = client.get(f"/leads/board/{more}")
    part = client.get(f"/leads/board/{more}&column={INQUIRY}", headers={"HX-Request": "true"})

    assert columns_in(first)[INQUIRY] + columns_in(rest)[INQUIRY] == [lead.pk for lead in reversed(leads)]
    assert part.content.decode().count("data-card=") == 3
    assert "<html" not in part.content.decode()
    assert str(rest.context["columns"][0].count) == str(CARDS + 3)


def test_a_total_that_ended_at_its_bound_is_not_counted_again_within_a_minute(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "totals"}}
    monkeypatch.setattr(boards, "SOON", 2)
    contact, client = a_contact(), manager()
    for stage in (INQUIRY, INQUIRY, INQUIRY, CALLING):
        a_lead(contact, stage=stage, estimated_value=100)

    def totals() -> dict[str, tuple[str, Any]]:
        answer = client.get("/leads/board/")
        return {one.place.key: (str(one.count), one.value) for one in answer.context["columns"]}

    first = totals()
    a_lead(contact, stage=CALLING, estimated_value=100)
    with CaptureQueriesContext(connection) as queries:
        second = totals()

    [asked] = [query["sql"] for query in queries if "sum(found.worth)" in query["sql"]]
    assert (first[INQUIRY], first[CALLING]) == (("2+", None), ("1", 100))
    assert (second[INQUIRY], second[CALLING]) == (("2+", None), ("2", 200))
    assert (CALLING in asked, INQUIRY in asked) == (True, False)


def test_the_filters_of_the_list_narrow_it() -> None:
    contact, product = a_contact(), a_product()
    mine = a_lead(contact, product=product, rating="hot")
    a_lead(contact, rating="hot")

    answer = manager().get(f"/leads/board/?rating=hot&product={product.pk}&stage=sales_acceptance&status=any")

    assert columns_in(answer)[INQUIRY] == [mine.pk]
    assert columns_in(manager().get("/leads/board/?segment=999"))[INQUIRY] in ([], [mine.pk + 1, mine.pk])


def test_salespeople_see_what_they_see_in_the_list() -> None:
    sam = a_user(Role.SALESPERSON)
    own, ready = a_lead(owner=sam), a_lead(sales_ready=True, stage=SALES)
    a_lead()

    shown = columns_in(signed_in(sam).get("/leads/board/"))

    assert (shown[INQUIRY], shown[SALES]) == ([own.pk], [ready.pk])


def test_read_only_people_see_it_and_move_nothing() -> None:
    a_lead()
    page = signed_in(a_user(Role.READER)).get("/leads/board/")
    assert [card.targets for card in page.context["columns"][0].cards] == [[]]
    assert 'draggable="true"' not in page.content.decode()


def test_a_card_knows_where_it_may_go_and_what_stands_before_it() -> None:
    gate = {"fields": [{"name": "budget_amount", "required": True}], "hours": 1}
    off = {"used": False}
    process = Process.objects.create(
        name="Short", stages_stored={"marketing_qualification": gate, "teleprospecting_acceptance": off}
    )
    lead = a_lead(process=process, stage=MARKETING)
    ready = a_lead(process=process, stage=MARKETING, sales_ready=True, budget_amount=1)
    ended = a_lead(process=process, process_state=ProcessState.FINISHED)
    Lead.objects.filter(pk=lead.pk).update(stage_entered_at=lead.stage_entered_at - timedelta(hours=2))

    told = cards_of(list(Lead.objects.select_related("process").order_by("pk")), a_user(Role.ADMINISTRATOR))

    held, free, nowhere = told
    assert (held.can.split(), held.lacking, held.is_late) == ([CALLING, INQUIRY], ["Budget"], True)
    assert (free.can.split(), free.lacking, free.is_late) == ([CALLING, SALES, INQUIRY], [], False)
    assert (nowhere.lead, nowhere.targets) == (ended, [])
    assert ready.pk == free.lead.pk


def test_limits_and_names_are_those_of_the_one_process_in_view() -> None:
    limited = {"inquiry": {"name": "Asked", "most": 1}, "teleprospecting_acceptance": {"used": False}}
    Process.objects.update(stages_stored=limited)
    for _ in range(2):
        a_lead()

    page = manager().get("/leads/board/")

    assert [place.name for place in places_of(Process.objects.get())][:2] == [
        "Asked",
        "Automated marketing qualification",
    ]
    assert [column.is_over for column in page.context["columns"]] == [True, False, False, False]
    assert "Asked holds 2, more than the 1 it should." in page.content.decode()
    other = Process.objects.create(name="Other")
    assert len(manager().get("/leads/board/").context["columns"]) == 5
    assert columns_in(manager().get(f"/leads/board/?process={other.pk}"))[INQUIRY] == []


def test_a_refused_drop_says_which_field_is_missing_and_where_to_fill_it_in() -> None:
    gate = {"inquiry": {"fields": [{"name": "budget_amount", "required": True}]}}
    lead = a_lead(process=Process.objects.create(name="Gated", stages_stored=gate))
    client, address = manager(), f"/leads/{lead.pk}/move-on/"
    asked = {"HX-Request": "true", "Accept": "application/json"}

    refused = client.post(address, {"to": MARKETING}, headers=asked)

    assert refused.status_code == 409
    assert (refused.json()["error"], refused.json()["fields"]) == ("fields_missing", ["budget_amount"])
    assert client.get(f"/leads/{lead.pk}/stage/inquiry/").status_code == 200
    Lead.objects.update(budget_amount=1)
    assert client.post(address, {"to": MARKETING}, headers=asked).status_code == 204
    assert Lead.objects.get().stage == MARKETING


def test_the_menu_of_a_card_moves_it_without_scripts_and_comes_back_to_the_board() -> None:
    lead, client = a_lead(), manager()
    here = "/leads/board/?rating=hot"

    moved = client.post(f"/leads/{lead.pk}/move-on/", {"to": MARKETING, "next": here})
    back = client.get(f"/leads/{lead.pk}/move-back/?to={INQUIRY}&next={here}")

    assert moved.headers["Location"] == here
    assert back.context["form"]["to"].value() == INQUIRY


def test_it_costs_the_same_for_three_leads_and_for_hundreds(django_assert_max_num_queries) -> None:
    client, owner = manager(), a_user()
    contact, process = a_contact(), Process.objects.get(is_default=True)
    client.get("/leads/board/")
    counted: list[int] = []
    for number in (3, 150):
        Lead.objects.bulk_create(
            Lead(topic=f"{at}", contact=contact, owner=owner, process=process, stage=stage, score=at)
            for at in range(number)
            for stage in ORDER
        )
        with django_assert_max_num_queries(counted[0] if counted else 22) as queries:  # two of them savepoints
            client.get("/leads/board/")
        counted.append(len(queries))

    assert counted[1] <= counted[0]


def test_hostile_names_are_inert() -> None:
    a_lead(a_contact(first_name="<script>x</script>"), topic="<b>t</b>")
    page = manager().get("/leads/board/").content.decode()
    assert "<script>x" not in page
    assert "<b>t" not in page
