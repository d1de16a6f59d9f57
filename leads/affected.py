"""From what changed to the leads it may say something new about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from leadcrm.lib.arrays import numbers
from leads.models import Lead


def leads_of_subjects(subjects: Mapping[str, Collection[int]]) -> list[int]:
    """The ids of the leads that these contacts, accounts and leads (ids by `Entity`) may say something new about.

    A lead without a contact depends on every contact of its account, so a contact leads there too.
    """
    ids = set(subjects["lead"])
    if subjects["contact"]:
        contacts = numbers(subjects["contact"])
        of_contacts = Lead.objects.filter(contact__id__any_of=contacts)
        of_companies = Lead.objects.filter(contact=None, account__contacts__id__any_of=contacts)
        ids.update(of_contacts.order_by().values_list("id", flat=True))
        ids.update(of_companies.order_by().values_list("id", flat=True))
    if subjects["account"]:
        accounts = numbers(subjects["account"])
        of_people = Lead.objects.filter(contact__account__id__any_of=accounts)
        of_accounts = Lead.objects.filter(account__id__any_of=accounts)
        ids.update(of_people.order_by().values_list("id", flat=True))
        ids.update(of_accounts.order_by().values_list("id", flat=True))
    return sorted(ids)
