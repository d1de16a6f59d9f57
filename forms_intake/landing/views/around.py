"""Around every page of a landing page's maker: who may see it, what heads it, the variant and the preview."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from forms_intake.building.definition import fingerprint
from forms_intake.landing.definition import settings_of, variant_of
from forms_intake.models import LandingPage

DESKTOP, PHONE = "desktop", "phone"


def marketers(view: Any) -> Any:
    """Pages of who builds landing pages; everybody else is refused."""
    return login_required(permission_required("forms_intake.change_landingpage", raise_exception=True)(view))


def page_or_404(page_id: int) -> LandingPage:
    """The page, unless it was deleted, with what its pages say of it."""
    related = ("version__created_by", "edited_by", "marketing_context__campaign")
    return get_object_or_404(LandingPage.objects.select_related(*related), pk=page_id, deleted_at=None)


def builder_url(page_id: int, letter: str = "", block_id: str = "") -> str:
    """The draft's page, at one of its blocks."""
    query = f"?variant={letter}" if letter and letter != "A" else ""
    anchor = f"#block-{block_id}" if block_id else ""
    return reverse("forms_intake:page_builder", args=[page_id]) + query + anchor


def letter_of(request: HttpRequest, page: LandingPage) -> str:
    """The variant that is asked for, else the first."""
    letter: str = variant_of(page.draft, request.GET.get("variant", ""))["letter"]
    return letter


def head_of(page: LandingPage, here: str) -> dict[str, Any]:
    """What every page of one landing page begins with. `lp`: `page` is the pager's in templates."""
    return {"lp": page, "here": here, "edited": page.version is not None and page.version.definition != page.draft}


def preview_of(request: HttpRequest, page: LandingPage, letter: str) -> dict[str, Any]:
    """The preview beside an editor."""
    width = PHONE if request.GET.get("width") == PHONE else DESKTOP
    frame = reverse("forms_intake:page_frame", args=[page.pk]) + f"?variant={letter}"
    dark = settings_of(page.draft)["dark"]
    return {"frame": frame, "width": width, "letter": letter, "stamp": fingerprint(page.draft), "dark": dark}


def framing(response: HttpResponse) -> HttpResponse:
    """Let a page of ours show the preview in a frame."""
    response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]
    return response
