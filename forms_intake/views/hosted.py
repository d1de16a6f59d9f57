"""How a form looks to a visitor: the hosted page, thanks and refusals. Nothing here touches a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string

from forms_intake.models import FieldType
from forms_intake.posts import HONEYPOT, PAGE, TOKEN, new_token
from forms_intake.spec import FieldSpec, FormSpec, PageSpec
from forms_intake.validation import YES

NAMES = {"token": TOKEN, "page": PAGE, "honeypot": HONEYPOT}
INPUT_TYPES = {
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
}
AUTOCOMPLETE = {
    "contact.first_name": "given-name",
    "contact.last_name": "family-name",
    "contact.email": "email",
    "contact.phone": "tel",
    "contact.job_title": "organization-title",
    "contact.country": "country-name",
    "contact.city": "address-level2",
    "account.name": "organization",
}


@dataclass(frozen=True)
class FieldView:
    """A field as the template shows it, with what was typed into it."""

    spec: FieldSpec
    text: str
    several: list[str]
    ticked: bool
    error: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.spec, name)

    @property
    def id(self) -> str:
        return f"field-{self.spec.key}"

    @property
    def input_type(self) -> str:
        return INPUT_TYPES.get(FieldType(self.spec.type), "text")

    @property
    def autocomplete(self) -> str:
        target = self.spec.target
        return AUTOCOMPLETE.get(f"{target.record}.{target.name}", "") if target and not target.custom else ""


def form_page(
    form: FormSpec,
    page: PageSpec | None,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    tags: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form on its landing page (alone without `page`), with what was typed and what is wrong with it.

    `tags` of the campaign that led here fill the hidden fields of their names; the others go along as they are.
    """
    tags = tags or {}
    fields = field_views([_tagged(field, tags) for field in form.fields], typed, errors or {})
    context = {
        "form": form,
        "page": page,
        "paragraphs": _paragraphs(page.body if page else ""),
        "fields": fields,
        "problems": len(errors or {}),
        "has_required": any(field.required and field.type != FieldType.HIDDEN for field in form.fields),
        "names": NAMES,
        "tags": {tag: value for tag, value in tags.items() if tag not in {field.key for field in form.fields}},
        "token": new_token(),
        "workspace": settings.WORKSPACE_NAME,
    }
    response = HttpResponse(render_to_string("forms_intake/public/form.html", context), status=status)
    allow_redirect(response, form.redirect_url)
    return response


def _tagged(field: FieldSpec, tags: dict[str, str]) -> FieldSpec:
    if field.type != FieldType.HIDDEN or not tags.get(field.key):
        return field
    return replace(field, default=tags[field.key])


def field_views(
    fields: Iterable[FieldSpec], typed: dict[str, Any] | None, errors: dict[str, list[str]]
) -> list[FieldView]:
    """Fields for the template, with what was typed (None: nothing yet, so their defaults) and what is wrong."""
    return [_view(field, typed, errors) for field in fields]


def notice(heading: str, words: str, *, status: int = 200) -> HttpResponse:
    """A page of a few words."""
    context = {"heading": heading, "paragraphs": _paragraphs(words), "workspace": settings.WORKSPACE_NAME}
    return HttpResponse(render_to_string("forms_intake/public/notice.html", context), status=status)


def allow_redirect(response: HttpResponse, url: str) -> None:
    """Let the page's form end at `url`: browsers hold form-action against where a post is redirected to, too."""
    if url:
        parts = urlsplit(url)
        response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]


def _view(field: FieldSpec, typed: dict[str, Any] | None, errors: dict[str, list[str]]) -> FieldView:
    value = field.default if typed is None or field.type == FieldType.HIDDEN else ""
    if typed is not None:
        value = typed.get(field.key, value)
    text = value if isinstance(value, str) else ""
    return FieldView(
        spec=field,
        text=text,
        several=value if isinstance(value, list) else [],
        # Consent is given by a person, never by a default.
        ticked=text.lower() in YES and not (typed is None and field.type == FieldType.CONSENT),
        error=" ".join(errors.get(field.key, [])),
    )


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
