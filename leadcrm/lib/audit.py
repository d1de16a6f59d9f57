"""Field history is written by row triggers that name the columns it is about; this makes them, for any table.

A statement that names none of them, such as a new score or a move, does not even queue the trigger; one that leaves
them as they were pays for the comparison (docs/decisions/0024-field-history-by-triggers.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import migrations

TRIGGERS = """
CREATE OR REPLACE TRIGGER field_history AFTER UPDATE OF {columns} ON {table}
    FOR EACH ROW WHEN (({old}) IS DISTINCT FROM ({new}))
    EXECUTE FUNCTION note_fields('{subject}', '{listed}');
CREATE OR REPLACE TRIGGER field_history_goes AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION forget_fields('{subject}');
"""
UNDO = "DROP TRIGGER IF EXISTS field_history ON {table}; DROP TRIGGER IF EXISTS field_history_goes ON {table};"


def audited(table: str, subject: str, columns: Sequence[str]) -> migrations.RunSQL:
    """A migration's operation: changes of these columns of `table` are field history of `subject` from now on.

    To be run again with all columns when there are more of them. "custom" is told key by key.
    """
    words = TRIGGERS.format(
        table=table,
        subject=subject,
        columns=", ".join(columns),
        listed=",".join(columns),
        old=", ".join(f"OLD.{column}" for column in columns),
        new=", ".join(f"NEW.{column}" for column in columns),
    )
    return migrations.RunSQL(words, UNDO.format(table=table))
