"""Of which lists many records are changed at once: who sees which, how they are called, and what can be done.

The roof names them in BULK_SUBJECTS, so that apps above have lists of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from contacts.field_history import changes_of, who
from contacts.lists.listing import listing_of
from contacts.lists.selection import rows_of
from contacts.models import ListOf, User
from leads.bulk.forms import ASKS, Ask
from leads.bulk.kinds import KINDS, Kind
from leads.editing import may_manage
from leads.models import BulkJob, BulkWhat, Lead, Opportunity
from leads.opportunities.many import OPPORTUNITY_ASKS, OPPORTUNITY_KINDS


@dataclass(frozen=True)
class Subject:
    """One kind of record. `list_page`, `record_page` and `bulk_page` are names of addresses.

    `rows`: what the list shows a person under an address, as far as something can be done to it (address, person,
    what); raises CannotList. `still`: those that are meant when their turn has come, None for `rows`. `nameable_to`:
    what a person sees, and what they may bring back. `undone_by`: by what a thing that was done is taken back. `tells`
    says for the page of a job how it goes on with what was changed, drawn by the template `told_in`; with "waiting"
    in it the page looks again. `labels`: what each kind is called, in a word or two.
    """

    entity: str
    noun: str
    plural: str
    list_page: str
    record_page: str
    bulk_page: str
    kinds: Mapping[str, Kind]
    rows: Callable[[str, User, str], QuerySet]
    visible_to: Callable[[User], QuerySet]
    nameable_to: Callable[[User], QuerySet]
    words_of: Callable[[Any], str]
    drawn_with: tuple[str, ...]
    deleted: Callable[[], QuerySet] | None = None
    asks: Mapping[str, Ask] = field(default_factory=dict)
    still: Callable[[str, User, str], QuerySet] | None = None
    undone_by: Mapping[str, str] = field(default_factory=dict)
    tells: Callable[[BulkJob], Mapping[str, Any]] | None = None
    told_in: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: {one.value: str(one.label) for one in BulkWhat})

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


LEADS = Subject(
    ListOf.LEAD,
    "lead",
    "leads",
    list_page="leads:list",
    record_page="leads:detail",
    bulk_page="leads:bulk",
    kinds=KINDS,
    asks=ASKS,
    rows=lambda query, user, what: rows_of(listing_of(ListOf.LEAD), query, user),
    visible_to=lambda user: Lead.objects.visible_to(user),
    nameable_to=_leads_to_name,
    deleted=lambda: Lead.objects.deleted(),
    words_of=_lead_words,
    drawn_with=("contact", "account", "owner", "process"),
    undone_by={BulkWhat.DELETE: BulkWhat.RESTORE},
)
OPPORTUNITIES = Subject(
    ListOf.OPPORTUNITY,
    "opportunity",
    "opportunities",
    list_page="opportunities:list",
    record_page="opportunities:detail",
    bulk_page="opportunities:bulk",
    kinds=OPPORTUNITY_KINDS,
    asks=OPPORTUNITY_ASKS,
    rows=lambda query, user, what: rows_of(listing_of(ListOf.OPPORTUNITY), query, user),
    visible_to=lambda user: Opportunity.objects.visible_to(user),
    nameable_to=lambda user: Opportunity.objects.visible_to(user),
    words_of=lambda one: f"{one.account or one.contact}: {one.topic}",
    drawn_with=("contact", "account", "owner"),
)


def subject_of(entity: str) -> Subject:
    """The list of these records. KeyError when there is none."""
    found: Subject = import_string(settings.BULK_SUBJECTS[entity])
    return found
