"""How likely, how sure and so how much: what a person said of an opportunity, else what its stage says."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Case, CharField, DecimalField, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from leads.models import Opportunity
from leads.opportunities.gates import StageSettings
from leads.opportunities.stages import Forecast, OpportunityStatus

Settings = Mapping[str, StageSettings]
MONEY = DecimalField(max_digits=20, decimal_places=2)


def probability_of(one: Opportunity, settings: Settings) -> int:
    """Per cent: 100 when won, 0 when lost."""
    if not one.is_open:
        return 100 if one.status == OpportunityStatus.WON else 0
    return settings[one.stage].probability if one.probability is None else one.probability


def forecast_of(one: Opportunity, settings: Settings) -> str:
    """The forecast category in words; won and lost ones are just that."""
    if not one.is_open:
        return one.get_status_display()
    return one.get_forecast_display() if one.forecast else settings[one.stage].forecast.label


def weighted_of(one: Opportunity, settings: Settings) -> Decimal | None:
    """The value times the probability, as a list adds it up."""
    if one.value is None:
        return None
    return (one.value * probability_of(one, settings) / 100).quantize(Decimal("0.01"))


def chance(settings: Settings) -> Case:
    """`probability_of` of open opportunities, for the database."""
    said = When(probability__isnull=False, then=F("probability"))
    by_stage = [When(stage=name, then=Value(one.probability)) for name, one in settings.items()]
    return Case(said, *by_stage, output_field=IntegerField())


def chance_as_shown(settings: Settings) -> Case:
    """`probability_of` of any opportunity, for the database."""
    won, lost = When(status=OpportunityStatus.WON, then=Value(100)), When(status=OpportunityStatus.LOST, then=Value(0))
    return Case(won, lost, default=chance(settings), output_field=IntegerField())


def category_as_shown(settings: Settings) -> Case:
    """`forecast_of` of any opportunity, for the database."""
    closed = [When(status=name, then=Value(str(label))) for name, label in OpportunityStatus.choices if name != "open"]
    said = [When(forecast=name, then=Value(str(label))) for name, label in Forecast.choices]
    by_stage = [When(stage=name, then=Value(str(one.forecast.label))) for name, one in settings.items()]
    return Case(*closed, *said, *by_stage, output_field=CharField())


def category(settings: Settings) -> Case:
    """The forecast category of open opportunities, for the database."""
    by_stage = [When(stage=name, then=Value(one.forecast.value)) for name, one in settings.items()]
    return Case(When(~Q(forecast=""), then=F("forecast")), *by_stage, output_field=CharField())


def weighted(settings: Settings) -> Coalesce:
    """The value of an open opportunity times its probability, for the database; nothing where no value is said."""
    product = F("value") * chance(settings) / Value(Decimal(100))
    return Coalesce(product, Value(Decimal(0)), output_field=MONEY)


def of_category(name: str, settings: Settings) -> Q:
    """The open opportunities of one forecast category."""
    stages = [stage for stage, one in settings.items() if one.forecast == name]
    return Q(status=OpportunityStatus.OPEN) & (Q(forecast=name) | Q(forecast="", stage__in=stages))
