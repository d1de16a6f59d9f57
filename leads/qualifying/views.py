"""Pages on which a lead is qualified, shows what came of it, and has that taken back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import DuplicateAccount, DuplicateContact
from contacts.models import User
from contacts.views.editing import person
from leads.errors import ChangedHands, InvalidValues, LeadIsClosed
from leads.models import Lead, Opportunity, Qualification, Status
from leads.qualifying.access import may_turn_into_more, may_undo
from leads.qualifying.errors import AlreadyQualified, CannotUndo
from leads.qualifying.forms import QualifyForm
from leads.qualifying.service import qualify
from leads.qualifying.undo import last_of, undo_qualify, what_prevents


def _lead(request: HttpRequest, lead_id: int) -> Lead:
    visible = Lead.objects.visible_to(person(request))
    lead: Lead = get_object_or_404(visible.select_related("contact__account", "account", "owner"), pk=lead_id)
    return lead


@login_required
@require_http_methods(["GET", "POST"])
def qualify_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """GET asks what the lead becomes, POST makes it so and goes to the opportunity, if there is one.

    403 for who may not; whoever comes second is told who was first, and led to what was made.
    """
    user, lead = person(request), _lead(request, lead_id)
    if not may_turn_into_more(user, lead):
        raise PermissionDenied
    if lead.status == Status.QUALIFIED:
        return _was_first(request, lead, user)
    if not lead.is_open:
        raise LeadIsClosed(lead_id)
    form = QualifyForm(request.POST if request.method == "POST" else None, lead=lead, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            done = _qualify(lead, user, form)
        except AlreadyQualified:
            return _was_first(request, lead, user)
        except DuplicateContact as error:
            form.tell("contact", {error.field: error.message})
        except DuplicateAccount as error:
            form.tell("account", {error.field: error.message})
        except InvalidValues as error:
            part = next((name for name in ("contact", "account") if form.cleaned_data[name] == "new"), "opportunity")
            form.tell(part, error.errors)
        else:
            messages.success(request, f"{lead.contact or lead.topic}: qualified.")
            return redirect(done.opportunity.get_absolute_url() if done.opportunity else lead_url(lead_id))
    context = {"lead": lead, "form": form, "parts": form.parts, "back_url": lead_url(lead_id)}
    return render(request, "qualifying/qualify.html", context, status=422 if form.errors else 200)


def lead_url(lead_id: int) -> str:
    return reverse("leads:detail", args=[lead_id])


def _qualify(lead: Lead, user: User, form: QualifyForm) -> Qualification:
    """Decide on whose the lead is once it is locked: since the page was asked for it may have changed hands."""
    with transaction.atomic():
        done = qualify(
            lead.pk,
            by=user,
            account=form.wish("account"),
            contact=form.wish("contact"),
            opportunity=form.wish("opportunity"),
            note=form.cleaned_data["note"],
        )
        now = Lead.objects.select_related("owner").get(pk=lead.pk)
        if not may_turn_into_more(user, now):
            raise ChangedHands(lead.pk, "Qualify", str(now.owner or ""))
    return done


def _was_first(request: HttpRequest, lead: Lead, user: User) -> HttpResponse:
    """Tell the second one who was first. A second click of the same person is no trouble."""
    done = last_of(lead.pk)
    made = done.opportunity if done else None
    readable = made is not None and Opportunity.objects.visible_to(user).filter(pk=made.pk).exists()
    if done is None or done.actor_id == user.pk:
        messages.info(request, "This lead is qualified already.")
        return redirect(made.get_absolute_url() if made is not None and readable else lead_url(lead.pk))
    link = format_html(' <a class="link" href="{}">{}</a>', made.get_absolute_url(), made) if made and readable else ""
    who = done.actor or "Somebody"
    messages.warning(request, format_html("{} has qualified this lead already; nothing was made twice.{}", who, link))
    return redirect(lead_url(lead.pk))


@login_required
@require_POST
def undo(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Take back how a lead was qualified; what prevents it is said."""
    user, lead = person(request), _lead(request, lead_id)
    done = last_of(lead_id)
    if done is not None and not may_undo(user, done):
        raise PermissionDenied
    try:
        undo_qualify(lead_id, by=user)
    except CannotUndo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{lead.topic}: open again. What qualifying made is taken back.")
    return redirect(lead_url(lead_id))


@login_required
@require_safe
def outcome(request: HttpRequest, lead_id: int) -> HttpResponse:
    """What came of a lead, as a card on its page: how it was qualified, the opportunities, and a way back."""
    user, lead = person(request), _lead(request, lead_id)
    done = last_of(lead_id)
    may = done is not None and may_undo(user, done)
    opportunities = Opportunity.objects.visible_to(user).filter(lead=lead).select_related("owner").order_by("-pk")[:10]
    context = {
        "lead": lead,
        "done": done,
        "opportunities": opportunities,
        "may_undo": may,
        "prevents": what_prevents(done) if done is not None and may else [],
    }
    return render(request, "qualifying/outcome.html", context)
