"""A new lead matching strategy: open leads get its keys in the background."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from leads.models import LeadMatchingStrategy, LeadMatchKey, Status
from leads.tasks import backfill_strategies
from tests.admin.pages import address, fields_on
from tests.build import a_contact, a_lead, a_product, a_user

pytestmark = pytest.mark.django_db


def test_open_leads_get_the_keys_of_a_new_strategy_the_oldest_first(client: Client) -> None:
    nina, routes = a_contact(), a_product("Routes")
    older, _ = a_lead(nina, product=routes), a_lead(nina, product=routes)
    a_lead(product=routes, status=Status.DISQUALIFIED, closed_at=timezone.now())
    a_lead(product=routes, deleted_at=timezone.now())
    client.force_login(a_user(Role.ADMINISTRATOR))
    where = address(LeadMatchingStrategy, "add")
    client.post(where, fields_on(client.get(where), name="By product", attributes=["contact", "product"]))
    LeadMatchingStrategy.objects.filter(name="By product").update(created_at=timezone.now() - timedelta(minutes=1))

    backfill_strategies()

    key = LeadMatchKey.objects.get()
    assert (key.lead, key.kind, key.value) == (older, "contact+product", f"{nina.pk}+{routes.pk}")
    assert LeadMatchingStrategy.objects.get(name="By product").backfilled_at is not None
