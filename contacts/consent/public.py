"""Pages that a signed link opens, without signing in: one's own preferences, and the confirmation of a consent.

The link is the permission: who does not hold it cannot post either, so no cookie and no CSRF token is asked for. A GET
changes nothing, whoever follows the link: mail scanners do. Addresses with links stay out of the log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts import normalise
from contacts.acting import acting
from contacts.consent import asking, centre
from contacts.consent.letters import PREFERENCES
from contacts.consent.links import contact_behind, masked, token_of
from contacts.letters import post_letter
from contacts.middleware import own_affair
from contacts.models import Contact, How, MatchKey
from contacts.services.consents import withdraw_all
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of
from leadcrm.lib.languages import ENGLISH, asked_for, speaking

ASKS_AN_HOUR = 10
LETTERS_A_DAY = 3
NOBODY = 0
"""No contact has this id."""
TOMORROW = gettext_noop(
    "As many mails as we send to one address have gone to it today. This one goes by itself a day later."
)
UNREADABLE = gettext_noop("It may be damaged, or meant for an address that is no longer yours.")


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Without session, cache, referrer and log line; whoever may be signed in here has nothing to do with it. In the
    language that their browser asks for, where we speak it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with acting(None, cause="preferences"), speaking(asked_for(request)):
            answer = view(request, *args, **kwargs)
        patch_vary_headers(answer, ["Accept-Language"])
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer.is_on_record = True  # type: ignore[attr-defined]
        answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would write the address of what is refused
        return answer

    return csrf_exempt(own_affair(never_cache(guarded)))


def page(template: str, status: int = 200, **words: Any) -> HttpResponse:
    """A public page. Rendered without the request: no session is touched."""
    words |= {"workspace": settings.WORKSPACE_NAME, "language": get_language()}
    return HttpResponse(render_to_string(f"consent/public/{template}.html", words), status=status)


def notice(heading: str, *paragraphs: str, status: int = 200, **more: Any) -> HttpResponse:
    """A page of a few words."""
    return page("said", status, heading=heading, paragraphs=paragraphs, **more)


def unreadable() -> HttpResponse:
    """A false link, or one of somebody who is gone."""
    return notice(
        gettext("This link does not work"), gettext(UNREADABLE), status=404, ask_url=reverse("preferences:ask")
    )


def _ip(request: HttpRequest) -> str | None:
    return client_address(request) or None


@public
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponse:
    """What a person agrees to, to be changed; nothing else of them is shown, and their address only masked."""
    contact = contact_behind(token)
    if contact is None:
        return unreadable()
    if request.method == "POST":
        return _choose(request, contact)
    return _own_page(contact)


def _own_page(contact: Contact, **more: Any) -> HttpResponse:
    choices = centre.choices_of(contact)
    words: dict[str, Any] = {
        "choices": choices,
        "shown": centre.shown_as_text(contact, choices),
        "masked": masked(contact.email),
        "token": token_of(contact),
        "wards": centre.wards_of(contact),
        "writes": contact.consent_level > 2 or any(one.agreed for one in choices),
    }
    return page("preferences", **(words | more))


def _choose(request: HttpRequest, contact: Contact) -> HttpResponse:
    wanted = {int(one) for one in request.POST.getlist("purpose") if one.isdecimal() and len(one) < 19}
    child = request.POST.get("child", "")
    try:
        if child.isascii() and child.isdecimal() and len(child) < 19:
            names = centre.choose_for(
                contact,
                int(child),
                shown=request.POST.get("shown", ""),
                wanted=wanted,
                page=_place(request),
                ip=_ip(request),
            )
            return _own_page(contact, decided=int(child), names=names)
        changed = centre.choose(
            contact, shown=request.POST.get("shown", ""), wanted=wanted, page=_place(request), ip=_ip(request)
        )
    except (signing.BadSignature, ValueError, TypeError):
        return _own_page(contact, problem=gettext("This page had been open in another way. Please choose again."))
    contact.refresh_from_db()
    return _own_page(contact, changed=changed)


def _place(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("preferences:ask"))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe from everything by one click; mail programs post here by themselves (RFC 8058)."""
    contact = contact_behind(token)
    if contact is None:
        return unreadable()
    if request.method != "POST":
        return page("unsubscribe", masked=masked(contact.email), token=token)
    by_program = request.POST.get("List-Unsubscribe") == "One-Click"
    how = How.UNSUBSCRIBE if by_program else How.CENTRE
    withdraw_all(contact_id=contact.pk, how=how, page=_place(request), ip=_ip(request))
    return page("unsubscribed", masked=masked(contact.email), token=token)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail that asks to confirm a consent: one click more, and it counts. A second click is harmless."""
    try:
        asked, given = asking.found(token)
    except asking.Expired as late:
        return _expired(request, late)
    except (signing.BadSignature, ValueError, TypeError):
        return unreadable()
    if asked is None:
        words = gettext("You agree to “%(purpose)s”. There is nothing more to do.")
        return notice(gettext("You are confirmed"), words % {"purpose": given.purpose})  # type: ignore[union-attr]
    if request.method != "POST":
        return page("confirm", asked=asked, masked=masked(asked.email))
    if asking.confirm(asked, ip=_ip(request)) is None:
        return confirm(request, token)  # something was quicker: say what is so now
    return notice(
        gettext("Thank you"),
        gettext("You agree to “%(purpose)s”. You can change your mind at any time.") % {"purpose": asked.purpose},
        own_url=reverse("preferences:own", args=[token_of(asked.contact)]),
    )


def _expired(request: HttpRequest, late: asking.Expired) -> HttpResponse:
    if late.asked is None:
        return notice(
            gettext("There is nothing to confirm"),
            gettext("This was taken back, or has waited too long. You can choose again on your page of preferences."),
            status=410,
            ask_url=reverse("preferences:ask"),
        )
    if request.method == "POST":
        if asking.ask_again(late.asked, language=get_language() or ENGLISH) is False:
            return notice(gettext("No mail could be sent"), gettext(TOMORROW), status=429)
        goes = gettext("It goes to %(masked)s.") % {"masked": masked(late.asked.email)}
        return notice(gettext("A new link is on its way"), goes)
    return page("expired", 410, masked=masked(late.asked.email))


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Where somebody has the link to their own page mailed. It answers the same whether the address is known or not."""
    if request.method != "POST":
        return page("ask")
    typed = request.POST.get("email", "").strip()[:254]
    address = normalise.email(typed)
    if not address:
        return page("ask", 422, typed=typed, problem=gettext("This is not an e-mail address."))
    sender = ratelimit.allow(f"preferences:{network_of(client_address(request))}", limit=ASKS_AN_HOUR, seconds=3600)
    if not sender.allowed:
        often = gettext("That was often enough for now. Please try again in an hour.")
        answer = page("ask", 429, typed=typed, problem=often)
        answer["Retry-After"] = str(sender.retry_after)
        return answer
    key = MatchKey.objects.filter(kind="email", value=address, contact__deleted_at=None).first()
    letters = ratelimit.allow(f"preferences-to:{address}", limit=LETTERS_A_DAY, seconds=24 * 3600)
    if letters.allowed:
        # For nobody too: how long the answer takes would tell who is known. Composing finds that there is none.
        post_letter(PREFERENCES, contact=key.contact_id if key else NOBODY, language=get_language())
    return notice(
        gettext("Look into your mailbox"),
        gettext("If we have %(typed)s in our records, a mail with the link to your preferences is on its way.")
        % {"typed": typed},
        gettext("Nothing has come after some minutes? Look among the spam, or try another address of yours."),
    )
