"""Pages of requests about data: who asks for what, until when, what was done by whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import normalise
from contacts.errors import AlreadyAnswered, InvalidValues
from contacts.models import Contact, DataRequest, Tombstone, User
from contacts.privacy import erasing, requests, tombstones
from contacts.privacy.exporting import make_copy, person_of, sections_of
from contacts.privacy.forms import AnswerForm, ComeBackForm, EraseForm, RequestForm
from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.lib.links import id_in

TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}
MOST_OPEN = 200
PAGE = 50


def answers_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who answer what people ask about their data."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(person(request), Ability.PRIVACY):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@answers_people
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """Open requests, the most urgent first, and the latest that were answered."""
    every = DataRequest.objects.select_related("contact", "entered_by", "done_by")
    waiting = list(every.filter(state=DataRequest.State.OPEN).order_by("due_on", "pk")[: MOST_OPEN + 1])
    before = id_in(request, "before")
    answered = every.exclude(state=DataRequest.State.OPEN).order_by("-pk")
    rows = list((answered.filter(pk__lt=before) if before else answered)[: PAGE + 1])
    context = {
        "waiting": waiting[:MOST_OPEN],
        "more_waiting": len(waiting) > MOST_OPEN,
        "answered": rows[:PAGE],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else 0,
        "today": timezone.localdate(),
        "come_back": ComeBackForm() if can(person(request), Ability.ERASE) else None,
        "asked_for": _looked_up(request),
    }
    return render(request, "privacy/requests.html", context)


def _looked_up(request: HttpRequest) -> dict[str, Any] | None:
    """Whether somebody with this address was erased: an address that is typed can be told by its hash, none read."""
    typed = request.GET.get("email", "").strip()[:254]
    email = normalise.email(typed)
    if not typed:
        return None
    standing = tombstones.standing_over([("email", email)]) if email else {}
    done = DataRequest.objects.filter(digest=tombstones.email_digest(email)).order_by("-pk")[:10] if email else []
    return {"email": typed, "erased_at": standing.get(("email", email)), "requests": list(done)}


@answers_people
@require_http_methods(["GET", "HEAD", "POST"])
def new_request(request: HttpRequest) -> HttpResponse:
    """Take a request down."""
    user = person(request)
    contact = Contact.objects.visible_to(user).filter(pk=id_in(request, "contact")).first()
    form = RequestForm(request.POST if request.method == "POST" else None, user=user, contact=contact)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        made = requests.enter(
            kind=typed["kind"],
            contact=typed["contact"],
            email=normalise.email(typed["email"]) if typed["email"] else "",
            words=typed["words"],
            by=user,
        )
        messages.success(request, f"It is to be answered by {made.due_on:%d.%m.%Y}.")
        return redirect("privacy:request", made.pk)
    return render(request, "privacy/new.html", {"form": form}, status=422 if form.is_bound else 200)


@answers_people
@require_safe
def one_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request: whose, until when, every step; what can be done next."""
    return _page(request, request_id)


def _page(request: HttpRequest, request_id: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(DataRequest.objects.select_related("contact", "entered_by", "done_by"), pk=request_id)
    is_open = found.state == DataRequest.State.OPEN
    erasure = found.kind == DataRequest.Kind.ERASURE
    context = {
        "asked": found,
        "is_open": is_open,
        "late": is_open and found.due_on < timezone.localdate(),
        "steps": found.steps.select_related("by"),
        "counts": _counts(found) if is_open else [],
        "answer_form": AnswerForm(),
        "erase_form": EraseForm() if is_open and erasure and can(user, Ability.ERASE) else None,
        "to_type": erasing.typed_right(found),
        "stones": Tombstone.objects.filter(request=found, lifted_at=None).count() if erasure else 0,
        **forms,
    }
    return render(request, "privacy/request.html", context, status=status)


def _counts(asked: DataRequest) -> list[tuple[str, int]]:
    return [(one.title, len(one.rows)) for one in sections_of(person_of(asked)) if one.rows]


@answers_people
@require_POST
def copy(request: HttpRequest, request_id: int, form: str) -> HttpResponse:
    """The copy of their data as a file; that it was made is on record."""
    found = get_object_or_404(DataRequest, pk=request_id, state=DataRequest.State.OPEN)
    answer = HttpResponse(make_copy(found, form=form, by=person(request)), content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="personal-data-{found.pk}.{form}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


@answers_people
@require_POST
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Close it: it was done, or refused for a reason."""
    found = get_object_or_404(DataRequest, pk=request_id)
    form = AnswerForm(request.POST)
    refused = "refuse" in request.POST
    if found.kind == DataRequest.Kind.ERASURE and not refused:
        raise PermissionDenied("A person is erased here, or the request is refused with a reason.")
    if not form.is_valid():
        return _page(request, request_id, status=422, answer_form=form)
    state = DataRequest.State.REFUSED if refused else DataRequest.State.DONE
    try:
        requests.answer(request_id, state=state, words=form.cleaned_data["words"], by=person(request))
    except AlreadyAnswered as late:
        messages.error(request, late.message)
    else:
        messages.success(request, "The request is refused." if refused else "The request is answered.")
    return redirect("privacy:request", request_id)


@answers_people
@require_POST
def erase(request: HttpRequest, request_id: int) -> HttpResponse:
    """Erase the person for good, once who it is has been typed once more."""
    user = person(request)
    if not can(user, Ability.ERASE):
        raise PermissionDenied
    get_object_or_404(DataRequest, pk=request_id)
    form = EraseForm(request.POST)
    if form.is_valid():
        try:
            erasing.erase(request_id, typed=form.cleaned_data["typed"], by=user)
        except InvalidValues as problem:
            form.add_error("typed", problem.errors["typed"])
        except AlreadyAnswered as late:
            messages.error(request, late.message)
            return redirect("privacy:request", request_id)
        else:
            messages.success(request, "Everything personal is gone. Nobody brings them back but they themselves.")
            return redirect("privacy:request", request_id)
    return _page(request, request_id, status=422, erase_form=form)


@answers_people
@require_POST
def come_back(request: HttpRequest) -> HttpResponse:
    """They want to be known again: whoever takes them back says how they said so."""
    user = person(request)
    if not can(user, Ability.ERASE):
        raise PermissionDenied
    form = ComeBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the e-mail address, and how they said so.")
        return redirect("privacy:requests")
    email = normalise.email(form.cleaned_data["email"])
    if _let_back(email, form.cleaned_data["words"], user):
        messages.success(request, f"{email} can be entered again.")
    else:
        messages.error(request, f"Nobody with the address {email} was erased.")
    return redirect("privacy:requests")


def _let_back(email: str, words: str, user: User) -> bool:
    stone = Tombstone.objects.filter(digest=tombstones.digest(("email", email)), lifted_at=None).first()
    if stone is None:
        return False
    how = f"{user}: {words}"[:200]
    theirs = Tombstone.objects.filter(request=stone.request_id, lifted_at=None) if stone.request_id else None
    if theirs is not None:
        theirs.update(lifted_at=timezone.now(), lifted_how=how)
        requests.note(stone.request, "May come back", words=words, by=user)  # type: ignore[arg-type]
    return bool(tombstones.lift([("email", email)], how)) or theirs is not None
