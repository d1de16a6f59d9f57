"""Pages of notices: the bell's count, the list, one opened, and how each person wants to be told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.middleware import own_affair
from contacts.models import User
from contacts.views.editing import person
from leadcrm.lib.facts import Count, honest_count
from leadcrm.lib.links import safe_next
from leadcrm.lib.paging import ID, Sort, page_of, url_with
from leads.models import Lead, Mail, Notice, NoticeChoice, NoticeKind, Opportunity, usual_mail
from leads.notice_words import said, url_of_notice
from leads.services.notices import choose, mark_read, mark_unread

NEWEST = Sort("newest", "Newest", (ID,), descending=True)
BELL = 99
"""How far the bell counts."""


def unread(user: User) -> Count:
    """How many notices this person has not read; one query on an index of these alone."""
    return honest_count(Notice.objects.filter(to=user, shown=True, read_at=None), BELL)


@login_required
@require_safe
def count(request: HttpRequest) -> JsonResponse:
    """What the bell shows, asked for by open pages (static/js/bell.js)."""
    number = unread(person(request))
    return JsonResponse({"count": str(number) if number else ""})


@login_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Everything this person was told, newest first; ?show=unread only what is not read."""
    user = person(request)
    only = request.GET.get("show") == "unread"
    notices = Notice.objects.filter(to=user, shown=True).select_related("by")
    page = page_of(notices.filter(read_at=None) if only else notices, NEWEST, request.GET.get("at", ""))
    context = {
        "notices": said(page.rows, reader=user),
        "page": page,
        "only": only,
        "here": request.get_full_path(),
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "leads/notices.html", context)


@login_required
@require_safe
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Read a notice: on to what it is about."""
    user = person(request)
    notice = get_object_or_404(Notice, pk=notice_id, to=user, shown=True)
    mark_read(user, [notice_id])
    return redirect(url_of_notice(notice))


@login_required
@require_safe
def notice_leads(request: HttpRequest, notice_id: int) -> HttpResponse:
    """The leads or opportunities a notice is about, as far as they are there and this person may see them."""
    user = person(request)
    notice = get_object_or_404(Notice.objects.select_related("by"), pk=notice_id, to=user)
    if not (notice.lead_ids or notice.opportunity_ids):
        raise Http404
    if notice.opportunity_ids:
        rows = Opportunity.objects.visible_to(user).filter(pk__in=notice.opportunity_ids).drawn()
    else:
        rows = Lead.objects.visible_to(user).filter(pk__in=notice.lead_ids).drawn()
    page = page_of(rows, NEWEST, request.GET.get("at", ""))
    context = {
        "first": len(notice.opportunity_ids or notice.lead_ids),
        "said": said([notice], reader=user)[0],
        "page": page,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    name = "notice_opportunities" if notice.opportunity_ids else "notice_leads"
    return render(request, f"leads/{name}.html", context)


@own_affair
@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark `ids`, or all, as read, or with `undo` as unread; then back to `next`."""
    user = person(request)
    ids = [int(word) for word in request.POST.getlist("ids") if word.isdecimal() and len(word) < 19]
    if request.POST.get("undo"):
        mark_unread(user, ids)
    else:
        mark_read(user, ids or None)
    return redirect(safe_next(request, reverse("leads:notices")))


@own_affair
@login_required
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """How this person wants to hear of each kind."""
    user = person(request)
    if request.method == "POST":
        wanted = {
            NoticeKind(kind): (f"{kind}-app" in request.POST, Mail(request.POST[f"{kind}-mail"]))
            for kind in NoticeKind
            if request.POST.get(f"{kind}-mail") in Mail.values
        }
        choose(user, wanted)
        messages.success(request, "Saved. You are told so from now on.")
        return redirect("leads:notice_choices")
    chosen = {one.kind: one for one in NoticeChoice.objects.filter(user=user)}
    return render(request, "leads/notice_choices.html", {"rows": _rows(chosen), "mails": Mail.choices})


def _rows(chosen: dict[str, NoticeChoice]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "in_app": chosen[kind].in_app if kind in chosen else True,
            "mail": chosen[kind].mail if kind in chosen else usual_mail(kind),
        }
        for kind in NoticeKind
    ]
