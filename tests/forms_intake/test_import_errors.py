"""Whatever is in a file, good rows are imported and bad ones come back with line, column and reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError
from django.utils import timezone

from contacts.models import Account, Contact, Interaction, MatchKey
from contacts.services.contacts import create_contact, delete_contacts
from forms_intake.imports import UnreadableFile, ahead, import_leads, storing
from forms_intake.imports.rejects import Reject, unused
from forms_intake.models import ImportRun
from leadcrm.lib.cells import guarded, unguarded
from leads.models import Lead
from tests.forms_intake.files import HEADER, a_file, a_mapping, error_rows

pytestmark = pytest.mark.django_db

GOOD = "good@b.example,Good,,,,"


def test_bad_rows_are_told_with_line_column_and_reason_and_good_ones_imported(tmp_path):
    file = a_file(
        tmp_path,
        HEADER,
        "no address,Anna,,,,",
        GOOD,
        f"long@b.example,{'x' * 101},,,,",
        ",Nameless,,,,",
        "short@b.example,Short",
    )
    errors = tmp_path / "errors.csv"

    done = import_leads(file, a_mapping(), errors=errors)

    told = [(row["import_line"], row["import_column"], row["import_reason"]) for row in error_rows(errors)]
    assert told == [
        ("2", "Email", "this is no e-mail address"),
        ("4", "First", "101 characters; 100 is the most"),
        ("5", "", "nothing says who this is; it needs e-mail address or id"),
        ("6", "", "2 columns, but the header has 6"),
    ]
    assert error_rows(errors)[0]["First"] == "Anna"
    assert (done.rows, done.errors, done.leads_created) == (5, 4, 1)
    assert Contact.objects.get().email == "good@b.example"


def test_lines_are_counted_through_cells_of_several_lines(tmp_path):
    file = a_file(tmp_path, HEADER, '"good@b.example","Two', 'lines",,,,', "bad,,,,,")

    import_leads(file, a_mapping(), errors=tmp_path / "errors.csv")

    assert [row["import_line"] for row in error_rows(tmp_path / "errors.csv")] == ["4"]
    assert Contact.objects.get().first_name == "Two lines"


def test_bytes_that_are_no_text_and_nul_are_refused_row_by_row(tmp_path):
    file = tmp_path / "leads.csv"
    file.write_bytes(
        HEADER.encode() + b"\nbad@b.example,Bj\xf6rn,,,,\nnul@b.example,a\0b,,,,\n" + GOOD.encode() + b"\n"
    )

    import_leads(file, a_mapping(), errors=tmp_path / "errors.csv")

    rows = error_rows(tmp_path / "errors.csv")
    assert [row["import_reason"] for row in rows] == [
        "it holds bytes that are not text in this encoding",
        "it holds a NUL character",
    ]
    assert [row["First"] for row in rows] == ["Bj\\xf6rn", "a\\x00b"]
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("lines", [10, 2000])
def test_a_quote_that_never_ends_costs_one_row(tmp_path, lines):
    filling = [f"p{n}@b.example,{'x' * 90},,,," for n in range(lines)]
    file = a_file(tmp_path, HEADER, 'open@b.example,"Never,,,,', *filling, GOOD)

    done = import_leads(file, a_mapping(), errors=tmp_path / "errors.csv")

    [row] = error_rows(tmp_path / "errors.csv")
    assert "not readable as CSV" in row["import_reason"]
    assert (row["import_line"], row["Email"]) == ("2", 'open@b.example,"Never,,,,')
    assert (done.rows, done.leads_created) == (lines + 2, lines + 1)


def test_a_line_without_end_is_one_error(tmp_path, monkeypatch):
    monkeypatch.setattr("forms_intake.imports.reading.LONGEST_LINE", 200)
    file = a_file(tmp_path, HEADER, f"long@b.example,{'x' * 900},,,,", GOOD)

    import_leads(file, a_mapping(), errors=tmp_path / "errors.csv")

    [row] = error_rows(tmp_path / "errors.csv")
    assert "longer than 200 characters" in row["import_reason"]
    assert Contact.objects.get().email == "good@b.example"


def test_an_error_file_corrected_and_sent_again_finishes_the_import(tmp_path):
    errors, again = tmp_path / "errors.csv", tmp_path / "again.csv"
    file = a_file(tmp_path, HEADER, GOOD, "bad,Berta,'=quoted,+49 30 1234567,=1+1,-dash")
    import_leads(file, a_mapping(), errors=errors)

    again.write_text(errors.read_text().replace("bad,", "berta@c.example,"))
    done = import_leads(again, a_mapping(), errors=unused(errors))

    assert (done.leads_created, done.errors) == (1, 0)
    berta = Contact.objects.select_related("account").get(email="berta@c.example")
    assert (berta.last_name, berta.phone, berta.external_id) == ("'=quoted", "+49 30 1234567", "=1+1")
    assert Account.objects.filter(name="-dash").exists()


@pytest.mark.parametrize(
    "as_saved", [lambda text: text, lambda text: "\ufeff" + text.replace("import_line", '"import_line"')]
)
def test_names_in_another_encoding_survive_the_error_file(tmp_path, as_saved):
    mapping, errors = a_mapping(file={"encoding": "cp1252", "delimiter": ";"}), tmp_path / "errors.csv"
    mapping["contact"]["fields"]["last_name"] = "Größe"
    file = tmp_path / "leads.csv"
    file.write_text("Email;First;Größe;Phone;Id;Company\nbad;Jörg;Müller;;;Æsir\n", encoding="cp1252")
    import_leads(file, mapping, errors=errors)

    again = tmp_path / "again.csv"
    again.write_text(as_saved(errors.read_text(encoding="utf-8")).replace("bad;", "joerg@b.example;"), encoding="utf-8")
    done = import_leads(again, mapping, errors=unused(errors))

    assert (done.leads_created, done.errors) == (1, 0)
    assert Contact.objects.values_list("first_name", "last_name", "account__name").get() == ("Jörg", "Müller", "Æsir")


def test_the_error_file_holds_no_formulas(tmp_path):
    hostile = [
        '=HYPERLINK("http://x")',
        "+1",
        "-1",
        "@SUM(A1)",
        "'=1",
        "''@x",
        "  =1",
        "\u00a0+1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "' \uff201",
    ]
    lines = ['bad,"{}",,,,'.format(cell.replace('"', '""')) for cell in hostile]

    import_leads(a_file(tmp_path, HEADER, *lines), a_mapping(), errors=tmp_path / "errors.csv")

    cells = [cell for row in error_rows(tmp_path / "errors.csv") for cell in row.values()]
    assert not [cell for cell in cells if cell.strip()[:1] in set("=+-@\uff1d\uff0b\uff0d\uff20")]
    assert [row["First"] for row in error_rows(tmp_path / "errors.csv")] == [f"'{cell}" for cell in hostile]
    assert [unguarded(guarded(cell)) for cell in hostile] == hostile


@pytest.mark.parametrize("cell", ["\t=1", "\rx", "\nx", " \t@x", "=1"])
def test_a_formula_behind_blanks_is_guarded(cell):
    assert guarded(cell).startswith("'")
    assert unguarded(guarded(cell)) == cell


def test_a_column_named_like_a_formula_keeps_its_name_through_the_error_file(tmp_path):
    mapping = a_mapping()
    mapping["contact"]["fields"]["first_name"] = "=First"
    errors = tmp_path / "errors.csv"
    import_leads(a_file(tmp_path, HEADER.replace("First", "=First"), "bad,Anna,,,,"), mapping, errors=errors)
    assert "'=First" in errors.read_text()

    errors.write_text(errors.read_text().replace("bad,", "anna@b.example,"))
    done = import_leads(errors, mapping, errors=unused(errors))

    assert (done.errors, Contact.objects.get().first_name) == (0, "Anna")


def test_an_error_file_never_takes_the_place_of_another_file(tmp_path):
    file, errors = a_file(tmp_path, HEADER, "bad,,,,,"), tmp_path / "errors.csv"
    errors.write_text("being corrected")

    for taken in (file, errors, tmp_path / "nowhere" / "errors.csv"):
        with pytest.raises(UnreadableFile, match="refused rows cannot be written there"):
            import_leads(file, a_mapping(), errors=taken)
    import_leads(file, a_mapping(), errors=unused(errors))

    assert errors.read_text() == "being corrected"
    assert len(error_rows(tmp_path / "errors.2.csv")) == 1
    assert file.read_text().startswith(HEADER)
    assert ImportRun.objects.count() == 1


def test_no_errors_leave_no_error_file(tmp_path):
    import_leads(a_file(tmp_path, HEADER, GOOD), a_mapping(), errors=tmp_path / "errors.csv")

    assert not (tmp_path / "errors.csv").exists()


def test_keys_of_two_different_people_in_one_row_are_an_error_and_change_nobody(tmp_path):
    create_contact(email="nina@b.example"), create_contact(external_id="X-1")

    done = import_leads(
        a_file(tmp_path, HEADER, "nina@b.example,Nina,,,X-1,"), a_mapping(), errors=tmp_path / "errors.csv"
    )

    assert error_rows(tmp_path / "errors.csv")[0]["import_reason"] == "its keys belong to different contacts"
    assert (done.leads_created, done.errors) == (0, 1)
    assert not Contact.objects.filter(first_name="Nina").exists()


def test_an_e_mail_address_with_another_external_id_is_an_error(tmp_path):
    lines = ["nina@b.example,Nina,,,X-1,", "nina@b.example,Nils,,,X-2,"]

    for _ in range(2):
        errors = unused(tmp_path / "errors.csv")
        done = import_leads(a_file(tmp_path, HEADER, *lines), a_mapping(), errors=errors)
        assert error_rows(errors)[0]["import_line"] == "3"
        assert done.errors == 1

    assert Contact.objects.get().first_name == "Nina"


def numbered(**more: Any) -> dict[str, Any]:
    """A mapping that takes the number of a lead from the last column."""
    lead = {"topic": "T", "fields": {"external_id": "Company"}}
    return a_mapping(lead=lead, account={"from_email": False}, **more)


@pytest.mark.parametrize("files", [1, 2])
def test_a_lead_number_of_another_contact_is_an_error_and_its_row_changes_nothing(tmp_path, files):
    mapping = numbered(interactions=[{"column": "First", "types": {"Called": "call"}}])
    lines = ["a@b.example,Called,,,,L-1", "c@b.example,Called,,,,L-1"]
    for part in [lines[:1], lines[1:]] if files == 2 else [lines]:
        done = import_leads(a_file(tmp_path, HEADER, *part), mapping, errors=tmp_path / "errors.csv")

    assert done.errors == 1
    assert error_rows(tmp_path / "errors.csv")[0]["import_reason"] == "lead L-1 belongs to another contact"
    assert Contact.objects.get().email == "a@b.example"
    assert Interaction.objects.get().contact == Lead.objects.get().contact == Contact.objects.get()
    assert MatchKey.objects.get().value == "a@b.example"


def test_a_lead_number_of_a_deleted_contact_is_an_error_that_says_so(tmp_path):
    file = a_file(tmp_path, HEADER, "a@b.example,,,,,L-1")
    import_leads(file, numbered())
    delete_contacts([Contact.objects.get().pk], by=None)

    import_leads(file, numbered(), errors=tmp_path / "errors.csv")

    assert "was deleted and can be restored" in error_rows(tmp_path / "errors.csv")[0]["import_reason"]
    assert not Contact.objects.alive().exists()


@pytest.mark.parametrize("error", [IntegrityError, DataError])
def test_a_row_that_the_database_refuses_costs_itself_only(tmp_path, monkeypatch, error):
    def store(people, *rest):
        if any(person.values.get("first_name") == "Poison" for person in people):
            raise error("value out of bounds\nDETAIL: none")
        return original(people, *rest)

    original = storing.store
    monkeypatch.setattr(storing, "store", store)
    monkeypatch.setattr("forms_intake.imports.writing.time.sleep", lambda _: None)
    lines = [f"p{n}@b.example,{'Poison' if n == 5 else 'Fine'},,,," for n in range(9)]

    done = import_leads(a_file(tmp_path, HEADER, *lines), a_mapping(), errors=tmp_path / "errors.csv")

    assert (done.errors, done.leads_created) == (1, 8)
    [row] = error_rows(tmp_path / "errors.csv")
    assert row["import_reason"] == "the database does not take it: value out of bounds"
    assert row["import_line"] == "7"


def test_long_cells_end_a_chunk_sooner(tmp_path, monkeypatch):
    monkeypatch.setattr(ahead, "CHUNK_CHARACTERS", 1000)
    rows = [Reject(line, "", "", ["x" * 400]) for line in range(9)]

    sizes = [len(chunk) for chunk in ahead.ahead(iter(rows))]

    assert sizes == [3, 3, 3]


def test_keys_that_a_deleted_contact_kept_are_free(tmp_path):
    file = a_file(tmp_path, HEADER, "a@b.example,Anna,,,,")
    import_leads(file, a_mapping())
    Contact.objects.update(deleted_at=timezone.now())

    done = import_leads(file, a_mapping())

    assert (done.contacts_created, done.leads_created, done.errors) == (1, 1, 0)
    assert MatchKey.objects.get(kind="email").contact == Contact.objects.alive().get()


def test_a_lead_that_kept_its_keys_when_it_went_is_not_filled(tmp_path):
    file = a_file(tmp_path, HEADER, "a@b.example,Anna,,,,")
    import_leads(file, a_mapping())
    Lead.objects.update(deleted_at=timezone.now())

    done = import_leads(file, a_mapping())

    assert (done.leads_created, done.contacts_matched) == (1, 1)


@pytest.mark.parametrize(
    ("content", "problem"), [(b"", "empty"), (b"A,A\n1,2\n", "twice"), (b"\xff\xfe,b\n", "header")]
)
def test_a_file_without_a_usable_header_is_refused(tmp_path, content, problem):
    path = tmp_path / "leads.csv"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=problem):
        import_leads(path, a_mapping())


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableFile):
        import_leads(tmp_path / "nothing.csv", a_mapping())


def test_a_row_that_the_database_refuses_while_it_is_copied_costs_itself_only(tmp_path, monkeypatch):
    def copy(new, job):
        for person in new:
            person.consent = 99_999 if person.values["first_name"] == "Poison" else 0
        original(new, job)

    original = storing._copy
    monkeypatch.setattr(storing, "_copy", copy)
    file = a_file(tmp_path, HEADER, "a@x.example,Ada,,,,", "b@x.example,Poison,,,,", "c@x.example,Cy,,,,")

    run = import_leads(file, a_mapping(), errors=tmp_path / "errors.csv")

    assert (run.leads_created, run.errors) == (2, 1)
    [row] = error_rows(tmp_path / "errors.csv")
    assert row["Email"] == "b@x.example"
    assert row["import_reason"].startswith('the database does not take it: value "99999" is out of range')
