"""How a form looks to a visitor: the hosted page, thanks and refusals. Nothing here touches a session."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from forms_intake.asking import Known, asked_of
from forms_intake.building.starters import REGISTER
from forms_intake.events.facing import event_of_form, facts_of
from forms_intake.known import known_by
from forms_intake.landing.languages import FROM_THE_RIGHT, IN_ENGLISH, Words, translated, words_of
from forms_intake.landing.markup import marked
from forms_intake.models import Display, FieldType, Prefill
from forms_intake.posts import HONEYPOT, KIOSK, PAGE, TOKEN, VARIANT, WHO, at_kiosk, new_token
from forms_intake.showing import Op, Shown
from forms_intake.spam.captcha import Asked, asked_on
from forms_intake.spec.shape import FieldSpec, FormSpec, PageSpec
from forms_intake.validation import NO, YES, check_field
from leadcrm.lib.languages import ENGLISH, speaking

INPUT_TYPES = {
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
    FieldType.URL: "url",
    FieldType.WHOLE: "number",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.DATE_TIME: "datetime-local",
}
STEPS = {FieldType.WHOLE: "1", FieldType.NUMBER: "any", FieldType.DATE_TIME: "60"}
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
MOST_PREFILLED = 1_000
KIOSK_SECONDS = 20
"""So long the thanks stand at a kiosk before it begins anew."""
EVENT_PAGE = "forms_intake/events/public/event.html"


@dataclass(frozen=True)
class FieldView:
    """A field as the template shows it, with what was typed into it. `when` says in words when it is shown."""

    spec: FieldSpec
    text: str
    several: list[str]
    ticked: bool
    error: str
    when: str = ""
    words: Words = IN_ENGLISH
    kiosk: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.spec, name)

    @property
    def id(self) -> str:
        return f"field-{self.spec.key}"

    @property
    def is_tick(self) -> bool:
        return self.spec.type == FieldType.CONSENT or (self.spec.type == FieldType.YES_NO and not self.spec.display)

    @property
    def is_group(self) -> bool:
        """Whether it is several boxes or buttons under one heading."""
        return self.spec.type == FieldType.MULTI_CHOICE or (bool(self.options) and self.spec.display == Display.RADIO)

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """What can be chosen: value, words, whether it is."""
        if self.spec.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
            return [(one, one, one == self.text or one in self.several) for one in self.spec.choices]
        if self.spec.type == FieldType.YES_NO and self.spec.display:
            said = self.text.lower()
            answer = "yes" if said in YES else "no" if said and said in NO else ""
            return [
                (value, words, value == answer) for value, words in (("yes", self.words.yes), ("no", self.words.no))
            ]
        return []

    @property
    def input_type(self) -> str:
        return INPUT_TYPES.get(FieldType(self.spec.type), "text")

    @property
    def step(self) -> str:
        return STEPS.get(FieldType(self.spec.type), "")

    @property
    def described_by(self) -> str:
        there = (("when", self.when), ("help", self.spec.help), ("error", self.error))
        return " ".join(f"{self.id}-{what}" for what, words in there if words)

    @property
    def shown_attributes(self) -> str:
        """What tells the script when it is shown."""
        shown = self.spec.shown
        if shown is None:
            return ""
        values = json.dumps(shown.values, ensure_ascii=False)
        return format_html(' data-shown="{}" data-op="{}" data-values="{}"', shown.key, shown.op, values)

    @property
    def autocomplete(self) -> str:
        if self.kiosk:
            return "off"  # else the browser would offer what the person before typed
        target = self.spec.target
        return AUTOCOMPLETE.get(f"{target.record}.{target.name}", "") if target and not target.custom else ""


@dataclass(frozen=True)
class FormView:
    """A form as forms_intake/public/form_body.html draws it, wherever it stands.

    `carried` are hidden values that go along. `action` is empty for a preview, which goes nowhere. `id` begins the ids
    of what is not a field, where a page holds more than one form.
    """

    form: FormSpec
    fields: list[FieldView]
    carried: list[tuple[str, str]]
    action: str
    button: str
    id: str = ""
    honeypot: str = HONEYPOT
    captcha: Asked | None = None
    words: Words = IN_ENGLISH
    kiosk: bool = False

    @property
    def problems(self) -> int:
        return sum(bool(field.error) for field in self.fields)

    @property
    def attention(self) -> str:
        """What heads the list of what is wrong."""
        if self.words.check != IN_ENGLISH.check:
            return self.words.check
        return attention(self.problems)

    @property
    def has_required(self) -> bool:
        return any(field.required and field.type != FieldType.HIDDEN for field in self.fields)

    @property
    def has_conditions(self) -> bool:
        return any(field.shown for field in self.fields)


def form_view(
    form: FormSpec,
    *,
    page: PageSpec | None = None,
    typed: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    tags: dict[str, str] | None = None,
    who: str = "",
    known: Known | None = None,
    said: Mapping[str, str] | None = None,
    preview: bool = False,
    button: str = "",
    letter: str = "",
    language: str = "",
    words: Words | None = None,
    kiosk: bool = False,
) -> FormView:
    """A form to be drawn, with what was typed and what is wrong with it.

    `page` is where it stands, `letter` what of it the visitor sees while it is under test, `button` what its button
    says there. `language` is the page's and `words` are ours in it; without them, those of the form.

    At a `kiosk` nobody is known, and nothing is kept on the device.

    `tags` of the campaign that led here fill the hidden fields of their names; the others go along as they are. `who`
    is the signed word of the visitor's link; `known` stands for it in a preview. `said` is what the page's address
    says by name: it fills in fields that may be filled in so.
    """
    tags = tags or {}
    if kiosk:
        who, known, said = "", None, None
    known = known or (known_by(who, form) if who else None)
    asked = asked_of(form, known)
    language = language or form.language
    filled = [filled_in(_tagged(field, tags), said or {}, known).spoken(language) for field in asked]
    words = words or words_of(language)
    with speaking(language):
        drawn = field_views(filled, typed, translated_all(errors or {}, words))
    views = [replace(one, words=words, kiosk=kiosk) for one in drawn]
    keys = {field.key for field in asked}
    has_words = any(field.wording for field in asked)
    carried = [(TOKEN, "" if preview else new_token(language if has_words else ""))]
    if page:
        carried.append((PAGE, page.slug))
    if kiosk:
        carried.append((KIOSK, "1"))
    if letter:
        carried.append((VARIANT, letter))
    if known and who:
        carried.append((WHO, who))
    carried += [(tag, value) for tag, value in tags.items() if tag not in keys]
    return FormView(
        form=form,
        fields=views,
        carried=carried,
        action="" if preview else reverse("forms_intake:receive", args=[form.public_id]),
        button=button or _button(form, language, words),
        captcha=None if preview else asked_on(form),
        words=words,
        kiosk=kiosk,
    )


def _button(form: FormSpec, language: str, words: Words) -> str:
    """What the form's own button says; as long as its maker left ours, that is ours to translate."""
    if form.button == REGISTER:
        with speaking(language):
            return gettext(REGISTER)
    return form.button if form.button not in ("", IN_ENGLISH.send) else words.send


