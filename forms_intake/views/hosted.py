"""Our own pages for visitors: a form alone or below its event, thanks and refusals. Nothing here touches a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from forms_intake.events.facing import event_of_form, facts_of, full_thanks
from forms_intake.landing.languages import FROM_THE_RIGHT, Words
from forms_intake.landing.markup import marked
from forms_intake.looks.form import form_view
from forms_intake.looks.policy import allow_captcha, allow_redirect
from forms_intake.posts import at_kiosk
from forms_intake.spec.shape import FormSpec, PageSpec
from leadcrm.lib.languages import ENGLISH, speaking

KIOSK_SECONDS = 20
"""So long the thanks stand at a kiosk before it begins anew."""
FULL = "full"
"""Says in the address of the thanks that the event was full when its form was sent."""
EVENT_PAGE = "forms_intake/events/public/event.html"


def form_page(
    form: FormSpec,
    page: PageSpec | None,
    *,
    language: str = "",
    words: Words | None = None,
    kiosk: bool = False,
    typed: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    tags: dict[str, str] | None = None,
    who: str = "",
    said: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form alone, or below its event, as `form_view` draws it; `page` is where a visitor filled it in before, in
    its `language` and `words`.

    At a `kiosk` nothing of it stays in the browser, and no visit is tracked.
    """
    language = language or form.language
    event = event_of_form(form.event_id) if form.event_id and page is None else None
    with speaking(language):
        facts = facts_of(event) if event else {}
    context = {
        "view": form_view(
            form,
            page=page,
            typed=typed,
            errors=errors,
            tags=tags,
            who=who,
            said=said,
            language=language,
            words=words,
            kiosk=kiosk,
        ),
        "untracked": kiosk,
        "language": language,
        "from_the_right": language in FROM_THE_RIGHT,
        "paragraphs": paragraphs(event.words if event else form.intro),
        "workspace": settings.WORKSPACE_NAME,
    } | facts
    template = EVENT_PAGE if event else "forms_intake/public/form.html"
    with speaking(language):
        response = HttpResponse(render_to_string(template, context), status=status)
    if who or kiosk:
        response["Cache-Control"] = "private, no-store"
    allow_redirect(response, form.redirect_url)
    allow_captcha(response, form)
    return response


def notice(
    heading: str,
    words: str,
    *,
    status: int = 200,
    language: str = ENGLISH,
    kiosk: str = "",
    written: bool = False,
    also: str = "",
) -> HttpResponse:
    """A page of a few words; `written`: by a marketer, who may mark them up (landing/markup.py). What we say `also`
    stands below. At a `kiosk` (the address of its form) the next person is asked in, soon by itself.
    """
    context = {
        "language": language,
        "from_the_right": language in FROM_THE_RIGHT,
        "heading": heading,
        "paragraphs": [*([] if written else paragraphs(words)), *paragraphs(also)],
        "written": marked(words) if written else "",
        "workspace": settings.WORKSPACE_NAME,
        "kiosk": kiosk,
        "untracked": bool(kiosk),
        "kiosk_seconds": KIOSK_SECONDS,
    }
    with speaking(language):
        return HttpResponse(render_to_string("forms_intake/public/notice.html", context), status=status)


def kiosk_of(request: HttpRequest, form: FormSpec) -> str:
    """Where the next person begins, if this is a kiosk; else ""."""
    return reverse("forms_intake:receive", args=[form.public_id]) + "?kiosk=1" if at_kiosk(request) else ""


def full_words(request: HttpRequest, form: FormSpec, language: str) -> str:
    """What whoever found an event full when they sent its form is told after that; "" for everybody else."""
    if request.GET.get(FULL) != "1":
        return ""
    with speaking(language):
        return full_thanks(form.event_id)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
