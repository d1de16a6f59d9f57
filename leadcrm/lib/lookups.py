"""`field__any_of=[...]`: membership in an array given as one parameter, however long the list."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Lookup

from leadcrm.lib.arrays import numbers, words


@Field.register_lookup
class AnyOf(Lookup):
    """Like `in`, but a list of twenty thousand costs one parameter instead of twenty thousand.

    Takes what `arrays.numbers` made, too: Django looks through every item of a list for expressions, which takes longer
    than all else that is done with ten thousand ids here.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        if isinstance(self.rhs, str):
            return f"{left} = ANY(%s::bigint[])", (*left_params, self.rhs)
        values = list(self.rhs)
        kinds = {type(value) for value in values}
        if kinds == {int}:
            return f"{left} = ANY(%s::bigint[])", (*left_params, numbers(values))
        if kinds == {str}:
            return f"{left} = ANY(%s::text[])", (*left_params, words(values))
        return f"{left} = ANY(%s)", (*left_params, values)
