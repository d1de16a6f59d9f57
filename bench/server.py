"""The server that both sides run on, and databases on it: a seeded one kept between runs, and a copy for each run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from django.db import connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Composable, Identifier, Literal

from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.servers import reached

BASE = Path(__file__).resolve().parent.parent
LIMITS = BASE / "bench" / "limits"
STAMPED = ("bench/seed.py", "bench/model.py", "*/migrations/*.py")
"""What a kept database depends on: when one of these files changes it is made again."""


def data_folder() -> DataFolder:
    """Where the servers of the benchmarks keep their data, apart from those of `leadcrm run`."""
    return DataFolder(BASE / "data" / "bench")


@contextmanager
def running() -> Iterator[Server]:
    """Within this a server runs: our own, unless DATABASE_URL and REDIS_URL name others."""
    with reached(data_folder()):
        yield Server(os.environ["DATABASE_URL"])


class Server:
    """A PostgreSQL, reached through the database of `url`, next to which the benchmarks make their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.base = urlsplit(url).path.strip("/")

    def seeded(self, leads: int) -> str:
        """The name of the kept database with that many leads."""
        return f"{self.base}_seed_{leads}"

    @property
    def limits(self) -> str:
        """The name of the database in which the limits live."""
        return f"{self.base}_limits"

    @property
    def run(self) -> str:
        """The name of the copy that one run works in."""
        return f"{self.base}_run"

    def address(self, name: str) -> str:
        """The URL of database `name` on this server."""
        return urlunsplit(urlsplit(self.url)._replace(path="/" + quote(name)))

    @contextmanager
    def cursor(self, name: str = "") -> Iterator[Cursor]:
        """A cursor on database `name` (the server's own when empty), each statement committed at once."""
        own = psycopg2.connect(self.address(name) if name else self.url)
        own.autocommit = True
        try:
            with own.cursor() as cursor:
                yield cursor
        finally:
            own.close()

    def create(self, name: str, *, like: str = "") -> None:
        """Make database `name` anew: empty, or a copy of `like`, which nobody may be connected to."""
        self.drop(name)
        statement: Composable = SQL("CREATE DATABASE {}").format(Identifier(name))
        if like:
            statement += SQL(" TEMPLATE {} STRATEGY file_copy").format(Identifier(like))
        with self.cursor() as cursor:
            cursor.execute(statement)

    def drop(self, name: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def ensure(self, name: str) -> None:
        """Make database `name` unless it is there."""
        with self.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            missing = cursor.fetchone() is None
        if missing:
            self.create(name)

    def is_current(self, name: str) -> bool:
        """Whether database `name` is there and was finished by the present code."""
        with self.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s AND shobj_description(oid, 'pg_database') = %s",
                [name, stamp()],
            )
            return cursor.fetchone() is not None

    def mark_current(self, name: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), Literal(stamp())))

    def use(self, name: str) -> None:
        """Point Django here, and every process started from now on, to database `name`."""
        connection.close()
        os.environ["DATABASE_URL"] = self.address(name)
        connection.settings_dict["NAME"] = name


def stamp() -> str:
    """What the contents of a seeded database depend on, as a short text."""
    digest = hashlib.sha256()
    for pattern in STAMPED:
        for path in sorted(BASE.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def vacuum(*tables: str) -> None:
    """VACUUM ANALYZE in the database in use, as the limits do between their own runs."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {connection.ops.quote_name(table)}")
