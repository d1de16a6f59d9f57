"""Every move there could be: from each stage to each, by each cause, in each kind of process, for leads that are sales
ready or not, lack a required field or not, and are on their way, closed, or through with their process.

The tables below say what is allowed; they were written from the reference, not from the code.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest
from django.db import transaction

from leads.models import Cause, Lead, Process, ProcessState, Status
from leads.services.moves import move_leads
from leads.stages import ORDER, Stage
from tests.build import a_contact

# ">" the next stage: by anybody and anything, once the fields that the stage requires are there.
# "!" in front of sales: the same, but only what is sales ready. Becoming sales ready goes there without those fields.
# "<" back: by a person only, who says why. "." never.
TABLES = {
    "both": """
        to  I M A T S
        I   . > . . !
        M   < . > . !
        A   < < . > !
        T   < < < . !
        S   < < < < .
    """,
    "no acceptance": """
        to  I M A T S
        I   . > . . !
        M   < . . > !
        A   < < . > !
        T   < < . . !
        S   < < . < .
    """,
    "no qualification": """
        to  I M A T S
        I   . > . . !
        M   < . > . !
        A   < < . . !
        T   < < < . !
        S   < < < . .
    """,
    "neither": """
        to  I M A T S
        I   . > . . !
        M   < . . . !
        A   < < . . !
        T   < < . . !
        S   < < . . .
    """,
}
LETTERS = dict(zip("IMATS", ORDER, strict=True))
OFF = {
    "both": "",
    "no acceptance": "A",
    "no qualification": "T",
    "neither": "AT",
}
WAYS: dict[str, dict[str, str]] = {
    "on its way": {},
    "qualified": {"status": Status.QUALIFIED},
    "disqualified": {"status": Status.DISQUALIFIED},
    "finished": {"process_state": ProcessState.FINISHED},
    "abandoned": {"process_state": ProcessState.ABANDONED},
}


class Case(NamedTuple):
    """A lead as it stands: the letter of its stage, and the keys of the tables above."""

    at: str
    used: str
    ready: bool
    lacks: bool
    way: str


CASES = [Case(*one) for one in product("IMATS", TABLES, (True, False), (True, False), WAYS)]


def cell(case: Case, to: str) -> str:
    rows = [line.split() for line in TABLES[case.used].split("\n") if line.strip()]
    return next(row for row in rows[1:] if row[0] == case.at)[rows[0].index(to)]


def is_allowed(case: Case, to: str, cause: Cause) -> bool:
    """As the legend of the tables says. A stage that is off requires nothing."""
    if case.way != "on its way":
        return False
    becomes_ready = cause in {Cause.SALES_READY_BY_SCORE, Cause.SALES_READY_BY_HAND}
    is_gated = case.lacks and case.at not in OFF[case.used] and not becomes_ready
    return {
        ".": False,
        "<": cause == Cause.PERSON,
        ">": not is_gated,
        "!": case.ready and not is_gated,
    }[cell(case, to)]


@pytest.mark.django_db
@pytest.mark.parametrize("cause", Cause)
def test_the_whole_table_of_moves(cause: Cause) -> None:
    case_of = a_lead_of_each_case()
    for to in LETTERS:
        with transaction.atomic():
            went, arrived = moved(case_of, to, cause)
            transaction.set_rollback(True)

        wanted = {case for case in CASES if is_allowed(case, to, cause)}
        assert (to, went - wanted, wanted - went) == (to, set(), set())
        assert arrived == went | {case for case in CASES if case.at == to}


def moved(case_of: dict[int, Case], to: str, cause: Cause) -> tuple[set[Case], set[Case]]:
    """Move them all: which are said to have gone, and which are there then."""
    said = move_leads(list(case_of), LETTERS[to], cause=cause, reason="Because")
    there = Lead.objects.filter(stage=LETTERS[to]).values_list("pk", flat=True)
    return {case_of[pk] for pk in said}, {case_of[pk] for pk in there}


def a_lead_of_each_case() -> dict[int, Case]:
    """By the id of the lead."""
    requires = {"fields": [{"name": "budget_amount", "required": True}]}
    stages = {used: {LETTERS[at]: requires | {"used": at not in OFF[used]} for at in "IMATS"} for used in TABLES}
    processes = {used: Process.objects.create(name=used, stages_stored=stages[used]) for used in TABLES}
    contact = a_contact()
    leads = Lead.objects.bulk_create(
        Lead(
            contact=contact,
            process=processes[case.used],
            stage=LETTERS[case.at],
            sales_ready=case.ready,
            budget_amount=None if case.lacks else 1,
            **WAYS[case.way],
        )
        for case in CASES
    )
    return {lead.pk: case for lead, case in zip(leads, CASES, strict=True)}


def test_the_tables_name_every_stage_and_every_optional_one() -> None:
    assert list(LETTERS.values()) == list(Stage)
    assert {cell(case, to) for case in CASES for to in LETTERS} == set(".<>!")
