"""What is wrong with a condition, and where."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from leadcrm.lib.errors import DomainError


class InvalidCondition(DomainError):
    """A condition that cannot be used.

    `path` is the position in the tree, keys and indexes joined by dots ("all.1.value"; "" is the tree itself),
    `problem` what is wrong there, `expected` what would do. All three are safe to print and to store.
    """

    code: ClassVar[str] = "invalid_condition"
    status: ClassVar[int] = 422

    def __init__(self, *, path: str, problem: str, expected: str) -> None:
        where = f"At {path}" if path else "In this condition"
        super().__init__(f"{where}: {problem}; expected {expected}.", path=path, problem=problem, expected=expected)
        self.path, self.problem, self.expected = path, problem, expected


def refuse(path: tuple[str, ...], problem: str, expected: str) -> NoReturn:
    """Raise InvalidCondition for the position `path`."""
    raise InvalidCondition(path=".".join(path), problem=problem, expected=expected)


class InvalidText(InvalidCondition):
    """A text that says no condition; `line` and `column` count from 1."""

    def __init__(self, *, line: int, column: int, problem: str, expected: str) -> None:
        super().__init__(path=f"line {line}, column {column}", problem=problem, expected=expected)
        self.line, self.column = line, column
