"""What a person meets who posted to a form with double opt-in: look into your mailbox, and the link in the mail."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from contacts.consent.links import masked
from contacts.consent.public import page, public
from forms_intake import confirming
from forms_intake.models import SubmissionState
from forms_intake.spec import spec_of, specs_of
from forms_intake.views import hosted
from leadcrm.lib.address import client_address


@require_safe
def mailbox(request: HttpRequest, public_id: str) -> HttpResponse:
    """After the post: one step is missing."""
    if spec_of(public_id) is None:
        return hosted.notice("There is nothing here", "There is no such form.", status=404)
    return hosted.notice(
        "Please look into your mailbox",
        "We have sent you a mail. Follow the link in it and click once to confirm: until then nothing is done.\n\n"
        "Nothing has come after some minutes? Please look among the spam.",
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail. It asks for a click, since mail scanners follow links; a second click is harmless."""
    try:
        submission = confirming.found(token)
    except confirming.Expired as late:
        return _expired(request, late)
    except (signing.BadSignature, ValueError, TypeError):
        return hosted.notice("This link does not work", "It may be damaged: please copy it as a whole.", status=404)
    if submission is None:
        words = "What it was about is gone. Please fill in the form once more."
        return hosted.notice("There is nothing to confirm", words, status=410)
    form = specs_of([submission.form_id])[submission.form_id]
    if submission.state == SubmissionState.UNCONFIRMED:
        if request.method != "POST":
            address = confirming.address_in(submission, form)
            hosting = form.page_with_id(submission.page_id)
            about = hosting.title if hosting else form.name
            return _confirm_page(masked=masked(address), about=about, redirect_url=form.redirect_url)
        confirming.confirm(submission, ip=client_address(request) or None)
        if form.redirect_url:
            return HttpResponseRedirect(form.redirect_url)
    return hosted.notice("Thank you", f"{form.thank_you}\n\nYour address is confirmed.")


def _expired(request: HttpRequest, late: confirming.Expired) -> HttpResponse:
    address = masked(confirming.address_in(late.submission))
    if request.method == "POST":
        confirming.ask_again(late.submission)
        return hosted.notice("A new link is on its way", f"It goes to {address}.")
    return page("expired", 410, masked=address)


def _confirm_page(redirect_url: str, **words: Any) -> HttpResponse:
    words["workspace"] = settings.WORKSPACE_NAME
    answer = HttpResponse(render_to_string("forms_intake/public/confirm.html", words))
    hosted.allow_redirect(answer, redirect_url)
    return answer
