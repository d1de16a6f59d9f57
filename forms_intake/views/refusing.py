"""Saying no to visitors: a page of a few words, or JSON for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, gettext_noop

from forms_intake import posts
from forms_intake.errors import PostRefused
from forms_intake.views import hosted
from leadcrm.lib.languages import asked_for, speaking

HEADINGS = {
    400: gettext_noop("That could not be read"),
    403: gettext_noop("Not on this page"),
    404: gettext_noop("There is nothing here"),
    410: gettext_noop("This is closed"),
    411: gettext_noop("That could not be read"),
    413: gettext_noop("That is too large"),
    429: gettext_noop("A moment, please"),
    503: gettext_noop("Please try again"),
}


def refuse(request: HttpRequest, refusal: PostRefused, language: str = "") -> HttpResponse:
    """The refusal in the language of the form or page it is about; "" where that is not known: the browser's."""
    with speaking(language or asked_for(request)):
        response = _refused(request, refusal, language or asked_for(request))
    if not language:
        patch_vary_headers(response, ["Accept-Language"])
    return response


def _refused(request: HttpRequest, refusal: PostRefused, language: str) -> HttpResponse:
    response: HttpResponse
    if posts.wants_json(request):
        body = {"error": refusal.code, "message": refusal.spoken, **refusal.data}
        response = JsonResponse(body, status=refusal.status)
    else:
        response = hosted.notice(
            gettext(HEADINGS[refusal.status]), refusal.spoken, status=refusal.status, language=language
        )
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response
