"""Pages that nobody is shown any more: stopped, archived, deleted, and all of that taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts.services.records import RESTORABLE
from contacts.views.editing import person
from forms_intake.landing.lifecycle import archive, bring_back, delete, stop, undelete
from forms_intake.landing.results import real
from forms_intake.landing.views.around import builder_url, head_of, marketers, page_or_404
from leadcrm.lib.facts import honest_count


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def stopping(request: HttpRequest, page_id: int) -> HttpResponse:
    """Asks, then stops: visitors read that it is no longer here."""
    page = page_or_404(page_id)
    if request.method == "POST":
        stop(page_id=page_id)
        messages.success(request, f"{page.title} is stopped. What came through it stays.")
        return redirect(builder_url(page_id))
    return render(request, "forms_intake/landing/stop.html", head_of(page, "builder"))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def archiving(request: HttpRequest, page_id: int) -> HttpResponse:
    """Asks, then takes it off the lists."""
    page = page_or_404(page_id)
    if request.method == "POST":
        archive(page_id=page_id)
        messages.success(request, f"{page.title} is archived. It can be brought back from the list of archived pages.")
        return redirect("forms_intake:pages")
    return render(request, "forms_intake/landing/archive.html", head_of(page, "builder"))


@marketers
@require_POST
def restoring_page(request: HttpRequest, page_id: int) -> HttpResponse:
    page = bring_back(page_id=page_id)
    messages.success(request, f"{page.title} is back. It is not live.")
    return redirect(builder_url(page_id))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def deleting(request: HttpRequest, page_id: int) -> HttpResponse:
    """Asks, then deletes an archived page: for thirty days it can be restored."""
    page = page_or_404(page_id)
    if request.method == "POST":
        delete(page_id=page_id, by=person(request))
        messages.success(request, f"{page.title} is deleted. It can be restored for thirty days.")
        return redirect(reverse("forms_intake:pages") + "?state=deleted")
    came = real(page).order_by()
    context = head_of(page, "builder") | {"came": honest_count(came), "days": RESTORABLE.days}
    return render(request, "forms_intake/landing/delete.html", context)


@marketers
@require_POST
def undeleting(request: HttpRequest, page_id: int) -> HttpResponse:
    page = undelete(page_id=page_id)
    messages.success(request, f"{page.title} is restored. Bring it back from the archive to use it again.")
    return redirect(builder_url(page_id))
