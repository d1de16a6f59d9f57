"""Pages of mailboxes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import ChangedMeanwhile, InvalidValues, RecordGone
from contacts.models import Contact
from contacts.views.editing import person
from forms_intake.ads.views.around import marketers
from forms_intake.errors import NotReady, NotRetriable
from forms_intake.mailbox import keeping, reading, setting_up
from forms_intake.mailbox.deciding import What, decide
from forms_intake.mailbox.forms import BenchForm, MailboxForm, RuleForm
from forms_intake.mailbox.parsing import from_json, parse
from forms_intake.mailbox.telling import when_fetched
from forms_intake.models import Mailbox, MailMessage, MailRule, MailState
from leadcrm.lib.facts import Fact, honest_count
from leadcrm.lib.paging import ID, Sort, page_of, url_with

NEWEST = Sort("newest", "Newest", (ID,), descending=True)
LATEST = 8
COUNTED = 1000
CHANGED = "{who} changed this mailbox while you were looking at it. Below is what you typed; save again to keep it."


def _mailbox(mailbox_id: int) -> Mailbox:
    return get_object_or_404(Mailbox.objects.select_related("form", "edited_by"), pk=mailbox_id)


@marketers
@require_safe
def mailbox_list(request: HttpRequest) -> HttpResponse:
    """All mailboxes, and how each fares."""
    rows = [
        (one, honest_count(MailMessage.objects.filter(mailbox=one, state__in=keeping.OPEN), COUNTED))
        for one in Mailbox.objects.all()[:100]
    ]
    return render(request, "forms_intake/mailbox/list.html", {"rows": rows})


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_new(request: HttpRequest) -> HttpResponse:
    """Make a mailbox; it is not read before it is switched on."""
    form = MailboxForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = setting_up.make_mailbox(**form.values(), by=person(request))
        except InvalidValues as error:
            _named(form, error)
        else:
            messages.success(request, "Test the connection, look at its rules, then switch it on.")
            return redirect("forms_intake:mailbox_detail", made.pk)
    context = {"form": form, "mailbox": None}
    return render(request, "forms_intake/mailbox/settings.html", context, status=422 if form.is_bound else 200)


@marketers
@require_safe
def mailbox_detail(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """One mailbox: how it fares, its rules, what was read lately."""
    one = _mailbox(mailbox_id)
    found = MailMessage.objects.filter(mailbox=one)
    url = redirect("forms_intake:mail_messages", one.pk).url
    suspicious = honest_count(found.filter(state=MailState.SUSPICIOUS), COUNTED)
    failed = honest_count(found.filter(state=MailState.FAILED), COUNTED)
    facts = [
        Fact("Kept", str(honest_count(found.filter(state=MailState.KEPT))), url=f"{url}?state=kept"),
        Fact("Left alone", str(honest_count(found.filter(state=MailState.IGNORED))), url=f"{url}?state=ignored"),
        Fact("Suspicious", str(suspicious), url=f"{url}?state=suspicious", tone="bad" if suspicious else ""),
        Fact("Failed", str(failed), url=f"{url}?state=failed", tone="bad" if failed else ""),
    ]
    context = _head(one, "overview") | {
        "facts": facts,
        "rules": one.rules.select_related("owner", "marketing_context__campaign", "marketing_context__product"),
        "latest": found[:LATEST],
    }
    return render(request, "forms_intake/mailbox/mailbox.html", context)


def _head(one: Mailbox, here: str) -> dict[str, Any]:
    return {"mailbox": one, "here": here}


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_settings(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Where it is and how it is read. Who is second is told, and keeps what they typed, but for the password."""
    one = _mailbox(mailbox_id)
    form = MailboxForm(request.POST if request.method == "POST" else None, mailbox=one)
    if form.is_bound and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            setting_up.save_mailbox(mailbox_id, version=version, **form.values(), by=person(request))
        except InvalidValues as error:
            _named(form, error)
        except ChangedMeanwhile:
            now = _mailbox(mailbox_id)
            form.add_error(None, CHANGED.format(who=now.edited_by or "Somebody"))
            form.data = {**request.POST.dict(), "version": str(now.version)}
        else:
            messages.success(request, "Saved.")
            return redirect("forms_intake:mailbox_detail", mailbox_id)
    context = _head(one, "settings") | {"form": form}
    return render(request, "forms_intake/mailbox/settings.html", context, status=422 if form.is_bound else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def bench(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Paste a message: what would become of it, and why. Nothing is kept."""
    one = _mailbox(mailbox_id)
    form = BenchForm(request.POST if request.method == "POST" else None)
    context = _head(one, "bench") | {"form": form}
    if form.is_bound and form.is_valid():
        raw = form.cleaned_data["message"].replace("\r\n", "\n").lstrip("\n").encode("utf-8", "replace")
        parsed = parse(raw, trusted_host=one.trusted_host)
        decision = decide(parsed, one)
        people = Contact.objects.visible_to(person(request)).filter(pk__in=decision.contacts)
        context |= {
            "parsed": parsed,
            "decision": decision,
            "state": MailState(decision.state).label,
            "people": people,
            "read_before": MailMessage.objects.filter(mailbox=one, key=parsed.key).first(),
        }
    return render(request, "forms_intake/mailbox/bench.html", context, status=422 if form.errors else 200)


@marketers
@require_safe
def message_list(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """What was read, the latest first, by state."""
    one = _mailbox(mailbox_id)
    state = request.GET.get("state", "")
    state = state if state in MailState.values else ""
    rows = MailMessage.objects.filter(mailbox=one).defer("said")
    page = page_of(rows.filter(state=state) if state else rows, NEWEST, request.GET.get("at", ""))
    context = _head(one, "messages") | {
        "rows": page.rows,
        "state": state,
        "states": MailState.choices,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "forms_intake/mailbox/messages.html", context)


@marketers
@require_safe
def message(request: HttpRequest, mailbox_id: int, message_id: int) -> HttpResponse:
    """One message: what became of it and why, and, while something may still be made of it, what it says."""
    one = _mailbox(mailbox_id)
    related = ("submission__lead", "submission__contact", "rule", "settled_by")
    found = get_object_or_404(MailMessage.objects.select_related(*related), pk=message_id, mailbox=one)
    context = _head(one, "messages") | {
        "message": found,
        "parsed": from_json(found.said) if found.said else None,
        "people": keeping.contacts_of(found, person(request)),
        "waits": found.state in keeping.OPEN,
        "suspicious": found.what == What.SUSPICIOUS,
        "files_when": when_fetched(one) if found.files_wanted else "",
    }
    return render(request, "forms_intake/mailbox/message.html", context)


@marketers
@require_POST
def message_act(request: HttpRequest, mailbox_id: int, message_id: int, what: str) -> HttpResponse:
    """Look at a message again, vouch for its sender, or leave it alone."""
    get_object_or_404(MailMessage, pk=message_id, mailbox=_mailbox(mailbox_id))
    by = person(request)
    try:
        if what == "dismiss":
            keeping.dismiss(message_id, by=by)
            messages.success(request, "It is left alone, and what it said is forgotten.")
        elif what in ("again", "trust"):
            settled = keeping.settle_again(message_id, by=by, trusted=what == "trust")
            if settled.pk is None or not MailMessage.objects.filter(pk=message_id).exists():
                messages.success(request, settled.why)
                return redirect("forms_intake:mail_messages", mailbox_id)
            messages.success(request, f"{settled.get_state_display()}: {settled.why}")
        else:
            raise Http404
    except (NotRetriable, RecordGone) as problem:
        messages.error(request, problem.message.replace("submission", "message"))
    return redirect("forms_intake:mail_message", mailbox_id, message_id)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, mailbox_id: int, rule_id: int = 0) -> HttpResponse:
    """Make or change a rule for messages of strangers."""
    one = _mailbox(mailbox_id)
    known = (
        get_object_or_404(MailRule.objects.select_related("marketing_context"), pk=rule_id, mailbox=one)
        if rule_id
        else None
    )
    form = RuleForm(one, request.POST if request.method == "POST" else None, rule=known)
    if form.is_bound and form.is_valid():
        try:
            said = form.cleaned_data | {"version": form.cleaned_data["version"] or 0}
            setting_up.save_rule(mailbox_id, rule_id or None, **said, by=person(request))
        except RecordGone as error:
            form.add_error(None, error.message)
        except ChangedMeanwhile:
            now = _mailbox(mailbox_id)
            form.add_error(None, CHANGED.format(who=now.edited_by or "Somebody"))
            form.data = {**request.POST.dict(), "version": str(now.version)}
        else:
            messages.success(request, "Saved: it holds for what is read from now on.")
            return redirect("forms_intake:mailbox_detail", mailbox_id)
    context = _head(one, "overview") | {"form": form, "rule": known}
    return render(request, "forms_intake/mailbox/rule.html", context, status=422 if form.is_bound else 200)


@marketers
@require_POST
def rule_act(request: HttpRequest, mailbox_id: int, rule_id: int, move: str) -> HttpResponse:
    """Move a rule, or remove it."""
    _mailbox(mailbox_id)
    by = person(request)
    try:
        if move in ("up", "down"):
            setting_up.move_rule(mailbox_id, rule_id, up=move == "up", by=by)
        elif move == "remove":
            setting_up.remove_rule(mailbox_id, rule_id, by=by)
            messages.success(request, "The rule is gone; what it made stays.")
        else:
            raise Http404
    except RecordGone as error:
        messages.error(request, error.message)
    return redirect("forms_intake:mailbox_detail", mailbox_id)


@marketers
@require_POST
def act(request: HttpRequest, mailbox_id: int, deed: str) -> HttpResponse:
    """Test the connection, switch it on or off, have it read at once."""
    one, by = _mailbox(mailbox_id), person(request)
    if deed == "test":
        try:
            messages.success(request, reading.try_connection(one))
        except reading.CannotRead as problem:
            messages.error(request, f"It does not work: {problem}")
    elif deed in ("on", "off"):
        try:
            setting_up.switch(mailbox_id, on=deed == "on", by=by)
        except NotReady as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"{one} is {'read every minute' if deed == 'on' else 'read no more'}.")
    elif deed == "read":
        setting_up.read_now(mailbox_id)
        messages.success(request, "It is being read.")
    else:
        raise Http404
    return redirect("forms_intake:mailbox_detail", mailbox_id)


def _named(form: Any, error: InvalidValues) -> None:
    for name, words in error.errors.items():
        form.add_error(name if name in form.fields else None, words)
