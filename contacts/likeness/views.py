"""The queue of contacts that may be one person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from contacts.access import may_manage
from contacts.likeness import queue
from contacts.likeness.search import SEARCH
from contacts.likeness.weights import ENOUGH, MOST_OF_ONE, STRONG, WEIGHTS
from contacts.models import DuplicatePair, DuplicateSearch, User
from contacts.views.editing import person
from leadcrm.lib.links import safe_next
from leadcrm.lib.paging import page_of, url_with

PAGE = 20
NOT_THE_SAME = "not-the-same"


@login_required
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs, the most alike first; with ?show=not-the-same those that somebody dismissed, the last first."""
    user = _manager(request)
    dismissed = request.GET.get("show") == NOT_THE_SAME
    sort = queue.LAST_DISMISSED if dismissed else queue.MOST_ALIKE
    page = page_of(queue.pairs_for(user, dismissed=dismissed), sort, request.GET.get("at", ""), size=PAGE)
    context = {
        "rows": [(pair, queue.reasons_in_words(pair)) for pair in page.rows],
        "said": f"{page.said} pair{'' if page.said == '1' else 's'}" if page.rows else "",
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
        "dismissed": dismissed,
        "strong": STRONG,
        "weights": [(reason.label, weight) for reason, weight in WEIGHTS.items()],
        "enough": ENOUGH,
        "most": MOST_OF_ONE,
        "search": DuplicateSearch.objects.filter(pk=SEARCH).first(),
        "here": request.get_full_path(),
    }
    return render(request, "contacts/duplicates.html", context)


@login_required
@require_POST
def dismiss(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Not the same: remembered, with who said so."""
    pair = queue.dismiss(_seen(request, pair_id).pk, by=_manager(request))
    if pair.dismissed_by == request.user:
        messages.success(request, f"{pair.first} and {pair.second} are not the same. Nobody is asked again.")
    else:
        messages.info(request, f"{pair.dismissed_by or 'Somebody'} has said so already.")
    return redirect(safe_next(request, reverse("contacts:duplicates")))


@login_required
@require_POST
def ask_again(request: HttpRequest, pair_id: int) -> HttpResponse:
    """They may be the same after all."""
    pair = queue.ask_again(_seen(request, pair_id).pk)
    messages.success(request, f"{pair.first} and {pair.second} are in the queue again.")
    return redirect(safe_next(request, reverse("contacts:duplicates")))


def _manager(request: HttpRequest) -> User:
    user = person(request)
    if not may_manage(user):
        raise PermissionDenied("Duplicates are looked through by who may edit everybody's contacts.")
    return user


def _seen(request: HttpRequest, pair_id: int) -> DuplicatePair:
    """The pair, if this person may see both; whatever was said of it."""
    user = _manager(request)
    found = queue.pairs_for(user).filter(pk=pair_id) or queue.pairs_for(user, dismissed=True).filter(pk=pair_id)
    return get_object_or_404(found)
