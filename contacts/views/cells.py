"""Editing one cell of a list in place: one field of one record, saved by itself."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from contacts.errors import ChangedMeanwhile, DuplicateAccount, DuplicateContact, InvalidValues
from contacts.field_history import changes_of, who
from contacts.forms import CUSTOM, RecordForm
from contacts.lists.listing import Listing, listing_of
from contacts.lists.page import with_columns
from contacts.models import Record, User
from contacts.views.editing import Editor, person, tell_refusal, update_seen
from leadcrm.lib.columns import ListColumn
from leadcrm.lib.errors import DomainError
from leadcrm.lib.links import safe_next
from leadcrm.lib.templatetags.cells import Drawn

IN_PLACE = "fetch"
"""What static/js/cells.js says of itself in X-Requested-With."""


def cell_page(editor: Editor) -> URLPattern:
    """Where a cell of this kind of records is edited."""
    return path("<int:record_id>/cell/<str:key>/", cell, {"editor": editor}, name="cell")


@login_required
@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, editor: Editor, record_id: int, key: str) -> HttpResponse:
    """GET the form of one field, POST saves it: to a script the cell as it is now, to others the list again.

    When somebody else saved this very field meanwhile the person is told what, and keeps what they typed (409). What
    stays as it is, such as a closed lead, says why, and does not open.
    403 for who may not edit the record or the field, 404 for a column that is not edited.
    """
    user, listing = person(request), listing_of(editor.word)
    column = listing.catalogue().get(key)
    record = editor.readable_or_404(user, record_id)
    if column is None or not column.edit:
        raise Http404
    if not editor.may_edit(user, record):
        raise PermissionDenied
    reason = editor.stays(record)
    if reason and request.method != "POST":
        return _stays(request, listing, reason)
    form = _form_of(editor, column, user, record, request.POST if request.method == "POST" else None)
    changes: list[tuple[str, str, str]] = []
    if reason:
        form.add_error(None, reason)  # what was typed stays there to be copied
    elif form.is_valid():
        values = form.service_values(form.edited())
        try:
            update_seen(editor, record_id, version=form.cleaned_data["version"] or 0, form=form, values=values)
        except ChangedMeanwhile:
            form, changes = _after_others(request, editor, column, user, record_id)
        except (InvalidValues, DuplicateContact, DuplicateAccount) as error:
            tell_refusal(form, error)
        except DomainError as error:  # closed in this moment
            form.add_error(None, error.message)
        else:
            return _saved(request, listing, column, record_id)
    context = {
        "editor": editor,
        "record": record,
        "column": column,
        "form": form,
        "field": form[column.edit],
        "changes": changes,
        "who": _who_changed(listing.entity, record_id, column) if changes else "",
        "next": safe_next(request, editor.url("list")),
    }
    bad = form.is_bound and (bool(changes) or not form.is_valid())
    return render(request, "records/cell.html", context, status=409 if changes else 422 if bad else 200)


def _stays(request: HttpRequest, listing: Listing, reason: str) -> HttpResponse:
    """Says why a record is not edited: to a script in a header, to others above the list."""
    if request.headers.get("X-Requested-With") == IN_PLACE:
        answer = HttpResponse(status=409)
        answer["X-Told"] = json.dumps(reason)
        return answer
    messages.warning(request, reason)
    return redirect(safe_next(request, listing.editor.url("list")))


def _form_of(editor: Editor, column: ListColumn, user: User, record: Record, data: object) -> RecordForm:
    """The record's form with this one field; 403 when this person's form has not got it."""
    form = editor.form(data, user=user, record=record)
    if column.edit not in form.fields:
        raise PermissionDenied
    for name in [name for name in form.shown if name != column.edit]:
        del form.fields[name]
    form.remember()
    return form


def _after_others(
    request: HttpRequest, editor: Editor, column: ListColumn, user: User, record_id: int
) -> tuple[RecordForm, list[tuple[str, str, str]]]:
    now = editor.readable_or_404(user, record_id)
    mine = _form_of(editor, column, user, now, request.POST)
    data = mine.rebased_data()
    data["version"] = str(now.version)
    return _form_of(editor, column, user, now, data), mine.changes_meanwhile()


def _who_changed(entity: str, record_id: int, column: ListColumn) -> str:
    """Who changed the field last, as field history knows it."""
    name = column.edit.replace(CUSTOM, "custom.", 1)
    last = changes_of(entity, [record_id]).filter(field__in=[name, f"{name}_id"]).order_by("-changed_at", "-pk").first()
    return who(last) if last is not None else ""


def _saved(request: HttpRequest, listing: Listing, column: ListColumn, record_id: int) -> HttpResponse:
    if request.headers.get("X-Requested-With") != IN_PLACE:
        return redirect(safe_next(request, listing.editor.url("list")))
    user = person(request)
    row = with_columns(listing.rows(user), [column]).filter(pk=record_id).first()
    # Who gives a record away may not see it any more.
    [(_, html)] = Drawn([column], listing.editor, user).of(row) if row is not None else [("", "")]
    answer = HttpResponse(html)
    answer["X-Told"] = json.dumps("Saved." if row is not None else "Saved. It is no longer in your lists.")
    return answer
