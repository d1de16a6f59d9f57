"""Long lists for PostgreSQL, as the one word of an array.

The driver writes a Python list as ARRAY['a', 'b', ...], which is parsed and planned like any expression: for thousands
of values that costs more than looking them all up. One literal is read in one go.
"""

from __future__ import annotations

from collections.abc import Iterable

SEPARATOR = "\0"


def numbers(values: Iterable[int]) -> str:
    """What stands for these numbers as the parameter of `%s::bigint[]`."""
    return f"{{{','.join(map(str, values))}}}"


def words(values: Iterable[str]) -> str:
    """What stands for these texts as the parameter of `%s::text[]`. Raises ValueError for NUL, as the driver does."""
    texts = list(values)
    if not texts:
        return "{}"
    whole = SEPARATOR.join(texts)
    if whole.count(SEPARATOR) >= len(texts):
        raise ValueError("A text cannot contain NUL (0x00) characters.")
    if "\\" in whole or '"' in whole:
        whole = whole.replace("\\", "\\\\").replace('"', '\\"')
    return '{"' + whole.replace(SEPARATOR, '","') + '"}'
