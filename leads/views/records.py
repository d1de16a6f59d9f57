"""Pages of leads as records: lists, making, editing, deleting. The page of one lead shows scores and lives above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import may_write
from contacts.duplicates import Suggestion
from contacts.filters import MINE
from contacts.lists.listing import Listing
from contacts.lists.page import list_page
from contacts.models import Account, Contact, Entity, User
from contacts.people import people_to_assign
from contacts.views.contacts import contact_page, log_page
from contacts.views.editing import Editor, edit, person
from contacts.views.stories import field_history_page
from leadcrm.lib.links import id_in
from leadcrm.lib.paging import ID, Column, Sort
from leads.access import may_dispatch
from leads.columns import LEAD_COLUMNS, LEAD_STANDARD
from leads.editing import may_delete, may_edit, may_manage
from leads.errors import HasContact, LeadIsClosed
from leads.filters import ANY, CLOSED, OLDER, LeadFilter
from leads.forms import LeadForm, NewLeadForm
from leads.models import Lead, LeadQuerySet, Process, Status
from leads.open_value import open_value_of_account
from leads.services.by_hand import enter_lead
from leads.services.deleting import delete_leads, restore_lead
from leads.services.records import update_lead
from leads.stage_form import STAGE_FORMS
from leads.views.orphans import find_contact

BY_SCORE = Sort("score", "Score", (Column("score", int, nullable=True), ID), descending=True, by_kind=True)
NEWEST = Sort("newest", "Newest", (ID,), descending=True)
OLDEST = Sort("oldest", "Oldest", (ID,))
FEW = 20
MANY = 1000


def open_leads_like(values: Mapping[str, Any], user: User) -> list[Suggestion]:
    """Open leads of the same contact, or of the same account and topic, as far as this person may see them."""
    leads = Lead.objects.visible_to(user).open().order_by("-pk")
    if values.get("contact_id"):
        same = leads.filter(contact=values["contact_id"])[:5]
        return [Suggestion(lead, "Open lead of the same contact") for lead in same]
    same = leads.filter(account=values.get("account_id"), topic__iexact=values.get("topic", ""))[:5]
    return [Suggestion(lead, "Open lead of the same account about the same") for lead in same]


def begins_with(request: HttpRequest) -> dict[str, Any]:
    """A new lead may be begun at a contact or an account."""
    return {
        "contact": Contact.objects.visible_to(person(request)).filter(pk=id_in(request, "contact")).first(),
        "account": Account.objects.alive().filter(pk=id_in(request, "account")).first(),
    }


EDITOR = Editor(
    word="lead",
    place="leads",
    icon="target",
    form=LeadForm,
    new_form=NewLeadForm,
    create=enter_lead,
    update=update_lead,
    delete=delete_leads,
    restore=restore_lead,
    duplicates=open_leads_like,
    readable=lambda user: Lead.objects.visible_to(user),
    begins_with=begins_with,
    may_edit=may_edit,
    may_delete=may_delete,
    may_manage=may_manage,
    stays=lambda lead: "" if lead.is_open else LeadIsClosed(lead.pk).message,
    locked=lambda user: () if may_dispatch(user) else ("owner",),
)


def completed(query: QueryDict) -> QueryDict:
    """What the address asks for: open leads unless it says otherwise."""
    if query.get("status") not in {*Status.values, CLOSED, ANY}:
        query["status"] = Status.OPEN
    return query


def sorts_for(query: QueryDict) -> list[Sort]:
    """The orders that have an index: the one by score holds open leads only, and what is new or old is found by going
    from that end.
    """
    created = query.get("created", "")
    if created:
        return [OLDEST] if created == OLDER else [NEWEST]
    asks_for_others = completed(query.copy())["status"] != Status.OPEN
    return [NEWEST, OLDEST] if asks_for_others else [BY_SCORE, NEWEST, OLDEST]


def plain_rows(user: User, query: QueryDict) -> QuerySet | None:
    """Own leads, or sales-ready ones, which anybody may see. Told that they may be one or the other, the planner reads
    both; told that they are ready and one or the other, it expects next to none.
    """
    leads: LeadQuerySet = Lead.objects.alive()
    if query.get("owner") == MINE:
        leads = leads.filter(owner=user)
    elif query.get("sales_ready") == "yes":
        leads = leads.ready()
    else:
        return None
    return leads.select_related("contact__account", "owner")


LISTING = Listing(
    entity=Entity.LEAD,
    everything="Open leads",
    editor=EDITOR,
    filters=LeadFilter,
    rows=lambda user: Lead.objects.visible_to(user).select_related("contact__account", "owner"),
    plain_rows=plain_rows,
    sorts=sorts_for,
    columns=LEAD_COLUMNS,
    standard=LEAD_STANDARD,
    implied={"status": Status.OPEN},
    completed=completed,
    also_custom={Entity.CONTACT: lambda lead: lead.contact},
)


@login_required
@require_safe
def lead_list(request: HttpRequest) -> HttpResponse:
    """The leads this person may see, open ones unless the URL says otherwise, the highest score first."""
    user = person(request)
    more = {"people": people_to_assign(), "may_assign": may_dispatch(user), "may_manage": may_manage(user)}
    if more["may_assign"]:
        more["processes"] = Process.objects.filter(retired_at=None).order_by("name")
    return list_page(request, LISTING, "leads/lead_list.html", **more)


def stage_menu(request: HttpRequest, lead_id: int, stage: str) -> HttpResponse:
    """The fields of a stage's menu, edited as a lead is: what others saved meanwhile is told, what was typed is kept.

    404 for no stage, 403 for who may not edit it; a closed lead stays as it is, and says so.
    """
    if stage not in STAGE_FORMS:
        raise Http404
    editor = replace(EDITOR, form=STAGE_FORMS[stage])
    response: HttpResponse = edit(request, editor, lead_id)
    return response


@login_required
@require_safe
def for_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The leads of a contact, for its page."""
    leads = Lead.objects.visible_to(person(request)).filter(contact=contact_id)
    return _few(request, leads, f"?contact={contact_id}")


