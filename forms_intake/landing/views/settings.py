"""What is said of a page where it is found and shared, and its address."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from contacts.views.editing import person
from forms_intake.errors import ImageRefused
from forms_intake.landing.definition import settings_of
from forms_intake.landing.editing import keep_settings, locked
from forms_intake.landing.images import take_image
from forms_intake.landing.live import image_specs
from forms_intake.landing.settings_form import SettingsForm
from forms_intake.landing.views.around import head_of, marketers, page_or_404
from forms_intake.models import LandingPage


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, page_id: int) -> HttpResponse:
    """Address, search results and networks. Whoever saves second is told, and keeps what they typed."""
    if request.method == "POST":
        edit, is_kept = _settings_posted(request, page_id)
        if is_kept:
            messages.success(request, "Saved.")
            return redirect("forms_intake:page_settings", page_id)
    else:
        page = page_or_404(page_id)
        edit = SettingsForm(page=page, stored=settings_of(page.draft))
    page = page_or_404(page_id)
    said = settings_of(page.draft)
    context = head_of(page, "settings") | {
        "edit": edit,
        "said": said,
        "shared": image_specs([said["social_image"]] if said["social_image"] else []).get(said["social_image"]),
        "address": request.build_absolute_uri(reverse("forms_intake:page", args=[page.slug])),
    }
    return render(request, "forms_intake/landing/settings.html", context, status=422 if edit.is_bound else 200)


def _settings_posted(request: HttpRequest, page_id: int) -> tuple[SettingsForm, bool]:
    """The form as it was sent, and whether it is kept."""
    try:
        with transaction.atomic():
            stored = locked(page_id)
            edit = SettingsForm(request.POST, request.FILES, page=stored, stored=settings_of(stored.draft))
            return edit, edit.is_valid() and _keep(edit, stored, request)
    except IntegrityError:  # somebody took the address at the same moment
        edit.add_error("slug", "Another page is there.")
        return edit, False


def _keep(edit: SettingsForm, page: LandingPage, request: HttpRequest) -> bool:
    values, file = dict(edit.cleaned_data), edit.cleaned_data.get("social_image_file")
    if file:
        try:
            made = take_image(file=file, name=str(file.name), alt="", by=person(request))
        except ImageRefused as error:
            edit.add_error("social_image_file", error.message)
            return False
        values["social_image"] = made.pk
    keep_settings(page, values, person(request))
    return True
