"""Pages of imports: send a file, say what its columns mean, see what it would do, import, and undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import CustomField, User
from contacts.roles import Ability, can
from contacts.views.editing import person
from forms_intake.capture.occasions import for_import, occasion_with
from forms_intake.imports import checking, jobs, keeping, sending, staying, wizard
from forms_intake.imports.columns import FORMATS, NEW_TYPES, Column, columns_of, posted_column, targets
from forms_intake.imports.errors import InvalidMapping, NotNow, UnreadableFile
from forms_intake.imports.forms import FileForm, GeneralForm, general_from
from forms_intake.imports.looking import open_file
from forms_intake.imports.mapping import read_mapping
from forms_intake.imports.previewing import lines_of
from forms_intake.imports.rejects import MARKS
from forms_intake.models import Creates, ImportRun, ImportState, SavedMapping
from leadcrm.lib.pages import render_page, wants_part
from leadcrm.lib.spreadsheets import csv_response
from segments.services.lifecycle import list_named

PAGE = 50
PREVIEWED = 20
REJECTS_SHOWN = 20
ASKED = {
    "check": ImportState.CHECKING,
    "run": ImportState.RUNNING,
    "stop": ImportState.CANCELLED,
    "stop-check": ImportState.DRAFT,
    "undo": ImportState.UNDOING,
}


def _runs(request: HttpRequest) -> QuerySet[ImportRun]:
    """All imports, for those who keep the door; nobody else may know of them."""
    if not can(request.user, Ability.MARKET):
        raise PermissionDenied
    return ImportRun.objects.select_related("by", "segment", "marketing_context")


@login_required
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """All imports, the latest first."""
    found = _runs(request).defer("sample", "mapping", "header")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    context = {
        "runs": rows[:PAGE],
        "next_url": f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "previous_url": reverse("forms_intake:imports") if before else "",
        "mappings": SavedMapping.objects.select_related("by").defer("mapping")[:100],
    }
    return render(request, "forms_intake/import_list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    """Send a file."""
    _runs(request)
    occasion = occasion_with(request.GET.get("occasion", ""))
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = sending.take(
                str(file.name),
                file.chunks(),
                mapping=form.cleaned_data["mapping"],
                by=person(request),
                filled_in=for_import(occasion, by=person(request)) if occasion else None,
            )
        except UnreadableFile as error:
            form.add_error("file", error.message)
        except OSError:
            form.add_error("file", "This file could not be kept: there is no room for it. An administrator can help.")
        else:
            return redirect("forms_intake:import_columns", run.pk)
    return render(
        request,
        "forms_intake/import_new.html",
        {"form": form, "occasion": occasion},
        status=422 if form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """Say what the columns mean. A part of it is asked for when a column is given another meaning."""
    run = get_object_or_404(_runs(request), pk=run_id)
    if run.state != ImportState.DRAFT:
        messages.info(request, "This import has begun; what its columns mean can no longer be changed.")
        return redirect("forms_intake:import", run.pk)
    if request.method == "POST":
        return _columns_posted(request, run)
    base = run.mapping
    if (chosen := request.GET.get("from", "")) and chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
        saved = get_object_or_404(SavedMapping, pk=int(chosen))
        base = {**saved.mapping, "file": run.mapping.get("file", {})}
    return _columns_page(request, run, base)


def _custom() -> list[CustomField]:
    return list(CustomField.objects.filter(archived=False))


def _cells(run: ImportRun) -> list[list[str]]:
    return [one["cells"] for one in run.sample if not one["problem"]]


def _columns_page(
    request: HttpRequest,
    run: ImportRun,
    base: dict[str, Any],
    *,
    form: GeneralForm | None = None,
    columns: list[Column] | None = None,
    problem: str = "",
) -> HttpResponse:
    custom = _custom()
    context = {
        "run": run,
        "form": form or GeneralForm(initial=general_from(base, run.segment_id)),
        "columns": columns_of(base, run.header, _cells(run), custom) if columns is None else columns,
        "targets": targets(custom),
        "formats": FORMATS,
        "kinds": NEW_TYPES,
        "is_text": sending.is_text(run),
        "origin": sending.same_source(run, base),
        "problem": problem,
        "mappings": [one for one in SavedMapping.objects.all()[:100] if wizard.fits(one.mapping, run.header)],
        "interactions": len(base.get("interactions") or []),
        "rows": run.sample[:3],
    }
    status = 422 if problem or (form is not None and form.errors) else 200
    return render(request, "forms_intake/import_columns.html", context, status=status)


def _columns_posted(request: HttpRequest, run: ImportRun) -> HttpResponse:
    post, custom, cells = request.POST.dict(), _custom(), _cells(run)
    base = _base(run, post)
    columns = [
        posted_column(column, post, cells, custom, base) if f"to-{column.index}" in post else column
        for column in columns_of(base, run.header, cells, custom)
    ]
    if (asked := request.GET.get("column", "")).isdecimal() and request.headers.get("HX-Request"):
        found = next((one for one in columns if str(one.index) == asked), None)
        if found is None:
            return HttpResponse(status=404)
        context = {
            "column": found,
            "targets": targets(custom),
            "formats": FORMATS,
            "kinds": NEW_TYPES,
        }
        return render(request, "forms_intake/import_column.html", context | {"run": run})
    form = GeneralForm(request.POST, initial=general_from(base, run.segment_id))
    if not form.is_valid():
        return _columns_page(request, run, base, form=form, columns=columns)
    said = form.cleaned_data
    file, sheet = run.mapping.get("file") or {}, post.get("sheet", run.sheet)
    if (said["encoding"], said["delimiter"], sheet) != (file.get("encoding"), file.get("delimiter"), run.sheet):
        try:
            changed = sending.look_again(run, encoding=said["encoding"], delimiter=said["delimiter"], sheet=sheet)
        except UnreadableFile as error:
            return _columns_page(request, run, base, form=form, columns=columns, problem=error.message)
        if changed:
            messages.info(request, "The file is read anew: its columns are others now.")
            return redirect("forms_intake:import_columns", run.pk)
    raw = wizard.mapping_of(columns, said, base, custom)
    try:
        checking.begin_dry(read_mapping(raw), run.header)
    except InvalidMapping as error:
        return _columns_page(request, run, base, form=form, columns=columns, problem=_in_words(error))
    into = said["segment"] or (list_named(said["new_list"], by=person(request)) if said["new_list"] else None)
    # Written only while it is still being set up: two people may have it open.
    saved = ImportRun.objects.filter(pk=run.pk, state=ImportState.DRAFT).update(
        mapping=raw, segment=into, checked=None, problem=""
    )
    if not saved:
        messages.warning(request, "Somebody has begun this import meanwhile; what you changed is not used.")
    elif said["save_as"]:
        run.mapping = raw
        sending.keep_mapping(said["save_as"], run, by=person(request))
    return redirect("forms_intake:import", run.pk)


def _base(run: ImportRun, post: dict[str, str]) -> dict[str, Any]:
    """What the page was drawn from: a saved mapping, or the import's own."""
    chosen = post.get("base", "")
    saved = SavedMapping.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 19 else None
    return {**saved.mapping, "file": run.mapping.get("file", {})} if saved is not None else run.mapping


