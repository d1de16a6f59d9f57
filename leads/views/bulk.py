"""Doing something to many leads at once: those that were ticked in a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.access import may_write
from contacts.models import User
from contacts.views.editing import person
from leadcrm.lib.links import safe_next
from leads.access import may_dispatch
from leads.editing import may_manage
from leads.forms import BulkForm
from leads.models import Lead
from leads.services.closing import assign, take_free
from leads.services.deleting import delete_leads, restore_leads
from leads.services.processes import switch_process

NAMED = 10
"""How many of the leads to be deleted are named before they are."""
MAY: dict[str, Callable[[User], bool]] = {
    "take": may_write,
    "assign": may_dispatch,
    "switch": may_dispatch,
    "delete": may_manage,
    "restore": may_manage,
}


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Take, assign, put into another process, delete or restore the leads that were ticked; then back to `next`.

    Deleting asks first, on a page of its own, and is undone with one click; 403 when the role may not.
    """
    user = person(request)
    following = safe_next(request, reverse("leads:list"))
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing was done. {form.problem}")
        return redirect(following)
    wanted = form.cleaned_data
    if not MAY[wanted["do"]](user):
        raise PermissionDenied
    if wanted["do"] == "restore":
        return _restored(request, restore_leads(wanted["ids"], by=user), following)
    ids = list(Lead.objects.visible_to(user).filter(pk__in=wanted["ids"]).order_by("pk").values_list("pk", flat=True))
    if wanted["do"] == "delete":
        return _deleted(request, user, ids, following) if wanted["sure"] else _asked(request, ids, following)
    if wanted["do"] == "take":
        messages.success(request, f"{_leads(take_free(ids, by=user))} taken.")
    elif wanted["do"] == "switch":
        process = wanted["process"]
        messages.success(request, f"{_leads(switch_process(ids, to=process.pk, by=user))} put into {process}.")
    else:
        owner = wanted["owner"]
        messages.success(request, f"{_leads(assign(ids, to=owner, by=user))} assigned to {owner or 'nobody'}.")
    return redirect(following)


def _asked(request: HttpRequest, ids: Sequence[int], following: str) -> HttpResponse:
    named = Lead.objects.filter(pk__in=ids[:NAMED]).select_related("contact", "account").order_by("pk")
    context = {"ids": ids, "named": named, "others": max(len(ids) - NAMED, 0), "said": _leads(ids), "next": following}
    return render(request, "leads/bulk_delete.html", context)


def _deleted(request: HttpRequest, user: User, ids: Sequence[int], following: str) -> HttpResponse:
    gone = delete_leads(ids, by=user)
    context = {"ids": gone, "said": _leads(gone), "next": following}
    messages.success(request, render_to_string("leads/bulk_deleted.html", context, request))
    return redirect(following)


def _restored(request: HttpRequest, back: Sequence[int], following: str) -> HttpResponse:
    messages.success(request, f"{_leads(back)} back.")
    return redirect(following)


def _leads(ids: Sequence[int]) -> str:
    return f"{len(ids)} lead{'' if len(ids) == 1 else 's'}"
