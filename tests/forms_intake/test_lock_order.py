"""Forms and imports take locks in one order, and turns where two speak of one company."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Account
from forms_intake.imports import import_leads
from forms_intake.processing import companies
from tests.build import a_form
from tests.forms_intake.files import HEADER, a_file, a_mapping
from tests.forms_intake.posting import a_submission, processed
from tests.threads import at_once

KEYS, TURNS = "INSERT INTO contacts_matchkey", companies.BESIDE_OTHERS.split("%s")[0]


def order_of(queries: CaptureQueriesContext) -> list[str]:
    """Contact keys and companies' turns, each at its first time."""
    seen = [name for query in queries for name in (KEYS, TURNS) if name in query["sql"]]
    return list(dict.fromkeys(seen))


@pytest.mark.django_db
def test_a_submission_claims_contact_keys_before_it_takes_its_companys_turn() -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    submission = a_submission(form, email="nina@nordwind.example", company="Nordwind")

    with CaptureQueriesContext(connection) as queries:
        processed(submission)

    assert order_of(queries) == [KEYS, TURNS]


@pytest.mark.django_db
def test_an_import_does_the_same(tmp_path: Path) -> None:
    # Of somebody known, so that keys are claimed by a statement: those of new people alone are copied, in its place.
    import_leads(a_file(tmp_path, HEADER, "nina@nordwind.example,Nina,Lind,,,"), a_mapping())
    lines = ("nina@nordwind.example,Nina,Lind,,N-1,", "ada@ostwind.example,Ada,Berg,,,")

    with CaptureQueriesContext(connection) as queries:
        import_leads(a_file(tmp_path, HEADER, *lines), a_mapping())

    assert order_of(queries) == [KEYS, TURNS]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("many", [0, 1000], ids=["all turns at once", "turn by turn"])
def test_two_imports_and_a_form_at_once_make_one_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(companies, "MANY", many)
    form = a_form(fields={"email": "contact.email", "web": "account.domain"})
    for number in range(20):
        a_submission(form, email=f"f{number}@firm{number}.example", web=f"firm{number}.example")
    files = [
        a_file(tmp_path, HEADER, *(f"{who}{n}@firm{n}.example,By,File,,," for n in range(20)), name=f"{who}.csv")
        for who in "ab"
    ]

    results = at_once(processed, *(lambda file=file: import_leads(file, a_mapping()) for file in files))

    assert not [result for result in results if isinstance(result, Exception)]
    assert Account.objects.count() == 20
