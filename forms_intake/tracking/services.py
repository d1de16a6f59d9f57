"""Ordering and removing the rules of a website. One transaction each."""

from __future__ import annotations

from django.db import transaction

from forms_intake.models import PageRule, Website
from forms_intake.tracking.errors import WebsiteGone
from forms_intake.tracking.sites import forget_sites


def next_position(website_id: int) -> int:
    """Behind all rules of a website."""
    last = PageRule.objects.filter(website=website_id).order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else min(last + 1, 32_767)


@transaction.atomic
def move_rule(*, website_id: int, rule_id: int, by: int) -> PageRule:
    """Put a rule `by` places further down (up when negative). Raises WebsiteGone."""
    rules = _held(website_id)
    rule = _of(rules, rule_id, website_id)
    place = rules.index(rule)
    rules.remove(rule)
    rules.insert(max(0, place + by), rule)
    for position, one in enumerate(rules):
        one.position = position
    PageRule.objects.bulk_update(rules, ["position"])
    transaction.on_commit(forget_sites)
    return rule


@transaction.atomic
def remove_rule(*, website_id: int, rule_id: int) -> PageRule:
    """Remove a rule; what it made stays. Raises WebsiteGone."""
    rule = _of(_held(website_id), rule_id, website_id)
    PageRule.objects.filter(pk=rule.pk).delete()
    transaction.on_commit(forget_sites)
    return rule


def _held(website_id: int) -> list[PageRule]:
    """The rules of a website in their order, held with it."""
    if not Website.objects.filter(pk=website_id).select_for_update(no_key=True).exists():
        raise WebsiteGone(website_id)
    return list(PageRule.objects.filter(website=website_id).order_by("position", "pk"))


def _of(rules: list[PageRule], rule_id: int, website_id: int) -> PageRule:
    found = next((one for one in rules if one.pk == rule_id), None)
    if found is None:
        raise WebsiteGone(website_id)
    return found
