"""What a lead becomes when it is qualified, in one transaction; by two at once; and how that is taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contacts.errors import DuplicateContact
from contacts.models import Account, Contact, User
from contacts.services.contacts import create_contact, update_contact
from leads import match_keys
from leads.errors import InvalidValues, LeadIsClosed, RecordGone
from leads.models import Lead, LeadEvent, LeadMatchKey, Opportunity, ProcessState, Qualification, Status, Task
from leads.opportunities.errors import HasOpenOpportunity
from leads.opportunities.moves import move_opportunities
from leads.qualifying.errors import AlreadyQualified, CannotUndo
from leads.qualifying.service import qualify
from leads.qualifying.undo import undo_qualify, what_prevents
from leads.qualifying.wishes import SKIP, How, Wish, expected_close
from leads.services.closing import close, reopen
from tests.build import a_contact, a_lead, a_reason, a_user, an_account, an_interaction, an_opportunity
from tests.threads import at_once

pytestmark = pytest.mark.django_db
NEW_ONE = Wish(How.CREATE, values={"topic": "Route planning", "value": Decimal(900)})


def using(record: Any) -> Wish:
    return Wish(How.USE, record.pk)


def qualified(lead: Lead, by: User | None = None, **wishes: Any) -> Qualification:
    return qualify(lead.pk, by=by, **{"account": SKIP, "contact": SKIP, "opportunity": SKIP} | wishes)


def test_what_is_made_is_linked_and_keeps_the_originating_lead():
    sam = a_user()
    lead = a_lead(contact=None, account=an_account("Old name"), owner=sam)
    account = Wish(How.CREATE, values={"name": "Nordwind", "domain": "nordwind.example"})
    contact = Wish(How.CREATE, values={"first_name": "Nina", "last_name": "Lind", "email": "nina@nordwind.example"})

    done = qualified(lead, sam, account=account, contact=contact, opportunity=NEW_ONE)

    lead.refresh_from_db()
    made = Opportunity.objects.get()
    person = Contact.objects.get()
    assert (lead.status, lead.contact, lead.process_state) == (Status.QUALIFIED, person, ProcessState.FINISHED)
    assert person.account is not None and person.account.name == "Nordwind"
    assert (made.lead, made.contact, made.account, made.stage) == (lead, person, person.account, "qualify")
    assert (done.made_account, done.made_contact, done.made_opportunity, done.actor) == (True, True, True, sam)
    assert Qualification.objects.get(contact=person, account=person.account, opportunity=made).lead == lead


def test_what_is_there_is_used_and_is_no_longer_for_marketing_only():
    account, person = an_account(), a_contact(marketing_only=True)
    lead, begun = a_lead(person), an_opportunity(account=account)
    match_keys.claim_for([lead])

    done = qualified(lead, account=using(account), contact=using(person), opportunity=using(begun))

    person.refresh_from_db()
    begun.refresh_from_db()
    assert (person.marketing_only, person.account) == (False, account)
    assert (done.was_marketing_only, done.joined_account, done.made_contact) == (True, True, False)
    assert (Opportunity.objects.count(), begun.lead) == (1, lead)
    assert not LeadMatchKey.objects.filter(lead=lead).exists()


def test_all_can_be_left_be():
    person = a_contact(marketing_only=True)
    lead = a_lead(person)

    qualified(lead)

    person.refresh_from_db()
    lead.refresh_from_db()
    assert (lead.status, person.marketing_only, Opportunity.objects.count()) == (Status.QUALIFIED, True, 0)


def test_whom_an_opportunity_is_made_for_is_no_longer_for_marketing_only_until_that_is_undone():
    person, sam = a_contact(marketing_only=True), a_user()
    lead = a_lead(person)

    done = qualified(lead, opportunity=NEW_ONE)

    person.refresh_from_db()
    assert (person.marketing_only, done.was_marketing_only, Opportunity.objects.get().contact) == (False, True, person)
    undo_qualify(lead.pk, by=sam)
    person.refresh_from_db()
    assert person.marketing_only


def test_what_cannot_be_makes_nothing_at_all():
    create_contact(last_name="Lind", email="nina@nordwind.example")
    lead = a_lead(a_contact())
    account = Wish(How.CREATE, values={"name": "Nordwind"})
    taken = Wish(How.CREATE, values={"last_name": "Other", "email": "nina@nordwind.example"})

    with pytest.raises(DuplicateContact):
        qualified(lead, account=account, contact=taken, opportunity=NEW_ONE)
    with pytest.raises(InvalidValues):
        qualified(lead, account=account, opportunity=Wish(How.CREATE, values={"topic": ""}))
    with pytest.raises(RecordGone):
        qualified(lead, account=account, contact=using(a_contact()), opportunity=Wish(How.USE, 0))

    lead.refresh_from_db()
    assert (lead.is_open, Account.objects.count(), Qualification.objects.count()) == (True, 0, 0)


def test_the_second_is_told_who_was_first_and_a_disqualified_one_stays_closed():
    sam, lead, lost = a_user(first_name="Sam"), a_lead(), a_lead()
    qualified(lead, sam)
    close(lost.pk, by=sam, status=Status.DISQUALIFIED, reason=a_reason(), note="Is a student")

    with pytest.raises(AlreadyQualified, match="Sam has qualified this lead already"):
        qualified(lead, a_user())
    with pytest.raises(LeadIsClosed):
        qualified(lost)


@pytest.mark.django_db(transaction=True)
def test_of_five_at_once_one_qualifies_and_nothing_is_made_twice():
    lead = a_lead(a_contact())
    people = [a_user(first_name=f"P{number}") for number in range(5)]
    contact = Wish(How.CREATE, values={"last_name": "Lind", "email": "nina@nordwind.example"})
    account = Wish(How.CREATE, values={"name": "Nordwind", "domain": "nordwind.example"})
    wishes: dict[str, Any] = {"account": account, "contact": contact, "opportunity": NEW_ONE}

    answers = at_once(*(lambda user=user: qualify(lead.pk, by=user, **wishes) for user in people))

    [done] = [answer for answer in answers if isinstance(answer, Qualification)]
    refused = [answer for answer in answers if isinstance(answer, AlreadyQualified)]
    assert {one.by for one in refused} == {str(done.actor)} and len(refused) == 4
    assert (Opportunity.objects.count(), Account.objects.count(), Contact.objects.count()) == (1, 1, 2)


def test_undone_what_it_made_is_gone_and_the_lead_is_as_it_was():
    sam, person = a_user(), a_contact(marketing_only=True)
    lead = a_lead(person, stage="sales_acceptance", accepted_by=sam, owner=sam)
    account = Wish(How.CREATE, values={"name": "Nordwind"})
    done = qualified(lead, sam, account=account, contact=using(person), opportunity=NEW_ONE)

    undo_qualify(lead.pk, by=sam)

    lead.refresh_from_db()
    person.refresh_from_db()
    assert (lead.is_open, lead.stage, lead.process_state, lead.contact) == (
        True,
        "sales_acceptance",
        ProcessState.ACTIVE,
        person,
    )
    assert (person.marketing_only, person.account_id) == (True, None)
    assert not Opportunity.objects.alive().exists()
    assert not Account.objects.alive().exists()
    assert LeadMatchKey.objects.filter(lead=lead).count() == len(
        match_keys.keys_of(match_keys.values_of(lead), match_keys.kinds_in_use())
    )
    done.refresh_from_db()
    assert (done.undone_by, LeadEvent.objects.filter(lead=lead, kind="reopened").count()) == (sam, 1)
    with pytest.raises(CannotUndo, match="taken it back already"):
        undo_qualify(lead.pk, by=sam)


def test_a_contact_that_was_made_goes_and_the_one_before_is_back():
    before = a_contact("Old", "One")
    lead = a_lead(before)
    made = Wish(How.CREATE, values={"last_name": "Lind", "email": "nina@nordwind.example"})
    qualified(lead, contact=made, opportunity=NEW_ONE)

    undo_qualify(lead.pk, by=a_user())

    lead.refresh_from_db()
    assert lead.contact == before
    assert list(Contact.objects.alive()) == [before]
    assert not LeadEvent.objects.filter(lead=lead, kind="deleted").exists()
    create_contact(last_name="Lind", email="nina@nordwind.example")  # its address is free


@pytest.mark.parametrize("built", ["moved", "edited", "interaction", "lead", "task", "contact", "reopened"])
def test_what_was_built_on_it_prevents_undoing_and_is_said(built):
    lead = a_lead(a_contact())
    account = Wish(How.CREATE, values={"name": "Nordwind"})
    contact = Wish(How.CREATE, values={"last_name": "Lind", "email": "nina@nordwind.example"})
    done = qualified(lead, account=account, contact=contact, opportunity=NEW_ONE)
    person, made = done.contact, done.opportunity
    assert person is not None and made is not None
    match built:
        case "moved":
            move_opportunities([made.pk], "develop", by=None)
            said = "The opportunity Route planning was changed since."
        case "edited":
            update_contact(person.pk, version=person.version, changes={"job_title": "Buyer"})
            said = "The contact Lind was changed since."
        case "interaction":
            an_interaction(person)
            said = "The contact Lind has 1 interaction by now."
        case "lead":
            a_lead(person)
            said = "The contact Lind has 1 lead by now."
        case "task":
            Task.objects.create(title="Call", contact=person)
            said = "The contact Lind has 1 task by now."
        case "contact":
            a_contact(account=done.account)
            said = "The account Nordwind has 1 contact by now."
        case _:
            reopen(lead.pk, by=None, reason="Too early")
            close(lead.pk, by=None, status=Status.QUALIFIED, note="Now")
            said = "The lead was opened and closed again since."

    assert what_prevents(done) == [said]
    with pytest.raises(CannotUndo, match="cannot be undone"):
        undo_qualify(lead.pk, by=a_user())

    lead.refresh_from_db()
    assert (lead.status, Opportunity.objects.alive().count()) == (Status.QUALIFIED, 1)


def test_marketing_only_is_not_put_back_where_another_lead_was_qualified_with_that_contact():
    person = a_contact(marketing_only=True)
    first, second = a_lead(person), a_lead(person)
    qualified(first, contact=using(person))
    qualified(second, contact=using(person))

    undo_qualify(first.pk, by=a_user())

    person.refresh_from_db()
    assert person.marketing_only is False


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_undoes_last_of_two_with_one_contact_puts_back_what_the_first_one_changed(order):
    person, account = a_contact(marketing_only=True), an_account()
    leads = [a_lead(person), a_lead(person)]
    for lead in leads:
        qualified(lead, account=using(account), contact=using(person))

    undo_qualify(leads[order[0]].pk, by=a_user())
    person.refresh_from_db()
    assert (person.marketing_only, person.account) == (False, account)

    undo_qualify(leads[order[1]].pk, by=a_user())
    person.refresh_from_db()
    assert (person.marketing_only, person.account) == (True, None)


def test_a_contact_with_an_open_opportunity_stays_with_sales_when_qualifying_is_undone():
    person, account = a_contact(marketing_only=True), an_account()
    lead = a_lead(person)
    qualified(lead, account=using(account), contact=using(person), opportunity=NEW_ONE)
    an_opportunity(contact=person)

    undo_qualify(lead.pk, by=a_user())

    person.refresh_from_db()
    assert (person.marketing_only, person.account) == (False, account)


def test_an_account_that_was_made_leaves_the_contact_even_of_two_leads():
    person = a_contact()
    first, second = a_lead(person), a_lead(person)
    qualified(first, account=Wish(How.CREATE, values={"name": "Nordwind"}), contact=using(person))
    qualified(second, contact=using(person))

    undo_qualify(first.pk, by=a_user())

    person.refresh_from_db()
    assert person.account is None


def test_an_opportunity_that_was_used_has_its_next_originating_lead_or_none_again():
    begun, elsewhere = an_opportunity(), a_lead()
    owned = an_opportunity(lead=elsewhere)
    first, second, third = a_lead(), a_lead(), a_lead()
    qualified(first, opportunity=using(begun))
    qualified(second, opportunity=using(begun))
    qualified(third, opportunity=using(owned))

    origins = []
    for lead in (first, second, third):
        undo_qualify(lead.pk, by=a_user())
        origins.append(Opportunity.objects.values_list("lead", flat=True).get(pk=begun.pk))

    assert origins == [second.pk, None, None]
    owned.refresh_from_db()
    assert owned.lead == elsewhere
    close(first.pk, by=None, status=Status.DISQUALIFIED, reason=a_reason(), note="Lost")


def test_a_lead_with_an_open_opportunity_is_not_disqualified():
    lead = a_lead()
    begun = an_opportunity("Forty lorries", lead=lead)

    with pytest.raises(HasOpenOpportunity, match=rf"Forty lorries \(#{begun.pk}\)"):
        close(lead.pk, by=None, status=Status.DISQUALIFIED, reason=a_reason(), note="Lost")

    Opportunity.objects.update(deleted_at="2026-11-01T00:00Z")
    close(lead.pk, by=None, status=Status.DISQUALIFIED, reason=a_reason(), note="Lost")


def test_when_somebody_wants_to_buy_says_when_it_may_close(monkeypatch):
    monkeypatch.setattr("leads.qualifying.wishes.timezone.localdate", lambda: date(2026, 11, 28))

    assert [str(expected_close(when)) for when in ("immediate", "this_quarter", "next_quarter", "this_year", "")] == [
        "2026-12-28",
        "2026-12-31",
        "2027-03-31",
        "2026-12-31",
        "None",
    ]