def form_page(
    form: FormSpec,
    page: PageSpec | None,
    *,
    language: str = "",
    words: Words | None = None,
    kiosk: bool = False,
    typed: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    tags: dict[str, str] | None = None,
    who: str = "",
    said: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form alone, or below its event, as `form_view` draws it; `page` is where a visitor filled it in before, in
    its `language` and `words`.

    At a `kiosk` nothing of it stays in the browser, and no visit is tracked.
    """
    language = language or form.language
    event = event_of_form(form.event_id) if form.event_id and page is None else None
    with speaking(language):
        facts = facts_of(event) if event else {}
    context = {
        "view": form_view(
            form,
            page=page,
            typed=typed,
            errors=errors,
            tags=tags,
            who=who,
            said=said,
            language=language,
            words=words,
            kiosk=kiosk,
        ),
        "untracked": kiosk,
        "language": language,
        "from_the_right": language in FROM_THE_RIGHT,
        "paragraphs": paragraphs(event.words if event else form.intro),
        "workspace": settings.WORKSPACE_NAME,
    } | facts
    template = EVENT_PAGE if event else "forms_intake/public/form.html"
    with speaking(language):
        response = HttpResponse(render_to_string(template, context), status=status)
    if who or kiosk:
        response["Cache-Control"] = "private, no-store"
    allow_redirect(response, form.redirect_url)
    allow_captcha(response, form)
    return response


def allow_captcha(response: HttpResponse, form: FormSpec) -> None:
    """Let the page load what the captcha of its form needs, if that is a service of others."""
    asked = asked_on(form)
    if asked and asked.sources:
        more = {"script-src": list(asked.sources), "frame-src": list(asked.sources), "connect-src": list(asked.sources)}
        response._csp_update = {**getattr(response, "_csp_update", {}), **more}  # type: ignore[attr-defined]


def _tagged(field: FieldSpec, tags: dict[str, str]) -> FieldSpec:
    if field.type != FieldType.HIDDEN or not tags.get(field.key):
        return field
    return replace(field, default=tags[field.key])


def filled_in(field: FieldSpec, said: Mapping[str, str], known: Known | None) -> FieldSpec:
    """The field with what may fill it in before anybody types: what we know of whom a signed link identifies, else what
    the page's address says. Only what the field would take; never a consent, and nothing that is hidden.
    """
    if not field.prefill or field.type in (FieldType.HIDDEN, FieldType.CONSENT, FieldType.MULTI_CHOICE):
        return field
    texts = []
    if known and field.prefill in (Prefill.LINK, Prefill.BOTH):
        texts.append(known.values.get(field.key, ""))
    if field.prefill in (Prefill.ADDRESS, Prefill.BOTH):
        texts.append(said.get(field.key, ""))
    for text in texts:
        value, problem = check_field(replace(field, required=False), [text[:MOST_PREFILLED]])
        if text and not problem and value != "":
            return replace(field, default=text.strip() if isinstance(value, bool) else str(value))
    return field


def field_views(
    fields: Iterable[FieldSpec], typed: dict[str, Any] | None, errors: dict[str, list[str]]
) -> list[FieldView]:
    """Fields for the template, with what was typed (None: nothing yet, so their defaults) and what is wrong."""
    fields = list(fields)
    labels = {field.key: field.label for field in fields}
    return [_view(field, typed, errors, labels) for field in fields]


def translated_all(errors: dict[str, list[str]], words: Words) -> dict[str, list[str]]:
    """What is wrong, field by field, in the words of a page."""
    return {key: [translated(problem, words) for problem in problems] for key, problems in errors.items()}


def notice(
    heading: str,
    words: str,
    *,
    status: int = 200,
    language: str = ENGLISH,
    kiosk: str = "",
    written: bool = False,
) -> HttpResponse:
    """A page of a few words; `written`: by a marketer, who may mark them up (landing/markup.py). At a `kiosk` (the
    address of its form) the next person is asked in, soon by itself.
    """
    context = {
        "language": language,
        "from_the_right": language in FROM_THE_RIGHT,
        "heading": heading,
        "paragraphs": [] if written else paragraphs(words),
        "written": marked(words) if written else "",
        "workspace": settings.WORKSPACE_NAME,
        "kiosk": kiosk,
        "untracked": bool(kiosk),
        "kiosk_seconds": KIOSK_SECONDS,
    }
    with speaking(language):
        return HttpResponse(render_to_string("forms_intake/public/notice.html", context), status=status)


def kiosk_of(request: HttpRequest, form: FormSpec) -> str:
    """Where the next person begins, if this is a kiosk; else ""."""
    return reverse("forms_intake:receive", args=[form.public_id]) + "?kiosk=1" if at_kiosk(request) else ""


def allow_redirect(response: HttpResponse, url: str) -> None:
    """Let the page's form end at `url`: browsers hold form-action against where a post is redirected to, too."""
    if url:
        parts = urlsplit(url)
        response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]


def when_words(shown: Shown, labels: Mapping[str, str]) -> str:
    """When a field is shown, in words of the language that is spoken: Only if “Country” is Austria or Germany."""
    said = {
        Op.IS: gettext("Only if “%(label)s” is %(values)s."),
        Op.IS_NOT: gettext("Only if “%(label)s” is not %(values)s."),
        Op.FILLED: gettext("Only if “%(label)s” is filled in."),
        Op.EMPTY: gettext("Only if “%(label)s” is empty."),
    }[shown.op]
    values = f" {gettext('or')} ".join(shown.values)
    return said % {"label": labels.get(shown.key, shown.key), "values": values}


def attention(problems: int) -> str:
    """What heads the list of what is wrong, in the language that is spoken."""
    words = ngettext("%(number)d field needs your attention.", "%(number)d fields need your attention.", problems)
    return words % {"number": problems}


def _view(
    field: FieldSpec, typed: dict[str, Any] | None, errors: dict[str, list[str]], labels: Mapping[str, str]
) -> FieldView:
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
        when=when_words(field.shown, labels) if field.shown else "",
    )


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
