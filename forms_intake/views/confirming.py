"""What a person meets who posted to a form with double opt-in: look into your mailbox, and the link in the mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from contacts.consent.links import masked
from contacts.consent.public import TOMORROW, public
from contacts.consent.public import page as consent_page
from forms_intake import confirming
from forms_intake.errors import UnknownForm
from forms_intake.events.facing import confirming_words
from forms_intake.looks.policy import allow_redirect
from forms_intake.models import Submission
from forms_intake.spec.reading import specs_of
from forms_intake.spec.remembering import spec_of
from forms_intake.spec.shape import FormSpec, PageSpec
from forms_intake.spoken import language_at, thanks_of, title_at, words_at
from forms_intake.views import hosted
from forms_intake.views.refusing import refuse
from leadcrm.lib.address import client_address
from leadcrm.lib.languages import speaking


@require_safe
def mailbox(request: HttpRequest, public_id: str) -> HttpResponse:
    """After the post: one step is missing. In the language of the `page` the form stood on, else in its own."""
    form = spec_of(public_id)
    if form is None:
        return refuse(request, UnknownForm())
    language = language_at(form, form.page(request.GET.get("page", "")))
    with speaking(language):
        return hosted.notice(
            *confirming.look_into_mailbox(),
            language=language,
            kiosk=hosted.kiosk_of(request, form),
            also=hosted.full_words(request, form, language),
        )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail. It asks for a click, since mail scanners follow links; a second click is harmless."""
    try:
        submission = confirming.found(token)
    except confirming.Expired as late:
        form, page = _where(late.submission)
        with speaking(language_at(form, page)):
            return _expired(request, late)
    except (signing.BadSignature, ValueError, TypeError):
        words = gettext("It may be damaged: please copy it as a whole.")
        return _notice(gettext("This link does not work"), words, status=404)
    also = ""
    if submission is not None and request.method == "POST" and confirming.may_confirm(submission):
        form, page = _where(submission)
        with speaking(language_at(form, page)):
            also = confirming_words(form.event_id)
        confirming.confirm(submission, ip=client_address(request) or None)
        submission = confirming.found(token)  # somebody here may have been quicker
        if submission is not None and (address := _where(submission)[0].redirect_url):
            return HttpResponseRedirect(address)
    if submission is None:
        words = gettext("What it was about is gone. Please fill in the form once more.")
        return _notice(gettext("There is nothing to confirm"), words, status=410)
    form, page = _where(submission)
    with speaking(language_at(form, page)):
        return _confirmed(submission, form, page, also=also)


def _where(submission: Submission) -> tuple[FormSpec, PageSpec | None]:
    form = specs_of([submission.form_id])[submission.form_id]
    return form, form.page_with_id(submission.page_id)


def _confirmed(submission: Submission, form: FormSpec, page: PageSpec | None, *, also: str) -> HttpResponse:
    """The page that asks for the click, or what came of it. What was set aside as spam is told the same: the click is
    kept.
    """
    if confirming.may_confirm(submission):
        address = confirming.address_in(submission, form)
        return _confirm_page(masked=masked(address), about=title_at(form, page), redirect_url=form.redirect_url)
    language = language_at(form, page)
    words = thanks_of(form, language)
    if confirming.CONFIRMED_AT in submission.origin:
        words = f"{words}\n\n{gettext('Your address is confirmed.')}"
    return hosted.notice(words_at(form, page).thanks, words, language=language, written=True, also=also)


def _expired(request: HttpRequest, late: confirming.Expired) -> HttpResponse:
    address = masked(confirming.address_in(late.submission))
    if request.method == "POST":
        if confirming.ask_again(late.submission) is False:
            return _notice(gettext("No mail could be sent"), gettext(TOMORROW), status=429)
        return _notice(gettext("A new link is on its way"), gettext("It goes to %(masked)s.") % {"masked": address})
    return consent_page("expired", 410, masked=address)


def _notice(heading: str, words: str, *, status: int = 200) -> HttpResponse:
    return hosted.notice(heading, words, status=status, language=get_language() or "")


def _confirm_page(redirect_url: str, **words: Any) -> HttpResponse:
    words |= {"workspace": settings.WORKSPACE_NAME, "language": get_language()}
    answer = HttpResponse(render_to_string("forms_intake/public/confirm.html", words))
    allow_redirect(answer, redirect_url)
    return answer
