"""The database as migrations leave it, made once and kept beside the others: a run of tests begins with a copy of it.

Migrating from nothing takes as long as many tests. `python -m tests.migrated` does it once for all lanes; a pytest that
finds none in its own servers makes it. What migrations or models say decides whether it is still the right one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

from tests import lanes, servers

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "migrated_"
ROOMS = ("contacts", "leads", "scoring", "segments", "forms_intake", "leadcrm")
TELLS = ("migrations", "models", "models.py", "permissions.py", "roles.py", "audit.py")
"""Folders and files whose text decides what migrating leaves behind, permissions included."""


def digest() -> str:
    """Changes with whatever could change what migrating leaves behind."""
    found = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if set(path.relative_to(ROOT).parts) & set(TELLS):
                found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def template() -> str:
    """The name of that database in the servers of this run, which brings them; made when there is none."""
    name = PREFIX + digest()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        known = {row[0] for row in cursor.fetchall()}
        for old in known - {name}:
            cursor.execute(f"DROP DATABASE {old}")
    if name not in known:
        _make(name)
    return name


def _make(name: str) -> None:
    """Under another name first, so that what is broken off half-way is not taken for it."""
    own = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    made = connection.settings_dict["NAME"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = own
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {made} RENAME TO {name}")


def ready(folder: Path) -> bool:
    """Whether the servers of this folder have it, as far as `main` knows."""
    mark = folder / "migrated"
    return mark.exists() and mark.read_text() == digest()


def copy(source: Path, target: Path) -> None:
    """Give `target` the servers' files of `source`. None of the two may run."""
    shutil.rmtree(target / "postgres", ignore_errors=True)
    shutil.copy2(source / "postgres-password", target / "postgres-password")
    draft = target / "postgres.draft"
    shutil.rmtree(draft, ignore_errors=True)
    subprocess.run(["cp", "-a", str(source / "postgres"), str(draft)], check=True)
    draft.rename(target / "postgres")


def main() -> int:
    """Ready it for every lane."""
    if os.environ.get("DATABASE_URL", "").strip():
        return 0  # somebody else's server: no database of ours stays there
    folders = [servers.folder(number) for number in range(lanes.how_many())]
    if all(ready(path) for path in folders):
        return 0
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()  # which starts the servers, in the first folder that is free
    template()
    servers.stop()
    source = servers.HELD[-1].path
    (source / "migrated").write_text(digest())
    for path in folders:
        if path != source and not ready(path) and (folder := servers.locked(path)):
            copy(source, path)
            (path / "migrated").write_text(digest())
            folder.unlock()
    return 0


if __name__ == "__main__":
    sys.exit(main())
