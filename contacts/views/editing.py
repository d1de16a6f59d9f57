"""Making, editing, deleting and restoring records by hand: the same for contacts, accounts and leads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import may_write
from contacts.duplicates import Suggestion
from contacts.errors import CannotRestore, ChangedMeanwhile, DuplicateAccount, DuplicateContact, InvalidValues
from contacts.forms import CUSTOM, RecordForm
from contacts.hanging import Hanging
from contacts.models import Record, User
from leadcrm.lib.errors import DomainError

RECENT = 200


@dataclass(frozen=True)
class Editor:
    """How one kind of record is edited: its word, its form, its services, and who may."""

    word: str
    place: str
    """The namespace of its pages: contacts, accounts, leads."""
    icon: str
    form: type[RecordForm]
    new_form: type[RecordForm]
    create: Callable[..., Record]
    update: Callable[..., Record]
    delete: Callable[..., list[int]]
    restore: Callable[..., Record]
    duplicates: Callable[[Mapping[str, Any], User], list[Suggestion]]
    readable: Callable[[User], QuerySet]
    begins_with: Callable[[HttpRequest], dict[str, Any]]
    """What the address of a new one fills in, such as ?account=."""
    may_edit: Callable[[User, Any], bool]
    may_delete: Callable[[User, Any], bool]
    may_manage: Callable[[User], bool]
    may_make: Callable[[User], bool] = may_write
    locked: Callable[[User], Collection[str]] = lambda user: ()
    """Fields that this person's form has not got."""
    hanging: Callable[[Any], list[Hanging]] = lambda record: []
    """What of others goes with a record when it is deleted."""
    stays: Callable[[Any], str] = lambda record: ""
    """Why a record cannot be edited as it stands now; "" when it can."""

    def has(self, user: User, name: str) -> bool:
        """Whether this person's form has this field: whether they may use it is each record's to say (`may_edit`)."""
        there = name in self.form.names or name.startswith(CUSTOM)
        return there and name not in self.locked(user)

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"{self.place}:{name}", args=args)

    def readable_or_404(self, user: User, record_id: int) -> Any:
        return get_object_or_404(self.readable(user), pk=record_id)

    def pages(self) -> list[URLPattern]:
        """Where records of this kind are made, edited, deleted and brought back."""
        own = {"editor": self}
        return [
            path("new/", new, own, name="new"),
            path("deleted/", deleted, own, name="deleted"),
            path("<int:record_id>/edit/", edit, own, name="edit"),
            path("<int:record_id>/delete/", delete, own, name="delete"),
            path("<int:record_id>/restore/", restore, own, name="restore"),
        ]