def _in_words(error: InvalidMapping) -> str:
    if error.path == "contact.fields":
        return "Nothing says who the people are: let a column fill the e-mail address, the id or the name of contacts."
    if error.path == "creates":
        return f"Contacts only, but {error.problem}: choose “A lead for each row”, or let it fill something else."
    if error.path == "lead":
        return "Leads need a topic: type one, let a column fill it, or make contacts only."
    return error.message


@login_required
@require_safe
def import_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """One import: before it begins what it would do, then how far it is, then what it did."""
    run = get_object_or_404(_runs(request), pk=run_id)
    rejects = run.rejects.filter(dry=run.state in {ImportState.DRAFT, ImportState.CHECKING}).order_by("pk")
    context: dict[str, Any] = {
        "run": run,
        "rejects": rejects[:REJECTS_SHOWN],
        "refused": (run.checked or {}).get("refused", 0) if run.state == ImportState.DRAFT else run.errors,
        "may_undo": _may_undo(run),
        "stayed": staying.in_words(run.undone),
        "file_kept": bool(run.file),
        "context_id": run.marketing_context_id,
    }
    if run.state == ImportState.DRAFT and not request.headers.get("HX-Request"):
        context |= _previewed(run, person(request))
    answer = render_page(request, "forms_intake/import_detail.html", context, part="progress")
    if wants_part(request) and not run.is_under_way:
        answer["HX-Refresh"] = "true"  # it is over: the whole page has more to say
    return answer


