"""Forms and what was posted to them; posting to one in the name of a visitor, from a server."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Schema, Status
from pydantic import IPvAnyAddress

from contacts.api.calls import must, must_write, user_of
from contacts.roles import Ability, can
from forms_intake import posts, validation
from forms_intake.confirming import asking
from forms_intake.errors import FormClosed, UnknownForm
from forms_intake.events.facing import FULL, is_full, was_full
from forms_intake.events.overlapping import refuse_overlap
from forms_intake.models import FormField, FormState, IntakeForm, Submission, SubmissionState
from forms_intake.services.receiving import store_post
from forms_intake.spam.judging import judge_brought
from forms_intake.spec.remembering import spec_of
from leadcrm.lib.address import network_of
from leadcrm.lib.api.calling import Routes, caller_of
from leadcrm.lib.api.problems import BadFields, Problem
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, PageOf, page_of
from leadcrm.lib.paging import ID, Sort

routes = Routes(tags=["Submissions"])

BY_ID = Sort("id", "Id", (ID,))
NEWEST = Sort("newest", "Newest", (ID,), descending=True)


class FormFieldOut(Schema):
    """A field of a form: posts name it by `key`."""

    key: str
    label: str
    type: str
    required: bool
    choices: list[str]
    fills: str


class FormOut(Schema):
    """A form. Posts go to its `public_id`."""

    id: int
    name: str
    public_id: str
    state: str
    marketing_context_id: int
    fields: list[FormFieldOut]

    @staticmethod
    def resolve_fields(one: IntakeForm) -> list[FormField]:
        return list(one.fields.all())


class Post(Given):
    """Values by field key, as a visitor would have sent them. With a `token`, a repeat of the same post counts once
    for thirty days; without one, for five minutes. `ip` is the visitor's address, if you know it: it is kept with what
    was posted, and tells who sends unusually much.
    """

    values: dict[Annotated[str, Field(max_length=100)], Any]
    token: Annotated[str, Field(max_length=200)] = ""
    page: Annotated[str, Field(max_length=80)] = ""
    referrer: Annotated[str, Field(max_length=300)] = ""
    user_agent: Annotated[str, Field(max_length=300)] = ""
    ip: IPvAnyAddress | None = None


class Received(Schema):
    """The submission that was kept; a worker makes contact and lead of it within seconds. Where the form asks people to
    confirm, it does once they have clicked in a mail: then the answer says what it `waits_for`. `full`: it is
    for an event whose places were all taken at that moment; a mail tells the person whether they have one, or wait.
    """

    id: UUID
    waits_for: str = ""
    full: bool = False


class SubmissionOut(Schema):
    """A post as it was received, and what became of it. `marks`: what looks automatic about it;
    `decision`: how contact and lead were matched, and why.
    """

    id: UUID
    number: int
    form_id: int
    state: str
    payload: dict[str, Any]
    dropped: list[str]
    error: str
    attempts: int
    marks: list[dict[str, str]]
    decision: Any
    contact_id: int | None
    lead_id: int | None
    interaction_id: int | None
    received_at: datetime
    processed_at: datetime | None

    @staticmethod
    def resolve_id(one: Submission) -> UUID:
        found: UUID = one.public_id
        return found

    @staticmethod
    def resolve_number(one: Submission) -> int:
        return int(one.pk)


class FormsAsked(Given):
    cursor: CursorWords = ""
    limit: Limit = 50


class SubmissionsAsked(Given):
    form_id: Id | None = None
    state: SubmissionState | None = None
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads("/forms", "submissions:read", PageOf[FormOut], operation_id="listForms", summary="List forms")
def list_forms(request: HttpRequest, asked: Query[FormsAsked]) -> Any:
    """All forms with their fields."""
    _must_market(request)
    return page_of(IntakeForm.objects.filter(fed_by="").prefetch_related("fields"), BY_ID, asked.cursor, asked.limit)


@routes.makes(
    "/forms/{public_id}/submissions",
    "submissions:write",
    {202: Received, 410: Problem},
    operation_id="submitForm",
    summary="Post to a form",
)
def submit(request: HttpRequest, public_id: Annotated[str, Field(max_length=20)], body: Post) -> Any:
    """Keep a post, checked against the form's fields as a visitor's is; 422 names the fields that do not hold. What
    looks like spam is kept too, with marks that say why.
    """
    must_write(request)
    form = spec_of(public_id)
    if form is None or form.fed_by:
        raise UnknownForm
    if form.state != FormState.LIVE:
        raise FormClosed
    texts = {key: _texts(value) for key, value in body.values.items()}
    checked = validation.check(form, texts, reserved=posts.RESERVED)
    checked.errors |= refuse_overlap(form, checked.values)
    if checked.errors:
        raise BadFields({key: " ".join(words) for key, words in checked.errors.items()})
    page = form.page(body.page) if body.page else None
    ip = str(body.ip or "")
    origin = {"ip": ip, "referrer": body.referrer, "user_agent": body.user_agent, "api": caller_of(request).source}
    at_full = {FULL: True} if is_full(form.event_id) else {}
    judged = judge_brought(form, checked.values, sender=network_of(ip) if ip else "")
    asked = asking(form, checked.values, token=body.token, spam=bool(judged.spam))
    submission = store_post(
        form_id=form.id,
        page_id=page.id if page else None,
        version_id=form.version_id,
        token=body.token,
        values=checked.values,
        dropped=checked.dropped,
        origin={key: value for key, value in origin.items() if value} | at_full | dict(asked.origin),
        spam=judged.spam,
        marks=judged.marks,
        confirm=asked.waits,
        mailed=asked.mailed,
        problem=asked.problem,
    )
    waits_for = "confirmation by mail" if asked.waits else ""
    return Status(202, {"id": submission, "waits_for": waits_for, "full": was_full(form.event_id, submission)})


def _texts(value: Any) -> list[str]:
    """A value as a form would have posted it."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in values]


@routes.reads(
    "/submissions", "submissions:read", PageOf[SubmissionOut], operation_id="listSubmissions", summary="Submissions"
)
def list_submissions(request: HttpRequest, asked: Query[SubmissionsAsked]) -> Any:
    """What was posted, the latest first."""
    _must_market(request)
    rows = Submission.objects.all()
    for name in ("form_id", "state"):
        if (value := getattr(asked, name)) is not None:
            rows = rows.filter(**{name: value})
    return page_of(rows, NEWEST, asked.cursor, asked.limit)


@routes.reads(
    "/submissions/{id}", "submissions:read", SubmissionOut, operation_id="getSubmission", summary="One submission"
)
def get_submission(request: HttpRequest, id: UUID) -> Any:
    """One post and what became of it."""
    _must_market(request)
    return get_object_or_404(Submission, public_id=id)


def _must_market(request: HttpRequest) -> None:
    must(can(user_of(request), Ability.MARKET), "Submissions are for marketing: this token acts as somebody else.")
