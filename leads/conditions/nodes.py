"""The tree a condition becomes once it has been checked. Knows no database and no model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

Scalar: TypeAlias = str | int | bool | Decimal | date
"""One value: text and choices str, references int, numbers Decimal, dates date, yes or no bool; days are int."""
Operand: TypeAlias = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True, slots=True)
class Everything:
    """Holds for every row: what an empty condition means."""


@dataclass(frozen=True, slots=True)
class All:
    """Holds when each of `nodes` (at least one) holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Holds when at least one of `nodes` (at least one) holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds exactly where `node` does not."""

    node: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """A field of the vocabulary, an operator of the field's type, and what that operator takes."""

    field: str
    op: str
    value: Operand = None


@dataclass(frozen=True, slots=True)
class Did:
    """The contact did something from `at_least` to `at_most` times (None: any number; 0 and 0: never).

    `within_days`: only today and that many days before it; None: ever. `subject_contains`: "" for any subject.
    `not_in_last_days`: the last time is longer ago than that; None: whenever. `where` holds for each one counted.
    """

    behaviour: str
    at_least: int = 1
    within_days: int | None = None
    subject_contains: str = ""
    at_most: int | None = None
    not_in_last_days: int | None = None
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """There are from `at_least` to `at_most` (None: any number) records of a relation for which `where` holds.

    All that stands in one `where` is asked of the same record; two Related nodes may be met by different ones.
    """

    relation: str
    at_least: int = 1
    at_most: int | None = None
    where: Node | None = None


Node: TypeAlias = Everything | All | Any | Not | Compare | Did | Related


def walk(node: Node, *, inside: bool = False) -> Iterator[Node]:
    """The node and everything below it that is asked of the same row; `inside`: and of the rows related to it."""
    yield node
    below: tuple[Node, ...] = ()
    if isinstance(node, All | Any):
        below = node.nodes
    elif isinstance(node, Not):
        below = (node.node,)
    elif inside and isinstance(node, Did | Related) and node.where is not None:
        below = (node.where,)
    for child in below:
        yield from walk(child, inside=inside)
