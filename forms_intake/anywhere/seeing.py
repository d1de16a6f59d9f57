"""What scripts on pages of others say of a form that somebody sees there: that it is one of theirs, and by whom."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from forms_intake import posts
from forms_intake.anywhere.crossing import let_read, may_show, preflight
from forms_intake.anywhere.following import visitor_in
from forms_intake.anywhere.origins import as_sent
from forms_intake.anywhere.visits import note_seen
from forms_intake.errors import PostRefused
from forms_intake.models import FormState
from forms_intake.spec.remembering import spec_of


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def seen(request: HttpRequest, public_id: str) -> HttpResponse:
    """A form is seen on a page of a site on its list: `_visitor` by whom, `_capture` if it is one of theirs that is
    heard for ours, which nothing else counts. A post, so that no cookie stands in an address. 204 whoever it was; 403
    for pages of other sites, and for what names none.
    """
    form = spec_of(public_id)
    if form is not None and request.method == "OPTIONS":
        return preflight(request, form)
    if form is None or not may_show(request, form, as_sent(request.META.get("HTTP_ORIGIN", ""))):
        return let_read(request, None, HttpResponse(status=403))
    try:
        posts.check_size(request)
        post = posts.read(request)
    except PostRefused as refusal:
        return let_read(request, form, HttpResponse(status=refusal.status))
    if form.state == FormState.LIVE:
        heard = post.capture in form.captures
        note_seen(request, form, visitor=visitor_in(request, post), counts=heard)
    return let_read(request, form, HttpResponse(status=204))
