"""Where attached files are: the data folder, under random names of ours, never under a name that somebody sent.

The file is written first, then its row; what is left without a row, by a crash or because its lead is gone for good,
is swept away after a day.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from django.conf import settings

from leads.models import Attachment

KEY = re.compile(r"[0-9a-f]{32}")
OLD = 24 * 3600
"""Seconds after which a file without a row cannot be one that is just being attached."""
LOOKED_UP_AT_ONCE = 1000


@dataclass(frozen=True)
class Kept:
    """A file on disk: its key, its size in bytes and its SHA-256."""

    key: str
    size: int
    digest: str


def keep(chunks: Iterable[bytes]) -> Kept:
    """Write a file chunk by chunk, safely on disk when this returns. Raises OSError, and then nothing is left."""
    key, digest, size = uuid.uuid4().hex, hashlib.sha256(), 0
    path = path_of(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        discard(key)
        raise
    return Kept(key, size, digest.hexdigest())


def open_file(key: str) -> IO[bytes]:
    """Raises FileNotFoundError."""
    return path_of(key).open("rb")


def discard(key: str) -> None:
    path_of(key).unlink(missing_ok=True)


def path_of(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} names no file of ours")
    return Path(settings.ATTACHMENTS_FOLDER) / key[:2] / key


def sweep() -> int:
    """Delete files that have had no row for a day; how many."""
    swept, old = 0, _old_keys(time.time() - OLD)
    while keys := list(islice(old, LOOKED_UP_AT_ONCE)):
        known = set(Attachment.objects.filter(key__in=keys).values_list("key", flat=True))
        for key in keys:
            if key not in known:
                discard(key)
                swept += 1
    return swept


def _old_keys(before: float) -> Iterator[str]:
    for path in Path(settings.ATTACHMENTS_FOLDER).glob("??/*"):
        if not KEY.fullmatch(path.name) or path.is_symlink():
            continue
        try:
            is_old = path.stat().st_mtime < before
        except FileNotFoundError:
            continue
        if is_old:
            yield path.name
