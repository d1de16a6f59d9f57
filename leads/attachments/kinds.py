"""Which kinds of files leads take, told by their content: a name only chooses which content it must have."""

from __future__ import annotations

import codecs
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import filetype

HEAD = 8192
"""So many bytes tell what a file is."""
CHUNK = 64 * 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f")) + b"\x7f"
HEADER = re.compile(rb"\A[!-9;-~]+:\s")
SENDER = re.compile(rb"^from:", re.IGNORECASE | re.MULTILINE)
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,  # encrypted, or packed in a way that is not known here
    EOFError,
    OSError,
    ValueError,
)
"""What reading a damaged or hostile zip file raises: such a file is of no kind, and refused as any other like it."""

Check = Callable[[IO[bytes]], bool]


@dataclass(frozen=True)
class Kind:
    """`words` say what it is, `content_type` how it is sent, `fits` whether a file's content is of it."""

    words: str
    content_type: str
    fits: Check


def fits(file: IO[bytes], suffix: str) -> bool:
    """Whether the content is what the suffix, one of KINDS, says. The file is read from its beginning."""
    return KINDS[suffix].fits(file)


def suffix_by_content(file: IO[bytes]) -> str:
    """What a file without a suffix is, of KINDS; "" when its content does not say it clearly."""
    found = _guessed(file)
    return found if found in KINDS and KINDS[found].fits(file) else ""


def _guessed(file: IO[bytes]) -> str:
    file.seek(0)
    found = filetype.guess(file.read(HEAD))
    return found.extension if found is not None else ""


def _like(*suffixes: str) -> Check:
    return lambda file: _guessed(file) in suffixes


def _is_old_office(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(len(OLD_OFFICE)) == OLD_OFFICE


def _zip_with(folder: str) -> Check:
    """A document of Office since 2007: a zip file that says so, with a folder for what it holds."""

    def check(file: IO[bytes]) -> bool:
        names = _names_in_zip(file)
        return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)

    return check


def _open_document(mime: str) -> Check:
    def check(file: IO[bytes]) -> bool:
        if "mimetype" not in _names_in_zip(file):
            return False
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive, archive.open("mimetype") as inner:
                return inner.read(len(mime) + 1).strip() == mime.encode()
        except UNREADABLE:
            return False

    return check


def _names_in_zip(file: IO[bytes]) -> set[str]:
    """The names in a zip file; none when it is not one. Nothing is unpacked."""
    file.seek(0)
    if file.read(4) not in {b"PK\x03\x04", b"PK\x05\x06"}:
        return set()
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            return set(archive.namelist())
    except UNREADABLE:
        return set()


def _is_zip(file: IO[bytes]) -> bool:
    file.seek(0)
    empty = file.read(22)[:4] == b"PK\x05\x06"
    return empty or bool(_names_in_zip(file))


def _is_text(file: IO[bytes]) -> bool:
    """Text holds no control characters but those between words and lines, in whatever encoding."""
    file.seek(0)
    chunk = file.read(CHUNK)
    if chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _is_utf16(file)
    while chunk:
        if len(chunk.translate(None, CONTROLS)) < len(chunk):
            return False
        chunk = file.read(CHUNK)
    return True


def _is_utf16(file: IO[bytes]) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        while chunk := file.read(CHUNK):
            if any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_mail(file: IO[bytes]) -> bool:
    file.seek(0)
    head = file.read(CHUNK)
    return bool(HEADER.match(head) and SENDER.search(head)) and _is_text(file)


OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
PLAIN = "application/octet-stream"
KINDS: dict[str, Kind] = {
    "pdf": Kind("PDF", "application/pdf", _like("pdf")),
    "docx": Kind("Word document", f"{OFFICE}wordprocessingml.document", _zip_with("word/")),
    "xlsx": Kind("Excel workbook", f"{OFFICE}spreadsheetml.sheet", _zip_with("xl/")),
    "pptx": Kind("PowerPoint presentation", f"{OFFICE}presentationml.presentation", _zip_with("ppt/")),
    "doc": Kind("Word document", PLAIN, _is_old_office),
    "xls": Kind("Excel workbook", PLAIN, _is_old_office),
    "ppt": Kind("PowerPoint presentation", PLAIN, _is_old_office),
    "msg": Kind("Outlook mail", PLAIN, _is_old_office),
    "odt": Kind("Text document", f"{OPEN}text", _open_document(f"{OPEN}text")),
    "ods": Kind("Spreadsheet", f"{OPEN}spreadsheet", _open_document(f"{OPEN}spreadsheet")),
    "odp": Kind("Presentation", f"{OPEN}presentation", _open_document(f"{OPEN}presentation")),
    "rtf": Kind("Rich text", PLAIN, _like("rtf")),
    "png": Kind("Image", "image/png", _like("png")),
    "jpg": Kind("Image", "image/jpeg", _like("jpg")),
    "jpeg": Kind("Image", "image/jpeg", _like("jpg")),
    "gif": Kind("Image", "image/gif", _like("gif")),
    "webp": Kind("Image", "image/webp", _like("webp")),
    "tif": Kind("Image", "image/tiff", _like("tif")),
    "tiff": Kind("Image", "image/tiff", _like("tif")),
    "heic": Kind("Image", "image/heic", _like("heic")),
    "txt": Kind("Text", "text/plain", _is_text),
    "csv": Kind("CSV", "text/csv", _is_text),
    "eml": Kind("Mail", PLAIN, _is_mail),
    "ics": Kind("Calendar", PLAIN, _is_text),
    "vcf": Kind("Business card", PLAIN, _is_text),
    "zip": Kind("Zip archive", "application/zip", _is_zip),
}
"""By suffix. Nothing that a browser runs (HTML, SVG, scripts) and no documents that are made to run macros."""
TAKEN = (
    "PDF, Office and OpenDocument files, images, text and CSV, mails, calendar entries, business cards and zip archives"
)
