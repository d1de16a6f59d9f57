"""Walking over the tokens of a text, and JSON that remembers where in the text it stood."""

from __future__ import annotations

from typing import Any, NoReturn

from leads.conditions.phrases import by_name
from leads.conditions.tokens import Token, refuse_at, tokens_of
from leads.conditions.values import echo
from leads.conditions.vocabulary import Choice, Field


class Place(dict[str, Any]):
    """An object of JSON that knows where it began, and where each of its values did."""

    def __init__(self, at: int, **values: Any) -> None:
        super().__init__(values)
        self.at = at
        self.places: dict[str, int] = {}

    def put(self, key: str, value: Any, at: int) -> None:
        self[key] = value
        self.places[key] = at

    def offset_of(self, path: str) -> int:
        """Where that which stands at `path` began, or the nearest around it."""
        key, _, rest = path.partition(".")
        inner = self.get(key)
        if isinstance(inner, list) and inner and isinstance(inner[0], Place):
            number, _, rest = rest.partition(".")
            inner = inner[int(number)] if number else None
        if isinstance(inner, Place):
            return inner.offset_of(rest)
        return self.places.get(path, self.places.get(key, self.at))


class Reader:
    """One run over one text."""

    def __init__(self, source: str) -> None:
        self.source, self.tokens, self.next = source, tokens_of(source), 0
        self._names: dict[int, dict[str, Choice]] = {}

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    @property
    def at(self) -> int:
        return self.token.at

    @property
    def ends(self) -> bool:
        return self.token.kind == "end"

    @property
    def sees_number(self) -> bool:
        return self.token.kind == "number"

    def refuse(self, problem: str, expected: str) -> NoReturn:
        refuse_at(self.source, self.at, problem, expected)

    def unexpected(self, expected: str) -> NoReturn:
        self.refuse("the text ends" if self.ends else f"{echo(self.token.source)} will not do here", expected)

    def sees(self, *words: str) -> bool:
        """Whether these words (or marks) come next."""
        coming = self.tokens[self.next : self.next + len(words)]
        return [token.source for token in coming if token.kind in ("word", "mark")] == list(words)

    def takes(self, *words: str) -> bool:
        """Whether these words come next; if so, goes past them."""
        if not self.sees(*words):
            return False
        self.next += len(words)
        return True

    def must(self, word: str) -> None:
        if not self.takes(word):
            self.unexpected(f'"{word}"' if word.isalpha() else word)

    def must_end(self) -> None:
        if not self.ends:
            self.unexpected('"and", "or" or the end')

    def take(self, kind: str, expected: str) -> Token:
        """The next token, which must be of this kind."""
        token = self.token
        if token.kind != kind:
            self.unexpected(expected)
        self.next += 1
        return token

    def name(self) -> str:
        return self.take("word", "a condition").source

    def text(self) -> str:
        return self.take("text", "a text in quotes").text

    def number(self) -> int | float:
        return self.take("number", "a number").number

    def days(self) -> int | float:
        """A number and the word "days" (or "day")."""
        number = self.number()
        if not self.takes("day"):
            self.must("days")
        return number

    def names(self, field: Field) -> dict[str, Choice]:
        """Those of the records a field offers, asked for once."""
        if id(field) not in self._names:
            self._names[id(field)] = by_name(field)
        return self._names[id(field)]
