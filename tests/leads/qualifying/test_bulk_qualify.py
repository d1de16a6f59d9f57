"""Many leads are qualified and disqualified at once, by service and by file, with the reason why each other was not."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.outcomes import close_by_file
from leads.models import Lead, LeadEvent, Opportunity, ProcessState, Qualification, Status
from leads.qualifying.bulk import qualify_leads
from leads.qualifying.undo import undo_qualify
from tests.build import a_contact, a_lead, a_user, an_account, an_opportunity

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "education-outcomes.mapping.json"
MAPPING: dict[str, Any] = {
    "lead": "Number",
    "outcome": "Became",
    "qualified": ["customer"],
    "disqualified": {"nothing": "Lost"},
    "ignored": ["?"],
    "note": "By file",
}


def test_each_is_qualified_as_if_alone_and_the_others_say_why_not():
    sam = a_user(first_name="Sam")
    kept = a_contact(marketing_only=True, account=an_account())
    one, bare = a_lead(kept, budget_amount=500, owner=sam), a_lead(a_contact())
    closed = a_lead(status=Status.DISQUALIFIED)
    others = a_lead(a_contact(marketing_only=True), owner=a_user())

    done = qualify_leads(
        [one.pk, bare.pk, closed.pk, others.pk, 999_999],
        by=sam,
        note="In bulk",
        opportunities=True,
        may=lambda lead: lead.owner_id in {None, sam.pk},
    )

    assert done.done == [one.pk, bare.pk]
    assert {pk: error.code for pk, error in done.refused.items()} == {
        closed.pk: "lead_is_closed",
        others.pk: "changed_hands",
        999_999: "gone",
    }
    kept.refresh_from_db()
    one.refresh_from_db()
    assert (kept.marketing_only, one.status, one.process_state) == (False, Status.QUALIFIED, ProcessState.FINISHED)
    made = Opportunity.objects.get(lead=one)
    assert (made.value, made.account, made.contact, made.owner) == (500, kept.account, kept, sam)
    assert others.contact is not None and Lead.objects.get(pk=others.pk).contact.marketing_only
    assert LeadEvent.objects.get(lead=bare, kind="qualified").detail.endswith("In bulk")


def test_what_was_qualified_in_bulk_is_undone_one_by_one():
    contact = a_contact(marketing_only=True)
    lead, other = a_lead(contact), a_lead()
    qualify_leads([lead.pk, other.pk], by=None, opportunities=True)

    undo_qualify(lead.pk, by=a_user())

    contact.refresh_from_db()
    lead.refresh_from_db()
    assert (lead.is_open, contact.marketing_only, Opportunity.objects.alive().count()) == (True, True, 1)


def test_many_cost_as_many_statements_as_few():
    def asked(leads: list[Lead]) -> int:
        with CaptureQueriesContext(connection) as queries:
            qualify_leads([lead.pk for lead in leads], by=None, opportunities=True)
        return len(queries)

    asked([a_lead(a_contact(marketing_only=True))])  # what is read once a process is read
    few = asked([a_lead(a_contact(marketing_only=True)) for _ in range(2)])

    assert asked([a_lead(a_contact(marketing_only=True)) for _ in range(40)]) == few
    assert Qualification.objects.count() == 43


def a_file(folder: Path, *rows: str) -> Path:
    path = folder / "outcomes.csv"
    path.write_text("\n".join(["Number,Became,Who", *rows]) + "\n")
    return path


def test_a_file_closes_leads_as_it_says_and_gives_back_what_could_not_be(tmp_path):
    won, lost, open_one, promising, closed = (a_lead(external_id=f"n{number}") for number in range(5))
    an_opportunity("Forty lorries", lead=promising)
    Lead.objects.filter(pk=closed.pk).update(status=Status.QUALIFIED)
    rows = ["n0,customer,a", "n1,nothing,b", "n2,?,c", "n3,nothing,d", "n4,nothing,e", "n9,customer,f", "n1,customer,g"]
    errors = tmp_path / "errors.csv"

    done = close_by_file(a_file(tmp_path, *rows, ",customer,h", "n2,maybe,i", "broken"), MAPPING, errors=errors)

    assert (done.rows, done.qualified, done.disqualified, done.ignored, done.errors) == (10, 1, 1, 1, 7)
    won.refresh_from_db()
    lost.refresh_from_db()
    open_one.refresh_from_db()
    assert (won.status, lost.status, str(lost.status_reason), lost.close_reason, open_one.is_open) == (
        Status.QUALIFIED,
        Status.DISQUALIFIED,
        "Lost",
        "By file",
        True,
    )
    refused = [(row["import_line"], row["import_reason"]) for row in csv.DictReader(errors.open())]
    assert [line for line, _ in refused] == ["5", "6", "7", "8", "9", "10", "11"]
    said = " ".join(reason for _, reason in refused)
    for words in ("Forty lorries", "closed", "no lead of this number", "already", "no lead is named", "columns"):
        assert words in said


def test_the_refused_rows_can_be_corrected_and_sent_again(tmp_path):
    lead = a_lead(external_id="n0")
    errors = tmp_path / "errors.csv"
    close_by_file(a_file(tmp_path, "n0,perhaps,a"), MAPPING, errors=errors)
    errors.write_text(errors.read_text().replace("perhaps", "customer", 9).replace("'customer' is", "'perhaps' is"))

    done = close_by_file(errors, MAPPING)

    assert (done.qualified, done.errors) == (1, 0)
    assert Lead.objects.get(pk=lead.pk).status == Status.QUALIFIED


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"lead": "No such"}, "No such"),
        ({"lead": ""}, "lead"),
        ({"disqualified": {"nothing": "No reason"}}, "disqualified.nothing"),
        ({"disqualified": []}, "disqualified"),
        ({"qualified": "customer"}, "qualified"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_by_its_place(tmp_path, change, place):
    with pytest.raises(InvalidMapping) as refused:
        close_by_file(a_file(tmp_path, "n0,customer,a"), MAPPING | change)
    assert refused.value.path == place


def test_the_example_knows_the_outcomes_of_the_education_leads(tmp_path):
    for number in range(4):
        a_lead(external_id=f"{number}")
    path = tmp_path / "education.csv"
    path.write_text("Prospect ID,Lead Number,Converted\np0,0,1\np1,1,0\np2,2,0\np3,3,1\n")

    done = close_by_file(path, json.loads(EXAMPLE.read_text()))

    assert (done.qualified, done.disqualified, done.errors) == (2, 2, 0)
    assert list(Lead.objects.order_by("pk").values_list("status", flat=True)) == [
        "qualified",
        "disqualified",
        "disqualified",
        "qualified",
    ]
