"""The sentences that visitors are told in other languages: leadcrm/locale/<language>/LC_MESSAGES/django.po.

`python -m tests.catalogues` compiles them, so that nothing but Python is needed; `--check` says what is missing, stale
or not compiled, and changes nothing.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("leadcrm", "contacts", "forms_intake")
CALLS = {"gettext": 1, "gettext_noop": 1, "gettext_lazy": 1, "ngettext": 2}
"""What is translated, and how many of its arguments are sentences."""
IN_TEMPLATES = re.compile(r"\b(n?gettext)\((u?(['\"]).*?(?<!\\)\3(?:,\s*u?(['\"]).*?(?<!\\)\4)?)[,)]", re.S)
HEADER = ""

Message = tuple[str, ...]
"""A sentence, and its plural where it has one."""
Catalogue = dict[Message, Message]


def catalogues() -> dict[str, Path]:
    """The catalogue of each language but English, which the sentences themselves are in."""
    folder = Path(settings.LOCALE_PATHS[0])
    others = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return {code: folder / code / "LC_MESSAGES" / "django.po" for code in others}


def said() -> set[Message]:
    """Every sentence that Python or a template has translated."""
    found: set[Message] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= set(_in_python(path.read_text()))
    for path in (ROOT / "templates").rglob("*.*"):
        text = path.read_text()
        if "translate" in text:
            found |= set(_in_template(text))
    return found


def _in_python(text: str) -> Iterator[Message]:
    if "gettext" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            words = node.args[: CALLS[node.func.id]]
            if all(isinstance(one, ast.Constant) for one in words):
                yield tuple(str(one.value) for one in words if isinstance(one, ast.Constant))


def _in_template(text: str) -> Iterator[Message]:
    for match in IN_TEMPLATES.finditer(templatize(text)):
        words = ast.literal_eval(f"({match[2]},)")
        yield tuple(words[: CALLS[match[1]]])


def read(text: str) -> Catalogue:
    """A catalogue from the text of a .po file: what stands for each sentence. Comments are left out."""
    found: Catalogue = {}
    parts: dict[str, str] = {}
    name = ""
    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if not line:
            if "msgid" in parts:
                key = tuple(parts[one] for one in ("msgid", "msgid_plural") if one in parts)
                found[key] = tuple(value for one, value in parts.items() if one.startswith("msgstr"))
            parts, name = {}, ""
        elif not line.startswith("#"):
            if not line.startswith('"'):
                name, _, line = line.partition(" ")
            parts[name] = parts.get(name, "") + str(ast.literal_eval(line))
    return found


def compiled(found: Catalogue) -> bytes:
    """The same as gettext reads it (.mo): two tables of lengths and offsets, then the texts."""
    pairs = sorted(("\0".join(key).encode(), "\0".join(words).encode()) for key, words in found.items())
    size, tables, texts = len(pairs), [b"", b""], b""
    begin = 28 + 16 * size
    for side in (0, 1):
        for pair in pairs:
            tables[side] += struct.pack("<II", len(pair[side]), begin + len(texts))
            texts += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, size, 28, 28 + 8 * size, 0, 0)
    return head + tables[0] + tables[1] + texts


def problems() -> Iterator[str]:
    """What is wrong with the catalogues."""
    wanted = said()
    for language, path in catalogues().items():
        text = read(path.read_text())
        known = {key for key in text if key != (HEADER,)}
        yield from (f"{language}: nothing for {key[0]!r}" for key in sorted(wanted - known))
        yield from (f"{language}: nobody says {key[0]!r}" for key in sorted(known - wanted))
        for key in sorted(known & wanted):
            if not all(text[key]):
                yield f"{language}: nothing for {key[0]!r}"
            elif any(_blanks(one) != _blanks(key[0]) for one in text[key]):
                yield f"{language}: other names in {key[0]!r}"
        binary = path.with_suffix(".mo")
        if not binary.exists() or binary.read_bytes() != compiled(text):
            yield f"{language}: {binary.name} is not what {path.name} says: python -m tests.catalogues"


def _blanks(words: str) -> set[str]:
    """What is filled in, and the tags."""
    return set(re.findall(r"%\(\w+\)[sd]|</?\w+>", words))


def main() -> int:
    if "--check" not in sys.argv:
        for path in catalogues().values():
            path.with_suffix(".mo").write_bytes(compiled(read(path.read_text())))
    wrong = list(problems())
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
