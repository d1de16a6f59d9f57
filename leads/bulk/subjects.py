"""Of which lists many records are changed at once: who sees which, how they are called, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from contacts.field_history import changes_of, who
from contacts.models import ListOf, User
from leads.bulk.forms import ASKS, Ask
from leads.bulk.kinds import KINDS, Kind
from leads.editing import may_manage
from leads.models import Lead, Opportunity
from leads.opportunities.many import OPPORTUNITY_ASKS, OPPORTUNITY_KINDS


@dataclass(frozen=True)
class Subject:
    """One kind of record. `place`: the namespace of its pages; `nameable_to`: what a person sees, and what they may
    bring back.
    """

    entity: ListOf
    noun: str
    plural: str
    place: str
    kinds: Mapping[str, Kind]
    asks: Mapping[str, Ask]
    visible_to: Callable[[User], QuerySet]
    nameable_to: Callable[[User], QuerySet]
    deleted: Callable[[], QuerySet]
    words_of: Callable[[Any], str]
    drawn_with: tuple[str, ...]

    def counted(self, number: int) -> str:
        """1 lead, 1,200 leads."""
        return f"{number:,} {self.noun if number == 1 else self.plural}"


def _leads_to_name(user: User) -> QuerySet[Lead]:
    seen: QuerySet[Lead] = Lead.objects.visible_to(user)
    return Lead.objects.filter(Q(pk__in=seen) | Q(deleted_at__isnull=False)) if may_manage(user) else seen


def _lead_words(lead: Lead) -> str:
    return f"{lead.contact or lead.account or 'Nobody'}: {lead.topic}"


def who_edited(entity: str, ids: Sequence[int]) -> dict[int, str]:
    """The names of who changed a field of these last, as far as that is known. One query."""
    last = changes_of(entity, ids).select_related("actor").order_by("subject_id", "-changed_at", "-pk")
    return {change.subject_id: who(change) for change in last.distinct("subject_id")}


SUBJECTS: Mapping[str, Subject] = {
    ListOf.LEAD: Subject(
        ListOf.LEAD,
        "lead",
        "leads",
        "leads",
        KINDS,
        ASKS,
        visible_to=lambda user: Lead.objects.visible_to(user),
        nameable_to=_leads_to_name,
        deleted=lambda: Lead.objects.deleted(),
        words_of=_lead_words,
        drawn_with=("contact", "account", "owner", "process"),
    ),
    ListOf.OPPORTUNITY: Subject(
        ListOf.OPPORTUNITY,
        "opportunity",
        "opportunities",
        "opportunities",
        OPPORTUNITY_KINDS,
        OPPORTUNITY_ASKS,
        visible_to=lambda user: Opportunity.objects.visible_to(user),
        nameable_to=lambda user: Opportunity.objects.visible_to(user),
        deleted=lambda: Opportunity.objects.none(),
        words_of=lambda one: f"{one.account or one.contact}: {one.topic}",
        drawn_with=("contact", "account", "owner"),
    ),
}
