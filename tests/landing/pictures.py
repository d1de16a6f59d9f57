"""Files of images, good and bad."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def a_picture(width: int = 40, height: int = 30, format: str = "PNG", mode: str = "RGB", **more: object) -> bytes:
    into = io.BytesIO()
    Image.new(mode, (width, height), "#2f4bd6" if mode != "P" else 3).save(into, format, **more)
    return into.getvalue()


def an_upload(content: bytes | None = None, name: str = "fleet.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_picture() if content is None else content, content_type="image/png")
