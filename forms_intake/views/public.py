"""What anybody may call: a form's door and its thank-you page. Landing pages are in landing/views/public.py."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from forms_intake import posts
from forms_intake.anywhere import crossing, drawing
from forms_intake.anywhere.visits import note_visit
from forms_intake.errors import FormClosed, OutOfService, PostRefused, TooMany, UnknownForm
from forms_intake.models import FormState
from forms_intake.spam.rules import rules
from forms_intake.spec.remembering import forget_specs, spec_of
from forms_intake.spec.shape import FormSpec
from forms_intake.spoken import language_at, thanks_of, words_at
from forms_intake.tracking.own import visitor_of
from forms_intake.views import hosted
from forms_intake.views.refusing import refuse
from forms_intake.views.taking import take
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of


@csrf_exempt
def receive(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a post: 303 to the thanks for a form, 202 with the submission's id for JSON."""
    try:
        answer = _with_second_try(request, public_id)
    except PostRefused as refusal:
        answer = refuse(request, refusal, refusal.language)
        if drawing.FRAME in request.GET and (form := _known(public_id)):
            crossing.let_frame(answer, form.origins)
    return crossing.let_read(request, _known(public_id), answer) if "HTTP_ORIGIN" in request.META else answer


def _known(public_id: str) -> FormSpec | None:
    """The form, as it was remembered a moment ago; None too when the database is away."""
    try:
        return spec_of(public_id)
    except (OperationalError, InterfaceError):
        return None


def _with_second_try(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer, and once more on a fresh connection: the one at hand may have died since it was last used.

    Safe, because a post that was kept before the connection died is found again by its key.
    """
    # Asking the database whether it is there would cost a round trip; the second try finds that out as well.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _answer(request, public_id)
    except (OperationalError, InterfaceError):
        connection.close()
    except IntegrityError:
        forget_specs()  # the form or page was deleted within the second that its definition is remembered
    try:
        return _answer(request, public_id)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        raise OutOfService from error


def _answer(request: HttpRequest, public_id: str) -> HttpResponse:
    if request.method == "POST":
        posts.check_size(request)
    form = _open_form(public_id)
    try:
        return _answer_for(request, form)
    except PostRefused as refusal:
        refusal.language = form.language
        raise


def _answer_for(request: HttpRequest, form: FormSpec) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        kiosk = posts.at_kiosk(request)
        who = "" if kiosk else posts.who_of(request)
        note_visit(request, form, who=who, visitor="" if kiosk else visitor_of(request))
        return hosted.form_page(form, None, tags=posts.tags_of(request), who=who, said=request.GET, kiosk=kiosk)
    if request.method == "OPTIONS":
        return crossing.preflight(request, form)
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS", "POST"])
    crossing.check(request, form)
    sender = network_of(client_address(request))
    decision = ratelimit.allow(f"form:{form.public_id}:{sender}", limit=settings.FORM_POSTS_PER_MINUTE, seconds=60)
    if not decision.allowed:
        raise TooMany(decision.retry_after)
    return take(request, form, posts.read(request), sender, drawing.frame_of(request, form) if request.GET else None)


@require_safe
def thanks(request: HttpRequest, public_id: str) -> HttpResponse:
    """What a form says after it was sent, in the language of the `page` it stood on, else its own; also once closed."""
    form = spec_of(public_id)
    if form is None:
        return refuse(request, UnknownForm())
    page = form.page(request.GET.get("page", ""))
    language = language_at(form, page)
    return hosted.notice(
        words_at(form, page).thanks,
        thanks_of(form, language),
        language=language,
        kiosk=hosted.kiosk_of(request, form),
        written=True,
        also=hosted.full_words(request, form, language),
    )


def _closed(form: FormSpec) -> FormClosed:
    """A draft says nothing of its own: nobody is to read it yet."""
    closed = FormClosed(form.closed_message if form.state == FormState.CLOSED else "")
    closed.language = form.language
    return closed


def _open_form(public_id: str) -> FormSpec:
    form = spec_of(public_id)
    if form is None or form.fed_by:
        raise UnknownForm
    if form.state != FormState.LIVE:
        raise _closed(form)
    rules()  # read with the form, so that a post finds them in memory
    return form
