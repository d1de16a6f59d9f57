"""Rules that say so are asked again when a field of their condition changes, and about nothing that people decided."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import User
from leads.assignment.changed import fields_in
from leads.assignment.waiting import assign_due
from leads.models import AssignmentDue, AssignmentLog, Lead
from leads.services.closing import assign
from leads.services.editing_many import edit_leads
from leads.services.readiness import accept
from leads.services.records import update_lead
from tests.leads.assignment_rules import a_manager, a_rule_for, becomes_ready, who_sells

pytestmark = pytest.mark.django_db
HOT = {"field": "rating", "op": "is", "value": "hot"}


def two_rules(**more: Any) -> tuple[User, User]:
    """Hot leads are for Ann, all others for Ben."""
    ann, ben = who_sells(2)
    a_rule_for(ann, name="Hot", condition=HOT, **{"asks_again": True, **more})
    a_rule_for(ben, name="Others", **{"asks_again": True, **more})
    return ann, ben


def rated(lead: Lead, rating: str, by: User | None = None) -> User | None:
    """Whose it is once its rating was edited and the worker has done what is due."""
    lead.refresh_from_db()
    update_lead(lead.pk, version=lead.version, changes={"rating": rating}, by=by)
    while assign_due():
        pass
    lead.refresh_from_db()
    return lead.owner


def test_a_lead_goes_to_whom_the_rules_would_give_it_now_and_the_log_says_why() -> None:
    ann, ben = two_rules()
    lead = becomes_ready()
    assert lead.owner == ben

    assert rated(lead, "hot") == ann
    log = AssignmentLog.objects.filter(lead=lead).latest("pk")
    assert (log.occasion, log.rule_name, log.winner, log.previous) == ("changed", "Hot", ann, ben)
    assert rated(lead, "cold") == ben
    assert rated(lead, "warm") == ben


def test_nothing_is_asked_where_no_rule_wants_to_be_or_asks_for_the_field() -> None:
    _, ben = two_rules(asks_again=False)
    lead = becomes_ready()
    assert rated(lead, "hot") == ben

    a_rule_for(ben, name="Topics", condition={"field": "topic", "op": "contains", "value": "x"}, asks_again=True)
    lead.refresh_from_db()
    update_lead(lead.pk, version=lead.version, changes={"rating": "cold"})
    assert not AssignmentDue.objects.exists()


@pytest.mark.parametrize("how", ["accepted", "given by hand", "given by hand to the same"])
def test_what_people_decided_stays(how: str) -> None:
    ann, ben = two_rules()
    lead, mona = becomes_ready(), a_manager()
    if how == "accepted":
        accept(lead.pk, by=ben)
    else:
        to = ben if how.endswith("same") else mona
        if to == ben:
            assign([lead.pk], to=ann, by=mona)
        assign([lead.pk], to=to, by=mona)
    before = Lead.objects.get(pk=lead.pk).owner

    assert rated(lead, "hot", by=mona) == before


def test_many_leads_that_are_edited_at_once_are_asked_about_too() -> None:
    ann, _ = two_rules()
    leads = [becomes_ready() for _ in range(3)]
    edit_leads(list(Lead.objects.order_by("pk")), changes={"rating": "hot"})
    while assign_due():
        pass

    assert {lead.owner for lead in Lead.objects.filter(pk__in=[one.pk for one in leads])} == {ann}


def test_fields_of_a_condition_are_found_wherever_it_names_them() -> None:
    tree = {"all": [HOT, {"not": {"any": [{"field": "custom.size", "op": "is", "value": "field"}]}}]}
    assert set(fields_in(tree)) == {"rating", "custom"}
