"""A form's definition as the door uses it: frozen, and kept in the process for a moment."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from functools import cached_property
from typing import Any, TypeVar

from django.conf import settings

from contacts.consent.purposes import latest_wordings
from contacts.match_keys import IDENTITIES, attribute_of, kind_of
from contacts.models import ContactMatchingStrategy, CustomField, Product, Purpose, PurposeWording, User
from forms_intake.building.definition import NOTIFY, SETTINGS, SETTINGS_SINCE, thaw_fields
from forms_intake.fed_fields import fields_of_fed
from forms_intake.models import (
    Ask,
    Event,
    FieldType,
    FormField,
    FormVersion,
    IntakeForm,
    LandingPage,
    PageForm,
    PageSlug,
)
from forms_intake.showing import Shown, shown_of
from forms_intake.targets import CUSTOM, PRODUCT, TEXT_CHARACTERS, Target, target_of
from leads.models import LeadMatchingStrategy

Strategy = TypeVar("Strategy", ContactMatchingStrategy, LeadMatchingStrategy)
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
    wording: PurposeWording | None = None
    """Of a consent to a purpose: the version in force, whose first words are the label."""
    help: str = ""
    message: str = ""
    pattern: str = ""
    pattern_message: str = ""
    display: str = ""
    shown: Shown | None = None
    ask: str = Ask.ALWAYS
    prefill: str = ""
    products: Mapping[str, int] = attribute(default_factory=dict)
    """Of a field that says the product of the lead: ids by casefolded name."""

    def spoken(self, language: str) -> FieldSpec:
        """The field as it asks in a language: of a purpose, in its words there."""
        if self.wording is None or not self.wording.others:
            return self
        return replace(self, label=self.wording.said_in(language)[0])


@dataclass(frozen=True)
class ContextSpec:
    """A marketing context and what it is about."""

    id: int
    campaign_id: int | None
    product_id: int | None


@dataclass(frozen=True)
class PageSpec:
    """A page that shows a form, or did. `old_slugs`: what copies that people still have open call it."""

    id: int
    slug: str
    title: str
    context: ContextSpec
    old_slugs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StrategySpec:
    """A matching strategy: its name for people and the attributes that decide; `suggests`: its id, where likeness has
    a say and so none do.
    """

    name: str
    attributes: tuple[str, ...]
    suggests: int = 0


@dataclass(frozen=True)
class FormSpec:
    """A form as visitors see it: its live version (`version_id`), or its rows where it has none.

    `owner_id` is None too when its owner works here no more: leads must not wait for who never looks. `notify` are ids.
    """

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
    version_id: int | None = None
    always_new_lead: bool = False
    intro: str = ""
    button: str = "Send"
    closed_message: str = ""
    notify: tuple[int, ...] = ()
    asks_at_most: int = 0
    double_opt_in: bool = False
    origins: tuple[str, ...] = ()
    captcha: str = ""
    language: str = "en"
    """Of our words around it, where it stands on no landing page, which has its own."""
    fed_by: str = ""
    event_id: int | None = None
    """The event that it registers people for."""

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
        needed = [[attribute_of(name) for name in kind] for kind in kinds]
        return tuple(frozenset(filling[name] for name in names) for names in needed if set(names) <= filling.keys())

    def page(self, slug: str) -> PageSpec | None:
        named = (page for page in self.pages if page.slug == slug)
        return next(named, None) or next((page for page in self.pages if slug in page.old_slugs), None)

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


_also: list[Callable[[], None]] = []


def also_forget(forget: Callable[[], None]) -> None:
    """Have `forget` called whenever definitions are to be looked at again: pages are remembered like forms."""
    _also.append(forget)


def forget_specs() -> None:
    """Look at the definitions again next time."""
    _remembered.clear()
    for forget in _also:
        forget()


def specs_of(form_ids: Iterable[int]) -> dict[int, FormSpec]:
    """The forms with these ids as visitors see them, by id, in a constant number of queries."""
    return _specs(list(form_ids), drafts=False)


def draft_spec(form_id: int) -> FormSpec:
    """A form as its draft says, whatever is live."""
    return _specs([form_id], drafts=True)[form_id]


def fields_of_version(version: FormVersion) -> tuple[FieldSpec, ...]:
    """The fields of one version. A constant number of queries."""
    fields = thaw_fields(version.form_id, version.definition["fields"])
    return _field_specs({version.form_id: fields})[version.form_id]


def _field_specs(fields: dict[int, list[FormField]]) -> dict[int, tuple[FieldSpec, ...]]:
    """Fields, stored or not, as the door uses them, by form; consents in the words that are in force."""
    custom = {f"{one.entity}.{CUSTOM}.{one.key}": one for one in CustomField.objects.all()}
    wanted = {one.purpose_id for all in fields.values() for one in all if one.purpose_id}
    purposes = Purpose.objects.in_bulk(wanted) if wanted else {}
    words = latest_wordings(wanted) if wanted else {}
    found: dict[int, tuple[FieldSpec, ...]] = {}
    for form_id, all in fields.items():
        specs = []
        for one in all:
            one.purpose = purposes.get(one.purpose_id) if one.purpose_id else None
            asked = words.get(one.purpose_id) if one.purpose_id else None
            specs.append(_field(one, custom.get(one.fills), asked))
        found[form_id] = tuple(specs)
    return _with_products(found)


def _with_products(found: dict[int, tuple[FieldSpec, ...]]) -> dict[int, tuple[FieldSpec, ...]]:
    """Fields that say the product of the lead offer those that are sold: all, or those of them that the form names."""
    if not any(one.target == PRODUCT for all in found.values() for one in all):
        return found
    sold = dict(Product.objects.filter(active=True).order_by("name").values_list("name", "pk"))
    ids = {name.casefold(): pk for name, pk in sold.items()}

    def offering(one: FieldSpec) -> FieldSpec:
        if one.target != PRODUCT:
            return one
        choices = tuple(name for name in one.choices if name in sold) or tuple(sold)
        return replace(one, choices=choices if one.type == FieldType.CHOICE else (), products=ids)

    return {form_id: tuple(map(offering, all)) for form_id, all in found.items()}


def _specs(form_ids: list[int], *, drafts: bool) -> dict[int, FormSpec]:
    forms = IntakeForm.objects.select_related("marketing_context", "version", "event__marketing_context").in_bulk(
        form_ids
    )
    by_rows = [pk for pk, form in forms.items() if drafts or form.version is None]
    fields: dict[int, list[FormField]] = {pk: [] for pk in forms}
    settings_of: dict[int, dict[str, Any]] = {}
    for field in FormField.objects.filter(form_id__in=by_rows).order_by("position", "pk") if by_rows else ():
        fields[field.form_id].append(field)
    fields |= fields_of_fed(forms.values())
    told: dict[int, list[int]] = {pk: [] for pk in by_rows}
    for form_id, user_id in (
        IntakeForm.notify.through.objects.filter(intakeform_id__in=by_rows).values_list("intakeform_id", "user_id")
        if by_rows
        else ()
    ):
        told[form_id].append(user_id)
    for pk, form in forms.items():
        settings_of[pk] = {name: getattr(form, name) for name in (*SETTINGS, *SETTINGS_SINCE)}
        settings_of[pk][NOTIFY] = told.get(pk, [])
        if not drafts and form.version is not None:
            settings_of[pk] |= SETTINGS_SINCE | form.version.definition["settings"]
            fields[pk] = thaw_fields(pk, form.version.definition["fields"])
    specs = _field_specs(fields)
    pages: dict[int, list[PageSpec]] = {pk: [] for pk in forms}
    uses = list(PageForm.objects.filter(form_id__in=forms).select_related("page__marketing_context"))
    older: dict[int, set[str]] = {use.page_id: set() for use in uses}
    for page_id, slug in PageSlug.objects.filter(page__in=older).values_list("page", "slug") if older else ():
        older[page_id].add(slug)
    for use in uses:
        pages[use.form_id].append(_page(use.page, frozenset(older[use.page_id])))
    contact_strategies = {one.pk: one for one in ContactMatchingStrategy.objects.all()}
    lead_strategies = {one.pk: one for one in LeadMatchingStrategy.objects.all()}
    owners = {said["lead_owner_id"] for said in settings_of.values()} - {None}
    working = set(User.objects.filter(pk__in=owners, is_active=True).values_list("pk", flat=True)) if owners else set()
    return {
        pk: FormSpec(
            id=pk,
            public_id=form.public_id,
            name=form.name,
            state=form.state,
            topic=said["topic"] or form.name,
            creates=said["creates"],
            after_closed=said["after_closed"],
            thank_you=said["thank_you"],
            redirect_url=said["redirect_url"],
            owner_id=said["lead_owner_id"] if said["lead_owner_id"] in working else None,
            context=_context(_event_of(form) or form),
            contact_strategy=_strategy(_chosen(said["contact_strategy_id"], contact_strategies), ("email",)),
            lead_strategy=_strategy(
                _chosen(said["lead_strategy_id"], lead_strategies), ("contact", "marketing_context")
            ),
            fields=specs[pk],
            pages=tuple(pages[pk]),
            version_id=form.version_id,
            always_new_lead=said["always_new_lead"],
            intro=said["intro"],
            button=said["button"],
            closed_message=said["closed_message"],
            notify=tuple(said[NOTIFY]),
            asks_at_most=said["asks_at_most"],
            double_opt_in=said["double_opt_in"],
            origins=tuple(form.origins),
            captcha=form.captcha,
            language=said["language"],
            fed_by=form.fed_by,
            event_id=event.pk if (event := _event_of(form)) else None,
        )
        for (pk, form), said in zip(forms.items(), settings_of.values(), strict=True)
    }


def _chosen(pk: int | None, known: dict[int, Strategy]) -> Strategy | None:
    """The strategy a form names, else the default."""
    return known.get(pk or 0) or next((one for one in known.values() if one.is_default), None)


def _strategy(
    stored: ContactMatchingStrategy | LeadMatchingStrategy | None, otherwise: tuple[str, ...]
) -> StrategySpec:
    if stored is None:
        return StrategySpec("Shipped default", otherwise)
    if isinstance(stored, ContactMatchingStrategy):
        return StrategySpec(stored.name, tuple(stored.deciding), stored.pk if stored.fuzzy else 0)
    return StrategySpec(stored.name, tuple(stored.attributes))


def _event_of(form: IntakeForm) -> Event | None:
    return getattr(form, "event", None)


def _context(owner: IntakeForm | LandingPage | Event) -> ContextSpec:
    context = owner.marketing_context
    return ContextSpec(context.pk, context.campaign_id, context.product_id)


def _page(page: LandingPage, old_slugs: frozenset[str]) -> PageSpec:
    return PageSpec(page.pk, page.slug, page.title, _context(page), old_slugs)


def _field(field: FormField, custom: CustomField | None, wording: PurposeWording | None) -> FieldSpec:
    target = target_of(field.fills)
    # Nobody who is told that a hidden value is too long could shorten it: it is kept on the submission.
    fits = target.longest if target and field.type != FieldType.HIDDEN else TEXT_CHARACTERS
    return FieldSpec(
        key=field.key,
        label=wording.text if wording else field.label,
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
        wording=wording,
        help=field.help,
        message=field.message,
        pattern=field.pattern,
        pattern_message=field.pattern_message,
        display=field.display,
        shown=shown_of(field.show_when),
        ask=field.ask,
        prefill=field.prefill,
    )
