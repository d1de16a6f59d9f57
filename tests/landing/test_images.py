"""Pictures for pages: told by their content, written anew, bounded, and served so that nothing in them runs."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.test import Client
from PIL import Image

from contacts.models import Role
from forms_intake.errors import ImageRefused
from forms_intake.landing.images import MOST_BYTES, take_image, write_anew
from forms_intake.models import PageImage
from tests.build import a_user
from tests.landing.pictures import a_picture, an_upload

pytestmark = pytest.mark.django_db


def a_huge_png() -> bytes:
    """A file of few bytes that says it is 30,000 by 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\nno",
        a_picture()[:60],
        b"BM" + b"\0" * 200,
        a_huge_png(),
    ],
    ids=["empty", "svg", "html", "pdf", "damaged", "cut", "bmp", "bomb"],
)
def test_what_is_no_picture_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(ImageRefused):
        take_image(file=an_upload(content), name="fleet.png", alt="", by=a_user(Role.MARKETER))
    assert not PageImage.objects.exists()


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    file = an_upload(a_picture())
    file.size = MOST_BYTES + 1

    with pytest.raises(ImageRefused, match="larger than 8 MB"):
        write_anew(file)


def test_nothing_but_the_picture_is_kept_and_it_is_no_wider_than_pages_are() -> None:
    with_words = a_picture(2000, 1000, "JPEG", exif=_exif("here is where it was taken")) + b"<script>alert(1)</script>"

    made = write_anew(io.BytesIO(with_words))

    for content in (made.large, made.small, made.social):
        assert b"script" not in content
        assert b"taken" not in content
    assert (made.width, made.height, made.small_width) == (1600, 800, 640)
    assert Image.open(io.BytesIO(made.social)).size == (1200, 630)


@pytest.mark.parametrize(
    ("format", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("GIF", "P"), ("WEBP", "RGBA"), ("JPEG", "CMYK")]
)
def test_every_way_of_writing_pictures_is_read(format: str, mode: str) -> None:
    made = write_anew(io.BytesIO(a_picture(50, 40, format, mode)))

    assert (made.width, made.height) == (50, 40)


def test_a_picture_is_served_for_ever_and_as_nothing_else(client: Client) -> None:
    image = take_image(file=an_upload(), name="../../fleet.png", alt="A lorry", by=a_user(Role.MARKETER))

    answer = client.get(f"/p/images/{image.key}-large.webp")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert not answer.cookies
    assert image.name == "fleet.png"
    for name in (f"{image.key}-large.jpg", f"{image.key}-huge.webp", f"{'0' * 32}-large.webp", "..", "x"):
        assert client.get(f"/p/images/{name}").status_code == 404


def _exif(words: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = words
    return exif.tobytes()
