"""Which landing page a submission came through, and what of it its visitor saw."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from forms_intake.landing.definition import variants_of
from forms_intake.models import PageTest, PageVersion, Submission


@dataclass(frozen=True)
class CameBy:
    """In words, with where to look further: the page in its builder, the variant in the results of its test."""

    page: str
    url: str = ""
    variant: str = ""
    test_url: str = ""


def came_by(submission: Submission, *, links: bool) -> CameBy | None:
    """None for what came another way. Two queries at most; `links`: whether the reader may follow them."""
    page = submission.page
    if page is None:
        return None
    state = "deleted " if page.deleted_at else "archived " if page.archived_at else ""
    words = f"the {state}landing page {page}"
    links = links and page.deleted_at is None
    url = reverse("forms_intake:page_builder", args=[page.pk]) if links else ""
    if not submission.variant:
        return CameBy(words, url)
    at = submission.received_at
    test = PageTest.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=at), page=page, started_at__lte=at, letters__contains=[submission.variant]
    ).first()
    shown = PageVersion.objects.filter(page=page, created_at__lte=at).order_by("-number").first()
    name = next(
        (one["name"] for one in variants_of(shown.definition if shown else {}) if one["letter"] == submission.variant),
        "",
    )
    variant = f"variant {submission.variant}" + (f" “{name}”" if name else "")
    if test is None:
        return CameBy(words, url, variant)
    results = reverse("forms_intake:page_results", args=[page.pk]) + f"?test={test.number}" if links else ""
    return CameBy(words, url, f"{variant} of test {test.number}", results)
