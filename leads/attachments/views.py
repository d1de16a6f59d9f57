"""Files of a lead: a part of its page, a page of its own without scripts, and the files themselves."""

from __future__ import annotations

import structlog
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.models import User
from contacts.views.editing import person
from leads.attachments import service, store
from leads.attachments.errors import AttachmentRefused, FileLost
from leads.attachments.kinds import KINDS, PLAIN, TAKEN
from leads.attachments.telling import FilesTold, told_of_files
from leads.errors import LeadIsClosed
from leads.models import Attachment, Lead

log = structlog.get_logger("leads.attachments")


class AttachmentForm(forms.Form):
    file = forms.FileField(label="File", error_messages={"required": "Choose a file.", "empty": "The file is empty."})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        most = settings.ATTACHMENT_BYTES // service.MEGABYTE
        self.fields["file"].help_text = f"At most {most} MB: {TAKEN}."
        self.fields["file"].widget.attrs["accept"] = ",".join(f".{suffix}" for suffix in KINDS)


def _visible(user: User, lead_id: int) -> Lead:
    lead: Lead = get_object_or_404(Lead.objects.visible_to(user), pk=lead_id)
    return lead


def _words_of(suffix: str) -> str:
    kind = KINDS.get(suffix)
    return kind.words if kind is not None else suffix


def _came_by(row: Attachment, told: FilesTold) -> str:
    return str(row.added_by) if row.added_by else told.came_by.get(row.name, "by somebody who left, or by itself")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attachments(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The files of a lead and a form for one more; POST attaches it and goes back to the lead."""
    user = person(request)
    lead = _visible(user, lead_id)
    form = AttachmentForm(request.POST, request.FILES) if request.method == "POST" else AttachmentForm()
    if form.is_bound:
        if lead.is_open and not service.may_attach(user, lead):
            raise PermissionDenied
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                service.attach(lead_id, by=user, file=file, name=str(file.name))
            except (AttachmentRefused, LeadIsClosed) as error:
                form.add_error("file", error.message)
            else:
                return redirect(reverse("leads:detail", args=[lead_id]) + "#attachments")
    told = told_of_files(lead, user)
    context = {
        "lead": lead,
        "form": form,
        "rows": [
            (row, _words_of(row.kind), _came_by(row, told), service.may_delete_attachment(user, row))
            for row in lead.attachments.select_related("added_by").order_by("-pk")
        ],
        "notes": told.notes,
        "may_attach": service.may_attach(user, lead),
        "is_part": bool(request.headers.get("HX-Request")),
    }
    template = "leads/attachments_part.html" if context["is_part"] else "leads/attachments.html"
    return render(request, template, context, status=422 if form.errors else 200)


@login_required
@require_safe
def download(request: HttpRequest, lead_id: int, attachment_id: int) -> FileResponse:
    """One file, to be saved: never shown, never run. 404 for who may not see the lead, 410 where the file is lost."""
    attachment = get_object_or_404(Attachment, pk=attachment_id, lead=_visible(person(request), lead_id))
    try:
        file = store.open_file(attachment.key)
    except FileNotFoundError:
        log.error("attachment lost", attachment_id=attachment_id, key=attachment.key)
        raise FileLost(attachment_id) from None
    kind = KINDS.get(attachment.kind)
    sent = kind.content_type if kind is not None else PLAIN
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=sent)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, lead_id: int, attachment_id: int) -> HttpResponse:
    """Asks first: a deleted file does not come back."""
    user = person(request)
    lead = _visible(user, lead_id)
    attachment = get_object_or_404(Attachment, pk=attachment_id, lead=lead)
    if not service.may_delete_attachment(user, attachment):
        raise PermissionDenied
    if request.method == "POST":
        service.delete_attachment(attachment_id, by=user)
        return redirect(reverse("leads:detail", args=[lead_id]) + "#attachments")
    return render(request, "leads/attachment_delete.html", {"lead": lead, "attachment": attachment})
