"""What a mapping names, looked up or made before the first row."""

from __future__ import annotations

from typing import TypeVar

from contacts import match_keys
from contacts.models import (
    Campaign,
    ContactMatchingStrategy,
    CustomField,
    CustomFieldType,
    Entity,
    MarketingContext,
    Product,
    User,
)
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.job import IDENTITIES, Job
from forms_intake.imports.mapping import ColumnMapping, Mapping
from leads import match_keys as lead_keys
from leads.models import LeadMatchingStrategy, Process

Named = TypeVar("Named", Campaign, Product)
Strategy = TypeVar("Strategy", ContactMatchingStrategy, LeadMatchingStrategy)


def prepare(mapping: Mapping, header: list[str], *, by: User | None) -> Job:
    """Everything the mapping names, by id. Raises InvalidMapping for what is missing and may not be made."""
    campaign = _named(Campaign, mapping.campaign, "lead.campaign", create=mapping.create_missing)
    product = _named(Product, mapping.product, "lead.product", create=mapping.create_missing)
    owner = User.objects.filter(username=mapping.owner).first() if mapping.owner else None
    if mapping.owner and owner is None:
        raise InvalidMapping("lead.owner", f"there is no user {mapping.owner}")
    contact_strategy = _strategy(ContactMatchingStrategy, mapping.contact_strategy, "contact.strategy")
    lead_strategy = _strategy(LeadMatchingStrategy, mapping.lead_strategy, "lead.strategy")
    deciding = "+".join(match_keys.kind_of(contact_strategy.deciding))
    return Job(
        mapping=mapping,
        columns={name: index for index, name in enumerate(header)},
        context_id=_context(mapping, campaign, product).pk,
        campaign_id=campaign.pk if campaign else None,
        product_id=product.pk if product else None,
        # Leads must not wait for somebody who works here no more.
        owner_id=owner.pk if owner and owner.is_active else None,
        process_id=_process(campaign).pk,
        contact_kinds=match_keys.kinds_in_use(),
        deciding=IDENTITIES | {deciding},
        lead_kinds=lead_keys.kinds_in_use(),
        lead_kind=lead_keys.kind_of(lead_strategy.attributes),
        policies={
            (column.entity, f"custom.{column.field}" if column.custom else column.field): column.update
            for column in mapping.columns
        },
        by_id=by.pk if by else None,
    )


def _process(campaign: Campaign | None) -> Process:
    """The one in which new leads of the campaign begin."""
    if campaign is not None:
        theirs: Process | None = Process.objects.filter(for_campaigns__campaign=campaign, retired_at=None).first()
        if theirs is not None:
            return theirs
    return Process.objects.get(is_default=True)


def _named(model: type[Named], name: str, path: str, *, create: bool) -> Named | None:
    if not name:
        return None
    if create:
        return model._default_manager.get_or_create(name=name)[0]
    found = model._default_manager.filter(name=name).first()
    if found is None:
        raise InvalidMapping(path, f"there is no {model._meta.verbose_name} {name!r}, and create_missing is not true")
    return found


def _strategy(model: type[Strategy], name: str, path: str) -> Strategy:
    strategies = model._default_manager.filter(name=name) if name else model._default_manager.filter(is_default=True)
    found = strategies.first()
    if found is None:
        raise InvalidMapping(path, f"there is no matching strategy {name!r}")
    if found.retired_at is not None:
        # It makes no keys any more: whoever came since would be imported a second time.
        raise InvalidMapping(path, f"the matching strategy {name!r} is retired")
    return found


def _context(mapping: Mapping, campaign: Campaign | None, product: Product | None) -> MarketingContext:
    """The context of this mapping's name: imported again, the same leads are found again."""
    about = {"campaign": campaign, "product": product}
    contexts = MarketingContext.objects.filter(kind=MarketingContext.Kind.IMPORT, name=mapping.name, **about)
    return contexts.first() or MarketingContext.objects.create(
        kind=MarketingContext.Kind.IMPORT, name=mapping.name, **about
    )


def define_custom_fields(mapping: Mapping) -> dict[tuple[str, str], CustomField]:
    """The definitions of the mapping's custom fields by (entity, key), made or widened where the mapping may."""
    found = {(field.entity, field.key): field for field in CustomField.objects.all()}
    asked = [column for column in mapping.columns if column.custom]
    for position, column in enumerate(asked):
        field = found.get((column.entity, column.field))
        found[column.entity, column.field] = (
            _check(column, field, create=mapping.create_missing)
            if field
            else _define(column, position, create=mapping.create_missing)
        )
    return {(column.entity, column.field): found[column.entity, column.field] for column in asked}


def _check(column: ColumnMapping, field: CustomField, *, create: bool) -> CustomField:
    assert column.custom is not None
    if field.type != column.custom.type:
        raise InvalidMapping(column.path, f"the field {field.key} is of type {field.type}, not {column.custom.type}")
    more = [choice for choice in column.custom.choices if choice not in field.choices]
    if more and not create:
        raise InvalidMapping(column.path, f"the field {field.key} does not offer {', '.join(more)}")
    if more:
        field.choices = [*field.choices, *more]
        field.save(update_fields=["choices"])
    return field


def _define(column: ColumnMapping, position: int, *, create: bool) -> CustomField:
    assert column.custom is not None
    if not create:
        entity = Entity(column.entity).label.lower()
        raise InvalidMapping(column.path, f"there is no {entity} field {column.field}, and create_missing is not true")
    field = CustomField(
        entity=column.entity,
        key=column.field,
        label=column.custom.label,
        type=CustomFieldType(column.custom.type),
        choices=list(column.custom.choices),
        position=position,
    )
    try:
        field.clean_fields()
    except Exception as error:
        raise InvalidMapping(column.path, str(error)) from error
    field.save()
    return field
