"""The board of opportunities: open ones by stage, moved on by a drop, held where something must be known first."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User
from leads.models import Opportunity, PipelineStage
from leads.opportunities.board import cards_of
from leads.opportunities.gates import pipeline_settings
from leads.opportunities.stages import OpportunityStage
from tests.build import a_user, an_opportunity

pytestmark = pytest.mark.django_db
ASKED = {"HX-Request": "true", "Accept": "application/json"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_open_ones_stand_in_their_stage_with_what_they_are_worth() -> None:
    first, second = an_opportunity(value=100), an_opportunity(value=50)
    late = an_opportunity(stage=OpportunityStage.PROPOSE)
    an_opportunity(status="won", stage=OpportunityStage.CLOSE, closed_on=timezone.localdate(), actual_revenue=1)

    columns = signed_in(a_user(Role.SALES_MANAGER)).get("/opportunities/board/").context["columns"]

    ids = {column.place.key: {card.opportunity.pk for card in column.cards} for column in columns}
    assert ids == {"qualify": {first.pk, second.pk}, "develop": set(), "propose": {late.pk}, "close": set()}
    assert (str(columns[0].count), columns[0].value) == ("2", Decimal(150))


def test_a_drop_moves_on_and_is_refused_by_what_must_be_known_first() -> None:
    PipelineStage.objects.filter(stage="develop").update(required=["value"])
    one, client = an_opportunity(), signed_in(a_user(Role.SALES_MANAGER))
    address = f"/opportunities/{one.pk}/move/"

    refused = client.post(address, {"to": "develop"}, headers=ASKED)
    assert (refused.status_code, refused.json()["fields"]) == (409, ["value"])
    Opportunity.objects.update(value=5)
    assert client.post(address, {"to": "develop"}, headers=ASKED).status_code == 204

    assert Opportunity.objects.get().stage == "develop"


def test_who_may_not_work_on_it_is_offered_no_move_and_what_is_lacking_is_named() -> None:
    PipelineStage.objects.filter(stage="develop").update(required=["value"])
    one, settings = an_opportunity(owner=a_user()), pipeline_settings()

    (theirs,) = cards_of([one], a_user(), settings)
    (managed,) = cards_of([one], a_user(Role.SALES_MANAGER), settings)

    assert (theirs.can, managed.can, managed.lacking) == ("", "develop propose close", ["Value"])
    page = signed_in(a_user(Role.READER)).get("/opportunities/board/").content.decode()
    assert 'draggable="true"' not in page
