"""One record of each kind behind the addresses of the product, and the addresses of them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from contacts.merging.accounts import merge_accounts
from contacts.merging.service import merge_contacts
from contacts.models import (
    Absence,
    Account,
    AccountPair,
    Contact,
    DataRequest,
    DuplicatePair,
    Entity,
    Role,
    SavedView,
    Sharing,
    Team,
    Territory,
    User,
)
from contacts.pickers import shown
from contacts.services import accounts, contacts
from contacts.services.strategies import create_strategy
from forms_intake.ads.setting_up import make_connector
from forms_intake.events.tickets import code_of, token_of
from forms_intake.mailbox.parsing import as_json, parse
from forms_intake.models import (
    AdLead,
    EventRegistration,
    FormCapture,
    ImportRun,
    MailMessage,
    PageImage,
    SavedMapping,
    Submission,
    Visit,
    Visitor,
    Website,
)
from leadcrm.api.tokens import make_token
from leadcrm.webhooks.models import Delivery, Subscription
from leads.attachments.service import attach
from leads.models import AssignmentRule, AssignmentRun, BulkJob, BulkWhat, Lead, Notice, NoticeKind, Process, Task
from leads.opportunities.records import delete_opportunities
from leads.services.comments import add_comment
from leads.services.deleting import delete_leads
from leads.stages import Stage
from scoring.rehearsal.models import Rehearsal
from segments.services.lifecycle import delete_segment
from tests.build import (
    a_campaign,
    a_contact,
    a_context,
    a_form,
    a_lead,
    a_model,
    a_page,
    a_purpose,
    a_rule,
    a_segment,
    a_user,
    an_account,
    an_opportunity,
)
from tests.events.making import a_session, an_event
from tests.mailbox.servers import a_mail, a_mailbox
from tests.mailbox.servers import a_rule as a_mail_rule
from tests.tracking.browsing import a_page_rule, a_website

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass
class World:
    """`ids`: the value of a parameter by where its address begins and its name; `hidden`: the same for what a
    salesperson must not reach, `gone` for what was deleted; `sent` what goes along
    with an address that means nothing without.
    """

    ids: dict[tuple[str, str], Any] = field(default_factory=dict)
    hidden: dict[tuple[str, str], Any] = field(default_factory=dict)
    gone: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take_in(self, part: World) -> None:
        """Add what another part of the world is made of."""
        self.ids |= part.ids
        self.hidden |= part.hidden
        self.gone |= part.gone
        self.sent |= part.sent

    def path(self, route: str) -> str:
        """An address of `route` with records that everybody may see."""
        place = route.split("/")[0]
        if not route.endswith("/restore/") or place not in self.gone:
            return self._filled(route, self.ids)
        return self._filled(route, {(place, name): self.gone[place] for name in PARAMETER.findall(route)})

    def path_of_hidden(self, route: str) -> str | None:
        """An address of `route` that names something a salesperson must not reach; None when it names nothing so."""
        place = route.split("/")[0]
        names = {(place, name) for name in PARAMETER.findall(route)}
        return self._filled(route, self.ids | self.hidden) if names & set(self.hidden) else None

    def _filled(self, route: str, ids: dict[tuple[str, str], Any]) -> str:
        place = route.split("/")[0]
        return "/" + PARAMETER.sub(lambda found: str(ids[place, found[1]]), route)


@dataclass(frozen=True)
class Known:
    """What several parts of the world are about: `lead` everybody may see; `hidden` is a manager's, `anna`'s, about a
    contact that is kept for marketing only.
    """

    anna: User
    account: Account
    contact: Contact
    lead: Lead
    hidden: Lead


def a_pair() -> DuplicatePair:
    return DuplicatePair.objects.create(first=a_contact(), second=a_contact(), likeness=60, reasons=["name"])


def an_account_pair() -> AccountPair:
    return AccountPair.objects.create(
        first=an_account("Nordwind"), second=an_account("Nordwind AG"), likeness=60, reasons=["bare_name"]
    )


def a_world() -> World:
    """One record of each kind, room by room."""
    known = known_to_all()
    world = World()
    for part in (
        of_leads,
        of_work,
        of_assignment,
        of_marketing,
        of_consent,
        of_opportunities,
        of_contacts,
        of_views,
        of_scoring,
        of_segments,
        of_forms,
        of_ads,
        of_mailboxes,
        of_events,
        of_other_systems,
    ):
        world.take_in(part(known))
    return world


def known_to_all() -> Known:
    anna = a_user(Role.SALES_MANAGER)
    account, contact = an_account(), a_contact()
    return Known(
        anna=anna,
        account=account,
        contact=contact,
        lead=a_lead(contact, stage=Stage.SALES_ACCEPTANCE, sales_ready=True, sales_ready_at=timezone.now()),
        hidden=a_lead(a_contact(marketing_only=True), owner=anna, stage=Stage.TELEPROSPECTING_QUALIFICATION),
    )


def of_leads(known: Known) -> World:
    lead, hidden, anna = known.lead, known.hidden, known.anna
    gone = a_lead()
    delete_leads([gone.pk], by=anna)
    job = BulkJob.objects.create(what=BulkWhat.DELETE, words="Leads deleted", by=anna, finished_at=timezone.now())
    file = attach(lead.pk, by=anna, file=ContentFile(b"Call after noon"), name="a.txt")
    return World(
        ids={
            ("leads", "job_id"): job.pk,
            ("leads", "lead_id"): lead.pk,
            ("leads", "record_id"): lead.pk,
            ("leads", "contact_id"): known.contact.pk,
            ("leads", "account_id"): known.account.pk,
            ("leads", "subject"): "lead",
            ("leads", "stage"): lead.stage,
            ("leads", "key"): "rating",
            ("leads", "comment_id"): add_comment(lead.pk, by=anna, body="Call after noon").pk,
            ("leads", "attachment_id"): file.pk,
            ("leads", "process_id"): Process.objects.create(name="Short").pk,
        },
        hidden={("leads", "lead_id"): hidden.pk, ("leads", "record_id"): hidden.pk},
        gone={"leads": gone.pk},
        sent={
            "leads/conditions/<str:subject>/values/": {"field": "topic"},
            "leads/reports/leads/": {"figure": "created"},
            "leads/reports/own/list/": {"figure": "accepted"},
        },
    )


def of_work(known: Known) -> World:
    queued = {"title": "Call", "queue": Role.SALESPERSON, "created_by": known.anna}
    both = [known.lead.pk, known.hidden.pk]
    return World(
        ids={
            ("leads", "task_id"): Task.objects.create(lead=known.lead, **queued).pk,
            ("leads", "notice_id"): Notice.objects.create(
                to=known.anna, kind=NoticeKind.ASSIGNED, lead_ids=both, count=2
            ).pk,
        },
        hidden={("leads", "task_id"): Task.objects.create(lead=known.hidden, **queued).pk},
    )


def of_assignment(known: Known) -> World:
    today = timezone.now()
    return World(
        ids={
            ("leads", "rule_id"): AssignmentRule.objects.create(name="Everything").pk,
            ("leads", "run_id"): AssignmentRun.objects.create(state="done").pk,
            ("leads", "team_id"): Team.objects.create(name="North").pk,
            ("leads", "territory_id"): Territory.objects.create(name="South").pk,
            ("leads", "user_id"): known.anna.pk,
            ("leads", "absence_id"): Absence.objects.create(user=known.anna, first_day=today, last_day=today).pk,
        }
    )


def of_marketing(known: Known) -> World:
    return World(
        ids={
            ("leads", "slug"): "sources",
            ("leads", "campaign_id"): a_campaign().pk,
            ("leads", "context_id"): a_context().pk,
        }
    )


def of_consent(known: Known) -> World:
    request = DataRequest.objects.create(
        kind="export", contact=known.contact, email="nina@nordwind.example", due_on=timezone.localdate()
    )
    return World(ids={("consent", "purpose_id"): a_purpose().pk, ("privacy", "request_id"): request.pk})


def of_opportunities(known: Known) -> World:
    one, gone = an_opportunity(account=known.account), an_opportunity(account=known.account)
    theirs = an_opportunity(account=an_account("Theirs"), owner=known.anna)
    delete_opportunities([gone.pk], by=known.anna)
    return World(
        ids={
            ("opportunities", "record_id"): one.pk,
            ("opportunities", "opportunity_id"): one.pk,
            ("leads", "opportunity_id"): one.pk,
            ("opportunities", "contact_id"): known.contact.pk,
            ("opportunities", "account_id"): known.account.pk,
            ("opportunities", "key"): "value",
        },
        hidden={
            ("opportunities", "record_id"): theirs.pk,
            ("opportunities", "opportunity_id"): theirs.pk,
            ("leads", "opportunity_id"): theirs.pk,
        },
        gone={"opportunities": gone.pk},
    )


def of_contacts(known: Known) -> World:
    gone_contact, gone_account = a_contact("Gone"), an_account("Gone")
    contacts.delete_contacts([gone_contact.pk], by=known.anna)
    accounts.delete_accounts([gone_account.pk], by=known.anna)
    return World(
        ids={
            ("contacts", "key"): "job_title",
            ("contacts", "contact_id"): known.contact.pk,
            ("contacts", "record_id"): known.contact.pk,
            ("contacts", "pair_id"): a_pair().pk,
            ("contacts", "merge_id"): merge_contacts(a_contact().pk, a_contact().pk, take=[], by=known.anna).pk,
            ("accounts", "key"): "industry",
            ("accounts", "account_id"): known.account.pk,
            ("accounts", "account_pair_id"): an_account_pair().pk,
            ("accounts", "account_merge_id"): merge_accounts(
                an_account("Stays").pk, an_account("Goes").pk, take=[], by=known.anna
            ).pk,
            ("accounts", "record_id"): known.account.pk,
        },
        hidden={
            ("contacts", "contact_id"): known.hidden.contact_id,
            ("contacts", "record_id"): known.hidden.contact_id,
        },
        gone={"contacts": gone_contact.pk, "accounts": gone_account.pk},
    )


def of_views(known: Known) -> World:
    def view(name: str, **more: Any) -> int:
        return SavedView.objects.create(entity=Entity.LEAD, name=name, **more).pk

    return World(
        ids={("views", "entity"): "lead", ("views", "view_id"): view("For all", sharing=Sharing.EVERYBODY)},
        hidden={("views", "view_id"): view("Anna's", owner=known.anna)},
        gone={"views": view("Gone", sharing=Sharing.EVERYBODY, deleted_at=timezone.now())},
    )


def of_scoring(known: Known) -> World:
    model = a_model()
    return World(
        ids={
            ("scoring", "model_id"): model.pk,
            ("scoring", "rule_id"): a_rule(model, 5, interaction_type="page_visited").pk,
            ("scoring", "rehearsal_id"): Rehearsal.objects.create(model=model, definition={}).pk,
        }
    )


def of_segments(known: Known) -> World:
    one, gone = a_segment(), a_segment()
    delete_segment(gone, by=known.anna)
    return World(
        ids={
            ("segments", "segment_id"): one.pk,
            ("segments", "record_id"): one.pk,
            ("segments", "contact_id"): known.contact.pk,
            ("segments", "lead_id"): known.lead.pk,
            ("segments", "subject"): "lead",
        },
        hidden={("segments", "lead_id"): known.hidden.pk},
        gone={"segments": gone.pk},
        sent={"segments/<int:segment_id>/copy/": {"segment": a_segment(kind="static").pk}},
    )


def _visit(site: Website, contact: Contact) -> Visit:
    now = timezone.now()
    visitor = Visitor.objects.create(key=uuid.uuid4(), first_seen=now, last_seen=now)
    return Visit.objects.create(website=site, visitor=visitor, contact=contact, started_at=now, ended_at=now)


def of_forms(known: Known) -> World:
    form, built, site = a_form(), a_form("Built"), a_website()
    page = a_page(form)
    image = PageImage.objects.create(
        name="A", width=1, height=1, size=1, small_width=1, large=b"", small=b"", social=b""
    )
    return World(
        ids={
            ("pages", "page_id"): page.pk,
            ("pages", "block_id"): page.draft["variants"][0]["blocks"][0]["id"],
            ("pages", "number"): 1,
            ("pages", "image_id"): image.pk,
            ("p", "name"): f"{image.key}-large.webp",
            ("imports", "run_id"): ImportRun.objects.create(name="people.csv", mapping={}, state="draft").pk,
            ("imports", "what"): "again",
            ("imports", "mapping_id"): SavedMapping.objects.create(name="Fair", mapping={}).pk,
            ("forms", "form_id"): built.pk,
            ("forms", "contact_id"): known.contact.pk,
            ("forms", "field_id"): built.fields.get(key="first_name").pk,
            ("forms", "number"): 1,
            ("forms", "how"): "script",
            ("forms", "capture_id"): FormCapture.objects.create(form=built, name="Shop", selector="#buy").pk,
            ("matching", "kind"): "contact",
            ("matching", "strategy_id"): create_strategy(name="By phone", attributes=["phone"]).pk,
            ("matching", "what"): "default",
            ("submissions", "pk"): Submission.objects.create(form=form, public_id=uuid.uuid4(), payload={}).pk,
            ("visits", "visit_id"): _visit(site, known.contact).pk,
            ("websites", "website_id"): site.pk,
            ("websites", "rule_id"): a_page_rule(site).pk,
            ("websites", "where"): "up",
            ("t", "public_id"): site.public_id,
            ("t", "token"): "nothing",
            ("f", "public_id"): form.public_id,
            ("p", "slug"): page.slug,
        },
        hidden={("forms", "contact_id"): known.hidden.contact_id},
        sent={
            "forms/<int:form_id>/link/": {"contact": shown(known.contact)},
            "pages/<int:page_id>/blocks/new/": {"kind": "text"},
            "pages/<int:page_id>/variants/remove/": {"variant": "A"},
        },
    )


def of_ads(known: Known) -> World:
    connector = make_connector(kind="linkedin", name="Northwind", by=known.anna)
    lead = AdLead.objects.create(connector=connector, external_id="a-1")
    return World(
        ids={
            ("ads", "connector_id"): connector.pk,
            ("ads", "lead_id"): lead.pk,
            ("ads", "what"): "off",
            ("hooks", "address"): connector.address,
        }
    )


def of_mailboxes(known: Known) -> World:
    mailbox = a_mailbox(on=False, by=known.anna)
    said = as_json(parse(a_mail(), trusted_host=""))
    message = MailMessage.objects.create(
        mailbox=mailbox, uid_validity=1, uid=1, key="k", state="suspicious", said=said, sender="eva@blau.example"
    )
    return World(
        ids={
            ("mailboxes", "mailbox_id"): mailbox.pk,
            ("mailboxes", "message_id"): message.pk,
            ("mailboxes", "rule_id"): a_mail_rule(mailbox).pk,
            ("mailboxes", "what"): "dismiss",
            ("mailboxes", "move"): "up",
            ("mailboxes", "deed"): "off",
        }
    )


def of_events(known: Known) -> World:
    event = an_event(by=known.anna)
    session = a_session(event)
    registration = EventRegistration.objects.create(
        event=event, contact=known.contact, state="registered", queued_at=timezone.now()
    )
    return World(
        ids={
            ("events", "event_id"): event.pk,
            ("events", "session_id"): session.pk,
            ("events", "registration_id"): registration.pk,
            ("events", "code"): code_of(registration),
            ("events", "what"): "check-in",
            ("events", "turn"): "close",
            ("e", "slug"): event.slug,
            ("e", "token"): token_of(registration),
        }
    )


def of_other_systems(known: Known) -> World:
    token, _ = make_token(name="Webshop", scopes=[], role=Role.READER, by=known.anna)
    hook = Subscription.objects.create(name="Other CRM", url="https://crm.example.com/", kinds=["lead.closed"])
    sent = Delivery.objects.create(subscription=hook, kind="lead.closed", body="{}")
    ids = {("integrations", "webhook_id"): hook.pk, ("integrations", "delivery_id"): sent.pk}
    return World(ids={("integrations", "token_id"): token.pk, **ids})
