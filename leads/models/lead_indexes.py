"""The indexes on leads, and which page each one is for.

A new score writes to every index here, so there is none that a page can do without: leads are searched by their contact
and account (docs/decisions/0009-few-indexes-on-leads.md).
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from leads.models.code_lists import NEW
from leads.models.lead_query import TO_CALL
from leads.stages import ORDER, Stage

INDEXES: list[models.Index] = [
    models.Index(
        F("score").desc(nulls_last=True),
        F("id").desc(),
        condition=Q(status="open", deleted_at__isnull=True),
        name="open_leads_by_score",
    ),
    models.Index(
        F("score").desc(nulls_last=True),
        F("sales_ready_at"),
        F("id"),
        condition=Q(status="open", sales_ready=True, accepted_at__isnull=True, deleted_at__isnull=True),
        name="sales_ready_leads",
    ),
    models.Index(
        F("owner"),
        F("score").desc(nulls_last=True),
        F("sales_ready_at"),
        F("id"),
        condition=Q(status="open", sales_ready=True, accepted_at__isnull=True, deleted_at__isnull=True),
        name="sales_ready_leads_of_owner",
    ),
    models.Index(fields=["account"], condition=Q(account__isnull=False), name="leads_of_account"),
    models.Index(
        fields=["sales_ready_at", "id"],
        condition=Q(status="open", sales_ready=True, accepted_at__isnull=True, deleted_at__isnull=True),
        name="sales_ready_leads_by_wait",
    ),
    models.Index(
        fields=["owner"],
        condition=Q(status="open", accepted_at__isnull=False, deleted_at__isnull=True),
        name="accepted_leads_of_owner",
    ),
    # How much everybody has, without reading their leads.
    models.Index(fields=["owner"], condition=Q(status="open", deleted_at__isnull=True), name="open_leads_of_owner"),
    # One's own list, and what is searched for in it, in the order in which it is shown. What nobody has stands in
    # none; where there is little of that, `open_leads_of_owner` finds it.
    models.Index(
        F("owner"),
        F("score").desc(nulls_last=True),
        F("id").desc(),
        condition=Q(status="open", deleted_at__isnull=True, owner__isnull=False),
        name="own_open_leads_by_score",
    ),
    # What changed since other systems asked last. It holds two moments for each 32 pages and costs a score next to
    # nothing; an index by moment would move with each one.
    BrinIndex(fields=["updated_at"], pages_per_range=32, autosummarize=True, name="leads_by_change"),
    models.Index(fields=["source"], condition=Q(source__isnull=False), name="leads_of_source"),
    # Owners are few, so a product, campaign or context alone is found here too, owner by owner.
    models.Index(fields=["owner", "product", "campaign", "marketing_context"], name="leads_of_owner"),
    models.Index(fields=["status", "id"], condition=Q(status__in=["qualified", "disqualified"]), name="closed_leads"),
    # Rehearsals go through them in the order in which they were closed.
    models.Index(
        fields=["closed_at", "id"],
        condition=Q(status__in=["qualified", "disqualified"]),
        name="closed_leads_by_date",
    ),
    # The few that are not New, and those that came back: scores of most leads never write here.
    models.Index(
        fields=["status_reason", "id"],
        condition=Q(status_reason__gt=NEW, deleted_at__isnull=True),
        name="leads_by_status_reason",
    ),
    models.Index(
        fields=["recycled_at", "id"],
        condition=Q(recycled_count__gt=0, deleted_at__isnull=True),
        name="recycled_leads",
    ),
    models.Index(
        fields=["id"],
        condition=Q(contact__isnull=True, deleted_at__isnull=True),
        name="leads_without_contact",
    ),
    models.Index(fields=["related_lead"], condition=Q(related_lead__isnull=False), name="leads_continuing"),
    models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_leads"),
    # Most leads are in the one stage that is left out: they are met soon in any order.
    models.Index(
        F("stage"),
        F("score").desc(nulls_last=True),
        F("id").desc(),
        condition=Q(
            stage__in=[stage.value for stage in ORDER if stage != Stage.MARKETING_QUALIFICATION],
            status="open",
            deleted_at__isnull=True,
        ),
        name="open_leads_by_stage",
    ),
    # What waits to be called, as leads/calling/queue.py asks for it: few, so that few scores write to it.
    models.Index(
        F("owner"),
        F("score").desc(nulls_last=True),
        F("stage_entered_at"),
        F("id"),
        condition=TO_CALL,
        name="leads_to_call",
    ),
    # What sales is to take up or has, wherever it stands: boards and lists narrowed to it.
    models.Index(
        F("stage"),
        F("score").desc(nulls_last=True),
        F("id").desc(),
        condition=Q(status="open", sales_ready=True, deleted_at__isnull=True),
        name="open_ready_leads_by_stage",
    ),
    # Newest first is by id; this one serves "created between", at next to no cost.
    BrinIndex(fields=["created_at"], name="leads_by_creation"),
]
