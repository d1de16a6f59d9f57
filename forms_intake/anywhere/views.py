"""What pages of others ask for: the script, a form to be drawn, a form in a frame."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_http_methods, require_safe

from forms_intake.anywhere import drawing
from forms_intake.anywhere.crossing import let_read, may_show, note_refusal, preflight
from forms_intake.anywhere.origins import as_sent
from forms_intake.anywhere.visits import note_visit
from forms_intake.errors import FormClosed, OriginRefused, PostRefused, UnknownForm
from forms_intake.models import FormState
from forms_intake.posts import tags_of, who_of
from forms_intake.spec.remembering import spec_of
from forms_intake.spec.shape import FormSpec
from forms_intake.spoken import thanks_of
from forms_intake.tracking.own import visitor_of
from forms_intake.views import hosted
from leadcrm.lib.languages import asked_for, speaking

SCRIPT = "text/javascript; charset=utf-8"
"""Pages of others may be written otherwise, and browsers would read a script that says nothing as they are."""
SCRIPT_SECONDS = 300


@require_safe
def embed_script(request: HttpRequest) -> HttpResponse:
    """The script for pages of others: the same for all forms."""
    return _script(request, drawing.SCRIPTS)


@require_safe
def capture_script(request: HttpRequest) -> HttpResponse:
    """The script that hears forms of others."""
    return _script(request, drawing.HEARS)


def _script(request: HttpRequest, names: tuple[str, ...]) -> HttpResponse:
    text, tag = drawing.script(names)
    unchanged = request.META.get("HTTP_IF_NONE_MATCH", "") == f'"{tag}"'
    response = HttpResponseNotModified() if unchanged else HttpResponse(text, content_type=SCRIPT)
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"  # so that pages may pin it (integrity, crossorigin)
    return response


@require_http_methods(["GET", "HEAD", "OPTIONS"])
def parts(request: HttpRequest, public_id: str) -> HttpResponse:
    """A form as parts for the script, for pages of origins on its list."""
    form = spec_of(public_id)
    if form is not None and request.method == "OPTIONS":
        return preflight(request, form)
    try:
        answer = _parts(request, form)
    except PostRefused as refusal:
        with speaking(form.language if form else asked_for(request)):
            body = {"error": refusal.code, "message": refusal.spoken}
        answer = JsonResponse(body, status=refusal.status)
    answer["Cache-Control"] = "private, no-store"
    return let_read(request, form, answer)


def _parts(request: HttpRequest, form: FormSpec | None) -> HttpResponse:
    form = _live(form)
    origin = as_sent(request.META.get("HTTP_ORIGIN", ""))
    if origin and not may_show(request, form, origin):
        note_refusal(request, form, origin)
        raise OriginRefused(origin)
    if "check" not in request.GET and not drawing.needs_frame(form):  # a frame counts when it is shown
        note_visit(request, form, who=who_of(request))
    return JsonResponse(drawing.as_parts(form, tags=tags_of(request), who=who_of(request), said=request.GET))


@require_safe
def frame(request: HttpRequest, public_id: str) -> HttpResponse:
    """A form for a frame: browsers show it in pages of origins on its list only."""
    said = as_sent(request.GET.get(drawing.AT, ""))

    def drawn(form: FormSpec, parent: str) -> HttpResponse:
        if said and not parent:
            note_refusal(request, form, said)
        if form.state != FormState.LIVE:
            closed = FormClosed(form.closed_message if form.state == FormState.CLOSED else "")
            with speaking(form.language):
                return drawing.framed_notice(form, parent, closed.spoken)
        note_visit(request, form, who=who_of(request), visitor=visitor_of(request))
        return drawing.framed_form(form, parent, tags=tags_of(request), who=who_of(request), said=request.GET)

    return _in_frame(request, public_id, said, drawn)


@require_safe
def framed_thanks(request: HttpRequest, public_id: str) -> HttpResponse:
    """What a frame says after its form was sent."""
    said = as_sent(request.GET.get(drawing.FRAME, ""))
    return _in_frame(
        request,
        public_id,
        said,
        lambda form, parent: drawing.framed_notice(
            form,
            parent,
            thanks_of(form, form.language),
            go=form.redirect_url,
            sent=True,
            written=True,
            also=hosted.full_words(request, form, form.language),
        ),
    )


@require_safe
def framed_mailbox(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same, where the person has to confirm by mail."""
    said = as_sent(request.GET.get(drawing.FRAME, ""))
    return _in_frame(
        request,
        public_id,
        said,
        lambda form, parent: drawing.framed_notice(
            form,
            parent,
            drawing.mailbox_words(form),
            sent=True,
            also=hosted.full_words(request, form, form.language),
        ),
    )


def _in_frame(
    request: HttpRequest, public_id: str, said: str, drawn: Callable[[FormSpec, str], HttpResponse]
) -> HttpResponse:
    form = spec_of(public_id)
    if form is None:
        with speaking(asked_for(request)):
            return HttpResponse(UnknownForm().spoken, status=404, content_type="text/plain; charset=utf-8")
    return drawn(form, said if said and may_show(request, form, said) else "")


def _live(form: FormSpec | None) -> FormSpec:
    if form is None:
        raise UnknownForm
    if form.state != FormState.LIVE:
        raise FormClosed(form.closed_message if form.state == FormState.CLOSED else "")
    return form
