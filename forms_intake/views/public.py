"""What anybody may call: a form's door and its thank-you page. Landing pages are in landing/views/public.py."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from forms_intake import posts, validation
from forms_intake.anywhere import crossing, drawing
from forms_intake.anywhere.capturing import captured
from forms_intake.anywhere.visits import note_visit
from forms_intake.confirming import may_mail
from forms_intake.errors import FormClosed, OutOfService, PostRefused, TooMany, UnknownForm
from forms_intake.known import known_by
from forms_intake.landing.rendering import Asked
from forms_intake.landing.views.public import base_of, page_again
from forms_intake.looks.fields import translated_all
from forms_intake.models import FormState
from forms_intake.services.receiving import store_post
from forms_intake.spam.judging import judge
from forms_intake.spam.rules import rules
from forms_intake.spec.remembering import forget_specs, spec_of
from forms_intake.spec.shape import FormSpec
from forms_intake.spoken import language_at, thanks_of, words_at
from forms_intake.views import hosted
from forms_intake.views.refusing import refuse
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
        note_visit(request, form, who=who)
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
    return _take(request, form, posts.read(request), sender, drawing.frame_of(request, form) if request.GET else None)


def _take(request: HttpRequest, form: FormSpec, post: posts.Post, sender: str, frame: str | None) -> HttpResponse:
    """Keep it, or say what is wrong with it. `frame`: the origin around the frame that the form stood in, if it did."""
    page = form.page(post.page_slug)
    known = known_by(post.who, form) if post.who else None
    if post.capture:
        checked = captured(form, post)
    else:
        checked = validation.check(form, post.texts, reserved=posts.RESERVED, known=known)
    if checked.errors:
        if post.is_json:
            errors = translated_all(checked.errors, words_at(form, page))
            return JsonResponse({"errors": errors}, status=422)
        typed = validation.typed(post.texts, form)
        tags = {tag: post.origin[tag] for tag in posts.TAGS if tag in post.origin}
        if frame is not None:
            return drawing.framed_form(
                form, frame, typed=typed, errors=checked.errors, tags=tags, who=post.who, status=422
            )
        asked = Asked(base_of(request), tags, post.who, typed, checked.errors, letter=post.letter)
        if page and (again := page_again(request, form, page.slug, post.letter, asked)):
            return again
        spoken: dict[str, Any] = {
            "kiosk": post.kiosk,
            "language": language_at(form, page),
            "words": words_at(form, page),
        }
        return hosted.form_page(
            form, page, typed=typed, errors=checked.errors, tags=tags, who=post.who, status=422, **spoken
        )
    judged = judge(form, post, checked.values, sender=sender)
    confirm = form.double_opt_in and bool(form.email_key)
    address = str(checked.values.get(form.email_key, ""))  # what was heard on a page of others may lack it
    submission = store_post(
        form_id=form.id,
        page_id=page.id if page else None,
        variant=post.letter if page else "",
        version_id=form.version_id,
        token=post.token,
        values=checked.values,
        dropped=checked.dropped,
        origin=post.origin | ({"known_by": "signed link"} if known else {}),
        spam=judged.spam,
        marks=judged.marks,
        confirm=confirm,
        mailed=confirm and bool(address) and may_mail(address),
    )
    answer: HttpResponse
    if post.is_json:
        told = {"id": str(submission)} | ({"waits_for": "confirmation by mail"} if confirm else {})
        answer = JsonResponse(told, status=202)
    elif post.kiosk:
        where = (_mailbox_url if confirm else _thanks_url)(form.public_id, "")
        answer = HttpResponse(status=303, headers={"Location": f"{where}?kiosk=1"})
    elif frame is not None:
        answer = drawing.sent_in_frame(form, frame, confirm=confirm)
    else:
        slug = page.slug if page else ""
        where = (
            _mailbox_url(form.public_id, slug) if confirm else form.redirect_url or _thanks_url(form.public_id, slug)
        )
        answer = HttpResponse(status=303, headers={"Location": where})
    answer.is_on_record = True  # type: ignore[attr-defined]
    return answer


@lru_cache(maxsize=1000)
def _thanks_url(public_id: str, page: str) -> str:
    return reverse("forms_intake:thanks", args=[public_id]) + (f"?page={page}" if page else "")


@lru_cache(maxsize=1000)
def _mailbox_url(public_id: str, page: str) -> str:
    return reverse("forms_intake:mailbox", args=[public_id]) + (f"?page={page}" if page else "")


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
