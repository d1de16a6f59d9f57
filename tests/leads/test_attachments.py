"""Files of leads are told by their content, kept under names of ours, saved by who may see the lead, and swept."""

from __future__ import annotations

import os
import time
import zipfile
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from contacts.models import Role, User
from contacts.tasks import forget as forget_records
from leads.attachments import store
from leads.attachments.errors import AttachmentNotYours, AttachmentRefused
from leads.attachments.kinds import fits
from leads.attachments.names import LONGEST, shown_name
from leads.attachments.service import attach, delete_attachment
from leads.errors import LeadIsClosed
from leads.models import Attachment, Lead, LeadEvent
from leads.services.deleting import delete_leads
from leads.tasks import forget
from tests.build import a_closed_lead, a_contact, a_lead, a_user

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
MAIL = b"From: anna@example.com\r\nSubject: Offer\r\n\r\nHello\r\n"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(100)


def zipped(**entries: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, words in entries.items():
            archive.writestr(name.replace("__", "/"), words)
    return out.getvalue()


WORD = zipped(**{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>"})
ODT = zipped(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<o/>"})


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_FOLDER = str(tmp_path / "attachments")
    return tmp_path / "attachments"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def attached(content: bytes = PDF, name: str = "Offer.pdf", *, lead: Lead | None = None) -> Attachment:
    return attach((lead or a_lead()).pk, by=a_user(Role.SALES_MANAGER), file=ContentFile(content), name=name)


def test_a_file_is_uploaded_listed_and_comes_back_as_it_was_to_be_saved_and_never_shown(folder: Path) -> None:
    sam = a_user(Role.SALESPERSON, first_name="Sam")
    lead, client = a_lead(owner=sam), signed_in(sam)

    sent = client.post(f"/leads/{lead.pk}/attachments/", {"file": SimpleUploadedFile("Angebot für Zoë.pdf", PDF)})
    page = client.get(f"/leads/{lead.pk}/attachments/").content.decode()
    file = lead.attachments.get()
    answer = client.get(f"/leads/{lead.pk}/attachments/{file.pk}/")

    assert sent.status_code == 302
    assert "Angebot für Zoë.pdf" in page
    assert "Sam" in page
    assert answer.getvalue() == PDF
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Angebot%20f%C3%BCr%20Zo%C3%AB.pdf"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox;")
    assert (file.size, len(file.digest)) == (len(PDF), 64)
    assert [path.name for path in files(folder)] == [file.key]
    assert LeadEvent.objects.get(lead=lead, kind="attached").detail == file.name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("a.PNG", PNG),
        ("a.jpeg", b"\xff\xd8\xff\xe0" + bytes(20)),
        ("a.docx", WORD),
        ("a.odt", ODT),
        ("a.zip", WORD),
        ("a.doc", OLD),
        ("a.msg", OLD),
        ("a.csv", "Name;Größe\r\nZoë;1\r\n".encode("cp1252")),
        ("a.csv", "Name\tZoë\r\n".encode("utf-16")),
        ("BMW.txt", b"BMW wants ten"),
        ("a.eml", MAIL),
    ],
)
def test_what_is_taken(name: str, content: bytes) -> None:
    assert attached(content, name).kind == name.rpartition(".")[2].lower()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", PROGRAM),
        ("a.pdf", PROGRAM),
        ("a.txt", PROGRAM),
        ("a.png", b"<script>alert(1)</script>"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.docm", WORD),
        ("a.xlsx", WORD),
        ("a.docx", zipped(a="b")),
        ("a.docx", WORD[:40]),
        ("a.odt", WORD),
        ("a.eml", b"Just words"),
        ("invoice\u202efdp.exe", PROGRAM),
        ("a.pdf", b""),
        ("program", PROGRAM),
    ],
)
def test_what_is_refused_leaves_nothing(name: str, content: bytes, folder: Path) -> None:
    with pytest.raises(AttachmentRefused):
        attached(content, name)

    assert files(folder) == []
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_file_damaged_anywhere_is_of_its_kind_or_not_and_never_an_error(packed: int) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    whole = out.getvalue()
    assert fits(BytesIO(whole), "odt")

    told = Counter(
        fits(BytesIO(whole[:place] + bytes([whole[place] ^ flipped]) + whole[place + 1 :]), suffix)
        for place in range(len(whole))
        for flipped in (1, 255)
        for suffix in ("odt", "docx", "zip")
    )

    assert told[True]
    assert told[False]


