"""Pages of the roof: signing in, home, search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.models import User
from leadcrm.search import LEAST_LETTERS, find


class SignIn(LoginView):
    """The sign-in form; someone already signed in goes home."""

    template_name = "registration/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Signs out on POST."""


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person, by role."""
    return render(request, "home.html")


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found for `q`: for the palette a few of each, as a page more."""
    user = request.user
    assert isinstance(user, User)
    words = request.GET.get("q", "")[:100].strip()
    in_palette = bool(request.headers.get("HX-Request"))
    context = {
        "words": words,
        "groups": find(request, user, words, each=5 if in_palette else 50),
        "too_short": len(words) > 0 and not any(len(term) >= LEAST_LETTERS for term in words.split()),
    }
    response = render(request, "parts/found.html" if in_palette else "search.html", context)
    response["Vary"] = "HX-Request"
    return response
