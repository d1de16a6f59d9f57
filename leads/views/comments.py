"""Comments of a lead: a part of its page, and a page of its own without scripts."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts.models import User
from contacts.roles import Ability, can
from contacts.views.editing import person
from leads.errors import InvalidValues, LeadIsClosed
from leads.models import Lead, LeadComment
from leads.services import comments as services

MOST = 100


class CommentForm(forms.Form):
    body = forms.CharField(
        max_length=services.LONGEST,
        label="Comment",
        help_text="@username tells a colleague.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _visible(user: User, lead_id: int) -> Lead:
    lead: Lead = get_object_or_404(Lead.objects.visible_to(user), pk=lead_id)
    return lead


@login_required
@require_http_methods(["GET", "POST"])
def comments(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The newest comments and a form for one more; POST adds it and goes back to the lead."""
    user = person(request)
    lead = _visible(user, lead_id)
    form = CommentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not can(user, Ability.WRITE):
            raise PermissionDenied
        if form.is_valid():
            try:
                services.add_comment(lead_id, by=user, body=form.cleaned_data["body"])
            except (InvalidValues, LeadIsClosed) as error:
                form.add_error("body", error.message)
            else:
                return redirect(reverse("leads:detail", args=[lead_id]) + "#comments")
    rows = list(lead.comments.select_related("author", "deleted_by").order_by("-pk")[: MOST + 1])
    context = {
        "lead": lead,
        "form": form,
        "rows": [
            (
                row,
                lead.is_open and services.may_edit_comment(user, row),
                lead.is_open and services.may_delete_comment(user, row),
            )
            for row in rows[:MOST]
        ],
        "more": len(rows) > MOST,
        "may_comment": lead.is_open and can(user, Ability.WRITE),
        "is_part": bool(request.headers.get("HX-Request")),
    }
    template = "leads/comments_part.html" if context["is_part"] else "leads/comments.html"
    return render(request, template, context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, lead_id: int, comment_id: int) -> HttpResponse:
    """The author mends what they wrote; 403 for others, and when it is too late."""
    user = person(request)
    lead = _visible(user, lead_id)
    comment = get_object_or_404(LeadComment, pk=comment_id, lead=lead, deleted_at=None)
    if not services.may_edit_comment(user, comment):
        raise PermissionDenied
    form = CommentForm(request.POST if request.method == "POST" else None, initial={"body": comment.body})
    if form.is_bound and form.is_valid():
        try:
            services.edit_comment(comment_id, by=user, body=form.cleaned_data["body"])
        except LeadIsClosed as error:
            form.add_error("body", error.message)
        else:
            return redirect(reverse("leads:detail", args=[lead_id]) + "#comments")
    context = {"lead": lead, "form": form, "comment": comment}
    return render(request, "leads/comment_edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def delete(request: HttpRequest, lead_id: int, comment_id: int) -> HttpResponse:
    """Take the words away; the trace stays."""
    user = person(request)
    lead = _visible(user, lead_id)
    comment = get_object_or_404(LeadComment, pk=comment_id, lead=lead, deleted_at=None)
    if not services.may_delete_comment(user, comment):
        raise PermissionDenied
    services.delete_comment(comment_id, by=user)
    return redirect(reverse("leads:detail", args=[lead_id]) + "#comments")
