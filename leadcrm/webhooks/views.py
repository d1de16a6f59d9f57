"""Pages of webhooks: subscriptions, their log, and each delivery with its tries."""

from __future__ import annotations

import json
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import ChangedMeanwhile, InvalidValues
from contacts.views.editing import person
from leadcrm.api.views import administrators
from leadcrm.lib.facts import honest_count
from leadcrm.lib.paging import ID, Sort, page_of, url_with
from leadcrm.webhooks import subscriptions as services
from leadcrm.webhooks.bodies import about
from leadcrm.webhooks.forms import SubscriptionForm, TellAgainForm
from leadcrm.webhooks.kinds import KINDS, TEST
from leadcrm.webhooks.models import Delivery, DeliveryState, Subscription

NEWEST = Sort("newest", "Newest", (ID,), descending=True)
MOST = 200
COUNTED = 1000
A_DAY = timedelta(days=1)


@administrators
@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    """All subscriptions."""
    rows = list(Subscription.objects.select_related("created_by")[:MOST])
    drawn = [(one, [KINDS.get(kind, kind) for kind in one.kinds]) for one in rows]
    return render(request, "integrations/webhooks.html", {"rows": drawn})


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a subscription; its secret stands on the answer and nowhere else."""
    form = SubscriptionForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("name", "url", "kinds")}
        try:
            made, secret = services.subscribe(by=person(request), **wanted)
        except InvalidValues as error:
            _named(form, error)
        else:
            return _shown_once(request, made, secret, "It hears of what happens from now on.")
    status = 422 if form.is_bound else 200
    return render(request, "integrations/webhook_form.html", {"form": form, "made": None}, status=status)


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Change a subscription. Who is second is told, and keeps what they typed."""
    made = get_object_or_404(Subscription, pk=webhook_id)
    begins = {"name": made.name, "url": made.url, "kinds": made.kinds, "version": made.version}
    form = SubscriptionForm(request.POST if request.method == "POST" else None, initial=begins)
    if form.is_bound and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("name", "url", "kinds")}
        try:
            services.edit(webhook_id, version=form.cleaned_data["version"] or 0, **wanted)
        except InvalidValues as error:
            _named(form, error)
        except ChangedMeanwhile:
            form.add_error(None, "Somebody else changed it meanwhile. Below is what you typed; save again to keep it.")
            form.data = {**form.data, "kinds": wanted["kinds"], "version": str(made.version)}
        else:
            messages.success(request, f"{wanted['name']} is saved.")
            return redirect("integrations:webhook", webhook_id)
    status = 422 if form.is_bound else 200
    return render(request, "integrations/webhook_form.html", {"form": form, "made": made}, status=status)


def _named(form: SubscriptionForm, error: InvalidValues) -> None:
    for name, words in error.errors.items():
        form.add_error(name, words)


def _shown_once(request: HttpRequest, made: Subscription, secret: str, words: str) -> HttpResponse:
    context = {"made": made, "secret": secret, "words": words}
    response = render(request, "integrations/webhook_secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


@administrators
@require_safe
def webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """One subscription: how it fares, and what it was told, the latest first."""
    made = get_object_or_404(Subscription.objects.select_related("created_by"), pk=webhook_id)
    rows = Delivery.objects.filter(subscription=made)
    state = request.GET.get("state", "")
    chosen = state if state in DeliveryState.values else ""
    page = page_of(rows.filter(state=chosen) if chosen else rows, NEWEST, request.GET.get("at", ""))
    context = {
        "made": made,
        "kinds": [(kind, KINDS.get(kind, kind)) for kind in made.kinds],
        "words": KINDS | {TEST: "A test"},
        "waiting": honest_count(rows.filter(state=DeliveryState.WAITING), COUNTED),
        "rows": [(one, _word(one.kind), about(one.body)) for one in page.rows],
        "page": page,
        "states": DeliveryState.choices,
        "chosen": chosen,
        "again_form": TellAgainForm(initial={"since": timezone.localtime() - A_DAY}),
        "both_until": made.previous_until if made.previous_until and made.previous_until > timezone.now() else None,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "integrations/webhook.html", context)


def _word(kind: str) -> str:
    return (KINDS | {TEST: "A test"}).get(kind, kind)


@administrators
@require_POST
def act(request: HttpRequest, webhook_id: int, what: str) -> HttpResponse:
    """Pause a subscription, let it go on, rotate its secret, send it a test, tell it again, or remove it."""
    made = get_object_or_404(Subscription, pk=webhook_id)
    if what == "rotate":
        made, secret = services.rotate(webhook_id)
        return _shown_once(request, made, secret, "For a day, what is sent is signed with the secret before as well.")
    if what == "remove":
        services.unsubscribe(webhook_id)
        messages.success(request, f"{made} is told nothing any more.")
        return redirect("integrations:webhooks")
    if what == "pause":
        services.pause(webhook_id)
        messages.success(request, f"{made} is paused; what happens meanwhile waits.")
    elif what == "resume":
        services.resume(webhook_id)
        messages.success(request, f"{made} goes on where it stopped.")
    elif what == "tell-again":
        _tell_again(request, made)
    elif what == "test":
        one = services.send_test(made, by=person(request))
        messages.success(request, "A test is on its way, behind what waits.")
        return redirect("integrations:delivery", one.pk)
    return redirect("integrations:webhook", webhook_id)


def _tell_again(request: HttpRequest, made: Subscription) -> None:
    form = TellAgainForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing is told again: {' '.join(map(str, form.errors['since']))}")
        return
    number = services.tell_again(made.pk, **form.cleaned_data)
    if not number:
        messages.info(request, "Nothing of what it was told is so: nothing is told again.")
        return
    waits = " once it goes on" if made.paused_at else ""
    many = "1 fact is" if number == 1 else f"{number:,} facts are"
    messages.success(request, f"{many} told again{waits}, in order and with the ids they had.")


@administrators
@require_safe
def delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """One delivery: what is said, and each try with its answer."""
    one = get_object_or_404(Delivery.objects.select_related("subscription"), pk=delivery_id)
    tries = [(each, _headers(each.sent_headers), _headers(each.headers)) for each in one.tries.all()[:MOST]]
    body = json.dumps(json.loads(one.body), indent=2, ensure_ascii=False)
    context = {"one": one, "made": one.subscription, "word": _word(one.kind), "tries": tries, "body": body}
    return render(request, "integrations/delivery.html", context)


def _headers(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


@administrators
@require_POST
def again(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send one delivery once more, with the id it had."""
    get_object_or_404(Delivery, pk=delivery_id)
    if services.send_again([delivery_id]):
        messages.success(request, "It is sent once more, with the id it had.")
    else:
        messages.info(request, "It is still waiting, and is sent in its turn.")
    return redirect("integrations:delivery", delivery_id)


@administrators
@require_POST
def skip(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Let what waits behind it go on without it."""
    get_object_or_404(Delivery, pk=delivery_id)
    if services.skip(delivery_id):
        messages.success(request, "It is skipped; what waits behind it goes on. It can still be sent by hand.")
    return redirect("integrations:delivery", delivery_id)
