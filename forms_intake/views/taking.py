"""A post at the door: kept and thanked for, or given back with what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from forms_intake import posts, validation
from forms_intake.anywhere import drawing
from forms_intake.anywhere.capturing import as_heard, captured
from forms_intake.anywhere.following import visitor_in
from forms_intake.confirming import asking
from forms_intake.events.facing import FULL, is_full, was_full
from forms_intake.events.overlapping import refuse_overlap
from forms_intake.known import known_by
from forms_intake.landing.rendering import Asked
from forms_intake.landing.views.public import base_of, page_again
from forms_intake.looks.fields import translated_all
from forms_intake.services.receiving import store_post
from forms_intake.spam.judging import judge
from forms_intake.spec.shape import FormSpec, PageSpec
from forms_intake.spoken import language_at, words_at
from forms_intake.views import hosted
from leadcrm.lib.languages import speaking


def take(request: HttpRequest, form: FormSpec, post: posts.Post, sender: str, frame: str | None) -> HttpResponse:
    """Keep it, or say what is wrong with it. `frame`: the origin around the frame that the form stood in, if it did."""
    post = _as_followed(request, as_heard(request, form, post), frame)
    page = form.page(post.page_slug)
    known = known_by(post.who, form) if post.who else None
    if post.capture:
        checked = captured(form, post)
    else:
        checked = validation.check(form, post.texts, reserved=posts.RESERVED, known=known)
        if form.event_id:
            with speaking(language_at(form, page)):
                checked.errors |= refuse_overlap(form, checked.values)
    if checked.errors:
        return _give_back(request, form, page, post, checked.errors, frame)
    submission, waits = _keep(form, page, post, checked, sender=sender, recognised=bool(known))
    answer = _thank(form, page, post, submission, frame, confirm=waits, full=was_full(form.event_id, submission))
    answer.is_on_record = True  # type: ignore[attr-defined]
    return answer


def _as_followed(request: HttpRequest, post: posts.Post, frame: str | None) -> posts.Post:
    """The post without its visitor, where a cookie says nothing."""
    if "visitor" not in post.origin or visitor_in(request, post, frame=frame):
        return post
    return replace(post, origin={key: value for key, value in post.origin.items() if key != "visitor"})


def _give_back(
    request: HttpRequest,
    form: FormSpec,
    page: PageSpec | None,
    post: posts.Post,
    errors: dict[str, list[str]],
    frame: str | None,
) -> HttpResponse:
    """The form again where it stood, with what was typed and what is wrong with it."""
    if post.is_json:
        return JsonResponse({"errors": translated_all(errors, words_at(form, page))}, status=422)
    typed = validation.typed(post.texts, form)
    tags = {tag: post.origin[tag] for tag in posts.TAGS if tag in post.origin}
    if frame is not None:
        return drawing.framed_form(form, frame, typed=typed, errors=errors, tags=tags, who=post.who, status=422)
    asked = Asked(base_of(request), tags, post.who, typed, errors, letter=post.letter)
    if page and (again := page_again(request, form, page.slug, post.letter, asked)):
        return again
    return hosted.form_page(
        form,
        page,
        language=language_at(form, page),
        words=words_at(form, page),
        kiosk=post.kiosk,
        typed=typed,
        errors=errors,
        tags=tags,
        who=post.who,
        status=422,
    )


def _keep(
    form: FormSpec,
    page: PageSpec | None,
    post: posts.Post,
    checked: validation.Checked,
    *,
    sender: str,
    recognised: bool,
) -> tuple[UUID, bool]:
    """The submission that it is now, and whether it waits for a click in a mail; `recognised`: by the signed link that
    led here.
    """
    origin = post.origin | ({"known_by": "signed link"} if recognised else {})
    if is_full(form.event_id):  # as things stand: their place is given or not once a worker has the post
        origin |= {FULL: True}
    judged = judge(form, post, checked.values, sender=sender)
    asked = asking(form, checked.values, token=post.token, spam=bool(judged.spam))
    submission = store_post(
        form_id=form.id,
        page_id=page.id if page else None,
        variant=post.letter if page else "",
        version_id=form.version_id,
        token=post.token,
        values=checked.values,
        dropped=checked.dropped,
        origin=origin | dict(asked.origin),
        spam=judged.spam,
        marks=judged.marks,
        confirm=asked.waits,
        mailed=asked.mailed,
        problem=asked.problem,
    )
    return submission, asked.waits


def _thank(
    form: FormSpec,
    page: PageSpec | None,
    post: posts.Post,
    submission: UUID,
    frame: str | None,
    *,
    confirm: bool,
    full: bool,
) -> HttpResponse:
    """Where a post leads that was kept: to the thanks, or to the mailbox where it is to be confirmed first. `full`: its
    event was.
    """
    if post.is_json:
        told: dict[str, Any] = {"id": str(submission)} | ({"waits_for": "confirmation by mail"} if confirm else {})
        told |= {hosted.FULL: True} if full else {}
        return JsonResponse(told, status=202)
    if post.kiosk:
        where = (_mailbox_url if confirm else _thanks_url)(form.public_id, "")
        return HttpResponse(status=303, headers={"Location": _saying_full(f"{where}?kiosk=1", full)})
    if frame is not None:
        return drawing.sent_in_frame(form, frame, confirm=confirm, full=full)
    slug = page.slug if page else ""
    if form.redirect_url and not confirm:
        return HttpResponse(status=303, headers={"Location": form.redirect_url})
    where = (_mailbox_url if confirm else _thanks_url)(form.public_id, slug)
    return HttpResponse(status=303, headers={"Location": _saying_full(where, full)})


def _saying_full(where: str, full: bool) -> str:
    return f"{where}{'&' if '?' in where else '?'}{hosted.FULL}=1" if full else where


@lru_cache(maxsize=1000)
def _thanks_url(public_id: str, page: str) -> str:
    return reverse("forms_intake:thanks", args=[public_id]) + (f"?page={page}" if page else "")


@lru_cache(maxsize=1000)
def _mailbox_url(public_id: str, page: str) -> str:
    return reverse("forms_intake:mailbox", args=[public_id]) + (f"?page={page}" if page else "")