def _may_undo(run: ImportRun) -> bool:
    """Whether it can be undone, or, where undoing it has failed midway, gone on with."""
    ended = run.state in {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED}
    return ended and (run.undone is not None or bool(run.position))


def _previewed(run: ImportRun, user: User) -> dict[str, Any]:
    try:
        mapping = read_mapping(run.mapping)
        records = open_file(
            keeping.path_of(run.file), kind=run.file_kind, name=run.name,
            encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=run.sheet,
        )  # fmt: skip
        try:
            judged = checking.preview(mapping, records, PREVIEWED)
        finally:
            records.close()
    except (InvalidMapping, UnreadableFile) as error:
        return {"cannot": error.message}
    except (ValueError, FileNotFoundError):
        return {"cannot": jobs.GONE}
    topic = mapping.topic if mapping.creates != Creates.CONTACT else ""
    return {"preview": lines_of(judged, topic=topic, user=user)}


@login_required
@require_POST
def import_do(request: HttpRequest, run_id: int, what: str) -> HttpResponse:
    """Check, import, go on, stop, undo; send the same file once more; or discard what was not begun."""
    run = get_object_or_404(_runs(request), pk=run_id)
    try:
        if what in ASKED:
            jobs.ask(run.pk, ASKED[what])
        elif what == "again":
            return redirect("forms_intake:import", jobs.again(run, by=person(request)).pk)
        elif what == "discard" and run.state == ImportState.DRAFT and not run.rows:
            if run.file:
                keeping.discard(run.file)
            run.delete()
            messages.success(request, "Discarded. Nothing of it was imported.")
            return redirect("forms_intake:imports")
        else:
            raise NotNow("This cannot be done now.")
    except NotNow as error:
        messages.error(request, error.message)
    return redirect("forms_intake:import", run.pk)


@login_required
@require_safe
def import_errors(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """All refused rows as a CSV file, to correct and send again."""
    run = get_object_or_404(_runs(request), pk=run_id)
    rows = run.rejects.filter(dry=run.state in {ImportState.DRAFT, ImportState.CHECKING}).order_by("pk")
    header = run.header[len(MARKS) :] if run.header[: len(MARKS)] == list(MARKS) else run.header
    lines = ([one.line, one.column, one.reason, *one.cells] for one in rows.iterator(chunk_size=500))
    return csv_response(f"not-imported-{run.pk}", [*MARKS, *header], lines)


@login_required
@require_safe
def import_mapping(request: HttpRequest, run_id: int) -> HttpResponse:
    """What the columns mean, as a file for the command line or another installation."""
    run = get_object_or_404(_runs(request), pk=run_id)
    answer = JsonResponse(run.mapping, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="import-{run.pk}.mapping.json"'
    return answer


@login_required
@require_POST
def mapping_delete(request: HttpRequest, mapping_id: int) -> HttpResponse:
    """Forget a mapping that was kept."""
    _runs(request)
    SavedMapping.objects.filter(pk=mapping_id).delete()
    messages.success(request, "Forgotten.")
    return redirect("forms_intake:imports")
