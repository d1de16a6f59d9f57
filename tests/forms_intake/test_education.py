"""The example of docs/examples: leads of an education company, imported and scored. Invented rows of the real shape."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.db.models import F

from contacts.models import Contact
from forms_intake.imports import import_leads
from leads.models import Lead
from scoring.exchange import load_model
from scoring.lifecycle import go_live
from scoring.models import LeadScore
from scoring.queue import score_changes
from scoring.runs import advance_run
from scoring.verify import verify

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
REAL = ROOT.parent / "shared" / "data" / "education-leads.csv"
ROWS = 6468

COLUMNS = (
    "Prospect ID,Lead Number,Lead Origin,Lead Source,Do Not Email,Converted,TotalVisits,Total Time Spent on Website,"
    "Page Views Per Visit,Last Activity,Country,Specialization,What is your current occupation,Tags,City,"
    "Last Notable Activity"
)
INVENTED = """
p-01,900001,API,Google,No,1,6,1210,3,SMS Sent,India,Finance Management,Working Professional,x,Mumbai,SMS Sent
p-02,900002,Landing Page Submission,Direct Traffic,No,0,2,40,2,Email Opened,India,Select,Unemployed,,Select,Modified
p-03,900003,API,Olark Chat,No,0,0,0,0,Olark Chat Conversation,,,,,,Modified
p-04,900004,Lead Add Form,Reference,No,1,0,0,0,SMS Sent,,Select,Working Professional,,,SMS Sent
p-05,900005,API,Organic Search,Yes,0,3,612,1.5,Email Bounced,India,,Unemployed,,,Email Bounced
p-06,900006,Landing Page Submission,Google,No,1,12,1604,4,Email Opened,Qatar,E-Business,Unemployed,,Pune,Email Opened
p-07,900007,API,Google,No,0,,84,,Page Visited on Website,,,Student,,,Modified
p-08,900008,Lead Import,Facebook,No,0,0,0,0,Email Opened,,,,,,Email Opened
p-09,900009,Lead Add Form,,No,1,,0,,,,Select,Housewife,,,Modified
p-10,900010,Quick Add Form,Blog,No,1,1,300,1,Had a Phone Conversation,India,E-Business,Businessman,,Thane,SMS Sent
p-11,900011,API,Google,No,0,4,480,4,Unreachable,India,Travel and Tourism,Other,,,Modified
p-12,900012,API,bing,No,0,1,12,1,Converted to Lead,,,,,,Modified
"""


def an_education_file(folder: Path, rows: int) -> Path:
    """The invented leads, repeated under new numbers until there are `rows`."""
    samples = [line.split(",", 2) for line in INVENTED.strip().splitlines()]
    path = folder / "education.csv"
    lines = (f"p-{number},{number},{samples[number % len(samples)][2]}" for number in range(rows))
    path.write_text("\n".join([COLUMNS, *lines]) + "\n")
    return path


def score_everything() -> None:
    while advance_run() or score_changes() or score_changes(bulk=True):
        pass


@pytest.mark.django_db
def test_invented_leads_are_imported_and_scored_by_what_they_did(tmp_path):
    file = tmp_path / "education.csv"
    file.write_text(COLUMNS + INVENTED)

    run = import_leads(file, EXAMPLES / "education-leads.mapping.json", errors=tmp_path / "errors.csv")
    go_live(load_model(json.loads((EXAMPLES / "education-model.json").read_text())))
    score_everything()

    assert (run.leads_created, run.errors) == (12, 0)
    scores = dict(Lead.objects.values_list("external_id", "score"))
    assert scores["900001"] == 35 + 40 + 18 + 20 + 3
    assert scores["900003"] == -20
    assert scores["900005"] == 22 + 18 - 15 - 15
    assert scores["900009"] == 18 + 45
    ready = set(Lead.objects.filter(sales_ready=True).values_list("external_id", flat=True))
    assert ready == {"900001", "900004", "900006", "900009", "900010"}
    assert str(Contact.objects.get(external_id="p-03")) == "p-03"
    assert not Lead.objects.filter(custom__has_key="tags").exists()


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_all_leads_of_the_file_are_imported_and_every_score_is_the_sum_of_its_explanation(tmp_path):
    file = REAL if REAL.exists() else an_education_file(tmp_path, ROWS)
    with file.open(encoding="utf-8", newline="") as opened:
        assert sum(1 for _ in csv.DictReader(opened)) == ROWS

    run = import_leads(file, EXAMPLES / "education-leads.mapping.json", errors=tmp_path / "errors.csv")
    go_live(load_model(json.loads((EXAMPLES / "education-model.json").read_text())))
    score_everything()
    again = import_leads(file, EXAMPLES / "education-leads.mapping.json")

    assert (run.leads_created, run.contacts_created, run.errors) == (ROWS, ROWS, 0)
    assert (again.leads_created, again.leads_updated, again.contacts_matched) == (0, 0, ROWS)
    assert Lead.objects.filter(score__isnull=False).count() == ROWS
    assert all(sum(points) == score for points, score in LeadScore.objects.values_list("points", "score"))
    assert not LeadScore.objects.exclude(lead__score=F("score")).exists()
    assert 500 < Lead.objects.filter(sales_ready=True).count() < ROWS
    assert list(verify()) == []
