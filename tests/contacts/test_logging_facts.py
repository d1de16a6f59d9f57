"""Interactions and consents: added once, never lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contacts.errors import InvalidValues, RecordGone
from contacts.models import Change, Consent, ConsentLevel, Contact, Interaction, InteractionType
from contacts.services.consents import record_consent
from contacts.services.interactions import log_interaction
from tests.build import a_campaign, a_contact, a_context, a_product
from tests.threads import at_once


@pytest.mark.django_db
def test_an_interaction_keeps_the_campaign_and_product_of_its_context_and_is_queued():
    nina = a_contact()
    context = a_context(campaign=a_campaign(), product=a_product())

    made = log_interaction(contact_id=nina.pk, type=InteractionType.CALL, subject="Budget", marketing_context=context)

    assert (made.campaign, made.product) == (context.campaign, context.product)
    assert Change.objects.filter(subject="contact", subject_id=nina.pk).exists()


@pytest.mark.django_db
def test_a_repeat_gets_the_first_interaction():
    nina = a_contact()

    first = log_interaction(contact_id=nina.pk, type=InteractionType.CALL, dedupe_key="call 7")
    again = log_interaction(contact_id=nina.pk, type=InteractionType.CALL, dedupe_key="call 7", subject="Other")

    assert (again.pk, again.subject) == (first.pk, "")
    assert Interaction.objects.count() == 1


@pytest.mark.django_db
def test_what_cannot_be_logged_is_refused():
    gone = a_contact(deleted_at="2026-01-01T00:00Z")

    with pytest.raises(RecordGone):
        log_interaction(contact_id=gone.pk, type=InteractionType.CALL)
    with pytest.raises(InvalidValues):
        log_interaction(contact_id=a_contact().pk, type="telepathy")
    with pytest.raises(InvalidValues, match="not in 202"):
        log_interaction(contact_id=a_contact().pk, type="call", occurred_at=datetime(202, 3, 4, tzinfo=UTC))
    assert not Interaction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_deliveries_at_once_make_one_interaction():
    nina = a_contact()

    results = at_once(
        *(lambda: log_interaction(contact_id=nina.pk, type=InteractionType.CALL, dedupe_key="call 7") for _ in range(8))
    )

    assert {result.pk for result in results} == {Interaction.objects.get().pk}  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_consent_given_raises_the_level_and_withdrawn_lowers_it():
    nina = a_contact()

    levels = []
    for level, given in [(4, True), (2, True), (5, False), (1, False), (3, True)]:
        record_consent(contact_id=nina.pk, level=level, given=given, wording="I agree")
        levels.append(Contact.objects.get().consent_level)

    assert levels == [4, 4, 4, 1, 3]
    assert Consent.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_and_a_consent_at_once_leave_both_proofs_and_one_of_their_results():
    nina = a_contact(consent_level=ConsentLevel.MARKETING)

    at_once(
        lambda: record_consent(contact_id=nina.pk, level=0, given=False),
        lambda: record_consent(contact_id=nina.pk, level=5),
    )

    assert Contact.objects.get().consent_level in {0, 5}
    assert Consent.objects.count() == 2
