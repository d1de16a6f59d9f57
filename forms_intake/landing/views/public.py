"""What visitors meet: pages at /p/<slug>/, and their images. Nothing here touches a session."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from forms_intake import posts
from forms_intake.anywhere.visits import note_known
from forms_intake.errors import FormClosed, PageStopped, PostRefused, UnknownPage
from forms_intake.landing.choosing import choose, keep_choice
from forms_intake.landing.counting import afterwards, count_afterwards
from forms_intake.landing.definition import Variant, form_of
from forms_intake.landing.images import SUFFIXES, TYPES
from forms_intake.landing.live import LivePage, Moved, page_at
from forms_intake.landing.rendering import Asked, page_response
from forms_intake.models import FormState, PageImage
from forms_intake.spec.remembering import spec_of
from forms_intake.spec.shape import FormSpec
from forms_intake.tracking.own import visitor_of
from forms_intake.views.refusing import refuse

PAGE_SECONDS = 15
"""How long a visitor's own browser may keep a landing page, and any cache where a page has gone. No cache between keeps
pages themselves, so that each visitor is counted.
"""
A_YEAR = 365 * 24 * 3600
IMAGE = re.compile(r"([0-9a-f]{32})-(large|small|social)\.(webp|jpg)")


@require_safe
def landing_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A hosted page. Where it was before leads to where it is."""
    try:
        return _page(request, slug)
    except PostRefused as refusal:
        live = page_at(slug)
        return refuse(request, refusal, live.settings["language"] if isinstance(live, LivePage) else "")


def _page(request: HttpRequest, slug: str) -> HttpResponse:
    live = page_at(slug)
    if isinstance(live, Moved):
        query = request.META.get("QUERY_STRING", "")
        where = reverse("forms_intake:page", args=[live.slug]) + (f"?{query}" if query else "")
        headers = {"Location": where, "Cache-Control": f"public, max-age={PAGE_SECONDS}"}
        return HttpResponse(status=301, headers=headers)
    if live is None:
        raise UnknownPage
    if not live.is_live:
        raise PageStopped(live.settings["stopped_message"])
    chosen = choose(request, live)
    variant = chosen.variant
    form = form_shown(live, variant)
    if form is not None and form.state != FormState.LIVE:
        raise FormClosed(form.closed_message if form.state == FormState.CLOSED else "")
    who = posts.who_of(request)
    asked = Asked(base_of(request), posts.tags_of(request), who, said=request.GET, letter=chosen.letter)
    response = page_response(live, variant, form, asked)
    response["Cache-Control"] = "private, no-store" if who else f"private, max-age={PAGE_SECONDS}"
    keep_choice(response, live, chosen)
    if chosen.counts:
        form_id = form.id if form is not None else None
        count_afterwards(
            response,
            page_id=live.id,
            form_id=form_id,
            test=chosen.test,
            variant=chosen.letter,
            new_visitor=chosen.is_new,
        )
    visitor = visitor_of(request)
    if chosen.counts and form is not None and (who or visitor):
        page = form.page(live.slug)
        context = page.context if page else None
        afterwards(response, lambda: note_known(request, form, who=who, visitor=visitor, context=context))
    return response


def form_shown(live: LivePage, variant: Variant) -> FormSpec | None:
    """The form a variant shows, as it is live."""
    public_id = live.forms.get(form_of(variant) or 0)
    return spec_of(public_id) if public_id else None


def base_of(request: HttpRequest) -> str:
    """The address of this server, as the visitor knows it."""
    return f"{request.scheme}://{request.get_host()}"


def page_again(request: HttpRequest, form: FormSpec, page_slug: str, letter: str, asked: Asked) -> HttpResponse | None:
    """The page with its form as it was filled in, and what is wrong; None where the page does not show it any more."""
    page = form.page(page_slug)
    live = page_at(page.slug) if page else None
    if not isinstance(live, LivePage) or not live.is_live:
        return None
    variant = live.variant(letter)
    if form_of(variant) != form.id:
        return None
    response = page_response(live, variant, form, asked, status=422)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def image(request: HttpRequest, name: str) -> HttpResponse:
    """A picture. What is at an address never changes, so it may be kept for ever."""
    asked = IMAGE.fullmatch(name)
    if asked is None or SUFFIXES[asked[2]] != asked[3]:
        raise Http404
    data = PageImage.objects.filter(key=asked[1]).values_list(asked[2], flat=True).first()
    if data is None:
        raise Http404
    response = HttpResponse(bytes(data), content_type=TYPES[asked[2]])
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
