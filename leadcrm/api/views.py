"""Pages of the API: tokens, and its reference."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.api.forms import TokenForm
from leadcrm.api.models import ApiToken
from leadcrm.api.reference import reference
from leadcrm.api.scopes import SCOPES
from leadcrm.api.tokens import make_token, revoke_token
from leadcrm.lib.paging import ID, Sort, page_of, url_with

NEWEST = Sort("newest", "Newest", (ID,), descending=True)
View = Callable[..., HttpResponse]


def administrators(view: View) -> View:
    """Only for administrators."""

    @login_required
    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, Ability.ADMINISTER):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return kept


@administrators
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens, the newest first."""
    rows = ApiToken.objects.select_related("user", "created_by", "revoked_by")
    page = page_of(rows, NEWEST, request.GET.get("at", ""))
    context = {
        "page": page,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
        "scopes": SCOPES,
    }
    return render(request, "integrations/tokens.html", context)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token. Its words stand on the answer and nowhere else."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        token, words = make_token(by=person(request), **form.wanted())
        context = {"token": token, "words": words, "site": request.build_absolute_uri("/").rstrip("/")}
        response = render(request, "integrations/token_made.html", context)
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "integrations/token_new.html", {"form": form}, status=422 if form.is_bound else 200)


@administrators
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token for good; calls with it are refused from this moment on."""
    token = get_object_or_404(ApiToken, pk=token_id)
    if revoke_token(token_id, by=person(request)):
        messages.success(request, f"{token} is revoked: calls with it are refused from now on.")
    else:
        messages.info(request, f"{token} was revoked already.")
    return redirect("integrations:tokens")


@login_required
@require_safe
def reference_page(request: HttpRequest) -> HttpResponse:
    """What the API offers, for whoever connects a system."""
    context = {"reference": reference(), "site": request.build_absolute_uri("/").rstrip("/"), "scopes": SCOPES}
    context["may_make"] = can(request.user, Ability.ADMINISTER)
    return render(request, "integrations/reference.html", context)
