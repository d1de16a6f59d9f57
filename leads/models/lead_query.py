"""Which leads are meant: the sets that pages, queues and reports begin with."""

from __future__ import annotations

from typing import Self

from django.db.models import Q

from contacts.models import User
from contacts.models.base import RecordQuerySet
from contacts.roles import Ability, can
from leads.models.choices import Status
from leads.stages import Stage

TO_CALL = Q(status="open", deleted_at__isnull=True) & (
    Q(stage__in=["teleprospecting_acceptance", "teleprospecting_qualification"])
    | Q(stage="marketing_qualification", teleprospecting_ready=True)
)
"""Leads for teleprospectors: in their stages, or said to be ready for them where that does not move a lead."""


class LeadQuerySet(RecordQuerySet):
    kinds: tuple[Q, ...] = ()
    """Conditions of which each lead of the set meets one; each has an index by score (leadcrm.lib.paging)."""

    is_ready = False
    """Whether it was narrowed to what is sales ready."""

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy.kinds, copy.is_ready = self.kinds, self.is_ready
        return copy

    def alive(self) -> Self:
        """Leads that are not deleted, nor is their contact."""
        return self.filter(deleted_at__isnull=True, contact__deleted_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Leads this person may read: salespeople sales-ready and own ones, whatever their contact is kept for."""
        if can(user, Ability.SEE_EVERY_LEAD):
            return self.alive()
        leads = self.alive().filter(Q(sales_ready=True) | Q(owner=user))
        leads.kinds = (Q(owner=user), *(Q(sales_ready=True, stage=stage) for stage in Stage))
        return leads

    def ready(self) -> Self:
        """Those that are sales ready. Said once however often it is asked for: twice, the database expects next to none
        and reads in the wrong order.
        """
        if self.is_ready:
            return self
        leads = self.filter(sales_ready=True)
        leads.is_ready = True
        return leads

    def drawn(self) -> Self:
        """With all that a list draws of each; not all joined, because planning joins takes longer than reading them."""
        return self.select_related("contact__account", "owner").prefetch_related("account", "product")

    def open(self) -> Self:
        return self.filter(status=Status.OPEN)

    def sales_ready(self) -> Self:
        """What sales should look at: open, sales ready, not yet accepted."""
        return self.alive().filter(status=Status.OPEN, sales_ready=True, accepted_at__isnull=True)

    def to_call(self) -> Self:
        """What teleprospectors call: open, in their stages or ready for them."""
        return self.alive().filter(TO_CALL)

    def accepted(self) -> Self:
        """What sales is talking to: open and accepted."""
        return self.alive().filter(status=Status.OPEN, accepted_at__isnull=False)
