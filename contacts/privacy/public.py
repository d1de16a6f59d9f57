"""What a person asks about their data on their own page: a copy, or to be erased."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from contacts.consent.links import contact_behind, masked, token_of
from contacts.consent.public import notice, page, public, unreadable
from contacts.models import DataRequest
from contacts.privacy.requests import enter

ANSWERED: dict[str, str] = {
    DataRequest.Kind.EXPORT: gettext_noop("A copy of your data: we answer by %(day)s."),
    DataRequest.Kind.ERASURE: gettext_noop("Erasure of your data: we answer by %(day)s."),
}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """Their request is taken down, to be answered by a person in time. Asked twice, it is one."""
    contact = contact_behind(token)
    if contact is None:
        return unreadable()
    kind = request.POST.get("kind", "")
    if request.method == "POST" and kind in DataRequest.Kind.values:
        made = enter(kind=kind, contact=contact, by=None, by_themselves=True)
        return notice(
            gettext("We have your request"),
            gettext(ANSWERED[made.kind]) % {"day": date_format(made.due_on)},
            own_url=reverse("preferences:own", args=[token_of(contact)]),
        )
    return page("request", masked=masked(contact.email), token=token)