def person(request: HttpRequest) -> User:
    """Who is signed in; views that call this require it."""
    assert isinstance(request.user, User)
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, editor: Editor) -> HttpResponse:
    """The form for a new record, one's own unless said. Likely duplicates are shown before it is saved; "Save anyway"
    saves all the same.
    """
    user = person(request)
    if not editor.may_make(user):
        raise PermissionDenied
    initial = {"owner": user.pk, **editor.begins_with(request)}
    if request.method != "POST":
        return _form_page(request, editor, editor.new_form(user=user, **initial))
    form = editor.new_form(request.POST, user=user, **initial)
    suggestions: list[Suggestion] = []
    if form.is_valid():
        values = form.service_values()
        suggestions = editor.duplicates(values, user)
        if not suggestions or "anyway" in request.POST:
            try:
                record = editor.create(by=user, **values)
            except (InvalidValues, DuplicateContact, DuplicateAccount) as error:
                suggestions = _refused(form, error, editor, values, user)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, f"{record}: {editor.word} made.")
                return redirect(editor.url("detail", record.pk))
    return _form_page(request, editor, form, suggestions=suggestions)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, editor: Editor, record_id: int) -> HttpResponse:
    """The form for a record. Only what the person edited is saved; if someone saved meanwhile, they are told what,
    and keep what they typed.
    """
    user = person(request)
    record = editor.readable_or_404(user, record_id)
    if not editor.may_edit(user, record):
        raise PermissionDenied
    if request.method != "POST":
        if reason := editor.stays(record):
            messages.warning(request, reason)
            return redirect(editor.url("detail", record_id))
        return _form_page(request, editor, editor.form(user=user, record=record))
    form = editor.form(request.POST, user=user, record=record)
    changes: list[tuple[str, str, str]] = []
    conflict = False
    suggestions: list[Suggestion] = []
    valid = form.is_valid()
    if reason := editor.stays(record):
        form.add_error(None, reason)  # what was typed stays there to be copied
    elif valid:
        values = form.service_values(form.edited())
        try:
            update_seen(editor, record_id, version=form.cleaned_data["version"] or 0, form=form, values=values)
        except ChangedMeanwhile:
            fresh = editor.form(request.POST, user=user, record=editor.readable_or_404(user, record_id))
            form, changes = fresh.rebased()
            conflict = True
        except (InvalidValues, DuplicateContact, DuplicateAccount) as error:
            suggestions = _refused(form, error, editor, values, user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved.")
            return redirect(editor.url("detail", record_id))
    return _form_page(request, editor, form, suggestions=suggestions, changes=changes, conflict=conflict)


def update_seen(editor: Editor, record_id: int, *, version: int, form: RecordForm, values: Mapping[str, Any]) -> None:
    """Save what was edited, once more when what others saved meanwhile is nothing that this person was shown."""
    try:
        editor.update(record_id, version=version, changes=values, by=form.user)
    except ChangedMeanwhile:
        record = editor.readable_or_404(form.user, record_id)
        now = editor.form(user=form.user, record=record).flat_initial()
        seen = form.seen_values()
        if not form.says_what_was_seen or any(seen[name] != value for name, value in now.items() if name in seen):
            raise
        editor.update(record_id, version=record.version, changes=values, by=form.user)


def _refused(
    form: RecordForm, error: DomainError, editor: Editor, values: Mapping[str, Any], user: User
) -> list[Suggestion]:
    tell_refusal(form, error)
    if isinstance(error, InvalidValues):
        return []
    return [one for one in editor.duplicates(values, user) if one.certain]


def tell_refusal(form: RecordForm, error: DomainError) -> None:
    """Put what a service refused at the fields of the form."""
    form.tell(error.errors if isinstance(error, InvalidValues) else {str(error.data["field"]): error.message})


def _form_page(
    request: HttpRequest,
    editor: Editor,
    form: RecordForm,
    *,
    suggestions: list[Suggestion] | None = None,
    changes: list[tuple[str, str, str]] | None = None,
    conflict: bool = False,
) -> HttpResponse:
    found = suggestions or []
    seen = [
        (
            one,
            editor.url("detail", one.record.pk)
            if editor.readable(person(request)).filter(pk=one.record.pk).exists()
            else "",
        )
        for one in found
    ]
    context = {
        "editor": editor,
        "form": form,
        "record": form.record,
        "fields": [form[name] for name in form.shown],
        "suggestions": seen,
        "certain": any(one.certain for one in found),
        "changes": changes or [],
        "conflict": conflict,
        "back_url": editor.url("detail", form.record.pk) if form.record else editor.url("list"),
    }
    bad = form.is_bound and (not form.is_valid() or conflict or bool(found))
    status = 409 if conflict or found else 422 if bad else 200
    return render(request, "records/edit.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, editor: Editor, record_id: int) -> HttpResponse:
    """GET asks and names what goes along, POST deletes and says how to undo it.

    What others are working on is taken from them only by who may manage.
    """
    user = person(request)
    record = editor.readable_or_404(user, record_id)
    if not editor.may_delete(user, record):
        raise PermissionDenied
    hanging = editor.hanging(record)
    is_others = any(one.owner and one.owner != user for one in hanging)
    allowed = not is_others or editor.may_manage(user)
    if request.method != "POST" or not allowed:
        context = {"editor": editor, "record": record, "hanging": hanging, "allowed": allowed}
        return render(request, "records/delete.html", context, status=403 if request.method == "POST" else 200)
    editor.delete([record_id], by=user)
    messages.success(request, f"{record} is deleted. Recently deleted keeps it for thirty days.")
    return redirect(editor.url("deleted"))


@login_required
@require_safe
def deleted(request: HttpRequest, editor: Editor) -> HttpResponse:
    """What was deleted lately, newest first: own deletions, or everybody's for who manages."""
    user = person(request)
    model = editor.form.model
    whose = {"contact", "account", "deleted_by"} & {field.name for field in model._meta.fields}
    rows = model._default_manager.filter(deleted_at__isnull=False).select_related(*whose)
    if not editor.may_manage(user):
        rows = rows.filter(deleted_by=user)
    context = {"editor": editor, "rows": rows.order_by("-deleted_at")[:RECENT]}
    return render(request, "records/deleted.html", context)


@login_required
@require_POST
def restore(request: HttpRequest, editor: Editor, record_id: int) -> HttpResponse:
    """Bring one back; who deleted it may, and who manages."""
    user = person(request)
    rows = editor.form.model._default_manager.filter(deleted_at__isnull=False)
    record = get_object_or_404(rows, pk=record_id)
    if not (editor.may_manage(user) or (may_write(user) and record.deleted_by_id == user.pk)):
        raise PermissionDenied
    try:
        editor.restore(record_id, by=user)
    except (CannotRestore, DuplicateContact, DuplicateAccount, InvalidValues) as error:
        waits_for_contact = isinstance(error, CannotRestore) and "contact_id" in error.data
        link = format_html(' <a class="link" href="{}">Deleted contacts</a>', reverse("contacts:deleted"))
        messages.error(request, format_html("{}{}", error.message, link if waits_for_contact else ""))
        return redirect(editor.url("deleted"))
    messages.success(request, f"{record} is back.")
    return redirect(editor.url("detail", record_id))
