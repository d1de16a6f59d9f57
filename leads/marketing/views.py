"""Pages on which marketers keep campaigns and contexts: listed with the leads they brought, made, edited."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.models import PARTS, Campaign, MarketingContext
from contacts.views.editing import person
from leadcrm.lib.lists import list_page
from leadcrm.lib.paging import ID, Column, Sort
from leads.access import may_keep_lists
from leads.marketing.counting import leads_of_campaigns, leads_through
from leads.marketing.forms import TAKEN, CampaignForm, ContextForm, ContextListFilter
from leads.marketing.narrowing import way_through
from leads.marketing.origin import list_url, places_of

BY_NAME = Sort("name", "Name", (Column("name", str), ID))
NEWEST = Sort("newest", "Newest", (ID,), descending=True)
MOST_CAMPAIGNS = 500


def keeps_marketing(view: Any) -> Any:
    """For those who keep campaigns and code lists."""

    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_keep_lists(person(request)):
            raise PermissionDenied
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    return guarded


@keeps_marketing
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """All campaigns, active ones first, the latest first."""
    found = list(Campaign.objects.order_by("-active", "-starts_on", "name")[: MOST_CAMPAIGNS + 1])
    counts = leads_of_campaigns([one.pk for one in found])
    leads = reverse("leads:list")
    rows = [
        (
            one,
            None if counts is None else counts.get(one.pk, 0),
            f"{leads}?{urlencode({'status': 'any', 'campaign': one.pk})}",
        )
        for one in found[:MOST_CAMPAIGNS]
    ]
    context = {"rows": rows, "more": len(found) > MOST_CAMPAIGNS, "uncounted": counts is None}
    return render(request, "marketing/campaigns.html", context)


@keeps_marketing
@require_safe
def contexts(request: HttpRequest) -> HttpResponse:
    """Marketing contexts, narrowed by kind, campaign, product and words."""
    filterset = ContextListFilter(request.GET, queryset=MarketingContext.objects.all(), request=request)
    rows = filterset.qs.select_related("campaign", "product", *PARTS)
    listed = list_page(request, filterset, rows, [BY_NAME, NEWEST])
    counts = leads_through(listed.rows)
    places = places_of([one.pk for one in listed.rows], person(request))
    drawn = [
        (
            one,
            None if counts is None else counts[one.pk],
            list_url(way_through(one)),
            [part for name in PARTS if (part := getattr(one, name)) is not None and part.pk != one.pk],
            places.get(one.pk, []),
        )
        for one in listed.rows
    ]
    return render(request, "marketing/contexts.html", {"list": listed, "rows": drawn, "uncounted": counts is None})


@keeps_marketing
@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: HttpRequest, campaign_id: int | None = None) -> HttpResponse:
    """Make a campaign, or edit one."""
    made = get_object_or_404(Campaign, pk=campaign_id) if campaign_id else Campaign()
    return _kept(request, made, CampaignForm, word="campaign", back="leads:campaigns", heading="Campaigns")


@keeps_marketing
@require_http_methods(["GET", "HEAD", "POST"])
def context(request: HttpRequest, context_id: int | None = None) -> HttpResponse:
    """Make a context, or edit one."""
    made = get_object_or_404(MarketingContext, pk=context_id) if context_id else MarketingContext()
    more: dict[str, Any] = {}
    if context_id:
        counts = leads_through([made])
        more = {
            "kind": made.get_kind_display(),
            "leads_url": list_url(way_through(made)),
            "leads": None if counts is None else counts[made.pk],
            "places": places_of([made.pk], person(request)).get(made.pk, []),
        }
    return _kept(
        request,
        made,
        ContextForm,
        word="marketing context",
        back="leads:contexts",
        heading="Marketing contexts",
        **more,
    )


def _kept(
    request: HttpRequest, made: Any, form_class: Any, *, word: str, back: str, heading: str, **more: Any
) -> HttpResponse:
    """The form for it. A refusal keeps what was typed, and so does what others saved meanwhile."""
    title = str(made.name) if made.pk else f"New {word}"
    form = form_class(request.POST if request.method == "POST" else None, instance=made)
    if form.is_bound:
        try:
            with transaction.atomic():  # what is compared with what was seen stays as it is until it is saved
                if form.is_valid():
                    saved = form.save()
                    messages.success(request, f"{saved.name} is saved.")
                    return redirect(back)
        except IntegrityError:  # somebody was first in this moment
            form.add_error("name" if "name" in form.fields else None, TAKEN)
    fields = [form[name] for name in form.shown]
    context = {"form": form, "fields": fields, "made": made, "title": title, "word": word, "heading": heading}
    context |= {"back_url": reverse(back), **more}
    return render(request, "marketing/edit.html", context, status=422 if form.is_bound else 200)