def test_a_file_without_a_suffix_gets_the_one_of_its_content() -> None:
    assert attached(PDF, "scan").name == "scan.pdf"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\anna\\Offer.pdf", "Offer.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("evil\u202etxt.pdf", "eviltxt.pdf"),
        ("..", "file"),
        ("", "file"),
        ("<b>.pdf", "_b_.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_hostile_names_become_harmless(raw: str, shown: str) -> None:
    assert shown_name(raw) == shown


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_name_is_short_has_no_folder_and_nothing_unseen(raw: str) -> None:
    name = shown_name(raw)

    assert 0 < len(name) <= LONGEST
    assert not set(name) & set('/\\\r\n\x00"\u202e\u2066')
    assert shown_name(name) == name


def test_a_file_too_large_is_refused_with_the_limit_and_not_even_kept_while_it_is_read(
    settings: Settings, folder: Path
) -> None:
    settings.ATTACHMENT_BYTES = settings.LARGEST_UPLOAD_BYTES = 1024 * 1024
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    lead, client = a_lead(), signed_in(a_user(Role.MARKETER))
    big = SimpleUploadedFile("big.txt", b"x" * (3 * 1024 * 1024))

    answer = client.post(f"/leads/{lead.pk}/attachments/", {"file": big})

    assert answer.status_code == 422
    assert "The file is larger than 1 MB" in answer.content.decode()
    assert answer.context["form"].files["file"].size <= 1024 * 1024 + 2 * 64 * 1024
    assert files(folder) == []


def test_only_who_sees_the_lead_gets_its_files_and_only_under_that_lead() -> None:
    anna, ben = a_user(Role.SALES_MANAGER), a_user(Role.SALESPERSON)
    hidden, seen = a_lead(a_contact(marketing_only=True), owner=anna), a_lead(owner=ben)
    file, sam = attached(lead=hidden), signed_in(ben)

    for path in (f"/leads/{hidden.pk}/attachments/{file.pk}/", f"/leads/{seen.pk}/attachments/{file.pk}/"):
        assert sam.get(path).status_code == 404
        assert sam.post(f"{path}delete/").status_code == 404
    assert sam.get(f"/leads/{seen.pk}/attachments/").status_code == 200
    assert signed_in(anna).get(f"/leads/{seen.pk}/attachments/{file.pk}/").status_code == 404
    assert Client().get(f"/leads/{hidden.pk}/attachments/{file.pk}/").status_code == 302


def test_who_only_reads_saves_files_and_adds_none() -> None:
    file, reader = attached(), signed_in(a_user(Role.READER))
    place = f"/leads/{file.lead_id}/attachments/"

    assert reader.get(f"{place}{file.pk}/").status_code == 200
    assert "<form" not in reader.get(place, headers={"HX-Request": "true"}).content.decode()
    assert reader.post(place, {"file": SimpleUploadedFile("b.pdf", PDF)}).status_code == 403
    assert Attachment.objects.count() == 1


def test_a_closed_lead_takes_none(folder: Path) -> None:
    lead, client = a_closed_lead(), signed_in(a_user(Role.MARKETER))
    with pytest.raises(LeadIsClosed):
        attached(lead=lead)

    answer = client.post(f"/leads/{lead.pk}/attachments/", {"file": SimpleUploadedFile("b.pdf", PDF)})

    assert answer.status_code == 422
    assert "This lead is closed" in answer.content.decode()
    assert files(folder) == []


def test_deleting_takes_the_file_and_leaves_a_trace(folder: Path, django_capture_on_commit_callbacks) -> None:
    file = attached()
    sam, mona = a_user(Role.SALESPERSON), a_user(Role.SALES_MANAGER)
    with pytest.raises(AttachmentNotYours):
        delete_attachment(file.pk, by=sam)
    assert len(files(folder)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        signed_in(mona).post(f"/leads/{file.lead_id}/attachments/{file.pk}/delete/")

    assert files(folder) == []
    told = LeadEvent.objects.get(lead=file.lead_id, kind="detached")
    assert (told.detail, told.actor) == ("Offer.pdf", mona)


def test_what_cannot_be_kept_is_said_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("no folder")
    settings.ATTACHMENTS_FOLDER = str(tmp_path / "full")

    with pytest.raises(AttachmentRefused, match="could not keep"):
        attached()


def test_a_file_that_is_lost_is_said_to_be() -> None:
    file = attached()
    store.discard(file.key)

    answer = signed_in(a_user(Role.MARKETER)).get(f"/leads/{file.lead_id}/attachments/{file.pk}/")

    assert answer.status_code == 410
    assert "not where it was kept" in answer.content.decode()


def test_files_of_leads_gone_for_good_and_of_crashes_are_swept_and_no_others(folder: Path) -> None:
    kept, gone, young = attached(), attached(), attached()
    crashed = store.keep([b"no row came"]).key
    Attachment.objects.filter(pk=young.pk).delete()
    (folder / "notes.txt").write_text("of somebody else")
    delete_leads([gone.lead_id], by=None)
    Lead.objects.filter(pk=gone.lead_id).update(deleted_at=timezone.now() - timedelta(days=31))
    for key in (kept.key, gone.key, crashed):
        os.utime(store.path_of(key), (time.time() - 90_000,) * 2)

    forget_records()
    forget()

    assert {path.name for path in files(folder)} == {kept.key, young.key, "notes.txt"}


def test_a_row_that_is_not_written_takes_its_file_along(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **values: object) -> None:
        raise RuntimeError

    lead, user = a_lead(), a_user()
    monkeypatch.setattr(Attachment.objects, "create", broken)

    with pytest.raises(RuntimeError), transaction.atomic():
        attach(lead.pk, by=user, file=ContentFile(PDF), name="a.pdf")

    assert files(folder) == []
