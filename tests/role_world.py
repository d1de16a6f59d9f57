"""One record of each kind behind the addresses of the product, and the addresses of them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from contacts.models import Absence, Entity, Role, SavedView, Sharing, Team, Territory
from contacts.services import accounts, contacts
from forms_intake.models import Submission
from leads.attachments.service import attach
from leads.models import AssignmentRule, AssignmentRun, BulkJob, BulkWhat, Notice, NoticeKind, Process, Task
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
    a_rule,
    a_segment,
    a_user,
    an_account,
    an_opportunity,
)

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


def a_world() -> World:
    now = timezone.now()
    anna = a_user(Role.SALES_MANAGER)
    account, contact = an_account(), a_contact()
    lead = a_lead(contact, stage=Stage.SALES_ACCEPTANCE, sales_ready=True, sales_ready_at=now)
    hidden = a_lead(a_contact(marketing_only=True), owner=anna, stage=Stage.TELEPROSPECTING_QUALIFICATION)
    gone_lead, gone_contact, gone_account = a_lead(), a_contact("Gone"), an_account("Gone")
    delete_leads([gone_lead.pk], by=anna)
    contacts.delete_contacts([gone_contact.pk], by=anna)
    accounts.delete_accounts([gone_account.pk], by=anna)
    queued = {"title": "Call", "queue": Role.SALESPERSON, "created_by": anna}
    task, hidden_task = Task.objects.create(lead=lead, **queued), Task.objects.create(lead=hidden, **queued)
    notice = Notice.objects.create(to=anna, kind=NoticeKind.ASSIGNED, lead_ids=[lead.pk, hidden.pk], count=2)
    model = a_model()
    rule = a_rule(model, 5, interaction_type="page_visited")
    rehearsal = Rehearsal.objects.create(model=model, definition={})
    segment, gone_segment = a_segment(), a_segment()
    delete_segment(gone_segment, by=anna)
    form = a_form()
    page = a_page(form)
    submission = Submission.objects.create(form=form, public_id=uuid.uuid4(), payload={})
    opportunity, gone_opportunity = an_opportunity(account=account), an_opportunity(account=account)
    others = an_opportunity(account=an_account("Theirs"), owner=anna)
    delete_opportunities([gone_opportunity.pk], by=anna)
    view = SavedView.objects.create(entity=Entity.LEAD, name="For all", sharing=Sharing.EVERYBODY)
    private = SavedView.objects.create(entity=Entity.LEAD, name="Anna's", owner=anna)
    gone_view = SavedView.objects.create(entity=Entity.LEAD, name="Gone", sharing=Sharing.EVERYBODY, deleted_at=now)
    job = BulkJob.objects.create(what=BulkWhat.DELETE, words="Leads deleted", by=anna, finished_at=now)
    return World(
        {
            ("leads", "job_id"): job.pk,
            ("leads", "lead_id"): lead.pk,
            ("leads", "record_id"): lead.pk,
            ("leads", "contact_id"): contact.pk,
            ("leads", "account_id"): account.pk,
            ("leads", "subject"): "lead",
            ("leads", "slug"): "sources",
            ("leads", "campaign_id"): a_campaign().pk,
            ("leads", "context_id"): a_context().pk,
            ("leads", "comment_id"): add_comment(lead.pk, by=anna, body="Call after noon").pk,
            ("leads", "attachment_id"): attach(lead.pk, by=anna, file=ContentFile(b"Call after noon"), name="a.txt").pk,
            ("leads", "stage"): lead.stage,
            ("leads", "rule_id"): AssignmentRule.objects.create(name="Everything").pk,
            ("leads", "run_id"): AssignmentRun.objects.create(state="done").pk,
            ("leads", "team_id"): Team.objects.create(name="North").pk,
            ("leads", "territory_id"): Territory.objects.create(name="South").pk,
            ("leads", "user_id"): anna.pk,
            ("leads", "absence_id"): Absence.objects.create(user=anna, first_day=now, last_day=now).pk,
            ("leads", "task_id"): task.pk,
            ("leads", "notice_id"): notice.pk,
            ("leads", "process_id"): Process.objects.create(name="Short").pk,
            ("leads", "key"): "rating",
            ("opportunities", "record_id"): opportunity.pk,
            ("opportunities", "opportunity_id"): opportunity.pk,
            ("opportunities", "contact_id"): contact.pk,
            ("opportunities", "account_id"): account.pk,
            ("opportunities", "key"): "value",
            ("views", "entity"): "lead",
            ("views", "view_id"): view.pk,
            ("contacts", "key"): "job_title",
            ("accounts", "key"): "industry",
            ("contacts", "contact_id"): contact.pk,
            ("contacts", "record_id"): contact.pk,
            ("accounts", "account_id"): account.pk,
            ("accounts", "record_id"): account.pk,
            ("scoring", "model_id"): model.pk,
            ("scoring", "rule_id"): rule.pk,
            ("scoring", "rehearsal_id"): rehearsal.pk,
            ("segments", "segment_id"): segment.pk,
            ("segments", "record_id"): segment.pk,
            ("segments", "contact_id"): contact.pk,
            ("segments", "lead_id"): lead.pk,
            ("segments", "subject"): "lead",
            ("submissions", "pk"): submission.pk,
            ("f", "public_id"): form.public_id,
            ("p", "slug"): page.slug,
        },
        {
            ("leads", "lead_id"): hidden.pk,
            ("leads", "record_id"): hidden.pk,
            ("leads", "task_id"): hidden_task.pk,
            ("segments", "lead_id"): hidden.pk,
            ("opportunities", "record_id"): others.pk,
            ("opportunities", "opportunity_id"): others.pk,
            ("views", "view_id"): private.pk,
            ("contacts", "contact_id"): hidden.contact_id,
            ("contacts", "record_id"): hidden.contact_id,
        },
        {
            "leads": gone_lead.pk,
            "contacts": gone_contact.pk,
            "accounts": gone_account.pk,
            "segments": gone_segment.pk,
            "opportunities": gone_opportunity.pk,
            "views": gone_view.pk,
        },
        {
            "leads/conditions/<str:subject>/values/": {"field": "topic"},
            "leads/reports/leads/": {"figure": "created"},
            "segments/<int:segment_id>/copy/": {"segment": a_segment(kind="static").pk},
        },
    )
