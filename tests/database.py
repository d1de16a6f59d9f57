"""The database as migrations left it, after every test with real transactions.

Django would TRUNCATE every table, which makes a new file for each table and index, and then make content types and
permissions again without the other rows that migrations ship. We delete from the tables that have rows, which are few
and small, and put back what was shipped.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


class Shipped:
    """Knows, and keeps in a schema of their own, the rows that are there when it is made: just after migrating."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        self.puts: list[str] = []
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TABLES)
            self.tables = [name for (name,) in cursor.fetchall()]
            cursor.execute("CREATE SCHEMA shipped")
            for table in self._filled(cursor):
                cursor.execute(COLUMNS, [table])
                columns = cursor.fetchone()[0]
                cursor.execute(f"CREATE TABLE shipped.{table} AS SELECT {columns} FROM {table}")
                self.puts.append(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM shipped.{table}")

    def restore(self) -> None:
        """Every table has those rows and no others; no trigger hears of it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # neither triggers nor foreign keys
            # Whoever still writes, such as a server's last request, is waited for.
            cursor.execute(f"LOCK TABLE {', '.join(self.tables)} IN SHARE ROW EXCLUSIVE MODE")
            statements = [f"DELETE FROM {table}" for table in self._filled(cursor)]
            cursor.execute("; ".join([*statements, *self.puts]))

    def _filled(self, cursor: CursorWrapper) -> list[str]:
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT FROM {table})" for table in self.tables))
        return [table for table, has_rows in zip(self.tables, cursor.fetchone(), strict=True) if has_rows]
