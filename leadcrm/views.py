"""Pages of the roof: signing in, home, search."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.models import Role, User
from leadcrm.home import home_of
from leadcrm.lib.address import client_address, network_of
from leadcrm.lib.pages import VARIES, wants_part
from leadcrm.lib.ratelimit import allow
from leadcrm.search import LEAST_LETTERS, find


class SignIn(LoginView):
    """The sign-in form, with so many tries a minute from one place and for one name. Who is signed in goes home."""

    template_name = "registration/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        sender = network_of(client_address(request))
        name = request.POST.get("username", "")[:150].lower()
        for key in (f"sign-in:from:{sender}", f"sign-in:as:{name}"):
            decision = allow(key, limit=settings.SIGN_INS_PER_MINUTE, seconds=60)
            if not decision.allowed:
                context = {"form": self.get_form_class()(), "wait": decision.retry_after}
                response = render(request, self.template_name, context, status=429)
                response["Retry-After"] = str(decision.retry_after)
                return response
        return super().post(request, *args, **kwargs)


class SignOut(LogoutView):
    """Signs out on POST."""


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's sign-in is ours, with its limit; who is signed in and may not enter is refused, not sent round."""
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise PermissionDenied
    following = request.GET.get("next") or reverse("admin:index")
    return redirect(f"{reverse('sign_in')}?{urlencode({'next': following})}")


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person, by role; a salesperson's is the sales-ready dashboard."""
    user = request.user
    assert isinstance(user, User)
    if user.role == Role.SALESPERSON:
        return redirect("leads:ready")
    page = home_of(user)
    return render(request, page.template, page.context)


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found for `q`: for the palette a few of each, as a page more."""
    user = request.user
    assert isinstance(user, User)
    words = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    in_palette = wants_part(request)
    context = {
        "words": words,
        "groups": find(request, user, words, each=5 if in_palette else 50),
        "too_short": len(words) > 0 and not any(len(term) >= LEAST_LETTERS for term in words.split()),
    }
    response = render(request, "parts/found.html" if in_palette else "search.html", context)
    response["Vary"] = VARIES
    return response
