"""Who may do what with a lead: every role, every action, whoever has the lead and however far it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User
from leads.access import may_call_lead
from leads.actions import ACTIONS
from leads.models import Lead, LeadEvent
from leads.stages import Stage
from tests.build import a_lead, a_user

ROLES = {
    "M": Role.MARKETER,
    "T": Role.TELEPROSPECTOR,
    "S": Role.SALESPERSON,
    "G": Role.SALES_MANAGER,
    "A": Role.ADMINISTRATOR,
}
PROCESS = ("clear-ready", "move-on", "move-back", "close", "reopen")
WHOSE = ("own", "nobody's", "other's")
# Who may, when the lead is their own, nobody's, somebody else's.
WORKING = {"ready": ("MTGA", "MTGA", "MGA"), "take": ("MTSGA", "MTSGA", "MTSGA"), "assign": ("MGA", "MGA", "MGA")} | {
    name: ("MTSGA", "MTSGA", "MGA") for name in PROCESS if name != "clear-ready"
}
WAITING = {
    "accept": ("SGA", "SGA", "GA"),
    "return": ("SGA", "SGA", "GA"),
    "clear-ready": ("MTGA", "MTGA", "MGA"),
    "take": ("SGA", "SGA", "SGA"),
    "assign": ("MGA", "MGA", "MGA"),
} | {name: WORKING[name] for name in PROCESS if name != "clear-ready"}
ACCEPTED = dict.fromkeys(PROCESS, ("MTSGA", "SGA", "GA")) | {
    "return": ("SGA", "SGA", "GA"),
    "assign": ("MGA", "MGA", "MGA"),
}
NOW = timezone.now()
STATES: dict[str, tuple[dict[str, Any], dict[str, tuple[str, str, str]]]] = {
    "working": ({"stage": Stage.TELEPROSPECTING_QUALIFICATION}, WORKING),
    "waiting": ({"stage": Stage.SALES_ACCEPTANCE, "sales_ready": True}, WAITING),
    "accepted": ({"stage": Stage.SALES_ACCEPTANCE, "sales_ready": True, "accepted_at": NOW}, ACCEPTED),
}


@pytest.mark.parametrize("whose", WHOSE)
@pytest.mark.parametrize(
    ("state", "action"), [(state, action) for state, (_, table) in STATES.items() for action in table]
)
def test_who_may_do_what(state: str, action: str, whose: str) -> None:
    attributes, table = STATES[state]
    owners = {"own": 1, "nobody's": None, "other's": 2}
    lead = Lead(owner_id=owners[whose], **attributes)

    may = {letter for letter, role in ROLES.items() if ACTIONS[action].may(User(pk=1, role=role), lead)}

    assert may == set(table[action][WHOSE.index(whose)])
    assert not any(ACTIONS[action].may(User(pk=1, role=role, is_active=False), lead) for role in Role)


def test_a_teleprospector_calls_own_leads_and_nobodys_but_not_what_sales_has_accepted() -> None:
    theo = User(pk=1, role=Role.TELEPROSPECTOR)
    owners = (None, 1, 2)

    assert [may_call_lead(theo, Lead(owner_id=owner)) for owner in owners] == [True, True, False]
    assert [may_call_lead(theo, Lead(owner_id=owner, accepted_at=NOW)) for owner in owners] == [False, True, False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("clear-ready", {"reason": "x"}),
        ("move-back", {"to": Stage.INQUIRY, "reason": "x"}),
        ("close", {"status": "disqualified", "reason": "x"}),
    ],
)
def test_a_teleprospector_leaves_what_sales_has_accepted(action: str, data: dict[str, str]) -> None:
    sam, theo = a_user(), a_user(Role.TELEPROSPECTOR)
    lead = a_lead(
        owner=sam, accepted_by=sam, accepted_at=NOW, sales_ready=True, sales_ready_at=NOW, stage=Stage.SALES_ACCEPTANCE
    )
    before = Lead.objects.values().get(pk=lead.pk)
    client = Client()
    client.force_login(theo)

    answer = client.post(f"/leads/{lead.pk}/{action}/", data)
    page = client.get(f"/leads/{lead.pk}/").content.decode()

    assert answer.status_code == 403
    assert f"/leads/{lead.pk}/{action}/" not in page
    assert Lead.objects.values().get(pk=lead.pk) == before
    assert not LeadEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "takes"), [(Role.MARKETER, False), (Role.SALESPERSON, True)])
def test_what_waits_for_sales_is_taken_by_sales_only_which_takes_nothing_else(role: str, takes: bool) -> None:
    user = a_user(role)
    one, two = (a_lead(sales_ready=True, sales_ready_at=NOW, stage=Stage.SALES_ACCEPTANCE) for _ in range(2))
    free = a_lead()
    client = Client()
    client.force_login(user)

    alone = client.post(f"/leads/{one.pk}/take/")
    client.post("/leads/bulk/", {"do": "take", "ids": [two.pk, free.pk]})

    assert alone.status_code == (302 if takes else 403)
    owners = list(Lead.objects.order_by("pk").values_list("owner", flat=True))
    assert owners == ([user.pk, user.pk, None] if takes else [None, None, user.pk])
