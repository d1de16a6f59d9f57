"""A form's definition as the door uses it: frozen, and kept in the process for a moment."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from contacts.consent.purposes import latest_wordings
from contacts.match_keys import IDENTITIES, kind_of
from contacts.models import ContactMatchingStrategy, CustomField, Purpose
from forms_intake.models import FieldType, FormField, IntakeForm, LandingPage
from forms_intake.targets import CUSTOM, TEXT_CHARACTERS, Target, target_of
from leads.models import LeadMatchingStrategy

MOST_REMEMBERED = 1000
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")


@dataclass(frozen=True)
class FieldSpec:
    """One field. `longest` is what both the field and the column it fills allow, in characters; `custom` is the custom
    field that it fills, if there is such a one.
    """

    key: str
    label: str
    type: str
    target: Target | None
    required: bool
    update: str
    choices: tuple[str, ...]
    placeholder: str
    default: str
    longest: int
    consent_level: int | None
    custom: CustomField | None = None
    purpose: Purpose | None = None


@dataclass(frozen=True)
class ContextSpec:
    """A marketing context and what it is about."""

    id: int
    campaign_id: int | None
    product_id: int | None


@dataclass(frozen=True)
class PageSpec:
    id: int
    slug: str
    title: str
    body: str
    button: str
    published: bool
    context: ContextSpec


@dataclass(frozen=True)
class StrategySpec:
    """A matching strategy: its name for people and its attributes."""

    name: str
    attributes: tuple[str, ...]


@dataclass(frozen=True)
class FormSpec:
    """A form. `owner_id` is None too when its owner works here no more: leads must not wait for who never looks."""

    id: int
    public_id: str
    name: str
    state: str
    topic: str
    creates: str
    after_closed: str
    thank_you: str
    redirect_url: str
    owner_id: int | None
    context: ContextSpec
    contact_strategy: StrategySpec
    lead_strategy: StrategySpec
    fields: tuple[FieldSpec, ...]
    pages: tuple[PageSpec, ...]
    double_opt_in: bool = False

    @property
    def email_key(self) -> str:
        """The key of the field that says their e-mail address; "" when there is none."""
        filling = (
            one.key for one in self.fields if one.target and one.target.of_contact and one.target.name == "email"
        )
        return next(filling, "")

    @cached_property
    def identifying(self) -> tuple[frozenset[str], ...]:
        """Sets of field keys, each of which says who somebody is; the contact strategy's first."""
        filling = {one.target.name: one.key for one in self.fields if one.target and one.target.of_contact}
        kinds = identifying_kinds(self.contact_strategy.attributes)
        return tuple(frozenset(filling[name] for name in kind) for kind in kinds if set(kind) <= filling.keys())

    def page(self, slug: str) -> PageSpec | None:
        return next((page for page in self.pages if page.slug == slug), None)

    def page_with_id(self, page_id: int | None) -> PageSpec | None:
        return next((page for page in self.pages if page.id == page_id), None)


def identifying_kinds(attributes: Iterable[str]) -> list[tuple[str, ...]]:
    """By which attributes a contact can be known: those of the matching strategy, or an identity alone."""
    return [kind for kind in dict.fromkeys([kind_of(attributes), *IDENTITIES]) if kind]


_remembered: dict[str, tuple[float, FormSpec]] = {}


def spec_of(public_id: str) -> FormSpec | None:
    """The form with this public id, at most `FORM_DEFINITION_SECONDS` old; None when there is none."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    now = time.monotonic()
    known = _remembered.get(public_id)
    if known and known[0] > now:
        return known[1]
    form = IntakeForm.objects.filter(public_id=public_id).only("pk").first()
    if form is None:
        _remembered.pop(public_id, None)
        return None
    spec = specs_of([form.pk]).get(form.pk)
    if spec and settings.FORM_DEFINITION_SECONDS:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[public_id] = (now + settings.FORM_DEFINITION_SECONDS, spec)
    return spec


def forget_specs() -> None:
    """Look at the definitions again next time."""
    _remembered.clear()


def specs_of(form_ids: Iterable[int]) -> dict[int, FormSpec]:
    """The forms with these ids as they are now, by id, in a constant number of queries."""
    related = ("marketing_context", "contact_strategy", "lead_strategy", "lead_owner")
    forms = IntakeForm.objects.select_related(*related).in_bulk(list(form_ids))
    custom = {f"{one.entity}.{CUSTOM}.{one.key}": one for one in CustomField.objects.all()}
    fields: dict[int, list[FieldSpec]] = {pk: [] for pk in forms}
    stored = list(FormField.objects.filter(form_id__in=forms).select_related("purpose").order_by("position", "pk"))
    purposes = {field.purpose_id for field in stored if field.purpose_id}
    words = latest_wordings(purposes) if purposes else {}
    for field in stored:
        asked = words.get(field.purpose_id) if field.purpose_id else None
        fields[field.form_id].append(_field(field, custom.get(field.fills), asked.text if asked else ""))
    pages: dict[int, list[PageSpec]] = {pk: [] for pk in forms}
    for page in LandingPage.objects.filter(form_id__in=forms).select_related("marketing_context"):
        pages[page.form_id].append(_page(page))
    contact_default = ContactMatchingStrategy.objects.filter(is_default=True).first()
    lead_default = LeadMatchingStrategy.objects.filter(is_default=True).first()
    return {
        pk: FormSpec(
            id=pk,
            public_id=form.public_id,
            name=form.name,
            state=form.state,
            topic=form.topic or form.name,
            creates=form.creates,
            after_closed=form.after_closed,
            thank_you=form.thank_you,
            redirect_url=form.redirect_url,
            owner_id=form.lead_owner_id if form.lead_owner and form.lead_owner.is_active else None,
            context=_context(form),
            contact_strategy=_strategy(form.contact_strategy or contact_default, ("email",)),
            lead_strategy=_strategy(form.lead_strategy or lead_default, ("contact", "marketing_context")),
            fields=tuple(fields[pk]),
            pages=tuple(pages[pk]),
            double_opt_in=form.double_opt_in,
        )
        for pk, form in forms.items()
    }


def _strategy(
    stored: ContactMatchingStrategy | LeadMatchingStrategy | None, otherwise: tuple[str, ...]
) -> StrategySpec:
    if stored is None:
        return StrategySpec("Shipped default", otherwise)
    return StrategySpec(stored.name, tuple(stored.attributes))


def _context(owner: IntakeForm | LandingPage) -> ContextSpec:
    context = owner.marketing_context
    return ContextSpec(context.pk, context.campaign_id, context.product_id)


def _page(page: LandingPage) -> PageSpec:
    return PageSpec(page.pk, page.slug, page.title, page.body, page.button, page.published, _context(page))


def _field(field: FormField, custom: CustomField | None, wording: str) -> FieldSpec:
    target = target_of(field.fills)
    # Nobody who is told that a hidden value is too long could shorten it: it is kept on the submission.
    fits = target.longest if target and field.type != FieldType.HIDDEN else TEXT_CHARACTERS
    return FieldSpec(
        key=field.key,
        label=wording or field.label,
        type=field.type,
        target=target,
        required=field.required,
        update=field.update,
        choices=tuple(field.choices),
        placeholder=field.placeholder,
        default=field.default,
        longest=max(1, min(field.max_length, fits)),
        consent_level=field.purpose.level if field.purpose else field.consent_level,
        custom=custom,
        purpose=field.purpose,
    )
