"""What the editor of conditions asks for (static/js/conditions/): JSON, for those who may use conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contacts.views.editing import person
from leadcrm.lib.paging import url_with
from leadcrm.lib.patience import TooSlow, give_up, within
from leads.access import may_keep_rules
from leads.by_condition import NAME, ConditionForm
from leads.conditions import InvalidCondition, Node, Vocabulary, describe, parse, parse_source, to_json, to_text
from leads.conditions.days import PERIODS
from leads.conditions.errors import refuse
from leads.conditions.parse import DEEPEST
from leads.conditions.values import LONGEST_TEXT
from leads.meets import Meets, meets, refined
from leads.subjects import SUBJECTS, Subject
from leads.vocabulary_json import inner, labels_of, operators_json, values_of, vocabulary_json

LOOKING_MS = 500
EDITOR = re.compile(r"[a-z0-9]{1,32}")
LISTED = {"lead": "leads:list", "contact": "contacts:list", "opportunity": "opportunities:list"}
Answering = Callable[[HttpRequest, Subject], HttpResponse]


def _for_editor(view: Answering) -> Callable[..., HttpResponse]:
    """For those who may use conditions, and of leads for those who write assignment rules; an unknown subject is 404,
    and what is no condition an answer too: what is wrong, and where. Conditions are unfinished most of the time that
    somebody writes one."""

    @login_required
    def answer(request: HttpRequest, subject: str) -> HttpResponse:
        may = request.user.has_perm("leads.use_conditions") or (subject == "lead" and may_keep_rules(request.user))
        if not may:
            raise PermissionDenied
        if subject not in SUBJECTS:
            raise Http404
        try:
            return view(request, SUBJECTS[subject])
        except InvalidCondition as error:
            return JsonResponse({"error": error.code, "message": error.message, **error.data, **_place(error)})

    return answer


def _place(error: InvalidCondition) -> dict[str, Any]:
    """Where in the text, if it is the text that is wrong."""
    return {name: getattr(error, name) for name in ("line", "column") if hasattr(error, name)}


def _object(request: HttpRequest) -> dict[str, Any]:
    """What was posted: a condition under "tree" as JSON, or under "text" as somebody typed it."""
    try:
        posted = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadRequest("This is not JSON.") from None
    if not isinstance(posted, dict):
        raise BadRequest('This is no object with "tree" or "text".')
    return posted


def _node(posted: dict[str, Any], vocabulary: Vocabulary) -> Node:
    text = posted.get("text")
    if isinstance(text, str):
        return parse_source(text, vocabulary, stored=True)
    return parse(posted.get("tree"), vocabulary, stored=True)


def _asked_in(subject: Subject, posted: dict[str, Any]) -> Vocabulary:
    """What may be asked of the records that `in` leads to."""
    names = posted.get("in") or []
    steps = [name for name in names if isinstance(name, str)][:DEEPEST] if isinstance(names, list) else []
    place = inner(subject.vocabulary(), steps)
    if place is None:
        refuse(("in",), "this leads nowhere", "names of related records, one inside the other")
    return place.vocabulary


def _read(node: Node, vocabulary: Vocabulary) -> dict[str, Any]:
    words = describe(node, vocabulary)
    tree = {key: value for key, value in to_json(node).items() if key != "version"}
    return {"tree": tree, "text": to_text(node, vocabulary), "says": words[:1].upper() + words[1:]}


@login_required
@permission_required("leads.use_conditions", raise_exception=True)
@require_safe
def by_condition(request: HttpRequest, subject: str) -> HttpResponse:
    """Where a condition for a list is made; what else the address says of that list is kept."""
    if subject not in LISTED:
        raise Http404
    given = request.GET.dict()
    form = ConditionForm(request.GET if "apply" in given else None, initial=given, subject=subject)
    here = reverse(LISTED[subject])
    if form.is_bound and form.is_valid():
        text = form.text_of(form.cleaned_data[NAME])
        # Whoever it meets, as it was counted: the list of leads would show the open ones only.
        more = {"status": request.GET.get("status") or "any"} if subject != "contact" else {}
        return redirect(here + url_with(request.GET, apply="", at="", condition=text, **more))
    kept = [(name, value) for name, value in request.GET.items() if name not in {NAME, "apply", "at"}]
    back = here + url_with(request.GET, apply="", condition="", at="")
    context = {"form": form, "kept": kept, "back_url": back, "noun": SUBJECTS[subject].noun}
    return render(request, "leads/by_condition.html", context, status=422 if form.errors else 200)


@require_safe
@_for_editor
def vocabulary(request: HttpRequest, subject: Subject) -> HttpResponse:
    """All that may be asked."""
    found = vocabulary_json(subject.vocabulary())
    return JsonResponse(
        {"vocabulary": found, "operators": operators_json(), "periods": list(PERIODS), "noun": subject.noun}
    )


@require_safe
@_for_editor
def values(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Values of `field` that have what was typed (`q`); `in` leads to it ("leads", "did"...).

    With `value`, ids of records, their labels alone.
    """
    place = inner(subject.vocabulary(), request.GET.getlist("in")[:DEEPEST])
    field = place and place.vocabulary.fields.get(request.GET.get("field", ""))
    if not place or not field:
        raise Http404
    if "value" in request.GET:
        ids = [int(value) for value in request.GET.getlist("value") if value.isdecimal() and len(value) < 19]
        return JsonResponse({"values": list(labels_of(field, list(ids)).items())})
    words = request.GET.get("q", "").replace("\0", "")[:LONGEST_TEXT]
    try:
        with within(LOOKING_MS):
            return JsonResponse({"values": values_of(field, place.rows(subject.rows(person(request))), words)})
    except TooSlow:
        return JsonResponse({"values": []})


@require_POST
@_for_editor
def read(request: HttpRequest, subject: Subject) -> HttpResponse:
    """The condition as tree, as text and as a sentence; `in` leads to the records it is about, as for `values`."""
    posted = _object(request)
    vocabulary = _asked_in(subject, posted)
    return JsonResponse(_read(_node(posted, vocabulary), vocabulary))


@require_POST
@_for_editor
def preview(request: HttpRequest, subject: Subject) -> HttpResponse:
    """What `read` says, whom it meets, and a few of them.

    They are counted when that is quick, else judged by a sample; `"refine": true` counts for some seconds, or until
    the next preview of the same `editor` (a name that it gave itself). `busy`: another count goes on, ask again soon.
    """
    posted, vocabulary = _object(request), subject.vocabulary()
    editor = posted.get("editor")
    called = f"count {person(request).pk} {editor}" if isinstance(editor, str) and EDITOR.fullmatch(editor) else ""
    if called:
        give_up(called)
    node = _node(posted, vocabulary)
    rows = subject.rows(person(request)).select_related(*subject.drawn_with)
    if posted.get("refine") is True:
        met = refined(node, vocabulary, rows, now=timezone.now(), called=called)
    else:
        met = meets(node, vocabulary, rows, now=timezone.now())
    return JsonResponse(_read(node, vocabulary) | _met(met, subject))


def _met(met: Meets, subject: Subject) -> dict[str, Any]:
    count = met.count
    return {
        "count": {
            "words": str(count),
            "number": count.number,
            "exact": count.exact,
            "method": count.method(subject.noun),
        },
        "complete": met.complete,
        "busy": met.busy,
        "noun": subject.noun,
        "seconds": round(met.seconds, 2),
        "nodes": {place: str(count) for place, count in met.nodes.items() if count.number is not None},
        "examples": [vars(subject.example(row)) for row in met.rows],
    }
