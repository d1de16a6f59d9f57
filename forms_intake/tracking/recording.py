"""What visits are worth telling: one interaction for each rule that a visit met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contacts.models import Contact, Interaction, InteractionKey, InteractionType
from forms_intake.tracking.rules import RuleSpec
from leadcrm.lib.rows import insert

SOURCE = "website"
LATER = "Attributed later: it happened before we knew who it was"


@dataclass(frozen=True)
class Met:
    """A visit of a contact met a rule."""

    contact_id: int
    visit_id: int
    rule: RuleSpec
    website: str
    at: datetime
    host: str
    path: str
    title: str
    later: bool = False
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return key_of(self.visit_id, self.rule.id)


def key_of(visit_id: int, rule_id: int) -> str:
    """Under what it is known that a visit met a rule."""
    return f"visit:{visit_id}:{rule_id}"


def record(mets: Iterable[Met]) -> int:
    """Keep each once, the earliest, for contacts that are there; how many were new. The visitors must be held."""
    first: dict[str, Met] = {}
    for met in sorted(mets, key=lambda met: met.at):
        first.setdefault(met.key, met)
    if not first:
        return 0
    known = set(InteractionKey.objects.filter(key__in=list(first)).values_list("key", flat=True))
    there = alive({met.contact_id for met in first.values()})
    fresh = [met for key, met in first.items() if key not in known and met.contact_id in there]
    made = insert(_interaction(met) for met in fresh)
    insert(InteractionKey(key=met.key, interaction_id=one.pk) for met, one in zip(fresh, made, strict=True))
    return len(made)


def alive(contact_ids: Iterable[int]) -> set[int]:
    """Those of these contacts that are there."""
    return set(Contact.objects.alive().filter(pk__in=list(contact_ids)).values_list("pk", flat=True))


def give(visit_id: int, rule_ids: Sequence[int], *, to: int, since: datetime, visit: int | None = None) -> None:
    """Whose it is that a visit met rules since a moment: another contact's. `visit`: it is part of another visit."""
    keys = {key_of(visit_id, pk): pk for pk in rule_ids}
    known = dict(InteractionKey.objects.filter(key__in=list(keys)).values_list("key", "interaction_id"))
    theirs = Interaction.objects.filter(pk__in=list(known.values()), occurred_at__gte=since)
    moved = set(theirs.values_list("pk", flat=True))
    Interaction.objects.filter(pk__in=moved).update(contact_id=to)
    if visit:
        insert(
            InteractionKey(key=key_of(visit, keys[key]), interaction_id=pk) for key, pk in known.items() if pk in moved
        )


def _interaction(met: Met) -> Interaction:
    about: dict[str, Any] = {"page": met.host + met.path, "title": met.title, "website": met.website}
    said = {key: value for key, value in about.items() if value} | met.tags | {"visit": met.visit_id}
    words = " · ".join(word for word in (met.title or met.path, LATER if met.later else "") if word)
    return Interaction(
        contact_id=met.contact_id,
        type=InteractionType.PAGE_VISITED,
        subject=met.rule.name,
        occurred_at=met.at,
        source=SOURCE,
        marketing_context_id=met.rule.context.id,
        campaign_id=met.rule.context.campaign_id,
        product_id=met.rule.context.product_id,
        payload=said | {"details": words} | ({"attributed": "later"} if met.later else {}),
    )
