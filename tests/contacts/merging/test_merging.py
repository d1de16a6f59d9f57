"""Two contacts that are one person become one, with all that hangs on them, and two again if that was wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.errors import CannotRestore, ChangedMeanwhile
from contacts.merging.became import became_of
from contacts.merging.errors import CannotMerge, CannotUndoMerge
from contacts.merging.rehoming import name_of, pointing_at
from contacts.merging.service import merge_contacts, undo_merge
from contacts.merging.stragglers import fetch_stragglers
from contacts.models import (
    Change,
    ChangeConsumer,
    Contact,
    CustomFieldType,
    Entity,
    FieldChange,
    Interaction,
    InteractionType,
    MatchKey,
    Merge,
)
from contacts.services.consents import record_consent
from contacts.services.contacts import create_contact, delete_contacts, restore_contact, update_contact
from contacts.services.forgetting import forget
from forms_intake.models import Submission
from forms_intake.processing.work import process_next
from leads.models import Lead, LeadMatchKey, Task
from leads.services.records import create_lead
from segments.models import Kind, Membership, Pick
from segments.queue import hear, refresh_changes
from segments.services.picks import add
from tests.build import (
    a_context,
    a_custom_field,
    a_form,
    a_lead,
    a_model,
    a_rule,
    a_segment,
    a_user,
    an_interaction,
    an_opportunity,
)
from tests.forms_intake.posting import a_submission
from tests.scoring.helpers import live, score_of, work

pytestmark = pytest.mark.django_db


def stored(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def two(**more: Any) -> tuple[Contact, Contact]:
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example", **more)
    other = create_contact(first_name="N.", last_name="Lind", email="n.lind@home.example", phone="+49 30 123456")
    return nina, other


def test_all_that_hangs_on_one_is_the_others_afterwards_and_goes_back_when_it_is_undone():
    rita = a_user("sales_manager")
    nina, other = two()
    lead = create_lead(by=rita, contact_id=other.pk, topic="Routes", marketing_context_id=a_context().pk)
    visit = an_interaction(other)
    consent = record_consent(contact_id=other.pk, level=4)
    task = Task.objects.create(title="Call", contact=other)
    deal = an_opportunity(contact=other)
    post = a_submission(a_form(), email="n.lind@home.example")
    process_next()
    hers = [lead, visit, consent, task, deal, stored(post)]

    merge = merge_contacts(nina.pk, other.pk, take=["phone"], by=rita)

    assert {stored(one).contact_id for one in hers} == {nina.pk}
    assert not Interaction.objects.filter(contact=other).exists()
    assert (stored(nina).phone, stored(nina).phone_e164) == ("+49 30 123456", "+4930123456")
    assert stored(other).deleted_at is not None and became_of(Entity.CONTACT, other.pk) == nina.pk
    told = FieldChange.objects.get(subject="lead", subject_id=lead.pk, field="contact_id")
    assert (told.after, told.actor_id, told.cause) == (nina.pk, rita.pk, f"merge:{merge.pk}")

    later = an_interaction(nina)
    undo_merge(merge.pk, by=rita)

    assert {stored(one).contact_id for one in hers} == {other.pk}
    assert stored(later).contact_id == nina.pk
    assert (stored(nina).phone, stored(nina).phone_e164) == ("", "")
    assert stored(other).deleted_at is None and became_of(Entity.CONTACT, other.pk) is None


def test_whoever_was_known_by_the_other_is_found_as_the_survivor_even_after_an_edit():
    nina, other = two(external_id="N-1")
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    update_contact(nina.pk, version=stored(nina).version, changes={"city": "Kiel", "email": "nina@new.example"})

    form = a_form()
    a_submission(form, email="n.lind@home.example")
    process_next()

    assert Submission.objects.get().contact_id == nina.pk
    keys = {key.value: key.inherited for key in MatchKey.objects.filter(contact=nina)}
    assert keys == {"nina@new.example": False, "N-1": False, "n.lind@home.example": True}

    undo_merge(merge.pk, by=None)

    assert set(MatchKey.objects.values_list("value", "contact", "inherited")) == {
        ("nina@new.example", nina.pk, False),
        ("N-1", nina.pk, False),
        ("n.lind@home.example", other.pk, False),
    }


def test_the_identity_that_is_taken_from_the_other_goes_back_with_it():
    nina, other = two()
    merge = merge_contacts(nina.pk, other.pk, take=["email"], by=None)
    assert stored(nina).email == "n.lind@home.example"
    assert MatchKey.objects.get(value="nina@nordwind.example").inherited

    undo_merge(merge.pk, by=None)

    assert stored(nina).email == "nina@nordwind.example"
    assert MatchKey.objects.get(value="n.lind@home.example").contact_id == other.pk
    assert not MatchKey.objects.filter(inherited=True).exists()


def test_fields_that_somebody_changed_since_stay_when_a_merge_is_undone():
    a_custom_field("size", Entity.CONTACT, CustomFieldType.NUMBER)
    nina, other = two(city="Kiel")
    update_contact(other.pk, version=other.version, changes={"city": "Bonn", "country": "DE", "custom": {"size": 7}})
    take = ["city", "country", "custom.size"]
    merge = merge_contacts(nina.pk, other.pk, take=take, by=None)
    assert (stored(nina).city, stored(nina).custom) == ("Bonn", {"size": 7})
    update_contact(nina.pk, version=stored(nina).version, changes={"country": "AT"})

    undo_merge(merge.pk, by=None)

    assert (stored(nina).city, stored(nina).country, stored(nina).custom) == ("Kiel", "AT", {})


@pytest.mark.parametrize(
    ("ours", "theirs", "together"),
    [
        ([], [(4, True)], 4),
        ([(5, True)], [(2, True)], 2),
        ([(4, True)], [(4, True), (0, False)], 0),
        ([(4, True), (1, False)], [], 1),
        ([], [], 0),
    ],
)
def test_the_stricter_consent_holds_and_who_was_never_asked_has_said_nothing(ours, theirs, together):
    nina, other = two()
    for contact, said in ((nina, ours), (other, theirs)):
        for level, given in said:
            record_consent(contact_id=contact.pk, level=level, given=given)
    before = stored(nina).consent_level

    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)

    assert stored(nina).consent_level == together
    assert nina.consents.count() == len(ours) + len(theirs)
    undo_merge(merge.pk, by=None)
    assert stored(nina).consent_level == before


def test_two_open_leads_with_one_interest_stay_two_and_the_survivors_is_the_one_found():
    rita = a_user("sales_manager")
    nina, other = two()
    context = a_context()
    ours, theirs = (
        create_lead(by=rita, contact_id=one.pk, topic="Routes", marketing_context_id=context.pk)
        for one in (nina, other)
    )

    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)

    assert set(Lead.objects.filter(contact=nina)) == {ours, theirs}
    assert LeadMatchKey.objects.get().lead_id == ours.pk
    undo_merge(merge.pk, by=None)
    assert set(LeadMatchKey.objects.values_list("lead", flat=True)) == {ours.pk, theirs.pk}


def test_lists_kept_by_hand_follow_and_segments_are_refreshed_for_both():
    segment = a_segment(kind=Kind.STATIC, live=True)
    hear()
    nina, other = two()
    add(segment, [other.pk], by=None)

    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    while refresh_changes():
        pass

    assert [Pick.objects.get().contact_id, Membership.objects.get().contact_id] == [nina.pk, nina.pk]
    undo_merge(merge.pk, by=None)
    while refresh_changes():
        pass
    assert Membership.objects.get().contact_id == other.pk


def test_scores_of_both_are_computed_again_through_the_change_queue():
    ChangeConsumer.objects.get_or_create(name="scoring")
    nina, other = two()
    an_interaction(other)
    Change.objects.all().delete()

    merge_contacts(nina.pk, other.pk, take=[], by=None)

    assert {(one.subject, one.subject_id) for one in Change.objects.filter(consumer="scoring")} >= {
        ("contact", nina.pk),
        ("contact", other.pk),
    }


def test_scores_are_those_of_one_while_merged_and_of_two_once_it_is_undone_with_what_came_since():
    model = a_model()
    a_rule(model, 7, interaction_type=InteractionType.CALL)
    live(model)
    nina, other = two()
    lead, others = a_lead(nina), a_lead(other)
    an_interaction(nina, InteractionType.CALL)
    for _ in range(2):
        an_interaction(other, InteractionType.CALL)
    work()
    assert (score_of(lead), score_of(others)) == (7, 14)

    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    work()
    assert (score_of(lead), score_of(others)) == (21, 21)
    an_interaction(nina, InteractionType.CALL)  # since: it stays with the one that stays
    work()
    undo_merge(merge.pk, by=None)
    work()

    assert (score_of(lead), score_of(others)) == (14, 14)
    assert (stored(lead).contact_id, stored(others).contact_id) == (nina.pk, other.pk)


def test_what_cannot_be_merged_is_refused_by_name_and_nothing_changes():
    rita = a_user("sales_manager", first_name="Rita", last_name="Roth")
    nina, other = two()
    third = create_contact(email="third@x.example")
    with pytest.raises(ChangedMeanwhile):
        merge_contacts(nina.pk, other.pk, take=[], by=rita, versions=(nina.version, other.version + 1))
    with pytest.raises(CannotMerge, match="itself"):
        merge_contacts(nina.pk, nina.pk, take=[], by=rita)
    assert stored(other).deleted_at is None

    merge_contacts(nina.pk, other.pk, take=[], by=rita)

    with pytest.raises(CannotMerge, match=r"N\. Lind was merged into Nina Lind by Rita Roth already") as refused:
        merge_contacts(third.pk, other.pk, take=[], by=rita)
    assert refused.value.into_id == nina.pk
    with pytest.raises(CannotRestore, match="merged into Nina Lind"):
        restore_contact(other.pk, by=rita)
    delete_contacts([third.pk], by=rita)
    with pytest.raises(CannotMerge, match="deleted meanwhile"):
        merge_contacts(nina.pk, third.pk, take=[], by=rita)


def test_merges_are_undone_the_last_one_first_and_only_for_thirty_days():
    nina, other = two()
    third = create_contact(email="third@x.example")
    first = merge_contacts(nina.pk, other.pk, take=[], by=None)
    last = merge_contacts(third.pk, nina.pk, take=[], by=None)
    assert became_of(Entity.CONTACT, other.pk) == third.pk
    with pytest.raises(CannotUndoMerge, match="undo that first"):
        undo_merge(first.pk, by=None)
    undo_merge(last.pk, by=None)
    with pytest.raises(CannotUndoMerge, match="already"):
        undo_merge(last.pk, by=None)

    type(first).objects.filter(pk=first.pk).update(merged_at=timezone.now() - timedelta(days=31))
    with pytest.raises(CannotUndoMerge, match="thirty days"):
        undo_merge(first.pk, by=None)


def test_nothing_is_undone_while_the_survivor_has_the_others_identity():
    nina, other = two()
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    update_contact(nina.pk, version=stored(nina).version, changes={"email": "n.lind@home.example"})

    with pytest.raises(CannotUndoMerge, match=r"Nina Lind has the e-mail address n\.lind@home\.example by now"):
        undo_merge(merge.pk, by=None)
    assert stored(other).deleted_at is not None


def test_what_is_written_to_a_contact_that_is_gone_already_follows_it():
    nina, other = two()
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    late = an_interaction(other)
    assert fetch_stragglers() == 1
    assert stored(late).contact_id == nina.pk
    assert fetch_stragglers() == 0

    undo_merge(merge.pk, by=None)
    assert stored(late).contact_id == other.pk


def test_every_key_to_a_contact_is_moved_in_one_way_or_another():
    """A new one is moved as it is; whoever wants more than that names a mover."""
    names = {name_of(field) for field in pointing_at(Contact)}

    assert {"leads.Lead.contact", "leads.Task.contact", "forms_intake.Submission.contact"} <= names
    assert all(field.remote_field.field_name == "id" for field in pointing_at(Contact))


def test_what_cannot_be_undone_any_more_keeps_only_who_became_whom():
    nina, other = two(city="Kiel")
    an_interaction(other)
    done = merge_contacts(nina.pk, other.pk, take=["email"], by=None)
    long_ago = timezone.now() - timedelta(days=31)
    Merge.objects.update(merged_at=long_ago)
    Contact.objects.filter(pk=other.pk).update(deleted_at=long_ago)

    forget()

    done.refresh_from_db()
    assert (done.before, done.after, done.rows.count()) == ({}, {}, 0)
    assert not Contact.objects.filter(pk=other.pk).exists()
    assert became_of(Entity.CONTACT, other.pk) == nina.pk and nina.interactions.count() == 1
    Contact.objects.filter(pk=nina.pk).update(deleted_at=long_ago)
    forget()
    assert not Merge.objects.exists()


def test_who_asked_not_to_be_called_is_not_called_whatever_is_chosen():
    nina, other = two(do_not_email=True)
    update_contact(other.pk, version=other.version, changes={"do_not_call": True})

    merge = merge_contacts(nina.pk, other.pk, take=["do_not_email"], by=None)

    assert (stored(nina).do_not_call, stored(nina).do_not_email) == (True, True)
    undo_merge(merge.pk, by=None)
    assert (stored(nina).do_not_call, stored(nina).do_not_email) == (False, True)
