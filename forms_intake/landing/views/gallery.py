"""The images of all pages: looked through, and deleted."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from forms_intake.landing.gallery import delete_image, pages_using
from forms_intake.landing.images import MOST_IMAGES, SUFFIXES
from forms_intake.landing.views.around import marketers
from forms_intake.models import PageImage
from leadcrm.lib.errors import DomainError

A_PAGE = 50


@marketers
@require_safe
def image_list(request: HttpRequest) -> HttpResponse:
    """The latest first; `before` is the id that the page before ended with."""
    before = request.GET.get("before", "")
    rows = _images().order_by("-pk").select_related("added_by")
    if before.isascii() and before.isdecimal() and len(before) < 10:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: A_PAGE + 1])
    here = reverse("forms_intake:page_images")
    context = {
        "images": [(image, _small_url(image)) for image in found[:A_PAGE]],
        "total": PageImage.objects.count(),
        "most": MOST_IMAGES,
        "first_url": here if before else "",
        "next_url": f"{here}?before={found[A_PAGE - 1].pk}" if len(found) > A_PAGE else "",
    }
    return render(request, "forms_intake/landing/images.html", context)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def image_delete(request: HttpRequest, image_id: int) -> HttpResponse:
    """Asks, naming the pages that keep it from being deleted; then deletes it for good."""
    if request.method == "POST":
        try:
            image = delete_image(image_id=image_id)
        except DomainError as problem:
            messages.error(request, problem.message)
        else:
            messages.success(request, f"{image.name} is deleted.")
        return redirect("forms_intake:page_images")
    image = get_object_or_404(_images(), pk=image_id)
    context = {"image": image, "url": _small_url(image), "pages": pages_using(image_id)}
    return render(request, "forms_intake/landing/delete_image.html", context)


def _images() -> QuerySet[PageImage]:
    return PageImage.objects.defer("large", "small", "social")


def _small_url(image: PageImage) -> str:
    return reverse("forms_intake:page_image", args=[f"{image.key}-small.{SUFFIXES['small']}"])
