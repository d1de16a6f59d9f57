"""What a page said, version by version, and back to one of them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.views.editing import person
from forms_intake.building.definition import fingerprint
from forms_intake.landing.changes import differences
from forms_intake.landing.lifecycle import restore
from forms_intake.landing.views.around import builder_url, head_of, marketers, page_or_404
from leadcrm.lib.errors import DomainError

MOST_VERSIONS = 50


@marketers
@require_safe
def versions(request: HttpRequest, page_id: int) -> HttpResponse:
    """What the page said, version by version, and how any two differ (`from`, `to`: numbers, 0 is the draft)."""
    page = page_or_404(page_id)
    known = list(page.versions.select_related("created_by").order_by("-number")[:MOST_VERSIONS])
    numbers = {one.number: one for one in known}
    latest = known[0].number if known else 0
    begins, ends = _number(request, "from", page.version.number if page.version else latest), _number(request, "to", 0)
    begins, ends = (begins if begins in numbers else latest), (ends if ends in numbers else 0)
    definitions = {0: page.draft} | {number: one.definition for number, one in numbers.items()}
    context = head_of(page, "versions") | {
        "versions": known,
        "from_number": begins,
        "to_number": ends,
        "choices": [(0, "The draft"), *((one.number, f"Version {one.number}") for one in known)],
        "differences": differences(definitions[begins], definitions[ends]) if known else [],
        "seen": fingerprint(page.draft),
    }
    return render(request, "forms_intake/landing/versions.html", context)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else otherwise


@marketers
@require_POST
def restoring(request: HttpRequest, page_id: int, number: int) -> HttpResponse:
    """Make an older version the draft, unless somebody changed the draft since the page was read."""
    try:
        restore(page_id=page_id, number=number, seen=request.POST.get("seen", ""), by=person(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("forms_intake:page_versions", page_id)
    messages.success(request, f"The draft says what version {number} said. Go live with it when it is right.")
    return redirect(builder_url(page_id))
