"""Rows that an import refused come back corrected, and are taken as rows of that import."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Account, Contact, Role
from forms_intake.models import ImportRun, ImportState
from leads.models import Lead
from segments.models import Kind, Subject
from segments.services.lifecycle import delete_segment
from tests.build import a_campaign, a_segment, a_user
from tests.forms_intake.wizard import begun, do, mapped, workbook

pytestmark = pytest.mark.django_db

FAIR = b"Mail,Called,City\nnina@lind.example,Nina,Kiel\nno address,Mo,Ulm\n"
CALLED: dict[str, Any] = {"to-1": "contact.first_name"}


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def imported(client: Client, content: bytes = FAIR, **more: Any) -> ImportRun:
    run = begun(client, content, name="fair.csv")
    assert mapped(client, run, **{"topic": "Trucks", **more}).status_code == 302
    return do(client, run, "run")


def corrected(client: Client, run: ImportRun) -> bytes:
    answer: Any = client.get(reverse("forms_intake:import_errors", args=[run.pk]))
    return b"".join(answer.streaming_content).replace(b"no address", b"mo@rot.example")


@pytest.fixture
def first(marketer: Client) -> ImportRun:
    """An import with everything that can be said of a whole file."""
    a_user(Role.SALESPERSON, "sam"), a_campaign("Autumn")
    fair = a_segment("Fair", kind=Kind.STATIC, subject=Subject.CONTACT)
    return imported(
        marketer, name="Fair of 2026", campaign="Autumn", owner="sam", segment=fair.pk, consent_level="marketing",
        consent_basis="Ticked at the fair", **CALLED,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["not-imported-{}.csv", "not-imported-{} (1).csv", "mended.csv"])
def test_corrected_rows_come_from_the_same_source_with_all_that_held_for_the_first(marketer, first, name):
    run = begun(marketer, corrected(marketer, first), name=name.format(first.pk))
    page = marketer.get(reverse("forms_intake:import_columns", args=[run.pk])).content.decode()
    assert "These are rows that" in page and "fair.csv" in page
    mapped(marketer, run)

    run = do(marketer, run, "run")

    assert (run.leads_created, run.errors, run.marketing_context) == (1, 0, first.marketing_context)
    mo = Contact.objects.get(email="mo@rot.example")
    lead = Lead.objects.get(contact=mo)
    assert (mo.first_name, mo.consent_level, lead.topic) == ("Mo", 4, "Trucks")
    assert (lead.campaign.name, lead.owner.username, lead.marketing_context) == (
        "Autumn",
        "sam",
        first.marketing_context,
    )
    assert list(first.segment.picks.values_list("contact__email", flat=True).order_by("contact__email")) == [
        "mo@rot.example",
        "nina@lind.example",
    ]


def test_a_person_whose_other_row_was_imported_gets_no_second_lead(marketer):
    run = imported(marketer, b"Mail,Staff,Company\nnina@lind.example,7,Lind\nnina@lind.example,many,Lind\n")
    assert (run.leads_created, run.errors) == (1, 1)

    again = begun(marketer, corrected(marketer, run).replace(b",many,", b",9,"), name=f"not-imported-{run.pk}.csv")
    mapped(marketer, again)
    again = do(marketer, again, "run")

    assert (again.leads_created, again.errors, Lead.objects.count()) == (0, 0, 1)


def test_a_name_that_leads_to_an_import_of_other_columns_is_not_believed(marketer, first):
    other = imported(marketer, b"Address,Town\nno address,Kiel\n", **{"to-0": "contact.email", "name": "Other"})
    run = begun(marketer, corrected(marketer, first), name=f"not-imported-{other.pk}.csv")

    assert run.mapping["name"] == "Fair of 2026"


def test_a_file_that_is_no_error_file_takes_no_list_and_no_source_by_its_name(marketer, first):
    run = begun(marketer, b"email\njo@rot.example\n", name=f"not-imported-{first.pk}.csv")

    assert (run.mapping["name"], run.segment) == (f"Not imported {first.pk}", None)
    assert "These are rows that" not in marketer.get(
        reverse("forms_intake:import_columns", args=[run.pk])
    ).content.decode()  # fmt: skip


def test_a_list_that_was_deleted_since_is_not_taken_over(marketer, first):
    delete_segment(first.segment, by=None)

    assert begun(marketer, corrected(marketer, first), name=f"not-imported-{first.pk}.csv").segment is None


FAILED = "the formula of this cell failed ({})"


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"])
def test_a_cell_whose_formula_failed_is_its_rows_refusal_and_no_account(marketer, error):
    rows = [["email", "company", "Remark"], ["nina@lind.example", error, "x"], ["mo@rot.example", "Rot", error]]
    for name, content in (
        ("people.xlsx", workbook(*rows)),
        ("people.csv", "\n".join(",".join(row) for row in rows).encode()),
    ):
        run = begun(marketer, content, name=name)
        mapped(marketer, run, topic="Trucks")
        run = do(marketer, run, "run")
        refused = run.rejects.get()
        assert (refused.line, refused.column, refused.reason) == (2, "company", FAILED.format(error))
    assert list(Contact.objects.values_list("email", "account__name")) == [("mo@rot.example", "Rot")]


@pytest.mark.parametrize(
    "error",
    ["#NV", "#WERT!", "#ÜBERLAUF!", "#VALEUR!", "#NOM?", "#¡REF!", "#¿NOMBRE?", "#RIF!", "#NÚM!", "#N/B", "#SPILL!"],
)
def test_formulas_fail_in_the_language_of_their_spreadsheet(marketer, error):
    run = begun(marketer, f"email;company\nnina@lind.example;{error}\nmo@rot.example;#1 Rot!\n".encode())
    mapped(marketer, run, topic="Trucks")

    run = do(marketer, run, "run")

    assert [(one.line, one.reason) for one in run.rejects.all()] == [(2, FAILED.format(error))]
    assert list(Contact.objects.values_list("account__name", flat=True)) == ["#1 Rot!"]


def test_who_says_that_a_failed_formula_means_no_answer_has_none(marketer):
    run = begun(marketer, b"email,company\nnina@lind.example,#N/A\n")
    mapped(marketer, run, topic="Trucks", empty_values="#N/A")

    run = do(marketer, run, "run")

    assert (run.state, run.errors, run.accounts_created) == (ImportState.DONE, 0, 1)
    assert not Account.objects.filter(name="#N/A").exists()


def test_a_failed_formula_means_no_consent(marketer):
    run = begun(marketer, b"email,May we\nnina@lind.example,#REF!\nmo@rot.example,yes\n")
    mapped(marketer, run, topic="Trucks", consent_level="marketing", consent_basis="Asked", **{"to-1": "consent"})

    run = do(marketer, run, "run")

    assert [one.line for one in run.rejects.all()] == [2]
