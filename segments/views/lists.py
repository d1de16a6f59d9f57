"""The list of segments."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from segments.figures import sizes
from segments.models import Kind, Segment, State, Subject
from segments.starts import STARTS

VIEW = permission_required("segments.view_segment", raise_exception=True)
MOST = 500
CHOICES = {"subject": Subject, "state": State, "kind": Kind}


@login_required
@VIEW
@require_safe
def segment_list(request: HttpRequest) -> HttpResponse:
    """All segments by name, narrowed by the URL, each with its size over the last month."""
    rows = Segment.objects.alive().select_related("owner")
    chosen = {}
    for name, choices in CHOICES.items():
        value = request.GET.get(name, "")
        chosen[name] = value if value in choices.values else ""
        if chosen[name]:
            rows = rows.filter(**{name: value})
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if words:
        rows = rows.filter(name__icontains=words)
    segments = list(rows[:MOST])
    courses = sizes([segment for segment in segments if segment.live is not None])
    context = {
        "rows": [(segment, [day.size for day in courses.get(segment.pk, [])]) for segment in segments],
        "filters": [(name, choices.choices, chosen[name]) for name, choices in CHOICES.items()],
        "words": words,
        "filtered": bool(words or any(chosen.values())),
        "starts": STARTS,
        "kinds": Kind.choices,
        "may_add": request.user.has_perm("segments.add_segment"),
    }
    return render(request, "segments/segment_list.html", context)
