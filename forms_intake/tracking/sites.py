"""Websites and their rules, as the door and the workers use them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from contacts.models import MarketingContext
from forms_intake.models import PageRule, Website
from forms_intake.spec.shape import ContextSpec
from forms_intake.tracking.rules import RuleSpec

PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
MOST_REMEMBERED = 1000
LISTED_SECONDS = 10
_remembered: dict[str, tuple[float, SiteSpec | None]] = {}
_listed: dict[str, tuple[float, str]] = {}


@dataclass(frozen=True)
class SiteSpec:
    """A website. `origins` as browsers write them; `rules` those in use, in their order."""

    id: int
    public_id: str
    name: str
    active: bool
    origins: frozenset[str]
    context: ContextSpec
    rules: tuple[RuleSpec, ...] = ()


def site_of(public_id: str) -> SiteSpec | None:
    """The website with this public id, at most `FORM_DEFINITION_SECONDS` old; None when there is none."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    now = time.monotonic()
    known = _remembered.get(public_id)
    if known and known[0] > now:
        return known[1]
    website = Website.objects.filter(public_id=public_id).only("pk").first()
    site = sites_of([website.pk])[website.pk] if website else None
    if settings.FORM_DEFINITION_SECONDS:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[public_id] = (now + settings.FORM_DEFINITION_SECONDS, site)
    return site


def site_at(origin: str) -> str:
    """The public id of the website in use that pages of this origin belong to, "" for none; at most some seconds old.

    Longer than of `site_of`, as every page of ours asks.
    """
    now = time.monotonic()
    known = _listed.get(origin)
    if known and known[0] > now and settings.FORM_DEFINITION_SECONDS:
        return known[1]
    found = Website.objects.filter(active=True, origins__contains=[origin]).order_by("pk")
    site: str = found.values_list("public_id", flat=True).first() or ""
    if len(_listed) >= MOST_REMEMBERED:
        _listed.clear()
    _listed[origin] = now + LISTED_SECONDS, site
    return site


def forget_sites() -> None:
    """Look at the websites again next time."""
    _remembered.clear()
    _listed.clear()


def sites_of(website_ids: Iterable[int]) -> dict[int, SiteSpec]:
    """The websites with these ids, by id. Two queries."""
    sites = Website.objects.select_related("marketing_context").in_bulk(list(website_ids))
    rules: dict[int, list[RuleSpec]] = {pk: [] for pk in sites}
    stored = PageRule.objects.filter(website__in=sites, active=True).select_related("marketing_context")
    for rule in stored.order_by("position", "pk") if sites else ():
        about = rule.marketing_context or sites[rule.website_id].marketing_context
        rules[rule.website_id].append(
            RuleSpec(rule.pk, rule.name, rule.match, rule.pattern, rule.host, _context(about))
        )
    return {
        pk: SiteSpec(
            pk,
            one.public_id,
            one.name,
            one.active,
            frozenset(one.origins),
            _context(one.marketing_context),
            tuple(rules[pk]),
        )
        for pk, one in sites.items()
    }


def _context(stored: MarketingContext) -> ContextSpec:
    return ContextSpec(stored.pk, stored.campaign_id, stored.product_id)
