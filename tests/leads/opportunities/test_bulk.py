"""Many opportunities changed at once: what is refused is named with its reason, and nobody's edit is written over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.acting import acting
from contacts.models import Role, User
from leads.bulk.jobs import advance
from leads.models import BulkJob, Competitor, LostReason, Notice, Opportunity, OpportunityEvent
from leads.opportunities.closing import lose_many
from leads.opportunities.records import update_opportunity
from tests.build import a_user, an_account, an_opportunity

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(user: User, *some: Opportunity, **wanted: Any) -> Any:
    data = {"ids": [one.pk for one in some], "seen": [f"{one.pk}:{one.version}" for one in some], **wanted}
    return signed_in(user).post("/opportunities/bulk/", data, follow=True)


def reasons() -> list[str]:
    return list(BulkJob.objects.latest("pk").refusals.order_by("record_id").values_list("reason", flat=True))


def price() -> LostReason:
    return LostReason.objects.get_or_create(name="Price")[0]


def test_a_salesperson_gives_their_own_a_day_and_others_and_closed_ones_stay_and_are_named():
    sam = a_user()
    mine, theirs = an_opportunity("Mine", owner=sam), an_opportunity("Theirs", account=an_account("A", owner=sam))
    lost = an_opportunity("Lost", owner=sam)
    lose_many([lost.pk], by=sam, reason=price(), on=timezone.localdate())
    lost.refresh_from_db()
    hidden = an_opportunity("Secret", owner=a_user())
    day = date(2027, 3, 1)

    first = post(sam, mine, do="edit")
    assert "Expected close" in first.content.decode()
    asked = post(sam, mine, do="edit", field="expected_close", sure="1")
    assert 'name="expected_close"' in asked.content.decode()
    many = (mine, theirs, lost, hidden)
    page = post(sam, *many, do="edit", field="expected_close", expected_close=f"{day}", value_said="1", sure="1")

    assert "2 opportunities given expected close 2027-03-01" in page.content.decode()
    assert "2 stayed as they were" in page.content.decode()
    assert set(Opportunity.objects.filter(expected_close=day)) == {mine, theirs}
    assert reasons() == ["It is lost. Reopen it first.", "It is gone, or no longer yours to see."]
    told = signed_in(sam).get(f"/leads/bulk/jobs/{BulkJob.objects.get().pk}/").content.decode()
    assert f'href="/opportunities/{lost.pk}/"' in told
    assert "Secret" not in told


def test_a_ticked_one_that_somebody_edited_meanwhile_stays_and_the_others_are_changed():
    mona = a_user(Role.SALES_MANAGER)
    edited, other = an_opportunity("Edited"), an_opportunity("Other")
    with acting(lena := a_user(first_name="Lena", last_name="Lorenz"), cause="page:1"):
        update_opportunity(edited.pk, version=1, changes={"value": 5}, by=lena)

    post(mona, edited, other, do="edit", field="forecast", forecast="committed", value_said="1", sure="1")

    assert list(Opportunity.objects.filter(forecast="committed")) == [other]
    assert reasons() == ["Lena Lorenz changed it after you had opened the list."]


def test_all_of_a_list_are_moved_where_the_stage_lets_them_and_what_lacks_a_field_says_which():
    mona = a_user(Role.SALES_MANAGER)
    ready = an_opportunity("Ready", value=10, expected_close=timezone.localdate())
    lacking = an_opportunity("Lacking")
    there = an_opportunity("There", stage="propose")

    page = post(mona, do="move", scope="all", query="status=open", to="propose", reason="", sure="1")
    while advance():
        pass

    for one in (ready, lacking, there):
        one.refresh_from_db()
    assert (ready.stage, lacking.stage, there.version) == ("propose", "qualify", 1)
    assert reasons() == ["This opportunity cannot move to Propose: Value, Expected close must be known first."]
    assert page.redirect_chain[0][0] == f"/leads/bulk/jobs/{BulkJob.objects.get().pk}/"
    back = post(mona, ready, do="move", to="qualify", reason="", sure="1")
    assert "1 stayed" in back.content.decode() or "stayed as it was" in back.content.decode()
    post(mona, Opportunity.objects.get(pk=ready.pk), do="move", to="qualify", reason="Too early", sure="1")
    ready.refresh_from_db()
    assert ready.stage == "qualify"


def test_closed_as_lost_together_each_has_its_history_and_owner_and_managers_hear_of_it_once():
    mona, sam = a_user(Role.SALES_MANAGER), a_user()
    boss = a_user(Role.SALES_MANAGER)
    rival = Competitor.objects.create(name="Rival")
    some = [an_opportunity(f"Number {number}", owner=sam) for number in range(5)]
    own = an_opportunity("Named", owner=sam, competitor=Competitor.objects.create(name="Another"))

    late = {"do": "lose", "reason": price().pk, "sure": "1", "on": f"{timezone.localdate() + timedelta(days=1)}"}
    assert "This day is still to come" in post(mona, own, **late).content.decode()
    post(mona, *some, own, **{**late, "on": f"{timezone.localdate()}", "note": "Budget frozen"})

    assert Opportunity.objects.filter(status="lost", lost_reason=price(), stage="close").count() == 6
    own.refresh_from_db()
    assert own.competitor and own.competitor.name == "Another"
    assert rival.name != own.competitor.name
    closes = [one.closes.get() for one in some]
    assert {(one.from_stage, one.note, one.actor) for one in closes} == {("qualify", "Budget frozen", mona)}
    assert OpportunityEvent.objects.filter(kind="lost", actor=mona).count() == 6
    assert {(one.to, one.count) for one in Notice.objects.all()} == {(sam, 6), (boss, 6)}


def test_only_who_leads_sales_gives_many_to_others_and_who_does_not_sell_changes_none():
    mona, sam, lena = a_user(Role.SALES_MANAGER), a_user(), a_user()
    one = an_opportunity(owner=sam)

    assert post(sam, one, do="assign", owner=f"{lena.pk}").status_code == 403
    assert post(a_user(Role.MARKETER), one, do="edit", sure="1").status_code == 403
    assert b"/opportunities/bulk/" not in signed_in(a_user(Role.READER)).get("/opportunities/").content
    assert "Choose whom" in post(mona, one, do="assign", owner="").content.decode()
    post(mona, one, do="assign", owner=f"{lena.pk}")
    one.refresh_from_db()
    assert one.owner == lena
    assert post(mona, one, do="qualify", sure="1").status_code == 200
    assert BulkJob.objects.count() == 1


def test_as_many_statements_for_many_as_for_few():
    mona = a_user(Role.SALES_MANAGER)

    def asked(number: int) -> int:
        some = [an_opportunity(owner=mona) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            post(mona, *some, do="lose", reason=price().pk, on=f"{timezone.localdate()}", sure="1")
        return len(queries)

    few = asked(2)
    assert asked(30) == few
