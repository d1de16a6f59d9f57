"""Pages of opportunities as records: the list, the page of one, making and editing, and what is done to one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from contacts.duplicates import Suggestion
from contacts.lists.listing import Listing
from contacts.lists.page import list_page
from contacts.models import Account, Contact, ListOf, User
from contacts.people import people_to_assign
from contacts.views.editing import Editor, person
from leadcrm.lib.links import id_in, safe_next
from leadcrm.lib.pages import render_page, wants_part
from leadcrm.lib.paging import read_cursor
from leads.errors import ChangedHands, RecordGone
from leads.models import Lead, Opportunity
from leads.open_value import open_value_of_opportunities
from leads.opportunities import months
from leads.opportunities.access import may_delete, may_make, may_manage, may_work_on
from leads.opportunities.actions import ACTIONS, Action, first_of, offered
from leads.opportunities.bar import steps
from leads.opportunities.chances import (
    category_as_shown,
    chance_as_shown,
    forecast_of,
    probability_of,
    weighted_of,
)
from leads.opportunities.columns import OPPORTUNITY_COLUMNS, OPPORTUNITY_STANDARD
from leads.opportunities.errors import OpportunityIsClosed, RequirementsMissing
from leads.opportunities.filters import ANY, OpportunityFilter
from leads.opportunities.forms import OpportunityForm
from leads.opportunities.gates import missing_before, pipeline_settings
from leads.opportunities.moves import locked
from leads.opportunities.records import (
    create_opportunity,
    delete_opportunities,
    restore_opportunity,
    update_opportunity,
)
from leads.opportunities.sorts import sorts_for
from leads.opportunities.stages import OpportunityStatus, next_stage
from leads.opportunities.story import sources_of
from leads.story import PLACE, page_of

FEW = 10


def open_ones_like(values: Mapping[str, Any], user: User) -> list[Suggestion]:
    """Open opportunities of the same account or contact, as far as this person may see them."""
    rows = Opportunity.objects.visible_to(user).open().select_related("account").order_by("-pk")
    if values.get("account_id"):
        return [Suggestion(one, "Open at the same account") for one in rows.filter(account=values["account_id"])[:5]]
    return [Suggestion(one, "Open with the same contact") for one in rows.filter(contact=values["contact_id"])[:5]]


def begins_with(request: HttpRequest) -> dict[str, Any]:
    """A new opportunity may be begun at a contact or an account."""
    user = person(request)
    contact = Contact.objects.visible_to(user).select_related("account").filter(pk=id_in(request, "contact")).first()
    account = Account.objects.alive().filter(pk=id_in(request, "account")).first()
    return {"contact": contact, "account": account or (contact.account if contact else None)}


EDITOR = Editor(
    word="opportunity",
    place="opportunities",
    icon="handshake",
    form=OpportunityForm,
    new_form=OpportunityForm,
    create=create_opportunity,
    update=update_opportunity,
    delete=delete_opportunities,
    restore=restore_opportunity,
    duplicates=open_ones_like,
    readable=lambda user: Opportunity.objects.visible_to(user),
    begins_with=begins_with,
    may_edit=may_work_on,
    may_delete=may_delete,
    may_manage=may_manage,
    may_make=may_make,
    locked=lambda user: () if may_manage(user) else ("owner",),
    stays=lambda one: "" if one.is_open else OpportunityIsClosed(one.pk, one.status).message,
)


def completed(query: QueryDict) -> QueryDict:
    """What the address asks for: open ones unless it says otherwise."""
    if query.get("status") not in {*OpportunityStatus.values, ANY}:
        query["status"] = OpportunityStatus.OPEN
    return query


def rows_for(user: User) -> QuerySet[Opportunity]:
    """What this person may see, each with its `chance` and the words of its forecast `category`. A query for what the
    stages say.
    """
    settings = pipeline_settings()
    rows: QuerySet[Opportunity] = Opportunity.objects.visible_to(user).select_related("account", "contact", "owner")
    return rows.annotate(chance=chance_as_shown(settings), category=category_as_shown(settings))


LISTING = Listing(
    entity=ListOf.OPPORTUNITY,
    everything="Open opportunities",
    begin="Qualify a lead: what it becomes is an opportunity here. Or make the first by hand.",
    editor=EDITOR,
    filters=OpportunityFilter,
    rows=rows_for,
    sorts=lambda query: sorts_for(completed(query.copy())),
    columns=OPPORTUNITY_COLUMNS,
    standard=OPPORTUNITY_STANDARD,
    implied={"status": OpportunityStatus.OPEN},
    completed=completed,
)


@login_required
@require_safe
def opportunity_list(request: HttpRequest) -> HttpResponse:
    """The opportunities this person may see, open ones unless the URL says otherwise, the next to close first."""
    user = person(request)
    more = {"cannot_make": not may_make(user), "may_assign": may_manage(user), "people": people_to_assign()}
    return list_page(request, LISTING, "opportunities/opportunity_list.html", **more)


@login_required
@require_safe
def detail(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """One opportunity: where it stands, what to do next, with whom, what happened; for htmx only the story."""
    user = person(request)
    related = ("account", "contact__account", "owner", "lead", "campaign", "product", "competitor", "lost_reason")
    rows = Opportunity.objects.visible_to(user).select_related(*related)
    one = get_object_or_404(rows, pk=opportunity_id)
    cursor = read_cursor(request.GET.get("before", ""), PLACE)
    here = reverse("opportunities:detail", args=[one.pk])
    story = page_of(sources_of(one, user), cursor)
    context: dict[str, Any] = {
        "opportunity": one,
        "story": story,
        "here": here,
        "first_url": f"{here}#story" if cursor else "",
        "older_url": f"{here}?{urlencode({'before': str(story.next)})}#story" if story.next else "",
    }
    if not wants_part(request):
        context |= _around(one, user)
    return render_page(request, "opportunities/opportunity_detail.html", context, part="story")


def _around(one: Opportunity, user: User) -> dict[str, Any]:
    """Everything on the page but the story."""
    settings = pipeline_settings()
    actions = offered(one, user)
    first = first_of(actions)
    following = next_stage(one.stage) if one.is_open else None
    return {
        "steps": steps(one, settings),
        "following": following,
        "missing": missing_before(one, following or one.stage, settings) if one.is_open else [],
        "lacking_here": missing_before(one, one.stage, settings) if one.is_open else [],
        "chance": probability_of(one, settings),
        "stage_chance": settings[one.stage].probability,
        "category": forecast_of(one, settings),
        "weighted": weighted_of(one, settings),
        "first": first,
        "actions": [action for action in actions if action is not first],
        "closes": list(one.closes.select_related("actor", "lost_reason", "competitor").order_by("-recorded_at")[:FEW]),
        "lead_readable": one.lead_id is not None and Lead.objects.visible_to(user).filter(pk=one.lead_id).exists(),
        "contact_readable": _may_open_contact(one, user),
        "may_edit": one.is_open and EDITOR.may_edit(user, one),
        "may_delete": may_delete(user, one),
    }


def _may_open_contact(one: Opportunity, user: User) -> bool:
    contact = one.contact
    return bool(contact and contact.deleted_at is None and (user.sees_marketing_only or not contact.marketing_only))


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, opportunity_id: int, name: str) -> HttpResponse:
    """GET shows the action's form, POST does it and goes back to `next`; for htmx 204, and lists are told to refresh.

    403 when this person may not; a DomainError when the opportunity no longer allows it, or they no longer may.
    """
    action, user = ACTIONS[name], person(request)
    one = get_object_or_404(
        Opportunity.objects.visible_to(user).select_related("account", "contact"), pk=opportunity_id
    )
    if not action.may(user, one):
        raise PermissionDenied
    here = reverse("opportunities:detail", args=[opportunity_id])
    following = safe_next(request, here)
    form = action.form_for(one, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"action": action, "opportunity": one, "form": form, "next": following}
        return render(request, "opportunities/action.html", context, status=422 if form.is_bound else 200)
    try:
        _do(action, opportunity_id, user, form.cleaned_data)
    except RequirementsMissing as error:
        if request.headers.get("HX-Request"):
            raise
        messages.error(request, error.message)
        return redirect(f"{here}#pipeline")
    said = f"{one}: {action.done[:1].lower()}{action.done[1:]}"
    if request.headers.get("HX-Request"):
        told = {"leadcrm:refresh": True, "leadcrm:tell": {"words": said}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.success(request, said)
    gone = following == here and not Opportunity.objects.visible_to(user).filter(pk=opportunity_id).exists()
    return redirect("opportunities:list" if gone else following)


def _do(action: Action, opportunity_id: int, user: User, wanted: Mapping[str, Any]) -> None:
    """Decide on the opportunity as it is once its row is locked: since the page was asked for it may have changed."""
    with transaction.atomic():
        found = locked([opportunity_id])
        if not found:
            raise RecordGone("opportunity", opportunity_id)
        if not action.may(user, found[0]):
            raise ChangedHands(opportunity_id, action.button, str(found[0].owner or ""), record="opportunity")
        action.run(opportunity_id, user, wanted)


@login_required
@require_safe
def soon(request: HttpRequest) -> HttpResponse:
    """This person's open opportunities that are late or close soon, as a card on their first page."""
    own = Opportunity.objects.visible_to(person(request)).filter(owner=person(request))
    wanted = own.filter(months.closing_in(months.LATE) | months.closing_in(months.SOON)).select_related("account")
    rows = list(wanted.order_by("expected_close", "pk")[: FEW + 1])
    return render(request, "opportunities/soon.html", {"rows": rows[:FEW], "more": len(rows) > FEW})


@login_required
@require_safe
def for_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The opportunities of a contact, for its page."""
    rows = Opportunity.objects.visible_to(person(request)).filter(contact=contact_id)
    return _few(request, rows, f"?contact={contact_id}")


@login_required
@require_safe
def for_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """The opportunities of an account, for its page."""
    rows = Opportunity.objects.visible_to(person(request)).filter(account=account_id)
    worth = open_value_of_opportunities(account_id, person(request))
    return _few(request, rows, f"?account={account_id}", worth=worth, list_url=reverse("opportunities:list"))


def _few(request: HttpRequest, rows: Any, query: str, **more: Any) -> HttpResponse:
    found = list(rows.select_related("owner").order_by("-pk")[: FEW + 1])
    new_url = reverse("opportunities:new") + query if may_make(person(request)) else ""
    context = {"rows": found[:FEW], "more": len(found) > FEW, "new_url": new_url, "query": query, **more}
    return render(request, "opportunities/of_record.html", context)
