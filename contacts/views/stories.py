"""What the pages of records share: the story that can be narrowed to a kind, and the field history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from contacts.field_history import NEWEST, changes_of, fields_changed, tell
from contacts.models import Record
from contacts.timeline import PLACE, Source, page_of
from contacts.views.editing import person
from leadcrm.lib.pages import render_page, wants_part
from leadcrm.lib.paging import page_of as rows_of
from leadcrm.lib.paging import read_cursor, url_with

FEW = 5


def story_page(
    request: HttpRequest,
    template: str,
    around: dict[str, Any],
    kinds: Sequence[tuple[str, str]],
    told: Callable[..., list[Source]],
) -> HttpResponse:
    """A record's page, or for htmx its partial "story": what `told(show=...)` gives of the kind in the address, from
    the cursor in the address on. An unknown kind is the first.
    """
    wanted = request.GET.get("show", "")
    show = wanted if wanted in dict(kinds) else kinds[0][0]
    cursor = read_cursor(request.GET.get("before", ""), PLACE)
    story = page_of(told(show=show), cursor)
    here = request.path
    context = around | {
        "story": story,
        "show": show,
        "shows": kinds,
        "here": here,
        "first_url": f"{here}?show={show}#story" if cursor else "",
        "older_url": f"{here}?{urlencode({'show': show, 'before': str(story.next)})}#story" if story.next else "",
    }
    return render_page(request, template, context, part="story")


def field_history_page(request: HttpRequest, record: Record, *, entity: str, place: str) -> HttpResponse:
    """All changes of a record's fields, the newest first, or of the field in the address; for htmx a card with a few.

    Whoever calls this has seen to it that this person may read the record.
    """
    user, model = person(request), type(record)
    rows = changes_of(entity, [record.pk]).select_related("actor")
    url = reverse(f"{place}:history", args=[record.pk])
    if wants_part(request):
        few = list(rows.order_by("-changed_at", "-pk")[: FEW + 1])
        context = {"told": tell(few[:FEW], model, user), "more": len(few) > FEW, "history_url": url}
        return render(request, "records/history_card.html", context)
    fields = fields_changed(model, entity, record.pk)
    field = request.GET.get("field", "")
    field = field if field in dict(fields) else ""
    page = rows_of(rows.filter(field=field) if field else rows, NEWEST, request.GET.get("at", ""))
    context = {
        "record": record,
        "word": entity,
        "record_url": reverse(f"{place}:detail", args=[record.pk]),
        "fields": fields,
        "field": field,
        "told": tell(page.rows, model, user),
        "said": page.said,
        "clear_url": request.path,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "records/history.html", context)
