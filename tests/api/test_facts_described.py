"""What webhooks send is as the OpenAPI description and the page of the API say."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.utils import timezone

from contacts.merging.accounts import merge_accounts
from contacts.merging.service import merge_contacts
from contacts.models import Role
from contacts.services.accounts import update_account
from contacts.services.contacts import create_contact, delete_contacts, update_contact
from forms_intake.events.acting import cancel, check_in
from forms_intake.models import Submission
from forms_intake.processing.record import mark_failed
from leadcrm.api.assembly import v1
from leadcrm.webhooks.delivering import hand_on
from leadcrm.webhooks.described import FIELDS
from leadcrm.webhooks.kinds import KINDS
from leadcrm.webhooks.models import Delivery
from leadcrm.webhooks.subscriptions import subscribe
from leads.models import LostReason
from leads.opportunities.closing import lose, win
from leads.opportunities.moves import move_opportunities
from leads.services.deleting import delete_leads, restore_lead
from tests.api.calling import an_api
from tests.build import a_form, a_lead, a_recycle_reason, a_segment, a_user, an_account, an_opportunity
from tests.events.making import an_event, registers
from tests.segments.members import settle

pytestmark = pytest.mark.django_db


def what_happens() -> None:
    """A bit of everything that is told."""
    sam, by = a_user(Role.SALESPERSON), a_user(Role.SALES_MANAGER)
    a_segment("Norway", {"field": "contact.country", "op": "is", "value": "NO"}, announce=True)
    nina = create_contact(first_name="Nina", email="nina@example.com", country="NO")
    settle()
    update_contact(nina.pk, version=1, changes={"city": "Oslo", "country": "SE"})
    settle()
    mara = create_contact(first_name="Mara", email="mara@example.com")
    merge_contacts(nina.pk, mara.pk, take=[], by=by)
    delete_contacts([create_contact(email="pia@example.com").pk], by=by)
    update_account(an_account("Three").pk, version=1, changes={"city": "Oslo"})
    event = an_event(capacity=1, by=by)
    first, second = registers(event, "anna"), registers(event, "berta")
    cancel([first.pk], by=by)
    check_in([second.pk], by=by)
    asks = an_event(capacity=1, waitlist="invite", by=by)
    first, _ = registers(asks, "carl"), registers(asks, "dora")
    cancel([first.pk], by=by)
    merge_accounts(an_account("One").pk, an_account("Two").pk, take=[], by=by)
    mark_failed({Submission.objects.create(form=a_form(), public_id="0" * 32, payload={}).pk: "No e-mail address."})

    manager, seller, lead = an_api(Role.SALES_MANAGER), an_api(user=sam), a_lead(nina)
    for call, said in (
        ("sales-ready", {"reason": "They called"}),
        ("return", {"reason_id": a_recycle_reason().pk}),
        ("sales-ready", {"reason": "Again"}),
    ):
        assert manager.post(f"/leads/{lead.pk}/{call}", said).status_code == 200
    assert seller.post(f"/leads/{lead.pk}/accept").status_code == 200
    assert manager.post(f"/leads/{lead.pk}/close", {"status": "qualified"}).status_code == 200
    assert manager.post(f"/leads/{lead.pk}/reopen", {"reason": "Back"}).status_code == 200
    delete_leads([lead.pk], by=by)
    restore_lead(lead.pk, by=by)

    won, lost = an_opportunity(), an_opportunity()
    move_opportunities([won.pk], "develop", by=by)
    win(won.pk, by=by, revenue=Decimal(10), on=timezone.localdate())
    lose(lost.pk, by=by, reason=LostReason.objects.all()[0], on=timezone.localdate())


def test_every_fact_that_is_sent_is_as_it_is_described(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    subscribe(name="CRM", url="http://127.0.0.1:9999/in", kinds=list(KINDS), by=a_user(Role.ADMINISTRATOR))
    described = v1.get_openapi_schema()
    what_happens()
    hand_on()

    seen = set()
    for one in Delivery.objects.all():
        said = described["webhooks"][one.kind]["post"]["requestBody"]["content"]["application/json"]["schema"]
        schema = {**said, "components": described["components"]}
        found = list(jsonschema_rs.validator_for(schema).iter_errors(json.loads(one.body)))
        assert not found, (one.kind, found[0].message)
        seen.add(one.kind)
    assert set(FIELDS) == set(KINDS) and KINDS.keys() - seen == {
        "contact.erased",
        "lead.qualified",
        "opportunity.created",
    }


def test_the_page_of_the_api_says_what_webhooks_send(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))
    page = client.get("/integrations/reference/").content.decode()

    assert all(f"<code>{kind}</code>" in page for kind in KINDS)
    assert 'id="fact-leadsales_ready"' in page and "sales_ready_at" in page
    assert "/integrations/reference/#facts" in client.get("/integrations/webhooks/new/").content.decode()
