"""What a network calls: kept first, answered at once; a worker does the rest."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from forms_intake import posts
from forms_intake.ads.access import access_of, network
from forms_intake.ads.arriving import take_told
from forms_intake.ads.connecting import NotTaken
from forms_intake.errors import PostRefused
from forms_intake.models import Connector, ConnectorState
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of

FORGED = "A notification with a wrong signature was refused: is the client secret the app's?"
TOLD_EVERY = timedelta(minutes=1)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, address: str) -> HttpResponse:
    """The webhook of one connector. Who does not know its address, or asks for one that is off, learns nothing."""
    sender = network_of(client_address(request))
    decision = ratelimit.allow(f"ads:{address[:30]}:{sender}", limit=settings.AD_POSTS_PER_MINUTE, seconds=60)
    if not decision.allowed:
        return _plain("A moment, please.", 429, retry_after=decision.retry_after)
    connector = Connector.objects.filter(address=address).exclude(state=ConnectorState.OFF).first()
    if connector is None:
        return _plain("There is nothing here.", 404)
    if request.method == "GET":
        answer = network(connector).challenge(access_of(connector), request.GET.dict())
        return JsonResponse(dict(answer)) if answer else _plain("Nothing was asked.", 400)
    return _take(request, connector)


def _take(request: HttpRequest, connector: Connector) -> HttpResponse:
    try:
        posts.check_size(request)
    except PostRefused as refusal:
        return _plain(refusal.message, refusal.status)
    access, asked = access_of(connector), network(connector)
    if not asked.is_genuine(access, request.body, request.headers):
        _note_forged(connector)
        return _plain("The signature is wrong.", 401)
    if connector.state != ConnectorState.ON:
        return _plain("It is not switched on yet.", 503, retry_after=3600)
    try:
        told = asked.told(access, request.body)
    except NotTaken as problem:
        return _plain(problem.message, 400)
    sync = take_told(connector, told)
    return JsonResponse({"new": sync.new, "known": sync.known})


def _note_forged(connector: Connector) -> None:
    """Said on the connector's page, at most once a minute however many are refused."""
    now = timezone.now()
    due = Q(last_error_at=None) | Q(last_error_at__lt=now - TOLD_EVERY)
    # Why it fails is worth more than what a stranger posted.
    Connector.objects.filter(due, pk=connector.pk, failing_since=None).update(last_error=FORGED, last_error_at=now)


def _plain(words: str, status: int, *, retry_after: int = 0) -> HttpResponse:
    response = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response
