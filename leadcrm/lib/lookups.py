"""`field__any_of=[...]`: membership in an array given as one parameter, however long the list."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Lookup


@Field.register_lookup
class AnyOf(Lookup):
    """Like `in`, but a list of twenty thousand costs one parameter instead of twenty thousand."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*left_params, list(self.rhs))
