"""Files as they come: broken, huge, hostile. Each is refused clearly as a whole, or row by row with the reason."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Role
from forms_intake.imports import sheets
from forms_intake.models import ImportRun
from tests.build import a_user
from tests.forms_intake.wizard import begun, do, mapped, send, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def refused(client: Client, content: bytes, name: str = "people.csv") -> str:
    answer = send(client, content, name=name)
    assert answer.status_code == 422
    assert not ImportRun.objects.exists()
    return str(answer.context["form"].errors["file"][0])


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"email\n", "no rows"),
        (b"email,email\na@b.example,c@d.example\n", "names email twice"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old Excel"),
        (b"\x00\x01\x02\x03" * 50, "no text"),
        (b"PK\x03\x04 broken", "not a whole Excel workbook"),
        (",".join(f"c{number}" for number in range(501)).encode() + b"\n1\n", "501 columns"),
    ],
)
def test_files_that_cannot_be_read_are_refused_clearly(marketer, content, words):
    assert words in refused(marketer, content)


def test_zip_bombs_and_entities_are_refused_before_they_are_read(marketer, monkeypatch):
    book = {"xl/workbook.xml": b"<workbook/>", "[Content_Types].xml": b"<Types/>"}

    assert "unpacks to more" in refused(marketer, zipped({**book, "xl/worksheets/sheet1.xml": b"0" * 40_000_000}))
    assert "what no workbook needs" in refused(
        marketer, zipped({**book, "xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><sst/>'})
    )
    monkeypatch.setattr(sheets, "MOST_BYTES", 10)
    assert "save it as CSV" in refused(marketer, workbook(["email"], ["a@b.example"]), "people.xlsx")


def test_a_file_that_is_too_large_is_refused(marketer, settings):
    settings.IMPORT_BYTES = 1000

    assert "larger than" in refused(marketer, b"email\n" + b"a@b.example\n" * 200)


def test_three_hundred_columns_a_byte_order_mark_and_ragged_rows(marketer):
    header = ["email", *(f"c{number}" for number in range(299))]
    lines = [header, ["a@b.example"] + ["x"] * 299, ["b@b.example"], ["", *["x"] * 299]]
    run = begun(marketer, b"\xef\xbb\xbf" + "\n".join(",".join(line) for line in lines).encode())
    assert mapped(marketer, run, topic="Trucks").status_code == 302

    run = do(marketer, run, "run")

    assert (run.rows, run.leads_created, run.errors) == (3, 1, 2)
    reasons = list(run.rejects.order_by("line").values_list("line", "reason"))
    assert reasons[0] == (3, "1 columns, but the header has 300")
    assert "nothing says who this is" in reasons[1][1]  # and never the e-mail of the row above


def test_utf_16_is_read_and_a_wrong_encoding_can_be_changed(marketer):
    run = begun(marketer, "email\tfirst name\na@b.example\tJörg\n".encode("utf-16"))
    assert (run.mapping["file"], run.sample[0]["cells"]) == (
        {"encoding": "utf-16", "delimiter": "\t"},
        ["a@b.example", "Jörg"],
    )

    run = begun(marketer, "email,first name,city\na@b.example,J€rg,x\n".encode("iso-8859-15"))
    mapped(marketer, run, encoding="iso-8859-15")
    run.refresh_from_db()
    assert run.sample[0]["cells"][1] == "J€rg"


def test_formulas_are_defused_in_the_file_of_refused_rows_and_come_back_as_they_were(marketer):
    run = begun(marketer, b"email,first name\nno address,=HYPERLINK(1)\n")
    mapped(marketer, run, topic="Trucks")
    do(marketer, run, "run")

    content = b"".join(marketer.get(reverse("forms_intake:import_errors", args=[run.pk])).streaming_content)
    assert b",'=HYPERLINK(1)" in content

    again = begun(marketer, content.replace(b"no address", b"a@b.example"))
    mapped(marketer, again, topic="Trucks")
    again = do(marketer, again, "run")
    assert again.leads_created == 1


def test_hostile_words_in_names_and_cells_are_only_words(marketer):
    hostile = "<script>alert(1)</script>"
    run = begun(marketer, f"email,{hostile}\na@b.example,{hostile}\n".encode(), name=f"{hostile}.csv")

    page = marketer.get(reverse("forms_intake:import_columns", args=[run.pk])).content.decode()
    page += marketer.get(reverse("forms_intake:import", args=[run.pk])).content.decode()
    page += marketer.get(reverse("forms_intake:imports")).content.decode()
    assert hostile not in page
    assert "&lt;script&gt;" in page
