"""A form as it stands on a page of others: drawn into that page, or in a frame of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from forms_intake.anywhere.crossing import let_frame, may_show
from forms_intake.anywhere.origins import as_sent
from forms_intake.confirming import look_into_mailbox
from forms_intake.events.facing import full_thanks
from forms_intake.landing.languages import FROM_THE_RIGHT, IN_ENGLISH
from forms_intake.landing.markup import marked
from forms_intake.looks.fields import named_error
from forms_intake.looks.form import form_view
from forms_intake.looks.policy import allow_captcha
from forms_intake.models import FieldType
from forms_intake.spam.captcha import asked_on
from forms_intake.spec.shape import FormSpec
from forms_intake.spoken import thanks_of
from forms_intake.views import hosted
from leadcrm.lib.languages import speaking

AT = "at"
FRAME = "frame"
SCRIPTS = ("js/shown.js", "js/proof.js", "js/visitor.js", "js/embed.js")
HEARS = ("js/visitor.js", "js/capture.js")
STYLES = "css/embed.css"


def script(names: tuple[str, ...] = SCRIPTS) -> tuple[str, str]:
    """A script for pages of others, and a tag that changes with it."""
    return _read(names, settings.DEBUG and _changed())


def styles() -> str:
    return _read((STYLES,), settings.DEBUG and _changed())[0]


def _changed() -> int:
    return sum(_path(name).stat().st_mtime_ns for name in (*SCRIPTS, *HEARS, STYLES))


@lru_cache(maxsize=4)
def _read(names: tuple[str, ...], changed: int) -> tuple[str, str]:
    text = "\n".join(_path(name).read_text() for name in names)
    return text, hashlib.sha256(text.encode()).hexdigest()[:20]


def _path(name: str) -> Path:
    found = finders.find(name)
    assert isinstance(found, str)
    return Path(found)


def needs_frame(form: FormSpec) -> bool:
    """Whether it stands in a frame of ours on pages of others whatever is asked for: a captcha of a service runs code
    of a third party, which has no business in their page, and knows our address as the one it may be shown on.
    """
    asked = asked_on(form)
    return asked is not None and bool(asked.sources)


def as_parts(form: FormSpec, *, tags: dict[str, str], who: str, said: Mapping[str, str]) -> dict[str, Any]:
    """What the script needs to draw the form, and to go on after it was sent; or that it is to put it in a frame."""
    if needs_frame(form):
        return {"frame": True}
    view = form_view(form, tags=tags, who=who, said=said)
    with speaking(form.language):
        return {
            "html": render_to_string("forms_intake/public/form_body.html", {"view": view}),
            "css": styles(),
            "language": form.language,
            "direction": "rtl" if form.language in FROM_THE_RIGHT else "ltr",
            "thanks": marked(thanks_of(form, form.language)),
            "mailbox": mailbox_words(form),
            "full": full_thanks(form.event_id),
            "redirect": form.redirect_url,
            "attention": view.words.check if view.words.check != IN_ENGLISH.check else "",
            "named": {one.key: named_error(one.label, "") for one in view.fields if one.type != FieldType.HIDDEN},
            "unsent": gettext("It could not be sent. Please try again in a moment."),
        }


def mailbox_words(form: FormSpec) -> str:
    """That one step is missing, for a place where a form stood on a page of others."""
    with speaking(form.language):
        heading, words = look_into_mailbox()
    return f"{heading}.\n\n{words}"


def frame_of(request: HttpRequest, form: FormSpec) -> str | None:
    """The origin of the page that holds the form in a frame, as it says itself; "" when it says none or one that is
    not on the list; None when this is about no frame.
    """
    said = request.GET.get(FRAME)
    if said is None:
        return None
    origin = as_sent(said)
    return origin if origin and may_show(request, form, origin) else ""


def framed_form(
    form: FormSpec,
    parent: str,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    tags: dict[str, str] | None = None,
    who: str = "",
    said: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form alone, for a frame in a page of `parent`."""
    view = form_view(form, typed=typed, errors=errors, tags=tags, who=who, said=said)
    view = replace(view, action=_with_frame(view.action, parent))
    response = _page("forms_intake/anywhere/form.html", form, {"view": view, "parent": parent}, status)
    response["Cache-Control"] = "private, no-store"
    allow_captcha(response, form)
    return let_frame(response, form.origins)


def framed_notice(
    form: FormSpec, parent: str, words: str, *, go: str = "", sent: bool = False, written: bool = False, also: str = ""
) -> HttpResponse:
    """Some words in a frame, `written` by a marketer, who may mark them up, or ours, and what we say `also`; `go` is
    where the page around it should go, or a click where it does not listen.
    """
    context = {"parent": parent, "go": go, "sent": sent, "title": form.name}
    ours = [*([] if written else hosted.paragraphs(words)), *hosted.paragraphs(also)]
    context |= {"written": marked(words) if written else "", "paragraphs": ours}
    return let_frame(_page("forms_intake/anywhere/notice.html", form, context, 200), form.origins)


def sent_in_frame(form: FormSpec, parent: str, *, confirm: bool, full: bool) -> HttpResponse:
    """Where a frame goes once its form was sent. `full`: its event was."""
    name = "forms_intake:framed_mailbox" if confirm else "forms_intake:framed_thanks"
    more = {hosted.FULL: "1"} if full else {}
    return HttpResponse(
        status=303, headers={"Location": _with_frame(reverse(name, args=[form.public_id]), parent, more)}
    )


def _with_frame(url: str, parent: str, more: Mapping[str, str] | None = None) -> str:
    return f"{url}?{urlencode({FRAME: parent, **(more or {})})}"


def _page(template: str, form: FormSpec, context: Mapping[str, Any], status: int) -> HttpResponse:
    words = {
        **context,
        "workspace": settings.WORKSPACE_NAME,
        "language": form.language,
        "from_the_right": form.language in FROM_THE_RIGHT,
    }
    with speaking(form.language):
        return HttpResponse(render_to_string(template, words), status=status)
