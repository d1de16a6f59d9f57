"""How a form looks to a visitor, wherever it stands: on a page, in a frame, at a kiosk or in a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from forms_intake.asking import Known, asked_of
from forms_intake.building.starters import REGISTER
from forms_intake.events.facing import Offer, offer_of
from forms_intake.known import known_by
from forms_intake.landing.languages import IN_ENGLISH, Words, words_of
from forms_intake.looks.fields import FieldView, field_views, translated_all
from forms_intake.looks.prefilled import filled_in, tagged
from forms_intake.models import FieldType
from forms_intake.posts import HONEYPOT, KIOSK, PAGE, TOKEN, VARIANT, WHO, new_token
from forms_intake.spam.captcha import Asked, asked_on
from forms_intake.spec.shape import FieldSpec, FormSpec, PageSpec
from forms_intake.targets import SESSIONS
from leadcrm.lib.languages import speaking


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
    full: str = ""
    """Of a registration form: that every place is taken, and what becomes of who registers."""

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
    asked = asked_of(form, known, also=errors or {})
    language = language or form.language
    filled = [filled_in(tagged(field, tags), said or {}, known).spoken(language) for field in asked]
    words = words or words_of(language)
    with speaking(language):
        asks_sessions = any(field.target == SESSIONS for field in asked)
        offer = offer_of(form.event_id, with_sessions=asks_sessions, drafts=preview) if form.event_id else Offer()
        filled = [_with_zone(field, offer) if field.target == SESSIONS else field for field in filled]
        drawn = field_views(filled, typed, translated_all(errors or {}, words))
    views = [
        replace(one, words=words, kiosk=kiosk, notes=offer.sessions if one.spec.target == SESSIONS else {})
        for one in drawn
    ]
    token = "" if preview else new_token(language if any(field.wording for field in asked) else "")
    who = who if known else ""
    return FormView(
        form=form,
        fields=views,
        carried=_carried(asked, tags, token=token, page=page, kiosk=kiosk, letter=letter, who=who),
        action="" if preview else reverse("forms_intake:receive", args=[form.public_id]),
        button=button or _button(form, language, words),
        captcha=None if preview else asked_on(form),
        words=words,
        kiosk=kiosk,
        full=offer.full,
    )


def _with_zone(field: FieldSpec, offer: Offer) -> FieldSpec:
    """The field that asks for sessions, with the zone of their times below it."""
    return replace(field, help=f"{field.help} {offer.zone}".strip())


def _carried(
    asked: Iterable[FieldSpec],
    tags: dict[str, str],
    *,
    token: str,
    page: PageSpec | None,
    kiosk: bool,
    letter: str,
    who: str,
) -> list[tuple[str, str]]:
    """What goes along unseen; of the tags those that no field has."""
    carried = [(TOKEN, token)]
    if page:
        carried.append((PAGE, page.slug))
    if kiosk:
        carried.append((KIOSK, "1"))
    if letter:
        carried.append((VARIANT, letter))
    if who:
        carried.append((WHO, who))
    keys = {field.key for field in asked}
    return carried + [(tag, value) for tag, value in tags.items() if tag not in keys]


def _button(form: FormSpec, language: str, words: Words) -> str:
    """What the form's own button says; as long as its maker left ours, that is ours to translate."""
    if form.button == REGISTER:
        with speaking(language):
            return gettext(REGISTER)
    return form.button if form.button not in ("", IN_ENGLISH.send) else words.send


def attention(problems: int) -> str:
    """What heads the list of what is wrong, in the language that is spoken."""
    words = ngettext("%(number)d field needs your attention.", "%(number)d fields need your attention.", problems)
    return words % {"number": problems}
