"""A readiness expression as people type it: names of models with and, or, not and parentheses.

The inverse of `readiness_expression.in_words`, but that names may be quoted: those with such words in them must be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scoring.errors import InvalidExpression

TOKENS = re.compile(r'\s*(?:(?P<paren>[()])|"(?P<quoted>[^"]*)"|(?P<word>[^\s()"]+))')
JOINS = ("or", "and")
"""Loosest first."""
LONGEST = 4000
MOST_NESTED = 20
Token = tuple[str, str, int]
"""Its kind ("(", ")", "and", "or", "not", "name", "end"), its text, and at which character it begins."""


def parse(text: str, names: Mapping[int, str]) -> Any:
    """The tree of an expression over models of these names (by id, told apart without case). Raises InvalidExpression
    with the character at which it makes no sense.
    """
    if len(text) > LONGEST:
        raise InvalidExpression("", f"{LONGEST:,} characters are the most")
    known = {" ".join(name.split()).casefold(): pk for pk, name in names.items()}
    reader = _Reader(_tokens(text), known)
    tree = reader.joined(0, 0)
    kind, words, at = reader.next
    if kind != "end":
        raise _wrong(at, f"“{words}” is too many; join models with “and” or “or”")
    return tree


def _tokens(text: str) -> list[Token]:
    """Words that stand side by side are one name."""
    found: list[Token] = []
    at = 0
    while match := TOKENS.match(text, at):
        begin = match.start(match.lastgroup or 0)
        if match["paren"]:
            found.append((match["paren"], match["paren"], begin))
        elif match["quoted"] is not None:
            found.append(("name", match["quoted"], begin))
        elif match["word"].casefold() in ("and", "or", "not"):
            found.append((match["word"].casefold(), match["word"], begin))
        elif found and found[-1][0] == "name" and text[found[-1][2] - 1 : found[-1][2]] != '"':
            found[-1] = ("name", f"{found[-1][1]} {match['word']}", found[-1][2])
        else:
            found.append(("name", match["word"], begin))
        at = match.end()
    if text[at:].strip():
        raise _wrong(at, "a quotation mark has no other one")
    return [*found, ("end", "", len(text))]


class _Reader:
    def __init__(self, tokens: list[Token], known: Mapping[str, int]) -> None:
        self.tokens, self.known, self.at = tokens, known, 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def joined(self, level: int, depth: int) -> Any:
        """Parts joined by the word of this level, or what binds tighter."""
        if level == len(JOINS):
            return self.one(depth)
        word = JOINS[level]
        parts = [self.joined(level + 1, depth)]
        while self.next[0] == word:
            self.at += 1
            parts.append(self.joined(level + 1, depth))
        return parts[0] if len(parts) == 1 else {"any" if word == "or" else "all": parts}

    def one(self, depth: int) -> Any:
        kind, words, at = self.next
        if depth > MOST_NESTED:
            raise _wrong(at, f"{MOST_NESTED} levels are the most")
        self.at += 1
        if kind == "not":
            return {"not": self.one(depth + 1)}
        if kind == "(":
            tree = self.joined(0, depth + 1)
            if self.next[0] != ")":
                raise _wrong(self.next[2], "a parenthesis is not closed")
            self.at += 1
            return tree
        if kind != "name":
            raise _wrong(at, "expected the name of a model")
        pk = self.known.get(" ".join(words.split()).casefold())
        if pk is None:
            raise _wrong(at, f"there is no scoring model “{words[:60]}”")
        return {"model": pk}


def to_text(tree: Any, names: Mapping[int, str]) -> str:
    """As `parse` reads it. `tree` is checked, or was once."""
    ((key, value),) = tree.items()
    if key == "model":
        name = names.get(value, "a model that was deleted")
        plain = re.fullmatch(r'[^()"]+', name) and not {"and", "or", "not"} & set(name.casefold().split())
        return name if plain else f'"{name}"'
    if key == "not":
        return f"not {_inside(value, names)}"
    return (" and " if key == "all" else " or ").join(_inside(one, names) for one in value)


def _inside(tree: Any, names: Mapping[int, str]) -> str:
    words = to_text(tree, names)
    return f"({words})" if tree.keys() & {"all", "any"} else words


def _wrong(at: int, problem: str) -> InvalidExpression:
    return InvalidExpression(f"character {at + 1}", problem)
