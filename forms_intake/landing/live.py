"""A page as the door uses it: frozen, and kept in the process for a moment like forms are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from forms_intake.landing.definition import Definition, Variant, forms_of, images_of, settings_of, variants_of
from forms_intake.landing.images import SOCIAL, SUFFIXES
from forms_intake.models import IntakeForm, LandingPage, PageImage, PageSlug, PageState, PageTest
from forms_intake.spec.remembering import also_forget

MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class ImageSpec:
    """A picture, with what a page says of it beside its words."""

    id: int
    key: str
    width: int
    height: int
    small_width: int

    @property
    def url(self) -> str:
        return self.address("large")

    @property
    def small_url(self) -> str:
        return self.address("small")

    @property
    def social_url(self) -> str:
        return self.address("social")

    @property
    def social_width(self) -> int:
        return SOCIAL[0]

    @property
    def social_height(self) -> int:
        return SOCIAL[1]

    def address(self, size: str) -> str:
        return reverse("forms_intake:page_image", args=[f"{self.key}-{size}.{SUFFIXES[size]}"])


@dataclass(frozen=True)
class LivePage:
    """What a page says: `settings` and `variants` of its live version (or of a draft, to be looked at)."""

    id: int
    slug: str
    state: str
    archived: bool
    settings: dict[str, Any]
    variants: tuple[Variant, ...]
    images: Mapping[int, ImageSpec]
    forms: Mapping[int, str]
    """Public ids of the forms it shows, by id."""
    test: int = 0
    """The number of the test that runs; 0: none."""

    @property
    def is_live(self) -> bool:
        return self.state == PageState.LIVE and not self.archived

    def variant(self, letter: str) -> Variant:
        """The variant of this letter, else the first."""
        return next((one for one in self.variants if one["letter"] == letter), self.variants[0])


@dataclass(frozen=True)
class Moved:
    """Where the page that was at an address is now."""

    slug: str


_remembered: dict[str, tuple[float, LivePage | Moved]] = {}
also_forget(_remembered.clear)


def page_at(slug: str) -> LivePage | Moved | None:
    """What is at an address, at most FORM_DEFINITION_SECONDS old; None for nothing, and for drafts."""
    now = time.monotonic()
    known = _remembered.get(slug)
    if known and known[0] > now:
        return known[1]
    found = _look_up(slug)
    if found is not None and settings.FORM_DEFINITION_SECONDS:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[slug] = (now + settings.FORM_DEFINITION_SECONDS, found)
    return found


def _look_up(slug: str) -> LivePage | Moved | None:
    page = LandingPage.objects.select_related("version").filter(slug=slug).first()
    if page is None:
        where = PageSlug.objects.filter(slug=slug).values_list("page__slug", flat=True).first()
        return Moved(where) if where else None
    if page.version is None:
        return None
    test = PageTest.objects.filter(page=page, ended_at=None).values_list("number", flat=True).first()
    return as_live(page, page.version.definition, test=test or 0)


def as_live(page: LandingPage, definition: Definition, *, test: int = 0) -> LivePage:
    """A page as if it said this. Two queries at most."""
    return LivePage(
        id=page.pk,
        slug=page.slug,
        state=page.state,
        archived=page.archived_at is not None,
        settings=settings_of(definition),
        variants=tuple(variants_of(definition)),
        images=image_specs(images_of(definition)),
        forms=dict(IntakeForm.objects.filter(pk__in=forms_of(definition)).values_list("pk", "public_id")),
        test=test,
    )


def image_specs(ids: Iterable[int]) -> dict[int, ImageSpec]:
    """The images with these ids, by id; those that are gone are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = PageImage.objects.filter(pk__in=wanted).values_list("pk", "key", "width", "height", "small_width")
    return {row[0]: ImageSpec(*row) for row in rows}
