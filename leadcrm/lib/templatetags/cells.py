"""Cells of lists, drawn by their columns: a tag each, because includes are slow."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html

from leadcrm.lib.columns import ListColumn

register = template.Library()


@register.simple_tag(takes_context=True)
def cell(context: dict[str, Any], column: ListColumn, row: Any) -> str:
    """What a column shows of a row; where this person may edit it, as a link that a script edits in place
    (static/js/cells.js) and that otherwise leads to a form of this one field; what stays as it is says why.
    """
    shown = column.html(row)
    editor = context.get("editor")
    if not column.edit or editor is None or not editor.edits(context["user"], column.edit, row):
        return shown
    if reason := editor.stays(row):
        return format_html('<span class="stays" title="{}">{}</span>', reason, shown) if shown else ""
    return format_html(
        '<a class="cell" href="{}" data-cell title="Edit {} (Enter)">{}</a>',
        reverse(f"{editor.place}:cell", args=[row.pk, column.key]),
        column.label.lower(),
        shown or format_html('<span class="quiet">{}</span>', "–"),
    )
