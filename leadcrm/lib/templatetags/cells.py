"""The cells of a list's row, drawn by their columns: one tag for all of them, because each tag and each `if` costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from leadcrm.lib.columns import ListColumn
from leadcrm.lib.form_renderer import text
from leadcrm.lib.links import address_of

register = template.Library()
DRAWN = "leadcrm.cells"


@register.simple_tag(takes_context=True)
def cells(context: template.RequestContext, columns: Sequence[ListColumn], row: Any) -> SafeString:
    """What these columns show of a row; where this person may edit it, as a link that a script edits in place
    (static/js/cells.js) and that otherwise leads to a form of this one field; what stays as it is says why.
    """
    kept: Any = context.render_context
    drawn: Drawn | None = kept.get(DRAWN)
    if drawn is None:
        drawn = kept[DRAWN] = Drawn(columns, context.get("editor"), context.get("user"))
    return SafeString("".join([begins + inner + "</td>" for begins, inner in drawn.of(row)]))


class Drawn:
    """Columns as one list draws them for one person: what is the same in each row is made once."""

    def __init__(self, columns: Sequence[ListColumn], editor: Any, user: Any) -> None:
        self.editor, self.user = editor, user
        self.columns = [
            (column, _begins(column, number), bool(editor and column.edit and editor.has(user, column.edit)))
            for number, column in enumerate(columns)
        ]
        self.any_edits = any(may_edit for _, _, may_edit in self.columns)

    def of(self, row: Any) -> Iterator[tuple[str, str]]:
        """How the cell of each column begins, and what stands in it."""
        edits = self.any_edits and self.editor.may_edit(self.user, row)
        stays = text(self.editor.stays(row)) if edits else ""
        for column, begins, may_edit in self.columns:
            shown = text(column.html(row))
            if may_edit and edits:
                shown = self._edited(column, row, shown, stays)
            yield begins, shown

    def _edited(self, column: ListColumn, row: Any, shown: str, stays: str) -> str:
        if stays:
            return f'<span class="stays" title="{stays}">{shown}</span>' if shown else ""
        where = address_of(f"{self.editor.place}:cell", row.pk, column.key)
        shown = shown or '<span class="quiet">–</span>'
        return f'<a class="cell" href="{where}" data-cell title="Edit {text(column.label.lower())} (Enter)">{shown}</a>'


def _begins(column: ListColumn, number: int) -> str:
    kind = "num" if column.number else "cut" if column.cut else ""
    shape = f' class="{kind}"' if kind else ""
    return f'<td{shape} data-label="{text(column.label)}">' if number else f"<td{shape}>"
