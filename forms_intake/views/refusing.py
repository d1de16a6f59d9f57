"""Saying no to visitors: a page of a few words, or JSON for programs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from forms_intake import posts
from forms_intake.errors import PostRefused
from forms_intake.views import hosted

HEADINGS = {
    400: "That could not be read",
    403: "Not on this page",
    404: "There is nothing here",
    410: "This is closed",
    411: "That could not be read",
    413: "That is too large",
    429: "A moment, please",
    503: "Please try again",
}


def refuse(request: HttpRequest, refusal: PostRefused) -> HttpResponse:
    response: HttpResponse
    if posts.wants_json(request):
        body = {"error": refusal.code, "message": refusal.message, **refusal.data}
        response = JsonResponse(body, status=refusal.status)
    else:
        response = hosted.notice(HEADINGS[refusal.status], refusal.message, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response