@login_required
@require_safe
def for_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """The leads of an account and of its contacts, for its page."""
    people = list(Contact.objects.filter(account=account_id).order_by("-pk").values_list("pk", flat=True)[:MANY])
    own = Lead.objects.visible_to(person(request)).filter(account=account_id).values_list("pk", flat=True)
    theirs = Lead.objects.visible_to(person(request)).filter(contact_id__in=people).values_list("pk", flat=True)
    newest = [*own.order_by("-pk")[: FEW + 1], *theirs.order_by("-pk")[: FEW + 1]]
    worth = open_value_of_account(account_id, person(request))
    return _few(request, Lead.objects.filter(pk__in=newest), f"?account={account_id}", worth=worth)


def _few(request: HttpRequest, leads: Any, query: str, **more: Any) -> HttpResponse:
    rows = list(leads.select_related("contact", "owner").order_by("-pk")[: FEW + 1])
    context = {"rows": rows[:FEW], "more": len(rows) > FEW, "new_url": reverse("leads:new") + query, **more}
    return render(request, "leads/of_record.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def contact_of(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The contact of a lead: its own page, or, kept for marketing only, readable through the lead. A lead without one
    gets it here.
    """
    user = person(request)
    lead = get_object_or_404(Lead.objects.visible_to(user).select_related("account"), pk=lead_id)
    if lead.contact is None:
        return find_contact(request, lead)
    if request.method == "POST":
        if not may_edit(user, lead):
            raise PermissionDenied
        raise HasContact(lead_id, str(lead.contact))
    if Contact.objects.visible_to(user).filter(pk=lead.contact_id).exists():
        return redirect("contacts:detail", lead.contact_id)
    return contact_page(request, lead.contact, readonly=True)


@login_required
@require_http_methods(["GET", "POST"])
def log(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Write down a call, a meeting, a message or a note with the contact of a lead this person may see."""
    user = person(request)
    lead = get_object_or_404(Lead.objects.visible_to(user).exclude(contact=None), pk=lead_id)
    if not may_write(user):
        raise PermissionDenied
    return log_page(request, lead.contact)


@login_required
@require_safe
def history(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Which fields of a lead changed, from what to what, and who did it."""
    lead = get_object_or_404(Lead.objects.visible_to(person(request)), pk=lead_id)
    return field_history_page(request, lead, entity=Entity.LEAD, place="leads")
