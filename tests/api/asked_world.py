"""A small world in which whatever is asked for by chance exists, and what parts of addresses and values name in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.utils import timezone

from contacts.consent import asking
from contacts.consent.links import token_of as own_token
from contacts.models import Interaction, InteractionType, Role, User
from forms_intake import confirming
from forms_intake.events.tickets import token_of as ticket_of
from forms_intake.models import SubmissionState
from forms_intake.posts import new_token
from forms_intake.tracking.mails import Mail, signed_click, signed_pixel
from leads.models import LeadSource, Process
from leads.stages import Stage
from tests.ads.network import a_connector
from tests.api.calling import an_api
from tests.build import (
    a_campaign,
    a_closed_lead,
    a_contact,
    a_form,
    a_lead,
    a_product,
    a_purpose,
    a_reason,
    a_recycle_reason,
    a_segment,
    a_user,
    an_account,
    an_interaction,
    an_opportunity,
)
from tests.events.making import an_event, form_of, registers
from tests.forms_intake.posting import a_submission
from tests.landing.test_public_pages import an_image
from tests.landing.test_variants import under_test
from tests.tracking.browsing import HOME, a_cookie, a_page_rule, a_website


@dataclass
class World:
    """`ids`: by parameter or key of a body, what exists. `records`: what `{id}` may be, by how the address begins.
    `token` opens the API; `client` is nobody, `person` is signed in and has chosen an occasion.
    """

    token: str
    ids: dict[str, Any]
    records: dict[str, list[Any]]
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    person: Client = field(default_factory=lambda: Client(raise_request_exception=False))


def a_world() -> World:
    maria: User = a_user(Role.ADMINISTRATOR, first_name="Maria")
    account, contact = an_account(domain="nordwind.example"), a_contact(email="nina@nordwind.example")
    ready: dict[str, Any] = {"stage": Stage.SALES_ACCEPTANCE, "sales_ready": True, "sales_ready_at": timezone.now()}
    leads = [a_lead(contact, account=account, **ready), a_lead(contact), a_closed_lead(contact=contact)]
    purpose, form = a_purpose(), a_form(origins=[HOME])
    asked = asking.ask(contact=contact, purpose=purpose, version=None, how="centre")
    interaction: Interaction = an_interaction(contact, type=InteractionType.CALL)
    page = under_test(form)
    event = an_event(live=True)
    registration = registers(event)
    waits = a_submission(form, email="waits@nordwind.example", state=SubmissionState.UNCONFIRMED)
    website = a_website()
    a_page_rule(website)
    mail = Mail("autumn-7", "Route planning", timezone.now())
    world = World(
        token=an_api(user=maria).words,
        ids={
            "public_id": form.public_id,
            "slug": page.slug,
            "page": page.slug,
            "v": a_cookie(),
            "_page": page.slug,
            "_token": new_token(),
            "event_id": event.pk,
            "event_slug": event.slug,
            "event_form": form_of(event).public_id,
            "ticket": ticket_of(registration),
            "own_token": own_token(contact),
            "name": f"{an_image().key}-large.webp",
            "consent_token": asking.link_to(asked).rstrip("/").rsplit("/", 1)[1],
            "confirm_token": confirming.token_of(waits),
            "website": website.public_id,
            "pixel": signed_pixel(contact, mail).rsplit("/", 1)[1],
            "click": signed_click(contact, mail, "https://nordwind.example/").rstrip("/").rsplit("/", 1)[1],
            "hook": a_connector(by=maria).address,
            "form_id": form.pk,
            "contact_id": contact.pk,
            "contact_ids": [contact.pk],
            "account_id": account.pk,
            "owner_id": maria.pk,
            "product_id": a_product().pk,
            "campaign_id": a_campaign().pk,
            "marketing_context_id": form.marketing_context_id,
            "purpose_id": purpose.pk,
            "purpose": purpose.pk,
            "lead_id": leads[0].pk,
            "interaction_id": interaction.pk,
            "status_reason_id": a_reason().pk,
            "reason_id": a_recycle_reason().pk,
            "source_id": LeadSource.objects.values_list("pk", flat=True).first(),
            "process_id": Process.objects.values_list("pk", flat=True).first(),
        },
        records={
            "/api/v1/contacts": [contact.pk],
            "/api/v1/accounts": [account.pk],
            "/api/v1/leads": [one.pk for one in leads],
            "/api/v1/opportunities": [an_opportunity(contact=contact).pk],
            "/api/v1/segments": [a_segment(kind="static").pk],
            "/api/v1/submissions": [str(waits.public_id)],
        },
    )
    world.person.force_login(maria)
    chosen = {"source": "Stand B4", "did": "meeting", "leads_to": "catcher"}
    assert world.person.post("/capture/occasion/", chosen).status_code == 302
    return world
