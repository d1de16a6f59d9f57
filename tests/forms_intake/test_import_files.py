"""Files as they come: broken, huge, hostile. Each is refused clearly as a whole, or row by row with the reason."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Role
from forms_intake.imports import keeping, sheets
from forms_intake.models import ImportRun
from leads.attachments import store
from tests.build import a_user
from tests.forms_intake.wizard import begun, do, mapped, send, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def refused(client: Client, content: bytes, name: str = "people.csv") -> str:
    words = refused_now(client, content, name)
    assert not ImportRun.objects.exists()
    return words


def refused_now(client: Client, content: bytes, name: str = "people.xlsx") -> str:
    answer = send(client, content, name=name)
    assert answer.status_code == 422
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


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKSHEET = f'<worksheet xmlns="{MAIN}"><sheetData>{{}}</sheetData></worksheet>'
TEXT = '<row r="{}"><c r="A{}" t="inlineStr"><is><t>{}</t></is></c></row>'
SHEET = "xl/worksheets/sheet1.xml"


def rewritten(changes: dict[str, bytes]) -> bytes:
    """A workbook as Excel writes it, with some of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(workbook(["email"], ["a@b.example"]))) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()} | changes)


def rows(*texts: str, last: int = 0) -> bytes:
    numbers = [*range(1, len(texts)), last or len(texts)]
    return WORKSHEET.format("".join(map(TEXT.format, numbers, numbers, texts))).encode()


def test_a_row_of_any_number_is_not_waited_for(marketer):
    content = rewritten({SHEET: rows("email", "a@b.example", "b@b.example", last=10**15)})
    run = begun(marketer, content, name="people.xlsx")
    mapped(marketer, run, topic="Trucks")
    run = do(marketer, run, "run")

    assert (run.leads_created, run.errors) == (1, 1)
    assert run.rejects.get().reason == "a sheet ends at row 1,048,576; nothing below it is read"


def test_a_row_without_an_end_is_read_so_far_and_no_further(marketer, monkeypatch):
    monkeypatch.setattr(sheets, "LARGEST_ROW", 200_000)
    told = "this row has more than 0 MB; nothing from here on is read"
    endless = "x" * 300_000
    for last in (endless, f"<![CDATA[{'<row r=' * 50_000}]]>", f"a@b.example<!-- {endless} -->"):
        run = begun(marketer, rewritten({SHEET: rows("email", "a@b.example", last)}), name="people.xlsx")
        mapped(marketer, run, topic="Trucks")
        run = do(marketer, run, "run")
        assert [one.reason for one in run.rejects.all()] == [told]

    assert "its first row has more" in refused_now(marketer, rewritten({SHEET: rows(endless, "a@b.example")}))
    many = begun(marketer, rewritten({SHEET: rows("email", *(f"g{n}@b.example" for n in range(5_000)))}), name="m.xlsx")
    mapped(marketer, many, topic="Trucks")
    assert do(marketer, many, "run").leads_created == 5_000


def test_texts_that_are_called_a_sheet_are_not_read_whole(marketer, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_HELD", 100_000)
    texts, types = "xl/worksheets/texts.xml", "[Content_Types].xml"
    shared = b"<sst>" + b"".join(b"<si><t>%d</t></si>" % number for number in range(20_000)) + b"</sst>"
    named = zipfile.ZipFile(io.BytesIO(workbook(["email"], ["a@b.example"]))).read(types).decode()

    assert "unpacks to more" in refused(
        marketer,
        rewritten({texts: shared, types: named.replace("xl/sharedStrings.xml", texts).encode()}),
        "people.xlsx",
    )
    begun(marketer, rewritten({SHEET: rows("email", *map(str, range(20_000)))}), name="people.xlsx")


def test_a_workbook_that_was_damaged_on_its_way_is_refused(marketer):
    whole = workbook(["email"], *([f"guest{number}@b.example"] for number in range(200)))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        place = archive.getinfo(SHEET).header_offset + 30 + len(SHEET) + 20
    damaged = whole[:place] + bytes(255 - one for one in whole[place : place + 60]) + whole[place + 60 :]

    assert "not a whole Excel workbook" in refused(marketer, damaged)


def test_entities_are_refused_in_whatever_encoding(marketer):
    words = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]>' + rows("email", "&b;").decode()

    assert "cannot be read" in refused(marketer, rewritten({SHEET: words.encode("utf-16")}), "people.xlsx")


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


def test_who_takes_a_file_for_utf_16_that_is_not_is_told_so(marketer):
    run = begun(marketer, b"email,city\na@b.example,Kiel\n")

    answer = mapped(marketer, run, encoding="utf-16")

    assert (answer.status_code, "not written in utf-16" in answer.content.decode()) == (422, True)


def test_formulas_are_defused_in_the_file_of_refused_rows_and_come_back_as_they_were(marketer):
    run = begun(marketer, b"email,first name,=1+1\nno address,=HYPERLINK(1),x\n")
    mapped(marketer, run, topic="Trucks")
    do(marketer, run, "run")

    content = b"".join(marketer.get(reverse("forms_intake:import_errors", args=[run.pk])).streaming_content)
    assert b",'=HYPERLINK(1)" in content
    assert b"email,first name,'=1+1\r\n" in content

    again = begun(marketer, content.replace(b"no address", b"a@b.example"))
    mapped(marketer, again, topic="Trucks")
    again = do(marketer, again, "run")
    assert again.leads_created == 1


@pytest.mark.parametrize("key", ["../secret-key", "/etc/passwd", "..", "", f"{'a' * 32}/../x", f"{'a' * 32}\n"])
def test_only_names_of_ours_lead_to_a_file(key):
    with pytest.raises(ValueError, match="names no file of ours"):
        keeping.path_of(key)
    with pytest.raises(ValueError, match="names no file of ours"):
        store.path_of(key)


def test_hostile_words_in_names_and_cells_are_only_words(marketer):
    hostile = "<script>alert(1)</script>"
    run = begun(marketer, f"email,{hostile}\na@b.example,{hostile}\n".encode(), name=f"{hostile}.csv")

    page = marketer.get(reverse("forms_intake:import_columns", args=[run.pk])).content.decode()
    page += marketer.get(reverse("forms_intake:import", args=[run.pk])).content.decode()
    page += marketer.get(reverse("forms_intake:imports")).content.decode()
    assert hostile not in page
    assert "&lt;script&gt;" in page
