"""Names of files as people may see and save them."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 150
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that show nothing, or turn what is shown: controls, direction marks, line ends, lone halves."""
FOR_FOLDERS = re.compile(r"[\\/]")
NOT_IN_NAMES = re.compile(r'[<>:"|?*]')


def shown_name(raw: str) -> str:
    """The name without folders and without what cannot be seen, at most 150 characters, its suffix kept.

    "../../evil\\u202etxt.pdf" is "eviltxt.pdf".
    """
    last = FOR_FOLDERS.split(raw)[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign) not in UNSEEN)
    name = " ".join(NOT_IN_NAMES.sub("_", seen).split()).strip(". ") or "file"
    stem, dot, suffix = name.rpartition(".")
    if len(name) <= LONGEST:
        return name
    if not dot or len(suffix) > 10:
        return name[:LONGEST].rstrip(". ")
    return stem[: LONGEST - len(suffix) - 1].rstrip(". ") + "." + suffix


def suffix_of(name: str) -> str:
    """What stands behind the last dot, in small letters; "" where nothing does."""
    return name.rpartition(".")[2].lower() if "." in name else ""
