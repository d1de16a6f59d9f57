"""Rules that say so are asked again when a field of their condition changes, and about nothing that people decided."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Account, Change, ChangeConsumer, Contact, User
from leads.assignment.changed import fields_in
from leads.assignment.hearing import hear_some
from leads.assignment.keeping import remove_rule, save_rule
from leads.assignment.waiting import assign_due
from leads.models import AssignmentDue, AssignmentLog, AssignmentRule, Lead
from leads.services.closing import assign
from leads.services.editing_many import edit_leads
from leads.services.readiness import accept
from leads.services.records import update_lead
from tests.build import a_contact, an_account, an_interaction
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


EU = {
    "any": [
        {"field": "contact.country", "op": "is", "value": "DE"},
        {"field": "account.industry", "op": "is", "value": "Transport"},
    ]
}


def rules_of_the_contact() -> tuple[User, User]:
    """Leads of contacts in Germany, or of accounts in transport, are for Ann, all others for Ben."""
    ann, ben = who_sells(2)
    for rule, values in (
        (a_rule_for(ann, name="Near"), {"condition": EU, "asks_again": True}),
        (a_rule_for(ben, name="Others"), {"asks_again": True}),
    ):
        save_rule(rule, values)
    return ann, ben


def edited(lead: Lead, **values: Any) -> None:
    """The contact of a lead is edited by a program that knows nothing of rules."""
    assert lead.contact is not None
    Contact.objects.filter(pk=lead.contact.pk).update(**values)


def worked() -> None:
    while hear_some() or assign_due():
        pass


def test_edits_of_the_contact_and_its_account_are_heard_whoever_makes_them() -> None:
    ann, ben = rules_of_the_contact()
    account = an_account()
    one, two = becomes_ready(contact=a_contact()), becomes_ready(contact=a_contact("Otto", account=account))
    three = becomes_ready(contact=None, account=account)
    assert {lead.owner for lead in (one, two, three)} == {ben}

    edited(one, country="DE")
    worked()
    assert [lead.owner for lead in Lead.objects.order_by("pk")] == [ann, ben, ben]
    Account.objects.filter(pk=account.pk).update(industry="Transport")
    worked()
    assert [lead.owner for lead in Lead.objects.order_by("pk")] == [ann, ann, ann]
    edited(two, account=None)
    worked()
    assert [lead.owner for lead in Lead.objects.order_by("pk")] == [ann, ben, ann]
    log = AssignmentLog.objects.filter(lead=two).latest("pk")
    assert (log.occasion, log.rule_name) == ("changed", "Others")
    assert not Change.objects.filter(consumer="assignment").exists()


def test_what_no_rule_asks_for_is_not_asked_again_and_interactions_are_not_heard() -> None:
    rules_of_the_contact()
    lead = becomes_ready(contact=a_contact())
    edited(lead, city="Kiel")
    an_interaction(lead.contact)
    assert Change.objects.filter(consumer="assignment").count() == 1

    assert hear_some() == 1
    assert not AssignmentDue.objects.exists()


def test_nobody_hears_of_edits_once_no_rule_depends_on_them() -> None:
    rules_of_the_contact()
    contact = a_contact()
    assert ChangeConsumer.objects.get(name="assignment").facts is False
    Contact.objects.filter(pk=contact.pk).update(country="SE")
    remove_rule(AssignmentRule.objects.get(name="Near").pk)
    Contact.objects.filter(pk=contact.pk).update(country="FI")

    assert not ChangeConsumer.objects.filter(name="assignment").exists()
    assert not Change.objects.filter(consumer="assignment").exists()


def test_an_edit_of_many_contacts_is_heard_in_as_many_statements_as_of_one(django_assert_max_num_queries) -> None:
    ann, _ = rules_of_the_contact()
    leads = [becomes_ready(contact=a_contact("Otto", f"Ek{number}")) for number in range(12)]
    Contact.objects.update(country="DE")

    with django_assert_max_num_queries(12):
        assert hear_some() == 12
    worked()
    assert {lead.owner for lead in Lead.objects.filter(pk__in=[lead.pk for lead in leads])} == {ann}
