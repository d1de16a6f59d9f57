"""Views that the people of the demo keep of their lists, besides those that everybody begins with."""

from __future__ import annotations

from collections.abc import Mapping

from contacts.models import Entity, Role, Sharing, User
from contacts.services.views import create_view, open_with, pin_view
from leads.stages import Stage


def make_views(staff: Mapping[str, User]) -> None:
    """A manager's shared ones, a salesperson's own, and the one her list opens with."""
    free = create_view(
        entity=Entity.LEAD,
        by=staff["mona"],
        name="Hot and free",
        sharing=Sharing.ROLE,
        role=Role.SALESPERSON,
        query={"owner": ["nobody"], "sales_ready": ["yes"]},
        columns=["contact", "topic", "score", "ready_for", "rating", "campaign"],
        pinned=True,
    )
    create_view(
        entity=Entity.LEAD,
        by=staff["mona"],
        name="Being called",
        sharing=Sharing.EVERYBODY,
        query={"stage": [Stage.TELEPROSPECTING_QUALIFICATION.value]},
        columns=["contact", "phone", "job_title", "owner", "in_stage"],
        pinned=False,
    )
    pin_view(free, by=staff["sam"], pinned=True)
    mine = create_view(
        entity=Entity.ACCOUNT,
        by=staff["sam"],
        name="My accounts by size",
        query={"owner": ["me"]},
        columns=["name", "employees", "industry", "place"],
    )
    open_with(mine, by=staff["sam"])
