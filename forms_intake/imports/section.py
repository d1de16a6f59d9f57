"""Reading one object of a mapping: typed values by key, and a refusal with its position for anything else."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from forms_intake.imports.errors import InvalidMapping


class Section:
    """The JSON object at `path`. Every key must be asked for before `done`, which refuses the others."""

    def __init__(self, data: object, path: str = "") -> None:
        if not isinstance(data, dict):
            raise InvalidMapping(path, "an object was expected")
        self.data: dict[str, Any] = data
        self.path = path
        self.known: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def value(self, key: str, default: object = None) -> Any:
        self.known.add(key)
        return self.data.get(key, default)

    def has(self, key: str) -> bool:
        self.known.add(key)
        return key in self.data

    def text(self, key: str, default: str | None = "", *, longest: int = 200) -> str:
        """A text; `default` None means that it must be given."""
        found = self.value(key, default)
        if not isinstance(found, str) or (default is None and not found.strip()):
            raise InvalidMapping(self.at(key), "a text was expected")
        if len(found) > longest:
            raise InvalidMapping(self.at(key), f"at most {longest} characters")
        return found

    def one_of(self, key: str, choices: Collection[str], default: str | None) -> str:
        found = self.value(key, default)
        if found not in choices:
            raise InvalidMapping(self.at(key), f"{found!r} is none of {', '.join(choices)}")
        return str(found)

    def flag(self, key: str, default: bool) -> bool:
        found = self.value(key, default)
        if not isinstance(found, bool):
            raise InvalidMapping(self.at(key), "true or false was expected")
        return found

    def texts(self, key: str, default: list[str]) -> tuple[str, ...]:
        found = self.value(key, default)
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise InvalidMapping(self.at(key), "a list of texts was expected")
        return tuple(found)

    def table(self, key: str, choices: Collection[str] | None = None) -> dict[str, str]:
        """An object from text to text; with `choices`, only to those."""
        found = self.value(key, {})
        if not isinstance(found, dict):
            raise InvalidMapping(self.at(key), "an object was expected")
        for word, meaning in found.items():
            if not isinstance(meaning, str) or (choices is not None and meaning not in choices):
                expected = f"one of {', '.join(choices)}" if choices is not None else "a text"
                raise InvalidMapping(f"{self.at(key)}.{word}", f"{meaning!r} is not {expected}")
        return found

    def section(self, key: str) -> Section | None:
        found = self.value(key)
        return None if found is None else Section(found, self.at(key))

    def sections(self, key: str) -> list[Section]:
        found = self.value(key, [])
        if not isinstance(found, list):
            raise InvalidMapping(self.at(key), "a list of objects was expected")
        return [Section(item, f"{self.at(key)}.{index}") for index, item in enumerate(found)]

    def done(self) -> None:
        """Refuse keys that nobody asked for: a misspelt one would silently do nothing."""
        for key in self.data:
            if key not in self.known:
                near = difflib.get_close_matches(str(key), self.known, n=1)
                hint = f"did you mean {near[0]}" if near else f"known here: {', '.join(sorted(self.known))}"
                raise InvalidMapping(self.at(str(key)), f"this key is unknown; {hint}")
