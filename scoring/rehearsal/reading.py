"""What models say of leads at a moment, as rows, without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DataError, connection, transaction

from leads.conditions import Vocabulary
from scoring.batch import Batch
from scoring.compute import COLUMNS, all_scores_of
from scoring.definition import ModelSpec
from scoring.moments import Moment


def rows_of(
    specs: Sequence[ModelSpec], batch: Batch, vocabulary: Vocabulary, columns: str, *, now: Moment
) -> list[tuple[Any, ...]]:
    """These of `compute.COLUMNS` for each lead of the batch and each model that scores it.

    A lead that PostgreSQL cannot compute is left out, as the engine leaves it (scoring/sparing.py).
    """
    wanted = all_scores_of(specs, batch.leads(), vocabulary, now=now)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM ({wanted.text}) said ({COLUMNS})", wanted.params)  # noqa: S608
            return list(cursor.fetchall())
    except DataError:
        return [row for half in batch.halves() for row in rows_of(specs, half, vocabulary, columns, now=now)]
