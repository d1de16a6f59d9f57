"""Rows for generated conditions: the records they may refer to, and those they are asked of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction

from contacts.models import PARTS, Account, Campaign, Consent, Contact, Entity, Interaction, Team, Territory
from forms_intake.models import Submission
from leads.models import Lead
from segments.models import Membership, Segment, State, Subject
from tests.build import a_context, a_custom_field, a_form, a_page, a_product, a_user
from tests.leads.conditions.values import CHOICES, CUSTOM, KINDS


def what_may_be_referred_to() -> dict[str, list[int]]:
    """Every type of custom field on every record, and the ids to refer to."""
    for entity in Entity.values:
        for number, (key, kind) in enumerate(CUSTOM.items()):
            searchable = (number + len(entity)) % 2 == 0  # which is compared in another way
            a_custom_field(key, entity, kind, choices=CHOICES, searchable=searchable)
    start = Campaign.objects.create(name="a%b", code="no", active=False, starts_on=date(2026, 3, 29))
    other = Campaign.objects.create(name="Norway", ends_on=date(2026, 3, 28))
    form = a_form()
    return {
        "product": [a_product("no").pk, a_product().pk],
        "campaign": [start.pk, other.pk],
        **some_contexts(),
        "owner": [a_user().pk, a_user().pk],
        "team": [Team.objects.create(name=name).pk for name in ("no", "Norway")],
        "territory": [Territory.objects.create(name=name).pk for name in ("no", "Norway")],
        "form": [form.pk],
        "page": [a_page(form).pk],
        "segments of contacts": [some_segment("no", Subject.CONTACT), some_segment("Norway", Subject.CONTACT)],
        "segments of leads": [some_segment("é", Subject.LEAD), some_segment("a%b", Subject.LEAD)],
    }


def some_contexts() -> dict[str, list[int]]:
    """One of each of KINDS, come to through all parts and through a medium alone, and the parts."""
    parts = {part: [a_context(name, part) for name in ("no", "Norway")] for part in PARTS}
    through: list[dict[str, Any]] = [{part: some[0] for part, some in parts.items()}, {"medium": parts["medium"][1]}]
    contexts = [
        a_context(kind=kind, source_code=code, **more)
        for kind, code, more in zip(KINDS, ("Norway", ""), through, strict=True)
    ]
    found = {f"marketing_context.{part}": [one.pk for one in some] for part, some in parts.items()}
    return found | {"marketing_context": [one.pk for one in contexts]}


def some_segment(name: str, subject: Subject) -> int:
    return Segment.objects.create(name=name, subject=subject, state=State.LIVE).pk


@contextmanager
def standing(descriptions: list[dict[str, Any]]) -> Iterator[list[Lead]]:
    """The rows described, for as long as it lasts."""
    with transaction.atomic():
        account = contact = None
        for each in descriptions:
            own = Account.objects.create(**each["own_account"]) if each["own_account"] else None
            if not (account and each.get("same_account")):
                account = Account.objects.create(**each["contacts_account"]) if each["contacts_account"] else None
            if not (contact and each.get("same_contact")):
                contact = Contact.objects.create(account=account, **each["contact"]) if each["contact"] else None
            (lead,) = Lead.objects.bulk_create([Lead(contact=contact, account=own, **each["lead"])])
            Membership.objects.bulk_create(Membership(lead=lead, **one) for one in each.get("lead_in", ()))
            if contact:
                _around(contact, each)
        yield list(Lead.objects.select_related("contact__account", "account", "marketing_context"))
        transaction.set_rollback(True)


def _around(contact: Contact, each: dict[str, Any]) -> None:
    did = Interaction.objects.bulk_create(Interaction(contact=contact, **one) for one in each["interactions"])
    Consent.objects.bulk_create(Consent(contact=contact, **one) for one in each.get("consents", ()))
    Membership.objects.bulk_create(
        (Membership(contact=contact, **one) for one in each.get("contact_in", ())), ignore_conflicts=True
    )
    Submission.objects.bulk_create(
        Submission(contact=contact, public_id=uuid4(), payload={}, interaction=about, **one)
        for one, about in zip(each.get("submissions", ()), [*did, None, None], strict=False)
    )
