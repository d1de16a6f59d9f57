"""What a form, its fields and its pages are to the door: frozen, read once and asked often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from functools import cached_property

from contacts.match_keys import IDENTITIES, attribute_of, kind_of
from contacts.models import CustomField, Purpose, PurposeWording
from forms_intake.models import Ask
from forms_intake.showing import Shown
from forms_intake.targets import Target


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
    captures: frozenset[int] = frozenset()
    """The forms of others that are heard for it, by id."""
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
