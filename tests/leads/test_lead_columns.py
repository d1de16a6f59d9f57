"""What a lead holds besides its stage: reasons, source, whether its owner has read it; as the database keeps them."""

from __future__ import annotations

import pytest

from contacts.models import Change
from leads.models import Lead, LeadSource, SourceType, StatusReason
from leads.models.code_lists import BY_THEMSELVES
from leads.services.closing import assign
from tests.build import a_lead, a_user


@pytest.mark.django_db
def test_a_lead_begins_new_by_marketing_and_read():
    lead = a_lead()

    now = Lead.objects.get(pk=lead.pk)
    assert (now.status_words, now.source_type, now.unread, now.recycled_count) == (
        "New",
        SourceType.MARKETING,
        False,
        0,
    )


@pytest.mark.django_db
def test_the_shipped_reasons_are_those_that_code_gives_leads():
    shipped = dict(StatusReason.objects.filter(pk__in=BY_THEMSELVES).values_list("pk", "name"))

    assert shipped == {1: "New", 2: "Contacted", 3: "Qualified", 6: "No longer interested"}
    assert StatusReason.objects.create(status="open", name="Nurturing").pk > 7


@pytest.mark.django_db
def test_a_reason_of_another_status_is_not_said():
    assert a_lead(status="disqualified").status_words == "Disqualified"


@pytest.mark.django_db
def test_a_lead_is_unread_for_each_new_owner_whoever_writes():
    sam, theo = a_user(), a_user()
    lead = a_lead()

    assign([lead.pk], to=sam, by=theo)
    assert Lead.objects.get(pk=lead.pk).unread

    Lead.objects.filter(pk=lead.pk).update(unread=False)
    Lead.objects.filter(pk=lead.pk).update(owner=theo)
    assert Lead.objects.get(pk=lead.pk).unread

    Lead.objects.filter(pk=lead.pk).update(owner=None)
    assert not Lead.objects.get(pk=lead.pk).unread
    assert Lead.objects.get(pk=a_lead(owner=sam).pk).unread


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["source", "source_type", "estimated_value"])
def test_scores_hear_when_a_fact_of_a_lead_changes(column):
    lead = a_lead()
    values = {"source": LeadSource.objects.first(), "source_type": SourceType.SALES, "estimated_value": 5000}
    Change.objects.all().delete()

    Lead.objects.filter(pk=lead.pk).update(**{column: values[column]})

    assert set(Change.objects.values_list("subject", "subject_id")) == {("lead", lead.pk)}
