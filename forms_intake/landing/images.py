"""Taking pictures for pages: what is in a file decides, and what is kept is written anew.

So nothing that was in the file beside the picture (places, scripts, a second file at its end) is ever served.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO

from django.core.files import File
from PIL import Image, ImageOps, UnidentifiedImageError

from contacts.models import User
from forms_intake.errors import ImageRefused
from forms_intake.models import PageImage

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
TAKEN = "JPEG, PNG, WebP or GIF"
LARGE, SMALL = 1600, 640
SOCIAL = (1200, 630)
TYPES = {"large": "image/webp", "small": "image/webp", "social": "image/jpeg"}
SUFFIXES = {"large": "webp", "small": "webp", "social": "jpg"}
MOST_IMAGES = 1_000


@dataclass(frozen=True)
class Written:
    """A picture in our own files, with its size in pixels."""

    large: bytes
    small: bytes
    social: bytes
    width: int
    height: int
    small_width: int


def take_image(*, file: File, name: str, alt: str, by: User) -> PageImage:
    """Keep a picture. Raises ImageRefused."""
    if PageImage.objects.count() >= MOST_IMAGES:
        raise ImageRefused(f"There are {MOST_IMAGES:,} images already; use one of them, or delete one.")
    made = write_anew(file)
    return PageImage.objects.create(
        name=(name.replace("\\", "/").rsplit("/", 1)[-1].strip() or "Image")[:150],
        alt=alt[:300],
        width=made.width,
        height=made.height,
        size=len(made.large),
        small_width=made.small_width,
        large=made.large,
        small=made.small,
        social=made.social,
        added_by=by,
    )


def write_anew(file: File | IO[bytes]) -> Written:
    """The three files that pages show of a picture. Raises ImageRefused."""
    size = getattr(file, "size", None)
    if size is not None and size > MOST_BYTES:
        raise ImageRefused(f"The image is larger than {MOST_BYTES // 1024 // 1024} MB, the most that is taken.")
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=FORMATS)  # reads no more than its head
            if picture.width * picture.height > MOST_PIXELS:
                raise ImageRefused("The image has more than 40 million pixels; make it smaller first.")
            if picture.format == "JPEG":
                picture.draft("RGB", (LARGE, LARGE))
            upright = ImageOps.exif_transpose(picture)
            has_alpha = "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA")
            whole = upright.convert("RGBA" if has_alpha else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused("The image has more than 40 million pixels; make it smaller first.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError) as error:
        raise ImageRefused(f"This is no image that can be read. What is taken: {TAKEN}.") from error
    large, small = _no_wider(whole, LARGE), _no_wider(whole, SMALL)
    return Written(
        large=_webp(large),
        small=_webp(small),
        social=_jpeg(whole),
        width=large.width,
        height=large.height,
        small_width=small.width,
    )


def _no_wider(picture: Image.Image, width: int) -> Image.Image:
    """The picture, no wider than `width` and no more than three times as high."""
    found = picture.copy()
    found.info = {}
    found.thumbnail((width, 3 * width), Image.Resampling.LANCZOS)
    return found


def _webp(picture: Image.Image) -> bytes:
    into = io.BytesIO()
    picture.save(into, "WEBP", quality=80, method=4)
    return into.getvalue()


def _jpeg(picture: Image.Image) -> bytes:
    """As networks show it: cut to their shape, on white."""
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    into = io.BytesIO()
    ImageOps.fit(ground, SOCIAL, Image.Resampling.LANCZOS).save(into, "JPEG", quality=82, progressive=True)
    return into.getvalue()
