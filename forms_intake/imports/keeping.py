"""Where uploaded files are until they are imported: the data folder, under random names of ours, out of every URL."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from forms_intake.models import ImportReject, ImportRun
from forms_intake.models.imports import UNDER_WAY

KEY = re.compile(r"[0-9a-f]{32}")
OLD = 30 * 24 * 3600
"""Seconds a file stays, so that an import can be looked at, undone and done again."""
ROWS_KEPT = timedelta(days=90)
UNCLAIMED = 24 * 3600
"""Seconds after which a file that no import names cannot be one that is just being sent."""


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write a file chunk by chunk, safely on disk when this returns: its key and its size. Raises OSError."""
    key, size = uuid.uuid4().hex, 0
    path = path_of(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        discard(key)
        raise
    return key, size


def path_of(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} names no file of ours")
    return Path(settings.IMPORTS_FOLDER) / key


def date_back(key: str, original: str) -> None:
    """Let a file that was made of another have come when that did: whoever was erased meanwhile may be in it."""
    sent = path_of(original).stat()
    os.utime(path_of(key), ns=(sent.st_atime_ns, sent.st_mtime_ns))


def note(key: str, words: str) -> None:
    """Keep a note beside a file, for every process and for as long as the file is kept."""
    _note_of(key).write_text(words, encoding="utf-8")


def noted(key: str) -> str:
    """The note beside a file; "" without one."""
    try:
        return _note_of(key).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _note_of(key: str) -> Path:
    return path_of(key).with_suffix(".note")


def discard(key: str) -> None:
    path_of(key).unlink(missing_ok=True)
    _note_of(key).unlink(missing_ok=True)


def sweep() -> int:
    """Delete files that are older than thirty days, or that no import names for a day; how many."""
    folder, now, swept = Path(settings.IMPORTS_FOLDER), time.time(), 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if not KEY.fullmatch(path.name) or path.is_symlink():
            continue
        age = now - path.stat().st_mtime
        named = ImportRun.objects.filter(file=path.name)
        if age > OLD and not named.under_way().exists():
            named.update(file="")
        elif age <= UNCLAIMED or named.exists():
            continue
        discard(path.name)
        swept += 1
    _forget_rows()
    return swept


def _forget_rows() -> None:
    """Rows of old files are about people too: refused ones and the first ones go after ninety days."""
    long_ago = timezone.now() - ROWS_KEPT
    ImportReject.objects.filter(run__started_at__lt=long_ago).exclude(run__state__in=UNDER_WAY).delete()
    ImportRun.objects.filter(started_at__lt=long_ago).exclude(sample=[]).update(sample=[])
