"""Definitions of forms read from the database: many at once, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from contacts.models import ContactMatchingStrategy, User
from forms_intake.building.definition import NOTIFY, SETTINGS, SETTINGS_SINCE, Definition, thaw_fields
from forms_intake.fed_fields import fields_of_fed
from forms_intake.models import Event, FormCapture, FormField, IntakeForm, LandingPage, PageForm, PageSlug
from forms_intake.spec.fields import field_specs
from forms_intake.spec.shape import ContextSpec, FieldSpec, FormSpec, PageSpec, StrategySpec
from leads.models import LeadMatchingStrategy

Strategy = TypeVar("Strategy", ContactMatchingStrategy, LeadMatchingStrategy)
SHIPPED = "Shipped default"
HEARD = FormCapture.objects.filter(form=OuterRef("pk")).order_by().values("pk")


def specs_of(form_ids: Iterable[int]) -> dict[int, FormSpec]:
    """The forms with these ids as visitors see them, by id, in a constant number of queries."""
    return _specs(list(form_ids), drafts=False)


def draft_spec(form_id: int) -> FormSpec:
    """A form as its draft says, whatever is live."""
    return _specs([form_id], drafts=True)[form_id]


def _specs(form_ids: list[int], *, drafts: bool) -> dict[int, FormSpec]:
    found = IntakeForm.objects.select_related("marketing_context", "version", "event__marketing_context")
    forms: dict[int, IntakeForm] = {**found.annotate(heard=ArraySubquery(HEARD)).in_bulk(form_ids)}
    frozen = {pk: form.version.definition for pk, form in forms.items() if form.version is not None and not drafts}
    fields = field_specs(_fields(forms, frozen))
    said = _settings(forms, frozen)
    pages = _pages(forms)
    strategies = _Strategies(
        {one.pk: one for one in ContactMatchingStrategy.objects.all()},
        {one.pk: one for one in LeadMatchingStrategy.objects.all()},
    )
    return {pk: _form(form, said[pk], fields[pk], pages[pk], strategies) for pk, form in forms.items()}


def _fields(forms: dict[int, IntakeForm], frozen: dict[int, Definition]) -> dict[int, list[FormField]]:
    """The fields of each form: its rows, those of what feeds it, or those of its version."""
    fields: dict[int, list[FormField]] = {pk: [] for pk in forms}
    by_rows = [pk for pk in forms if pk not in frozen]
    for field in FormField.objects.filter(form_id__in=by_rows).order_by("position", "pk") if by_rows else ():
        fields[field.form_id].append(field)
    fields |= fields_of_fed(forms.values())
    return fields | {pk: thaw_fields(pk, definition["fields"]) for pk, definition in frozen.items()}


def _settings(forms: dict[int, IntakeForm], frozen: dict[int, Definition]) -> dict[int, dict[str, Any]]:
    """What each form says of itself, by the names of its columns; its owner only who still works here."""
    by_rows = [pk for pk in forms if pk not in frozen]
    notify = IntakeForm.notify.through.objects.filter(intakeform_id__in=by_rows)
    told: dict[int, list[int]] = {pk: [] for pk in by_rows}
    for form_id, user_id in notify.values_list("intakeform_id", "user_id") if by_rows else ():
        told[form_id].append(user_id)
    said: dict[int, dict[str, Any]] = {}
    for pk, form in forms.items():
        said[pk] = {name: getattr(form, name) for name in (*SETTINGS, *SETTINGS_SINCE)} | {NOTIFY: told.get(pk, [])}
        if pk in frozen:
            said[pk] |= SETTINGS_SINCE | frozen[pk]["settings"]
    owners = {one["lead_owner_id"] for one in said.values()} - {None}
    working = set(User.objects.filter(pk__in=owners, is_active=True).values_list("pk", flat=True)) if owners else set()
    for one in said.values():
        if one["lead_owner_id"] not in working:
            one["lead_owner_id"] = None
    return said


def _pages(forms: dict[int, IntakeForm]) -> dict[int, list[PageSpec]]:
    """The pages that show each form, or did."""
    pages: dict[int, list[PageSpec]] = {pk: [] for pk in forms}
    uses = list(PageForm.objects.filter(form_id__in=forms).select_related("page__marketing_context"))
    older: dict[int, set[str]] = {use.page_id: set() for use in uses}
    for page_id, slug in PageSlug.objects.filter(page__in=older).values_list("page", "slug") if older else ():
        older[page_id].add(slug)
    for use in uses:
        pages[use.form_id].append(_page(use.page, frozenset(older[use.page_id])))
    return pages


def _form(
    form: IntakeForm,
    said: dict[str, Any],
    fields: tuple[FieldSpec, ...],
    pages: list[PageSpec],
    strategies: _Strategies,
) -> FormSpec:
    event = _event_of(form)
    return FormSpec(
        id=form.pk,
        public_id=form.public_id,
        name=form.name,
        state=form.state,
        topic=said["topic"] or form.name,
        creates=said["creates"],
        after_closed=said["after_closed"],
        thank_you=said["thank_you"],
        redirect_url=said["redirect_url"],
        owner_id=said["lead_owner_id"],
        context=_context(event or form),
        contact_strategy=strategies.of_contacts(said["contact_strategy_id"]),
        lead_strategy=strategies.of_leads(said["lead_strategy_id"]),
        fields=fields,
        pages=tuple(pages),
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
        captures=frozenset(getattr(form, "heard", ())),
        language=said["language"],
        fed_by=form.fed_by,
        event_id=event.pk if event else None,
    )


@dataclass(frozen=True)
class _Strategies:
    """All matching strategies, by id: the one that a form names, else the default, else what we ship."""

    contact: dict[int, ContactMatchingStrategy]
    lead: dict[int, LeadMatchingStrategy]

    def of_contacts(self, pk: int | None) -> StrategySpec:
        found = _chosen(pk, self.contact)
        if found is None:
            return StrategySpec(SHIPPED, ("email",))
        return StrategySpec(found.name, tuple(found.deciding), found.pk if found.fuzzy else 0)

    def of_leads(self, pk: int | None) -> StrategySpec:
        found = _chosen(pk, self.lead)
        if found is None:
            return StrategySpec(SHIPPED, ("contact", "marketing_context"))
        return StrategySpec(found.name, tuple(found.attributes))


def _chosen(pk: int | None, known: dict[int, Strategy]) -> Strategy | None:
    """The strategy a form names, else the default."""
    return known.get(pk or 0) or next((one for one in known.values() if one.is_default), None)


def _event_of(form: IntakeForm) -> Event | None:
    return getattr(form, "event", None)


def _context(owner: IntakeForm | LandingPage | Event) -> ContextSpec:
    context = owner.marketing_context
    return ContextSpec(context.pk, context.campaign_id, context.product_id)


def _page(page: LandingPage, old_slugs: frozenset[str]) -> PageSpec:
    return PageSpec(page.pk, page.slug, page.title, _context(page), old_slugs)
